import { badParameter } from "../../errors.ts";
import { DAY, type Instant, type Period, readInstant, startOfDay } from "../../usage/period.ts";
import type { Asked, RequestedDates } from "../provider.ts";

/**
 * OpenAI's days are UTC, and only the day of a date counts: `date`, or start_date in its place, is that one day; with
 * end_date it is a range whose end is excluded. Yesterday without either.
 * @throws UsageError (question)
 */
export function readPeriod({ date, start_date, end_date }: RequestedDates, { now }: Pick<Asked, "now">): Period {
  if (date !== undefined && (start_date !== undefined || end_date !== undefined))
    throw badParameter("date", "give either date or start_date/end_date, not both.");
  const [name, given] = date === undefined ? ["start_date", start_date] : ["date", date];
  if (given === undefined) {
    if (end_date !== undefined) throw badParameter("end_date", "give start_date too: a range needs both.");
    return { start: startOfDay(now) - DAY, end: startOfDay(now) };
  }
  const start = startOfDay(readInstant(given, name).at);
  if (end_date === undefined) return { start, end: start + DAY };
  const end = nextMidnight(readInstant(end_date, "end_date").at);
  if (end <= start)
    throw badParameter("end_date", `${end_date} is exclusive and must lie after start_date (${given}).`);
  return { start, end };
}

/** Whole days. */
export function cover({ start, end }: Period): Period {
  return { start: startOfDay(start), end: nextMidnight(end) };
}

/** The part of a period that is not ahead, today whole; undefined when nothing is left. */
export function untilToday({ start, end }: Period, now: Instant): Period | undefined {
  return start > now ? undefined : { start, end: Math.min(end, startOfDay(now) + DAY) };
}

/** A time of day belongs to a day that is wanted whole. */
function nextMidnight(at: Instant): Instant {
  return startOfDay(at + DAY - 1);
}

export function seconds(at: Instant): string {
  return String(at / 1000);
}
