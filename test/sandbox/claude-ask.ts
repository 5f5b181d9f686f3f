import * as z from "zod";
import { claude } from "../../src/sandbox/claude.ts";

export const NOW = "2026-11-23T09:00:00Z";
export const OCTOBER = { starting_at: "2026-10-01T00:00:00Z", ending_at: "2026-11-01T00:00:00Z" };
const ROOT = "/v1/organizations";

export type Query = Readonly<Record<string, string | readonly string[]>>;

export interface Asking {
  now?: string;
  version?: string;
  headers?: Record<string, string>;
}

let requests = 0;

/** Lists get their brackets here. */
export function ask(path: string, query: Query = {}, { now = NOW, version = "2026-10-21", headers }: Asking = {}) {
  const url = new URL(`http://127.0.0.1:1${ROOT}${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === "string") url.searchParams.append(name, value);
    else for (const entry of value) url.searchParams.append(`${name}[]`, entry);
  }
  requests += 1;
  const answered = claude.handle({
    method: "GET",
    url,
    headers: {
      "x-api-key": claude.account("").credentials["api_key"],
      "anthropic-version": version,
      "anthropic-beta": "analytics-usage-cost-2026-08-24",
      ...headers,
    },
    body: "",
    number: requests,
    now: new Date(now),
  });
  const body: unknown = JSON.parse(JSON.stringify(answered.body));
  return { status: answered.status, headers: answered.headers ?? {}, body };
}

const page = z.looseObject({
  data: z.array(z.looseObject({})),
  next_page: z.string().nullable(),
  has_more: z.boolean().optional(),
});

/** Every page's `data`. */
export function all(path: string, query: Query, asking: Asking = {}): Record<string, unknown>[] {
  const data: Record<string, unknown>[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const { status, body } = ask(path, cursor === "" ? query : { ...query, page: cursor }, asking);
    if (status !== 200) throw new Error(JSON.stringify(body));
    const answered = page.parse(body);
    if (answered.has_more !== undefined && answered.has_more !== (answered.next_page !== null)) {
      throw new Error("has_more and next_page differ");
    }
    data.push(...answered.data);
    cursor = answered.next_page;
  }
  return data;
}

const bucket = z.object({
  starting_at: z.string(),
  ending_at: z.string(),
  results: z.array(z.looseObject({})),
});

export function results(path: string, query: Query, asking: Asking = {}): Record<string, unknown>[] {
  return all(path, { limit: "31", ...query }, asking).flatMap((data) => bucket.parse(data).results);
}

const money = z.looseObject({
  amount: z.string().regex(/^\d+\.\d{6}$/),
  list_amount: z.string().regex(/^\d+\.\d{6}$/),
  currency: z.literal("USD"),
});

/** Millionths of a cent. */
export function amounts(rows: readonly unknown[], field: "amount" | "list_amount" = "amount"): bigint {
  return rows.reduce<bigint>((sum, row) => sum + BigInt(money.parse(row)[field].replace(".", "")), 0n);
}

const usage = z.looseObject({
  uncached_input_tokens: z.number(),
  output_tokens: z.number(),
  cache_read_input_tokens: z.number(),
  cache_creation: z.object({ ephemeral_5m_input_tokens: z.number(), ephemeral_1h_input_tokens: z.number() }),
  requests: z.number(),
});

export function tokens(rows: readonly unknown[]) {
  const sums = { input: 0, output: 0, read: 0, written: 0, requests: 0 };
  for (const row of rows) {
    const read = usage.parse(row);
    sums.input += read.uncached_input_tokens;
    sums.output += read.output_tokens;
    sums.read += read.cache_read_input_tokens;
    sums.written += read.cache_creation.ephemeral_5m_input_tokens + read.cache_creation.ephemeral_1h_input_tokens;
    sums.requests += read.requests;
  }
  return sums;
}
