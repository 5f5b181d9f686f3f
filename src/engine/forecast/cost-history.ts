import type { Account } from "../../accounts/account.ts";
import type { Dimension } from "../../providers/provider.ts";
import { type Amount, ZERO } from "../../usage/money.ts";
import type { Instant } from "../../usage/period.ts";
import { billed, type Usage } from "../../usage/row.ts";
import { dimensionOf } from "../dimension.ts";
import type { Sums } from "../read-account.ts";

/** What was billed for a stretch longer than a day: a monthly fee, a month's running total. */
export interface LongerCost {
  /** Tells one fee from another: the same one has the same words each month. */
  what: string;
  start: Instant;
  end: Instant;
  net: Amount;
}

/** What an account cost in one currency. */
export interface CostHistory {
  net: Amount;
  gross: Amount;
  /** Net, by the first instant of the UTC day. A day without rows is not there. */
  days: Map<Instant, Amount>;
  longer: LongerCost[];
}

/** An account's cost by day and currency. Memory holds days and what is longer, not rows. */
export class CostHistories implements Sums {
  readonly currencies = new Map<string, CostHistory>();

  /** @returns nothing: what belongs to no day is kept apart, and is no gap */
  add(row: Usage, account: Account): readonly Dimension[] {
    const cost = billed(row);
    if (!cost) return [];
    const { net, gross, currency } = cost;
    let history = this.currencies.get(currency);
    if (!history) {
      history = { net: ZERO, gross: ZERO, days: new Map(), longer: [] };
      this.currencies.set(currency, history);
    }
    history.net = history.net.plus(net);
    history.gross = history.gross.plus(gross);
    const day = dimensionOf(row, "day", account);
    if (day) {
      const at = Date.parse(day.id);
      history.days.set(at, (history.days.get(at) ?? ZERO).plus(net));
    } else history.longer.push(longer(row, net));
    return [];
  }
}

function longer({ product, metric_name, resources, start_date = "", end_date = "" }: Usage, net: Amount): LongerCost {
  const what = JSON.stringify([product?.id, metric_name, resources?.[0]?.id]);
  return { what, start: Date.parse(start_date), end: Date.parse(end_date), net };
}
