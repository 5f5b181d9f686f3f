import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { billing, type Line, threeMonths } from "../../engine/confluent-lines.ts";
import { type Loopback, SECRETS, startLoopback } from "../../vendor-http/loopback.ts";

/** Vendors on loopback, whose answers a test can hold back, break and count. */

export interface Vendor extends Loopback {
  /** What a config file says of its account. */
  account: Record<string, unknown>;
}

export type Answer = (url: URL, response: ServerResponse) => Response | undefined | Promise<Response | undefined>;

/** @param answer undefined: it has seen to the response itself, or leaves the client waiting */
export async function startConfluent(answer: Answer, id = "confluent"): Promise<Vendor> {
  const loopback = await startLoopback((response, request) => void reply(answer, request, response));
  const account = { id, provider: "confluent", base_url: loopback.url, credentials: SECRETS.confluent };
  return Object.assign(loopback, { account });
}

async function reply(answer: Answer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answered = await answer(new URL(request.url ?? "/", "http://vendor"), response);
  if (!answered) return;
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(await answered.text());
}

/** 150 cost lines, a month of which is a page: September, October and November. */
export const AUTUMN = { start_date: "2026-09-01", end_date: "2026-12-01" };
export const lines: readonly Line[] = threeMonths();

/** A month of the billing, `YYYY-MM`, as it was asked for. */
export function monthOf(url: URL): string {
  return url.searchParams.get("start_date")?.slice(0, 7) ?? "";
}

export const costs: (url: URL) => Response = billing(() => lines, 30);

/** How many lines the billing has of a month. */
export function linesOf(month: string): number {
  return lines.filter(({ start_date }) => start_date.startsWith(month)).length;
}

export function gate(): { opened: Promise<void>; open(): void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/**
 * A Cursor team with that many events in October 2026, by vendor pages of 1000; every page is made when it is asked for.
 * @param refuses which of its answers are refusals, counted from 1
 */
export async function startCursor(events: number, refuses = (_page: number) => false): Promise<Vendor> {
  let pages = 0;
  const loopback = await startLoopback((response, request) => {
    if (request.method === "POST" && refuses(++pages)) response.writeHead(403).end("{}");
    else void replyWithEvents(events, request, response);
  });
  const account = {
    id: "cursor",
    provider: "cursor",
    base_url: loopback.url,
    calls_per_minute: 1_000_000,
    credentials: { api_key: "crsr-s3cret" },
  };
  return Object.assign(loopback, { account });
}

const LAST = Date.UTC(2026, 9, 28);
const APART = 10_000;

const asked = z.object({
  page: z.number().default(1),
  pageSize: z.number().default(1000),
  startDate: z.number().default(0),
  endDate: z.number().default(LAST),
});

async function replyWithEvents(events: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  const { page, pageSize, startDate, endDate } = asked.parse(body === "" ? {} : JSON.parse(body));
  const newest = Math.max(0, Math.ceil((LAST - endDate) / APART));
  const count = Math.max(0, Math.min(events - 1, Math.floor((LAST - startDate) / APART)) - newest + 1);
  const numPages = Math.ceil(count / pageSize);
  const from = (page - 1) * pageSize;
  const answer =
    request.url === "/teams/members"
      ? { teamMembers: [] }
      : {
          totalUsageEventsCount: count,
          pagination: {
            numPages,
            currentPage: page,
            pageSize,
            hasNextPage: page < numPages,
            hasPreviousPage: page > 1,
          },
          usageEvents: Array.from({ length: Math.max(0, Math.min(pageSize, count - from)) }, (_, index) =>
            eventOf(newest + from + index),
          ),
        };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(answer));
}

/** The newest first, ten seconds apart. */
function eventOf(number: number): Record<string, unknown> {
  return {
    timestamp: String(LAST - number * APART),
    userEmail: `person-${number % 100}@tidewater-robotics.example`,
    model: "claude-4.5-sonnet",
    kind: "Usage-based",
    maxMode: false,
    requestsCosts: 1,
    isTokenBasedCall: true,
    isChargeable: true,
    isHeadless: false,
    tokenUsage: {
      inputTokens: 1000 + (number % 7),
      outputTokens: 200,
      cacheWriteTokens: 0,
      cacheReadTokens: 50,
      totalCents: 1.5,
    },
    chargedCents: 1.5,
  };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
