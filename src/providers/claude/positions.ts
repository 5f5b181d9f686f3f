/** Where a listing stands: at a page of a day, or of a window of days. Positions travel in cursors and are read again. */
import * as z from "zod";
import { addMonths, DAY, type Instant, iso, isoDay, type Period, startOfDay } from "../../usage/period.ts";
import type { Question } from "../provider.ts";
import { bucketsOf, WINDOW_DAYS } from "./dates.ts";
import type { Envelope } from "./wire.ts";

/** A page of a report that is asked day by day: the day, the page's size, the vendor's cursor in it. */
export const daySchema = z.object({
  day: z.string(),
  limit: z.number(),
  page: z.string().optional(),
  /** The latest day that there is was asked for: how many days had to be gone back so far. */
  back: z.number().optional(),
});
export type DayPosition = z.infer<typeof daySchema>;

/** The first day of a question; undefined when it begins behind the last one that can hold anything. */
export function firstDay({ period }: Question, limit: number, last: Instant): DayPosition | undefined {
  const day = startOfDay(period.start);
  return day > last ? undefined : { day: isoDay(day), limit };
}

/** The same day's next page, or the next day; undefined at the period's end and behind the last day. */
export function nextDay(
  { period }: Question,
  { day, limit, page: _, ...kept }: DayPosition,
  page: string | undefined,
  last: Instant,
): { next?: DayPosition } {
  if (page !== undefined) return { next: { day, limit, ...kept, page } };
  const next = Date.parse(day) + DAY;
  return kept.back !== undefined || next >= period.end || next > last ? {} : { next: { day: isoDay(next), limit } };
}

/** The bounds of a day. */
export function dayBounds(day: string): Period {
  const start = Date.parse(day);
  return { start, end: start + DAY };
}

/**
 * A page of a report: a window of the period, the page's size and the vendor's cursor in it. Cursors are bound to the whole
 * query, so bounds and size stay with them.
 */
export const windowSchema = z.object({
  start: z.string(),
  end: z.string(),
  limit: z.number(),
  page: z.string().optional(),
  /** How old the data was on the page before, as the vendor said. */
  refreshed: z.string().optional(),
});
export type Window = z.infer<typeof windowSchema>;

/** Undefined when the period lies ahead. */
export function firstWindow(question: Question, limit: number, days = WINDOW_DAYS): Window | undefined {
  return window(bucketsOf(question), bucketsOf(question).start, limit, days);
}

/** The same window's next page, or the next window's first; undefined at the end of the period. */
export function nextWindow(
  question: Question,
  at: Window,
  { next: page, refreshed }: Pick<Envelope, "next" | "refreshed">,
  days = WINDOW_DAYS,
): { next?: Window } {
  if (page !== undefined) {
    const { start, end, limit } = at;
    return { next: { start, end, limit, page, ...(refreshed === undefined ? {} : { refreshed }) } };
  }
  const next = window(bucketsOf(question), Date.parse(at.end), at.limit, days);
  return next ? { next } : {};
}

/** The stretches of the period that its windows cover: each is asked for alike by itself. Undefined where there is but one. */
export function windowParts({ period, ...question }: Question, days = WINDOW_DAYS): Period[] | undefined {
  const whole = bucketsOf({ period, ...question });
  const cuts: Instant[] = [];
  for (let start = pieceEnd(whole, whole.start, days); start < whole.end; start = pieceEnd(whole, start, days))
    cuts.push(start);
  if (cuts.length === 0) return undefined;
  return [period.start, ...cuts].map((start, index) => ({ start, end: cuts[index] ?? period.end }));
}

/** The whole period fits in one window: nothing is split over requests but pages. */
export function isOneWindow(question: Question, days = WINDOW_DAYS): boolean {
  return fits(bucketsOf(question), days);
}

function fits({ start, end }: Period, days: number): boolean {
  return end - start <= days * DAY;
}

/** The piece of a period that begins at `start`. */
function window(period: Period, start: Instant, limit: number, days: number): Window | undefined {
  if (start >= period.end) return undefined;
  return { start: iso(start), end: iso(pieceEnd(period, start, days)), limit };
}

/**
 * A period is one piece where a request may span it. A longer one is cut at each first of a month (at midnights, where a
 * request spans a day): months that are over are asked for alike, whatever is asked along with them, and so are kept.
 */
export function pieceEnd(period: Period, start: Instant, days: number): Instant {
  if (fits(period, days)) return period.end;
  return Math.min(period.end, days < WINDOW_DAYS ? startOfDay(start) + days * DAY : addMonths(start, 1));
}
