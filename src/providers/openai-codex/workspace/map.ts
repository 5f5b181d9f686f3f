import { type Amount, ZERO } from "../../../usage/money.ts";
import { type Instant, iso } from "../../../usage/period.ts";
import type { Charge, Usage } from "../../../usage/row.ts";
import { amount, drift, type Json, list, object, optionalObject, optionalText, requiredText } from "../../fields.ts";
import { distinct, joined, modelOf } from "../map.ts";
import { instant, optional, optionalTextOf, required, VENDOR } from "../wire.ts";
import { surfaceOf } from "./surfaces.ts";
import { type Endpoint, NAMES } from "./wire.ts";

/** `clients` and `models` are two splits of the same totals, not crossed: rows follow one of them, or none. */
export type Split = "models" | "clients";

export interface Context {
  endpoint: Endpoint;
  workspace: string;
  organization: string | undefined;
  split: Split | undefined;
  /** Ids of the page so far: a day may have more than one row that names nobody. */
  seen: Map<string, number>;
}

const CURRENCY = "USD";
const ESTIMATE = "estimated_cost_usd";
const MONEY = ["cost_usd", ESTIMATE] as const;
const TOKENS = {
  uncached_text_input_tokens: "input",
  cached_text_input_tokens: "cache_read",
  text_output_tokens: "output",
  text_total_tokens: "total",
} as const;
const MEASURES = ["threads", "turns", "credits", ...Object.keys(TOKENS), ...MONEY];

/**
 * The rows of one user's (or the workspace's) day: one of its totals; or one a model or client, and what the totals have
 * more than those, which belongs to none of them: threads of models, what OpenAI could not attribute, roundings.
 */
export function mapUsage(item: Json, context: Context): Usage[] {
  const name = NAMES[context.endpoint];
  const totals = object(item["totals"], VENDOR, `${name}.totals`);
  const base = baseOf(item, context);
  const code = codeOf(item, name);
  const { split } = context;
  // Read in any case: what parts leave over is not known without them.
  const whole = measured(totals, name, code, { whole: true });
  const parts = split ? partsOf(item, split, name) : [];
  if (parts.length === 0) return [{ ...base, ...whole, remote_data: { ...item, endpoint: name } }];
  // Where a day is billed in dollars, an estimate of a part, or of what the parts leave over, would stand beside the bill.
  const inDollars = isInDollars(totals, name);
  const rows = parts.map((part): Usage => {
    const { key, ...facts } = split === "models" ? modelPart(part, name) : clientOf(part, name);
    const { start_time, end_time, user_id } = item;
    return {
      ...base,
      ...facts,
      id: distinct(`${base.id}:${key}`, context.seen),
      ...measured(part, `${name}.${split}[]`, undefined, { inDollars }),
      remote_data: { ...part, start_time, end_time, ...(user_id === undefined ? {} : { user_id }), endpoint: name },
    };
  });
  const rest = restOf(totals, parts, name, inDollars);
  if (Object.keys(rest).length === 0 && code === undefined) return rows;
  return [
    ...rows,
    {
      ...base,
      id: `${base.id}:rest-of-${split}`,
      ...measured(rest, name, code, { inDollars }),
      remote_data: { ...item, endpoint: name },
    },
  ];
}

/** Reviews that Codex made on a day: of the whole workspace, without users. */
export function mapReviews(item: Json, context: Context): Usage {
  const name = NAMES[context.endpoint];
  const base = baseOf(item, context);
  const remote_data = { ...item, endpoint: name };
  if (context.endpoint === "code_reviews") {
    const pull_requests = required(item, "pull_request_reviews", name);
    const quantity = required(item, "comments", name);
    return { ...base, usage: { code: { pull_requests }, quantity }, unit: "comment", remote_data };
  }
  // Its reviews and comments are those on pull requests merged that day: the same ones as above, counted another way.
  const reactions = required(item, "reactions", name);
  return { ...base, usage: { quantity: reactions }, unit: "reaction", remote_data };
}

function baseOf(item: Json, { endpoint, workspace, organization, seen }: Context): Usage {
  const name = NAMES[endpoint];
  const start = startOf(item, endpoint);
  const end = instant(item["end_time"], `${name}.end_time`);
  const { id, email } = userOf(item, endpoint);
  const user = { ...(id ? { id } : {}), ...(email ? { email } : {}) };
  return {
    id: distinct(`openai:${joined([endpoint, workspace, String(start / 1000), id ?? email])}`, seen),
    start_date: iso(start),
    end_date: iso(end),
    metric_name: name,
    product: endpoint === "chatgpt" ? { id: "chatgpt", name: "ChatGPT" } : { id: "codex", name: "Codex" },
    ...(id || email ? { user } : {}),
    ...(organization === undefined ? {} : { organization: { id: organization } }),
    resources: [{ id: workspace, workspace: { id: workspace } }],
  };
}

/** When a row's day begins. */
export function startOf(item: Json, endpoint: Endpoint): Instant {
  return instant(item["start_time"], `${NAMES[endpoint]}.start_time`);
}

/** Whose row it is; of the whole workspace nobody's. */
export function userOf(item: Json, endpoint: Endpoint): { id: string | undefined; email: string | undefined } {
  const name = NAMES[endpoint];
  const actor = inside(item, "actor", name);
  const [own, other] = [optionalTextOf(actor, "user_id", `${name}.actor`), optionalTextOf(item, "user_id", name)];
  return { id: own ?? other, email: optionalTextOf(actor, "email", `${name}.actor`) };
}

/** An object that may be null or absent. */
function inside(item: Json, field: string, name: string): Json {
  return optionalObject(item[field], VENDOR, `${name}.${field}`) ?? {};
}

