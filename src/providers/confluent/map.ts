import { createHash } from "node:crypto";
import { canonicalJson } from "../../usage/canonical-json.ts";
import type { Amount } from "../../usage/money.ts";
import type { Charge, Usage } from "../../usage/row.ts";
import { amount, isObject, type Json, requiredText, text } from "../fields.ts";

/** There is no currency field; amounts are documented as dollars. */
const CURRENCY = "USD";

const PRODUCT_NAMES: Readonly<Record<string, string>> = {
  KAFKA: "Kafka",
  CONNECT: "Connect",
  KSQL: "ksqlDB",
  AUDIT_LOG: "Audit Log",
  STREAM_GOVERNANCE: "Stream Governance",
  CLUSTER_LINK: "Cluster Linking",
  CUSTOM_CONNECT: "Custom Connectors",
  FLINK: "Flink",
  TABLEFLOW: "Tableflow",
  USM: "Unified Stream Manager",
  SUPPORT_CLOUD_BASIC: "Support (Basic)",
  SUPPORT_CLOUD_DEVELOPER: "Support (Developer)",
  SUPPORT_CLOUD_BUSINESS: "Support (Business)",
  SUPPORT_CLOUD_PREMIER: "Support (Premier)",
};

/** Which product a line belongs to when it does not say: by the beginning of its line type. Longer beginnings first. */
const PRODUCT_OF_LINE: readonly (readonly [string, string])[] = [
  ["CLUSTER_LINKING", "CLUSTER_LINK"],
  ["CUSTOM_CONNECT", "CUSTOM_CONNECT"],
  ["SCHEMA_REGISTRY", "STREAM_GOVERNANCE"],
  ["GOVERNANCE", "STREAM_GOVERNANCE"],
  ["NUM_RULES", "STREAM_GOVERNANCE"],
  ["AUDIT_LOG", "AUDIT_LOG"],
  ["TABLEFLOW", "TABLEFLOW"],
  ["CONNECT", "CONNECT"],
  ["KAFKA", "KAFKA"],
  ["FLINK", "FLINK"],
  ["KSQL", "KSQL"],
  ["USM", "USM"],
];

/**
 * The rows of one window's lines, each beside its line, ordered by day and id. The window must be whole: ids of lines that
 * differ only by price depend on each other.
 */
export function mapLines(lines: readonly Json[]): { item: Json; row: Usage }[] {
  const ids = rowIds(lines);
  const mapped = lines.map((item, index) => ({ item, row: mapLine(item, ids[index] ?? "") }));
  return mapped.sort((a, b) => compare(a.row.start_date ?? "", b.row.start_date ?? "") || compare(a.row.id, b.row.id));
}

function mapLine(line: Json, id: string): Usage {
  const product = text(line["product"]) ?? productOfLine(text(line["line_type"]));
  const metric = text(line["line_type"]);
  const quantity = amount(line["quantity"], "Confluent", "CostList.data[].quantity");
  const unit = text(line["unit"]);
  const charges = chargesOf(line, product);
  const resources = resourcesOf(line);
  return {
    id,
    start_date: `${day(line["start_date"], "start_date")}T00:00:00Z`,
    end_date: `${day(line["end_date"], "end_date")}T00:00:00Z`,
    ...(metric ? { metric_name: metric } : {}),
    ...(product ? { product: { id: product, name: PRODUCT_NAMES[product] ?? humanised(product) } } : {}),
    ...(charges.length > 0 ? { charges } : {}),
    ...(resources ? { resources } : {}),
    ...(quantity ? { usage: { quantity: quantity.toNumber() } } : {}),
    ...(unit ? { unit } : {}),
    remote_data: line,
  };
}

/** `net` and `total` (gross), and their difference or what kind of money it is. `total - discount = net`. */
function chargesOf(line: Json, product: string | undefined): Charge[] {
  const gross = money(line, "original_amount");
  const discount = money(line, "discount_amount");
  const net = netOf(line, gross, discount);
  const charges: Charge[] = [];
  const add = (type: Charge["type"], value: Amount) => charges.push({ type, amount: value, currency: CURRENCY });
  if (net) add("net", net);
  if (gross) add("total", gross);
  if (discount && !discount.isZero()) add("discount", discount);
  const lineType = text(line["line_type"]);
  if (net && lineType === "PROMO_CREDIT") add("credit", net);
  else if (net && (lineType === "SUPPORT" || product?.startsWith("SUPPORT"))) add("platform_fee", net);
  return charges;
}

