/** The parts of rows that all of Claude's APIs word alike: ids, tokens, money. */
import { hash } from "node:crypto";
import type { Amount } from "../../usage/money.ts";
import { iso } from "../../usage/period.ts";
import type { Charge, Usage } from "../../usage/row.ts";
import type { VendorAnswer } from "../../vendor-http/connection.ts";
import { amount, count, type Json, object, optionalText, requiredAmount, requiredText } from "../fields.ts";
import type { Question } from "../provider.ts";
import { widthOf } from "./dates.ts";
import { canonical, productFields } from "./products.ts";
import { type Envelope, groupsAsked, narrowedBy, objects, requiredInstant, VENDOR } from "./wire.ts";

/** The API gives rows no id: it is made of what identifies the fact, never of its numbers, its page or its window. */
export function rowId(...identity: readonly unknown[]): string {
  return `claude:${hash("sha256", JSON.stringify(identity), "hex").slice(0, 32)}`;
}

/**
 * What tells a row apart from others of the same answer: the groups asked for, in a fixed order, with their values.
 * @param name where they stand @throws UsageError (vendor_data) when one is neither text nor null
 */
export function groupIdentity(item: Json, groups: readonly string[], name: string): unknown[] {
  return groups.map((group) => {
    const value = item[group] ?? null;
    optionalText(value, VENDOR, `${name}.${group}`);
    return [group, group === "product" && typeof value === "string" ? canonical(value) : value];
  });
}

function modelOf(item: Json, name: string): Usage["model"] {
  const id = optionalText(item["model"], VENDOR, `${name}.model`);
  return id ? { id, provider: "anthropic" } : undefined;
}

/** What all rows of a usage or cost answer have in common. */
export interface AnswerContext {
  /** What it was grouped by, in the vendor's words, in alphabetical order. */
  groups: readonly string[];
  /** What it was filtered by that the rows do not show. */
  narrowed: readonly string[];
  /** The vendor's word for the buckets' length. */
  width: string;
  /** When it was last refreshed. */
  refreshed?: string;
  organization?: string;
}

/** @param shows what rows are told apart by besides its groups, in the vendor's words */
export function contextOf(
  question: Question,
  answer: VendorAnswer,
  { refreshed, organization }: Envelope,
  shows: readonly string[] = [],
): AnswerContext {
  const groups = groupsAsked(answer);
  return {
    groups,
    narrowed: narrowedBy(answer, [...groups, ...shows]),
    width: widthOf(question),
    ...(refreshed ? { refreshed } : {}),
    ...(organization ? { organization } : {}),
  };
}

/** The time of a row, as it is written. */
export interface Span {
  start_date: string;
  end_date: string;
}

export function span(start: number, end: number): Span {
  return { start_date: iso(start), end_date: iso(end) };
}

/** The groups of a time bucket, each with the bucket's bounds, as its rows and remote_data have them. */
export function groupsIn({ starting_at, ending_at, results }: Json, name: string): Json[] {
  return objects(results, `${name}.data[].results`).map((group) => ({ starting_at, ending_at, ...group }));
}

/** Reads `starting_at` and `ending_at` of an answer's items: the same few again and again. */
export function spanReader(name: string): (item: Json) => Span {
  const known = new Map<string, Span>();
  return ({ starting_at, ending_at }) => {
    const key = `${starting_at} ${ending_at}`;
    const before = known.get(key);
    if (before) return before;
    const found = span(
      requiredInstant(starting_at, `${name}.data[].starting_at`),
      requiredInstant(ending_at, `${name}.data[].ending_at`),
    );
    known.set(key, found);
    return found;
  };
}

/**
 * Tokens, requests and searches of a usage item. `uncached_input_tokens` holds neither cache reads nor writes; writes are
 * an object of two lifetimes.
 */
