import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import { call, failure, guardTheEdge, type Item, json, list } from "../edge.ts";
import { API, type Asked, KEYS, legacy, rows, serveHost, stored } from "./openai.ts";

guardTheEdge();

const PATH = "/v1/usage";
const FIRST_DAY = { start_date: "2024-11-04T00:00:00Z", end_date: "2024-11-05T00:00:00Z" };
const PERSONAL = { id: "org-dummy", name: "Personal" };

function serve(body: unknown): Asked[] {
  return serveHost(API, { [PATH]: () => json(body) });
}

async function rowOf(list_: string, item: Item): Promise<Item> {
  serve({ object: "list", data: [], [list_]: [item] });
  const [row, ...others] = await rows(legacy(), { date: "2024-11-04" });
  expect(others).toEqual([]);
  return row ?? {};
}

describe("an item of the old endpoint as a row", () => {
  it("the documented day", async () => {
    serve(stored("legacy-day.json"));
    expect(await rows(legacy(), { date: "2024-11-04" })).toEqual([
      {
        id: "openai:legacy:2024-11-04:data:1730696460:completion-realtime:gpt-4o-realtime-preview-2024-10-01:::::",
        ...FIRST_DAY,
        metric_name: "completion-realtime",
        product: { id: "completions", name: "Completions" },
        model: { id: "gpt-4o-realtime-preview-2024-10-01", provider: "openai" },
        organization: PERSONAL,
        usage: { requests: { total: 1 }, tokens: { input: 118, cache_read: 0, output: 35, total: 153 } },
      },
      {
        id: "openai:legacy:2024-11-04:data:1730697540:completion:ft%3Agpt-3.5-turbo-0125%3Apersonal%3Ayay-renew%3AAPjjyG8E%3Ackpt-step-84:::::",
        ...FIRST_DAY,
        metric_name: "completion",
        product: { id: "completions", name: "Completions" },
        model: { id: "ft:gpt-3.5-turbo-0125:personal:yay-renew:APjjyG8E:ckpt-step-84", provider: "openai" },
        organization: PERSONAL,
        usage: { requests: { total: 1 }, tokens: { input: 13, cache_read: 0, output: 9, total: 22 } },
      },
      {
        id: "openai:legacy:2024-11-04:dalle_api_data:1730696460:generations:dall-e-3:Default%20Project:key_10xSzP3zPsz8zB5O:user%40example.com::1024x1024",
        ...FIRST_DAY,
        metric_name: "generations",
        product: { id: "dalle", name: "DALL-E" },
        model: { id: "dall-e-3", provider: "openai" },
        user: { email: "user@example.com" },
        organization: { id: "org-XXXXXXXXXXXXXXXXXXXXXXXX", name: "Personal" },
        resources: [
          {
            id: "key_10xSzP3zPsz8zB5O",
            name: "project_key",
            workspace: { id: "Default Project", name: "Default Project" },
          },
        ],
        usage: { requests: { total: 1 }, quantity: 1 },
        unit: "image",
      },
      {
        id: "openai:legacy:2024-11-04:whisper_api_data:1730696460::whisper-1:::::",
        ...FIRST_DAY,
        metric_name: "whisper",
        product: { id: "whisper", name: "Whisper" },
        model: { id: "whisper-1", provider: "openai" },
        organization: PERSONAL,
        usage: { requests: { total: 1 }, quantity: 2 },
        unit: "second",
      },
    ]);
  });

  it.each<[string, Item, Item]>([
    [
      "cached tokens are among those of the context",
      { n_context_tokens_total: 100, n_cached_context_tokens_total: 64, n_generated_tokens_total: 8 },
      { tokens: { input: 36, cache_read: 64, output: 8, total: 108 } },
    ],
    [
      "names of 2023",
      { n_requests: 2, n_context: 7, n_generated: 3 },
      { requests: { total: 2 }, tokens: { input: 7, output: 3, total: 10 } },
    ],
    ["no output is no total", { n_context_tokens_total: 5 }, { tokens: { input: 5 } }],
  ])("%s", async (_, fields, usage) => {
    expect((await rowOf("data", fields))["usage"]).toEqual(usage);
  });

  it("speech in characters", async () => {
    expect(await rowOf("tts_api_data", { model_id: "tts-1", num_characters: 45, num_requests: 2 })).toMatchObject({
      product: { id: "tts" },
      usage: { requests: { total: 2 }, quantity: 45 },
      unit: "character",
    });
  });

  it("another operation among the completions is its own product", async () => {
    expect(await rowOf("data", { operation: "embeddings", n_requests: 1 })).toMatchObject({
      product: { id: "embeddings", name: "Embeddings" },
    });
  });

  it.each(["ft_data", "assistant_code_interpreter_data", "retrieval_storage_data"])(
    "an item of %s, whose shape nobody knows, is not dropped",
    async (name) => {
      serve({ data: [], [name]: [{ something: 1, organization_id: "org-1" }] });
      const [row] = await rows(legacy(), { date: "2024-11-04" }, true);
      expect(row).toMatchObject({ organization: { id: "org-1" }, remote_data: { something: 1 } });
      expect(row).not.toHaveProperty("usage");
    },
  );

  it.each<[Item, Item | undefined]>([
    [{ email: "a@example.com" }, { email: "a@example.com" }],
    [
      { email: "a@example.com", user_id: "user-1" },
      { id: "user-1", email: "a@example.com" },
    ],
    [{ user_id: "user-1" }, { id: "user-1" }],
    [{ user_id: "a@example.com" }, { email: "a@example.com" }],
    [{ email: null, user_id: null }, undefined],
  ])("the user of %j is %j", async (fields, user) => {
    expect((await rowOf("data", fields))["user"]).toEqual(user);
  });

  it.each<[Item, unknown]>([
    [
      { project_id: "proj_a", project_name: "A" },
      [{ id: "proj_a", name: "A", workspace: { id: "proj_a", name: "A" } }],
    ],
    [{ api_key_id: "key_1", api_key_name: null }, [{ id: "key_1" }]],
    [{ api_key_id: null, project_id: null }, undefined],
  ])("the resource of %j is %j", async (fields, resources) => {
    expect((await rowOf("data", fields))["resources"]).toEqual(resources);
  });

  it("alike items have ids of their own, in their order", async () => {
    const item = { aggregation_timestamp: 1, operation: "completion", snapshot_id: "m" };
    serve({ data: [item, item, item] });
    const ids = (await rows(legacy(), { date: "2024-11-04" })).map(({ id }) => id);
    const id = "openai:legacy:2024-11-04:data:1:completion:m:::::";
    expect(ids).toEqual([id, `${id}:1`, `${id}:2`]);
  });

  it.each<[string, Item]>([
    ["usage.data[].n_context_tokens_total", { n_context_tokens_total: "many" }],
    ["usage.data[].n_requests", { n_requests: [1] }],
  ])("an error that names %s when it is retyped", async (field, item) => {
    serve({ data: [item] });
    const error = await failure(rows(legacy(), { date: "2024-11-04" }));
    expect(error).toMatchObject({ kind: "vendor_data" });
    expect(String(error)).toContain(field);
  });
});

