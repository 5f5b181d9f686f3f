import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import { call, engineOf, failure, guardTheEdge, type Item, list, rowsOf } from "../edge.ts";
import { asked, bucket, cents, ENTERPRISE, page, rows, tokens, V2 } from "./claude.ts";

guardTheEdge();

const DAYS = { start_date: "2026-10-05", end_date: "2026-10-07" };
const ANN = { type: "user_actor", user_id: "user_ann", email_address: "ann@example.com", name: "Ann", deleted: false };
const BO = { type: "user_actor", user_id: "user_bo", email_address: "Bo@example.com", name: null, deleted: false };

function sum(found: readonly Item[], type: string): number {
  const cents = found.map(({ charges }) =>
    Math.round((Object(charges).find((charge: Item) => charge["type"] === type)?.amount ?? 0) * 100),
  );
  return cents.reduce((a, b) => a + b, 0);
}

/** A small organization: what it used in all, and what of it is tied to Ann and Bo. */
function organization(): { cost: string[]; user_cost: string[] } {
  const groups = (searchParams: URLSearchParams) => searchParams.getAll("group_by[]");
  const cost = asked("cost", ({ searchParams }) => {
    const by = groups(searchParams);
    const part = (amount: string, product: string | null, model: string | null) =>
      cents(amount, String(2 * Number(amount)), {
        product: by.includes("product") ? product : null,
        model: by.includes("model") ? model : null,
      });
    if (by.length === 0) return page([bucket("2026-10-05", [cents("1000", "2000")]), bucket("2026-10-06", [])]);
    if (by.includes("model"))
      return page([
        bucket("2026-10-05", [
          part("600", "chat", "opus"),
          part("300", "claude_code", "opus"),
          part("100", null, null),
        ]),
      ]);
    return page([
      bucket("2026-10-05", [part("600", "chat", null), part("300", "claude_code", null), part("100", null, null)]),
    ]);
  });
  const user_cost = asked("user_cost", ({ searchParams }) => {
    const by = groups(searchParams);
    const part = (actor: Item, amount: string, product: string) => ({
      ...bucket("2026-10-05", []),
      actor,
      ...cents(amount, String(2 * Number(amount)), { product: by.includes("product") ? product : null }),
    });
    return page(
      by.includes("product")
        ? [part(ANN, "500", "chat"), part(BO, "100", "chat"), part(BO, "50", "claude_code")]
        : [part(ANN, "500", "chat"), part(BO, "150", "chat")],
    );
  });
  return { cost, user_cost };
}

describe("cost by person", () => {
  it("names people, and what is tied to nobody stands apart: the sum is the organization's", async () => {
    organization();
    const found = await rows({ report_type: "cost", ...DAYS, group_by: ["user"] });
    expect(found.map(({ user, charges }) => [Object(user).email, Object(charges)[0].amount])).toEqual(
      expect.arrayContaining([
        ["ann@example.com", 5],
        ["Bo@example.com", 1.5],
        [undefined, 3.5],
      ]),
    );
    expect(found).toHaveLength(3);
    expect([sum(found, "net"), sum(found, "total")]).toEqual([1000, 2000]);
  });

  it("and product, each with what is tied to nobody", async () => {
    organization();
    const found = await rows({ report_type: "cost", ...DAYS, group_by: ["user", "product"] });
    const told = found.map(({ user, product, charges }) => [
      Object(user).email,
      Object(product).id,
      Object(charges)[0].amount,
    ]);
    expect(told).toEqual(
      expect.arrayContaining([
        ["ann@example.com", "chat", 5],
        ["Bo@example.com", "chat", 1],
        ["Bo@example.com", "claude_code", 0.5],
        // Of chat nothing is left (600 - 500 - 100), of Claude Code 300 - 50; and what has no product.
        [undefined, "claude_code", 2.5],
        [undefined, "claude", 1],
      ]),
    );
    expect(sum(found, "net")).toBe(1000);
  });

  it.each([
    ["an e-mail, in any case", ["BO@EXAMPLE.COM"]],
    ["an id and an e-mail", ["user_bo", "nobody@example.com"]],
  ])("of one looked for by %s is asked of the report that names people", async (_, user_ids) => {
    const { cost, user_cost } = organization();
    const found = await rows({ report_type: "cost", ...DAYS, user_ids });
    expect(found.every(({ user }) => Object(user).id === "user_bo")).toBe(true);
    expect(sum(found, "net")).toBe(150);
    expect([cost.length, user_cost.length]).toEqual([0, 1]);
  });

  it("summed over products, of one person", async () => {
    organization();
    const [row, ...others] = await rows({
      report_type: "cost",
      ...DAYS,
      user_ids: ["bo@example.com"],
      group_by: ["user"],
    });
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      user: { email: "Bo@example.com" },
      charges: [
        { type: "net", amount: 1.5 },
        { type: "total", amount: 3 },
        { type: "discount", amount: 1.5 },
      ],
    });
  });
});

