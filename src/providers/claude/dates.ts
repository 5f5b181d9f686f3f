/** How Claude's APIs read dates, how far back they go, and how they cut time. Ends are exclusive everywhere. */
import { badParameter } from "../../errors.ts";
import {
  ceilDay,
  DAY,
  type Instant,
  isoDay,
  type Period,
  readInstant,
  startOfDay,
  wholeDays,
} from "../../usage/period.ts";
import type { Granularity } from "../../usage/query.ts";
import { oneDay } from "../dates.ts";
import type { Question, RequestedDates } from "../provider.ts";

/** No analytics exist from before this day. */
export const FIRST_DAY = Date.UTC(2026, 0, 1);
/** The most days that one request may span. */
export const WINDOW_DAYS = 31;
const REPORT_DAYS_BACK = 365;

interface Usual {
  now: Instant;
  /** How many complete days are covered when no start is given. */
  days: number;
  /** The endpoint knows days only: times of day belong to days that are wanted whole. */
  daysOnly: boolean;
  /** Nothing can be asked from before. */
  earliest?: Instant;
}

/**
 * A date without a time is its midnight, UTC. Without an end: up to today; without a start: so many days before the end.
 * @throws UsageError (question)
 */
export function readDates(dates: RequestedDates, { now, days, daysOnly, earliest }: Usual): Period {
  const { start_date, end_date } = dates;
  const day = oneDay(dates);
  if (day) return day;
  const today = startOfDay(now);
  const from = start_date === undefined ? undefined : readInstant(start_date, "start_date").at;
  const to = end_date === undefined ? undefined : readInstant(end_date, "end_date").at;
  const end = to === undefined ? usualEnd(from, today) : daysOnly ? ceilDay(to) : to;
  const start = from === undefined ? usualStart(end, days, earliest) : daysOnly ? startOfDay(from) : from;
  if (end <= start) {
    throw badParameter(
      "end_date",
      `${end_date} is exclusive and must lie after start_date (${start_date ?? `${isoDay(start)}, since it is not given`}).`,
    );
  }
  return { start, end };
}

function usualEnd(from: Instant | undefined, today: Instant): Instant {
  return from === undefined || from < today ? today : startOfDay(from) + DAY;
}

function usualStart(end: Instant, days: number, earliest: Instant | undefined): Instant {
  const start = ceilDay(end) - days * DAY;
  return earliest === undefined || end <= earliest ? start : Math.max(start, earliest);
}

/** The first day that usage and cost reports can be asked for: they go back 365 days, and not beyond the first of all. */
export function earliestReportDay(now: Instant): Instant {
  return Math.max(FIRST_DAY, ceilDay(now - REPORT_DAYS_BACK * DAY));
}

/** @throws UsageError (question) naming the earliest day */
export function refuseBefore(earliest: Instant, start: Instant, dates: RequestedDates): void {
  if (start >= earliest) return;
  const { date, start_date, end_date } = dates;
  const why =
    earliest === FIRST_DAY
      ? "Claude's analytics begin on 2026-01-01"
      : `Claude's usage and cost reports go back ${REPORT_DAYS_BACK} days`;
  throw badParameter(
    date !== undefined ? "date" : start_date === undefined && end_date !== undefined ? "end_date" : "start_date",
    `${why}: the earliest day is ${isoDay(earliest)}.`,
  );
}

const STEPS: Readonly<Record<Granularity, number>> = { day: DAY, hour: 3_600_000, minute: 60_000 };
const WIDTHS: Readonly<Record<Granularity, string>> = { day: "1d", hour: "1h", minute: "1m" };

/** The length of a question's time buckets in milliseconds. */
export function stepOf({ granularity = "day" }: Pick<Question, "granularity">): number {
  return STEPS[granularity];
}

/** The vendor's word for it. */
export function widthOf({ granularity = "day" }: Pick<Question, "granularity">): string {
  return WIDTHS[granularity];
}

/**
 * The whole buckets that a question touches, up to the one that is running, or the hour that is: buckets come whole, and an end
 * that moves with the clock would make a cursor's next page, or the same question a little later, another one.
 */
export function bucketsOf(question: Question): Period {
  const { start, end } = wholeBuckets(question);
  return { start, end: Math.min(end, ceil(question.now, Math.max(stepOf(question), STEPS.hour))) };
}

/** What is covered, where whole buckets are more than was asked for. */
export function coverage(question: Question): { covered?: Period } {
  const { start, end } = wholeBuckets(question);
  return start === question.period.start && end === question.period.end ? {} : { covered: { start, end } };
}

function wholeBuckets({ period, ...question }: Question): Period {
  const step = stepOf(question);
  return { start: Math.floor(period.start / step) * step, end: ceil(period.end, step) };
}

function ceil(at: Instant, step: number): Instant {
  return Math.ceil(at / step) * step;
}

/** The whole days that a period touches, of those that usage and cost reports go back to; an empty period when there are none. */
export function reachableDays(period: Period, { now }: Pick<Question, "now">): Period {
  const { start, end } = wholeDays(period);
  return { start: Math.min(Math.max(start, earliestReportDay(now)), end), end };
}
