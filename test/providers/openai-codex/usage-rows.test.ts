import { describe, expect, it } from "vitest";
import { failure, guardTheEdge, type Item, json, list } from "../edge.ts";
import {
  API,
  bucket,
  COSTS_PATH,
  familyPath,
  ORGANIZATION,
  organization,
  page,
  question,
  readPage,
  rows,
  rowsIn,
  serveHost,
  stored,
  storedLines,
} from "./openai.ts";

guardTheEdge();

const FIRST_DAY = { start_date: "2024-11-01", end_date: "2024-11-02" };

describe("a result of the usage API as a row", () => {
  it("the documented completions: input 1000 is cached 400, cache writes 100 and uncached 500", async () => {
    serveHost(API, {
      [familyPath("completions")]: () => json({ ...Object(stored("usage-completions.json")), has_more: false }),
    });
    const found = await rows(organization(), { ...FIRST_DAY, product_ids: ["completions"] }, true);
    const [sent] = Object(stored("usage-completions.json")).data[0].results;
    expect(found).toEqual([
      {
        id: "openai:completions:1d:1730419200:project_id=:user_id=:api_key_id=:model=",
        start_date: "2024-11-01T00:00:00Z",
        end_date: "2024-11-02T00:00:00Z",
        metric_name: "organization.usage.completions",
        product: { id: "completions", name: "Completions" },
        surface: "api",
        organization: { id: "org-tests" },
        usage: {
          requests: { total: 5 },
          tokens: { input: 500, cache_read: 400, cache_write: 100, output: 500, total: 1500 },
        },
        remote_data: {
          ...sent,
          start_time: 1730419200,
          end_time: 1730505600,
          endpoint: "organization.usage.completions",
        },
      },
    ]);
  });

  /** The documented results in the order of the contract, and what each family's row says of how much. */
  it.each<[number, string, string, Item]>([
    [0, "embeddings", "Embeddings", { usage: { requests: { total: 2 }, tokens: { input: 16, total: 16 } } }],
    [1, "moderations", "Moderations", { usage: { requests: { total: 2 }, tokens: { input: 16, total: 16 } } }],
    [2, "images", "Images", { usage: { quantity: 2, requests: { total: 2 } }, unit: "image" }],
    [3, "audio_speeches", "Audio speeches", { usage: { quantity: 45, requests: { total: 1 } }, unit: "character" }],
    [
      4,
      "audio_transcriptions",
      "Audio transcriptions",
      { usage: { quantity: 20, requests: { total: 1 } }, unit: "second" },
    ],
    [5, "vector_stores", "Vector stores", { usage: { quantity: 1024 }, unit: "byte" }],
    [
      6,
      "code_interpreter_sessions",
      "Code interpreter sessions",
      { usage: { quantity: 1, sessions: { distinct: 1 } }, unit: "session" },
    ],
    [7, "file_search_calls", "File search calls", { usage: { requests: { total: 2 }, tools: { action_count: 2 } } }],
    [8, "web_search_calls", "Web search calls", { usage: { requests: { total: 2 }, tools: { web_search_count: 2 } } }],
  ])("the documented result %i of %s", async (index, family, name, measures) => {
    const result = storedLines("usage-results.jsonl")[index];
    serveHost(API, { [familyPath(family)]: () => page([bucket([result])]) });
    const [row, ...others] = await rows(organization(), { date: "2026-10-13" });
    expect(others).toEqual([]);
    const { id, ...facts } = row ?? {};
    expect(id).toMatch(new RegExp(`^openai:${family}:1d:1791849600:`));
    expect(facts).toEqual({
      start_date: "2026-10-13T00:00:00Z",
      end_date: "2026-10-14T00:00:00Z",
      metric_name: `organization.usage.${family}`,
      product: { id: family, name },
      surface: "api",
      organization: { id: "org-tests" },
      ...measures,
    });
  });

  it("what it is grouped by: project, user, API key and model", () => {
    const result = {
      input_tokens: 10,
      output_tokens: 4,
      num_model_requests: 1,
      project_id: "proj_a",
      user_id: "user-b",
      api_key_id: "key_c",
      model: "ft:gpt-4.1:acme::d:ckpt",
    };
    const [row] = rowsIn(readPage(question(ORGANIZATION), { source: "completions" }, { data: [bucket([result])] }));
    expect(row).toMatchObject({
      id: "openai:completions:1d:1791849600:project_id=proj_a:user_id=user-b:api_key_id=key_c:model=ft%3Agpt-4.1%3Aacme%3A%3Ad%3Ackpt",
      model: { id: "ft:gpt-4.1:acme::d:ckpt", provider: "openai" },
      user: { id: "user-b" },
      resources: [{ id: "key_c", workspace: { id: "proj_a" } }],
    });
  });

  it("a key of a service account has no user, a use without a key is its project's", () => {
    const measures = { input_tokens: 1, output_tokens: 1, num_model_requests: 1 };
    const [service, keyless] = rowsIn(
      readPage(
        question(ORGANIZATION),
        { source: "completions" },
        {
          data: [
            bucket([
              { ...measures, project_id: "proj_a", user_id: null, api_key_id: "key_c", model: "gpt-5.5" },
              { ...measures, project_id: "proj_a", user_id: null, api_key_id: null, model: "gpt-5.5" },
            ]),
          ],
        },
      ),
    );
    expect(service).not.toHaveProperty("user");
    expect(service?.resources).toEqual([{ id: "key_c", workspace: { id: "proj_a" } }]);
    expect(keyless?.resources).toEqual([{ workspace: { id: "proj_a" } }]);
  });
});

