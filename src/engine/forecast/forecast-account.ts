import type { Account } from "../../accounts/account.ts";
import { describeError, UsageError } from "../../errors.ts";
import { ADAPTERS } from "../../providers/index.ts";
import { type Amount, ZERO } from "../../usage/money.ts";
import { addMonths, type Instant, type Period } from "../../usage/period.ts";
import type { CallContext } from "../pages.ts";
import { completeBefore } from "../published-late.ts";
import { type AccountSums, readAccount, type SummaryQuestion } from "../read-account.ts";
import { CostHistories, type CostHistory } from "./cost-history.ts";
import { forecastMonth, type Known, type Projection } from "./forecast-month.ts";
import { vendorProjection } from "./vendor-projection.ts";

/** One account's month in one currency. */
export interface Forecast {
  currency: string;
  net: Amount;
  gross: Amount;
  /** The first day that the vendor may still add to. Absent: it tells no days. */
  before?: Instant;
  projection?: Projection;
}

/** One account's month. What it came to so far stands, even where nothing can be said of the rest. */
export interface AccountForecast extends Omit<AccountSums<CostHistories>, "sums" | "period"> {
  forecasts: Forecast[];
}

/** What methods and their trials need: three months to try them on, and one more before the first of those. */
const HISTORY_MONTHS = 4;

/** Reads an account's month and what its rest is forecast from. @throws UsageError only when the call was cancelled */
export async function forecastAccount(
  context: CallContext,
  account: Account,
  month: Period,
  now: Instant,
): Promise<AccountForecast> {
  const asked: Omit<SummaryQuestion, "period"> = { report: "cost", by: ["day"], filters: {}, now, noun: "cost" };
  const { sums, ...current } = await readAccount(context, account, { ...asked, period: month }, newHistories);
  if (current.status === "error") return { ...current, forecasts: [] };
  const toDate = [...sums.currencies].map(([currency, { net, gross }]): Forecast => ({ currency, net, gross }));
  const vendors = await orError(context, account, () => vendorProjection(context, account, now));
  if (typeof vendors === "string") return { ...current, status: "partial", error: vendors, forecasts: toDate };
  if (vendors && vendors.size > 0) return { ...current, forecasts: byVendor(toDate, vendors) };
  const wanted = { start: addMonths(month.start, -HISTORY_MONTHS), end: month.start };
  // Asked for what it has: that it goes back no further is no gap in a forecast.
  const period = ADAPTERS[account.provider].cover(wanted, { account, report: "cost", now });
  const past = await readAccount(context, account, { ...asked, period }, newHistories);
  if (past.status === "error")
    return { ...current, status: "partial", error: `its history: ${past.error ?? ""}`, forecasts: toDate };
  const before = completeBefore(account, now, current.asOf?.at);
  const warnings = vendors ? [`${account.id}: ${ADAPTERS[account.provider].projection?.missing ?? ""}`] : [];
  const forecasts = currenciesOf(sums, past.sums).map((currency) => {
    const [own, earlier] = [sums.currencies.get(currency), past.sums.currencies.get(currency)];
    const known = knownOf(own, earlier, { month, before, from: period.start });
    const projection = forecastMonth(known);
    if (typeof projection === "string") warnings.push(`${account.id}: no projection, ${projection}`);
    else warnings.push(...notes(projection).map((note) => `${account.id}: ${note}`));
    return {
      currency,
      net: own?.net ?? ZERO,
      gross: own?.gross ?? ZERO,
      ...(known.days.size > 0 ? { before } : {}),
      ...(typeof projection === "string" ? {} : { projection }),
    };
  });
  if (forecasts.length === 0)
    warnings.push(`${account.id}: no projection, it has no cost in this month or the ${HISTORY_MONTHS} before.`);
  return {
    ...current,
    status: past.status === "partial" ? "partial" : current.status,
    warnings: [...current.warnings, ...past.warnings, ...warnings],
    forecasts,
  };
}

function newHistories(): CostHistories {
  return new CostHistories();
}

/** What a fault of the account comes to in words; it is told to the log, too. */
async function orError<Result>(
  context: CallContext,
  account: Account,
  ask: () => Promise<Result>,
): Promise<Result | string> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UsageError && error.kind === "cancelled") throw error;
    context.failed(account.id, error);
    return describeError(error, context.requestId);
  }
}

function byVendor(toDate: readonly Forecast[], projected: ReadonlyMap<string, Amount>): Forecast[] {
  const nothing = [...projected.keys()]
    .filter((currency) => !toDate.some((forecast) => forecast.currency === currency))
    .map((currency): Forecast => ({ currency, net: ZERO, gross: ZERO }));
  return [...toDate, ...nothing].map((forecast) => {
    const net = projected.get(forecast.currency);
    return net ? { ...forecast, projection: { net, method: "vendor_projection" } } : forecast;
  });
}

function currenciesOf(...sums: readonly CostHistories[]): string[] {
  return [...new Set(sums.flatMap(({ currencies }) => [...currencies.keys()]))];
}

function knownOf(
  own: CostHistory | undefined,
  earlier: CostHistory | undefined,
  { month, before, from }: Pick<Known, "month" | "before" | "from">,
): Known {
  const days = new Map(earlier?.days);
  for (const [day, net] of own?.days ?? []) days.set(day, (days.get(day) ?? ZERO).plus(net));
  return { month, before, from, days, longer: { now: own?.longer ?? [], past: earlier?.longer ?? [] } };
}

function notes({ method, low, feesDue }: Projection): string[] {
  return [
    ...(method === "run_rate"
      ? ["there are less than two complete weeks to forecast from; its days so far are carried on."]
      : []),
    ...(low === undefined
      ? [`the last months are too few to say how far off ${method} may be, so it has no range.`]
      : []),
    ...(feesDue
      ? [`its projection holds ${feesDue.toString()} of fees that last month had and this one has not yet.`]
      : []),
  ];
}
