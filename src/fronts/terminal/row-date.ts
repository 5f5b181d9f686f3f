import { addMonths, DAY, iso, isoDay, isoMonth, startOfDay, startOfMonth } from "../../usage/period.ts";

/** When a row happened, as short as it can be said: `2026-10` for a month, `2026-10-01` for a day, else both ends. UTC. */
export function rowDate(start: string | undefined, end: string | undefined): string {
  const from = instant(start);
  const to = instant(end);
  if (from === undefined) return start ?? "";
  if (to === undefined || to === from) return moment(from);
  if (startOfMonth(from) === from && addMonths(from, 1) === to) return isoMonth(from);
  if (startOfDay(from) === from && to - from === DAY) return isoDay(from);
  return `${moment(from)} - ${moment(to)}`;
}

/** A day where it is that midnight, else the second (or millisecond). */
function moment(at: number): string {
  return startOfDay(at) === at ? isoDay(at) : iso(at).replace("T", " ").replace("Z", "");
}

function instant(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
