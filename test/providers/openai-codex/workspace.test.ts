import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import { call, failure, guardTheEdge, type Item, json, list } from "../edge.ts";
import {
  type Asked,
  CHATGPT,
  codexPath,
  DAILY_PATH,
  DAY_SECONDS,
  KEYS,
  page,
  rows,
  serveHost,
  stored,
  TUESDAY,
  WORKSPACE_ID,
  workspace,
} from "./openai.ts";

guardTheEdge();

const USAGE = codexPath("usage");
const DAY = { date: "2026-10-13" } as const;
const IN_WORKSPACE = { resources: [{ id: WORKSPACE_ID, workspace: { id: WORKSPACE_ID } }] };
const CODEX = {
  metric_name: "codex.usage",
  product: { id: "codex", name: "Codex" },
  organization: { id: "org-tests" },
  ...IN_WORKSPACE,
};
const FIRST_DAY = { start_date: "2024-11-01T00:00:00Z", end_date: "2024-11-02T00:00:00Z" };
const usd = (type: string, amount: number) => ({ type, amount, currency: "USD" });

/** A user's day. */
function day(user_id: string | null, totals: Item, more: Item = {}, days = 0): Item {
  const start_time = TUESDAY + days * DAY_SECONDS;
  return {
    object: "workspace.codex.usage.result",
    start_time,
    end_time: start_time + DAY_SECONDS,
    user_id,
    totals: { threads: 0, turns: 0, credits: 0, ...totals },
    clients: [],
    models: null,
    code_attribution: null,
    ...more,
  };
}

function serve(items: readonly Item[]): Asked[] {
  return serveHost(CHATGPT, { [USAGE]: () => page(items) });
}

