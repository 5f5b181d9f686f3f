import { badParameter } from "../../errors.ts";
import { DAY, type Instant, iso, type Period, readInstant, startOfDay, startOfMonth } from "../../usage/period.ts";
import type { ReportType } from "../../usage/report.ts";
import type { Asked, RequestedDates } from "../provider.ts";

/** Reports of daily rows: their periods are whole UTC days. */
const DAILY: ReadonlySet<ReportType> = new Set(["activity", "user_usage", "summary", "skill_usage", "connector_usage"]);
/** Reports that look at a week where no dates are given, as Cursor's own do; the others at the current month. */
const WEEKLY: ReadonlySet<ReportType> = new Set([
  "activity",
  "user_usage",
  "skill_usage",
  "connector_usage",
  "project_usage",
]);

/**
 * Cursor's dates include both ends: an end_date without a time means to the end of that day, an instant belongs to the
 * range. The period is half-open, so it ends a millisecond later.
 */
export function readPeriod(dates: RequestedDates, { report, now }: Asked): Period {
  if (dates.date !== undefined) return oneDay(dates);
  const until = dates.end_date === undefined ? undefined : after(dates.end_date);
  const last = until === undefined ? now : until - 1;
  const start =
    dates.start_date === undefined
      ? WEEKLY.has(report)
        ? startOfDay(last) - 6 * DAY
        : startOfMonth(last)
      : readInstant(dates.start_date, "start_date").at;
  const end = until ?? (DAILY.has(report) ? startOfDay(now) + DAY : now);
  if (until === undefined && start > now && dates.start_date !== undefined)
    throw badParameter("start_date", `${dates.start_date} lies in the future; it is ${iso(now)} now.`);
  if (end <= start && until !== undefined)
    throw badParameter("end_date", `${dates.end_date} lies before start_date (${dates.start_date}).`);
  return cover({ start, end }, report);
}

/** Daily rows can't be cut finer than by UTC day. */
export function cover(period: Period, report: ReportType): Period {
  if (!DAILY.has(report)) return period;
  return { start: startOfDay(period.start), end: ceilDay(period.end) };
}

function after(end: string): Instant {
  const { at, dayOnly } = readInstant(end, "end_date");
  return dayOnly ? at + DAY : at + 1;
}

function ceilDay(at: Instant): Instant {
  const day = startOfDay(at);
  return day === at ? at : day + DAY;
}

function oneDay({ date = "", start_date, end_date }: RequestedDates): Period {
  if (start_date !== undefined || end_date !== undefined)
    throw badParameter("date", "give either date or start_date/end_date, not both.");
  const start = startOfDay(readInstant(date, "date").at);
  return { start, end: start + DAY };
}
