import { badParameter } from "../errors.ts";
import { didYouMean, shown } from "../suggest.ts";
import { addMonths, DAY, type Instant, isoDay, type Period, readInstant, startOfDay, startOfMonth } from "./period.ts";

/** The periods of summaries: half-open for every vendor, whatever its own list endpoints mean by an end date. */
const NAMES = ["this_month", "last_month", "last_7_days", "last_30_days"] as const;
const EARLIER = ["previous_period", "previous_year"] as const;

export interface PeriodRequest {
  period?: string | undefined;
  start_date?: string | undefined;
  end_date?: string | undefined;
}

/**
 * `period` (a name, a month `2026-10`, a quarter `2026-Q3`, a year `2026`, a range `2026-10-01/2026-10-15`), or
 * `start_date`/`end_date` (end exclusive), or the running month. "last N days" are the N whole days before today.
 * @throws UsageError (question)
 */
export function readPeriod(request: PeriodRequest, now: Instant, usual = "this_month"): Period {
  const { period, start_date, end_date } = request;
  if (period !== undefined && (start_date !== undefined || end_date !== undefined)) {
    throw badParameter("period", "give either period or start_date/end_date, not both.");
  }
  if (start_date !== undefined || end_date !== undefined) return between(start_date, end_date, now);
  return named(period ?? usual, now, "period");
}

function between(startDate: string | undefined, endDate: string | undefined, now: Instant): Period {
  if (startDate === undefined)
    throw badParameter("start_date", "is missing; end_date alone does not say where to begin.");
  const start = readInstant(startDate, "start_date").at;
  const end = endDate === undefined ? startOfDay(now) + DAY : readInstant(endDate, "end_date").at;
  if (end <= start) {
    const why =
      endDate === undefined
        ? "it is in the future; add an end_date"
        : `end_date ${endDate} is exclusive and must be later`;
    throw badParameter(
      endDate === undefined ? "start_date" : "end_date",
      `the period from ${startDate} holds no time: ${why}.`,
    );
  }
  return { start, end };
}

function named(name: string, now: Instant, parameter: string): Period {
  const today = startOfDay(now);
  switch (name) {
    case "this_month":
      return months(now, 0, 1);
    case "last_month":
      return months(now, -1, 1);
    case "last_7_days":
      return { start: today - 7 * DAY, end: today };
    case "last_30_days":
      return { start: today - 30 * DAY, end: today };
    default:
      return name.includes("/") ? range(name, parameter) : calendar(name, parameter);
  }
}

/** An ISO 8601 interval, its end exclusive. */
function range(text: string, parameter: string): Period {
  const [from = "", to = "", ...more] = text.split("/");
  const [start, end] = [readInstant(from, parameter).at, readInstant(to, parameter).at];
  if (more.length > 0 || end <= start)
    throw badParameter(parameter, `${shown(text)} holds no time; a range is start/end, its end exclusive and later.`);
  return { start, end };
}

function calendar(name: string, parameter: string): Period {
  const match = /^(20\d{2})(?:-(?:(0[1-9]|1[0-2])|[Qq]([1-4])))?$/.exec(name);
  if (!match) {
    const names = parameter === "period" ? NAMES : [...EARLIER, ...NAMES];
    throw badParameter(
      parameter,
      `${shown(name)} is none of ${names.join(", ")}, a month (2026-10), a quarter (2026-Q3), a year (2026) or a range (2026-10-01/2026-10-15).${didYouMean(name, names)}`,
    );
  }
  const [, year = "", month, quarter] = match;
  if (month) return months(Date.UTC(Number(year), Number(month) - 1, 1), 0, 1);
  if (quarter) return months(Date.UTC(Number(year), (Number(quarter) - 1) * 3, 1), 0, 3);
  return months(Date.UTC(Number(year), 0, 1), 0, 12);
}

function months(at: Instant, from: number, count: number): Period {
  return { start: addMonths(at, from), end: addMonths(at, from + count) };
}

/**
 * What to compare a period with: `previous_period`, `previous_year`, or any period by its name.
 * @throws UsageError (question)
 */
export function readComparison(to: string, period: Period, now: Instant, parameter = "compare_to"): Period {
  return to === "previous_period" || to === "previous_year" ? comparedPeriod(period, to) : named(to, now, parameter);
}

/** How many days of a period are over, with their fraction; all of them when it is over itself. */
export function elapsedDays({ start, end }: Period, now: Instant): number {
  return Math.max(0, Math.min(end, now) - start) / DAY;
}

/**
 * The period to compare with: as many whole months before, if the period is whole months; else the same length before.
 * `previous_year`: the same dates a year earlier.
 */
export function comparedPeriod(period: Period, to: "previous_period" | "previous_year"): Period {
  if (to === "previous_year") return { start: yearBefore(period.start), end: yearBefore(period.end) };
  const whole = startOfMonth(period.start) === period.start && startOfMonth(period.end) === period.end;
  if (!whole) return { start: period.start - (period.end - period.start), end: period.start };
  return { start: addMonths(period.start, -monthsBetween(period)), end: period.start };
}

function monthsBetween({ start, end }: Period): number {
  const [from, to] = [new Date(start), new Date(end)];
  return (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
}

function yearBefore(at: Instant): Instant {
  const day = isoDay(at);
  // 29 February has no twin a year earlier; the period then starts (or ends) with 1 March.
  const twin = Date.UTC(Number(day.slice(0, 4)) - 1, Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10)));
  return twin + (at - startOfDay(at));
}
