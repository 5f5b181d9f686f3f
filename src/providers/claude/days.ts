import * as z from "zod";
import { DAY, type Instant, isoDay, startOfDay } from "../../usage/period.ts";
import type { Question } from "../provider.ts";

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
export function following(
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
export function dayBounds(day: string): { start: Instant; end: Instant } {
  const start = Date.parse(day);
  return { start, end: start + DAY };
}
