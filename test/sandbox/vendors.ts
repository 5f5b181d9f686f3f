import { request } from "node:http";
import * as z from "zod";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";

/** A Monday: October is published, November runs. */
const NOW = "2026-11-23T09:00:00Z";

export function start(now = NOW): Promise<Sandbox> {
  return startSandbox({ now: () => new Date(now) });
}

export interface Answered {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: unknown;
}

type Provider = "confluent" | "datadog";

function accountOf(sandbox: Sandbox, provider: Provider) {
  const account = sandbox.accounts.find((candidate) => candidate.provider === provider);
  if (!account) throw new Error(`no ${provider} in the sandbox`);
  return account;
}

/** The vendor's own headers for the sandbox's credentials. */
export function credentials(sandbox: Sandbox, provider: Provider): Record<string, string> {
  const { api_key = "", api_secret = "", application_key = "" } = accountOf(sandbox, provider).credentials;
  return provider === "datadog"
    ? { "dd-api-key": api_key, "dd-application-key": application_key }
    : { authorization: `Basic ${Buffer.from(`${api_key}:${api_secret}`).toString("base64")}` };
}

/** One GET over a connection of its own, so that nothing outlives it. */
export function get(
  sandbox: Sandbox,
  provider: Provider,
  path: string,
  query: Record<string, string> = {},
  headers = credentials(sandbox, provider),
): Promise<Answered> {
  const url = `${accountOf(sandbox, provider).base_url}${path}?${new URLSearchParams(query)}`;
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: JSON.parse(text) });
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

const cost = z.looseObject({
  id: z.string().optional(),
  start_date: z.string(),
  end_date: z.string(),
  product: z.string(),
  line_type: z.string(),
  amount: z.number(),
  original_amount: z.number(),
  discount_amount: z.number().optional(),
  quantity: z.number().optional(),
});
export type Cost = z.infer<typeof cost>;

const costList = z.object({
  api_version: z.literal("billing/v1"),
  kind: z.literal("CostList"),
  metadata: z.object({ next: z.string().optional() }),
  data: z.array(cost),
});

/** All lines of a range, read as the vendor's own command does: the token of `next`, the dates again. */
export async function costs(
  sandbox: Sandbox,
  start_date: string,
  end_date: string,
  page_size = "10000",
): Promise<Cost[]> {
  const lines: Cost[] = [];
  for (let token = ""; ; ) {
    const query = { start_date, end_date, page_size, ...(token === "" ? {} : { page_token: token }) };
    const { metadata, data } = costList.parse((await get(sandbox, "confluent", "/billing/v1/costs", query)).body);
    lines.push(...data);
    if (metadata.next === undefined) return lines;
    token = new URL(metadata.next).searchParams.get("page_token") ?? "";
  }
}

const charge = z.looseObject({ product_name: z.string(), charge_type: z.string(), cost: z.number() });
const costByOrg = z.looseObject({
  id: z.string(),
  type: z.string(),
  attributes: z.looseObject({
    public_id: z.string(),
    org_name: z.string(),
    date: z.string(),
    total_cost: z.number(),
    charges: z.array(charge),
  }),
});
export type CostByOrg = z.infer<typeof costByOrg>;

export async function costsByOrg(
  sandbox: Sandbox,
  source: "historical_cost" | "estimated_cost",
  query: Record<string, string>,
): Promise<CostByOrg[]> {
  const { body } = await get(sandbox, "datadog", `/api/v2/usage/${source}`, { view: "sub-org", ...query });
  return z.object({ data: z.array(costByOrg) }).parse(body).data;
}

/** Micro-dollars, exact: the amount's own digits. @throws when it has more than six decimals */
export function micros(amount: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(String(amount));
  if (!match) throw new Error(`${amount} has more than six decimals`);
  const [, sign = "", whole = "", fraction = ""] = match;
  return BigInt(`${sign}${whole}${fraction.padEnd(6, "0")}`);
}

export function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}
