import { type Amount, ZERO } from "../../usage/money.ts";
import { addMonths, iso } from "../../usage/period.ts";
import type { Charge, ChargeType, Usage } from "../../usage/row.ts";
import { amount, type Json, object, requiredAmount, requiredText, text } from "../fields.ts";
import type { Directory } from "../provider.ts";
import type { CostByOrg, CostSource } from "./wire.ts";

/** Datadog sends no currency and no unit; every client reads dollars. */
export const CURRENCY = "USD";
const ORDER: readonly ChargeType[] = ["on_demand", "committed", "usage_based", "total"];

interface ProductCharges {
  product: string;
  sums: Map<ChargeType, Amount>;
  /** The vendor's own entries. */
  entries: Json[];
}

/** The rows of one organization's month: one per product, in the order of their ids. */
export function mapProducts(cost: CostByOrg, source: CostSource, labels: Directory, withAccount: boolean): Usage[] {
  return productsOf(cost, source).map(({ product, sums, entries }) => ({
    id: rowId(cost, product, withAccount),
    ...period(cost.month),
    metric_name: product,
    product: { id: product, name: labels.get(product)?.name ?? humanised(product) },
    organization: organization(cost),
    charges: charges(sums),
    remote_data: remoteData(cost, source, entries),
  }));
}

/** One row for the whole organization's month. `total` is the total Datadog states, which may differ from its parts by rounding. */
export function mapSummary(cost: CostByOrg, source: CostSource, withAccount: boolean): Usage {
  const sums = new Map<ChargeType, Amount>();
  for (const product of productsOf(cost, source)) {
    for (const [type, sum] of product.sums) sums.set(type, (sums.get(type) ?? ZERO).plus(sum));
  }
  const stated = statedTotal(cost, source);
  if (stated) sums.set("total", stated);
  return {
    id: rowId(cost, "_all", withAccount),
    ...period(cost.month),
    metric_name: "total_cost",
    organization: organization(cost),
    charges: charges(sums),
    remote_data: { ...cost.item, source },
  };
}

/** What Datadog says the month comes to; its parts may come to a little else, by rounding. */
function statedTotal({ attributes }: CostByOrg, source: CostSource): Amount | undefined {
  return amount(attributes["total_cost"], "Datadog", `${source}.data[].attributes.total_cost`);
}

/** Charges gathered by product; the same product and type can come twice, and both count. */
function productsOf(cost: CostByOrg, source: CostSource): ProductCharges[] {
  const products = new Map<string, ProductCharges>();
  const field = `${source}.data[].attributes.charges`;
  for (const entry of cost.charges) {
    const charge = object(entry, "Datadog", `${field}[]`);
    const name = requiredText(charge["product_name"], "Datadog", `${field}[].product_name`);
    // Without it a total would be taken for a part of itself.
    const type = chargeType(requiredText(charge["charge_type"], "Datadog", `${field}[].charge_type`));
    const sum = requiredAmount(charge["cost"], "Datadog", `${field}[].cost`);
    let product = products.get(name);
    if (!product) {
      product = { product: name, sums: new Map(), entries: [] };
      products.set(name, product);
    }
    product.sums.set(type, (product.sums.get(type) ?? ZERO).plus(sum));
    product.entries.push(charge);
  }
  for (const { sums } of products.values()) {
    // Where Datadog leaves the total out, it is the sum of the parts.
    if (!sums.has("total"))
      sums.set(
        "total",
        [...sums.values()].reduce((all, part) => all.plus(part), ZERO),
      );
  }
  return [...products.values()].sort((a, b) => (a.product < b.product ? -1 : 1));
}

/** An open string on the wire; what we don't know counts as usage, with the vendor's word kept in remote_data. */
function chargeType(type: string): ChargeType {
  switch (type.replace(/^projected_/, "")) {
    case "on_demand":
      return "on_demand";
    case "committed":
      return "committed";
    case "total":
      return "total";
    default:
      return "usage_based";
  }
}

function charges(sums: ReadonlyMap<ChargeType, Amount>): Charge[] {
  return ORDER.flatMap((type) => {
    const sum = sums.get(type);
    return sum ? [{ type, amount: sum, currency: CURRENCY }] : [];
  });
}

/** Not `data[].id`, which is per organization and month, and unknown to survive a restatement. */
function rowId(cost: CostByOrg, product: string, withAccount: boolean): string {
  const account = withAccount && cost.accountId ? `${cost.accountId}:` : "";
  return `datadog:${account}${cost.orgId}:${cost.month}:${product}`;
}

function period(month: string): { start_date: string; end_date: string } {
  const start = Date.parse(`${month}-01T00:00:00Z`);
  return { start_date: iso(start), end_date: iso(addMonths(start, 1)) };
}

function organization(cost: CostByOrg): { id: string; name?: string } {
  const name = text(cost.attributes["org_name"]);
  return { id: cost.orgId, ...(name ? { name } : {}) };
}

function remoteData(cost: CostByOrg, source: CostSource, entries: readonly Json[]): Json {
  return { ...cost.item, attributes: { ...cost.attributes, charges: entries }, source };
}

function humanised(product: string): string {
  return product
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}
