import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import {
  call,
  costByOrg,
  datadogAnswers,
  engineOf,
  failure,
  guardTheEdge,
  type Item,
  idsOf,
  json,
  list,
  payload,
  reply,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

const AUGUST = { start_date: "2026-08-01" };

function charge(product_name: string, charge_type: string, cost: number): Item {
  return { product_name, charge_type, cost };
}

/** Three organizations, two months. By hand: August 10.10 + 20.20 + 0.05 = 30.35, September 1 + 2 = 3. */
const ESTATE = [
  costByOrg({
    date: "2026-08-01T00:00:00Z",
    public_id: "o1",
    org_name: "First",
    total_cost: 10.1,
    charges: [
      charge("infra_host", "on_demand", 0.1),
      charge("infra_host", "committed", 7),
      charge("infra_host", "total", 7.1),
      charge("rum", "on_demand", 3),
      charge("rum", "total", 3),
    ],
  }),
  costByOrg({
    date: "2026-08-01T00:00:00Z",
    public_id: "o2",
    org_name: "Second",
    total_cost: 20.2,
    charges: [
      charge("infra_host", "on_demand", 0.2),
      charge("infra_host", "committed", 20),
      charge("infra_host", "total", 20.2),
    ],
  }),
  costByOrg({
    date: "2026-08-01T00:00:00Z",
    public_id: "o3",
    org_name: "Third",
    total_cost: 0.05,
    charges: [charge("siem", "total", 0.05)],
  }),
  costByOrg({
    date: "2026-09-01T00:00:00Z",
    public_id: "o1",
    org_name: "First",
    total_cost: 3,
    charges: [charge("infra_host", "on_demand", 1), charge("rum", "on_demand", 2)],
  }),
];

const estate = () => datadogAnswers({ historical: () => json({ data: ESTATE }) });
const BOTH = { start_date: "2026-08-01", end_date: "2026-10-01" };

function usd(type: string, amount: number) {
  return { type, amount, currency: "USD" };
}

function sums(rows: readonly Item[], field: "organization" | "product" | "none"): unknown[] {
  return rows.map(({ [field]: value, start_date, charges }) => [
    String(start_date).slice(0, 7),
    ...(field === "none" ? [] : [Object(value).id]),
    charges,
  ]);
}

describe("filters and order", () => {
  it.each([
    [["infra_host"], ["datadog:o1:2026-08:infra_host", "datadog:o2:2026-08:infra_host"]],
    [["INFRA_HOST"], ["datadog:o1:2026-08:infra_host", "datadog:o2:2026-08:infra_host"]],
    [
      ["rum", "siem"],
      ["datadog:o1:2026-08:rum", "datadog:o3:2026-08:siem"],
    ],
    [["Infra Host"], ["datadog:o1:2026-08:infra_host", "datadog:o2:2026-08:infra_host"]],
  ])("product_ids %o", async (product_ids, ids) => {
    estate();
    expect(idsOf(await list(engineOf(), { ...AUGUST, product_ids }))).toEqual(ids);
  });

  it("product_ids take the label of the mapping too", async () => {
    datadogAnswers({
      historical: () => json({ data: [costByOrg({ date: "2026-08-01", charges: [charge("apm_host", "total", 1)] })] }),
      mapping: () => reply(payload("datadog/billing-dimension-mapping.json")),
    });
    expect(idsOf(await list(engineOf(), { ...AUGUST, product_ids: ["APM Hosts"] }))).toEqual([
      "datadog:org1:2026-08:apm_host",
    ]);
  });

  it("product_ids that match nothing say what there is", async () => {
    estate();
    const answer = await list(engineOf(), { ...AUGUST, product_ids: ["infra"] });
    expect(answer).toMatchObject({ result: [], hint: expect.stringContaining("infra_host, rum, siem") });
  });

  it("product_ids filter a summary: 7.1 + 20.2 = 27.3", async () => {
    estate();
    expect(
      await getCostSummary.run(engineOf(), { period: "2026-08", product_ids: ["infra_host"] }, call()),
    ).toMatchObject({
      totals: [{ net: 27.3, rows: 2, on_demand: 0.3, committed: 27 }],
    });
  });

  it("without an order rows stand by month, organization and product", async () => {
    datadogAnswers({ historical: () => json({ data: [...ESTATE].reverse() }) });
    expect(idsOf(await list(engineOf(), BOTH))).toEqual([
      "datadog:o1:2026-08:infra_host",
      "datadog:o1:2026-08:rum",
      "datadog:o2:2026-08:infra_host",
      "datadog:o3:2026-08:siem",
      "datadog:o1:2026-09:infra_host",
      "datadog:o1:2026-09:rum",
    ]);
  });

  const DEAREST_FIRST = [
    "datadog:o2:2026-08:infra_host",
    "datadog:o1:2026-08:infra_host",
    "datadog:o1:2026-08:rum",
    "datadog:o3:2026-08:siem",
  ];
  it.each([
    [{ sort_by: "total" }, DEAREST_FIRST],
    [{ sort_by: "net" }, DEAREST_FIRST],
    [{ sort_by: "total", sort_order: "asc" as const }, [...DEAREST_FIRST].reverse()],
    [{ sort_by: "total", limit: 2 }, DEAREST_FIRST.slice(0, 2)],
    [{ sort_by: "total", page_size: 3, page: 2 }, DEAREST_FIRST.slice(3)],
  ])("%o", async (query, ids) => {
    estate();
    expect(idsOf(await list(engineOf(), { ...AUGUST, ...query }))).toEqual(ids);
  });
});

describe("group_by", () => {
  it("organization: each one's month, products summed", async () => {
    estate();
    const rows = rowsOf(await list(engineOf(), { ...BOTH, group_by: ["organization"] }));
    expect(
      rows.map(({ start_date, end_date, organization, charges }) => [start_date, end_date, organization, charges]),
    ).toEqual(
      expect.arrayContaining([
        [
          "2026-08-01T00:00:00Z",
          "2026-09-01T00:00:00Z",
          { id: "o1", name: "First" },
          expect.arrayContaining([usd("on_demand", 3.1), usd("committed", 7), usd("total", 10.1)]),
        ],
        [
          "2026-08-01T00:00:00Z",
          "2026-09-01T00:00:00Z",
          { id: "o2", name: "Second" },
          expect.arrayContaining([usd("on_demand", 0.2), usd("committed", 20), usd("total", 20.2)]),
        ],
        ["2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z", { id: "o3", name: "Third" }, [usd("total", 0.05)]],
        [
          "2026-09-01T00:00:00Z",
          "2026-10-01T00:00:00Z",
          { id: "o1", name: "First" },
          expect.arrayContaining([usd("on_demand", 3), usd("total", 3)]),
        ],
      ]),
    );
    expect(rows).toHaveLength(4);
  });

  it("product: each one's month over all organizations", async () => {
    estate();
    const rows = rowsOf(await list(engineOf(), { ...AUGUST, group_by: ["product"] }));
    expect(sums(rows, "product")).toEqual(
      expect.arrayContaining([
        [
          "2026-08",
          "infra_host",
          expect.arrayContaining([usd("on_demand", 0.3), usd("committed", 27), usd("total", 27.3)]),
        ],
        ["2026-08", "rum", expect.arrayContaining([usd("on_demand", 3), usd("total", 3)])],
        ["2026-08", "siem", [usd("total", 0.05)]],
      ]),
    );
    expect(rows).toHaveLength(3);
    expect(rows.every((row) => row["organization"] === undefined)).toBe(true);
  });

  it("charge_type: one charge a row, on_demand 3.3, committed 27, total 30.35", async () => {
    estate();
    const rows = rowsOf(await list(engineOf(), { ...AUGUST, group_by: ["charge_type"] }));
    expect(sums(rows, "none")).toEqual(
      expect.arrayContaining([
        ["2026-08", [usd("on_demand", 3.3)]],
        ["2026-08", [usd("committed", 27)]],
        ["2026-08", [usd("total", 30.35)]],
      ]),
    );
    expect(rows).toHaveLength(3);
  });

  it("ids of groups are unique, and hold whatever the window", async () => {
    estate();
    const wide = idsOf(await list(engineOf(), { ...BOTH, group_by: ["product", "organization"] }));
    estate();
    const narrow = idsOf(await list(engineOf(), { ...AUGUST, group_by: ["product", "organization"] }));
    expect(new Set(wide).size).toBe(6);
    expect(narrow).toHaveLength(4);
    expect(wide).toEqual(expect.arrayContaining(narrow));
  });

  it.each([
    ["provider"],
    ["product"],
    ["organization"],
    ["month"],
    ["charge_type"],
    ["product", "organization"],
    ["user"],
  ])("a summary is 33.35 whatever it is grouped by: %s %s", async (...group_by) => {
    estate();
    const args = { start_date: "2026-08-01", end_date: "2026-10-01", group_by: group_by.filter(Boolean) };
    const { totals, groups } = await getCostSummary.run(engineOf(), args, call());
    expect(totals).toEqual([{ currency: "USD", net: 33.35, gross: 33.35, on_demand: 6.3, committed: 27, rows: 6 }]);
    const cents = (Array.isArray(groups) ? groups : []).map(({ net }) => Math.round(net * 100));
    expect(cents.reduce((all, part) => all + part, 0)).toBe(3335);
  });

  it("charge_type in a summary: what no part explains, the 0.05 of a bare total, stands as unattributed", async () => {
    estate();
    const { groups } = await getCostSummary.run(engineOf(), { period: "2026-08", group_by: ["charge_type"] }, call());
    expect(groups).toMatchObject([
      { key: { charge_type: "committed" }, net: 27 },
      { key: { charge_type: "on_demand" }, net: 3.3 },
      { key: { charge_type: "unattributed" }, net: 0.05 },
    ]);
  });
});

describe("report_type summary", () => {
  it("is one row of an organization's month, its total the stated total_cost", async () => {
    estate();
    const rows = rowsOf(await list(engineOf(), { ...BOTH, report_type: "summary" }));
    expect(rows.map(({ id, charges }) => [id, charges])).toEqual([
      ["datadog:o1:2026-08:_all", [usd("on_demand", 3.1), usd("committed", 7), usd("total", 10.1)]],
      ["datadog:o2:2026-08:_all", [usd("on_demand", 0.2), usd("committed", 20), usd("total", 20.2)]],
      ["datadog:o3:2026-08:_all", [usd("total", 0.05)]],
      ["datadog:o1:2026-09:_all", [usd("on_demand", 3), usd("total", 3)]],
    ]);
    expect(rows.every((row) => row["product"] === undefined)).toBe(true);
  });

  it("takes total_cost over the docs example's parts: 2500, not 2600", async () => {
    datadogAnswers({ historical: () => reply(payload("datadog/docs-example.json")) });
    expect(rowsOf(await list(engineOf(), { start_date: "2024-10-01", report_type: "summary" }))).toMatchObject([
      {
        id: "datadog:bbhogefuga:2024-10:_all",
        charges: [usd("on_demand", 100), usd("committed", 2500), usd("total", 2500)],
      },
    ]);
  });

  it("sums the products where no total_cost is stated", async () => {
    datadogAnswers({
      historical: () =>
        json({
          data: [
            costByOrg({
              date: "2026-08-01",
              charges: [charge("a", "on_demand", 0.1), charge("b", "total", 0.2), charge("c", "committed", 0.3)],
            }),
          ],
        }),
    });
    expect(rowsOf(await list(engineOf(), { ...AUGUST, report_type: "summary" }))).toMatchObject([
      { charges: [usd("on_demand", 0.1), usd("committed", 0.3), usd("total", 0.6)] },
    ]);
  });

  it("has an error that names total_cost where that is no number", async () => {
    datadogAnswers({
      historical: () => json({ data: [costByOrg({ date: "2026-08-01", total_cost: "a lot", charges: [] })] }),
    });
    const error = await failure(list(engineOf(), { ...AUGUST, report_type: "summary" }));
    expect(error).toMatchObject({ kind: "vendor_data", message: expect.stringContaining("attributes.total_cost") });
  });

  it("refuses product_ids, since a row stands for all products", async () => {
    const error = await failure(list(engineOf(), { ...AUGUST, report_type: "summary", product_ids: ["rum"] }));
    expect(error).toMatchObject({ kind: "question", details: { parameter: "product_ids" } });
  });
});
