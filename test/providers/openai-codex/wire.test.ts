import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/usage/query.ts";
import { guardTheEdge, type Item, json, list } from "../edge.ts";
import {
  API,
  type Asked,
  bucket,
  COSTS_PATH,
  dataCalls,
  directoryPage,
  familyPath,
  KEYS,
  organization,
  page,
  rows,
  serveHost,
  TUESDAY,
} from "./openai.ts";

guardTheEdge();

const DAY = { date: "2026-10-13" } as const;
const ALL = [
  "completions",
  "decisions",
  "embeddings",
  "moderations",
  "images",
  "audio_speeches",
  "audio_transcriptions",
  "vector_stores",
  "code_interpreter_sessions",
  "file_search_calls",
  "web_search_calls",
];
const familiesAsked = (asked: readonly Asked[]) =>
  dataCalls(asked).map(({ path }) => path.replace("/v1/organization/usage/", ""));

/** What is asked for a question when nothing is there. */
async function askedFor(query: Query): Promise<Asked[]> {
  const asked = serveHost(API, {});
  await list(organization(), query);
  return asked;
}

async function firstOf(query: Query): Promise<Asked> {
  const [first] = dataCalls(await askedFor(query));
  if (!first) throw new Error("a request is due");
  return first;
}

describe("what is asked of OpenAI", () => {
  it("a day of completions, with the Admin key as bearer", async () => {
    const { path, query, headers } = await firstOf(DAY);
    expect(path).toBe(familyPath("completions"));
    expect([...query]).toEqual([
      ["start_time", "1791849600"],
      ["end_time", "1791936000"],
      ["bucket_width", "1d"],
      ["group_by", "project_id"],
      ["group_by", "user_id"],
      ["group_by", "api_key_id"],
      ["group_by", "model"],
      ["limit", "31"],
    ]);
    expect(headers.get("authorization")).toBe(`Bearer ${KEYS.admin}`);
  });

  it("every family once, each by what it can be grouped by", async () => {
    const asked = await askedFor(DAY);
    expect(familiesAsked(asked)).toEqual(ALL);
    const groups = Object.fromEntries(
      dataCalls(asked).map(({ path, query }) => [path.split("/").at(-1), query.getAll("group_by").join(" ")]),
    );
    const all = "project_id user_id api_key_id model";
    expect(groups).toEqual({
      ...Object.fromEntries(ALL.map((family) => [family, all])),
      vector_stores: "project_id",
      code_interpreter_sessions: "project_id",
      file_search_calls: "project_id user_id api_key_id",
    });
  });

  it.each<[string, Query, string, string]>([
    ["hour", { granularity: "hour" }, "1h", "168"],
    ["minute", { granularity: "minute" }, "1m", "1440"],
    ["day", { granularity: "day" }, "1d", "31"],
  ])("buckets of a %s, as many as a page may hold", async (_, query, width, most) => {
    const first = await firstOf({ ...DAY, ...query, report_type: "usage" });
    expect([first.query.get("bucket_width"), first.query.get("limit")]).toEqual([width, most]);
  });

  it.each<[Query, string[]]>([
    [{ report_type: "activity" }, ["completions"]],
    [
      { report_type: "user_usage" },
      ALL.filter((family) => !["vector_stores", "code_interpreter_sessions"].includes(family)),
    ],
    [{ report_type: "project_usage" }, ALL],
    [{ report_type: "cost" }, [COSTS_PATH]],
    [{ report_type: "user_cost" }, [COSTS_PATH]],
    [{ report_type: "summary" }, [...ALL.filter((family) => family !== "vector_stores"), COSTS_PATH]],
    [{ report_type: "usage", product_ids: ["IMAGES", "Web search calls"] }, ["images", "web_search_calls"]],
    [{ report_type: "summary", product_ids: ["openai_api"] }, [COSTS_PATH]],
  ])("%j asks %j", async (query, due) => {
    expect(familiesAsked(await askedFor({ ...DAY, ...query }))).toEqual(due);
  });

  it.each<[Query, string, string[]]>([
    [{ report_type: "usage", user_ids: ["user-1", "user-2"] }, "user_ids", ["user-1", "user-2"]],
    [{ report_type: "usage", user_id: "user-1" }, "user_ids", ["user-1"]],
    [{ report_type: "usage", api_key_id: "key_1" }, "api_key_ids", ["key_1"]],
    [{ report_type: "cost", api_key_id: "key_1" }, "api_key_ids", ["key_1"]],
    [{ report_type: "usage", model_ids: ["gpt-5.5", "gpt-4o"] }, "models", ["gpt-5.5", "gpt-4o"]],
    // Filters heed no case, OpenAI's does; only the ids in names of fine-tuned models have one.
    [
      { report_type: "usage", model_ids: ["GPT-5.5", "ft:gpt-4.1:acme::APjj"] },
      "models",
      ["gpt-5.5", "ft:gpt-4.1:acme::APjj"],
    ],
  ])("%j is OpenAI's own filter %s", async (query, name, values) => {
    expect((await firstOf({ ...DAY, ...query })).query.getAll(name)).toEqual(values);
  });

  it.each<[Query, string[]]>([
    [{ user_ids: ["user-1"] }, ["vector_stores", "code_interpreter_sessions"]],
    [{ api_key_id: "key_1" }, ["vector_stores", "code_interpreter_sessions"]],
    [{ model_ids: ["gpt-5.5"] }, ["vector_stores", "code_interpreter_sessions", "file_search_calls"]],
    [{ remote_query: { batch: true } }, ALL.filter((family) => !["completions", "decisions"].includes(family))],
    [
      { report_type: "summary", remote_query: { batch: true } },
      ALL.filter((family) => !["completions", "decisions"].includes(family)),
    ],
    [{ remote_query: { sizes: ["256x256"] } }, ALL.filter((family) => family !== "images")],
  ])("%j passes families over that can't hold such use: %j", async (query, passedOver) => {
    const due = ALL.filter((family) => !passedOver.includes(family));
    expect(familiesAsked(await askedFor({ ...DAY, ...query }))).toEqual(due);
  });

  it("remote_query comes last, and a limit of one's own in place of ours", async () => {
    const { query } = await firstOf({ ...DAY, remote_query: { project_ids: ["proj_a", "proj_b"], limit: 7 } });
    expect([...query].slice(-3)).toEqual([
      ["project_ids[]", "proj_a"],
      ["project_ids[]", "proj_b"],
      ["limit", "7"],
    ]);
    expect(query.getAll("limit")).toEqual(["7"]);
  });

  it.each(["start_time", "end_time", "bucket_width", "group_by", "page", "user_ids", "models", "api_key_ids"])(
    "remote_query can't set %s",
    async (name) => {
      const asking = list(organization(), { ...DAY, remote_query: { [name]: "1" } });
      await expect(asking).rejects.toMatchObject({ kind: "question", details: { parameter: `remote_query.${name}` } });
    },
  );

  it("today is asked to its end, and nothing of what lies ahead", async () => {
    const { query } = await firstOf({ start_date: "2026-11-20", end_date: "2026-12-31" });
    // 2026-11-20 to 2026-11-23, exclusive; now is the 22nd.
    expect([query.get("start_time"), query.get("end_time")]).toEqual(["1795132800", "1795392000"]);
    expect(await askedFor({ start_date: "2026-11-23", end_date: "2026-12-31" })).toEqual([]);
  });
});

