import { DAY, type Instant, iso, isoDay } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import type { Json } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import { distinct, joined, modelOf } from "../map.ts";
import { optional, optionalTextOf } from "../wire.ts";
import type { List } from "./wire.ts";

/** The product of a list. `data` holds other operations than completions too: they are their own products. */
const PRODUCTS: Readonly<Record<List, { id: string; name: string }>> = {
  data: { id: "completions", name: "Completions" },
  dalle_api_data: { id: "dalle", name: "DALL-E" },
  whisper_api_data: { id: "whisper", name: "Whisper" },
  tts_api_data: { id: "tts", name: "Text to speech" },
  ft_data: { id: "fine_tuning", name: "Fine-tuning" },
  assistant_code_interpreter_data: { id: "code_interpreter", name: "Code interpreter" },
  retrieval_storage_data: { id: "retrieval_storage", name: "Retrieval storage" },
};

const QUANTITIES: Partial<Record<List, { field: string; unit: string }>> = {
  dalle_api_data: { field: "num_images", unit: "image" },
  whisper_api_data: { field: "num_seconds", unit: "second" },
  tts_api_data: { field: "num_characters", unit: "character" },
};

/** One row an item, of one day. Shapes changed over the years, so every field may be missing. */
export function mapDay(lists: readonly { list: List; items: readonly Json[] }[], day: Instant): Entry[] {
  const seen = new Map<string, number>();
  return lists.flatMap(({ list, items }) =>
    items.map((item) => ({ item, rows: [mapItem(item, list, day, distinct(idOf(item, list, day), seen))] })),
  );
}

function mapItem(item: Json, list: List, day: Instant, id: string): Usage {
  const told = teller(item, list);
  const operation = told("operation");
  const model = told("snapshot_id") ?? told("model_id");
  const organization = told("organization_id");
  const organizationName = told("organization_name");
  const user = userOf(told);
  const resources = resourcesOf(told);
  const usage = usageOf(item, list);
  const unit = usage.quantity === undefined ? undefined : QUANTITIES[list]?.unit;
  return {
    id,
    start_date: iso(day),
    end_date: iso(day + DAY),
    metric_name: operation ?? PRODUCTS[list].id,
    product: productOf(list, operation),
    ...modelOf(model),
    ...(user ? { user } : {}),
    ...(organization
      ? { organization: { id: organization, ...(organizationName ? { name: organizationName } : {}) } }
      : {}),
    ...(resources ? { resources } : {}),
    ...(Object.keys(usage).length > 0 ? { usage } : {}),
    ...(unit ? { unit } : {}),
    remote_data: { ...item, endpoint: `usage.${list}` },
  };
}

type Told = (field: string) => string | undefined;

function teller(item: Json, list: List): Told {
  return (field) => optionalTextOf(item, field, `usage.${list}[]`);
}

function idOf(item: Json, list: List, day: Instant): string {
  const told = teller(item, list);
  const time = told("aggregation_timestamp") ?? told("timestamp");
  const model = told("snapshot_id") ?? told("model_id");
  const whose = [told("project_id"), told("api_key_id"), told("email") ?? told("user_id")];
  const what = [told("request_type"), told("image_size")];
  return `openai:${joined(["legacy", isoDay(day), list, time, told("operation"), model, ...whose, ...what])}`;
}

function productOf(list: List, operation: string | undefined): { id: string; name: string } {
  if (list !== "data" || operation === undefined || operation.startsWith("completion")) return PRODUCTS[list];
  return { id: operation, name: operation.charAt(0).toUpperCase() + operation.slice(1) };
}

/** `user_id` holds an e-mail in some lists. */
function userOf(told: Told): Usage["user"] {
  const given = told("user_id");
  const email = told("email") ?? (given?.includes("@") ? given : undefined);
  const id = given?.includes("@") ? undefined : given;
  return id || email ? { ...(id ? { id } : {}), ...(email ? { email } : {}) } : undefined;
}

/** The API key in its project; the project itself where there is no key. A project's id may be its name. */
function resourcesOf(told: Told): Usage["resources"] {
  const key = named(told("api_key_id"), told("api_key_name"));
  const project = named(told("project_id"), told("project_name"));
  const resource = key ?? project;
  return resource && [{ ...resource, ...(project ? { workspace: project } : {}) }];
}

function named(id: string | undefined, name: string | undefined): { id?: string; name?: string } | undefined {
  return id || name ? { ...(id ? { id } : {}), ...(name ? { name } : {}) } : undefined;
}

/** Cached tokens are among those of the context. Names of 2023 (`n_context`) are read too. */
function usageOf(item: Json, list: List): NonNullable<Usage["usage"]> {
  const endpoint = `usage.${list}[]`;
  const number = (...names: string[]) =>
    names.map((name) => optional(item, name, endpoint)).find((value) => value !== undefined);
  const requests = number("n_requests", "num_requests");
  const context = number("n_context_tokens_total", "n_context");
  const output = number("n_generated_tokens_total", "n_generated");
  const cached = number("n_cached_context_tokens_total");
  const tokens = {
    ...(context === undefined ? {} : { input: Math.max(0, context - (cached ?? 0)) }),
    ...(cached === undefined ? {} : { cache_read: cached }),
    ...(output === undefined ? {} : { output }),
    ...(context === undefined || output === undefined ? {} : { total: context + output }),
  };
  const field = QUANTITIES[list]?.field;
  const quantity = field === undefined ? undefined : number(field);
  return {
    ...(requests === undefined ? {} : { requests: { total: requests } }),
    ...(Object.keys(tokens).length > 0 ? { tokens } : {}),
    ...(quantity === undefined ? {} : { quantity }),
  };
}
