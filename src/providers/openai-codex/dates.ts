import { badParameter } from "../../errors.ts";
import { ceilDay, DAY, type Instant, type Period, readInstant, startOfDay } from "../../usage/period.ts";
import { oneDay } from "../dates.ts";
import type { Asked, RequestedDates } from "../provider.ts";

/**
 * OpenAI's days are UTC, and only the day of a date counts: `date`, or start_date in its place, is that one day; with
 * end_date it is a range whose end is excluded. Yesterday without either.
 * @throws UsageError (question)
 */
export function readPeriod(dates: RequestedDates, { now }: Pick<Asked, "now">): Period {
  const day = oneDay(dates);
  if (day) return day;
  const { start_date, end_date } = dates;
  if (start_date === undefined) {
    if (end_date !== undefined) throw badParameter("end_date", "give start_date too: a range needs both.");
    return { start: startOfDay(now) - DAY, end: startOfDay(now) };
  }
  const start = startOfDay(readInstant(start_date, "start_date").at);
  if (end_date === undefined) return { start, end: start + DAY };
  const end = ceilDay(readInstant(end_date, "end_date").at);
  if (end <= start)
    throw badParameter("end_date", `${end_date} is exclusive and must lie after start_date (${start_date}).`);
  return { start, end };
}

/** The part of a period that is not ahead, today whole; undefined when nothing is left. */
export function untilToday({ start, end }: Period, now: Instant): Period | undefined {
  return start > now ? undefined : { start, end: Math.min(end, startOfDay(now) + DAY) };
}

export function seconds(at: Instant): string {
  return String(at / 1000);
}