describe("what is asked", () => {
  const asked = async (query: Query, engine = legacy()) => {
    const calls = serve({ data: [{ n_requests: 1, email: "a@example.com" }] });
    const answer = await list(engine, query);
    return { calls, answer };
  };

  it("a call a day, with the key as bearer; the end of a range is excluded", async () => {
    const { calls, answer } = await asked({ start_date: "2026-10-13", end_date: "2026-10-16" });
    expect(calls.map(({ path, query }) => `${path}?${query}`)).toEqual([
      "/v1/usage?date=2026-10-13",
      "/v1/usage?date=2026-10-14",
      "/v1/usage?date=2026-10-15",
    ]);
    expect(calls[0]?.headers.get("authorization")).toBe(`Bearer ${KEYS.plain}`);
    expect(calls[0]?.headers.get("openai-organization")).toBeNull();
    expect(answer.period).toEqual({ start_date: "2026-10-13T00:00:00Z", end_date: "2026-10-16T00:00:00Z" });
  });

  it("yesterday without dates, and no day that lies ahead", async () => {
    expect((await asked({})).calls.map(({ query }) => String(query))).toEqual(["date=2026-11-21"]);
    const ahead = await asked({ start_date: "2026-11-21", end_date: "2026-12-01" });
    expect(ahead.calls.map(({ query }) => String(query))).toEqual(["date=2026-11-21", "date=2026-11-22"]);
    expect((await asked({ date: "2026-11-23" })).calls).toEqual([]);
  });

  it("of the organization of the settings", async () => {
    const { calls } = await asked({ date: "2026-10-13" }, legacy({ organization_id: "org-set" }));
    expect(calls[0]?.headers.get("openai-organization")).toBe("org-set");
  });

  it("of one user by OpenAI's own filter", async () => {
    const { calls, answer } = await asked({ date: "2026-10-13", user_id: "user-1" });
    expect(String(calls[0]?.query)).toBe("date=2026-10-13&user_public_id=user-1");
    expect(answer.result_count).toBe(1);
  });

  it.each<[Query]>([[{ user_ids: ["b@example.com", "c@example.com"] }], [{ api_key_id: "key_1" }]])(
    "of %j on the rows",
    async (query) => {
      const { calls, answer } = await asked({ date: "2026-10-13", ...query });
      expect(String(calls[0]?.query)).toBe("date=2026-10-13");
      expect(answer.result).toEqual([]);
    },
  );

  it.each([[["user-1", "user-2"]], [["user-1", "a@example.com"]]])(
    "of %j is an error: rows show e-mails, not ids",
    async (user_ids) => {
      const asking = list(legacy(), { date: "2026-10-13", user_ids });
      await expect(asking).rejects.toMatchObject({ kind: "question", details: { parameter: "user_ids" } });
    },
  );

  it("pages go on over days, row by row", async () => {
    serveHost(API, {
      [PATH]: (url) =>
        json({
          data: [1, 2].map((n) => ({
            n_requests: n,
            aggregation_timestamp: n,
            operation: url.searchParams.get("date"),
          })),
        }),
    });
    const engine = legacy();
    const query = { start_date: "2026-10-13", end_date: "2026-10-15" };
    const whole = await rows(engine, query);
    expect(whole).toHaveLength(4);
    const paged: Item[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const answer = await list(engine, { ...query, limit: 1, ...(cursor ? { cursor } : {}) });
      paged.push(...Object(answer.result));
      cursor = answer.next_cursor;
    }
    expect(paged).toEqual(whole);
  });
});

