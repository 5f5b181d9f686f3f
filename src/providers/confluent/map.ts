import { hash } from "node:crypto";
import type { Amount } from "../../usage/money.ts";
import type { Charge, Usage } from "../../usage/row.ts";
import { amount, count, drift, isObject, type Json, optionalObject, optionalText, text } from "../fields.ts";

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
  const days = lines.map(daysOf);
  const ids = rowIds(lines, days);
  const mapped = lines.map((item, index) => ({
    item,
    row: mapLine(item, ids[index] ?? "", days[index] ?? daysOf(item)),
  }));
  return mapped.sort((a, b) => compare(a.row.start_date ?? "", b.row.start_date ?? "") || compare(a.row.id, b.row.id));
}

function mapLine(line: Json, id: string, { start, end }: Days): Usage {
  const metric = own(line, "line_type");
  const product = own(line, "product") ?? productOfLine(metric);
  const unit = own(line, "unit");
  const row: Usage = { id, start_date: `${start}T00:00:00Z`, end_date: `${end}T00:00:00Z` };
  if (metric) row.metric_name = metric;
  if (product) row.product = { id: product, name: PRODUCT_NAMES[product] ?? humanised(product) };
  const charges = chargesOf(line, product);
  if (charges.length > 0) row.charges = charges;
  const resources = resourcesOf(line);
  if (resources) row.resources = resources;
  const quantity = count(line["quantity"], "Confluent", "CostList.data[].quantity");
  if (quantity !== undefined) row.usage = { quantity };
  if (unit) row.unit = unit;
  row.remote_data = line;
  return row;
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
  const resource = resourceOf(line);
  const id = resource && own(resource, "id", "resource.");
  const name = text(resource?.["display_name"]);
  if (!id && !name && !environment) return undefined;
  const found: NonNullable<Usage["resources"]>[number] = {};
  if (id) found.id = id;
  if (name) found.name = name;
  if (environment) found.workspace = { id: environment };
  return [found];
}

/** Absent of what belongs to the organization: support, promotions. */
function resourceOf(line: Json): Json | undefined {
  return optionalObject(line["resource"], "Confluent", "CostList.data[].resource");
}

/** An object today; in legacy organizations at the top, or as plain text. */
function environmentId(line: Json): string | undefined {
  const resource = resourceOf(line);
  const inside = resource?.["environment"];
  if (isObject(inside)) return own(inside, "id", "resource.environment.");
  const top = optionalObject(line["environment"], "Confluent", "CostList.data[].environment");
  return (top && own(top, "id", "environment.")) ?? (resource && own(resource, "environment", "resource."));
}

/** A text that a line is identified, filtered or measured by. @param inside the object of the line that holds it */
function own(holder: Json, name: string, inside = ""): string | undefined {
  return optionalText(holder[name], "Confluent", `CostList.data[].${inside}${name}`);
}

/**
 * The vendor's id where it is sent and unique in the window; else a digest of what identifies the line. Amounts, price and
 * quantity are not in it: they are restated while data settles. Lines with one digest (tiers that differ by price only)
 * are told apart by their order in price.
 */
function rowIds(lines: readonly Json[], days: readonly Days[]): string[] {
  const seen = new Map<string, number>();
  for (const line of lines) {
    const id = own(line, "id");
    if (id) seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  const ids: string[] = [];
  const first = new Map<string, number>();
  const alike = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const sent = own(line, "id");
    const id = sent && seen.get(sent) === 1 ? sent : derivedId(line, days[index] ?? daysOf(line));
    ids.push(id);
    const before = first.get(id);
    if (before === undefined) first.set(id, index);
    else alike.set(id, [...(alike.get(id) ?? [before]), index]);
  }
  for (const [id, indexes] of alike) {
    indexes.sort((a, b) => byPrice(lines[a], lines[b]));
    for (const [ordinal, index] of indexes.entries()) ids[index] = ordinal === 0 ? id : `${id}:${ordinal}`;
  }
  return ids;
}

function derivedId(line: Json, { start, end }: Days): string {
  const resource = resourceOf(line);
  const sent = optionalObject(line["tier_dimensions"], "Confluent", "CostList.data[].tier_dimensions");
  const tiers =
    sent &&
    Object.keys(sent)
      .sort(compare)
      .map((name) => [name, own(sent, name, "tier_dimensions.")]);
  const key = [
    start,
    end,
    own(line, "product"),
    own(line, "line_type"),
    resource && own(resource, "id", "resource."),
    environmentId(line),
    own(line, "network_access_type"),
    own(line, "unit"),
    own(line, "description"),
    tiers && Object.fromEntries(tiers),
  ];
  return `confluent:${hash("sha256", JSON.stringify(key), "hex").slice(0, 32)}`;
}

function byPrice(a: Json | undefined, b: Json | undefined): number {
  for (const field of ["price", "original_amount"]) {
    const [x, y] = [a && money(a, field), b && money(b, field)];
    const order = x && y ? x.compare(y) : 0;
    if (order !== 0) return order;
    if (!x !== !y) return x ? 1 : -1;
  }
  return 0;
}

interface Days {
  start: string;
  end: string;
}

function daysOf(line: Json): Days {
  return { start: day(line["start_date"], "start_date"), end: day(line["end_date"], "end_date") };
}

/** Days come bare, or with " 00:00:00" behind. */
function day(value: unknown, field: string): string {
  const found = /^\d{4}-\d{2}-\d{2}/.exec(text(value) ?? "")?.[0];
  if (found !== undefined && !Number.isNaN(Date.parse(found))) return found;
  throw drift("Confluent", `CostList.data[].${field}`, "a day", value);
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