describe("a period's cost does not depend on what it is grouped by", () => {
  it.each([
    [[]],
    [["product"]],
    [["model"]],
    [["user"]],
    [["user", "product", "day"]],
    [["month", "charge_type"]],
    [["surface", "metric_name"]],
  ])("%j", async (group_by) => {
    organization();
    const args = { ...DAYS, group_by, limit: 100 };
    const summary = await getCostSummary.run(engineOf([ENTERPRISE]), args, call());
    expect(summary).toMatchObject({ totals: [{ currency: "USD", net: 10, gross: 20 }], accounts: [{ status: "ok" }] });
  });

  it("what lies before Claude's first day is not asked for, and said to be missing", async () => {
    const { cost } = organization();
    const args = { start_date: "2025-12-20", end_date: "2026-01-05", group_by: [] };
    const summary = await getCostSummary.run(engineOf([ENTERPRISE]), args, call());
    expect(cost).toEqual(["starting_at=2026-01-01T00:00:00Z&ending_at=2026-01-05T00:00:00Z&bucket_width=1d&limit=31"]);
    expect(summary).toMatchObject({ is_partial_response: true, accounts: [{ status: "partial" }] });
    expect(JSON.stringify(summary)).toContain("does not go back further than 2026-01-01");
  });

  it("people whom a filter names, by e-mail", async () => {
    organization();
    const args = { ...DAYS, group_by: ["user"], user_ids: ["ann@example.com"] };
    expect(await getCostSummary.run(engineOf([ENTERPRISE]), args, call())).toMatchObject({
      totals: [{ net: 5, gross: 10 }],
    });
  });
});