describe("a user's day of Codex as a row", () => {
  const row = stored("codex-usage-row.json");
  const alex = { id: "3f0f5aaf-1e2b-4f10-bb50-111111111111", email: "alex@example.com" };
  const id = `openai:codex:${WORKSPACE_ID}:1730419200:${alex.id}`;
  const tokens = { input: 1000, cache_read: 250, output: 400, total: 1650 };
  const code = {
    lines_added: 123,
    lines_accepted_added: 123,
    lines_removed: 45,
    lines_accepted_removed: 45,
    commits: 12,
  };

  it("the documented values of every field", async () => {
    serveHost(CHATGPT, { [USAGE]: () => page([row]) });
    expect(await rows(workspace(), { report_type: "activity", start_date: "2024-11-01" }, true)).toEqual([
      {
        id,
        ...FIRST_DAY,
        ...CODEX,
        user: alex,
        charges: [usd("usage_based", 0.88)],
        usage: {
          activity: { is_active: true },
          conversations: { thread_count: 123, turn_count: 456 },
          tokens,
          quantity: 12.5,
          code,
        },
        unit: "credit",
        remote_data: { ...Object(row), endpoint: "codex.usage" },
      },
    ]);
  });

  it("by surface: its clients, and what the totals have more", async () => {
    serveHost(CHATGPT, { [USAGE]: () => page([row]) });
    const query: Query = { report_type: "activity", start_date: "2024-11-01", surfaces: ["web"] };
    expect(await rows(workspace(), query)).toEqual([
      {
        id: `${id}:client:CODEX_WEB`,
        ...FIRST_DAY,
        ...CODEX,
        user: alex,
        surface: "web",
        charges: [usd("usage_based", 0.32)],
        usage: { conversations: { thread_count: 80, turn_count: 300 }, quantity: 4.5 },
        unit: "credit",
      },
    ]);
    // 123 - 80, 456 - 300, 12.5 - 4.5, 0.88 - 0.32.
    const grouped = await rows(workspace(), {
      report_type: "activity",
      start_date: "2024-11-01",
      group_by: ["surface"],
      truto_exclude_fields: ["id", "start_date", "end_date"],
    });
    expect(grouped).toHaveLength(2);
    expect(grouped).toContainEqual({
      metric_name: "codex.usage",
      charges: [usd("usage_based", 0.56)],
      usage: { conversations: { thread_count: 43, turn_count: 156 }, tokens, quantity: 8, code },
      unit: "credit",
    });
  });

  it("report_type usage: its models, with threads and code apart", async () => {
    serveHost(CHATGPT, { [USAGE]: () => page([row]) });
    expect(await rows(workspace(), { report_type: "usage", start_date: "2024-11-01" })).toEqual([
      {
        id: `${id}:model:gpt-5.5:standard`,
        ...FIRST_DAY,
        ...CODEX,
        user: alex,
        model: { id: "gpt-5.5", provider: "openai" },
        charges: [usd("usage_based", 0.88)],
        usage: { quantity: 12.5 },
        unit: "credit",
      },
      {
        id: `${id}:rest-of-models`,
        ...FIRST_DAY,
        ...CODEX,
        user: alex,
        usage: { conversations: { thread_count: 123, turn_count: 456 }, tokens, code },
      },
    ]);
  });

  it("the documented page of a whole workspace", async () => {
    serveHost(CHATGPT, { [USAGE]: () => json({ ...Object(stored("codex-usage.json")), has_more: false }) });
    expect(await rows(workspace(), { report_type: "activity", start_date: "2024-11-01" })).toEqual([
      {
        id: `openai:codex:${WORKSPACE_ID}:1730419200:`,
        ...FIRST_DAY,
        ...CODEX,
        charges: [usd("usage_based", 0.88)],
        usage: {
          activity: { is_active: true },
          conversations: { thread_count: 123, turn_count: 456 },
          quantity: 12.5,
        },
        unit: "credit",
      },
    ]);
  });

  it("the unified daily usage, where it is asked for by its product", async () => {
    const asked = serveHost(CHATGPT, {
      [DAILY_PATH]: () => {
        const daily = Object(stored("workspace-usage.json"));
        const [item] = daily.data;
        return json({ ...daily, data: [{ ...item, totals: { threads: 1, turns: 2, credits: 3, ...item.totals } }] });
      },
    });
    const query: Query = { report_type: "activity", start_date: "2025-10-01", product_ids: ["chatgpt"] };
    expect(await rows(workspace(), query)).toMatchObject([
      {
        id: `openai:chatgpt:${WORKSPACE_ID}:1759276800:`,
        metric_name: "chatgpt.usage",
        product: { id: "chatgpt", name: "ChatGPT" },
        usage: { tokens: { input: 110, cache_read: 220, output: 55, total: 385 } },
      },
    ]);
    expect(asked.map(({ path }) => path)).toEqual([DAILY_PATH]);
  });

  it("the documented daily usage has tokens only", async () => {
    serveHost(CHATGPT, { [DAILY_PATH]: () => json(stored("workspace-usage.json")) });
    const query: Query = { report_type: "activity", start_date: "2025-10-01", product_ids: ["chatgpt"] };
    const [found] = await rows(workspace(), query);
    expect(found).toMatchObject({ usage: { tokens: { input: 110, cache_read: 220, output: 55, total: 385 } } });
    expect(found).not.toHaveProperty("unit");
  });

  it("nulls are unknown, zeros are zeros, and who has no e-mail stays", async () => {
    serve([
      day("u-1", { uncached_text_input_tokens: null, estimated_cost_usd: null }, { actor: null }),
      day("u-2", { threads: 1 }, { actor: { type: "ACCOUNT_USER", user_id: "u-2", email: null } }),
      day(null, { turns: 3 }, { actor: null }),
    ]);
    const found = await rows(workspace(), { ...DAY, report_type: "user_usage" });
    expect(found.map(({ user, usage }) => [user, usage])).toEqual([
      [
        { id: "u-1" },
        { activity: { is_active: false }, conversations: { thread_count: 0, turn_count: 0 }, quantity: 0 },
      ],
      [
        { id: "u-2" },
        { activity: { is_active: true }, conversations: { thread_count: 1, turn_count: 0 }, quantity: 0 },
      ],
      [undefined, { activity: { is_active: true }, conversations: { thread_count: 0, turn_count: 3 }, quantity: 0 }],
    ]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(3);
  });
});

describe("ids of rows that look alike", () => {
  it("differ: two rows of a day that name nobody, two parts of one model", async () => {
    const part = { model: "other", speed: null, credits: 1 };
    serve([day(null, { turns: 1 }), day("u-1", { credits: 2 }, { models: [part, part] }), day(null, { turns: 2 })]);
    const found = await rows(workspace(), { ...DAY, report_type: "usage" });
    const own = `openai:codex:${WORKSPACE_ID}:${TUESDAY}`;
    expect(found.map(({ id }) => id)).toEqual([
      `${own}:`,
      `${own}:u-1:model:other:`,
      `${own}:u-1:model:other::1`,
      `${own}::1`,
    ]);
  });
});

describe("a user", () => {
  it("is who acted; as a group keeps what no model has", async () => {
    const actor = { type: "ACCOUNT_USER", user_id: "u-2", email: null };
    const models = [{ model: "gpt-5.5", speed: null, credits: 4 }];
    serve([day("u-1", { threads: 1, credits: 4 }, { actor, models })]);
    expect(await rows(workspace(), { ...DAY, report_type: "usage", group_by: ["user"] })).toMatchObject([
      { user: { id: "u-2" }, usage: { activity: { is_active: true }, quantity: 4 } },
    ]);
  });

  it("whose models hold all of the day keeps the code apart", async () => {
    const models = [{ model: "gpt-5.5", speed: null, credits: 4 }];
    serve([day("u-1", { credits: 4 }, { models, code_attribution: { lines_of_code: { added: 9 } } })]);
    const [, rest] = await rows(workspace(), { ...DAY, report_type: "usage" });
    expect(rest?.["usage"]).toEqual({ code: { lines_added: 9, lines_accepted_added: 9 } });
  });
});

describe("surfaces", () => {
  it.each([
    ["CODEX_CLI", "cli"],
    ["CODEX_WEB", "web"],
    ["CODEX_IDE_VSCODE", "ide"],
    ["CODEX_IDE_JETBRAINS_GOLAND", "ide"],
    ["CODEX_DESKTOP_APP", "desktop"],
    ["CODEX_CHATGPT_DESKTOP", "desktop"],
    ["CODEX_WORK_MOBILE", "work"],
    ["CODEX_GITHUB", "github"],
    ["CODEX_GITHUB_ACTION", "github"],
    ["CODEX_SLACK", "slack"],
    ["CODEX_SDK_TS", "sdk"],
    ["CODEX_SERVICE_EXEC", "exec"],
    ["CODEX_ATLAS", "codex_atlas"],
    ["CODEX_SOMETHING_NEW", "codex_something_new"],
  ])("%s is %s", async (client_id, surface) => {
    serve([day("u-1", { threads: 1 }, { clients: [{ client_id, threads: 1, turns: 0, credits: 0 }] })]);
    const [found] = await rows(workspace(), { ...DAY, report_type: "activity", surfaces: [surface.toUpperCase()] });
    expect(found?.["surface"]).toBe(surface);
  });
});

describe("splits never change a sum", () => {
  const model = (name: string, credits: number, cost_usd: number, more: Item = {}) => ({
    model: name,
    speed: null,
    credits,
    cost_usd,
    estimated_cost_usd: null,
    ...more,
  });
  const items = [
    // Totals above the models' sum: 0.1 + 0.2 of 0.35.
    day(
      "u-1",
      { threads: 2, turns: 5, credits: 7, cost_usd: 0.35, text_total_tokens: 100 },
      {
        models: [
          model("gpt-5.5", 4, 0.1, { text_total_tokens: 60 }),
          model("gpt-5.5", 1, 0.2, { speed: "fast", text_total_tokens: 40 }),
        ],
        clients: [{ client_id: "CODEX_CLI", threads: 2, turns: 5, credits: 7, cost_usd: 0.36 }],
      },
    ),
    // No split at all.
    day("u-2", { threads: 1, turns: 1, credits: 2, cost_usd: 0.01, text_total_tokens: 5 }, { models: [] }),
  ];

  it.each<[string[]]>([[["model"]], [["surface"]], [["user"]], [["workspace"]], [["model", "user"]], [["day"]]])(
    "cost by %j is 0.36 dollars",
    async (group_by) => {
      serve(items);
      const query = { start_date: "2026-10-13", end_date: "2026-10-14", group_by };
      const answer = await getCostSummary.run(workspace(), query, call());
      expect(answer["totals"]).toMatchObject([{ currency: "USD", net: 0.36, gross: 0.36 }]);
    },
  );

  it.each<[string[]]>([[["model"]], [["surface"]], [["user"]], [["day"]]])("usage by %j sums up", async (group_by) => {
    serve(items);
    const found = await rows(workspace(), { ...DAY, report_type: "activity", group_by });
    const sum = (read: (usage: Item) => number | undefined) =>
      found.reduce((all, { usage }) => all + (read(Object(usage)) ?? 0), 0);
    expect(sum(({ quantity }) => Number(quantity ?? 0))).toBe(9);
    expect(sum(({ conversations }) => Object(conversations ?? {}).turn_count)).toBe(6);
    expect(sum(({ tokens }) => Object(tokens ?? {}).total)).toBe(105);
  });

  it("what the parts have too much is taken off again beside them", async () => {
    serve(items);
    const found = await rows(workspace(), { ...DAY, report_type: "cost", group_by: ["surface"] });
    // Without a client: -0.01 of u-1, and 0.01 of u-2.
    expect(Object.fromEntries(found.map(({ surface, charges }) => [surface, Object(charges)[0].amount]))).toEqual({
      cli: 0.36,
      undefined: 0,
    });
  });

  it("by model and surface together are not crossed, and the answer says so", async () => {
    serve(items);
    const answer = await list(workspace(), { ...DAY, report_type: "activity", group_by: ["model", "surface"] });
    expect(answer.warnings.join()).toMatch(/never both at once/);
    expect(JSON.stringify(answer.result)).not.toContain('"surface"');
  });

  it("of one model and one surface is a question that OpenAI can't answer", async () => {
    const asking = list(workspace(), { ...DAY, report_type: "activity", model_ids: ["gpt-5.5"], surfaces: ["cli"] });
    await expect(asking).rejects.toMatchObject({ kind: "question", details: { parameter: "surfaces" } });
  });
});

describe("credits are no money and an estimate is no bill", () => {
  const items = [
    day("u-1", { credits: 100, estimated_cost_usd: 4 }),
    day("u-2", { credits: 0, cost_usd: 2.5, estimated_cost_usd: 9 }),
    day("u-3", { credits: 7 }),
  ];

  it("only what is billed in dollars has a total", async () => {
    serve(items);
    const answer = await list(workspace(), { ...DAY, report_type: "user_cost" });
    const found: Item[] = Object(answer.result);
    expect(found.map(({ charges, usage }) => [charges, Object(usage).quantity])).toEqual([
      [[usd("usage_based", 4)], 100],
      [[usd("total", 2.5), usd("usage_based", 2.5)], 0],
      [undefined, 7],
    ]);
    expect(answer.warnings).toEqual([expect.stringContaining("credits are no money")]);
  });

  it("a summary of cost counts 2.5 dollars, and says what it does not count", async () => {
    serve(items);
    const answer = await getCostSummary.run(
      workspace(),
      { start_date: "2026-10-13", end_date: "2026-10-14", group_by: ["user"] },
      call(),
    );
    expect(answer["totals"]).toMatchObject([{ net: 2.5, gross: 2.5 }]);
    expect(String(answer["warnings"])).toContain("credits are no money");
  });

  it("no dollars for credits are no price of zero, and dollars need no credits", async () => {
    serve([
      day("u-1", { credits: 100, cost_usd: 0, estimated_cost_usd: 4 }),
      day("u-2", { credits: null, cost_usd: 2.5 }),
      day("u-3", { credits: 0, cost_usd: 0 }),
    ]);
    const answer = await list(workspace(), { ...DAY, report_type: "user_cost" });
    const found: Item[] = Object(answer.result);
    expect(found.map(({ charges }) => charges)).toEqual([
      [usd("usage_based", 4)],
      [usd("total", 2.5), usd("usage_based", 2.5)],
      [usd("total", 0), usd("usage_based", 0)],
    ]);
    expect(answer.warnings).toEqual([expect.stringContaining("credits are no money")]);
  });

  it("says nothing where all use is billed in dollars", async () => {
    serve([day("u-1", {}), day("u-2", { cost_usd: 2.5 }), day("u-3", { credits: 62.5, cost_usd: 2.5 })]);
    expect((await list(workspace(), { ...DAY, report_type: "cost" })).warnings).toEqual([]);
  });
});

describe("summary", () => {
  it("is the whole workspace: its Codex, reviews made, reactions to them", async () => {
    const review = (name: string) => json({ ...Object(stored(name)), has_more: false, next_page: null });
    const asked = serveHost(CHATGPT, {
      [USAGE]: () =>
        page([
          day(null, { threads: 2, turns: 3, credits: 4.5 }, { user_id: undefined }),
          day(null, { threads: 1, turns: 1, credits: 0.5 }, { user_id: undefined }, 1),
        ]),
      [codexPath("code_reviews")]: () => review("codex-code-reviews.json"),
      [codexPath("code_review_responses")]: () => review("codex-code-review-responses.json"),
    });
    const answer = await list(workspace(), {
      report_type: "summary",
      start_date: "2026-10-13",
      end_date: "2026-10-15",
      truto_exclude_fields: ["id", "start_date", "end_date"],
    });
    const found: Item[] = Object(answer.result);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        {
          metric_name: "codex.usage",
          usage: {
            activity: { is_active: true },
            conversations: { thread_count: 3, turn_count: 4 },
            quantity: 5,
          },
          unit: "credit",
        },
        { metric_name: "codex.code_reviews", usage: { code: { pull_requests: 42 }, quantity: 120 }, unit: "comment" },
        { metric_name: "codex.code_review_responses", usage: { quantity: 70 }, unit: "reaction" },
      ]),
    );
    expect(asked.map(({ path, query }) => [path, query.get("group")])).toEqual([
      [USAGE, "workspace"],
      [codexPath("code_reviews"), null],
      [codexPath("code_review_responses"), null],
    ]);
  });
});