describe("tokens: uncached input, cache reads, cache writes and output are the total", () => {
  it.each<[string, Item, Item]>([
    [
      "an old payload: no parts but the cached",
      { input_tokens: 100, output_tokens: 20, input_cached_tokens: 60, input_audio_tokens: 5 },
      { input: 40, cache_read: 60, output: 20, total: 120 },
    ],
    ["no parts at all", { input_tokens: 100, output_tokens: 20 }, { input: 100, output: 20, total: 120 }],
    [
      "parts of null",
      { input_tokens: 100, output_tokens: 20, input_cached_tokens: null, input_uncached_tokens: null },
      { input: 100, output: 20, total: 120 },
    ],
    [
      "audio and images are among them, not beside",
      { input_tokens: 100, output_tokens: 20, input_audio_tokens: 30, input_image_tokens: 20, output_audio_tokens: 7 },
      { input: 100, output: 20, total: 120 },
    ],
    [
      "cache writes of 30 minutes and 12 hours are no others than those of the sum",
      {
        input_tokens: 100,
        output_tokens: 0,
        input_cache_write_tokens: 30,
        input_cache_write_30m_tokens: 10,
        input_cache_write_12h_tokens: 20,
      },
      { input: 70, cache_write: 30, output: 0, total: 100 },
    ],
    [
      "more cached than sent",
      { input_tokens: 10, output_tokens: 0, input_cached_tokens: 12 },
      { input: 0, cache_read: 12, output: 0, total: 10 },
    ],
  ])("%s", (_, sent, tokens) => {
    const result = { num_model_requests: 1, ...sent };
    const [row] = rowsIn(readPage(question(ORGANIZATION), { source: "completions" }, { data: [bucket([result])] }));
    expect(row?.usage).toEqual({ requests: { total: 1 }, tokens });
  });
});

describe("the organization of a row", () => {
  const result = { input_tokens: 1, num_model_requests: 1, organization_id: "org-result" };
  const bare = { ...ORGANIZATION, organization_id: undefined };
  it.each<[string, unknown, Record<string, string>, Item, unknown]>([
    ["of the settings first", ORGANIZATION, { "openai-organization": "org-header" }, result, { id: "org-tests" }],
    ["then the answer's header", bare, { "openai-organization": "org-header" }, result, { id: "org-header" }],
    ["then the result's own", bare, {}, result, { id: "org-result" }],
    ["else unknown", bare, {}, { ...result, organization_id: null }, undefined],
  ])("%s", (_, account, headers, sent, due) => {
    const asked = question(account, { groupBy: [] });
    const [row] = rowsIn(readPage(asked, { source: "embeddings" }, { data: [bucket([sent])] }, { headers }));
    expect(row?.organization).toEqual(due);
  });
});

