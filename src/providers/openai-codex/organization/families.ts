/**
 * The families of the usage API: one endpoint each, with the same envelope and different measures. What a family can be
 * grouped and filtered by differs, and asking for more is refused.
 */

/** What results can be told apart by, in the order in which ids and requests name them. */
export const GROUPS = ["project_id", "user_id", "api_key_id", "model"] as const;
export type Group = (typeof GROUPS)[number];

export interface Family {
  /** The end of its path, which is not always the name in its results (`file_searches`). */
  id: string;
  name: string;
  groups: readonly Group[];
  /** Its own filters, beside `project_ids`, which all have. */
  filters: readonly string[];
  measure: Measure;
  /** Its requests may be counted in another family already: a search belongs to a completion. */
  withinRequests?: true;
  /** Only newer APIs have it. */
  maybeMissing?: true;
}

export type Measure =
  | { kind: "tokens"; output: boolean }
  /** How much there was of something, and how many requests made it. */
  | { kind: "quantity"; field: string; unit: string }
  /** Bytes kept: a level, which says nothing when it is summed over time. */
  | { kind: "stock"; field: string; unit: string }
  | { kind: "sessions"; field: string }
  | { kind: "calls"; field: string; tool: "web_search_count" | "action_count"; requests: string };

const PEOPLE = ["user_ids", "api_key_ids"] as const;
const TOKEN_FILTERS = [...PEOPLE, "models", "batch"] as const;
const FILTERS = [...PEOPLE, "models"] as const;

const GENERATED: Measure = { kind: "tokens", output: true };
const READ: Measure = { kind: "tokens", output: false };

export const FAMILIES: readonly Family[] = [
  { id: "completions", name: "Completions", groups: GROUPS, filters: TOKEN_FILTERS, measure: GENERATED },
  {
    id: "decisions",
    name: "Decisions",
    groups: GROUPS,
    filters: TOKEN_FILTERS,
    measure: GENERATED,
    maybeMissing: true,
  },
  { id: "embeddings", name: "Embeddings", groups: GROUPS, filters: FILTERS, measure: READ },
  { id: "moderations", name: "Moderations", groups: GROUPS, filters: FILTERS, measure: READ },
  {
    id: "images",
    name: "Images",
    groups: GROUPS,
    filters: [...FILTERS, "sources", "sizes"],
    measure: { kind: "quantity", field: "images", unit: "image" },
  },
  {
    id: "audio_speeches",
    name: "Audio speeches",
    groups: GROUPS,
    filters: FILTERS,
    measure: { kind: "quantity", field: "characters", unit: "character" },
  },
  {
    id: "audio_transcriptions",
    name: "Audio transcriptions",
    groups: GROUPS,
    filters: FILTERS,
    measure: { kind: "quantity", field: "seconds", unit: "second" },
  },
  {
    id: "vector_stores",
    name: "Vector stores",
    groups: ["project_id"],
    filters: [],
    measure: { kind: "stock", field: "usage_bytes", unit: "byte" },
  },
  {
    id: "code_interpreter_sessions",
    name: "Code interpreter sessions",
    groups: ["project_id"],
    filters: [],
    measure: { kind: "sessions", field: "num_sessions" },
  },
  {
    id: "file_search_calls",
    name: "File search calls",
    groups: ["project_id", "user_id", "api_key_id"],
    filters: [...PEOPLE, "vector_store_ids"],
    measure: { kind: "calls", field: "num_requests", tool: "action_count", requests: "num_requests" },
    withinRequests: true,
  },
  {
    id: "web_search_calls",
    name: "Web search calls",
    groups: GROUPS,
    filters: [...FILTERS, "context_levels"],
    measure: { kind: "calls", field: "num_requests", tool: "web_search_count", requests: "num_model_requests" },
    withinRequests: true,
  },
];

/** Filters that some families have: one that is given leaves the others out, since nothing of theirs can match it. */
export const FAMILY_FILTERS: ReadonlySet<string> = new Set(FAMILIES.flatMap(({ filters }) => filters));