describe("what is asked of the workspace", () => {
  it.each<[Query, [string, string][]]>([
    [
      { ...DAY, report_type: "activity" },
      [
        ["start_time", "1791849600"],
        ["end_time", "1791936000"],
        ["limit", "100"],
      ],
    ],
    [
      { start_date: "2026-10-13T23:30:00Z", end_date: "2026-10-15T00:00:01Z", limit: 2500 },
      [
        ["start_time", "1791849600"],
        ["end_time", "1792108800"],
        ["limit", "2500"],
      ],
    ],
    [
      { ...DAY, report_type: "user_usage", group_by: ["user"] },
      [
        ["start_time", "1791849600"],
        ["end_time", "1791936000"],
        ["limit", "30000"],
      ],
    ],
    [
      { ...DAY, remote_query: { limit: 5, beta: "x" } },
      [
        ["start_time", "1791849600"],
        ["end_time", "1791936000"],
        ["limit", "5"],
        ["beta", "x"],
      ],
    ],
  ])("%j", async (query, due) => {
    const [asked, ...others] = await (async () => {
      const calls = serve([]);
      await list(workspace(), query);
      return calls;
    })();
    expect(others).toEqual([]);
    expect([...(asked?.query ?? [])]).toEqual(due);
    expect(asked?.headers.get("authorization")).toBe(`Bearer ${KEYS.workspace}`);
  });

  it("its own host, or the one of the settings", async () => {
    const host = "http://127.0.0.1:9";
    const asked = serveHost(host, { [USAGE]: () => page([]) });
    await list(workspace({ analytics_base_url: host }), DAY);
    await list(workspace({ base_url: host }), DAY);
    expect(asked.map(({ path }) => path)).toEqual([USAGE, USAGE]);
  });

  it("pages by the vendor's cursor, in the size of the first page, whatever is wanted later", async () => {
    const items = Array.from({ length: 250 }, (_, index) =>
      day(`u-${String(index).padStart(3, "0")}`, { turns: index }),
    );
    const asked = serveHost(CHATGPT, {
      [USAGE]: (url) => {
        const from = Number(url.searchParams.get("page")?.slice("c=".length) ?? 0);
        const size = Number(url.searchParams.get("limit"));
        const next = from + size;
        return page(items.slice(from, next), next < items.length ? `c=${next}` : null);
      },
    });
    const engine = workspace();
    const first = await list(engine, { ...DAY, report_type: "activity", limit: 120 });
    const second = await list(engine, {
      ...DAY,
      report_type: "activity",
      limit: 200,
      cursor: first.next_cursor ?? "",
    });
    expect([...Object(first.result), ...Object(second.result)].map(({ user }) => user.id)).toEqual(
      items.map(({ user_id }) => user_id),
    );
    expect(asked.map(({ query }) => [query.get("limit"), query.get("page")])).toEqual([
      ["120", null],
      ["120", "c=120"],
      ["120", "c=240"],
    ]);
  });

  it("chatgpt and codex are not read beside each other: one holds the other", async () => {
    const asking = list(workspace(), { ...DAY, product_ids: ["codex", "ChatGPT"] });
    await expect(asking).rejects.toMatchObject({ kind: "question", details: { parameter: "product_ids" } });
  });

  it.each(["start_time", "end_time", "page", "group"])("remote_query can't set %s", async (name) => {
    const asking = list(workspace(), { ...DAY, remote_query: { [name]: "1" } });
    await expect(asking).rejects.toMatchObject({ kind: "question" });
  });
});

describe("what a number depends on and is not as the contract says is an error that names the field", () => {
  it.each<[Item, string]>([
    [{ totals: null }, "codex.usage.totals"],
    [{ start_time: "2026-10-13" }, "codex.usage.start_time"],
    [{ totals: { threads: 1, turns: 1, credits: "many" } }, "codex.usage.credits"],
    [{ totals: { threads: "x", turns: 1, credits: 1 } }, "codex.usage.threads"],
    [{ totals: { threads: 1, turns: 1 } }, "codex.usage.credits"],
    [{ totals: { threads: 1, turns: 1, credits: 1, cost_usd: {} } }, "codex.usage.cost_usd"],
    [{ models: {} }, "codex.usage.models"],
    [{ models: [{ model: "gpt-5.5", credits: true }] }, "codex.usage.models[].credits"],
    [{ code_attribution: { lines_of_code: { added: "x" } } }, "codex.usage.code_attribution.lines_of_code.added"],
  ])("%j", async (fields, field) => {
    serve([day("u-1", {}, fields)]);
    const error = await failure(rows(workspace(), { ...DAY, report_type: "usage" }));
    expect(error).toMatchObject({ name: "UsageError", kind: "vendor_data" });
    expect(String(error)).toContain(field);
  });
});
