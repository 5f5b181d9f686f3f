/** The parts of rows that all of Claude's APIs word alike: ids, tokens, money. */
import { hash } from "node:crypto";
import type { Amount } from "../../usage/money.ts";
import { iso } from "../../usage/period.ts";
import type { Charge, Usage } from "../../usage/row.ts";
import { amount, count, type Json, object, requiredAmount, text } from "../fields.ts";
import { VENDOR } from "./wire.ts";

/** The API gives rows no id: it is made of what identifies the fact, never of its numbers, its page or its window. */
export function rowId(...identity: readonly unknown[]): string {
  return `claude:${hash("sha256", JSON.stringify(identity), "hex").slice(0, 32)}`;
}

/** What tells a row apart from others of the same answer: the groups asked for, with their values. */
export function groupIdentity(item: Json, groups: readonly string[]): unknown[] {
  return [...groups].sort().map((group) => [group, item[group] ?? null]);
}

export function modelFields(item: Json): Pick<Usage, "model"> {
  const id = text(item["model"]);
  return id ? { model: { id, provider: "anthropic" } } : {};
}

export function days(start: number, end: number): Pick<Usage, "start_date" | "end_date"> {
  return { start_date: iso(start), end_date: iso(end) };
}

/**
 * Tokens, requests and searches of a usage item. `uncached_input_tokens` holds neither cache reads nor writes; writes are
 * an object of two lifetimes.
 */
export function tokenUsage(item: Json, name: string): Pick<Usage, "usage" | "unit"> {
  const number = (from: Json, field: string, path = field) => requiredAmount(from[field], VENDOR, `${name}.${path}`);
  const creation = object(item["cache_creation"], VENDOR, `${name}.cache_creation`);
  const short = number(creation, "ephemeral_5m_input_tokens", "cache_creation.ephemeral_5m_input_tokens");
  const long = number(creation, "ephemeral_1h_input_tokens", "cache_creation.ephemeral_1h_input_tokens");
  const input = number(item, "uncached_input_tokens");
  const output = number(item, "output_tokens");
  const read = number(item, "cache_read_input_tokens");
  const write = short.plus(long);
  const total =
    amount(item["total_tokens"], VENDOR, `${name}.total_tokens`) ?? input.plus(read).plus(write).plus(output);
  const searches = searchCount(item, name);
  return {
    usage: {
      quantity: total.toNumber(),
      tokens: {
        input: input.toNumber(),
        output: output.toNumber(),
        cache_read: read.toNumber(),
        cache_write: write.toNumber(),
        cache_write_ephemeral_5m: short.toNumber(),
        cache_write_ephemeral_1h: long.toNumber(),
        total: total.toNumber(),
      },
      ...requestCount(item, name),
      ...(searches === undefined ? {} : { tools: { web_search_count: searches } }),
    },
    unit: "token",
  };
}

function searchCount(item: Json, name: string): number | undefined {
  const tools = item["server_tool_use"];
  if (tools === null || tools === undefined) return undefined;
  const field = `${name}.server_tool_use`;
  return count(object(tools, VENDOR, field)["web_search_requests"], VENDOR, `${field}.web_search_requests`);
}

/** Null where cost is split by its kind: requests have no share in one. */
export function requestCount(item: Json, name: string): { requests?: { total: number } } {
  const total = count(item["requests"], VENDOR, `${name}.requests`);
  return total === undefined ? {} : { requests: { total } };
}

/**
 * `amount` is what is billed before credits, `list_amount` its value before discounts; both in fractional cents, as text.
 * An API without discounts has one amount, which is both.
 */
export function charges(item: Json, name: string, listed: boolean): Charge[] {
  const net = requiredAmount(item["amount"], VENDOR, `${name}.amount`).fromCents();
  const list = listed ? amount(item["list_amount"], VENDOR, `${name}.list_amount`)?.fromCents() : net;
  const currency = text(item["currency"]) ?? "USD";
  const found: Charge[] = [{ type: "net", amount: net, currency }];
  if (!list) return found;
  found.push({ type: "total", amount: list, currency });
  const discount = list.minus(net);
  if (!discount.isZero()) found.push({ type: "discount", amount: discount, currency });
  return found;
}

/** An estimate in cents is never a bill: neither net nor total. */
export function estimate(cents: Amount | undefined, currency: string | undefined): Pick<Usage, "charges"> {
  return cents ? { charges: [{ type: "usage_based", amount: cents.fromCents(), currency: currency ?? "USD" }] } : {};
}

/** What a cost row is of: `cost`, or the kind of cost and of tokens where it is split by them. */
export function costMetric(item: Json): string {
  const kinds = [text(item["cost_type"]), text(item["token_type"])].filter((kind) => kind !== undefined);
  return kinds.join(".") || "cost";
}
