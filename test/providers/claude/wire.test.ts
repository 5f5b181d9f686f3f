import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/usage/query.ts";
import { failure, guardTheEdge, json, serve } from "../edge.ts";
import { asked, CONSOLE, ENTERPRISE, type Endpoint, HOST, KEYS, ORG, page, rows, V2, V2_ADMIN } from "./claude.ts";

guardTheEdge();

const nothing = () => page([]);
const DAYS = { start_date: "2026-10-05", end_date: "2026-10-07" };
const RANGE = "starting_at=2026-10-05T00:00:00Z&ending_at=2026-10-07T00:00:00Z";

/** What was asked of an endpoint, without the range and the page's size. */
async function wire(endpoint: Endpoint, query: Query, account: unknown = ENTERPRISE): Promise<string[]> {
  const queries = asked(endpoint, nothing);
  await rows(query, account);
  return queries.map((text) =>
    text
      .replace(`${RANGE}&`, "")
      .replace(/&?limit=\d+/, "")
      .replace(/^(bucket_width|time_bucket_width)=1d&?/, ""),
  );
}

describe("the request", () => {
  it.each([
    [ENTERPRISE, "usage", KEYS[0], null],
    [V2, "v2_usage", KEYS[0], "analytics-usage-cost-2026-08-24"],
    [V2_ADMIN, "v2_usage", KEYS[1], "analytics-usage-cost-2026-08-24"],
    [CONSOLE, "messages", KEYS[1], null],
  ] as const)(
    "carries the key, the version and the beta in headers and nowhere else: %o",
    async (account, endpoint, key, beta) => {
      const sent: (string | null)[] = [];
      const queries = asked(endpoint, (_, { headers }) => {
        sent.push(
          headers.get("x-api-key"),
          headers.get("anthropic-version"),
          headers.get("anthropic-beta"),
          headers.get("authorization"),
        );
        expect(headers.get("user-agent")).toMatch(/^usage-mcp\//);
        return page([]);
      });
      await rows({ report_type: "usage", ...DAYS }, account);
      expect(sent).toEqual([key, "2023-06-01", beta, null]);
      for (const secret of KEYS) expect(queries.join()).not.toContain(secret);
    },
  );

  it("goes to a gateway where the account names one", async () => {
    const queries = serve("https://gateway.example", `/anthropic${ORG}/analytics/usage_report`, nothing);
    await rows({ report_type: "usage", ...DAYS }, { ...ENTERPRISE, base_url: "https://gateway.example/anthropic/" });
    expect(queries).toHaveLength(1);
  });

  it("takes what is not known from remote_query, and does not group twice", async () => {
    const remote_query = { group_by: ["speed", "model"], context_windows: ["0-200k"] };
    expect(await wire("usage", { report_type: "usage", ...DAYS, remote_query })).toEqual([
      "group_by[]=product&group_by[]=speed&group_by[]=model&context_windows[]=0-200k",
    ]);
  });

  it("writes a single group or filter as a list, which it is to the vendor", async () => {
    expect(await wire("usage", { report_type: "usage", ...DAYS, remote_query: { group_by: "speed" } })).toEqual([
      "group_by[]=product&group_by[]=model&group_by[]=speed",
    ]);
    const queries = asked("connector_usage", nothing);
    await rows({
      report_type: "connector_usage",
      date: "2026-10-05",
      remote_query: { filter: "connector_name:github" },
    });
    expect(queries[0]).toContain("filter[]=connector_name:github");
  });

  it.each([
    "starting_at",
    "ending_date",
    "bucket_width",
    "page",
    "limit",
    "order_by",
    "products",
    "user_ids",
    "account_ids",
    "exclude_deleted_users",
  ])("does not take %s from remote_query", async (name) => {
    const error = await failure(rows({ report_type: "usage", ...DAYS, remote_query: { [name]: ["x"] } }));
    expect(error).toMatchObject({ kind: "question", details: { parameter: `remote_query.${name}` } });
    expect(HOST).toBeTruthy();
  });
});

describe("usage and cost of an Enterprise organization, on the wire", () => {
  const usage = { report_type: "usage", ...DAYS } as const;
  const cost = { report_type: "cost", ...DAYS } as const;
  const byUser = { report_type: "user_usage", ...DAYS } as const;
  const userCost = { report_type: "user_cost", ...DAYS } as const;

  it.each<[string, Endpoint, Query, string]>([
    ["by product and model, when not asked otherwise", "usage", usage, "group_by[]=product&group_by[]=model"],
    ["a group", "usage", { ...usage, group_by: ["model"] }, "group_by[]=model"],
    ["product and surface are one", "usage", { ...usage, group_by: ["surface", "product"] }, "group_by[]=product"],
    ["what all rows have needs no group", "usage", { ...usage, group_by: ["day", "provider", "account"] }, ""],
    [
      "products, by id, name and nickname",
      "usage",
      { ...usage, group_by: ["day"], product_ids: ["chat", "Claude Code", "office"] },
      "products[]=chat&products[]=claude_code&products[]=office_agent",
    ],
    [
      "surfaces",
      "usage",
      { ...usage, group_by: ["day"], surfaces: ["slack", "cli"] },
      "products[]=claude-tag&products[]=claude_code",
    ],
    [
      "what passes both",
      "usage",
      { ...usage, group_by: ["day"], surfaces: ["chat", "code"], product_ids: ["code", "cowork"] },
      "products[]=claude_code",
    ],
    ["models", "usage", { ...usage, group_by: ["day"], model_ids: ["Claude-Opus-5"] }, "models[]=claude-opus-5"],
    [
      "people by id",
      "usage",
      { ...usage, group_by: ["day"], user_ids: ["user_1", "user_2"] },
      "user_ids[]=user_1&user_ids[]=user_2",
    ],
    ["one person", "usage", { ...usage, group_by: ["day"], user_id: "user_1" }, "user_ids[]=user_1"],
    ["kinds of cost", "cost", { ...cost, group_by: ["charge_type"] }, "group_by[]=cost_type"],
    [
      "kinds of tokens never without kinds of cost, or searches would be left out",
      "cost",
      { ...cost, group_by: ["token_type"] },
      "group_by[]=cost_type&group_by[]=token_type",
    ],
    ["people, without groups", "user_usage", byUser, ""],
    ["people, by model", "user_usage", { ...byUser, group_by: ["user", "model"] }, "group_by[]=model"],
    ["without deleted people", "user_usage", { ...byUser, include_deleted_users: false }, "exclude_deleted_users=true"],
    ["with deleted people", "user_cost", { ...userCost, include_deleted_users: true }, "exclude_deleted_users=false"],
    ["people's cost by kind", "user_cost", { ...userCost, group_by: ["user", "charge_type"] }, "group_by[]=cost_type"],
    [
      "kinds of tokens of a person",
      "user_cost",
      { ...cost, user_ids: ["user_1"], group_by: ["user", "token_type"] },
      "group_by[]=cost_type&group_by[]=token_type&user_ids[]=user_1",
    ],
    [
      "more people than the vendor takes are looked for where rows name them",
      "user_cost",
      { ...cost, user_ids: Array.from({ length: 91 }, (_, index) => `user_${index}`) },
      "group_by[]=product&group_by[]=model",
    ],
    ["people looked for by id", "user_cost", { ...userCost, user_ids: ["user_1"] }, "user_ids[]=user_1"],
  ])("%s", async (_, endpoint, query, expected) => {
    expect(await wire(endpoint, query)).toEqual([expected]);
  });

  it.each<[Query["sort_by"], Query["sort_order"], string]>([
    ["tokens.total", undefined, "order_by=total_tokens&order=desc"],
    ["usage.tokens.output", "asc", "order_by=output_tokens&order=asc"],
    ["tokens.input", "desc", "order_by=uncached_input_tokens&order=desc"],
    ["requests.total", undefined, "order_by=requests&order=desc"],
  ])("one day's people are ranked by %s %s at the vendor", async (sort_by, sort_order, expected) => {
    const queries = asked("user_usage", nothing);
    await rows({
      report_type: "user_usage",
      date: "2026-10-05",
      sort_by,
      ...(sort_order ? { sort_order } : {}),
      limit: 5,
    });
    expect(queries).toEqual([
      `starting_at=2026-10-05T00:00:00Z&ending_at=2026-10-06T00:00:00Z&bucket_width=1d&${expected}&limit=5`,
    ]);
  });

  it.each([
    ["net", "amount"],
    ["gross", "list_amount"],
    ["total", "list_amount"],
  ])("one day's people are ranked by %s at the vendor", async (sort_by, order) => {
    const queries = asked("user_cost", nothing);
    await rows({ report_type: "user_cost", date: "2026-10-05", sort_by });
    expect(queries[0]).toContain(`order_by=${order}&order=desc`);
  });

  it("where a person has several rows, one a model, the vendor's ranking of people is not asked for", async () => {
    const query: Query = { ...byUser, sort_by: "tokens.total", group_by: ["user", "model"] };
    const queries = asked("user_usage", nothing);
    await rows({ ...query, start_date: "2026-10-05", end_date: "2026-10-06" });
    expect(queries.join()).not.toContain("order_by");
  });

  it("over several days, where a person has several rows, the vendor's ranking of people is not asked for", async () => {
    expect(await wire("user_usage", { ...byUser, sort_by: "tokens.total" })).toEqual([""]);
  });

  it.each<[Query["granularity"], string, number]>([
    ["day", "1d", 31],
    ["hour", "1h", 168],
    ["minute", "1m", 256],
  ])("by the %s: buckets of %s, %i a page", async (granularity, width, most) => {
    const queries = asked("usage", nothing);
    await rows({ ...usage, ...(granularity ? { granularity } : {}), group_by: ["account"] });
    expect(queries).toEqual([`${RANGE}&bucket_width=${width}&limit=${most}`]);
  });

  it("people by the minute, a day at a time", async () => {
    const queries = asked("user_usage", nothing);
    await rows({ ...byUser, granularity: "minute" });
    expect(queries.map((query) => query.split("&limit")[0])).toEqual([
      "starting_at=2026-10-05T00:00:00Z&ending_at=2026-10-06T00:00:00Z&bucket_width=1m",
      "starting_at=2026-10-06T00:00:00Z&ending_at=2026-10-07T00:00:00Z&bucket_width=1m",
    ]);
  });

  it("rows of people are asked for as many as wanted, up to a thousand, and stay in that size", async () => {
    for (const [limit, size] of [
      [3, 3],
      [1000, 1000],
      [10_000, 1000],
    ]) {
      const queries = asked("user_usage", ({ searchParams }) =>
        searchParams.has("page") ? page([]) : page([], "NEXT"),
      );
      await rows({ ...byUser, ...(limit ? { limit } : {}) });
      expect(queries.map((query) => query.split("limit=")[1])).toEqual([String(size), `${size}&page=NEXT`]);
    }
  });

  it.each<[string, Query]>([
    ["products of developers' organizations", { ...usage, surfaces: ["api"] }],
    ["nothing that passes both filters", { ...usage, surfaces: ["chat"], product_ids: ["cowork"] }],
  ])("%s need no call", async (_, query) => {
    expect(await rows(query)).toEqual([]);
  });

  it.each(["other", "chat_cowork_unified", "cc_security_autopatch", "composer", "claude"])(
    "a product that the vendor's filter may refuse, %s, is looked for in the rows",
    async (product) => {
      expect(await wire("usage", { ...usage, group_by: ["model"], product_ids: [product] })).toEqual([
        "group_by[]=model&group_by[]=product",
      ]);
    },
  );

  it("more values than the vendor takes are looked for in the rows", async () => {
    const model_ids = Array.from({ length: 101 }, (_, index) => `model-${index}`);
    expect(await wire("usage", { ...usage, group_by: ["product"], model_ids })).toEqual([
      "group_by[]=product&group_by[]=model",
    ]);
  });

  it("kinds of tokens are not joined with what the vendor does not join", async () => {
    for (const group_by of [
      ["token_type", "week"],
      ["token_type", "user"],
    ])
      expect(await failure(rows({ ...cost, group_by }))).toMatchObject({
        kind: "question",
        details: { parameter: "group_by" },
      });
    expect(await failure(rows({ ...userCost, group_by: ["token_type", "model"] }))).toMatchObject({
      details: { parameter: "group_by" },
    });
  });
});

describe("daily activity, on the wire", () => {
  const DAY = { date: "2026-10-05" };

  it.each<[string, Endpoint, Query, string]>([
    ["people", "activity", { report_type: "activity" }, "date=2026-10-05&limit=1000"],
    ["as many as wanted", "activity", { report_type: "activity", limit: 7 }, "date=2026-10-05&limit=7"],
    [
      "a person by id",
      "activity",
      { report_type: "activity", user_ids: ["user_1"] },
      "date=2026-10-05&filter[]=user_id:user_1&limit=1000",
    ],
    [
      "a person by e-mail is looked for in the rows",
      "activity",
      { report_type: "activity", user_ids: ["a@b.c"], limit: 7 },
      "date=2026-10-05&limit=1000",
    ],
    [
      "projects by person",
      "project_usage",
      { report_type: "project_usage", group_by: ["resource", "user"] },
      "date=2026-10-05&group_by[]=user_id&limit=1000",
    ],
    [
      "projects of people",
      "project_usage",
      { report_type: "project_usage", user_ids: ["user_1"] },
      "date=2026-10-05&filter[]=user_id:user_1&limit=1000",
    ],
    [
      "skills by product",
      "skill_usage",
      { report_type: "skill_usage", group_by: ["resource", "surface"] },
      "date=2026-10-05&group_by[]=product&limit=1000",
    ],
    [
      "skills of a product",
      "skill_usage",
      { report_type: "skill_usage", surfaces: ["office"] },
      "date=2026-10-05&filter[]=product:office_agent&limit=1000",
    ],
    [
      "skills of a product that the filter may refuse",
      "skill_usage",
      { report_type: "skill_usage", surfaces: ["chat_cowork_unified"] },
      "date=2026-10-05&group_by[]=product&limit=1000",
    ],
    [
      "connectors of a product and a person",
      "connector_usage",
      { report_type: "connector_usage", product_ids: ["chat"], user_id: "user_1" },
      "date=2026-10-05&filter[]=product:chat&filter[]=user_id:user_1&limit=1000",
    ],
    [
      "connectors by person, summed",
      "connector_usage",
      { report_type: "connector_usage", group_by: ["user"] },
      "date=2026-10-05&group_by[]=user_id&limit=1000",
    ],
    [
      "a team's summary",
      "summary",
      { report_type: "summary", remote_query: { filter: ["rbac_group_id:rbac_group_1"] } },
      "starting_date=2026-10-05&ending_date=2026-10-06&filter[]=rbac_group_id:rbac_group_1",
    ],
  ])("%s", async (_, endpoint, query, expected) => {
    const queries = asked(endpoint, nothing);
    await rows({ ...query, ...DAY });
    expect(queries).toEqual([expected]);
  });

  it.each(["project_usage", "skill_usage", "connector_usage"] as const)(
    "%s can't be looked through for e-mails, and says so",
    async (report_type) => {
      const error = await failure(rows({ report_type, ...DAY, user_ids: ["user_1", "ann@example.com"] }));
      expect(error).toMatchObject({ kind: "question", details: { parameter: "user_ids" } });
      expect(String(error)).toContain("ann@example.com");
    },
  );
});

describe("the Usage and Cost Analytics API, on the wire", () => {
  const usage = { report_type: "usage", ...DAYS } as const;
  const ORDER = "order_by=time&order=asc";

  it.each<[string, Endpoint, Query, string]>([
    [
      "by product and model, when not asked otherwise",
      "v2_usage",
      usage,
      `group_by[]=product&group_by[]=model&${ORDER}`,
    ],
    ["by person", "v2_usage", { ...usage, group_by: ["user"] }, `group_by[]=actor&${ORDER}`],
    [
      "by key and workspace",
      "v2_usage",
      { ...usage, group_by: ["resource", "workspace"] },
      `group_by[]=api_key_id&group_by[]=workspace_id&${ORDER}`,
    ],
    [
      "by child organization",
      "v2_cost",
      { report_type: "cost", ...DAYS, group_by: ["organization"] },
      `group_by[]=organization_id&${ORDER}`,
    ],
    [
      "kinds of tokens",
      "v2_cost",
      { report_type: "cost", ...DAYS, group_by: ["token_type"] },
      `group_by[]=cost_type&group_by[]=token_type&${ORDER}`,
    ],
    [
      "products",
      "v2_usage",
      { ...usage, group_by: ["day"], surfaces: ["api", "slack"] },
      `products[]=messages_api&products[]=claude_tag&${ORDER}`,
    ],
    [
      "people and service accounts",
      "v2_usage",
      { ...usage, group_by: ["day"], user_ids: ["user_1", "svac_2"] },
      `actor_ids[]=user_1&actor_ids[]=svac_2&${ORDER}`,
    ],
    [
      "people by e-mail are looked for in the rows",
      "v2_usage",
      { ...usage, group_by: ["day"], user_ids: ["a@b.c"] },
      `group_by[]=actor&${ORDER}`,
    ],
    ["a key", "v2_usage", { ...usage, group_by: ["day"], api_key_id: "apikey_1" }, `api_key_ids[]=apikey_1&${ORDER}`],
    [
      "usage of people",
      "v2_usage",
      { ...usage, report_type: "user_usage" },
      `group_by[]=actor&actor_types[]=user_actor&${ORDER}`,
    ],
    [
      "of people that are left",
      "v2_cost",
      { ...usage, report_type: "user_cost", include_deleted_users: false },
      `group_by[]=actor&actor_types[]=user_actor&exclude_deleted_users=true&${ORDER}`,
    ],
    [
      "ranked",
      "v2_usage",
      { ...usage, sort_by: "tokens.total" },
      "group_by[]=product&group_by[]=model&order_by=total_tokens&order=desc",
    ],
    [
      "ranked by amount, upwards",
      "v2_cost",
      { report_type: "cost", ...DAYS, group_by: ["model"], sort_by: "net", sort_order: "asc" },
      "group_by[]=model&order_by=amount&order=asc",
    ],
    [
      "kinds of cost are not ranked by the vendor",
      "v2_cost",
      { report_type: "cost", ...DAYS, group_by: ["charge_type"], sort_by: "net" },
      `group_by[]=cost_type&${ORDER}`,
    ],
  ])("%s", async (_, endpoint, query, expected) => {
    expect(await wire(endpoint, query, V2)).toEqual([expected]);
  });

  it.each<[string, Query]>([
    ["over more than a window", { report_type: "usage", start_date: "2026-09-01", sort_by: "tokens.total" }],
    [
      "among kinds of cost that remote_query asks for",
      { report_type: "cost", ...DAYS, sort_by: "net", remote_query: { group_by: ["cost_type"] } },
    ],
  ])("does not rank %s", async (_, query) => {
    const queries = asked(query.report_type === "cost" ? "v2_cost" : "v2_usage", nothing);
    await rows(query, V2);
    for (const asked of queries) expect(asked).toContain(ORDER);
  });

  it("kinds of tokens are not joined with what the vendor does not join", async () => {
    const query: Query = { report_type: "cost", ...DAYS, group_by: ["token_type", "week"] };
    expect(await failure(rows(query, V2))).toMatchObject({ details: { parameter: "group_by" } });
  });

  it("takes five groups and no more", async () => {
    const group_by = ["product", "model", "user", "resource", "workspace", "organization"];
    expect(await failure(rows({ ...usage, group_by }, V2))).toMatchObject({
      kind: "question",
      details: { parameter: "group_by" },
    });
  });

  it("asks by the minute a day at a time", async () => {
    const queries = asked("v2_usage", nothing);
    await rows({ ...usage, granularity: "minute" }, V2);
    expect(queries).toHaveLength(2);
    expect(queries[0]).toContain("ending_at=2026-10-06T00:00:00Z&time_bucket_width=1m");
  });

  it("with an Analytics key has the other reports from the Enterprise API, with an Admin key it has not", async () => {
    const queries = asked("activity", nothing);
    await rows({ report_type: "activity", date: "2026-10-05" }, V2);
    expect(queries).toHaveLength(1);
    const error = await failure(rows({ report_type: "activity", date: "2026-10-05" }, V2_ADMIN));
    expect(error).toMatchObject({ kind: "question", details: { parameter: "report_type" } });
    expect(String(error)).toContain("Analytics key");
  });
});

describe("the Console's API, on the wire", () => {
  const usage = { report_type: "usage", ...DAYS } as const;

  it.each<[string, Endpoint, Query, string]>([
    [
      "by model, workspace and key",
      "messages",
      usage,
      "group_by[]=model&group_by[]=workspace_id&group_by[]=api_key_id",
    ],
    ["by person", "messages", { ...usage, group_by: ["user"] }, "group_by[]=account_id"],
    [
      "a model, a person, a key",
      "messages",
      { ...usage, group_by: ["day"], model_ids: ["claude-opus-5"], user_ids: ["user_1"], api_key_id: "apikey_1" },
      "models[]=claude-opus-5&account_ids[]=user_1&api_key_ids[]=apikey_1",
    ],
    [
      "cost by workspace and description",
      "console_cost",
      { ...usage, report_type: "cost" },
      "group_by[]=workspace_id&group_by[]=description",
    ],
    [
      "cost by workspace",
      "console_cost",
      { ...usage, report_type: "cost", group_by: ["workspace"] },
      "group_by[]=workspace_id",
    ],
    ["cost by model", "console_cost", { ...usage, report_type: "cost", group_by: ["model"] }, "group_by[]=description"],
    ["cost in all", "console_cost", { ...usage, report_type: "cost", group_by: ["month"] }, ""],
    [
      "cost of a model, in all",
      "console_cost",
      { ...usage, report_type: "cost", group_by: ["month"], model_ids: ["claude-opus-5"] },
      "group_by[]=description",
    ],
  ])("%s", async (_, endpoint, query, expected) => {
    expect(await wire(endpoint, query, CONSOLE)).toEqual([expected]);
  });

  it.each([
    ["hour", 168],
    ["minute", 1440],
  ] as const)("by the %s, %i buckets a page", async (granularity, most) => {
    const queries = asked("messages", nothing);
    await rows({ ...usage, granularity }, CONSOLE);
    expect(queries[0]).toContain(`limit=${most}`);
  });

  it("Claude Code, a day at a time", async () => {
    const queries = asked("claude_code", () => json({ data: [], has_more: false, next_page: null }));
    await rows({ report_type: "activity", ...DAYS }, CONSOLE);
    expect(queries).toEqual(["starting_at=2026-10-05&limit=1000", "starting_at=2026-10-06&limit=1000"]);
  });

  it.each([
    ["usage", "ann@example.com"],
    ["activity", "user_1"],
  ] as const)("%s can't be looked through for %s, and says so", async (report_type, user) => {
    const error = await failure(rows({ report_type, ...DAYS, user_ids: [user] }, CONSOLE));
    expect(error).toMatchObject({ kind: "question", details: { parameter: "user_ids" } });
  });

  it.each(["summary", "project_usage", "skill_usage", "connector_usage", "user_usage", "user_cost"] as const)(
    "has no %s, and says why",
    async (report_type) => {
      expect(String(await failure(rows({ report_type, ...DAYS }, CONSOLE)))).toMatch(
        /Analytics key|group_by user|names no users/,
      );
    },
  );
});