describe("group_by", () => {
  const dimensions: [string, string][] = [
    ["workspace", "project_id"],
    ["user", "user_id"],
    ["resource", "api_key_id"],
    ["model", "model"],
  ];
  it.each(dimensions)("%s is %s on the wire", async (dimension, group) => {
    const { query } = await firstOf({ ...DAY, group_by: ["product", dimension] });
    expect(query.getAll("group_by")).toEqual([group]);
  });

  it("with product is OpenAI's own work: its rows come as they are, page by page", async () => {
    const result = { input_tokens: 3, num_model_requests: 1, model: "text-embedding-3-small" };
    const asked = serveHost(API, { [familyPath("embeddings")]: () => page([bucket([result])]) });
    const answer = await list(organization(), { ...DAY, group_by: ["product", "model", "day"], limit: 1 });
    expect(answer.result).toMatchObject([
      { id: "openai:embeddings:1d:1791849600:model=text-embedding-3-small", usage: { tokens: { input: 3 } } },
    ]);
    // It stops where the page is full: the families behind it are not read for it.
    expect(familiesAsked(asked)).toEqual(["completions", "decisions", "embeddings"]);
  });

  it("of one family's users is OpenAI's own work, too", async () => {
    const measures = { input_tokens: 3, output_tokens: 1, num_model_requests: 1 };
    serveHost(API, { [familyPath("completions")]: () => page([bucket([{ ...measures, user_id: "user-1" }])]) });
    expect(await rows(organization(), { ...DAY, report_type: "activity", group_by: ["user"] })).toMatchObject([
      { id: "openai:completions:1d:1791849600:user_id=user-1", product: { id: "completions" } },
    ]);
  });

  it("without product is summed over families, where a request counts once", async () => {
    serveHost(API, {
      [familyPath("completions")]: () =>
        page([bucket([{ input_tokens: 10, output_tokens: 5, num_model_requests: 4, model: "gpt-5.5" }])]),
      [familyPath("web_search_calls")]: () =>
        page([bucket([{ num_requests: 7, num_model_requests: 3, model: "gpt-5.5" }])]),
    });
    expect(await rows(organization(), { ...DAY, group_by: ["model"], truto_exclude_fields: ["id"] })).toEqual([
      {
        start_date: "2026-10-13T00:00:00Z",
        end_date: "2026-10-14T00:00:00Z",
        model: { id: "gpt-5.5", provider: "openai" },
        usage: {
          requests: { total: 4 },
          tokens: { input: 10, output: 5, total: 15 },
          tools: { web_search_count: 7 },
        },
      },
    ]);
  });

  it.each<[Query]>([
    [{ group_by: ["metric_name"] }],
    [{ group_by: ["product"] }],
    [{ group_by: ["model"], product_ids: ["web_search_calls"] }],
  ])("requests of searches stand where families are told apart or one is read: %j", async (query) => {
    serveHost(API, {
      [familyPath("web_search_calls")]: () =>
        page([bucket([{ num_requests: 7, num_model_requests: 3, model: "gpt-5.5" }])]),
    });
    expect(await rows(organization(), { ...DAY, ...query })).toMatchObject([
      { usage: { requests: { total: 3 }, tools: { web_search_count: 7 } } },
    ]);
  });

  it("token_type splits the tokens of every family, which together are the total", async () => {
    serveHost(API, {
      [familyPath("completions")]: () =>
        page([bucket([{ input_tokens: 1000, input_cached_tokens: 600, output_tokens: 50, num_model_requests: 4 }])]),
      [familyPath("embeddings")]: () => page([bucket([{ input_tokens: 16, num_model_requests: 1 }])]),
    });
    const found = await rows(organization(), { ...DAY, group_by: ["token_type"] });
    expect(found.map(({ metric_name, usage }) => [metric_name, Object(usage).quantity]).sort()).toEqual([
      ["tokens.cache_read", 600],
      ["tokens.input", 416],
      ["tokens.output", 50],
    ]);
  });
});

