import { HttpResponse, http } from "msw";
import { USUAL_CACHE } from "../../../src/cache/config.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { edge, engineOf, type Item, json, payload } from "../edge.ts";

/** Cursor's edge as the tests see it. */

export const KEY = "crsr_s3cret";
const CURSOR_ACCOUNT = { id: "cursor", provider: "cursor", credentials: { api_key: KEY } } as const;
const HOST = "https://api.cursor.com";

/** One request as it came: the query's and the body's members. */
export interface Asked {
  path: string;
  query: Record<string, string>;
  body: Item;
  headers: Headers;
}

export type Answer = (asked: Asked) => Response;

/** The team of the tests, present unless a test says otherwise. */
export const MEMBERS = {
  teamMembers: [
    { id: "user_alex", name: "Alex", email: "developer@company.com", role: "member", isRemoved: false },
    { id: "user_sam", name: "Sam", email: "Admin@Company.com", role: "owner", isRemoved: false },
  ],
};

/** Serves paths, and the members; keeps what else was asked, in order. A path that is not given is refused as not there. */
export function cursorAnswers(routes: Record<string, Answer>): Asked[] {
  const asked: Asked[] = [];
  edge.use(
    http.all(`${HOST}/*`, async ({ request }) => {
      const { pathname: path, searchParams } = new URL(request.url);
      const text = await request.text();
      const call = {
        path,
        query: Object.fromEntries(searchParams),
        body: text === "" ? {} : JSON.parse(text),
        headers: request.headers,
      };
      const route = routes[`${request.method} ${path}`];
      if (path !== "/teams/members") asked.push(call);
      if (route) return route(call);
      return path === "/teams/members" ? json(MEMBERS) : new HttpResponse(null, { status: 404 });
    }),
  );
  return asked;
}

export const EVENTS = "POST /teams/filtered-usage-events";
export const DAILY = "POST /teams/daily-usage-data";
export const SPEND = "POST /teams/spend";

/**
 * Cursor's answer to a question of events: those of the inclusive range, newest first, the page that was asked for.
 * @param most events a page, where that is fewer than asked for
 */
export function eventsOf(all: () => readonly Item[], most = 1000): Answer {
  return ({ body }) => {
    const number = (name: string): number => {
      const value = body[name];
      if (typeof value !== "number") throw new Error(`${name} is no number`);
      return value;
    };
    const [start, end, page] = [number("startDate"), number("endDate"), number("page")];
    const size = Math.min(number("pageSize"), most);
    const found = all()
      .filter(({ timestamp }) => Number(timestamp) >= start && Number(timestamp) <= end)
      .filter(({ userEmail }) => body["email"] === undefined || userEmail === body["email"])
      .sort((a, b) => Number(b["timestamp"]) - Number(a["timestamp"]));
    const numPages = Math.ceil(found.length / size);
    return json({
      totalUsageEventsCount: found.length,
      pagination: {
        numPages,
        currentPage: page,
        pageSize: size,
        hasNextPage: page < numPages,
        hasPreviousPage: page > 1,
      },
      usageEvents: found.slice((page - 1) * size, page * size),
      period: { startDate: start, endDate: end },
    });
  };
}

/** One page of events, the last. */
export function eventsPage(...usageEvents: readonly unknown[]): Answer {
  return () =>
    json({
      totalUsageEventsCount: usageEvents.length,
      pagination: { numPages: 1, currentPage: 1, pageSize: 1000, hasNextPage: false, hasPreviousPage: false },
      usageEvents,
    });
}

/** One page of daily rows, the last. */
export function dailyPage(...data: readonly unknown[]): Answer {
  return () =>
    json({ data, pagination: { page: 1, pageSize: 1000, totalUsers: 1, totalPages: 1, hasNextPage: false } });
}

/** A usage-based event of 2026-11-20T10:00:00Z, 1.50 dollars. */
export function event(fields: Item = {}): Item {
  return {
    timestamp: String(Date.UTC(2026, 10, 20, 10)),
    userEmail: "developer@company.com",
    model: "claude-4.5-sonnet",
    kind: "Usage-based",
    maxMode: false,
    requestsCosts: 1,
    isTokenBasedCall: true,
    isChargeable: true,
    isHeadless: false,
    chargedCents: 150,
    ...fields,
  };
}

export function usd(type: string, amount: number) {
  return { type, amount, currency: "USD" };
}

export function stored(name: string): Item {
  return JSON.parse(payload(`cursor/${name}.json`));
}

/** An engine that keeps answers as a real one does. */
export function keepingEngine(clock: () => number): Engine {
  return engineOf([CURSOR_ACCOUNT], { clock, cache: USUAL_CACHE });
}

export function cursorEngine(now?: number): Engine {
  return engineOf([CURSOR_ACCOUNT], now === undefined ? {} : { now });
}
