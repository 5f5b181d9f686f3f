import { describe, expect, it } from "vitest";
import { openaiCodex } from "../../../src/providers/openai-codex/adapter.ts";
import type { Query } from "../../../src/usage/query.ts";
import { describeDrift, type Kind } from "../drift.ts";
import { engineOf, failure, guardTheEdge, type Item, json, list, NOW } from "../edge.ts";
import { fieldKinds } from "../field-kinds.ts";
import {
  API,
  accountOf,
  CHATGPT,
  COSTS_PATH,
  codexPath,
  DAILY_PATH,
  familyPath,
  LEGACY,
  ORGANIZATION,
  page,
  rows,
  serveHost,
  stored,
  storedLines,
  WORKSPACE,
} from "./openai.ts";

guardTheEdge();

interface Case {
  name: string;
  host: string;
  path: string;
  account: unknown;
  query: Query;
  body: unknown;
  named: Record<string, Kind>;
}

const DAY = { date: "2024-11-01" };
const PAGE: Record<string, Kind> = { data: "list!", "data[]": "object!", has_more: "flag~", next_page: "text~" };
const BUCKET: Record<string, Kind> = {
  ...PAGE,
  "data[].start_time": "day!",
  "data[].end_time": "day!",
  "data[].results": "list!",
  "data[].results[]": "object!",
};
/** Null where a result is not told apart by it. */
const DIMENSIONS: Record<string, Kind> = { project_id: "text?", user_id: "text?", api_key_id: "text?", model: "text?" };
const PARTS: Record<string, Kind> = {
  input_tokens: "number!",
  output_tokens: "number!",
  num_model_requests: "number!",
  input_cached_tokens: "number?",
  input_cache_write_tokens: "number?",
  // The rest of the input, where it is not sent.
  input_uncached_tokens: "number~",
};

const bucketOf = (result: unknown) => ({
  object: "page",
  data: [{ object: "bucket", start_time: 1730419200, end_time: 1730505600, results: [result] }],
  has_more: false,
  next_page: null,
});
const last = (body: unknown): Item => ({ ...Object(body), has_more: false, next_page: null });

/** The end of a result's `object`, and its path: they are not the same words. */
const MEASURES: [string, string, Record<string, Kind>][] = [
  ["embeddings", "embeddings", { input_tokens: "number!", num_model_requests: "number!" }],
  ["moderations", "moderations", { input_tokens: "number!", num_model_requests: "number!" }],
  ["images", "images", { images: "number!", num_model_requests: "number!" }],
  ["audio_speeches", "audio_speeches", { characters: "number!", num_model_requests: "number!" }],
  ["audio_transcriptions", "audio_transcriptions", { seconds: "number!", num_model_requests: "number!" }],
  ["vector_stores", "vector_stores", { usage_bytes: "number!" }],
  ["code_interpreter_sessions", "code_interpreter_sessions", { num_sessions: "number!" }],
  ["file_searches", "file_search_calls", { num_requests: "number!" }],
  ["web_searches", "web_search_calls", { num_requests: "number!", num_model_requests: "number!" }],
];
const results = storedLines("usage-results.jsonl");

const CODEX: Record<string, Kind> = {
  ...PAGE,
  "data[].start_time": "day!",
  "data[].end_time": "day!",
  user_id: "text?",
  actor: "object?",
  "actor.user_id": "text?",
  "actor.email": "text~",
  totals: "object!",
  "totals.threads": "number!",
  "totals.turns": "number!",
  "totals.credits": "number!",
  "totals.estimated_cost_usd": "number?",
  "totals.uncached_text_input_tokens": "number?",
  "totals.cached_text_input_tokens": "number?",
  "totals.text_output_tokens": "number?",
  "totals.text_total_tokens": "number?",
  code_attribution: "object?",
  lines_of_code: "object?",
  commits: "object?",
  added: "number?",
  removed: "number?",
  with_codex_contribution: "number?",
};
const codexRow = () => ({ object: "page", data: [stored("codex-usage-row.json")], has_more: false, next_page: null });

