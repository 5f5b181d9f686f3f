import type { Account } from "../../accounts/account.ts";
import { type Amount, ZERO } from "../../usage/money.ts";
import { addMonths, DAY, type Instant, iso, isoDay, startOfMonth, writePeriod } from "../../usage/period.ts";
import type { CallContext } from "../pages.ts";
import { byText } from "../write-cost.ts";
import type { Backtest } from "./backtest.ts";
import { type AccountForecast, type Forecast, forecastAccount } from "./forecast-account.ts";
import type { Projection } from "./forecast-month.ts";

export interface ForecastRequest {
  accounts: readonly Account[];
  /** Nothing that was kept will do. */
  fresh?: boolean;
}

interface Range {
  net: number;
  low?: number;
  high?: number;
}

interface WrittenForecast {
  integrated_account_id: string;
  provider: string;
  status: AccountForecast["status"];
  currency?: string;
  /** As get_cost_summary has it. `through`: the last day that is taken as complete. */
  month_to_date?: { net: number; gross: number; through?: string };
  projection?: Range & { method: string; basis?: { start_date: string; end_date: string }; backtest?: Backtest };
  data_as_of?: string;
  error?: string;
}

export interface CostForecast {
  month: { start_date: string; end_date: string };
  as_of: string;
  totals: { currency: string; month_to_date: { net: number; gross: number }; projection?: Range; remaining?: number }[];
  /** One for each account and currency. */
  accounts: WrittenForecast[];
  is_partial_response: boolean;
  warnings: string[];
  hint?: string;
}

/** What the running month will come to. All accounts are asked at once; each one's fault is its own. */
export async function forecastCost(
  context: CallContext,
  { accounts }: ForecastRequest,
  now: Instant,
): Promise<CostForecast> {
  const month = { start: startOfMonth(now), end: addMonths(now, 1) };
  const read = await Promise.all(accounts.map((account) => forecastAccount(context, account, month, now)));
  const hint = hintOf(read);
  return {
    month: writePeriod(month),
    as_of: iso(now),
    totals: totalsOf(read),
    accounts: read.flatMap(writeForecasts),
    is_partial_response: read.some(({ status }) => status !== "ok"),
    warnings: warningsOf(read),
    ...(hint === undefined ? {} : { hint }),
  };
}

interface Total {
  net: Amount;
  gross: Amount;
  /** Of the accounts that have a projection. */
  projected: { net: Amount; toDate: Amount; low: Amount; high: Amount; isRanged: boolean } | undefined;
}

/** The lows of the accounts make up the low, their highs the high: as if all went the same way at once. */
function totalsOf(read: readonly AccountForecast[]): CostForecast["totals"] {
  const totals = new Map<string, Total>();
  for (const { currency, net, gross, projection } of read.flatMap(({ forecasts }) => forecasts)) {
    const total = totals.get(currency) ?? { net: ZERO, gross: ZERO, projected: undefined };
    totals.set(currency, {
      net: total.net.plus(net),
      gross: total.gross.plus(gross),
      projected: projection ? withProjection(total.projected, net, projection) : total.projected,
    });
  }
  return [...totals]
    .sort(([a], [b]) => byText(a, b))
    .map(([currency, { net, gross, projected }]) => ({
      currency,
      month_to_date: { net: net.toNumber(), gross: gross.toNumber() },
      ...(projected
        ? {
            projection: range(projected.isRanged ? projected : { net: projected.net }),
            remaining: cents(projected.net.minus(projected.toDate)),
          }
        : {}),
    }));
}

function withProjection(
  before: Total["projected"],
  toDate: Amount,
  { net, low, high }: Projection,
): NonNullable<Total["projected"]> {
  const own = { net, toDate, low: low ?? net, high: high ?? net, isRanged: low !== undefined };
  if (!before) return own;
  return {
    net: before.net.plus(own.net),
    toDate: before.toDate.plus(toDate),
    low: before.low.plus(own.low),
    high: before.high.plus(own.high),
    isRanged: before.isRanged || own.isRanged,
  };
}

function writeForecasts({ account, status, asOf, error, forecasts }: AccountForecast): WrittenForecast[] {
  const whose = { integrated_account_id: account.id, provider: account.provider, status };
  const said = {
    ...(asOf ? { data_as_of: iso(asOf.at) } : {}),
    ...(error === undefined ? {} : { error }),
  };
  if (forecasts.length === 0) return [{ ...whose, ...said }];
  return forecasts.map((forecast) => ({ ...whose, ...writeForecast(forecast), ...said }));
}

function writeForecast({ currency, net, gross, before, projection }: Forecast): Partial<WrittenForecast> {
  return {
    currency,
    month_to_date: {
      net: net.toNumber(),
      gross: gross.toNumber(),
      ...(before === undefined ? {} : { through: isoDay(before - DAY) }),
    },
    ...(projection
      ? {
          projection: {
            ...range(projection),
            method: projection.method,
            ...(projection.basis ? { basis: writePeriod(projection.basis) } : {}),
            ...(projection.backtest ? { backtest: projection.backtest } : {}),
          },
        }
      : {}),
  };
}

function range({ net, low, high }: Pick<Projection, "net" | "low" | "high">): Range {
  return {
    net: cents(net),
    ...(low ? { low: cents(low) } : {}),
    ...(high ? { high: cents(high) } : {}),
  };
}

/** What is only expected is written to hundredths: more digits would look like a bill. */
function cents(amount: Amount): number {
  const rounded = Number(amount.toNumber().toFixed(2));
  return rounded === 0 ? 0 : rounded;
}

function warningsOf(read: readonly AccountForecast[]): string[] {
  const ids = (chosen: readonly AccountForecast[]) => chosen.map(({ account }) => account.id).join(", ");
  const failed = read.filter(({ status }) => status === "error");
  const bare = read.filter(
    ({ status, forecasts }) =>
      status !== "error" && forecasts.some(({ net, projection }) => !projection && !net.isZero()),
  );
  const exact = read.filter(({ forecasts }) => forecasts.some(({ projection }) => projection && !projection.low));
  const ranged = read.some(({ forecasts }) => forecasts.some(({ projection }) => projection?.low));
  return [
    ...(failed.length > 0 ? [`The totals leave out ${ids(failed)}, which could not be read; see accounts.`] : []),
    ...(bare.length > 0
      ? [`${ids(bare)}: in month_to_date only; the total's projection and remaining leave it out.`]
      : []),
    ...(exact.length > 0 && ranged ? [`${ids(exact)}: without a range; low and high hold its net.`] : []),
    ...new Set(read.flatMap(({ warnings }) => warnings)),
  ];
}

function hintOf(read: readonly AccountForecast[]): string | undefined {
  if (read.every(({ status }) => status === "error"))
    return "No account could be read; see accounts for each one's error.";
  if (read.every(({ forecasts }) => forecasts.length === 0))
    return "No account holds cost for this month or those before; get_cost_summary with an earlier period tells more.";
  return undefined;
}