/** Organizations from before 2024-05-15 are sent no `amount`: it follows from what is there, or stays unknown. */
function netOf(line: Json, gross: Amount | undefined, discount: Amount | undefined): Amount | undefined {
  const net = money(line, "amount");
  if (net) return net;
  if (gross) return discount ? gross.minus(discount) : gross;
  const [quantity, price] = [money(line, "quantity"), money(line, "price")];
  return quantity && price ? quantity.times(price) : undefined;
}

function resourcesOf(line: Json): Usage["resources"] {
  const environment = environmentId(line);
  const workspace = environment ? { workspace: { id: environment } } : {};
  const resource = line["resource"];
  const id = isObject(resource) ? text(resource["id"]) : undefined;
  const name = isObject(resource) ? text(resource["display_name"]) : undefined;
  if (!id && !name && !environment) return undefined;
  return [{ ...(id ? { id } : {}), ...(name ? { name } : {}), ...workspace }];
}

/** An object today; in legacy organizations at the top, or as plain text. */
function environmentId(line: Json): string | undefined {
  const resource = isObject(line["resource"]) ? line["resource"] : undefined;
  const inside = resource?.["environment"];
  if (isObject(inside)) return text(inside["id"]);
  const top = line["environment"];
  return (isObject(top) ? text(top["id"]) : undefined) ?? text(inside);
}

/**
 * The vendor's id where it is sent and unique in the window; else a digest of what identifies the line. Amounts, price and
 * quantity are not in it: they are restated while data settles. Lines with one digest (tiers that differ by price only)
 * are told apart by their order in price.
 */
function rowIds(lines: readonly Json[]): string[] {
  const seen = new Map<string, number>();
  for (const line of lines) {
    const id = text(line["id"]);
    if (id) seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  const ids: string[] = [];
  const derived = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const own = text(line["id"]);
    const id = own && seen.get(own) === 1 ? own : derivedId(line);
    ids[index] = id;
    if (id !== own) derived.set(id, [...(derived.get(id) ?? []), index]);
  }
  for (const [id, indexes] of derived) {
    const inOrder = indexes.length > 1 ? indexes.sort((a, b) => byPrice(lines[a], lines[b])) : [];
    for (const [ordinal, index] of inOrder.entries()) ids[index] = ordinal === 0 ? id : `${id}:${ordinal}`;
  }
  return ids;
}

function derivedId(line: Json): string {
  const resource = isObject(line["resource"]) ? text(line["resource"]["id"]) : undefined;
  const key = [
    day(line["start_date"], "start_date"),
    day(line["end_date"], "end_date"),
    text(line["product"]),
    text(line["line_type"]),
    resource,
    environmentId(line),
    text(line["network_access_type"]),
    text(line["unit"]),
    text(line["description"]),
    isObject(line["tier_dimensions"]) ? line["tier_dimensions"] : undefined,
  ];
  return `confluent:${createHash("sha256").update(canonicalJson(key)).digest("hex").slice(0, 32)}`;
}

function byPrice(a: Json | undefined, b: Json | undefined): number {
  for (const field of ["price", "original_amount"]) {
    const [x, y] = [a && money(a, field), b && money(b, field)];
    if (x && y && !x.eq(y)) return x.lt(y) ? -1 : 1;
    if (!x !== !y) return x ? 1 : -1;
  }
  return 0;
}

/** Days come bare, or with " 00:00:00" behind. */
function day(value: unknown, field: string): string {
  const found = /^\d{4}-\d{2}-\d{2}/.exec(text(value) ?? "")?.[0];
  return requiredText(found, "Confluent", `CostList.data[].${field}`);
}

function money(line: Json, field: string): Amount | undefined {
  return amount(line[field], "Confluent", `CostList.data[].${field}`);
}

function productOfLine(lineType: string | undefined): string | undefined {
  return PRODUCT_OF_LINE.find(([beginning]) => lineType?.startsWith(beginning))?.[1];
}

function humanised(product: string): string {
  return product
    .toLowerCase()
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
