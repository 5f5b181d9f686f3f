import type { Day } from "./calendar.ts";
import type { Question, Terms } from "./openai-buckets.ts";
import { DAILY, HOURLY, MINUTELY } from "./openai-buckets.ts";
import type { Flow, VectorStore, Workload } from "./openai-estate.ts";
import { day, STORES, userId, WORKLOADS } from "./openai-estate.ts";
import type { Parts, Span } from "./openai-usage.ts";
import { add, bytesOf, modelOf, noParts, used } from "./openai-usage.ts";

type Measures = Readonly<Record<string, number>>;

interface Family extends Terms {
  readonly object: string;
  /** Absent for a family that nobody uses, and for the stock. */
  readonly flow?: Flow;
  readonly isStock: boolean;
  /** Dimensions that are in a result, as null, even if they were not asked for. */
  readonly shown: readonly string[];
  measures(parts: Parts, day: Day): Measures;
}

const BY_KEY = ["project_id", "user_id", "api_key_id"];
const BY_MODEL = [...BY_KEY, "model"];
const TEXT = [...BY_MODEL, "batch", "service_tier"];
const KEY_FILTERS = ["project_ids", "user_ids", "api_key_ids"];
const MODEL_FILTERS = [...KEY_FILTERS, "models"];

/** By the last part of the path. Two of them call their results something else. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  completions: family("completions", [...MODEL_FILTERS, "batch"], TEXT, tokens, {
    flow: "completions",
    unshown: ["api_source"],
  }),
  embeddings: family("embeddings", MODEL_FILTERS, BY_MODEL, unit("input_tokens"), { flow: "embeddings" }),
  moderations: family("moderations", MODEL_FILTERS, BY_MODEL, unit("input_tokens"), { flow: "moderations" }),
  images: family("images", [...MODEL_FILTERS, "sources", "sizes"], [...BY_MODEL, "size", "source"], unit("images"), {
    flow: "images",
  }),
  audio_speeches: family("audio_speeches", MODEL_FILTERS, BY_MODEL, unit("characters"), { flow: "audio_speeches" }),
  audio_transcriptions: family("audio_transcriptions", MODEL_FILTERS, BY_MODEL, unit("seconds"), {
    flow: "audio_transcriptions",
  }),
  vector_stores: family("vector_stores", ["project_ids"], ["project_id"], ({ units }) => ({ usage_bytes: units }), {
    isStock: true,
  }),
  code_interpreter_sessions: family(
    "code_interpreter_sessions",
    ["project_ids"],
    ["project_id"],
    ({ requests }) => ({ num_sessions: requests }),
    { flow: "code_interpreter_sessions" },
  ),
  file_search_calls: family(
    "file_searches",
    [...KEY_FILTERS, "vector_store_ids"],
    [...BY_KEY, "vector_store_id"],
    ({ requests }) => ({ num_requests: requests }),
    { flow: "file_search_calls" },
  ),
  web_search_calls: family(
    "web_searches",
    [...MODEL_FILTERS, "context_levels"],
    [...BY_MODEL, "context_level"],
    ({ requests, units }) => ({ num_model_requests: requests, num_requests: units }),
    { flow: "web_search_calls", unshown: ["api_source"] },
  ),
  decisions: family("decisions", [...MODEL_FILTERS, "batch"], TEXT, tokens, { unshown: ["api_source"] }),
};

/**
 * Answers buckets' results: one for each combination of what was grouped by, none where nothing was used. Which
 * workloads pass the filters, and into which group each goes, is the same all day.
 */
export function usageResults(family: Family, { groupBy, filters }: Question): (span: Span) => unknown[] {
  const dimensioned = (source: Source, dimensions: Dimensions): Assigned[] => {
    for (const [name, allowed] of filters) {
      const value = dimensions[FILTERED[name] ?? ""];
      if (value === undefined || value === null || !allowed.has(`${value}`)) return [];
    }
    const group: Record<string, string | boolean | null> = {};
    for (const name of family.shown) group[name] = null;
    for (const name of groupBy) group[name] = dimensions[name] ?? null;
    return [{ source, key: JSON.stringify(group), group }];
  };
  const assign = (day: Day) => [
    ...(family.isStock ? STORES : []).flatMap((store) =>
      dimensioned((span) => stocked(store, span), { project_id: store.project.id }),
    ),
    ...WORKLOADS.filter((workload) => workload.family === family.flow).flatMap((workload) =>
      dimensioned((span) => used(workload, span), dimensionsOf(workload, day)),
    ),
  ];
  let today: { readonly day: Day; readonly assigned: readonly Assigned[] } | undefined;
  return (span) => {
    if (today?.day !== span.day) today = { day: span.day, assigned: assign(span.day) };
    const sums = new Map<string, { readonly group: Group; readonly parts: Parts }>();
    for (const { source, key, group } of today.assigned) {
      const parts = source(span);
      if (parts === undefined) continue;
      const sum = sums.get(key);
      if (sum === undefined) sums.set(key, { group, parts });
      else add(sum.parts, parts);
    }
    return [...sums.values()].map(({ group, parts }) =>
      Object.assign({ object: family.object }, family.measures(parts, span.day), group),
    );
  };
}