describe("people", () => {
  const measures = { input_tokens: 1, output_tokens: 1, num_model_requests: 1 };
  const two = [
    { ...measures, user_id: "user-1", model: "gpt-5.5" },
    { ...measures, user_id: "user-2", model: "gpt-5.5" },
  ];
  const users = [
    { id: "user-1", email: "Ann@Example.com", name: "Ann" },
    { id: "user-2", email: null, name: null },
  ];

  it("are found by e-mail with the directory's help, not on the wire", async () => {
    const asked = serveHost(API, {
      [familyPath("completions")]: () => page([bucket(two)]),
      "/v1/organization/users": () => directoryPage(users),
    });
    const answer = await list(organization(), { ...DAY, report_type: "activity", user_ids: ["ANN@example.com"] });
    expect(answer.result).toMatchObject([{ user: { id: "user-1", email: "Ann@Example.com", name: "Ann" } }]);
    expect(answer.result_count).toBe(1);
    expect(answer.warnings).toEqual([]);
    expect(dataCalls(asked)[0]?.query.has("user_ids")).toBe(false);
  });

  it("stay in rows without a name or an e-mail", async () => {
    serveHost(API, {
      [familyPath("completions")]: () => page([bucket(two)]),
      "/v1/organization/users": () => directoryPage(users),
    });
    const found = await rows(organization(), { ...DAY, report_type: "activity" });
    expect(found.map(({ user }) => user)).toEqual([
      { id: "user-1", email: "Ann@Example.com", name: "Ann" },
      { id: "user-2" },
    ]);
  });

  it("whose e-mail nobody knows are not silently without use", async () => {
    serveHost(API, {
      [familyPath("completions")]: () => page([bucket(two)]),
      "/v1/organization/users": () => json({ error: { message: "no" } }, 403),
    });
    const answer = await list(organization(), { ...DAY, report_type: "activity", user_ids: ["bob@example.com"] });
    expect(answer.result).toEqual([]);
    expect(answer.warnings.join()).toMatch(/directory names nobody with the e-mail bob@example.com/);
  });

  it("by e-mail show in rows that are grouped by something else", async () => {
    serveHost(API, {
      [familyPath("completions")]: () => page([bucket(two)]),
      "/v1/organization/users": () => directoryPage(users),
    });
    const query = { ...DAY, report_type: "activity" as const, group_by: ["product"] };
    const [ann] = await rows(organization(), { ...query, user_ids: ["ann@example.com"] });
    expect(ann).toMatchObject({ product: { id: "completions" }, usage: { requests: { total: 1 } } });
    const both = await rows(organization(), { ...query, user_ids: ["ann@example.com", "user-2"] });
    expect(both).toMatchObject([{ product: { id: "completions" }, usage: { requests: { total: 2 } } }]);
  });
});

