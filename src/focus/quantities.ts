import { type Amount, decimal } from "../usage/money.ts";
import type { Usage } from "../usage/row.ts";

/** A quantity with its unit: FOCUS knows neither without the other. */
export interface Measured {
  quantity: Amount;
  unit: string;
}

const TOKENS = "Tokens";

/** What was used: tokens where they are counted, else the vendor's quantity. */
export function consumedOf(row: Usage): Measured | undefined {
  return measured(row.usage?.tokens?.total, TOKENS) ?? pricedOf(row);
}

/** What the vendor puts its price on, as far as it says. */
export function pricedOf({ usage, unit }: Usage): Measured | undefined {
  return measured(usage?.quantity, unit === "token" || unit === "tokens" ? TOKENS : unit);
}

function measured(count: number | undefined, unit: string | undefined): Measured | undefined {
  const quantity = count === undefined ? undefined : decimal(count);
  return quantity && unit ? { quantity, unit } : undefined;
}
