import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import type { CacheConfig } from "../../src/cache/config.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { ListAnswer } from "../../src/engine/list-answer.ts";
import { SILENT } from "../../src/log.ts";
import { CursorCodec } from "../../src/usage/cursor.ts";
import type { Query } from "../../src/usage/query.ts";

/**
 * The network's edge as the tests see it: what vendors are made to answer, and what they were asked. Everything between a
 * question and that edge is the real thing.
 */
export const edge = setupServer();
const unexpected: string[] = [];

/** Call once in a test file. A request that no test prepared for fails its test, even where the engine would live without it. */
export function guardTheEdge(): void {
  edge.events.on("request:unhandled", ({ request }) => {
    unexpected.push(request.url);
  });
  beforeAll(() => edge.listen({ onUnhandledRequest: "error" }));
  afterEach(() => {
    edge.resetHandlers();
    expect(unexpected.splice(0), "requests that nobody prepared for").toEqual([]);
  });
  afterAll(() => edge.close());
}

export type Reply = (url: URL, request: Request) => Response | Promise<Response>;

/** A body as text, so that its digits are the vendor's own. */
export function reply(text: string, status = 200, headers: Record<string, string> = {}): Response {
  return new HttpResponse(text, { status, headers: { "content-type": "application/json", ...headers } });
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return reply(JSON.stringify(value), status, headers);
}

/** The text of a stored payload. */
export function payload(name: string): string {
  return readFileSync(new URL(`../payloads/${name}`, import.meta.url), "utf8");
}

/** The response of a recorded exchange. */
export function recorded(name: string): Response {
  const { interactions } = JSON.parse(payload(`datadog/recorded-${name}.json`));
  const { status, headers, body_json } = interactions[0].response;
  return json(body_json, status.code, { "content-type": headers["content-type"][0] });
}

/** Serves one path of a host and keeps what was asked of it, as path and query, in order. */
export function serve(host: string, path: string, answer: Reply): string[] {
  const asked: string[] = [];
  edge.use(
    http.get(`${host}${path}`, ({ request }) => {
      const url = new URL(request.url);
      asked.push(`${url.pathname}${url.search}`);
      return answer(url, request);
    }),
  );
  return asked;
}

const DATADOG = "https://api.datadoghq.com";
const CONFLUENT = "https://api.confluent.cloud";

export interface DatadogCalls {
  historical: string[];
  estimated: string[];
  mapping: string[];
}

/** Datadog's three endpoints. One that is not given must not be asked, except for the labels, which are empty then. */
export function datadogAnswers(replies: { historical?: Reply; estimated?: Reply; mapping?: Reply }): DatadogCalls {
  const { historical, estimated, mapping = () => json({ data: [] }) } = replies;
  return {
    historical: historical ? serve(DATADOG, "/api/v2/usage/historical_cost", historical) : [],
    estimated: estimated ? serve(DATADOG, "/api/v2/usage/estimated_cost", estimated) : [],
    mapping: serve(DATADOG, "/api/v2/usage/billing_dimension_mapping", mapping),
  };
}

export function confluentAnswers(answer: Reply): string[] {
  return serve(CONFLUENT, "/billing/v1/costs", answer);
}

/** A Confluent cost list of lines. */
export function costList(lines: readonly unknown[], next?: string): Response {
  return json({ api_version: "billing/v1", kind: "CostList", metadata: next ? { next } : {}, data: lines });
}

/** A Datadog month of one organization. */
export function costByOrg(
  attributes: { date: string; public_id?: string; org_name?: string; [name: string]: unknown },
  id = "5d17",
): unknown {
  return { type: "cost_by_org", id, attributes: { public_id: "org1", org_name: "Org One", ...attributes } };
}

export const SECRETS = ["dd-key-s3cret", "dd-app-s3cret", "cc-key-s3cret", "cc-secret-s3cret"] as const;

export const DATADOG_ACCOUNT = {
  id: "datadog",
  provider: "datadog",
  credentials: { api_key: SECRETS[0], application_key: SECRETS[1] },
} as const;

export const CONFLUENT_ACCOUNT = {
  id: "confluent",
  provider: "confluent",
  credentials: { api_key: SECRETS[2], api_secret: SECRETS[3] },
} as const;

/** Every question goes to the vendor. */
export const NOTHING_KEPT: CacheConfig = { memoryMb: 0, openSeconds: 0 };

/** A Sunday in the month N = 2026-11. */
export const NOW = Date.UTC(2026, 10, 22, 12);

export function cursorCodec(key = "cursor key of the tests"): CursorCodec {
  return new CursorCodec((account) => createHmac("sha256", key).update(account).digest());
}

export function engineOf(
  accounts: readonly unknown[] = [DATADOG_ACCOUNT],
  options: {
    now?: number;
    clock?: () => number;
    cursors?: CursorCodec;
    cache?: CacheConfig;
    pace?: { second: number };
  } = {},
): Engine {
  // What is served changes from call to call: nothing is kept, unless a test is about that.
  const { now = NOW, clock = () => now, cursors = cursorCodec(), cache = NOTHING_KEPT, pace = { second: 0 } } = options;
  return new Engine({
    accounts: readConfig({ accounts }, "test", {}),
    cursors,
    clock,
    log: SILENT,
    cache,
    pace,
  });
}

export function confluentEngine(now = NOW): Engine {
  return engineOf([CONFLUENT_ACCOUNT], { now });
}

export function call(signal = new AbortController().signal) {
  return { signal };
}

/** list_usage without a budget: whole answers, so that rows can be compared one by one. */
export async function list(
  engine: Engine,
  query: Query = {},
  options: { budget?: number; withRemoteData?: boolean } = {},
): Promise<ListAnswer> {
  const { budget = Number.POSITIVE_INFINITY, withRemoteData = false } = options;
  return engine.listUsage(query, call(), { budget, withRemoteData });
}

/** As {@link list}, by a caller who has only so many milliseconds. */
export function listWithin(milliseconds: number, engine: Engine, query: Query): Promise<ListAnswer> {
  const hurried = { ...call(), deadline: performance.now() + milliseconds };
  return engine.listUsage(query, hurried, { budget: Number.POSITIVE_INFINITY, withRemoteData: false });
}

export type Item = Record<string, unknown>;

export function rowsOf(answer: ListAnswer): Item[] {
  if (!Array.isArray(answer.result)) throw new Error("the result is not a list");
  return answer.result;
}

export function idsOf(answer: ListAnswer): unknown[] {
  return rowsOf(answer).map((row) => row["id"]);
}

/** The error of a call that must fail. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it should have failed");
}