describe("beyond the hundred largest groups of a bucket", () => {
  const DAY = { report_type: "cost", date: "2026-10-05", group_by: ["model"] } as const;
  const query: Query = { ...DAY, group_by: [...DAY.group_by] };
  const { group_by: _, ...DAY_RAW } = query;
  const BOUNDS = { starting_at: "2026-10-05T00:00:00Z", ending_at: "2026-10-06T00:00:00Z" };
  /** 100 models at 10 cents, and a total that has more or less. */
  const shown = (size: number) =>
    Array.from({ length: size }, (_, index) => cents("10", "20", { model: `model-${index}` }));

  it("the difference stands for what was left out, exactly", async () => {
    const queries = asked("cost", ({ searchParams }) =>
      searchParams.has("group_by[]")
        ? page([bucket("2026-10-05", shown(100))])
        : page([bucket("2026-10-05", [cents("1000.000001", "2000.1", { requests: 150 })])]),
    );
    const found = await rows(query);
    expect(queries).toEqual([
      "starting_at=2026-10-05T00:00:00Z&ending_at=2026-10-06T00:00:00Z&bucket_width=1d&group_by[]=model&limit=31",
      "starting_at=2026-10-05T00:00:00Z&ending_at=2026-10-06T00:00:00Z&bucket_width=1d&limit=31",
    ]);
    expect(found).toHaveLength(101);
    expect(found[100]).toEqual({
      id: expect.stringMatching(/^claude:/),
      start_date: "2026-10-05T00:00:00Z",
      end_date: "2026-10-06T00:00:00Z",
      metric_name: "cost",
      product: { id: "claude", name: "Claude" },
      // 1000.000001 - 100 x 10 cents; 2000.1 - 100 x 20.
      charges: [
        { type: "net", amount: 0.00000001, currency: "USD" },
        { type: "total", amount: 0.001, currency: "USD" },
        { type: "discount", amount: 0.00099999, currency: "USD" },
      ],
      usage: { requests: { total: 50 } },
    });
  });

  it("nothing is added where nothing was left out", async () => {
    asked("cost", ({ searchParams }) =>
      page([
        bucket("2026-10-05", searchParams.has("group_by[]") ? shown(100) : [cents("1000", "2000", { requests: 100 })]),
      ]),
    );
    expect(await rows(query)).toHaveLength(100);
  });

  it("nothing is asked again where there were fewer, or no groups at all", async () => {
    const queries = asked("cost", () => page([bucket("2026-10-05", shown(99))]));
    expect(await rows(query)).toHaveLength(99);
    expect(queries).toHaveLength(1);
    await rows({ ...query, group_by: ["day"] });
    expect(queries).toHaveLength(2);
  });

  it("the product is unknown where it is one of the groups", async () => {
    asked("cost", ({ searchParams }) =>
      page([bucket("2026-10-05", searchParams.has("group_by[]") ? shown(100) : [cents("1100", "2000")])]),
    );
    const found = await rows({ ...query, group_by: ["model", "product"] });
    expect(found[100]?.["product"]).toBeUndefined();
    expect(sum(found, "net")).toBe(1100);
    expect(
      await getCostSummary.run(
        engineOf([ENTERPRISE]),
        { start_date: "2026-10-05", end_date: "2026-10-06", group_by: ["product"] },
        call(),
      ),
    ).toMatchObject({
      totals: [{ net: 11, gross: 20 }],
    });
  });

  it("tokens are subtracted kind by kind, in the buckets that were cut only", async () => {
    const group = (index: number) => tokens(1, { model: `m${index}` }, { output_tokens: 2 });
    const queries = asked("usage", ({ searchParams }) => {
      const days = searchParams.has("group_by[]")
        ? ["2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08"]
        : ["2026-10-06", "2026-10-07"];
      return page(
        days.map((day) => {
          if (!searchParams.has("group_by[]"))
            return bucket(day, [
              tokens(
                107,
                {},
                {
                  output_tokens: 200,
                  requests: 101,
                  cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
                },
              ),
            ]);
          const size = day === "2026-10-06" || day === "2026-10-07" ? 100 : 2;
          return bucket(
            day,
            Array.from({ length: size }, (_, index) => group(index)),
          );
        }),
      );
    });
    const found = await rows({
      report_type: "usage",
      start_date: "2026-10-05",
      end_date: "2026-10-09",
      group_by: ["model"],
    });
    expect(queries[1]).toContain("starting_at=2026-10-06T00:00:00Z&ending_at=2026-10-08T00:00:00Z");
    const beyond = found.filter(({ model }) => model === undefined);
    expect(beyond.map(({ start_date }) => start_date)).toEqual(["2026-10-06T00:00:00Z", "2026-10-07T00:00:00Z"]);
    expect(beyond[0]).toMatchObject({
      usage: {
        quantity: 14,
        tokens: {
          input: 7,
          output: 0,
          cache_read: 0,
          cache_write: 7,
          cache_write_ephemeral_5m: 3,
          cache_write_ephemeral_1h: 4,
          total: 14,
        },
        requests: { total: 1 },
      },
    });
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  });

  it("totals are read to their last page", async () => {
    const days = ["2026-10-05", "2026-10-06"];
    const queries = asked("cost", ({ searchParams }) => {
      if (searchParams.has("group_by[]")) return page(days.map((day) => bucket(day, shown(100))));
      return searchParams.has("page")
        ? page([bucket("2026-10-06", [cents("1500", "2000")])])
        : page([bucket("2026-10-05", [cents("1200", "2000")])], "TOTALS 2");
    });
    const found = await rows({ ...query, date: undefined, start_date: "2026-10-05", end_date: "2026-10-07" });
    expect(queries).toHaveLength(3);
    expect(queries[2]).toBe(`${queries[1]}&page=TOTALS+2`);
    const beyond = found.filter(({ model }) => model === undefined);
    expect(beyond.map(({ charges }) => Object(charges)[0].amount)).toEqual([2, 5]);
  });

  it("is said where a filter that the vendor does not know can't see it", async () => {
    asked("cost", ({ searchParams }) =>
      page([
        bucket(
          "2026-10-05",
          searchParams.has("group_by[]")
            ? shown(100).map((part) => ({ ...part, product: "other" }))
            : [cents("1100", "2000")],
        ),
      ]),
    );
    const { warnings, result_count } = await list(engineOf([ENTERPRISE]), {
      ...query,
      product_ids: ["other"],
      group_by: ["model", "product"],
      limit: 200,
    });
    expect(result_count).toBe(100);
    expect(warnings.join()).toContain("could not be looked through");
  });

  it("teams overlap: no difference stands for anything, and it is said", async () => {
    const teams = Array.from({ length: 100 }, (_, index) =>
      cents("10", "20", { rbac_group_id: `rbac_group_${index}` }),
    );
    const queries = asked("cost", () => page([bucket("2026-10-05", teams)]));
    const remote_query = { group_by: ["rbac_group_id"] };
    const { warnings, result_count } = await list(engineOf([ENTERPRISE]), {
      report_type: "cost",
      date: "2026-10-05",
      remote_query,
      limit: 200,
    });
    expect([result_count, queries.length]).toEqual([100, 1]);
    expect(warnings.join()).toContain("overlap");
  });

  it("is the vendor's total among its items, which are never made up", async () => {
    const total = cents("1100", "2100", { requests: 150 });
    asked("cost", ({ searchParams }) =>
      page([bucket("2026-10-05", searchParams.has("group_by[]") ? shown(100) : [total])]),
    );
    const raw = await list(engineOf([ENTERPRISE]), { ...DAY_RAW, truto_response_format: "raw", limit: 200 });
    expect(rowsOf(raw)[100]).toEqual({ ...BOUNDS, ...total });
    const beyond = (await rows(query, ENTERPRISE, { withRemoteData: true }))[100];
    expect(beyond).toMatchObject({ charges: [{ amount: 1 }, { amount: 1 }], remote_data: { ...BOUNDS, ...total } });
  });

  it("a value before discounts that is not sent is an error: what is billed would be taken for it", async () => {
    const plain = (amount: string, model: string | null) => ({ amount, list_amount: null, currency: "USD", model });
    asked("cost", ({ searchParams }) =>
      page([
        bucket(
          "2026-10-05",
          searchParams.has("group_by[]")
            ? Array.from({ length: 100 }, (_, index) => plain("10", `model-${index}`))
            : [plain("1100", null)],
        ),
      ]),
    );
    expect(String(await failure(rows(query)))).toContain("cost.list_amount");
  });

  it("is said where data was refreshed in between, or the totals are missing", async () => {
    asked("cost", ({ searchParams }) =>
      searchParams.has("group_by[]")
        ? page([bucket("2026-10-05", shown(100))], null, { data_refreshed_at: "2026-10-06T00:00:00Z" })
        : page([], null, { data_refreshed_at: "2026-10-06T04:00:00Z" }),
    );
    const { warnings, result_count } = await list(engineOf([ENTERPRISE]), { ...query, limit: 200 });
    expect(result_count).toBe(100);
    expect(warnings.join(" ")).toMatch(/refreshed its data.*100 largest/s);
  });
});

