import { badParameter } from "../errors.ts";
import { DAY, type Period, readInstant, startOfDay } from "../usage/period.ts";
import type { RequestedDates } from "./provider.ts";

/**
 * The UTC day of `date`; undefined when it is not given.
 * @throws UsageError (question): no date, or start_date or end_date beside it
 */
export function oneDay({ date, start_date, end_date }: RequestedDates): Period | undefined {
  if (date === undefined) return undefined;
  if (start_date !== undefined || end_date !== undefined)
    throw badParameter("date", "give either date or start_date/end_date, not both.");
  const start = startOfDay(readInstant(date, "date").at);
  return { start, end: start + DAY };
}