const CASES: Case[] = [
  {
    name: "completions",
    host: API,
    path: familyPath("completions"),
    account: ORGANIZATION,
    query: { report_type: "activity", ...DAY },
    body: last(stored("usage-completions.json")),
    named: { ...BUCKET, ...DIMENSIONS, ...PARTS },
  },
  ...MEASURES.map(
    ([object, family, measures]): Case => ({
      name: family,
      host: API,
      path: familyPath(family),
      account: ORGANIZATION,
      query: { report_type: "usage", product_ids: [family], ...DAY },
      body: bucketOf(results.find((result) => result["object"] === `organization.usage.${object}.result`)),
      named: { ...BUCKET, ...DIMENSIONS, ...measures },
    }),
  ),
  {
    name: "costs",
    host: API,
    path: COSTS_PATH,
    account: ORGANIZATION,
    query: { report_type: "cost", ...DAY },
    body: bucketOf({
      object: "organization.costs.result",
      amount: { value: "75.38441804", currency: "usd" },
      line_item: "gpt-5.4-2026-03-05, cached input",
      project_id: "proj_a",
      api_key_id: null,
      quantity: 12.5,
      quantity_unit: "1000_tokens",
    }),
    named: {
      ...BUCKET,
      amount: "object!",
      value: "number!",
      currency: "text!",
      line_item: "text?",
      project_id: "text?",
      api_key_id: "text?",
      quantity: "number?",
      quantity_unit: "text?",
    },
  },
  {
    name: "Codex by user",
    host: CHATGPT,
    path: codexPath("usage"),
    account: WORKSPACE,
    query: { report_type: "user_usage", ...DAY },
    body: codexRow(),
    named: CODEX,
  },
  {
    name: "Codex reviews",
    host: CHATGPT,
    path: codexPath("code_reviews"),
    account: WORKSPACE,
    query: { report_type: "summary", ...DAY },
    body: last(stored("codex-code-reviews.json")),
    named: {
      ...PAGE,
      "data[].start_time": "day!",
      "data[].end_time": "day!",
      pull_request_reviews: "number!",
      "data[].comments": "number!",
    },
  },
  {
    name: "responses to Codex reviews",
    host: CHATGPT,
    path: codexPath("code_review_responses"),
    account: WORKSPACE,
    query: { report_type: "summary", ...DAY },
    body: last(stored("codex-code-review-responses.json")),
    named: { ...PAGE, "data[].start_time": "day!", "data[].end_time": "day!", "data[].reactions": "number!" },
  },
  {
    name: "the unified daily usage",
    host: CHATGPT,
    path: DAILY_PATH,
    account: WORKSPACE,
    query: { report_type: "user_usage", product_ids: ["chatgpt"], ...DAY },
    body: last(stored("workspace-usage.json")),
    named: {
      ...PAGE,
      "data[].start_time": "day!",
      "data[].end_time": "day!",
      totals: "object!",
      "*_tokens": "number?",
    },
  },
  {
    name: "the old endpoint",
    host: API,
    path: "/v1/usage",
    account: LEGACY,
    query: { date: "2024-11-04" },
    body: stored("legacy-day.json"),
    // Its fields came and went over the years; its list of completions was always there.
    named: {
      data: "list!",
      "*_data": "key",
      "data[]": "object!",
      "dalle_api_data[]": "object!",
      "whisper_api_data[]": "object!",
      aggregation_timestamp: "text~",
      timestamp: "text~",
      organization_id: "text~",
      organization_name: "text?",
      n_requests: "number?",
      num_requests: "number?",
      num_images: "number?",
      num_seconds: "number?",
      n_context_tokens_total: "number?",
      n_generated_tokens_total: "number?",
      n_cached_context_tokens_total: "number?",
      operation: "text~",
      snapshot_id: "text~",
      model_id: "text~",
      email: "text~",
      user_id: "text~",
      api_key_id: "text~",
      api_key_name: "text?",
      project_id: "text~",
      project_name: "text?",
      request_type: "text~",
      image_size: "text~",
    },
  },
];

for (const { name, host, path, account, query, body, named } of CASES) {
  describeDrift(name, {
    body,
    fields: fieldKinds(body, named),
    ask(answer) {
      serveHost(host, { [path]: () => json(answer) });
      return list(engineOf([account]), query);
    },
  });
}

