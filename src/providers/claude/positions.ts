/** Where a listing stands: at a page of a day, or of a window of days. Positions travel in cursors and are read again. */
import * as z from "zod";
import { DAY, firstDays, type Instant, iso, isoDay, type Period, startOfDay } from "../../usage/period.ts";
import type { Question } from "../provider.ts";
import { bucketsOf, WINDOW_DAYS } from "./dates.ts";

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
});
export type Window = z.infer<typeof windowSchema>;

/** Undefined when the period lies ahead. */
export function firstWindow(question: Question, limit: number, days = WINDOW_DAYS): Window | undefined {
  return window(bucketsOf(question), limit, days);
}

/** The same window's next page, or the next window's first; undefined at the end of the period. */
export function nextWindow(
  question: Question,
  at: Window,
  page: string | undefined,
  days = WINDOW_DAYS,
): { next?: Window } {
  if (page !== undefined) return { next: { ...at, page } };
  const next = window({ start: Date.parse(at.end), end: bucketsOf(question).end }, at.limit, days);
  return next ? { next } : {};
}

/** The whole period fits in one window: nothing is split over requests but pages. */
export function isOneWindow(question: Question, days = WINDOW_DAYS): boolean {
  const { start, end } = bucketsOf(question);
  return end - start <= days * DAY;
}

function window(period: Period, limit: number, days: number): Window | undefined {
  const piece = firstDays(period, days);
  return piece && { start: iso(piece.start), end: iso(piece.end), limit };
}
