import type { Account } from "../accounts/account.ts";
import type { Dimension } from "../providers/provider.ts";
import { type Amount, decimal, ZERO } from "../usage/money.ts";
import { billed, type Usage } from "../usage/row.ts";
import { keyOf, type RowDimension } from "./dimension.ts";
import { NOT_ADDITIVE_UNITS } from "./metrics.ts";
import type { Key } from "./series.ts";

/** What has a price of its own: a line of the bill, as far as the vendor tells lines apart. */
export interface ChangeLine {
  /** What it is shown under. */
  key: Key;
  names: Record<string, string>;
  currency: string;
  net: Amount;
  gross: Amount;
  rows: number;
  /** By all that tells it apart. */
  values: Key;
  /** How much of what was bought; absent where no row says. */
  quantity?: { unit: string; amount: Amount };
}

/** By what lines are told apart besides what they are shown under. */
export const LINE_DIMENSIONS = [
  "account",
  "product",
  "model",
  "metric_name",
] as const satisfies readonly RowDimension[];

/** Sums of cost by line, exact, with their quantities. Memory holds lines, not rows. */
export class ChangeLines {
  readonly lines = new Map<string, ChangeLine>();
  readonly #by: readonly RowDimension[];
  readonly #apart: readonly RowDimension[];

  /** @param by what lines are shown under @param apart what else tells them apart */
  constructor(by: readonly RowDimension[], apart: readonly RowDimension[]) {
    this.#by = by;
    this.#apart = apart;
  }

  /** @returns dimensions that the row could not say */
  add(row: Usage, account: Account): readonly Dimension[] {
    const cost = billed(row);
    if (!cost) return [];
    const { key, names, unknown } = keyOf(row, this.#by, account);
    const quantity = quantityOf(row);
    const values = { ...key, ...keyOf(row, this.#apart, account).key };
    const id = JSON.stringify([cost.currency, values, quantity?.unit]);
    const line = this.lines.get(id);
    if (!line) {
      this.lines.set(id, { key, names, values, ...cost, rows: 1, ...(quantity ? { quantity } : {}) });
      return unknown;
    }
    line.net = line.net.plus(cost.net);
    line.gross = line.gross.plus(cost.gross);
    line.rows++;
    if (quantity) line.quantity = { ...quantity, amount: (line.quantity?.amount ?? ZERO).plus(quantity.amount) };
    return unknown;
  }
}

/** What the row counts that it is charged by: what its vendor calls the quantity. Stocks and rates can't be added. */
function quantityOf({ usage, unit }: Usage): ChangeLine["quantity"] {
  const amount = usage?.quantity === undefined ? undefined : decimal(usage.quantity);
  return amount && unit !== undefined && !NOT_ADDITIVE_UNITS.has(unit) ? { unit, amount } : undefined;
}
