import { partsOf } from "../engine/cost-groups.ts";
import { type Amount, ZERO } from "../usage/money.ts";
import { billed, type Usage } from "../usage/row.ts";

/** What FOCUS calls the kind of a charge. */
export type ChargeCategory = "Usage" | "Purchase" | "Tax" | "Credit";

/** What a row comes to in one category. */
export interface CategoryCost {
  category: ChargeCategory;
  /** What is invoiced. */
  billed: Amount;
  /** Before discounts and credits. */
  list: Amount;
  currency: string;
}

/**
 * A row's money by category: its parts, each once, so that `billed` adds up to the row's net and `list` to its gross, exactly.
 * A discount is no charge of its own: it stands between the list and the billed cost of what it is taken off. A credit lowers
 * what is billed and has no list cost, as it is no part of gross. Empty for a row without a bill, such as plain activity.
 */
export function categoryCosts(row: Usage): CategoryCost[] {
  const cost = billed(row);
  if (!cost) return [];
  const costs = new Map<ChargeCategory, CategoryCost>();
  const add = (category: ChargeCategory, net: Amount, gross: Amount) => {
    const known = costs.get(category) ?? { category, billed: ZERO, list: ZERO, currency: cost.currency };
    costs.set(category, { ...known, billed: known.billed.plus(net), list: known.list.plus(gross) });
  };
  const parts = partsOf(row, cost);
  for (const { type, net, gross } of parts) if (type !== "discount") add(categoryOf(type), net, gross);
  const discounted = largest([...costs.values()]);
  for (const { type, net, gross } of parts) if (type === "discount") add(discounted, net, gross);
  const kept = [...costs.values()].filter((one) => !one.billed.isZero() || !one.list.isZero());
  // What is used and costs nothing is a charge of nothing.
  return kept.length > 0 ? kept : [{ category: "Usage", billed: ZERO, list: ZERO, currency: cost.currency }];
}

function categoryOf(type: string): ChargeCategory {
  switch (type) {
    case "tax":
      return "Tax";
    case "credit":
      return "Credit";
    case "platform_fee":
    case "committed":
      return "Purchase";
    default:
      return "Usage";
  }
}

/** What a discount is taken off: usage or a purchase, whichever is worth more. */
function largest(costs: readonly CategoryCost[]): ChargeCategory {
  const list = (category: ChargeCategory) => costs.find((one) => one.category === category)?.list ?? ZERO;
  return list("Purchase").compare(list("Usage")) > 0 ? "Purchase" : "Usage";
}

export function chargeFrequency(category: ChargeCategory): string {
  switch (category) {
    case "Usage":
      return "Usage-Based";
    case "Purchase":
      return "Recurring";
    case "Tax":
    case "Credit":
      return "One-Time";
  }
}