describe("what the vendor groups is given as it is; the engine does the rest", () => {
  it("by product: one row a day and product, from the vendor", async () => {
    organization();
    const found = await rows({ report_type: "cost", ...DAYS, group_by: ["product"] });
    expect(found.map(({ product, surface, model }) => [Object(product).id, surface, model])).toEqual([
      ["chat", "chat", undefined],
      ["claude_code", "claude_code", undefined],
      ["claude", undefined, undefined],
    ]);
  });

  it("by model and day, where the vendor's rows are finer: by speed, by hour, by the product that is looked for", async () => {
    const fine = [
      { model: "opus", speed: "fast", product: "other" },
      { model: "opus", speed: "standard", product: "cc_security_autopatch" },
    ];
    asked("cost", () =>
      page([
        bucket(
          "2026-10-05",
          fine.map((part) => cents("100", "100", part)),
        ),
      ]),
    );
    const query: Query = { report_type: "cost", date: "2026-10-05", group_by: ["model"] };
    const finer: Query[] = [
      { remote_query: { group_by: ["speed"] } },
      { product_ids: ["other", "cc_security_autopatch"] },
      { group_by: ["model", "day"], granularity: "hour" },
    ];
    for (const more of finer)
      expect(await rows({ ...query, ...more })).toMatchObject([
        { model: { id: "opus" }, charges: [{ amount: 2 }, {}] },
      ]);
  });

  it("by kind of cost: its names are the metrics", async () => {
    asked("cost", () =>
      page([
        bucket("2026-10-05", [
          { ...cents("70", "70"), requests: null, cost_type: "tokens", token_type: "output_tokens" },
          { ...cents("30", "30"), requests: null, cost_type: "web_search", token_type: null },
        ]),
      ]),
    );
    const found = await rows({ report_type: "cost", ...DAYS, group_by: ["token_type"] });
    expect(found.map(({ metric_name }) => metric_name)).toEqual(["tokens.output_tokens", "web_search"]);
    expect(sum(found, "net")).toBe(100);
  });

  it("tokens by kind are split from the rows", async () => {
    asked("usage", () => page([bucket("2026-10-05", [tokens(5, {}, { output_tokens: 7 })])]));
    const found = await rows({ report_type: "usage", ...DAYS, group_by: ["token_type"] });
    const quantities = Object.fromEntries(
      found.map(({ metric_name, usage }) => [String(metric_name), Object(usage).quantity]),
    );
    expect(quantities).toMatchObject({ "tokens.input": 5, "tokens.output": 7 });
  });

  it("by person, in the Usage and Cost Analytics API, from one endpoint", async () => {
    const row = (actor: unknown, amount: string) => ({
      ...bucket("2026-10-05", []),
      group: { actor },
      cost: cents(amount, amount),
    });
    asked("v2_cost", () =>
      page([
        row(ANN, "500"),
        row(null, "100"),
        row(null, "50"),
        row({ type: "api_actor", api_key_id: "apikey_1" }, "7"),
      ]),
    );
    const found = rowsOf(await list(engineOf([V2]), { report_type: "cost", ...DAYS, group_by: ["user"] }));
    expect(sum(found, "net")).toBe(657);
    expect(found[0]).toMatchObject({ user: { id: "user_ann", email: "ann@example.com", name: "Ann" } });
    expect(found[3]).toMatchObject({ resources: [{ id: "apikey_1" }] });
    expect(found[3]?.["user"]).toBeUndefined();
    expect(new Set(found.map(({ id }) => id)).size).toBe(4);
  });
});
