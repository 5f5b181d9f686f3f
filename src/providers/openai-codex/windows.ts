/**
 * How a long period is asked for: piece by piece, each cut at the calendar. What is over is asked for alike whatever is asked
 * along with it, and whenever: its pages are kept; only the piece that holds today is asked for anew.
 */
import * as z from "zod";
import { addMonths, DAY, type Instant, isoDay, type Period, startOfDay } from "../../usage/period.ts";
import type { Question } from "../provider.ts";
import { seconds, untilToday } from "./dates.ts";

/**
 * UTC days, the last excluded, as they stand in a position. Positions of old have none: they are of the whole period.
 * `behind`: where the page before ended, in Unix seconds.
 */
export const windowFields = {
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  behind: z.number().optional(),
};
export interface Window {
  from?: string | undefined;
  to?: string | undefined;
}

/** Pieces that one page holds, each of so many days at the most; a period that is no longer is one piece. */
export interface Pieces {
  by: "quarter" | "month" | "week" | "day";
  days: number;
}

/** Undefined when the period lies ahead. */
export function firstWindow(question: Question, pieces: Pieces): Window | undefined {
  return windowFrom(question, question.period.start, pieces);
}

/** Undefined at the end of the period. */
export function nextWindow(question: Question, { to }: Window, pieces: Pieces): Window | undefined {
  return to === undefined ? undefined : windowFrom(question, Date.parse(to), pieces);
}

/** The stretches of the period that its pieces cover: each is asked for alike by itself. Undefined where there is but one. */
export function windowParts(question: Question, pieces: Pieces): Period[] | undefined {
  const { period } = question;
  const cuts: Instant[] = [];
  for (let at = firstWindow(question, pieces); at; ) {
    const next = nextWindow(question, at, pieces);
    if (next?.from !== undefined) cuts.push(Date.parse(next.from));
    at = next;
  }
  if (cuts.length === 0) return undefined;
  return [period.start, ...cuts].map((start, index) => ({ start, end: cuts[index] ?? period.end }));
}

function windowFrom({ period, now }: Question, start: Instant, { by, days }: Pieces): Window | undefined {
  const known = untilToday(period, now);
  if (!known || start >= known.end) return undefined;
  const whole = known.end - known.start <= days * DAY;
  return { from: isoDay(start), to: isoDay(whole ? known.end : Math.min(known.end, CUTS[by](start))) };
}

const CUTS: Readonly<Record<Pieces["by"], (at: Instant) => Instant>> = {
  quarter: (at) => addMonths(at, 3 - (new Date(at).getUTCMonth() % 3)),
  month: (at) => addMonths(at, 1),
  /** The next Monday. */
  week: (at) => startOfDay(at) + (7 - ((new Date(at).getUTCDay() + 6) % 7)) * DAY,
  day: (at) => startOfDay(at) + DAY,
};

/** What a request at a position spans. */
function spanOf({ period, now }: Question, { from, to }: Window): Period {
  const whole = untilToday(period, now) ?? period;
  return {
    start: from === undefined ? whole.start : Date.parse(from),
    end: to === undefined ? whole.end : Date.parse(to),
  };
}

/** As OpenAI takes it. */
export function bounds(question: Question, at: Window): [["start_time", string], ["end_time", string]] {
  const { start, end } = spanOf(question, at);
  return [
    ["start_time", seconds(start)],
    ["end_time", seconds(end)],
  ];
}

/**
 * When what was asked for is final: so many days behind its end. What the caller's own parameters look at, only they know.
 * @param lateDays how late data has been seen to come
 */
export function settlesAfter(question: Question, at: Window, lateDays: number): Instant | undefined {
  return question.remoteQuery.length > 0 ? undefined : spanOf(question, at).end + lateDays * DAY;
}

/** Said where a page holds again what stood on the page before. */
export const MOVED =
  "OpenAI's data changed while its pages were read: what came a second time is left out, and rows may be missing.";
