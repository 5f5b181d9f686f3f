/**
 * The API platform's words: usage, costs and the directory of an organization, read with its Admin key. Buckets of a
 * minute, an hour or a UTC day; costs by the day.
 * @see https://platform.openai.com/docs/api-reference/usage
 */
import type { Account } from "../../../accounts/account.ts";
import type { Granularity } from "../../../usage/query.ts";
import type { Connection, Refusal, VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import { type Json, text } from "../../fields.ts";
import { ADMIN_KEYS, connection, instant, objects, optionalTextOf, readPage } from "../wire.ts";

const HOST = "https://api.openai.com";
export const COSTS = "costs";

const ORGANIZATION = "/v1/organization";
export const USERS = `${ORGANIZATION}/users`;
export const PROJECTS = `${ORGANIZATION}/projects`;

/** The vendor's word for a bucket, and how many of them (not of rows) a page holds at the most. */
export const BUCKETS: Readonly<Record<Granularity, { width: string; most: string }>> = {
  day: { width: "1d", most: "31" },
  hour: { width: "1h", most: "168" },
  minute: { width: "1m", most: "1440" },
};
export const COSTS_MOST = "180";

/** A family of usage, or `costs`. */
export function pathOf(source: string): string {
  return source === COSTS ? `${ORGANIZATION}/costs` : `${ORGANIZATION}/usage/${encodeURIComponent(source)}`;
}

/** What errors call an answer's fields after. */
export function endpointOf(source: string): string {
  return source === COSTS ? "organization.costs" : `organization.usage.${source}`;
}

export function connect(account: Account): Connection {
  return connection(account, account.baseUrl ?? HOST, refusal);
}

const KEY_ADVICE = `Supply an Admin key (sk-admin-..., from ${ADMIN_KEYS}) that has the scope api.usage.read; a project key can't read usage, and a ChatGPT workspace's Admin key needs the account's workspace_id.`;

function refusal(status: number, words: string, request: VendorRequest): Refusal | undefined {
  if (status === 401 || status === 403 || /missing scopes?/i.test(words))
    return { kind: "credentials", advice: KEY_ADVICE };
  const { path, query } = request;
  if (
    status === 400 &&
    path === pathOf(COSTS) &&
    query?.some(([name, value]) => name === "group_by" && value === "user_id")
  ) {
    return {
      kind: "question",
      advice:
        "OpenAI can't split these costs by user for every organization and time range; ask a later period, or report_type cost.",
    };
  }
  return undefined;
}

export interface Bucket {
  /** Untouched. */
  item: Json;
  start: number;
  end: number;
  results: Json[];
}

/** The buckets of a page, oldest first, as OpenAI sends them; those without any use have no results. */
export function readBuckets(answer: VendorAnswer, source: string): { buckets: Bucket[]; next?: string } {
  const endpoint = endpointOf(source);
  const { items, next } = readPage(answer, endpoint);
  const buckets = items.map((item) => ({
    item,
    start: instant(item["start_time"], `${endpoint}.data[].start_time`),
    end: instant(item["end_time"], `${endpoint}.data[].end_time`),
    // `result` in APIs of old.
    results: objects(item["results"] ?? item["result"], `${endpoint}.data[].results`),
  }));
  return next === undefined ? { buckets } : { buckets, next };
}

/** No endpoint tells the organization's name; its id stands in a header of every answer, and in some costs. */
export function organizationOf(
  account: Account,
  answer: VendorAnswer | undefined,
  result: Json,
): { id: string } | undefined {
  const id =
    account.settings["organization_id"] ??
    text(answer?.headers["openai-organization"]) ??
    optionalTextOf(result, "organization_id", "organization");
  return id === undefined ? undefined : { id };
}
