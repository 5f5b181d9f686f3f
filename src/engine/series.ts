import type { Dimension } from "../providers/provider.ts";
import { DAY, type Instant, isoDay, isoMonth, isoWeek, type Period, startOfDay } from "../usage/period.ts";
import type { Cost } from "./cost-groups.ts";

/** The value of each dimension that is asked for. */
export type Key = Record<string, string>;

const NAMES = { day: isoDay, week: isoWeek, month: isoMonth } as const;
type Calendar = keyof typeof NAMES;

export const HOLES = "There are too many series to fill them: days, weeks or months without anything are left out.";

/** More groups than an answer may hold are not made up to fill a series. */
const MOST_FILLED = 1000;

/** The calendar dimensions among those asked for. */
export function calendarOf(by: readonly Dimension[]): Calendar[] {
  return by.filter((dimension): dimension is Calendar => dimension in NAMES);
}

/** Every bucket of a period up to an instant, in order: what its calendar dimensions are called. */
function bucketsOf(by: readonly Dimension[], { start, end }: Period, until: Instant): Key[] {
  const calendar = calendarOf(by);
  const buckets = new Map<string, Key>();
  if (calendar.length === 0) return [];
  for (let day = startOfDay(start); day < Math.min(end, until); day += DAY) {
    const bucket = Object.fromEntries(calendar.map((dimension) => [dimension, NAMES[dimension](day)]));
    buckets.set(JSON.stringify(bucket), bucket);
  }
  return [...buckets.values()];
}

/** Gives a group of the compared period its place in this one: the third day stands beside the third day. */
export function aligner(by: readonly Dimension[], period: Period, before: Period): (key: Key) => Key {
  const own = bucketsOf(by, period, Number.POSITIVE_INFINITY);
  const calendar = calendarOf(by);
  const idOf = (key: Key) => JSON.stringify(calendar.map((dimension) => key[dimension]));
  const earlier = bucketsOf(by, before, Number.POSITIVE_INFINITY);
  const twins = new Map(earlier.flatMap((bucket, index) => (own[index] ? [[idOf(bucket), own[index]] as const] : [])));
  return (key) => ({ ...key, ...twins.get(idOf(key)) });
}

/**
 * The keys that series lack: each bucket of the period that has begun and that a series has no group for.
 * @param keys by series (all that groups are told apart by besides time), the keys of its groups
 * @returns undefined when they would be too many
 */
export function missingKeys(
  keys: ReadonlyMap<string, readonly Key[]>,
  by: readonly Dimension[],
  period: Period,
  now: Instant,
): ReadonlyMap<string, readonly Key[]> | undefined {
  const buckets = bucketsOf(by, period, now);
  if (keys.size * buckets.length > MOST_FILLED) return undefined;
  const calendar = calendarOf(by);
  const idOf = (key: Key) => JSON.stringify(calendar.map((dimension) => key[dimension]));
  return new Map(
    [...keys].map(([series, present]) => {
      const known = new Set(present.map(idOf));
      const [like = {}] = present;
      return [series, buckets.filter((bucket) => !known.has(idOf(bucket))).map((bucket) => ({ ...like, ...bucket }))];
    }),
  );
}

/** Whether a group only fills a series. A part of a row may have money, but no row of its own. */
export function isEmpty({ rows, net, gross }: Pick<Cost, "rows" | "net" | "gross">): boolean {
  return rows === 0 && net.isZero() && gross.isZero();
}
