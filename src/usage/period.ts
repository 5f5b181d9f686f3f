import { badParameter } from "../errors.ts";
import { shown } from "../suggest.ts";

/** Milliseconds since 1970, UTC. */
export type Instant = number;

/** Half-open: `start` belongs to it, `end` does not. */
export interface Period {
  start: Instant;
  end: Instant;
}

export const DAY = 86_400_000;
const EARLIEST_YEAR = 2000;
const LATEST_YEAR = 2100;

const SPELLING =
  /^(\d{4,})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/;

export interface ReadInstant {
  at: Instant;
  /** It was given as a day, without a time. */
  dayOnly: boolean;
}

/**
 * Reads `YYYY-MM-DD` (that midnight) or an RFC 3339 date-time; without a zone it is UTC.
 * @throws UsageError (question) naming the parameter: not a date, a day that does not exist, a year out of range
 */
export function readInstant(text: string, parameter: string): ReadInstant {
  const match = SPELLING.exec(text.trim());
  if (!match)
    throw badParameter(
      parameter,
      `${shown(text)} is not a date; use YYYY-MM-DD or RFC 3339, e.g. 2026-10-01 or 2026-10-01T00:00:00Z.`,
    );
  const [, year = "", month = "", day = "", hour, minute = "00", second = "00", fraction = "", zone = "Z"] = match;
  const y = Number(year);
  if (y < EARLIEST_YEAR || y > LATEST_YEAR) {
    throw badParameter(
      parameter,
      `the year ${year.slice(0, 12)} in ${shown(text)} is outside ${EARLIEST_YEAR}-${LATEST_YEAR}.`,
    );
  }
  const midnight = Date.UTC(y, Number(month) - 1, Number(day));
  if (new Date(midnight).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) {
    throw badParameter(parameter, `${shown(text)} does not exist in the calendar.`);
  }
  if (hour === undefined) return { at: midnight, dayOnly: true };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw badParameter(parameter, `${shown(text)} has no such time of day.`);
  const millis = Number(fraction.padEnd(3, "0").slice(0, 3));
  const clock = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + millis;
  return { at: midnight + clock - offset(zone, text, parameter), dayOnly: false };
}

function offset(zone: string, text: string, parameter: string): number {
  if (zone === "Z" || zone === "z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) throw badParameter(parameter, `${shown(text)} has no such zone offset.`);
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** `2026-10-01T00:00:00Z`; milliseconds only when there are any. */
export function iso(at: Instant): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** `2026-10-01`, UTC. */
export function isoDay(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** `2026-10`, UTC. */
export function isoMonth(at: Instant): string {
  return new Date(at).toISOString().slice(0, 7);
}

export function startOfDay(at: Instant): Instant {
  return at - (((at % DAY) + DAY) % DAY);
}

/** The first midnight at or after `at`: a time of day belongs to a day that is wanted whole. */
export function ceilDay(at: Instant): Instant {
  return startOfDay(at + DAY - 1);
}

/** The whole UTC days that a period touches. */
export function wholeDays({ start, end }: Period): Period {
  return { start: startOfDay(start), end: ceilDay(end) };
}

export function startOfMonth(at: Instant): Instant {
  return addMonths(at, 0);
}

/** The first instant of the month `months` after the month of `at`. */
export function addMonths(at: Instant, months: number): Instant {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

/** The first instant of the month that begins at or after `at`. */
export function ceilMonth(at: Instant): Instant {
  const floor = startOfMonth(at);
  return floor === at ? at : addMonths(at, 1);
}

/** The period cut at each first of a month; every piece is at most 31 days. */
export function splitMonths(period: Period): Period[] {
  const pieces: Period[] = [];
  for (let start = period.start; start < period.end; ) {
    const end = Math.min(addMonths(start, 1), period.end);
    pieces.push({ start, end });
    start = end;
  }
  return pieces;
}

/** The first piece of a period, of so many days at the most, counted from its start. Undefined when nothing is left. */
export function firstDays(period: Period, days: number): Period | undefined {
  if (period.start >= period.end) return undefined;
  return { start: period.start, end: Math.min(period.start + days * DAY, period.end) };
}

export function writePeriod(period: Period): { start_date: string; end_date: string } {
  return { start_date: iso(period.start), end_date: iso(period.end) };
}

/** `2026-W42`, the ISO 8601 week (Monday to Sunday) that holds the day. */
export function isoWeek(at: Instant): string {
  const day = startOfDay(at);
  const thursday = day + (3 - ((new Date(day).getUTCDay() + 6) % 7)) * DAY;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY));
  return `${year}-W${String(week).padStart(2, "0")}`;
}