function tokenUsage(item: Json, name: string): NonNullable<Usage["usage"]> {
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
  const usage: NonNullable<Usage["usage"]> = {
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
  };
  const tools = object(item["server_tool_use"], VENDOR, `${name}.server_tool_use`);
  usage.tools = {
    web_search_count: number(tools, "web_search_requests", "server_tool_use.web_search_requests").toNumber(),
  };
  const requests = requestCount(item, name);
  if (requests) usage.requests = requests;
  return usage;
}

/** Null where cost is split by its kind: requests have no share in one. */
function requestCount(item: Json, name: string): { total: number } | undefined {
  const total = count(item["requests"], VENDOR, `${name}.requests`);
  return total === undefined ? undefined : { total };
}

/**
 * `amount` is what is billed before credits, `list_amount` its value before discounts; both in fractional cents, as text.
 * An API without discounts has one amount, which is both.
 */
function charges(item: Json, name: string, listed: boolean): Charge[] {
  const net = requiredAmount(item["amount"], VENDOR, `${name}.amount`).fromCents();
  const list = listed ? requiredAmount(item["list_amount"], VENDOR, `${name}.list_amount`).fromCents() : net;
  const currency = requiredText(item["currency"], VENDOR, `${name}.currency`);
  const found: Charge[] = [
    { type: "net", amount: net, currency },
    { type: "total", amount: list, currency },
  ];
  const discount = list.minus(net);
  if (!discount.isZero()) found.push({ type: "discount", amount: discount, currency });
  return found;
}

/** An estimate in cents is never a bill: neither net nor total. @param field where the currency stands */
export function estimate(cents: Amount | undefined, currency: unknown, field: string): Pick<Usage, "charges"> {
  if (!cents) return {};
  return {
    charges: [{ type: "usage_based", amount: cents.fromCents(), currency: requiredText(currency, VENDOR, field) }],
  };
}

/** What a cost row is of: `cost`, or the kind of cost and of tokens where it is split by them. */
function costMetric(item: Json, name: string): string {
  const kind = (field: string) => optionalText(item[field], VENDOR, `${name}.${field}`);
  const [cost, token] = [kind("cost_type"), kind("token_type")];
  return cost && token ? `${cost}.${token}` : (cost ?? token ?? "cost");
}

/** Puts a cost item's metric, charges and requests into its row. `kinds` holds what the cost is of. */
export function putCost(row: Usage, item: Json, name: string, kinds: Json, listed: boolean): void {
  row.metric_name = costMetric(kinds, name);
  row.charges = charges(item, name, listed);
  const requests = requestCount(item, name);
  if (requests) row.usage = { requests };
}

/** Puts a usage item's tokens into its row. */
export function putTokens(row: Usage, item: Json, name: string): void {
  row.metric_name = "tokens";
  row.usage = tokenUsage(item, name);
  row.unit = "token";
}

/** Puts what a row is about into it: product and surface, model. */
export function putSubject(row: Usage, item: Json, name: string): void {
  Object.assign(row, productFields(optionalText(item["product"], VENDOR, `${name}.product`)));
  const model = modelOf(item, name);
  if (model) row.model = model;
}

/** Who acted, by whatever is left of it: of people who left, name and e-mail may be gone. `email` in older renderings. */
export function userOf(id: string | undefined, actor: Json): Usage["user"] {
  const [email, name] = [emailOf(actor), optionalText(actor["name"], VENDOR, "actor.name")];
  if (!id && !email && !name) return undefined;
  const user: NonNullable<Usage["user"]> = {};
  if (id) user.id = id;
  if (email) user.email = email;
  if (name) user.name = name;
  return user;
}

export function emailOf(actor: Json): string | undefined {
  return (
    optionalText(actor["email_address"], VENDOR, "actor.email_address") ??
    optionalText(actor["email"], VENDOR, "actor.email")
  );
}

/** An API key and the workspace it is in, or the workspace alone. */
export function resourcesOf(key: string | undefined, workspace: string | undefined): Usage["resources"] {
  if (!key && !workspace) return undefined;
  return [{ ...(key ? { id: key } : {}), ...(workspace ? { workspace: { id: workspace } } : {}) }];
}
