import type { Day } from "./calendar.ts";
import { parseDay, weekday } from "./calendar.ts";

/** No vendor has anything from before this day. */
export const HISTORY_START: Day = knownDay("2025-07-01");

/**
 * The one incident: a reprocessing job that ran away and read the telemetry topics over and over. It shows wherever
 * records flow (Kafka network, connectors) and wherever they are watched (custom metrics, logs).
 */
export const INCIDENT = {
  first: knownDay("2026-10-13"),
  last: knownDay("2026-10-15"),
  /** Percent of a series' peak reached on each day. */
  course: [60, 100, 45],
} as const;

/**
 * - `constant`: capacity bought by the hour, the same every day.
 * - `steady`: grows with the company, works at weekends too.
 * - `working_week`: grows, and drops when people go home.
 */
export type Rhythm = "constant" | "steady" | "working_week";

export interface Series {
  readonly name: string;
  readonly rhythm: Rhythm;
  /** How many times its usual volume the series reaches at the incident's height; absent: untouched by it. */
  readonly peak?: number | undefined;
}

/** Percent of a usual day, from Sunday. */
const WEEK = [54, 103, 106, 107, 105, 99, 58] as const;

const MILLION = 1_000_000;

/**
 * How much of its base volume a series has on a day, in parts per million. Depends on the series' name and the
 * date only, so what was once answered for a day is answered for ever.
 */
export function volume(series: Series, day: Day): number {
  if (series.rhythm === "constant") return MILLION;
  const growth = MILLION + 1_000 * (day - HISTORY_START); // three percent of the first month's volume, a month
  const week = series.rhythm === "working_week" ? (WEEK[weekday(day)] ?? 100) : 100;
  const noise = 970_000 + (hash(`${series.name}@${day}`) % 60_001);
  const usual = Math.round((Math.round((growth * week) / 100) * noise) / MILLION);
  return usual + Math.round((usual * incident(series, day)) / 100);
}

/** What the incident adds, in percent of the usual volume. */
function incident(series: Series, day: Day): number {
  const course = INCIDENT.course[day - INCIDENT.first];
  return series.peak === undefined || course === undefined ? 0 : Math.round((series.peak - 1) * course);
}

/** FNV-1a, then a finalizer so that names that differ in one letter land far apart. Unsigned, 32 bits. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function knownDay(text: string): Day {
  const day = parseDay(text);
  if (day === undefined) throw new Error(`Not a day: ${text}`);
  return day;
}