/** Models may be unknown; clients the Codex analytics always send. */
function partsOf(item: Json, split: Split, name: string): Json[] {
  if (split === "clients" && name === NAMES.codex && !Array.isArray(item[split]))
    throw drift(VENDOR, `${name}.${split}`, "a list", item[split]);
  return list(item[split], VENDOR, `${name}.${split}`).map((part) => object(part, VENDOR, `${name}.${split}[]`));
}

function modelPart(part: Json, name: string): Pick<Usage, "model"> & { key: string } {
  const id = requiredText(part["model"], VENDOR, `${name}.models[].model`);
  const speed = optionalText(part["speed"], VENDOR, `${name}.models[].speed`);
  return { key: joined(["model", id, speed]), ...modelOf(id) };
}

function clientOf(part: Json, name: string): Pick<Usage, "surface"> & { key: string } {
  const client = requiredText(part["client_id"], VENDOR, `${name}.clients[].client_id`);
  return { key: joined(["client", client]), surface: surfaceOf(client) };
}

/** What the totals have more than the parts, of every measure that is not the same; of what the parts don't say, all. */
function restOf(totals: Json, parts: readonly Json[], name: string, inDollars: boolean): Json {
  const rest: Record<string, unknown> = {};
  for (const measure of MEASURES) {
    if (inDollars && measure === ESTIMATE) continue;
    const total = amount(totals[measure], VENDOR, `${name}.totals.${measure}`);
    if (total === undefined) continue;
    const sum = parts.reduce(
      (all, part) => all.plus(amount(part[measure], VENDOR, `${name}.${measure}`) ?? ZERO),
      ZERO,
    );
    const more = total.minus(sum);
    if (!more.isZero()) rest[measure] = more.toString();
  }
  return rest;
}

/**
 * Counts and money of totals (`whole`) or of a part of them, of a day that is billed in dollars (`inDollars`) or not. Null is
 * unknown, never zero; credits are no money.
 */
function measured(
  item: Json,
  name: string,
  code: Code | undefined,
  { whole = false, inDollars = false },
): Partial<Usage> {
  const number = (measure: string) => optional(item, measure, name);
  // Only the Codex analytics always send these: the unified daily usage may have tokens alone.
  const due = (measure: string) => (whole && name === NAMES.codex ? required(item, measure, name) : number(measure));
  const [threads, turns] = [due("threads"), due("turns")];
  // Where use is billed in dollars, it may have no credits.
  const credits = number("cost_usd") === undefined ? due("credits") : number("credits");
  const known = threads !== undefined || turns !== undefined;
  const tokens: Record<string, number> = {};
  for (const [measure, kind] of Object.entries(TOKENS)) {
    const found = number(measure);
    if (found !== undefined) tokens[kind] = found;
  }
  const conversations = {
    ...(threads === undefined ? {} : { thread_count: threads }),
    ...(turns === undefined ? {} : { turn_count: turns }),
  };
  const usage: NonNullable<Usage["usage"]> = {
    ...(whole && known ? { activity: { is_active: (threads ?? 0) > 0 || (turns ?? 0) > 0 } } : {}),
    ...(Object.keys(conversations).length > 0 ? { conversations } : {}),
    ...(Object.keys(tokens).length > 0 ? { tokens } : {}),
    ...(credits === undefined ? {} : { quantity: credits }),
    ...(code ? { code } : {}),
  };
  const charges = chargesOf(item, name, inDollars);
  return {
    ...(charges.length > 0 ? { charges } : {}),
    ...(Object.keys(usage).length > 0 ? { usage } : {}),
    ...(credits === undefined ? {} : { unit: "credit" }),
  };
}

/**
 * `cost_usd` is use that OpenAI bills in dollars. `estimated_cost_usd` is what credits would come to at the rate of
 * overage, rounded to cents: no bill, so it stands as a view only and is never counted.
 */
function chargesOf(item: Json, name: string, inDollars: boolean): Charge[] {
  const [billed, estimated] = MONEY.map((field) => amount(item[field], VENDOR, `${name}.${field}`));
  const charge = (type: Charge["type"], value: Amount): Charge => ({ type, amount: value, currency: CURRENCY });
  if (billed && !isPaidInCredits(item, name)) return [charge("total", billed), charge("usage_based", billed)];
  return estimated && !inDollars ? [charge("usage_based", estimated)] : [];
}

function isInDollars(totals: Json, name: string): boolean {
  return amount(totals["cost_usd"], VENDOR, `${name}.cost_usd`) !== undefined && !isPaidInCredits(totals, name);
}

/** No dollars for credits that were used are no price of zero. */
export function isPaidInCredits(item: Json, name: string): boolean {
  const of = (field: string) => amount(item[field], VENDOR, `${name}.${field}`) ?? ZERO;
  return of("credits").compare(ZERO) > 0 && of("cost_usd").isZero();
}

type Code = NonNullable<NonNullable<Usage["usage"]>["code"]>;

function codeOf(item: Json, name: string): Code | undefined {
  const field = `${name}.code_attribution`;
  const attribution = inside(item, "code_attribution", name);
  const lines = inside(attribution, "lines_of_code", field);
  const commits = inside(attribution, "commits", field);
  const added = optional(lines, "added", `${field}.lines_of_code`);
  const removed = optional(lines, "removed", `${field}.lines_of_code`);
  const made = optional(commits, "with_codex_contribution", `${field}.commits`);
  const code: Code = {
    ...(added === undefined ? {} : { lines_added: added, lines_accepted_added: added }),
    ...(removed === undefined ? {} : { lines_removed: removed, lines_accepted_removed: removed }),
    ...(made === undefined ? {} : { commits: made }),
  };
  return Object.keys(code).length > 0 ? code : undefined;
}
