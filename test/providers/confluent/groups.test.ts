import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { exactSum, exactUnits, numeral } from "../../usage/exact-sum.ts";
import {
  call,
  confluentAnswers,
  confluentEngine,
  costList,
  guardTheEdge,
  type Item,
  idsOf,
  list,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

const SEPTEMBER = { start_date: "2026-09-01" };

function usd(type: string, amount: number) {
  return { type, amount, currency: "USD" };
}

function line(id: string, day: string, product: string, line_type: string, fields: Item): Item {
  const end_date = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  return { id, start_date: day, end_date, granularity: "DAILY", product, line_type, ...fields };
}

function on(resource: string, environment: string): Item {
  return { id: resource, display_name: `Name of ${resource}`, environment: { id: environment } };
}

/**
 * By hand: net 10.1 + 20.2 + 30.3 + 5 + 0 = 65.6; total 11.1 + 20.2 + 40.3 + 5 + 7 = 83.6; discount 1 + 10 + 7 = 18;
 * 83.6 - 18 = 65.6.
 */
const LINES = [
  line("k1", "2026-09-01", "KAFKA", "KAFKA_STORAGE", {
    resource: on("lkc-1", "env-1"),
    unit: "GB-hour",
    quantity: 100,
    original_amount: 11.1,
    discount_amount: 1,
    amount: 10.1,
  }),
  line("k2", "2026-09-02", "KAFKA", "KAFKA_STORAGE", {
    resource: on("lkc-1", "env-1"),
    unit: "GB-hour",
    quantity: 0.5,
    original_amount: 20.2,
    discount_amount: 0,
    amount: 20.2,
  }),
  line("k3", "2026-09-02", "KAFKA", "KAFKA_NETWORK_READ", {
    resource: on("lkc-2", "env-2"),
    unit: "GB",
    quantity: 3,
    original_amount: 40.3,
    discount_amount: 10,
    amount: 30.3,
  }),
  line("s1", "2026-09-01", "SUPPORT_CLOUD_BUSINESS", "SUPPORT", { original_amount: 5, amount: 5 }),
  line("f1", "2026-09-02", "FLINK", "FLINK_NUM_CFUS", {
    resource: on("lfcp-1", "env-1"),
    unit: "Hour",
    quantity: 2,
    original_amount: 7,
    discount_amount: 7,
    amount: 0,
  }),
];

async function rowsBy(...group_by: string[]): Promise<Item[]> {
  confluentAnswers(() => costList(LINES));
  return rowsOf(await list(confluentEngine(), { ...SEPTEMBER, group_by }));
}

/** The charges of each row, whatever their order, by what names it. */
function charged(rows: readonly Item[], name: (row: Item) => unknown): unknown[] {
  return rows
    .map((row) => [
      name(row),
      Object.fromEntries(
        (Array.isArray(row["charges"]) ? row["charges"] : []).map(({ type, amount }) => [type, amount]),
      ),
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

describe("group_by of list_usage, within each day's own bucket", () => {
  it("product: net, total and discount summed, and a quantity where there is one unit", async () => {
    const rows = await rowsBy("product", "month");
    expect(charged(rows, ({ product }) => Object(product).id)).toEqual([
      ["FLINK", { net: 0, total: 7, discount: 7 }],
      ["KAFKA", { net: 60.6, total: 71.6, discount: 11 }],
      ["SUPPORT_CLOUD_BUSINESS", { net: 5, total: 5, platform_fee: 5 }],
    ]);
    const byProduct = Object.fromEntries(rows.map((row) => [Object(row["product"]).id, row]));
    expect(byProduct["FLINK"]).toMatchObject({
      start_date: "2026-09-01T00:00:00Z",
      end_date: "2026-10-01T00:00:00Z",
      usage: { quantity: 2 },
      unit: "Hour",
      metric_name: "FLINK_NUM_CFUS",
    });
    expect(byProduct["KAFKA"]).not.toHaveProperty("usage");
    expect(byProduct["KAFKA"]).not.toHaveProperty("unit");
    expect(byProduct["KAFKA"]).not.toHaveProperty("metric_name");
    expect(byProduct["SUPPORT_CLOUD_BUSINESS"]).toMatchObject({ product: { name: "Support (Business)" } });
    expect(byProduct["SUPPORT_CLOUD_BUSINESS"]).not.toHaveProperty("usage");
  });

  it("product alone: each day stands for itself", async () => {
    expect(
      charged(await rowsBy("product"), ({ start_date, product }) => `${start_date} ${Object(product).id}`),
    ).toEqual([
      ["2026-09-01T00:00:00Z KAFKA", { net: 10.1, total: 11.1, discount: 1 }],
      ["2026-09-01T00:00:00Z SUPPORT_CLOUD_BUSINESS", { net: 5, total: 5, platform_fee: 5 }],
      ["2026-09-02T00:00:00Z FLINK", { net: 0, total: 7, discount: 7 }],
      ["2026-09-02T00:00:00Z KAFKA", { net: 50.5, total: 60.5, discount: 10 }],
    ]);
  });

  it("resource: a line without one is a group by itself", async () => {
    const rows = await rowsBy("resource", "month");
    const resource = ({ resources }: Item) => (Array.isArray(resources) ? resources[0].id : "none");
    expect(charged(rows, resource)).toEqual([
      ["lfcp-1", { net: 0, total: 7, discount: 7 }],
      ["lkc-1", { net: 30.3, total: 31.3, discount: 1 }],
      ["lkc-2", { net: 30.3, total: 40.3, discount: 10 }],
      ["none", { net: 5, total: 5, platform_fee: 5 }],
    ]);
    expect(rows.find((row) => resource(row) === "lkc-1")).toMatchObject({
      resources: [{ id: "lkc-1", name: "Name of lkc-1", workspace: { id: "env-1" } }],
      usage: { quantity: 100.5 },
      unit: "GB-hour",
    });
  });

  it("workspace, which is the environment", async () => {
    const workspace = ({ resources }: Item) => (Array.isArray(resources) ? resources[0].workspace.id : "none");
    const rows = await rowsBy("workspace", "month");
    expect(charged(rows, workspace)).toEqual([
      ["env-1", { net: 30.3, total: 38.3, discount: 8 }],
      ["env-2", { net: 30.3, total: 40.3, discount: 10 }],
      ["none", { net: 5, total: 5, platform_fee: 5 }],
    ]);
    expect(rows.flatMap(({ resources }) => resources ?? [])).toEqual(
      expect.arrayContaining([{ workspace: { id: "env-1" } }, { workspace: { id: "env-2" } }]),
    );
  });

  it("metric_name", async () => {
    expect(charged(await rowsBy("metric_name", "month"), ({ metric_name }) => metric_name)).toEqual([
      ["FLINK_NUM_CFUS", { net: 0, total: 7, discount: 7 }],
      ["KAFKA_NETWORK_READ", { net: 30.3, total: 40.3, discount: 10 }],
      ["KAFKA_STORAGE", { net: 30.3, total: 31.3, discount: 1 }],
      ["SUPPORT", { net: 5, total: 5, platform_fee: 5 }],
    ]);
  });

  it("charge_type: one charge a row, 65.6, 83.6, 18 and 5", async () => {
    const rows = await rowsBy("charge_type", "month");
    expect(rows.map(({ charges }) => charges)).toEqual(
      expect.arrayContaining([
        [usd("net", 65.6)],
        [usd("total", 83.6)],
        [usd("discount", 18)],
        [usd("platform_fee", 5)],
      ]),
    );
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(4);
  });

  it("by workspace in report_type summary, over the whole period", async () => {
    confluentAnswers(() => costList(LINES));
    const query = { ...SEPTEMBER, report_type: "summary" as const, group_by: ["workspace"] };
    const rows = rowsOf(await list(confluentEngine(), query));
    expect(rows.map(({ start_date, end_date }) => [start_date, end_date])).toEqual(
      Array.from({ length: 3 }, () => ["2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"]),
    );
    expect(numeral(exactSum(netOf(rows)))).toBe("65.6");
  });
});

function netOf(rows: readonly Item[]): number[] {
  return rows.flatMap(({ charges }) =>
    (Array.isArray(charges) ? charges : []).flatMap(({ type, amount }) => (type === "net" ? [Number(amount)] : [])),
  );
}

describe("filters and order", () => {
  it.each([
    [["KAFKA"], ["k1", "k2", "k3"]],
    [
      ["kafka", "flink"],
      ["k1", "f1", "k2", "k3"],
    ],
    [["Support (Business)"], ["s1"]],
  ])("product_ids %o", async (product_ids, ids) => {
    confluentAnswers(() => costList(LINES));
    expect(idsOf(await list(confluentEngine(), { ...SEPTEMBER, product_ids }))).toEqual(ids);
  });

  it.each([["KAFKA_STORAGE"], ["lkc-1"], ["KAFK"]])("product_ids are products only: %s is none", async (id) => {
    confluentAnswers(() => costList(LINES));
    const answer = await list(confluentEngine(), { ...SEPTEMBER, product_ids: [id] });
    expect(answer).toMatchObject({ result: [], hint: expect.stringContaining("FLINK, KAFKA, SUPPORT_CLOUD_BUSINESS") });
  });

  it.each([
    [{}, ["k1", "s1", "f1", "k2", "k3"]],
    [{ sort_by: "net" }, ["k3", "k2", "k1", "s1", "f1"]],
    [{ sort_by: "net", sort_order: "asc" as const }, ["f1", "s1", "k1", "k2", "k3"]],
    [{ sort_by: "total" }, ["k3", "k2", "k1", "f1", "s1"]],
    [{ sort_by: "discount" }, ["k3", "f1", "k1", "s1", "k2"]],
    [{ sort_by: "quantity" }, ["k1", "k3", "f1", "k2", "s1"]],
    [{ sort_by: "start_date", sort_order: "desc" as const }, ["f1", "k2", "k3", "k1", "s1"]],
    [{ sort_by: "resource" }, ["f1", "k1", "k2", "k3", "s1"]],
  ])("rows stand by %o; those without the value last, equals by day and id", async (query, ids) => {
    confluentAnswers(() => costList(LINES));
    expect(idsOf(await list(confluentEngine(), { ...SEPTEMBER, ...query }))).toEqual(ids);
  });

  it.each([{ granularity: "day" as const }, { granularity: "day" as const, report_type: "usage" as const }])(
    "the rows are daily, so %o changes nothing",
    async (query) => {
      confluentAnswers(() => costList(LINES));
      expect(idsOf(await list(confluentEngine(), { ...SEPTEMBER, ...query }))).toEqual(["k1", "s1", "f1", "k2", "k3"]);
    },
  );
});

describe("a cost summary with discounts", () => {
  const TOTALS = [{ currency: "USD", net: 65.6, gross: 83.6, discount: 18, platform_fee: 5, rows: 5 }];
  const summary = (group_by: string[]) => {
    confluentAnswers(() => costList(LINES));
    return getCostSummary.run(confluentEngine(), { period: "2026-09", group_by }, call());
  };

  it("by product: net and gross of each, and shares of 65.6", async () => {
    expect(await summary(["product"])).toMatchObject({
      totals: TOTALS,
      groups: [
        { key: { product: "KAFKA" }, names: { product: "Kafka" }, net: 60.6, gross: 71.6, rows: 3, share: 0.9238 },
        { key: { product: "SUPPORT_CLOUD_BUSINESS" }, net: 5, gross: 5, rows: 1, share: 0.0762 },
        { key: { product: "FLINK" }, net: 0, gross: 7, rows: 1, share: 0 },
      ],
    });
  });

  it("by charge_type: what is left is unattributed, and the groups add up to net and gross", async () => {
    const { totals, groups } = await summary(["charge_type"]);
    expect(totals).toEqual(TOTALS);
    const found: Item[] = Array.isArray(groups) ? groups : [];
    // 60.6 net of metered lines came of 78.6 before their 18 of discount.
    expect(found.map(({ key, net, gross }) => [Object(key).charge_type, net, gross])).toEqual([
      ["unattributed", 78.6, 78.6],
      ["platform_fee", 5, 5],
      ["discount", -18, 0],
    ]);
  });

  it("a support line with a discount is not counted twice in groups by charge_type: 100 - 20 = 80", async () => {
    const support = { original_amount: 100, discount_amount: 20, amount: 80 };
    confluentAnswers(() => costList([line("s", "2026-09-01", "SUPPORT_CLOUD_PREMIER", "SUPPORT", support)]));
    const args = { period: "2026-09", group_by: ["charge_type"] };
    const { totals, groups } = await getCostSummary.run(confluentEngine(), args, call());
    expect(totals).toMatchObject([{ net: 80, gross: 100, discount: 20, platform_fee: 80 }]);
    const found: Item[] = Array.isArray(groups) ? groups : [];
    expect(numeral(exactSum(found.map(({ net }) => Number(net))))).toBe("80");
    expect(numeral(exactSum(found.map(({ gross }) => Number(gross))))).toBe("100");
  });

  it("any lines, by any dimensions: totals and groups are the sum of the lines' own amounts, to the last digit", async () => {
    const money = (most: number) => fc.integer({ min: 0, max: most }).map((units) => units / 10_000);
    const lines = fc.array(
      fc.record({
        day: fc.integer({ min: 1, max: 30 }),
        product: fc.constantFrom("KAFKA", "FLINK", "CONNECT", "SUPPORT_CLOUD_BASIC"),
        type: fc.constantFrom("KAFKA_STORAGE", "SUPPORT", "NEW_THING"),
        environment: fc.constantFrom("env-1", "env-2", undefined),
        gross: money(10_000_000),
        part: fc.integer({ min: 0, max: 100 }),
      }),
      { maxLength: 40 },
    );
    const dimensions = [
      "product",
      "resource",
      "workspace",
      "metric_name",
      "charge_type",
      "day",
      "week",
      "month",
      "user",
    ];
    await fc.assert(
      fc.asyncProperty(lines, fc.subarray(dimensions), async (drawn, group_by) => {
        const sent = drawn.map(({ day, product, type, environment, gross, part }, index) => {
          const discount = (exactUnits(gross) / 100n) * BigInt(part);
          return line(`l${index}`, `2026-09-${String(day).padStart(2, "0")}`, product, type, {
            original_amount: gross,
            discount_amount: Number(numeral(discount)),
            amount: Number(numeral(exactUnits(gross) - discount)),
            resource: environment ? on(`r${index % 3}`, environment) : null,
          });
        });
        confluentAnswers(() => costList(sent));
        const args = { period: "2026-09", limit: 1000, ...(group_by.length > 0 ? { group_by } : {}) };
        const { totals, groups } = await getCostSummary.run(confluentEngine(), args, call());
        const expected = {
          net: exactSum(sent.map(({ amount }) => Number(amount))),
          gross: exactSum(sent.map(({ original_amount }) => Number(original_amount))),
        };
        const sum = (rows: unknown, field: string) =>
          exactSum((Array.isArray(rows) ? rows : []).map((row) => Number(row[field])));
        for (const rows of [totals, groups])
          expect([sum(rows, "net"), sum(rows, "gross")]).toEqual([expected.net, expected.gross]);
      }),
      { numRuns: 60 },
    );
  });
});
