import { CLAUDE_ADMIN_KEY } from "../../src/sandbox/claude.ts";
import type { SandboxAccount } from "../../src/sandbox/vendor.ts";
import type { Query } from "../../src/usage/query.ts";
import type { Asked } from "./vendor-proxy.ts";

/** One vendor's API as it is read: a small question over several vendor pages, and the vendor's way of saying no. */
export interface Vendor {
  name: string;
  /** The sandbox's account whose vendor answers. */
  sandbox: string;
  /** Other credentials than the sandbox's usual ones. */
  credentials?: Readonly<Record<string, string>>;
  /** Reads the same, in several pages. */
  query: Query;
  /** The dates of a summary over few pages; absent where the API holds no cost. */
  summary?: { start_date: string; end_date: string };
  /** Where the largest page is said, and how large it is made: the sandbox's company is small. */
  pageSize?: { name: string; most: number };
  isNames?(asked: Asked): boolean;
  /** Whether a request goes on by a cursor or page number that the vendor's answer before led to. */
  goesOn(asked: Asked): boolean;
  /** The vendor's error body, as its contract has it. */
  refusal(status: number, words: string): unknown;
  /** The header with its request id. */
  requestId: string;
  /** The header by which a 429 says when to come back, where that is not Retry-After. */
  reset?: { name: string; value: string };
}

const anthropic = {
  refusal: (status: number, message: string) => ({
    type: "error",
    error: { type: ANTHROPIC_TYPES[status] ?? "invalid_request_error", message },
    request_id: "req_of_the_fault",
  }),
  requestId: "request-id",
  reset: { name: "retry-after-ms", value: "30" },
  goesOn: ({ path }: Asked) => queryOf(path).has("page"),
};
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  500: "api_error",
  504: "timeout_error",
  529: "overloaded_error",
};

const openai = {
  refusal: (status: number, message: string) => ({
    error: { message, type: status >= 500 ? "server_error" : "invalid_request_error", param: null, code: null },
  }),
  requestId: "x-request-id",
  reset: { name: "retry-after-ms", value: "30" },
  goesOn: ({ path }: Asked) => queryOf(path).has("page"),
};

const cursor = {
  sandbox: "cursor",
  isNames: ({ path }: Asked) => path.startsWith("/teams/members"),
  refusal: (_status: number, message: string) => ({ error: "Error", message }),
  requestId: "x-request-id",
  goesOn: ({ path, body }: Asked) =>
    Number(queryOf(path).get("page") ?? (body === "" ? 1 : Object(JSON.parse(body))["page"])) > 1,
};

export const VENDORS: readonly Vendor[] = [
  {
    ...anthropic,
    name: "claude",
    sandbox: "claude",
    query: { report_type: "cost", start_date: "2026-10-01", end_date: "2026-11-01" },
    summary: { start_date: "2026-10-01", end_date: "2026-11-01" },
    pageSize: { name: "limit", most: 10 },
  },
  {
    ...anthropic,
    name: "claude days",
    sandbox: "claude",
    query: { report_type: "activity", start_date: "2026-10-05", end_date: "2026-10-07" },
    pageSize: { name: "limit", most: 20 },
  },
  {
    ...anthropic,
    name: "console",
    sandbox: "claude",
    credentials: { api_key: CLAUDE_ADMIN_KEY },
    query: { report_type: "cost", start_date: "2026-10-01", end_date: "2026-11-01" },
    summary: { start_date: "2026-10-01", end_date: "2026-11-01" },
    pageSize: { name: "limit", most: 10 },
  },
  {
    ...openai,
    name: "openai",
    sandbox: "openai",
    query: { report_type: "cost", start_date: "2026-10-01", end_date: "2026-10-13" },
    summary: { start_date: "2026-10-01", end_date: "2026-10-13" },
    pageSize: { name: "limit", most: 4 },
    isNames: ({ path }) => /^\/v1\/organization\/(?:users|projects)/.test(path),
  },
  {
    ...openai,
    name: "codex",
    sandbox: "codex",
    query: { report_type: "usage", start_date: "2026-10-05", end_date: "2026-10-09" },
    summary: { start_date: "2026-10-05", end_date: "2026-10-09" },
    pageSize: { name: "limit", most: 30 },
    refusal: (_status, msg) => ({ detail: [{ loc: ["query", "page"], msg, type: "value_error" }] }),
  },
  {
    ...cursor,
    name: "events",
    query: { report_type: "usage", start_date: "2026-10-13T09:00:00Z", end_date: "2026-10-13T12:59:59.999Z" },
    summary: { start_date: "2026-10-13T09:00:00Z", end_date: "2026-10-13T13:00:00Z" },
    pageSize: { name: "pageSize", most: 60 },
  },
  {
    ...cursor,
    name: "daily",
    query: { report_type: "activity", start_date: "2026-10-05", end_date: "2026-10-09" },
    pageSize: { name: "pageSize", most: 12 },
  },
  {
    ...cursor,
    name: "analytics",
    query: {
      report_type: "connector_usage",
      start_date: "2026-10-05",
      end_date: "2026-10-09",
      group_by: ["user", "resource"],
    },
    pageSize: { name: "pageSize", most: 12 },
  },
  {
    name: "confluent",
    sandbox: "confluent",
    query: { report_type: "cost", start_date: "2026-09-29", end_date: "2026-10-03" },
    summary: { start_date: "2026-09-29", end_date: "2026-10-03" },
    pageSize: { name: "page_size", most: 90 },
    goesOn: ({ path }) => queryOf(path).has("page_token"),
    refusal: (status, detail) => ({ errors: [{ status: `${status}`, detail }] }),
    requestId: "x-request-id",
    reset: { name: "x-ratelimit-reset", value: "1" },
  },
  {
    name: "datadog",
    sandbox: "datadog",
    query: { report_type: "cost", start_date: "2026-09-01", end_date: "2026-12-01" },
    summary: { start_date: "2026-10-01", end_date: "2026-12-01" },
    isNames: ({ path }) => path.startsWith("/api/v2/usage/billing_dimension_mapping"),
    goesOn: () => false,
    refusal: (_status, words) => ({ errors: [words] }),
    requestId: "dd-request-id",
    reset: { name: "x-ratelimit-reset", value: "1" },
  },
];

/** The account as a config file would have it, led through the proxy. */
export function accountAt(vendor: Vendor, accounts: readonly SandboxAccount[], url: string, id = vendor.name) {
  const found = accounts.find((account) => account.id === vendor.sandbox);
  if (!found) throw new Error(`the sandbox has no ${vendor.sandbox}`);
  const credentials = vendor.credentials ?? found.credentials;
  const analytics = found.analytics_base_url === undefined ? {} : { analytics_base_url: url };
  return { ...found, id, credentials, base_url: url, ...analytics };
}

/** The request as a vendor gets it whose pages are all of one size, and smaller. */
export function narrowed({ pageSize }: Vendor, asked: Asked): Asked {
  if (!pageSize) return asked;
  const { name, most } = pageSize;
  if (asked.body !== "") {
    const body = Object(JSON.parse(asked.body));
    return name in body ? { ...asked, body: JSON.stringify({ ...body, [name]: most }) } : asked;
  }
  const [path = "", query = ""] = asked.path.split("?");
  const params = new URLSearchParams(query);
  if (!params.has(name)) return asked;
  params.set(name, String(most));
  return { ...asked, path: `${path}?${params}` };
}

function queryOf(path: string): URLSearchParams {
  return new URLSearchParams(path.split("?")[1] ?? "");
}
