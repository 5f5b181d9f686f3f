import type { Day, Month } from "./calendar.ts";
import { dayOf, lastDay, monthOf, parseDay } from "./calendar.ts";
import { HISTORY_START } from "./volume.ts";

/** `YYYY-MM`, or an RFC3339 instant as the vendor's own clients send it (its month in UTC). */
export function readMonth(text: string | null): Month | undefined {
  if (text === null) return undefined;
  const day = /^\d{4}-\d{2}$/.test(text) ? parseDay(`${text}-01`) : readInstant(text);
  return day === undefined ? undefined : monthOf(day);
}

/** `YYYY-MM-DD`, or an RFC3339 instant (its day in UTC). */
function readDay(text: string | null): Day | undefined {
  return text === null ? undefined : (parseDay(text) ?? readInstant(text));
}

function readInstant(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : dayOf(date);
}

/** The days whose running totals a `start_date`..`end_date` question is answered with, or what is wrong with it. */
export function daysAsked(query: URLSearchParams, today: Day): readonly Day[] | string {
  const start = readDay(query.get("start_date"));
  if (start === undefined) return "start_date is required in the format [YYYY-MM-DD]";
  const end = query.has("end_date") ? readDay(query.get("end_date")) : today;
  if (end === undefined) return "end_date must be in the format [YYYY-MM-DD]";
  if (query.has("end_date") && end < start) return "start_date [YYYY-MM-DD] must be before end_date [YYYY-MM-DD]";
  if (monthOf(start) < monthOf(today) - 1) return "start_date cannot go beyond two months in the past";
  const days: Day[] = [];
  for (let day = Math.max(start, HISTORY_START); day <= Math.min(end, today); day++) days.push(day);
  return days;
}

/** A closed month has its last day's running total; the running month has yesterday's beside today's. */
export function daysOfMonthsAsked(query: URLSearchParams, today: Day): readonly Day[] | string {
  const current = monthOf(today);
  const start = query.has("start_month") ? readMonth(query.get("start_month")) : current;
  if (start === undefined) return "start_month must be in the format [YYYY-MM]";
  const end = query.has("end_month") ? readMonth(query.get("end_month")) : Math.max(start, current);
  if (end === undefined) return "end_month must be in the format [YYYY-MM]";
  if (end < start) return "start_month [YYYY-MM] must be before end_month [YYYY-MM]";
  if (start < current - 1) return "start_month cannot go beyond two months in the past";
  return [lastDay(current - 1), today - 1, today].filter(
    (day, index, days) =>
      day >= HISTORY_START && days.indexOf(day) === index && monthOf(day) >= start && monthOf(day) <= end,
  );
}
