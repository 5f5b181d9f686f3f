/**
 * UTC days and months as whole numbers, so that the simulation never meets a time zone or a rounding.
 * A day is its distance from 1970-01-01; a month is year * 12 + (month - 1).
 */
export type Day = number;
export type Month = number;

const MS_PER_DAY = 86_400_000;

export function dayOf(date: Date): Day {
  return Math.floor(date.getTime() / MS_PER_DAY);
}

/** `YYYY-MM-DD`, a day that exists; undefined for anything else. */
export function parseDay(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const at = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(at)) return undefined;
  const day = at / MS_PER_DAY;
  // Engines may roll 2026-02-30 over into March.
  return dayText(day) === text ? day : undefined;
}

export function dayText(day: Day): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** 0 is Sunday. */
export function weekday(day: Day): number {
  return (((day + 4) % 7) + 7) % 7;
}

export function monthOf(day: Day): Month {
  const date = new Date(day * MS_PER_DAY);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

export function firstDay(month: Month): Day {
  return Date.UTC(Math.floor(month / 12), month % 12, 1) / MS_PER_DAY;
}

export function lastDay(month: Month): Day {
  return firstDay(month + 1) - 1;
}

export function monthText(month: Month): string {
  return dayText(firstDay(month)).slice(0, 7);
}

/** The same date a year earlier; 29 February becomes 1 March. */
export function yearBefore(day: Day): Day {
  const date = new Date(day * MS_PER_DAY);
  return Date.UTC(date.getUTCFullYear() - 1, date.getUTCMonth(), date.getUTCDate()) / MS_PER_DAY;
}