describe("the documented day, replayed", () => {
  const [painter] = Object(stored("legacy-day.json")).dalle_api_data;
  /** That day alone has use, and the person with the e-mail is user-1. */
  const replay = () =>
    serveHost(API, {
      [PATH]: ({ searchParams }) => {
        if (searchParams.get("date") !== "2024-11-04") return json({ object: "list", data: [] });
        const user = searchParams.get("user_public_id");
        if (user === null) return json(stored("legacy-day.json"));
        return json({ object: "list", data: [], dalle_api_data: user === "user-1" ? [painter] : [] });
      },
    });
  const image = { product: { id: "dalle" }, user: { email: "user@example.com" } };

  it.each<[Query, number]>([
    [{}, 4],
    [{ user_id: "user-1" }, 1],
    [{ user_id: "user-2" }, 0],
    [{ user_id: "USER@example.com" }, 1],
    [{ api_key_id: "key_10xSzP3zPsz8zB5O" }, 1],
    [{ api_key_id: "KEY_10XSZP3ZPSZ8ZB5O" }, 1],
    [{ api_key_id: "key_10xSzP3zPsz8zB5O", user_id: "user-2" }, 0],
    [{ model_ids: ["whisper-1", "DALL-E-3"] }, 2],
    [{ product_ids: ["completions"] }, 2],
  ])("%j has %i rows, whose ids no filter and no window changes", async (query, count) => {
    const asked = replay();
    const whole = await rows(legacy(), { date: "2024-11-04" });
    const found = await rows(legacy(), { start_date: "2024-11-03", end_date: "2024-11-06", ...query });
    expect(found).toHaveLength(count);
    expect(whole).toEqual(expect.arrayContaining(found));
    if (count === 1) expect(found).toMatchObject([image]);
    expect(asked.slice(1).map((call) => call.query.get("date"))).toEqual(["2024-11-03", "2024-11-04", "2024-11-05"]);
  });

  it("says which keys there are when the one asked for has no use", async () => {
    replay();
    const answer = await list(legacy(), { date: "2024-11-04", api_key_id: "key_none" });
    expect(answer.hint).toContain("key_10xSzP3zPsz8zB5O");
  });
});

describe("an empty answer is no proof", () => {
  it("and says which key has more to say", async () => {
    serve({ object: "list", data: [], ft_data: [], dalle_api_data: [] });
    const answer = await list(legacy(), { start_date: "2026-10-13", end_date: "2026-10-16" });
    expect(answer.result).toEqual([]);
    expect(answer.warnings).toEqual([
      expect.stringMatching(/no proof that nothing was used.*sk-admin-.*api\.usage\.read/),
    ]);
  });

  it.each<[number, unknown, RegExp]>([
    [404, { error: { message: "Not found" } }, /"Not found".*no longer gives usage.*Admin key/],
    [403, { error: { message: "You have insufficient permissions. Missing scopes: api.usage.read" } }, /Admin key/],
    [401, { error: { message: "Incorrect API key provided" } }, /Check the API key/],
  ])("a %i is an error that says what to do", async (status, body, words) => {
    serveHost(API, { [PATH]: () => json(body, status) });
    const error = await failure(list(legacy(), { date: "2026-10-13" }));
    expect(error).toMatchObject({ kind: "credentials", details: { status } });
    expect(String(error)).toMatch(words);
  });

  it("the documented refusal is given in OpenAI's words", async () => {
    serveHost(API, { [PATH]: () => json(stored("legacy-error-missing-date.json"), 400) });
    expect(String(await failure(list(legacy(), { date: "2026-10-13" })))).toContain("Missing query parameter 'date'");
  });

  it.each(["cost", "user_cost", "summary", "project_usage"] as const)("%s needs an Admin key", async (report_type) => {
    const error = await failure(list(legacy(), { report_type }));
    expect(error).toMatchObject({ kind: "question", details: { parameter: "report_type" } });
    expect(String(error)).toMatch(/needs an Admin key \(sk-admin-.*api\.usage\.read/);
  });

  it("a summary of cost says so, too", async () => {
    const answer = await getCostSummary.run(legacy(), { period: "2026-10" }, call());
    expect(answer["accounts"]).toMatchObject([{ status: "error", error: expect.stringMatching(/needs an Admin key/) }]);
  });
});