describe("summary", () => {
  it("is one row a family over the period and one for the cost, which are never added", async () => {
    serveHost(API, {
      [familyPath("completions")]: () =>
        page([
          bucket([{ input_tokens: 10, input_cached_tokens: 4, output_tokens: 5, num_model_requests: 2 }]),
          bucket([{ input_tokens: 20, input_cached_tokens: 6, output_tokens: 7, num_model_requests: 3 }], 1),
        ]),
      [familyPath("images")]: () => page([bucket([{ images: 2, num_model_requests: 2 }])]),
      [familyPath("web_search_calls")]: () => page([bucket([{ num_requests: 3, num_model_requests: 2 }])]),
      [COSTS_PATH]: () =>
        page([
          bucket([{ amount: { value: "0.10", currency: "usd" } }]),
          bucket([{ amount: { value: "0.20", currency: "usd" } }], 1),
        ]),
    });
    const query = { report_type: "summary", start_date: "2026-10-13", end_date: "2026-10-15" } as const;
    const answer = await list(organization(), { ...query, truto_exclude_fields: ["id", "start_date", "end_date"] });
    const found: Item[] = Object(answer.result);
    const product = (id: string, name: string) => ({ product: { id, name } });
    expect(found).toHaveLength(4);
    expect(found).toEqual(
      expect.arrayContaining([
        {
          ...product("completions", "Completions"),
          metric_name: "organization.usage.completions",
          usage: { requests: { total: 5 }, tokens: { input: 20, cache_read: 10, output: 12, total: 42 } },
        },
        {
          ...product("images", "Images"),
          metric_name: "organization.usage.images",
          usage: { quantity: 2, requests: { total: 2 } },
          unit: "image",
        },
        {
          ...product("web_search_calls", "Web search calls"),
          metric_name: "organization.usage.web_search_calls",
          usage: { requests: { total: 2 }, tools: { web_search_count: 3 } },
        },
        {
          ...product("openai_api", "OpenAI API"),
          metric_name: "costs",
          charges: [{ type: "total", amount: 0.3, currency: "USD" }],
        },
      ]),
    );
    expect(answer.warnings).toEqual([expect.stringContaining("vector_stores is left out")]);
  });

  it("says nothing of vector stores that nobody asked for", async () => {
    serveHost(API, {});
    const answer = await list(organization(), { ...DAY, report_type: "summary", product_ids: ["images"] });
    expect(answer.warnings).toEqual([]);
  });
});

describe("bytes kept", () => {
  const stores = (days: number) => bucket([{ usage_bytes: 1024, project_id: "proj_a" }], days);
  const query = { start_date: "2026-10-13", end_date: "2026-10-15", product_ids: ["vector_stores"] };

  it("stand by the day", async () => {
    serveHost(API, { [familyPath("vector_stores")]: () => page([stores(0), stores(1)]) });
    const found = await rows(organization(), query);
    expect(found.map(({ usage, unit }) => [usage, unit])).toEqual([
      [{ quantity: 1024 }, "byte"],
      [{ quantity: 1024 }, "byte"],
    ]);
  });

  it("nor what hours are summed to by the day, with the rest", async () => {
    const hour = (hours: number) => ({
      ...bucket([{ images: 1, num_model_requests: 1 }]),
      start_time: TUESDAY + hours * 3600,
      end_time: TUESDAY + (hours + 1) * 3600,
    });
    const asked = serveHost(API, { [familyPath("images")]: () => page([hour(0), hour(23)]) });
    const product_ids = ["vector_stores", "images"];
    const answer = await list(organization(), {
      ...DAY,
      product_ids,
      granularity: "hour",
      group_by: ["product", "day"],
    });
    expect(answer.result).toMatchObject([
      { start_date: "2026-10-13T00:00:00Z", end_date: "2026-10-14T00:00:00Z", usage: { quantity: 2 } },
    ]);
    expect(familiesAsked(asked)).toEqual(["images"]);
    expect(answer.warnings).toEqual([expect.stringContaining("vector_stores is left out")]);
  });

  it.each([["week"], ["month"]])("are not summed by %s, and the answer says so", async (calendar) => {
    serveHost(API, {});
    const answer = await list(organization(), {
      ...query,
      product_ids: ["vector_stores", "images"],
      group_by: [calendar],
    });
    expect(answer.warnings).toEqual([expect.stringContaining("vector_stores is left out")]);
  });
});

describe("a family that an API lacks", () => {
  const lacking = (family: string) => ({
    [familyPath(family)]: () => json({ error: { message: "Invalid URL" } }, 404),
  });

  it("is passed over when it is new", async () => {
    const asked = serveHost(API, lacking("decisions"));
    const answer = await list(organization(), DAY);
    expect(answer.warnings).toEqual([]);
    expect(familiesAsked(asked)).toEqual(ALL);
  });

  it("is an error otherwise: another host answers", async () => {
    serveHost(API, lacking("completions"));
    await expect(list(organization(), DAY)).rejects.toMatchObject({ details: { status: 404 } });
  });
});