type Source = (span: Span) => Parts | undefined;
/** A result's dimensions: those that were grouped by, and null for the rest. */
type Group = Readonly<Record<string, string | boolean | null>>;

interface Assigned {
  readonly source: Source;
  readonly key: string;
  readonly group: Group;
}

function stocked(store: VectorStore, span: Span): Parts | undefined {
  const units = span.to > span.from ? bytesOf(store, span.day) : 0;
  return units > 0 ? { ...noParts(), units } : undefined;
}

type Dimensions = Readonly<Record<string, string | boolean | null | undefined>>;

/** By filter, the dimension it looks at. */
const FILTERED: Readonly<Record<string, string>> = {
  project_ids: "project_id",
  user_ids: "user_id",
  api_key_ids: "api_key_id",
  models: "model",
  batch: "batch",
  sources: "source",
  sizes: "size",
  vector_store_ids: "vector_store_id",
  context_levels: "context_level",
};

function dimensionsOf(workload: Workload, day: Day): Dimensions {
  return {
    project_id: workload.project.id,
    user_id: workload.user === null ? null : userId(workload.user),
    api_key_id: workload.key?.id ?? null,
    model: modelOf(workload, day),
    batch: workload.batch ?? false,
    service_tier: workload.tier ?? null,
    api_source: workload.agents === true ? "agents_api" : "unlabeled",
    size: workload.size,
    source: workload.source,
    vector_store_id: workload.store?.id,
    context_level: workload.contextLevel,
  };
}

function family(
  object: string,
  filters: readonly string[],
  shown: readonly string[],
  measures: Family["measures"],
  more: { readonly flow?: Flow; readonly isStock?: boolean; readonly unshown?: readonly string[] } = {},
): Family {
  return {
    object: `organization.usage.${object}.result`,
    widths: { "1m": MINUTELY, "1h": HOURLY, "1d": DAILY },
    filters,
    groupings: [...shown, ...(more.unshown ?? [])],
    shown,
    measures,
    isStock: more.isStock ?? false,
    ...(more.flow === undefined ? {} : { flow: more.flow }),
  };
}

function unit(name: string): Family["measures"] {
  return ({ requests, units }) => ({ [name]: units, num_model_requests: requests });
}

/** The first day whose results tell cached from uncached, and text from the rest. */
const TOLD_APART = day("2026-01-01");
/** The first day whose results tell how long a cache was written for. */
const CACHE_AGES = day("2026-11-01");

function tokens(parts: Parts, today: Day): Measures {
  const uncached = parts.uncachedText + parts.uncachedAudio + parts.uncachedImage;
  const cached = parts.cachedText + parts.cachedAudio + parts.cachedImage;
  const input = uncached + cached + parts.cacheWrite;
  const output = parts.outputText + parts.outputAudio + parts.outputImage;
  if (today < TOLD_APART) {
    return {
      input_tokens: input,
      output_tokens: output,
      num_model_requests: parts.requests,
      input_cached_tokens: cached,
      input_audio_tokens: parts.uncachedAudio,
      output_audio_tokens: parts.outputAudio,
    };
  }
  const measures: Record<string, number> = {
    input_tokens: input,
    input_cached_tokens: cached,
    input_cache_write_tokens: parts.cacheWrite,
    input_uncached_tokens: uncached,
    output_tokens: output,
    input_text_tokens: parts.uncachedText,
    output_text_tokens: parts.outputText,
    input_cached_text_tokens: parts.cachedText,
    input_audio_tokens: parts.uncachedAudio,
    input_cached_audio_tokens: parts.cachedAudio,
    output_audio_tokens: parts.outputAudio,
    input_image_tokens: parts.uncachedImage,
    input_cached_image_tokens: parts.cachedImage,
    output_image_tokens: parts.outputImage,
    num_model_requests: parts.requests,
  };
  if (today >= CACHE_AGES) {
    measures["input_cache_write_30m_tokens"] = parts.cacheWrite;
    measures["input_cache_write_12h_tokens"] = 0;
  }
  return measures;
}
