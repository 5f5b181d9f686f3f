import { badParameter } from "../errors.ts";
import { comparedPeriod, readComparison } from "../usage/named-period.ts";
import {
  addMonths,
  DAY,
  type Instant,
  iso,
  isoDay,
  isoMonth,
  type Period,
  startOfDay,
  startOfMonth,
} from "../usage/period.ts";
import { refuseFuture } from "./arguments.ts";

/** Two periods that can be compared, and what a reader must know of them. */
export interface Compared {
  period: Period;
  before: Period;
  /** Undefined when they are equally long and over. */
  note: string | undefined;
}

/**
 * What to compare a period with, `previous_period` unless told. A period that still runs is cut where today begins, and so
 * is what it is compared with by those names: half a month is compared with half a month.
 * @throws UsageError (question): a comparison that is none, or a period of which no day is over
 */
export function compared(asked: Period, to: string | undefined, now: Instant, parameter: string): Compared {
  const period = overDays(asked, now, parameter);
  const before = earlier(asked, period, to ?? "previous_period", now);
  const notes: string[] = [];
  if (period.end < asked.end)
    notes.push(`The period still runs: these are its ${days(period)} days that are over, today is not among them.`);
  if (days(period) !== days(before))
    notes.push(
      `The two are not equally long (${days(period)} days and ${days(before)}): say so, and add "per_day": true to get_cost_summary to compare a day's cost.`,
    );
  return { period, before, note: notes.join(" ") || undefined };
}

function earlier(asked: Period, period: Period, to: string, now: Instant): Period {
  if (to === "previous_period" || to === "previous_year") {
    const { start, end } = comparedPeriod(asked, to);
    return { start, end: period.end < asked.end ? Math.min(end, start + (period.end - period.start)) : end };
  }
  const before = readComparison(to, period, now, "compared_with");
  refuseFuture(before, "compared_with", to, now);
  return before;
}

/** The whole days of a period that are over. @throws UsageError (question) when there is none yet */
export function overDays({ start, end }: Period, now: Instant, parameter: string): Period {
  const over = Math.min(end, startOfDay(now));
  if (over <= start)
    throw badParameter(parameter, `no day of it is over yet (today is ${isoDay(now)}); give an earlier one.`);
  return { start, end: over };
}

export function days({ start, end }: Period): number {
  return Math.round((end - start) / DAY);
}

/** A period as the tools take it: `2026-10` or `2026-10-01/2026-10-15`. */
export function named({ start, end }: Period): string {
  const isMonth = startOfMonth(start) === start && addMonths(start, 1) === end;
  return isMonth ? isoMonth(start) : `${written(start)}/${written(end)}`;
}

/** For a sentence: `2026-10-01 to 2026-10-31`, both included. */
export function spelled({ start, end }: Period): string {
  const isDays = startOfDay(start) === start && startOfDay(end) === end;
  return isDays ? `${isoDay(start)} to ${isoDay(end - DAY)}` : `${iso(start)} until ${iso(end)}`;
}

function written(at: Instant): string {
  return startOfDay(at) === at ? isoDay(at) : iso(at);
}
