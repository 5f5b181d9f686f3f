/**
 * Activity of a day is published a day or more after it has ended; to ask sooner is refused, and the refusal names the
 * latest day there is. What it says is read for its days only, never for its words.
 */
import { DAY, type Instant, isoDay, startOfDay } from "../../../usage/period.ts";
import type { Question, VendorRefusal } from "../../provider.ts";
import { readDates } from "../dates.ts";

/** How far publication has been seen to lag. */
export const MOST_BACK = 4;
/** A day named by a refusal that lies further back is no latest day, but the first there ever was. */
const NEAR = 31 * DAY;

/** The last day that can have been published. */
export function yesterday(now: Instant): Instant {
  return startOfDay(now) - DAY;
}

/** No dates were given: the latest day is wanted, whichever it is. */
export function wantsLatest({ dates, period, now }: Question): boolean {
  if (Object.values(dates).some((date) => date !== undefined)) return false;
  const usual = readDates({}, { now, days: 1, daysOnly: true });
  return period.start === usual.start && period.end === usual.end;
}

/** The newest day in a refusal's words that lies shortly before another. */
export function namedBefore(words: string, before: Instant): Instant | undefined {
  const days = [...words.matchAll(/\d{4}-\d{2}-\d{2}/g)].map(([day]) => Date.parse(day));
  const earlier = days.filter((day) => day < before && day >= before - NEAR);
  return earlier.length > 0 ? Math.max(...earlier) : undefined;
}

/** Whether a refusal can mean that a day is too recent, rather than that the question is wrong. */
export function meansTooRecent({ status, words }: VendorRefusal, day: Instant, now: Instant): boolean {
  if (status !== 400 || day < startOfDay(now) - (MOST_BACK + 1) * DAY) return false;
  return namedBefore(words, day) !== undefined || /\b(?:dates?|days?|recent|published|future|lag)\b/i.test(words);
}

/** Where no day is named, the vendor's own words are passed on: they may mean something else. */
export function tooRecent(named: Instant | undefined, from: Instant, words = ""): string {
  return named === undefined
    ? `Claude has not published activity of ${isoDay(from)} and later yet.${words && ` It says: ${words}`}`
    : `The latest day that Claude has published is ${isoDay(named)}: nothing is here from ${isoDay(from)} on.`;
}
