import type { Day, Month } from "./calendar.ts";
import { dayOf, monthOf, parseDay } from "./calendar.ts";

/** `YYYY-MM`, or an RFC3339 instant as the vendor's own clients send it (its month in UTC). */
export function readMonth(text: string | null): Month | undefined {
  if (text === null) return undefined;
  const day = /^\d{4}-\d{2}$/.test(text) ? parseDay(`${text}-01`) : readInstant(text);
  return day === undefined ? undefined : monthOf(day);
}

/** `YYYY-MM-DD`, or an RFC3339 instant (its day in UTC). */
export function readDay(text: string | null): Day | undefined {
  return text === null ? undefined : (parseDay(text) ?? readInstant(text));
}

function readInstant(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : dayOf(date);
}