describe("an error that comes with status 200", () => {
  it.each([
    { error: { message: "no", type: "server_error", param: null, code: null } },
    { error: "no" },
    { errors: ["no"] },
    { message: "no" },
    { detail: [{ loc: ["query"], msg: "no", type: "value_error" }] },
    { detail: "no" },
    { object: "page", data: null, has_more: false, next_page: null },
    { object: "page", data: [], has_more: false, next_page: null, error: { message: "no" } },
    {},
    [],
  ])("%j is no period without usage", async (body) => {
    for (const { host, path, account, query } of CASES) {
      serveHost(host, { [path]: () => json(body) });
      expect(await failure(list(engineOf([account]), query))).toMatchObject({ name: "UsageError" });
    }
  });

  it("is told from an answer by its own words", () => {
    const { errorText } = openaiCodex.connect(accountOf(ORGANIZATION), NOW);
    expect(errorText({ error: { message: "no", type: "t", param: null, code: null } })).toBe("no");
    expect(errorText({ error: { message: null, code: "bad" } })).toBe("bad");
    expect(errorText({ error: "no" })).toBe("no");
    expect(errorText({ detail: [{ loc: ["query", "limit"], msg: "no" }] })).toBe("query.limit: no");
    expect(errorText({ data: [], error: { message: "no" } })).toBe("no");
    for (const { body } of CASES) expect(errorText(body)).toBeUndefined();
    expect(errorText({ data: [], has_more: false, message: "hello", detail: "more", error: null })).toBeUndefined();
  });

  it("words beside the data of an answer are no error", async () => {
    serveHost(API, { [COSTS_PATH]: () => json({ ...last(stored("costs.json")), message: "hello", detail: "more" }) });
    expect(await rows(engineOf([ORGANIZATION]), { report_type: "cost", ...DAY })).toHaveLength(1);
  });
});

describe("Codex by model", () => {
  const row = Object(stored("codex-usage-row.json"));
  const [model] = row.models;
  const read = (change: Item) => {
    serveHost(CHATGPT, { [codexPath("usage")]: () => page([{ ...row, ...change }]) });
    return rows(engineOf([WORKSPACE]), { report_type: "usage", ...DAY });
  };

  it.each(["threads", "turns", "credits"])(
    "without %s of the totals is an error: what models leave over would be lost",
    async (field) => {
      for (const value of [undefined, null, "abc", {}, [], true])
        expect(String(await failure(read({ totals: { ...row.totals, [field]: value } })))).toContain(
          `codex.usage.${field}`,
        );
    },
  );

  it("is one row of the totals where models are unknown, and an error where they are no list", async () => {
    for (const models of [undefined, null, []])
      expect(await read({ models })).toMatchObject([
        { usage: { conversations: { thread_count: 123, turn_count: 456 }, quantity: 12.5 } },
      ]);
    for (const models of [{}, "abc", true, [7]]) expect(String(await failure(read({ models })))).toContain("models");
  });

  it.each(["model", "speed", "credits", "estimated_cost_usd"])(
    "with %s of a model retyped is an error",
    async (field) => {
      for (const value of [{}, [], true])
        expect(String(await failure(read({ models: [{ ...model, [field]: value }] })))).toContain(field);
    },
  );

  it("keeps its sums where a model does not say its credits: they are left over", async () => {
    const found = await read({ models: [{ ...model, credits: undefined }] });
    expect(found.map(({ usage }) => Object(usage).quantity)).toEqual([undefined, 12.5]);
  });
});

it("Codex without its clients is an error where it is told apart by them", async () => {
  const row = Object(stored("codex-usage-row.json"));
  for (const clients of [undefined, null, {}, "abc"]) {
    serveHost(CHATGPT, { [codexPath("usage")]: () => page([{ ...row, clients }]) });
    const query: Query = { report_type: "usage", group_by: ["surface"], ...DAY };
    expect(String(await failure(rows(engineOf([WORKSPACE]), query)))).toContain("codex.usage.clients");
  }
});
