import { describe, expect, it } from "vitest";
import * as z from "zod";
import { PEOPLE } from "../../src/sandbox/company.ts";
import { OPENAI_PROJECT_KEY, openai } from "../../src/sandbox/openai.ts";

/** A Monday: October is over, November runs. */
const NOW = "2026-11-23T09:00:00Z";
const ADMIN_KEY = openai.account("http://openai.test").credentials["api_key"] ?? "";

type Query = readonly (readonly [string, string | number])[];

/** One GET, read as from the wire. */
function ask(path: string, query: Query = [], { key = ADMIN_KEY, now = NOW } = {}) {
  const url = new URL(`http://openai.test${path}`);
  for (const [name, value] of query) url.searchParams.append(name, `${value}`);
  const headers = key === "" ? {} : { authorization: `Bearer ${key}` };
  const { status, body } = openai.handle({ method: "GET", url, headers, body: "", number: 1, now: new Date(now) });
  const read: unknown = JSON.parse(JSON.stringify(body));
  return { status, body: read };
}

function unix(day: string): number {
  return Date.parse(day.length === 10 ? `${day}T00:00:00Z` : day) / 1_000;
}

const page = z.strictObject({
  object: z.literal("page"),
  data: z.array(
    z.strictObject({
      object: z.literal("bucket"),
      start_time: z.int(),
      end_time: z.int(),
      results: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
  has_more: z.boolean(),
  next_page: z.string().nullable(),
});
type Bucket = z.infer<typeof page>["data"][number];

function buckets(path: string, query: Query, now = NOW): Bucket[] {
  const all: Bucket[] = [];
  for (let cursor: string | null = null; ; ) {
    const { status, body } = ask(path, cursor === null ? query : [...query, ["page", cursor]], { now });
    expect(status).toBe(200);
    const { data, has_more, next_page } = page.parse(body);
    expect(has_more).toBe(next_page !== null);
    all.push(...data);
    if (next_page === null) return all;
    expect(data).not.toEqual([]);
    cursor = next_page;
  }
}

const OCTOBER: Query = [
  ["start_time", unix("2026-10-01")],
  ["end_time", unix("2026-11-01")],
];
const MONDAY: Query = [
  ["start_time", unix("2026-10-05")],
  ["end_time", unix("2026-10-06")],
];
const COMPLETIONS = "/v1/organization/usage/completions";
const COSTS = "/v1/organization/costs";

function grouped(...names: readonly string[]): Query {
  return names.map((name) => ["group_by", name] as const);
}

/** Every measure of a family, added over buckets and results. */
function totals(from: readonly Bucket[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const result of from.flatMap(({ results }) => results)) {
    for (const [name, value] of Object.entries(result)) {
      if (typeof value === "number") sums[name] = (sums[name] ?? 0) + value;
    }
  }
  return sums;
}

const FAMILIES = [
  ["completions", "completions", ["project_id", "user_id", "api_key_id", "model", "batch", "service_tier"]],
  ["embeddings", "embeddings", ["project_id", "user_id", "api_key_id", "model"]],
  ["moderations", "moderations", ["project_id", "user_id", "api_key_id", "model"]],
  ["images", "images", ["project_id", "user_id", "api_key_id", "model", "size", "source"]],
  ["audio_speeches", "audio_speeches", ["project_id", "user_id", "api_key_id", "model"]],
  ["audio_transcriptions", "audio_transcriptions", ["project_id", "user_id", "api_key_id", "model"]],
  ["vector_stores", "vector_stores", ["project_id"]],
  ["code_interpreter_sessions", "code_interpreter_sessions", ["project_id"]],
  ["file_search_calls", "file_searches", ["project_id", "user_id", "api_key_id", "vector_store_id"]],
  ["web_search_calls", "web_searches", ["project_id", "user_id", "api_key_id", "model", "context_level"]],
] as const;

describe("the simulated OpenAI API's keys", () => {
  const envelope = z.strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  });

  it.each([
    ["none", "", 401, "API key"],
    ["a wrong one", "sk-admin-wrong-and-long", 401, "Incorrect API key"],
    ["a project's", OPENAI_PROJECT_KEY, 403, "Missing scopes: api.usage.read"],
  ])("%s: refused", (_, key, status, message) => {
    for (const path of [COMPLETIONS, COSTS, "/v1/organization/users"]) {
      const answered = ask(path, OCTOBER, { key });
      expect(answered.status).toBe(status);
      expect(envelope.parse(answered.body).error.message).toContain(message);
    }
  });
});

describe.each(FAMILIES)("the simulated OpenAI API's %s", (name, object, dimensions) => {
  const path = `/v1/organization/usage/${name}`;

  it("have every dimension, null, and add up to the same however they are grouped", () => {
    const plain = buckets(path, OCTOBER);
    expect(plain).toHaveLength(31);
    const first = plain.flatMap(({ results }) => results).at(0);
    expect(first).toMatchObject({ object: `organization.usage.${object}.result` });
    expect(first).toMatchObject(Object.fromEntries(dimensions.map((dimension) => [dimension, null])));
    for (const bucket of plain) expect(bucket.results.length).toBeLessThanOrEqual(1);
    for (const by of [...dimensions.map((dimension) => [dimension]), dimensions]) {
      const split = buckets(path, [...OCTOBER, ...grouped(...by)]);
      expect(totals(split)).toEqual(totals(plain));
      const keys = split[4]?.results.map((result) => JSON.stringify(by.map((dimension) => result[dimension])));
      expect(new Set(keys).size).toBe(keys?.length);
    }
  });

  it("refuse a grouping that is not theirs", () => {
    for (const strange of ["line_item", "model,user_id"]) {
      expect(ask(path, [...OCTOBER, ["group_by", strange]]).status).toBe(400);
    }
  });
});

describe("the simulated OpenAI API's usage", () => {
  it("is empty of decisions, though the days are there", () => {
    const empty = buckets("/v1/organization/usage/decisions", [...OCTOBER, ...grouped("model")]);
    expect(empty).toHaveLength(31);
    expect(empty.flatMap(({ results }) => results)).toEqual([]);
  });

  it.each([
    ["1d", 7, 31, [1, 5, 31]],
    ["1h", 24, 168, [11, 167]],
    ["1m", 60, 1_440, [97, 1_440]],
  ] as const)("in %s buckets: %i unasked, %i at most, the same at any limit", (width, usual, most, limits) => {
    const query: Query = [...(width === "1m" ? MONDAY : OCTOBER), ["bucket_width", width], ...grouped("model")];
    const counted = (more: Query) => page.parse(ask(COMPLETIONS, [...query, ...more]).body).data.length;
    expect(counted([])).toBe(usual);
    expect(ask(COMPLETIONS, [...query, ["limit", most + 1]]).status).toBe(400);
    expect(ask(COMPLETIONS, [...query, ["limit", 0]]).status).toBe(400);
    const whole = buckets(COMPLETIONS, query);
    expect(whole.at(-1)?.end_time).toBe(query[1]?.[1]);
    for (const limit of limits) expect(buckets(COMPLETIONS, [...query, ["limit", limit]])).toEqual(whole);
  });

  it("is the same in minutes, in hours and of the day", () => {
    const by = grouped("model", "api_key_id");
    const [day, hours, minutes] = ["1d", "1h", "1m"].map((width) =>
      totals(buckets(COMPLETIONS, [...MONDAY, ...by, ["bucket_width", width]])),
    );
    expect(hours).toEqual(day);
    expect(minutes).toEqual(day);
  });

  it("of an unaligned start begins with a shorter bucket", () => {
    const start = unix("2026-10-05T17:31:00Z");
    const cut = buckets(COMPLETIONS, [
      ["start_time", start],
      ["end_time", unix("2026-10-08")],
    ]);
    expect(cut.map(({ start_time, end_time }) => [start_time, end_time])).toEqual([
      [start, unix("2026-10-06")],
      [unix("2026-10-06"), unix("2026-10-07")],
      [unix("2026-10-07"), unix("2026-10-08")],
    ]);
    const before = buckets(COMPLETIONS, [
      ["start_time", unix("2026-10-05")],
      ["end_time", start],
    ]);
    expect(totals([...before, ...cut.slice(0, 1)])).toEqual(totals(buckets(COMPLETIONS, MONDAY)));
  });

  it("ties a cursor to its query", () => {
    const query = [...OCTOBER, ...grouped("model")];
    const { next_page } = page.parse(ask(COMPLETIONS, query).body);
    const cursor = ["page", next_page ?? ""] as const;
    expect(next_page).toMatch(/^page_.+=$/);
    expect(ask(COMPLETIONS, [...query, cursor]).status).toBe(200);
    expect(ask(COMPLETIONS, [...OCTOBER, ...grouped("user_id"), cursor]).status).toBe(400);
    expect(ask("/v1/organization/usage/embeddings", [...query, cursor]).status).toBe(400);
    expect(ask(COMPLETIONS, [...query, ["page", "page_AAAAAGdGxdEiJdKOAAAAAGcqsYA="]]).status).toBe(400);
  });

  it("keeps input = cached + written + uncached, and has the parts of it from 2026 on only", () => {
    const results = (start: string, end: string) =>
      buckets(COMPLETIONS, [
        ["start_time", unix(start)],
        ["end_time", unix(end)],
        ...grouped("model", "api_key_id"),
      ]).flatMap((bucket) => bucket.results.map((result) => z.record(z.string(), z.unknown()).parse(result)));
    const count = (result: Record<string, unknown>, name: string) => z.int().parse(result[name]);
    const now = results("2026-10-05", "2026-10-07");
    expect(now.length).toBeGreaterThan(20);
    for (const of of now) {
      const uncached =
        count(of, "input_text_tokens") + count(of, "input_audio_tokens") + count(of, "input_image_tokens");
      expect(count(of, "input_uncached_tokens")).toBe(uncached);
      expect(count(of, "input_tokens")).toBe(
        uncached + count(of, "input_cached_tokens") + count(of, "input_cache_write_tokens"),
      );
    }
    for (const of of results("2025-12-01", "2025-12-03")) {
      expect(of).not.toHaveProperty("input_uncached_tokens");
      expect(count(of, "input_tokens")).toBeGreaterThanOrEqual(count(of, "input_cached_tokens"));
    }
  });

  it("is filtered the same in both ways of writing a list, and in halves that make the whole", () => {
    const models = buckets(COMPLETIONS, [...MONDAY, ...grouped("model")])
      .flatMap(({ results }) => results)
      .map(({ model }) => z.string().parse(model));
    expect(models).toEqual(expect.arrayContaining(["gpt-5.5", "gpt-5.4-mini"]));
    const [first = "", second = "", ...rest] = models;
    const some = (name: string, chosen: readonly string[]) =>
      buckets(COMPLETIONS, [...MONDAY, ...chosen.map((model) => [name, model] as const)]);
    expect(some("models[]", [first, second])).toEqual(some("models", [first, second]));
    expect(totals([...some("models", [first, second]), ...some("models", rest)])).toEqual(
      totals(buckets(COMPLETIONS, MONDAY)),
    );
    expect(buckets(COMPLETIONS, [...MONDAY, ["group_by[]", "model"]])).toEqual(
      buckets(COMPLETIONS, [...MONDAY, ["group_by", "model"]]),
    );
    const batch = (value: string) => totals(buckets(COMPLETIONS, [...MONDAY, ["batch", value]]))["num_model_requests"];
    expect((batch("true") ?? 0) + (batch("false") ?? 0)).toBe(
      totals(buckets(COMPLETIONS, MONDAY))["num_model_requests"],
    );
    expect(buckets(COMPLETIONS, [...MONDAY, ["project_ids", "proj_none"]]).map(({ results }) => results)).toEqual([[]]);
  });

  it("ends now, and what there was before stays as it was", () => {
    const query: Query = [
      ["start_time", unix("2026-11-20")],
      ["bucket_width", "1h"],
      ["limit", 168],
    ];
    const early = buckets(COMPLETIONS, query, "2026-11-23T09:00:00Z");
    const late = buckets(COMPLETIONS, query, "2026-12-20T17:00:00Z");
    expect(early).toHaveLength(3 * 24 + 9);
    expect(late.slice(0, early.length)).toEqual(early);
    const today: Query = [["start_time", unix("2026-11-23")]];
    expect(totals(buckets(COMPLETIONS, today))).toEqual(totals(early.slice(-9)));
    const future = buckets(COMPLETIONS, [["start_time", unix("2026-11-24")]]);
    expect(future).toEqual([]);
  });

  it.each([
    ["no start", [["end_time", 5]]],
    ["a date as start", [["start_time", "2026-10-01"]]],
    [
      "an end before the start",
      [
        ["start_time", 9],
        ["end_time", 5],
      ],
    ],
    ["a week's bucket", [...OCTOBER, ["bucket_width", "1w"]]],
    ["an unknown parameter", [...OCTOBER, ["sizes", "1024x1024"]]],
    ["batch that is neither", [...OCTOBER, ["batch", "yes"]]],
  ] as const satisfies readonly (readonly [string, Query])[])("refuses %s", (_, query) => {
    expect(ask(COMPLETIONS, query)).toMatchObject({ status: 400, body: { error: { type: "invalid_request_error" } } });
  });
});

/** In 10^-30 dollars, exactly. @throws for what is no decimal */
function exact(value: unknown): bigint {
  if (value === "0E-6176") return 0n;
  const match = /^(\d+)(?:\.(\d{1,30}))?$/.exec(`${z.union([z.string(), z.number()]).parse(value)}`);
  if (!match) throw new Error(`${value} is no amount`);
  return BigInt(`${match[1]}${(match[2] ?? "").padEnd(30, "0")}`);
}

const amount = z.strictObject({ value: z.union([z.string(), z.number()]), currency: z.literal("usd") });
const cost = z.looseObject({
  object: z.literal("organization.costs.result"),
  amount,
  line_item: z.string().nullable(),
  quantity: z.number().nullable(),
});

describe("the simulated OpenAI API's costs", () => {
  const lines = (query: Query) =>
    buckets(COSTS, query).flatMap(({ results }) => results.map((result) => cost.parse(result)));
  const sum = (query: Query) => lines(query).reduce((all, { amount: { value } }) => all + exact(value), 0n);

  it("of October 2026 are what they are, however they are grouped", () => {
    const total = sum(OCTOBER);
    expect(total).toBe(exact("3143.531484821178495"));
    const by = ["project_id", "line_item", "api_key_id", "user_id"];
    for (const names of [...by.map((name) => [name]), ["project_id", "user_id"], by]) {
      expect(sum([...OCTOBER, ...grouped(...names)])).toBe(total);
    }
  });

  it("come as long strings, as numbers, and as the zero of many places", () => {
    const values = lines([...OCTOBER, ...grouped("line_item", "project_id")]).map(({ amount: { value } }) => value);
    expect(values.filter((value) => typeof value === "number").length).toBeGreaterThan(100);
    expect(values.filter((value) => typeof value === "string" && /^\d+\.\d{30}$/.test(value)).length).toBeGreaterThan(
      100,
    );
    expect(values).toContain("0E-6176");
  });

  it("name models and kinds in their line items, which alone have a quantity", () => {
    const items = lines([...OCTOBER, ...grouped("line_item")]);
    const names = new Set(items.map(({ line_item }) => line_item));
    for (const name of ["gpt-5.5, input", "gpt-5.5, cached input", "gpt-5.5, output", "web search tool calls"]) {
      expect(names).toContain(name);
    }
    expect(items.every(({ quantity }) => quantity !== null)).toBe(true);
    expect(lines([...OCTOBER, ...grouped("project_id")]).every(({ quantity }) => quantity === null)).toBe(true);
    const one = sum([...OCTOBER, ["line_items", "gpt-5.5, output"]]);
    expect(one).toBe(
      items
        .filter(({ line_item }) => line_item === "gpt-5.5, output")
        .reduce((all, { amount: { value } }) => all + exact(value), 0n),
    );
  });

  it("are of up to 180 days, and take neither hours nor models nor users", () => {
    const since = ["start_time", unix("2025-11-01")] as const;
    expect(page.parse(ask(COSTS, [since, ["limit", 180]]).body).data).toHaveLength(180);
    expect(page.parse(ask(COSTS, [since]).body).data).toHaveLength(7);
    expect(buckets(COSTS, [...OCTOBER, ["limit", 4]])).toEqual(buckets(COSTS, [...OCTOBER, ["limit", 31]]));
    for (const refused of [
      ["limit", 181],
      ["bucket_width", "1h"],
      ["models", "gpt-5.5"],
      ["user_ids", "user-1"],
      ["group_by", "model"],
    ] as const) {
      expect(ask(COSTS, [since, refused]).status).toBe(400);
    }
  });
});

const list = z.strictObject({
  object: z.literal("list"),
  data: z.array(z.looseObject({ id: z.string() })),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});

function listed(path: string, query: Query = [], now = NOW): Record<string, unknown>[] {
  const all: Record<string, unknown>[] = [];
  for (let after: string | null = null; ; ) {
    const answered = ask(path, after === null ? query : [...query, ["after", after]], { now });
    const { data, last_id, has_more } = list.parse(answered.body);
    expect(last_id).toBe(data.at(-1)?.id ?? null);
    all.push(...data);
    if (!has_more) return all;
    expect(data).not.toEqual([]);
    after = last_id;
  }
}

function ids(items: readonly Record<string, unknown>[]): unknown[] {
  return items.map(({ id }) => id);
}

describe("the simulated OpenAI API's directory", () => {
  const USERS = "/v1/organization/users";
  const PROJECTS = "/v1/organization/projects";

  it("has everyone once at any limit, twenty at a time unasked", () => {
    const whole = listed(USERS, [["limit", 100]]);
    expect(whole.length).toBeGreaterThan(30);
    expect(new Set(ids(whole)).size).toBe(whole.length);
    for (const limit of [1, 7, 20]) expect(listed(USERS, [["limit", limit]])).toEqual(whole);
    expect(list.parse(ask(USERS).body).data).toHaveLength(20);
    for (const { email } of whole) expect(PEOPLE.map((person) => person.email)).toContain(email);
    expect(ask(USERS, [["limit", 101]]).status).toBe(400);
    expect(ask(USERS, [["after", "user-none"]]).status).toBe(400);
  });

  it("has one archived project, told only if asked, and one without a name", () => {
    const named = (query: Query, now = NOW) => listed(PROJECTS, query, now).map(({ name, status }) => [name, status]);
    expect(named([])).toHaveLength(4);
    const all = named([["include_archived", "true"]]);
    expect(all).toHaveLength(5);
    expect(all.filter(([, status]) => status === "archived")).toEqual([["Mooring Assistant", "archived"]]);
    expect(all.filter(([name]) => name === null)).toEqual([[null, "active"]]);
    expect(named([], "2026-10-01T00:00:00Z")).toHaveLength(5);
  });

  it("names what the usage names, but for the one who was deleted", () => {
    const projects = ids(listed(PROJECTS, [["include_archived", "true"]]));
    const keys = projects.flatMap((project) => listed(`${PROJECTS}/${project}/api_keys`, [["limit", 2]]));
    expect(new Set(keys.map(({ owner }) => z.looseObject({ type: z.string() }).parse(owner).type))).toEqual(
      new Set(["user", "service_account"]),
    );
    const results = buckets(COMPLETIONS, [...OCTOBER, ...grouped("project_id", "user_id", "api_key_id")]).flatMap(
      (bucket) => bucket.results,
    );
    const unnamed = (dimension: string, known: readonly unknown[]) =>
      new Set(results.map((result) => result[dimension]).filter((id) => id !== null && !known.includes(id)));
    expect(unnamed("project_id", projects).size).toBe(0);
    expect(unnamed("user_id", ids(listed(USERS))).size).toBe(1);
    expect(unnamed("api_key_id", ids(keys)).size).toBe(1);
    const ofServices = results.filter(({ user_id, api_key_id }) => user_id === null && api_key_id !== null);
    expect(ofServices.length).toBeGreaterThan(0);
  });

  it("knows service accounts, admin keys and single users", () => {
    const [project] = listed(PROJECTS).filter(({ name }) => name === "Harbour Copilot");
    expect(listed(`${PROJECTS}/${project?.["id"]}/service_accounts`)).toHaveLength(2);
    expect(listed("/v1/organization/admin_api_keys", [["limit", 1]])).toHaveLength(2);
    const [user] = listed(USERS, [["emails", "clara.duvernay@tidewater-robotics.example"]]);
    expect(ask(`${USERS}/${user?.["id"]}`)).toEqual({ status: 200, body: user });
    expect(ask(`${PROJECTS}/proj_none/api_keys`).status).toBe(404);
    expect(ask("/v1/organization/nothing").status).toBe(404);
  });
});

describe("the simulated OpenAI API's legacy usage", () => {
  const legacy = (date: string, key: string, more: Query = []) =>
    z
      .looseObject({ object: z.literal("list"), data: z.array(z.record(z.string(), z.unknown())) })
      .parse(ask("/v1/usage", [["date", date], ...more], { key }).body);

  it("is empty for an Admin key, and says that all is well", () => {
    expect(legacy("2026-10-05", ADMIN_KEY)).toEqual({
      object: "list",
      data: [],
      ft_data: [],
      dalle_api_data: [],
      whisper_api_data: [],
      tts_api_data: [],
      assistant_code_interpreter_data: [],
      retrieval_storage_data: [],
    });
  });

  it("has the day's rows for a project's key, which add up to what the new endpoint has", () => {
    const { data } = legacy("2026-10-05", OPENAI_PROJECT_KEY);
    const rows = data.filter(({ operation }) => operation !== "embeddings");
    const sum = (name: string) => rows.reduce((all, row) => all + z.int().parse(row[name]), 0);
    const modern = totals(buckets(COMPLETIONS, MONDAY));
    expect(sum("n_requests")).toBe(modern["num_model_requests"]);
    expect(sum("n_context_tokens_total")).toBe(modern["input_tokens"]);
    expect(sum("n_cached_context_tokens_total")).toBe(modern["input_cached_tokens"]);
    expect(sum("n_generated_tokens_total")).toBe(modern["output_tokens"]);
    expect(rows.some(({ email }) => email === null)).toBe(true);
    expect(rows.some(({ email }) => email === "clara.duvernay@tidewater-robotics.example")).toBe(true);
    const [{ id } = {}] = listed("/v1/organization/users", [["emails", "clara.duvernay@tidewater-robotics.example"]]);
    const hers = legacy("2026-10-05", OPENAI_PROJECT_KEY, [["user_public_id", `${id}`]]).data;
    expect(hers).toEqual(rows.filter(({ email }) => email === "clara.duvernay@tidewater-robotics.example"));
  });

  it("wants a date", () => {
    const message = "Missing query parameter 'date'";
    expect(ask("/v1/usage", [["start_date", "2026-10-05"]], { key: OPENAI_PROJECT_KEY })).toEqual({
      status: 400,
      body: { error: { message, type: "invalid_request_error", param: null, code: null } },
    });
  });
});
