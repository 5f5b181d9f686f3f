import { iso } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { amount, isObject, type Json, requiredAmount, requiredText } from "../../fields.ts";
import type { Directory, Entry } from "../../provider.ts";
import { distinct, modelOf } from "../map.ts";
import { optional, optionalTextOf, required, VENDOR } from "../wire.ts";
import { COST_PRODUCT } from "./detail.ts";
import type { Family } from "./families.ts";
import { type Bucket, COSTS, endpointOf, type organizationOf } from "./wire.ts";

/** What rows of a page have in common. */
export interface Context {
  /** What results were told apart by, as it was asked, in a fixed order: it is part of a row's id. */
  groups: readonly string[];
  /** The vendor's word for the size of a bucket. The one that runs may end where it was asked: its id must not. */
  width: string;
  organizationOf(result: Json): ReturnType<typeof organizationOf>;
  directory: Directory;
}

/** One row a result. @param summed rows are summed over families, here or in a total: no request may be counted in two of them */
export function mapUsage(bucket: Bucket, family: Family, summed: boolean, context: Context): Entry[] {
  return mapBucket(bucket, family.id, context, (result) => ({
    metric_name: `organization.usage.${family.id}`,
    product: { id: family.id, name: family.name },
    ...modelOf(optionalTextOf(result, "model", endpointOf(family.id))),
    ...measured(result, family, summed),
  }));
}

/** Costs are billed dollars, not cents: a number or its digits, with the currency in lower case. */
export function mapCosts(bucket: Bucket, context: Context): Entry[] {
  return mapBucket(bucket, COSTS, context, (result) => {
    const item = optionalTextOf(result, "line_item", endpointOf(COSTS));
    const field = "organization.costs.amount";
    const { value, currency }: Json = isObject(result["amount"]) ? result["amount"] : {};
    const quantity = amount(result["quantity"], VENDOR, "organization.costs.quantity")?.toNumber();
    const unit = optionalTextOf(result, "quantity_unit", endpointOf(COSTS));
    return {
      metric_name: item ?? "costs",
      product: COST_PRODUCT,
      ...modelOf(modelOfLineItem(item)),
      charges: [
        {
          type: "total",
          amount: requiredAmount(value, VENDOR, `${field}.value`),
          currency: requiredText(currency, VENDOR, `${field}.currency`).toUpperCase(),
        },
      ],
      ...(quantity === undefined ? {} : { usage: { quantity } }),
      ...(unit === undefined || quantity === undefined ? {} : { unit }),
    };
  });
}

/** What a row is about, beside where, when and whose. */
type Facts = Omit<Usage, "id">;

function mapBucket(bucket: Bucket, source: string, context: Context, factsOf: (result: Json) => Facts): Entry[] {
  const { item, start, end, results } = bucket;
  const seen = new Map<string, number>();
  return results.map((result) => {
    const key = [source, context.width, start / 1000, ...context.groups.map((group) => valueIn(result, group, source))];
    const told = (field: string) => optionalTextOf(result, field, endpointOf(source));
    const resources = resourcesOf(told, context.directory);
    const user = userOf(told("user_id"), context.directory);
    const organization = context.organizationOf(result);
    const row: Usage = {
      // A bucket comes whole, so alike results keep their ordinals on every page.
      id: distinct(`openai:${key.join(":")}`, seen),
      start_date: iso(start),
      end_date: iso(end),
      ...factsOf(result),
      surface: "api",
      ...(user ? { user } : {}),
      ...(organization ? { organization } : {}),
      ...(resources ? { resources } : {}),
      remote_data: {
        ...result,
        start_time: item["start_time"],
        end_time: item["end_time"],
        endpoint: endpointOf(source),
      },
    };
    const { result: _, ...rest } = item;
    return { item: { ...rest, results: [result] }, rows: [row] };
  });
}

/** Models of fine-tuning hold colons. */
function valueIn(result: Json, group: string, source: string): string {
  return `${group}=${encodeURIComponent(optionalTextOf(result, group, endpointOf(source)) ?? "")}`;
}

function measured(result: Json, { id, measure, withinRequests }: Family, summed: boolean): Facts {
  const endpoint = endpointOf(id);
  switch (measure.kind) {
    case "tokens":
      return {
        usage: {
          requests: { total: required(result, "num_model_requests", endpoint) },
          tokens: tokensOf(result, measure.output, endpoint),
        },
      };
    case "stock":
      return { usage: { quantity: required(result, measure.field, endpoint) }, unit: measure.unit };
    case "quantity": {
      const requests = { total: required(result, "num_model_requests", endpoint) };
      return { usage: { quantity: required(result, measure.field, endpoint), requests }, unit: measure.unit };
    }
    case "sessions": {
      const sessions = required(result, measure.field, endpoint);
      return { usage: { quantity: sessions, sessions: { distinct: sessions } }, unit: "session" };
    }
    case "calls": {
      const total = required(result, measure.requests, endpoint);
      const tools = { [measure.tool]: required(result, measure.field, endpoint) };
      return { usage: { ...(summed && withinRequests ? {} : { requests: { total } }), tools } };
    }
  }
}

/**
 * `input_tokens` holds cached and cache-write tokens, and text, audio and images; parts by kind of content are views of
 * them. Cache writes of 30 minutes and 12 hours are parts of `input_cache_write_tokens`, other ones than those of 5
 * minutes and an hour that rows know.
 */
function tokensOf(
  result: Json,
  hasOutput: boolean,
  endpoint: string,
): NonNullable<NonNullable<Usage["usage"]>["tokens"]> {
  const input = required(result, "input_tokens", endpoint);
  const read = optional(result, "input_cached_tokens", endpoint);
  const write = optional(result, "input_cache_write_tokens", endpoint);
  const output = hasOutput ? required(result, "output_tokens", endpoint) : undefined;
  const uncached = optional(result, "input_uncached_tokens", endpoint) ?? input - (read ?? 0) - (write ?? 0);
  return {
    input: Math.max(0, uncached),
    ...(read === undefined ? {} : { cache_read: read }),
    ...(write === undefined ? {} : { cache_write: write }),
    ...(output === undefined ? {} : { output }),
    total: input + (output ?? 0),
  };
}

/** `gpt-5.4-2026-03-05, cached input` is a model and a kind of its tokens; `web search tool calls` is none. */
function modelOfLineItem(item: string | undefined): string | undefined {
  const comma = item?.lastIndexOf(", ") ?? -1;
  return comma > 0 ? item?.slice(0, comma) : undefined;
}

function userOf(id: string | undefined, directory: Directory): Usage["user"] {
  if (id === undefined) return undefined;
  const known = directory.get(id);
  return { id, ...(known?.email ? { email: known.email } : {}), ...(known?.name ? { name: known.name } : {}) };
}

/** The API key, in its project; what is known of the project only, where there is no key. */
function resourcesOf(told: (field: string) => string | undefined, directory: Directory): Usage["resources"] {
  const key = told("api_key_id");
  const known = key === undefined ? undefined : directory.get(key);
  const project = told("project_id") ?? known?.parent;
  const projectName = told("project_name") ?? (project === undefined ? undefined : directory.get(project)?.name);
  const workspace = project === undefined ? undefined : { id: project, ...(projectName ? { name: projectName } : {}) };
  if (key === undefined && workspace === undefined) return undefined;
  return [
    {
      ...(key === undefined ? {} : { id: key }),
      ...(known?.name ? { name: known.name } : {}),
      ...(workspace ? { workspace } : {}),
    },
  ];
}
