import { badParameter } from "../../errors.ts";
import {
  DAY,
  type Instant,
  iso,
  type Period,
  readInstant,
  startOfDay,
  startOfMonth,
  wholeDays,
} from "../../usage/period.ts";
import type { ReportType } from "../../usage/report.ts";
import { oneDay } from "../dates.ts";
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
  const day = oneDay(dates);
  if (day) return day;
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

/** What is asked up to now ends at a whole five minutes: the same question, asked again soon, is the same request. */
const STEP = 300_000;

/**
 * The last instant of a period that is asked for; Cursor's ranges include it. Nothing after `now` is: what happens meanwhile
 * would push items from page to page. Nor the last minutes before it, where the period goes on to now: Cursor aggregates by
 * the hour, so it knows little of them, and a request that ends at another millisecond each time would never be kept.
 * @see https://cursor.com/docs/account/teams/admin-api
 */
export function lastAsked({ start, end }: Period, now: Instant): Instant {
  if (end < now) return end - 1;
  const step = now - (now % STEP);
  return Math.min(end - 1, step > start ? step : now);
}

/** How old the data is of a range that was cut at now. */
export function cutAt({ start, end }: Period, now: Instant): { refreshed?: Instant } {
  if (end < now) return {};
  return { refreshed: Math.floor((lastAsked({ start, end }, now) + 1) / 1000) * 1000 };
}

/**
 * How long what Cursor tells of a day may still change. Cursor documents no time; "recent hours are incomplete and restated", and
 * clients read the last day of events and the last two days of daily rows again (Airbyte). The longer is taken for both.
 */
export const RESTATED = 2 * DAY;

/** Daily rows can't be cut finer than by UTC day. */
export function cover(period: Period, report: ReportType): Period {
  return DAILY.has(report) ? wholeDays(period) : period;
}

function after(end: string): Instant {
  const { at, dayOnly } = readInstant(end, "end_date");
  return dayOnly ? at + DAY : at + 1;
}
