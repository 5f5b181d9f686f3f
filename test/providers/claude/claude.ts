import type { Account } from "../../../src/accounts/account.ts";
import { readConfig } from "../../../src/accounts/config.ts";
import type { Query } from "../../../src/usage/query.ts";
import { engineOf, type Item, json, list, payload, type Reply, reply, rowsOf, serve } from "../edge.ts";

/** Claude as the tests see it: its host, its keys, and answers in its envelopes. */
export const HOST = "https://api.anthropic.com";
export const ORG = "/v1/organizations";
export const KEYS = ["sk-ant-api01-an4lytics", "sk-ant-admin01-adm1n"] as const;
const [ANALYTICS, ADMIN] = KEYS;

export const ENTERPRISE = { id: "claude", provider: "claude", credentials: { api_key: ANALYTICS } } as const;
export const V2 = { ...ENTERPRISE, id: "v2", api: "v2" } as const;
export const V2_ADMIN = { id: "v2-admin", provider: "claude", api: "v2", credentials: { api_key: ADMIN } } as const;
export const CONSOLE = { id: "console", provider: "claude", credentials: { api_key: ADMIN } } as const;

export const PATHS = {
  activity: `${ORG}/analytics/users`,
  summary: `${ORG}/analytics/summaries`,
  project_usage: `${ORG}/analytics/apps/chat/projects`,
  skill_usage: `${ORG}/analytics/skills`,
  connector_usage: `${ORG}/analytics/connectors`,
  usage: `${ORG}/analytics/usage_report`,
  cost: `${ORG}/analytics/cost_report`,
  user_usage: `${ORG}/analytics/user_usage_report`,
  user_cost: `${ORG}/analytics/user_cost_report`,
  v2_usage: `${ORG}/analytics/usage`,
  v2_cost: `${ORG}/analytics/cost`,
  messages: `${ORG}/usage_report/messages`,
  console_cost: `${ORG}/cost_report`,
  claude_code: `${ORG}/usage_report/claude_code`,
} as const;
export type Endpoint = keyof typeof PATHS;

/** Serves one endpoint; what was asked of it is kept as its decoded query. */
export function asked(endpoint: Endpoint, answer: Reply): string[] {
  const queries: string[] = [];
  serve(HOST, PATHS[endpoint], (url, request) => {
    queries.push(decodeURIComponent(url.search.slice(1)));
    return answer(url, request);
  });
  return queries;
}

/** A stored payload on the first page, and nothing behind it. */
export function stored(name: string, change: (text: string) => string = (text) => text): Reply {
  return ({ searchParams }) => (searchParams.has("page") ? page([]) : reply(change(payload(`claude/${name}.json`))));
}

export function page(data: readonly unknown[], next: string | null = null, more: Item = {}): Response {
  return json({ data, has_more: next !== null, next_page: next, ...more });
}

/** The rows of a listing, written as they are answered. */
export async function rows(
  query: Query,
  account: unknown = ENTERPRISE,
  options: { now?: number; withRemoteData?: boolean } = {},
): Promise<Item[]> {
  const { now, withRemoteData = false } = options;
  const engine = engineOf([account], now === undefined ? {} : { now });
  return rowsOf(await list(engine, { limit: 10_000, ...query }, { withRemoteData }));
}

/** An account as the config makes it. */
export function accountOf(entry: unknown): Account {
  const [read] = readConfig({ accounts: [entry] }, "test", {});
  if (!read) throw new Error("an account is due");
  return read;
}

/** The first item of a stored payload, as the vendor sent it. */
export function itemOf(name: string, field = "data"): Item {
  return JSON.parse(payload(`claude/${name}.json`))[field][0];
}

/** A day of a bucketed report. */
export function bucket(day: string, results: readonly unknown[]): Item {
  return { starting_at: `${day}T00:00:00Z`, ending_at: `${next(day)}T00:00:00Z`, results };
}

export function next(day: string, days = 1): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Tokens of one group: so many of each kind. */
export function tokens(input: number, dimensions: Item = {}, more: Item = {}): Item {
  return {
    uncached_input_tokens: input,
    output_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
    requests: 1,
    server_tool_use: { web_search_requests: 0 },
    ...dimensions,
    ...more,
  };
}

/** Counters that every day of a summary has. */
export const HEADS = { daily_active_user_count: 2, weekly_active_user_count: 3, monthly_active_user_count: 4 };

/** Cost of one group, in cents. */
export function cents(amount: string, list_amount: string, dimensions: Item = {}): Item {
  return { amount, list_amount, currency: "USD", requests: 1, ...dimensions };
}
