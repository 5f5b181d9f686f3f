import { type Amount, decimal, ZERO } from "../../usage/money.ts";
import { DAY, type Instant, type Period, startOfMonth } from "../../usage/period.ts";
import { absoluteError, type Backtest, backtest, type Spread, spreadOf } from "./backtest.ts";
import type { LongerCost } from "./cost-history.ts";
import {
  type Expectation,
  eachDay,
  type KnownDays,
  mean,
  pastMonths,
  restOfMonthMean,
  runRate,
  sum,
  weekdayMean,
} from "./methods.ts";

/** What is known of an account's cost in one currency when its month is forecast. Net. */
export interface Known {
  month: Period;
  /** The first day that the vendor may still add to. */
  before: Instant;
  /** By the first instant of the UTC day, this month's and those before. A day without cost is not there. */
  days: ReadonlyMap<Instant, Amount>;
  /** What was billed for longer than a day: this month, and in the months before. */
  longer: { now: readonly LongerCost[]; past: readonly LongerCost[] };
  /** The first instant of the history that was read. */
  from: Instant;
}

export interface Projection {
  net: Amount;
  /** Absent where there is too little history to say. */
  low?: Amount;
  high?: Amount;
  method: string;
  /** The days it is worked out from. Absent: the vendor's own. */
  basis?: Period;
  backtest?: Backtest;
  /** Monthly fees of last month that are not charged yet, and are in it. */
  feesDue?: Amount;
}

/** A fee for much more than a month is not due again in the next. */
const LONGEST_FEE = 32 * DAY;

/**
 * What a month will come to: the days that are complete as they are, every other day at what is expected of it, or at what is
 * there of it already where that is more; fees as charged, and those of last month that are still due. The method is
 * `weekday_mean_4w`, unless `rest_of_month_mean_3m` would have been off by more than a fifth less in the last months. The range is
 * the forecast more and less the largest error of its method in those months.
 * @returns why there is none, when nothing is known to forecast from
 */
export function forecastMonth(known: Known): Projection | string {
  const { month, before, days, longer } = known;
  if (days.size === 0) return longer.past.length > 0 ? byMonths(known) : reasonFor(longer.now);
  const complete: KnownDays = { days, since: Math.max(known.from, Math.min(...days.keys())), before };
  const chosen = choose(complete, month);
  if (!chosen) return "none of its days is complete yet.";
  const { expectation, spread } = chosen;
  const rest = eachDay({ start: Math.max(before, month.start), end: month.end });
  const passed = eachDay({ start: month.start, end: Math.min(before, month.end) });
  const due = feesDue(known);
  const net = sum([
    ...passed.map((day) => days.get(day) ?? ZERO),
    ...rest.map((day) => larger(days.get(day), expectation.of(day))),
    ...longer.now.map((fee) => fee.net),
    due,
  ]);
  const toDate = sum([...eachDay(month).map((day) => days.get(day) ?? ZERO), ...longer.now.map((fee) => fee.net)]);
  const canFall = [...days.values()].some((day) => day.compare(ZERO) < 0);
  return {
    net,
    ...(spread ? rangeOf(net, spread, canFall ? undefined : toDate) : {}),
    method: expectation.method,
    basis: expectation.basis,
    ...(due.isZero() ? {} : { feesDue: due }),
  };
}

/** What was billed cannot be taken back where it never was: the month does not end below its cost to date. */
function rangeOf(
  net: Amount,
  { margin, backtest: tried }: Spread,
  floor: Amount | undefined,
): Pick<Projection, "low" | "high" | "backtest"> {
  const low = net.minus(margin);
  return { low: floor ? larger(floor, low) : low, high: net.plus(margin), backtest: tried };
}

/** What is only a little better is so by chance. */
const CLEARLY = decimal("0.8") ?? ZERO;

function choose(
  known: KnownDays,
  month: Period,
): { expectation: Expectation; spread?: Spread | undefined } | undefined {
  const byWeekday = weekdayMean(known);
  if (!byWeekday) {
    const expectation = runRate(known);
    return expectation && { expectation };
  }
  const byDate = restOfMonthMean(known, month);
  const both = byDate ? backtest(known, month, [weekdayMean, restOfMonthMean]) : [];
  const [weekday, date] = [0, 1].map((method) => both.flatMap((trial) => trial[method] ?? []));
  if (byDate && weekday && date && absoluteError(date).compare(absoluteError(weekday).times(CLEARLY)) < 0)
    return { expectation: byDate, spread: spreadOf(date) };
  const alone = backtest(known, month, [weekdayMean]).flat();
  return { expectation: byWeekday, spread: spreadOf(alone) };
}

/** A fee that was charged last month and is not in this one is expected again; one that is there counts once. */
function feesDue({ month, longer }: Known): Amount {
  const charged = new Set(longer.now.map(({ what }) => what));
  const last = startOfMonth(month.start - 1);
  const due = longer.past.filter(
    ({ what, start, end }) => start >= last && start < month.start && end - start <= LONGEST_FEE && !charged.has(what),
  );
  return sum(due.map(({ net }) => net));
}

const MONTHS = 3;

/**
 * `month_mean_3m`, for a vendor that tells no days: the mean of the last three months, or what is there already where that is
 * more. A mean is rounded once, to ten decimals.
 */
function byMonths({ month, longer, from }: Known): Projection {
  const totals = new Map<Instant, Amount>();
  for (const { start, net } of longer.past) {
    const of = startOfMonth(start);
    totals.set(of, (totals.get(of) ?? ZERO).plus(net));
  }
  const first = Math.max(from, Math.min(...totals.keys()));
  const past = pastMonths(month, first, month.start);
  const came = past.map(({ start }) => totals.get(start) ?? ZERO);
  const toDate = sum(longer.now.map(({ net }) => net));
  const trials = came.slice(0, MONTHS).flatMap((actual, index) => {
    const earlier = came.slice(index + 1, index + 1 + MONTHS);
    return earlier.length === 0 ? [] : [{ actual, error: actual.minus(mean(sum(earlier), earlier.length)) }];
  });
  const used = came.slice(0, MONTHS);
  const net = larger(toDate, mean(sum(used), used.length));
  const spread = spreadOf(trials);
  const canFall = longer.past.some((cost) => cost.net.compare(ZERO) < 0);
  return {
    net,
    ...(spread ? rangeOf(net, spread, canFall ? undefined : toDate) : {}),
    method: `month_mean_${used.length}m`,
    basis: { start: past[used.length - 1]?.start ?? first, end: month.start },
  };
}

function reasonFor(now: readonly LongerCost[]): string {
  return now.length > 0
    ? "it has no cost from the months before to forecast from."
    : "it has no cost, in this month or those before, to forecast from.";
}

function larger(one: Amount | undefined, other: Amount): Amount {
  return one && one.compare(other) > 0 ? one : other;
}
