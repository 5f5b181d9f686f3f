import * as z from "zod";
import { DAY, firstDays, iso, type Period } from "../../usage/period.ts";
import type { Question } from "../provider.ts";
import { bucketsOf, WINDOW_DAYS } from "./periods.ts";

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
