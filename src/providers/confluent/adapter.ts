import * as z from "zod";
import { badParameter } from "../../errors.ts";
import {
  addMonths,
  ceilDay,
  type Instant,
  isoDay,
  type Period,
  readInstant,
  splitMonths,
  startOfDay,
  startOfMonth,
} from "../../usage/period.ts";
import type { VendorRequest } from "../../vendor-http/connection.ts";
import { oneDay } from "../dates.ts";
import type { Adapter, Asked, Page, Question, RequestedDates } from "../provider.ts";
import { mapLines } from "./map.ts";
import { support } from "./support.ts";
import { COSTS, connect, earliestDay, linesOnce, nextToken, PAGE_SIZE, RESTATED } from "./wire.ts";

/**
 * A window `[start, end)` of days within one month: the vendor takes 31 days at the most. A window is one page, however
 * many tokens it takes to read, since the ids of its lines depend on each other.
 */
const positionSchema = z.object({ start: z.string(), end: z.string() });
type Position = z.infer<typeof positionSchema>;

export const confluent: Adapter<Position> = {
  support,
  connect,
  reserved: { start_date: "use the parameter start_date", end_date: "use the parameter end_date" },

  readPeriod(dates: RequestedDates, { now }: Asked): Period {
    const day = oneDay(dates);
    if (day) return day;
    const start =
      dates.start_date === undefined ? startOfMonth(now) : startOfDay(readInstant(dates.start_date, "start_date").at);
    const end =
      dates.end_date === undefined ? addMonths(start, 1) : ceilDay(readInstant(dates.end_date, "end_date").at);
    if (end <= start) {
      const from =
        dates.start_date ?? `${isoDay(start)}, the first of the current month, since start_date is not given`;
      throw badParameter("end_date", `${dates.end_date} is exclusive and must lie after start_date (${from}).`);
    }
    return { start, end };
  },

  cover({ start, end }: Period, { now }: Asked): Period {
    const last = ceilDay(end);
    return { start: Math.min(Math.max(startOfDay(start), earliestDay(now)), last), end: last };
  },

  first({ period, now, remoteQuery }: Question): Position | undefined {
    const windows = splitMonths(period);
    if (windows.length > 1 && remoteQuery.some(([name]) => name === "page_token")) {
      throw badParameter(
        "remote_query.page_token",
        "a page token belongs to one month; ask for a range within a month, or use cursor.",
      );
    }
    return period.start > now ? undefined : position(windows[0]);
  },

  request({ remoteQuery }: Question, at: Position) {
    const { start, end } = positionSchema.parse(at);
    const size = remoteQuery.some(([name]) => name === "page_size") ? [] : [["page_size", PAGE_SIZE] as const];
    return { method: "GET", path: COSTS, query: [["start_date", start], ["end_date", end], ...size, ...remoteQuery] };
  },

  /** The same days and size again, with the next page's token. */
  more(question: Question, at: Position, answer): VendorRequest | undefined {
    const token = nextToken(answer);
    if (token === undefined) return undefined;
    const { query, ...request } = this.request(question, at);
    return { ...request, query: [...(query ?? []).filter(([name]) => name !== "page_token"), ["page_token", token]] };
  },

  read({ period, now }: Question, at: Position, answers): Page<Position> {
    const { lines: sent, again } = linesOnce(answers);
    const lines = mapLines(sent);
    const following = splitMonths({ start: Date.parse(at.end), end: period.end })[0];
    const next = following && following.start <= now ? position(following) : undefined;
    const unpriced = lines.filter(({ row }) => row.charges === undefined).length;
    const warnings = [
      ...(unpriced > 0 ? [`${unpriced} lines from ${at.start} on came without any amount; no total holds them.`] : []),
      ...(again > 0 ? [`Confluent sent ${again} lines from ${at.start} on again; others may be missing here.`] : []),
    ];
    return {
      entries: lines.map(({ item, row }) => ({ item, rows: [row] })),
      ...(next ? { next } : {}),
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(again > 0 ? { moved: true } : {}),
    };
  },

  settles({ remoteQuery }: Question, { end }: Position): Instant | undefined {
    // What the caller's own parameters look at, and how long that may change, only the caller knows.
    return remoteQuery.length > 0 ? undefined : Date.parse(end) + RESTATED;
  },
};

function position(window: Period | undefined): Position | undefined {
  return window && { start: isoDay(window.start), end: isoDay(window.end) };
}