describe("buckets", () => {
  const result = { input_tokens: 1, num_model_requests: 1 };

  it("without use have no row, and results named as of old are read", async () => {
    const { results: _, ...old } = bucket([], 1);
    serveHost(API, {
      [familyPath("embeddings")]: () =>
        page([bucket([]), { ...old, result: [result] }, { ...bucket([], 2), results: null, result: [result] }]),
    });
    const found = await rows(organization(), { start_date: "2026-10-13", end_date: "2026-10-16" });
    expect(found.map(({ start_date }) => start_date)).toEqual(["2026-10-14T00:00:00Z", "2026-10-15T00:00:00Z"]);
  });

  it("results that are told apart by nothing keep ids of their own", () => {
    const asked = question(ORGANIZATION, { groupBy: [] });
    const read = readPage(asked, { source: "embeddings" }, { data: [bucket([result, result]), bucket([result], 1)] });
    expect(rowsIn(read).map(({ id }) => id)).toEqual([
      "openai:embeddings:1d:1791849600",
      "openai:embeddings:1d:1791849600:1",
      "openai:embeddings:1d:1791936000",
    ]);
  });

  it("one that still runs has the same id wherever it ends", () => {
    const asked = question(ORGANIZATION, { groupBy: [] });
    const running = { ...bucket([result]), end_time: 1_791_849_600 + 7_000 };
    const [row] = rowsIn(readPage(asked, { source: "embeddings" }, { data: [running] }));
    expect(row?.id).toBe("openai:embeddings:1d:1791849600");
    expect(row?.end_date).toBe("2026-10-13T01:56:40Z");
  });

  it("go on where a page only names the next one", async () => {
    serveHost(API, {
      [familyPath("embeddings")]: (url) =>
        url.searchParams.has("page")
          ? json({ data: [bucket([result], 1)] })
          : json({ data: [bucket([result])], next_page: "page_2" }),
    });
    const found = await rows(organization(), { start_date: "2026-10-13", end_date: "2026-10-15" });
    expect(found.map(({ start_date }) => start_date)).toEqual(["2026-10-13T00:00:00Z", "2026-10-14T00:00:00Z"]);
  });

  it("raw gives a bucket a result, untouched otherwise", async () => {
    serveHost(API, { [familyPath("embeddings")]: () => page([bucket([{ ...result, new_field: { a: [1] } }])]) });
    const answer = await list(organization(), { date: "2026-10-13", truto_response_format: "raw" });
    expect(answer.result).toEqual([bucket([{ ...result, new_field: { a: [1] } }])]);
  });
});

describe("what a number depends on and is not as the contract says is an error that names the field", () => {
  const completions = { input_tokens: 1, output_tokens: 1, num_model_requests: 1 };
  it.each<[string, Item, string]>([
    ["completions", { ...completions, input_tokens: undefined }, "organization.usage.completions.input_tokens"],
    ["completions", { ...completions, input_tokens: null }, "organization.usage.completions.input_tokens"],
    ["completions", { ...completions, input_tokens: "many" }, "organization.usage.completions.input_tokens"],
    ["completions", { ...completions, output_tokens: undefined }, "organization.usage.completions.output_tokens"],
    ["completions", { ...completions, output_tokens: {} }, "organization.usage.completions.output_tokens"],
    ["completions", { ...completions, num_model_requests: true }, "organization.usage.completions.num_model_requests"],
    ["completions", { ...completions, input_cached_tokens: [4] }, "organization.usage.completions.input_cached_tokens"],
    ["images", { num_model_requests: 1 }, "organization.usage.images.images"],
    ["vector_stores", { usage_bytes: "1 GB" }, "organization.usage.vector_stores.usage_bytes"],
    ["web_search_calls", { num_model_requests: 1 }, "organization.usage.web_search_calls.num_requests"],
  ])("%s %j", async (family, result, field) => {
    serveHost(API, { [familyPath(family)]: () => page([bucket([result])]) });
    const error = await failure(rows(organization(), { date: "2026-10-13" }));
    expect(error).toMatchObject({ name: "UsageError", kind: "vendor_data" });
    expect(String(error)).toContain(field);
  });

  it.each<[unknown, string]>([
    [[], "organization.costs"],
    [{ data: {} }, "organization.costs.data"],
    [{ data: [null] }, "organization.costs.data[]"],
    [{ data: [{ end_time: 1791936000, results: [] }] }, "organization.costs.data[].start_time"],
    [{ data: [{ ...bucket([]), start_time: "2026-10-13" }] }, "organization.costs.data[].start_time"],
    [{ data: [{ ...bucket([]), start_time: 1_791_849_600_000 }] }, "organization.costs.data[].start_time"],
    [{ data: [{ ...bucket([]), results: "none" }] }, "organization.costs.data[].results"],
    [{ data: [bucket([null])] }, "organization.costs.data[].results[]"],
    [{ data: [], has_more: true, next_page: null }, "organization.costs.has_more"],
    [{ data: [], has_more: "true", next_page: "page_2" }, "organization.costs.has_more"],
    [{ object: "page", has_more: false }, "organization.costs.data"],
    [{ data: [{ ...bucket([]), results: undefined }] }, "organization.costs.data[].results"],
  ])("the body %j", async (body, field) => {
    serveHost(API, { [COSTS_PATH]: () => json(body) });
    const error = await failure(rows(organization(), { date: "2026-10-13", report_type: "cost" }));
    expect(error).toMatchObject({ name: "UsageError", kind: "vendor_data" });
    expect(String(error)).toContain(field);
  });
});
