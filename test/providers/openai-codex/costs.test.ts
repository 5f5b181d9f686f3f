import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import { call, failure, guardTheEdge, type Item, json, list, reply } from "../edge.ts";
import {
  API,
  bucket,
  COSTS_PATH,
  dataCalls,
  digits,
  directoryPage,
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

const DAY = { date: "2026-10-13" };

/** A cost as live accounts send it: a decimal as text, a currency in lower case. */
function cost(value: unknown, more: Item = {}): Item {
  return {
    object: "organization.costs.result",
    amount: { value, currency: "usd" },
    line_item: null,
    project_id: null,
    api_key_id: null,
    quantity: null,
    quantity_unit: null,
    ...more,
  };
}

describe("a cost as a row", () => {
  it("the documented example", async () => {
    serveHost(API, { [COSTS_PATH]: () => json(stored("costs.json")) });
    const query = { report_type: "cost", start_date: "2024-11-01" } as const;
    const [sent] = Object(stored("costs.json")).data[0].results;
    expect(await rows(organization(), query, true)).toEqual([
      {
        id: "openai:costs:1d:1730419200:project_id=:line_item=",
        start_date: "2024-11-01T00:00:00Z",
        end_date: "2024-11-02T00:00:00Z",
        metric_name: "costs",
        product: { id: "openai_api", name: "OpenAI API" },
        surface: "api",
        organization: { id: "org-tests" },
        charges: [{ type: "total", amount: 0.06, currency: "USD" }],
        remote_data: { ...sent, start_time: 1730419200, end_time: 1730505600, endpoint: "organization.costs" },
      },
    ]);
  });

  it("of a line item of a model, in a project that names itself", async () => {
    const item = cost("75.38441804", {
      line_item: "gpt-5.4-2026-03-05, cached input",
      project_id: "proj_a",
      project_name: "Alpha",
      organization_id: "org-other",
      quantity: 1234.5,
      quantity_unit: "1000_tokens",
    });
    serveHost(API, { [COSTS_PATH]: () => page([bucket([item])]) });
    expect(await rows(organization({ organization_id: undefined }), { report_type: "cost", ...DAY })).toEqual([
      {
        id: "openai:costs:1d:1791849600:project_id=proj_a:line_item=gpt-5.4-2026-03-05%2C%20cached%20input",
        start_date: "2026-10-13T00:00:00Z",
        end_date: "2026-10-14T00:00:00Z",
        metric_name: "gpt-5.4-2026-03-05, cached input",
        product: { id: "openai_api", name: "OpenAI API" },
        model: { id: "gpt-5.4-2026-03-05", provider: "openai" },
        surface: "api",
        organization: { id: "org-other" },
        resources: [{ workspace: { id: "proj_a", name: "Alpha" } }],
        charges: [{ type: "total", amount: 75.38441804, currency: "USD" }],
        usage: { quantity: 1234.5 },
        unit: "1000_tokens",
      },
    ]);
  });

  it.each([
    ["gpt-6-astra, input_tokens", "gpt-6-astra"],
    ["GPT-4o mini, input", "GPT-4o mini"],
    ["ft:gpt-4.1:acme::x, y, output", "ft:gpt-4.1:acme::x, y"],
    ["web search tool calls", undefined],
    ["Image models", undefined],
    [", input", undefined],
    [null, undefined],
  ])("the line item %j is of the model %j", (line_item, id) => {
    const read = readPage(
      question(ORGANIZATION, { report: "cost" }),
      { source: "costs" },
      {
        data: [bucket([cost(1, { line_item })])],
      },
    );
    expect(rowsIn(read)[0]?.model?.id).toBe(id);
  });
});

describe("amounts are dollars, to the last digit", () => {
  it.each([
    ["0.06", "0.06"],
    ['"12.50"', "12.5"],
    ['"75.38441804"', "75.38441804"],
    ['"0"', "0"],
    ['"0.001589850000000000000000000000"', "0.00158985"],
    ["0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"],
    ["0E-6176", "0"],
    ['"0E-6176"', "0"],
    ["-3.2", "-3.2"],
  ])("%s is %s", async (sent, due) => {
    serveHost(API, {
      [COSTS_PATH]: () =>
        reply(
          `{"object":"page","data":[{"start_time":1791849600,"end_time":1791936000,"results":[{"amount":{"value":${sent},"currency":"usd"}}]}],"has_more":false,"next_page":null}`,
        ),
    });
    const [row] = await rows(organization(), { report_type: "cost", ...DAY });
    expect(row?.["charges"]).toEqual([{ type: "total", amount: Number(due), currency: "USD" }]);
    // As it is computed with, before it is written.
    const value: unknown = sent.startsWith('"') ? JSON.parse(sent) : sent;
    const read = readPage(
      question(ORGANIZATION, { report: "cost" }),
      { source: "costs" },
      {
        data: [bucket([cost(value)])],
      },
    );
    expect(digits(rowsIn(read)[0])).toEqual([["total", due, "USD"]]);
  });

  it("of other currencies stay theirs", () => {
    const read = readPage(
      question(ORGANIZATION, { report: "cost" }),
      { source: "costs" },
      {
        data: [bucket([cost(1, { amount: { value: 1, currency: "eur" } })])],
      },
    );
    expect(digits(rowsIn(read)[0])).toEqual([["total", "1", "EUR"]]);
  });

  it.each<[string, Item]>([
    ["organization.costs.amount.value", { amount: { value: null, currency: "usd" } }],
    ["organization.costs.amount.value", { amount: { value: "12,50", currency: "usd" } }],
    ["organization.costs.amount.value", { amount: 0.06 }],
    ["organization.costs.amount.value", { amount: null }],
    ["organization.costs.amount.currency", { amount: { value: 1 } }],
    ["organization.costs.quantity", { quantity: "many" }],
  ])("an error that names %s when it is %j", async (field, fields) => {
    serveHost(API, { [COSTS_PATH]: () => page([bucket([cost(1, fields)])]) });
    const error = await failure(rows(organization(), { report_type: "cost", ...DAY }));
    expect(error).toMatchObject({ name: "UsageError", kind: "vendor_data" });
    expect(String(error)).toContain(field);
  });
});

describe("cost summaries", () => {
  const lines = [
    cost("0.1", { line_item: "gpt-5.5, input", project_id: "proj_a", user_id: "user-1", api_key_id: "key_1" }),
    cost("0.2", { line_item: "gpt-5.5, output", project_id: "proj_a", user_id: "user-2", api_key_id: "key_2" }),
    cost("0.001589850000000000000000000000", { line_item: "web search tool calls", project_id: "proj_b" }),
    cost("0E-6176", { line_item: "gpt-4o, input", project_id: "proj_b", user_id: "user-1", api_key_id: "key_3" }),
  ];
  // 0.1 + 0.2 + 0.00158985 + 0, on each of two days: 2 x 0.30158985 = 0.6031797.
  const totals = [{ currency: "USD", net: 0.6031797, gross: 0.6031797 }];
  const summary = (group_by: string[]) =>
    getCostSummary.run(
      organization(),
      { start_date: "2026-10-13", end_date: "2026-10-15", group_by, providers: ["openai_codex"] },
      call(),
    );
  const serve = () => serveHost(API, { [COSTS_PATH]: () => page([bucket(lines), bucket(lines, 1)]) });

  it.each<[string[], string[]]>([
    [["provider"], []],
    [["day"], []],
    [["model"], ["line_item"]],
    [["user"], ["user_id"]],
    [["workspace"], ["project_id"]],
    [["resource"], ["api_key_id"]],
    [
      ["metric_name", "workspace"],
      ["project_id", "line_item"],
    ],
    [["surface", "product"], []],
    [["week"], []],
  ])("by %j are asked by %j, and the total is the same", async (group_by, wire) => {
    const asked = serve();
    const answer = await summary(group_by);
    expect(answer["totals"]).toMatchObject(totals);
    expect(String(answer["warnings"])).not.toContain("vector_stores");
    const [request] = dataCalls(asked);
    expect(request?.query.getAll("group_by")).toEqual(wire);
    expect(request?.query.get("limit")).toBe("180");
  });

  it("by model, with what is none as unattributed", async () => {
    serve();
    expect((await summary(["model"]))["groups"]).toMatchObject([
      { key: { model: "gpt-5.5" }, net: 0.6 },
      { key: { model: "unattributed" }, net: 0.0031797 },
      { key: { model: "gpt-4o" }, net: 0 },
    ]);
  });

  it("by user are joined by the directory's e-mail", async () => {
    const users = [storedLines("directory.jsonl")[0], { id: "user-2", email: "User@Example.com", name: null }];
    serveHost(API, {
      [COSTS_PATH]: () => page([bucket([cost(1, { user_id: "user_abc" }), cost(2, { user_id: "user-2" })])]),
      "/v1/organization/users": () => json({ object: "list", data: users, has_more: false }),
    });
    const answer = await getCostSummary.run(
      organization(),
      { start_date: "2026-10-13", end_date: "2026-10-14", group_by: ["user"] },
      call(),
    );
    expect(answer["groups"]).toMatchObject([{ key: { user: "user@example.com" }, net: 3 }]);
    expect(answer["warnings"]).toEqual([]);
  });

  it("of an e-mail are not silently nothing where the directory can't be read", async () => {
    serveHost(API, {
      [COSTS_PATH]: () => page([bucket([cost(1, { user_id: "user_abc" })])]),
      "/v1/organization/users": () => json({ error: { message: "Missing scopes: api.management.read" } }, 403),
    });
    const dates = { start_date: "2026-10-13", end_date: "2026-10-14" };
    const answer = await getCostSummary.run(organization(), { ...dates, user_ids: ["user@example.com"] }, call());
    expect(answer["totals"]).toEqual([]);
    expect(String(answer["warnings"])).toContain("an e-mail finds none of them");
  });

  it.each<[Partial<Query>, string[], [string | undefined, number][]]>([
    [
      { group_by: ["user"], model_ids: ["GPT-5.5"] },
      ["user_id", "line_item"],
      [
        ["user-1", 0.1],
        ["user-2", 0.2],
      ],
    ],
    [
      { group_by: ["workspace"], user_ids: ["user-1"] },
      ["project_id", "user_id"],
      [
        ["proj_a", 0.1],
        ["proj_b", 0],
      ],
    ],
  ])("of a filter that their rows must show are summed without it: %j", async (query, wire, due) => {
    const asked = serve();
    const found = await rows(organization(), { report_type: "cost", ...DAY, ...query });
    expect(dataCalls(asked)[0]?.query.getAll("group_by")).toEqual(wire);
    const first = found.filter(({ start_date }) => start_date === "2026-10-13T00:00:00Z");
    const shown = first.map(({ user, resources, charges }) => [
      Object(user ?? Object(resources)[0].workspace).id,
      Object(charges)[0].amount,
    ]);
    expect(shown.sort()).toEqual(due);
    expect(new Set(shown.map(([id]) => id)).size, "one row a group").toBe(shown.length);
  });

  it("by charge_type are told apart by what they are for, as the rows of the report", async () => {
    const asked = serve();
    const found = await rows(organization(), { report_type: "cost", ...DAY, group_by: ["charge_type"] });
    expect(dataCalls(asked)[0]?.query.getAll("group_by")).toEqual(["line_item"]);
    expect(found.slice(0, 3).map(({ metric_name, charges }) => [metric_name, Object(charges)[0].amount])).toEqual([
      ["gpt-5.5, input", 0.1],
      ["gpt-5.5, output", 0.2],
      ["web search tool calls", 0.00158985],
    ]);
  });
});

describe("costs by user, which OpenAI refuses at times", () => {
  const refusal = (words = "Grouping by user_id with line_item is not supported.") =>
    json({ error: { message: words, type: "invalid_request_error", param: null, code: null } }, 400);
  const twoUsers = () => directoryPage([{ id: "user-1" }, { id: "user-2" }]);
  const byUserAlone = (url: URL) => {
    const groups = url.searchParams.getAll("group_by");
    return groups.length > 1 && groups.includes("user_id")
      ? refusal()
      : page([bucket([cost(1, { user_id: "user-1" }), cost(2, { user_id: null })])]);
  };

  it("together with others are asked by user alone, and say so", async () => {
    const asked = serveHost(API, { [COSTS_PATH]: byUserAlone, "/v1/organization/users": twoUsers });
    const answer = await list(organization(), { report_type: "user_cost", ...DAY });
    expect(answer.result).toMatchObject([
      { id: "openai:costs:1d:1791849600:user_id=user-1", user: { id: "user-1" } },
      { id: "openai:costs:1d:1791849600:user_id=" },
    ]);
    expect(answer.warnings).toEqual([
      "OpenAI refused costs by user_id together with line_item, which they stand without: a filter by it finds nothing.",
    ]);
    expect(dataCalls(asked).map(({ query }) => query.getAll("group_by"))).toEqual([
      ["user_id", "line_item"],
      ["user_id"],
    ]);
  });

  it("beside projects give up the projects first", async () => {
    const asked = serveHost(API, {
      "/v1/organization/users": twoUsers,
      [COSTS_PATH]: (url) =>
        url.searchParams.has("group_by", "project_id")
          ? refusal("Grouping by user_id with project_id is not supported.")
          : page([bucket([cost(1, { user_id: "user-1", line_item: "gpt-5.5, input" })])]),
    });
    const query = { report_type: "cost" as const, ...DAY, group_by: ["user", "workspace", "metric_name"] };
    const answer = await list(organization(), query);
    expect(answer.result).toMatchObject([{ user: { id: "user-1" }, metric_name: "gpt-5.5, input" }]);
    expect(answer.warnings).toEqual([expect.stringContaining("together with project_id")]);
    expect(dataCalls(asked).map(({ query: sent }) => sent.getAll("group_by"))).toEqual([
      ["project_id", "user_id", "line_item"],
      ["user_id", "line_item"],
    ]);
  });

  it("a cursor goes on with what was asked in the end", async () => {
    serveHost(API, { [COSTS_PATH]: byUserAlone });
    const engine = organization();
    const query = { report_type: "user_cost", ...DAY, limit: 1 } as const;
    const first = await list(engine, query);
    const asked = serveHost(API, { [COSTS_PATH]: byUserAlone });
    const second = await list(engine, { ...query, cursor: first.next_cursor ?? "" });
    expect(second.result).toMatchObject([{ id: "openai:costs:1d:1791849600:user_id=" }]);
    expect(second.next_cursor).toBeNull();
    expect(dataCalls(asked).map(({ query: sent }) => sent.getAll("group_by"))).toEqual([["user_id"]]);
  });

  it("at all are an error of the report of users, which says what else there is", async () => {
    serveHost(API, { [COSTS_PATH]: (url) => (url.searchParams.has("group_by", "user_id") ? refusal() : page([])) });
    const error = await failure(list(organization(), { report_type: "user_cost", ...DAY }));
    expect(error).toMatchObject({ kind: "question", details: { status: 400 } });
    expect(String(error)).toMatch(/can't split these costs by user.*report_type cost/);
  });

  it("at all leave a summary's total true, without users", async () => {
    serveHost(API, {
      [COSTS_PATH]: ({ searchParams }) => {
        if (searchParams.has("group_by", "user_id")) return refusal();
        const project_id = searchParams.has("group_by", "project_id") ? "proj_a" : null;
        return page([bucket([cost("2.5", { project_id })])]);
      },
    });
    const answer = await getCostSummary.run(
      organization(),
      { start_date: "2026-10-13", end_date: "2026-10-14", group_by: ["user", "workspace"] },
      call(),
    );
    expect(answer["totals"]).toMatchObject([{ net: 2.5 }]);
    expect(answer["groups"]).toMatchObject([{ key: { user: "unattributed", workspace: "proj_a" }, net: 2.5 }]);
    expect(String(answer["warnings"])).toContain("they stand without users");
  });

  it("at all are an error when people are asked for: their cost is not nothing", async () => {
    serveHost(API, { [COSTS_PATH]: (url) => (url.searchParams.has("group_by", "user_id") ? refusal() : page([])) });
    const error = await failure(list(organization(), { report_type: "cost", ...DAY, user_ids: ["user-1"] }));
    expect(error).toMatchObject({ kind: "question", details: { status: 400 } });
  });

  it("is not given up where a model is asked for: rows by user alone would show none", async () => {
    serveHost(API, { [COSTS_PATH]: byUserAlone });
    const query = { report_type: "user_cost" as const, ...DAY, model_ids: ["gpt-5.5"] };
    expect(await failure(list(organization(), query))).toMatchObject({ kind: "question", details: { status: 400 } });
  });

  it("for another reason, or amid the pages, are an error", async () => {
    const query = { report_type: "cost" as const, ...DAY, group_by: ["user"] };
    const forbidden = () => json({ error: { message: "Missing scopes: api.usage.read" } }, 403);
    serveHost(API, { [COSTS_PATH]: (url) => (url.searchParams.has("group_by", "user_id") ? forbidden() : page([])) });
    expect(await failure(list(organization(), query))).toMatchObject({ details: { status: 403 } });
    const asked = serveHost(API, {
      [COSTS_PATH]: (url) => (url.searchParams.has("page") ? refusal() : page([bucket([cost(1)])], "page_2")),
    });
    expect(await failure(list(organization(), query))).toMatchObject({ details: { status: 400 } });
    expect(dataCalls(asked)).toHaveLength(2);
  });

  it("another refusal stays what it is", async () => {
    serveHost(API, { [COSTS_PATH]: () => refusal("limit is out of range") });
    const error = await failure(list(organization(), { report_type: "cost", ...DAY }));
    expect(String(error)).toContain("limit is out of range");
  });
});
