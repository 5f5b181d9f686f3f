import { type Amount, decimal, ZERO } from "../../usage/money.ts";
import { DAY, type Instant, type Period } from "../../usage/period.ts";
import { type Expectation, eachDay, type KnownDays, mean, pastMonths, sum } from "./methods.ts";

/** A past month as it would have been forecast, and as it came. */
export interface Trial {
  /** What it came to less what was forecast. */
  error: Amount;
  actual: Amount;
}

type Method = (known: KnownDays, month: Period) => Expectation | undefined;

const MOST_MONTHS = 3;
/** Forecasts are tried on the days around the same day of a past month: one day a month would be few. */
const DAYS_AROUND = 3;

/**
 * How methods would have done: the last three complete months, forecast from the days around the one that the running month
 * is known up to. Only days before a trial's own day are looked at, and none that was known in part: by as much a trial knows
 * less than the forecast itself.
 * @returns for each trial that all methods can make, what became of it, in the order of the methods
 */
export function backtest(known: KnownDays, month: Period, methods: readonly Method[]): Trial[][] {
  const elapsed = known.before - month.start;
  const trials: Trial[][] = [];
  for (const past of pastMonths(month, known.since, known.before).slice(0, MOST_MONTHS)) {
    const actual = total(known, past);
    for (let around = -DAYS_AROUND; around <= DAYS_AROUND; around++) {
      const before = past.start + elapsed + around * DAY;
      const rest = { start: Math.max(before, past.start), end: past.end };
      if (rest.start >= rest.end) continue;
      const expectations = methods.flatMap((method) => method({ ...known, before }, past) ?? []);
      if (expectations.length < methods.length) continue;
      const came = total(known, rest);
      trials.push(expectations.map((expectation) => ({ error: came.minus(expected(expectation, rest)), actual })));
    }
  }
  return trials;
}

function expected(expectation: Expectation, period: Period): Amount {
  return sum(eachDay(period).map((day) => expectation.of(day)));
}

function total({ days }: KnownDays, period: Period): Amount {
  return sum(eachDay(period).map((day: Instant) => days.get(day) ?? ZERO));
}

export function absoluteError(trials: readonly Trial[]): Amount {
  return sum(trials.map(({ error }) => error.abs()));
}

/** How far off the trials were. */
export interface Spread {
  /** The most by which a month missed its forecast, either way. */
  margin: Amount;
  backtest: Backtest;
}

export interface Backtest {
  origins: number;
  /** Of the whole month's cost. Absent when the months came to nothing. */
  mean_absolute_percent_error?: number;
}

/** @returns undefined when nothing could be tried */
export function spreadOf(trials: readonly Trial[]): Spread | undefined {
  if (trials.length === 0) return undefined;
  // Each rounded to four decimals, and their mean with them.
  const percents = trials.flatMap(({ error, actual }) => {
    const share = error.abs().times(HUNDRED).ratio(actual.abs());
    return share === undefined ? [] : [decimal(share) ?? ZERO];
  });
  return {
    // Three months hold few surprises, and the next one may be on the other side.
    margin: trials.reduce((most, { error }) => (error.abs().compare(most) > 0 ? error.abs() : most), ZERO),
    backtest: {
      origins: trials.length,
      ...(percents.length > 0
        ? { mean_absolute_percent_error: Number(mean(sum(percents), percents.length).toNumber().toFixed(2)) }
        : {}),
    },
  };
}

const HUNDRED = decimal(100) ?? ZERO;
