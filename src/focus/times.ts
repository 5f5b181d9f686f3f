import { ceilMonth, iso, type Period, startOfMonth } from "../usage/period.ts";
import type { Usage } from "../usage/row.ts";

/** The periods of a charge, UTC, half-open, in whole seconds as FOCUS writes them. */
export interface ChargeTimes {
  start: string;
  end: string;
  billingStart: string;
  billingEnd: string;
}

const SECOND = 1000;

/**
 * A row's own time, and the calendar month or months that hold it: no vendor's rows say when its billing cycles begin.
 * A single request, which has no length, stands for its second.
 */
export function chargeTimes({ start_date, end_date }: Usage, covered: Period): ChargeTimes {
  const from = start_date === undefined ? covered.start : Date.parse(start_date);
  const to = end_date === undefined ? (start_date === undefined ? covered.end : from) : Date.parse(end_date);
  const start = Math.floor(from / SECOND) * SECOND;
  const end = Math.max(Math.ceil(to / SECOND) * SECOND, start + SECOND);
  return {
    start: iso(start),
    end: iso(end),
    billingStart: iso(startOfMonth(start)),
    billingEnd: iso(ceilMonth(end)),
  };
}
