import { type Amount, decimal, ZERO } from "../../usage/money.ts";
import { addMonths, DAY, type Instant, type Period } from "../../usage/period.ts";

/** Days of cost as far as they are complete. Net, in one currency, by the first instant of the UTC day. */
export interface KnownDays {
  days: ReadonlyMap<Instant, Amount>;
  /** The first day there is anything of. */
  since: Instant;
  /** The first day that is not complete: what lies from here on no method looks at. */
  before: Instant;
}

/** What the days of a month that are not complete are expected to come to. */
export interface Expectation {
  method: string;
  /** The days it is worked out from. */
  basis: Period;
  of(day: Instant): Amount;
}

const WEEK = 7 * DAY;
const MOST_WEEKS = 4;
const FEWEST_WEEKS = 2;
const PAST_MONTHS = 3;

/**
 * `weekday_mean_4w`: a day is expected to come to the mean of the same weekday over the last four complete weeks (two or
 * three, and named so, while there are no more). A mean is rounded once, to ten decimals.
 */
export function weekdayMean({ days, since, before }: KnownDays): Expectation | undefined {
  const weeks = Math.min(MOST_WEEKS, Math.floor((before - since) / WEEK));
  if (weeks < FEWEST_WEEKS) return undefined;
  const start = before - weeks * WEEK;
  const means = Array.from({ length: 7 }, (_, weekday) => {
    const same = Array.from({ length: weeks }, (_, week) => days.get(start + weekday * DAY + week * WEEK) ?? ZERO);
    return mean(sum(same), weeks);
  });
  return {
    method: `weekday_mean_${weeks}w`,
    basis: { start, end: before },
    of: (day) => means[((day - start) / DAY) % 7] ?? ZERO,
  };
}

/**
 * `rest_of_month_mean_3m`: a day is expected to come to the mean of the days from the same date to the month's end, over the
 * last three whole months. For what goes by the month rather than by the week: usage that a plan includes is free until it is
 * used up, each month anew.
 */
export function restOfMonthMean({ days, since, before }: KnownDays, month: Period): Expectation | undefined {
  const offset = Math.max(before, month.start) - month.start;
  const past = pastMonths(month, since, before).slice(0, PAST_MONTHS);
  const rest = past.flatMap(({ start, end }) => eachDay({ start: start + offset, end }));
  const [last, first = last] = [past[0], past.at(-1)];
  if (!last || !first || rest.length === 0) return undefined;
  const each = mean(sum(rest.map((day) => days.get(day) ?? ZERO)), rest.length);
  return {
    method: `rest_of_month_mean_${past.length}m`,
    basis: { start: first.start, end: last.end },
    of: () => each,
  };
}

/** `run_rate`: a day is expected to come to the mean of all complete days, where there are too few for any pattern. */
export function runRate({ days, since, before }: KnownDays): Expectation | undefined {
  const basis = { start: since, end: before };
  const known = eachDay(basis);
  if (known.length === 0) return undefined;
  const each = mean(sum(known.map((day) => days.get(day) ?? ZERO)), known.length);
  return { method: "run_rate", basis, of: () => each };
}

/** The months before one that lie wholly between two days, latest first. */
export function pastMonths(month: Period, since: Instant, before: Instant): Period[] {
  const months: Period[] = [];
  for (let end = month.start; addMonths(end, -1) >= since; end = addMonths(end, -1)) {
    if (end <= before) months.push({ start: addMonths(end, -1), end });
  }
  return months;
}

export function eachDay({ start, end }: Period): Instant[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / DAY)) }, (_, index) => start + index * DAY);
}

export function sum(amounts: Iterable<Amount>): Amount {
  let all = ZERO;
  for (const amount of amounts) all = all.plus(amount);
  return all;
}

/** Rounded, to ten decimals. */
export function mean(total: Amount, count: number): Amount {
  return total.dividedBy(decimal(count) ?? ZERO) ?? ZERO;
}
