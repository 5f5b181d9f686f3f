import { HttpResponse, http } from "msw";
import type { Account } from "../../../src/accounts/account.ts";
import { readConfig } from "../../../src/accounts/config.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { openaiCodex } from "../../../src/providers/openai-codex/adapter.ts";
import type { Directory, Page, Question } from "../../../src/providers/provider.ts";
import type { Query } from "../../../src/usage/query.ts";
import type { Usage } from "../../../src/usage/row.ts";
import type { VendorAnswer } from "../../../src/vendor-http/connection.ts";
import { edge, engineOf, type Item, json, list, NOW, payload, type Reply, rowsOf } from "../edge.ts";

export const API = "https://api.openai.com";
export const CHATGPT = "https://api.chatgpt.com";
export const WORKSPACE_ID = "3f1c9a4e-0000-4000-8000-000000000001";

export const KEYS = {
  admin: "sk-admin-s3cret-of-tests",
  workspace: "sk-workspace-s3cret-of-tests",
  plain: "sk-proj-s3cret-of-tests",
} as const;

const account = (more: Item, api_key: string) => ({
  id: "openai",
  provider: "openai_codex",
  credentials: { api_key },
  ...more,
});
export const ORGANIZATION = account({ organization_id: "org-tests" }, KEYS.admin);
export const WORKSPACE = account({ workspace_id: WORKSPACE_ID, organization_id: "org-tests" }, KEYS.workspace);
export const LEGACY = account({}, KEYS.plain);

/** An account as the config makes it. */
export function accountOf(entry: unknown): Account {
  const [read] = readConfig({ accounts: [entry] }, "test", {});
  if (!read) throw new Error("an account is due");
  return read;
}

export function organization(more: Item = {}): Engine {
  return engineOf([{ ...ORGANIZATION, ...more }]);
}

export function workspace(more: Item = {}): Engine {
  return engineOf([{ ...WORKSPACE, ...more }]);
}

export function legacy(more: Item = {}): Engine {
  return engineOf([{ ...LEGACY, ...more }]);
}

export function stored(name: string): unknown {
  return JSON.parse(payload(`openai-codex/${name}`));
}

/** The objects of a file of lines. */
export function storedLines(name: string): Item[] {
  return payload(`openai-codex/${name}`)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

export const DAY_SECONDS = 86_400;
/** 2026-10-13T00:00:00Z. */
export const TUESDAY = 1_791_849_600;

/** A bucket of a day, `days` after Tuesday the 13th of October 2026. */
export function bucket(results: readonly unknown[], days = 0): Item {
  const start_time = TUESDAY + days * DAY_SECONDS;
  return { object: "bucket", start_time, end_time: start_time + DAY_SECONDS, results };
}

/** A page of usage, costs or analytics. */
export function page(data: readonly unknown[], next_page: string | null = null): Response {
  return json({ object: "page", data, has_more: next_page !== null, next_page });
}

/** A page of a directory. */
export function directoryPage(data: readonly Item[], has_more = false): Response {
  const ids = data.map(({ id }) => id);
  return json({ object: "list", data, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null, has_more });
}

export interface Asked {
  path: string;
  query: URLSearchParams;
  headers: Headers;
}

/** Serves all of a host by path; what is not named holds nothing. Keeps what was asked, in order. */
export function serveHost(host: string, replies: Readonly<Record<string, Reply>>): Asked[] {
  const asked: Asked[] = [];
  edge.use(
    http.all(`${host}/*`, ({ request }) => {
      const url = new URL(request.url);
      asked.push({ path: url.pathname, query: url.searchParams, headers: request.headers });
      const reply = replies[url.pathname];
      if (reply) return reply(url, request);
      const { pathname } = url;
      if (/^\/v1\/organization\/(users|projects)/.test(pathname)) return directoryPage([]);
      if (/^\/v1\/(organization|analytics)\//.test(pathname)) return page([]);
      return HttpResponse.json({ error: { message: `no ${pathname} here` } }, { status: 404 });
    }),
  );
  return asked;
}

export const familyPath = (family: string) => `/v1/organization/usage/${family}`;
export const COSTS_PATH = "/v1/organization/costs";
export const codexPath = (what: string) => `/v1/analytics/codex/workspaces/${WORKSPACE_ID}/${what}`;
export const DAILY_PATH = `/v1/analytics/workspaces/${WORKSPACE_ID}/usage`;

/** What was asked, without the directory. */
export function dataCalls(asked: readonly Asked[]): Asked[] {
  return asked.filter(({ path }) => !/^\/v1\/organization\/(users|projects)/.test(path));
}

export async function rows(engine: Engine, query: Query, withRemoteData = false): Promise<Item[]> {
  return rowsOf(await list(engine, { truto_ignore_limit: true, ...query }, { withRemoteData }));
}

/** A question as the engine puts it, for the adapter's own methods. */
export function question(entry: unknown, more: Partial<Question> = {}): Question {
  return {
    account: accountOf(entry),
    report: "usage",
    period: { start: TUESDAY * 1000, end: (TUESDAY + DAY_SECONDS) * 1000 },
    dates: {},
    now: NOW,
    filters: {},
    remoteQuery: [],
    ...more,
  };
}

/** What the adapter makes of one answer of a source. */
export function readPage(
  asked: Question,
  position: unknown,
  body: unknown,
  more: { directory?: Directory; headers?: Record<string, string> } = {},
): Page<unknown> {
  const { directory = new Map(), headers = {} } = more;
  const answer: VendorAnswer = {
    url: API,
    method: "GET",
    status: 200,
    headers,
    body,
    raw: Buffer.alloc(0),
    at: 0,
    settled: false,
    kept: false,
  };
  return openaiCodex.read(asked, position, [answer], directory);
}

export function rowsIn(read: Page<unknown>): Usage[] {
  return read.entries.flatMap((entry) => entry.rows);
}

/** Charges as they can be compared: digits in place of exact decimals. */
export function digits(row: Usage | undefined): unknown[] | undefined {
  return row?.charges?.map(({ type, amount, currency }) => [type, amount.toString(), currency]);
}
