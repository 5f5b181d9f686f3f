import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { exactSum, exactUnits, numeral } from "../../usage/exact-sum.ts";
import {
  call,
  costByOrg,
  datadogAnswers,
  engineOf,
  failure,
  guardTheEdge,
  type Item,
  json,
  list,
  payload,
  recorded,
  reply,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

const APRIL = { start_date: "2022-04-01T00:00:00Z", end_date: "2022-05-01T00:00:00Z" };
const DUMMY = { id: "fasjyydbcgwwc2uc", name: "RQ Dummy Tests" };

/** The worked example of the recorded exchange: 0 + 1.17 committed and 72 on demand are 73.17, the stated total_cost. */
const MULTIORG_ROWS = [
  {
    id: "datadog:fasjyydbcgwwc2uc:2022-04:infra_host",
    ...APRIL,
    metric_name: "infra_host",
    product: { id: "infra_host", name: "Infra Host" },
    organization: DUMMY,
    charges: [
      { type: "committed", amount: 1.17, currency: "USD" },
      { type: "total", amount: 1.17, currency: "USD" },
    ],
  },
  {
    id: "datadog:fasjyydbcgwwc2uc:2022-04:synthetics_api_tests",
    ...APRIL,
    metric_name: "synthetics_api_tests",
    product: { id: "synthetics_api_tests", name: "Synthetics Api Tests" },
    organization: DUMMY,
    charges: [
      { type: "on_demand", amount: 72, currency: "USD" },
      { type: "total", amount: 72, currency: "USD" },
    ],
  },
];

/** One organization's month 2026-08, long final, with these charges. */
async function rowsOfCharges(charges: unknown, attributes: Item = {}): Promise<Item[]> {
  datadogAnswers({
    historical: () => json({ data: [costByOrg({ date: "2026-08-01T00:00:00Z", ...attributes, charges })] }),
  });
  return rowsOf(await list(engineOf(), { start_date: "2026-08-01" }));
}

function chargesOf(rows: readonly Item[]): unknown[] {
  return rows.map(({ charges }) => charges);
}

function usd(type: string, amount: number) {
  return { type, amount, currency: "USD" };
}

/** The amounts of one charge type over all rows. */
function amounts(rows: readonly Item[], type: string): number[] {
  return rows.flatMap(({ charges }) =>
    (Array.isArray(charges) ? charges : []).flatMap((charge) => (charge.type === type ? [Number(charge.amount)] : [])),
  );
}

describe("the recorded multi-org exchange", () => {
  it("is two rows, 73.17 in all", async () => {
    datadogAnswers({ historical: () => recorded("multiorg-cost") });
    const answer = await list(engineOf(), { start_date: "2022-04-01" });
    expect(answer.result).toEqual(MULTIORG_ROWS);
    expect(answer).toMatchObject({
      report_type: "cost",
      period: APRIL,
      next_cursor: null,
      result_count: 2,
      is_partial_response: false,
      warnings: [],
    });
    expect(numeral(exactSum(amounts(rowsOf(answer), "total")))).toBe("73.17");
  });

  it("is 73.17 in a summary, by product and by type of charge", async () => {
    datadogAnswers({ historical: () => recorded("multiorg-cost") });
    const engine = engineOf();
    const byProduct = await getCostSummary.run(engine, { period: "2022-04", group_by: ["product"] }, call());
    expect(byProduct).toMatchObject({
      period: APRIL,
      totals: [{ currency: "USD", net: 73.17, gross: 73.17, on_demand: 72, committed: 1.17, rows: 2 }],
      groups: [
        { key: { product: "synthetics_api_tests" }, net: 72, gross: 72, share: 0.984 },
        { key: { product: "infra_host" }, net: 1.17, gross: 1.17, share: 0.016 },
      ],
      accounts: [{ integrated_account_id: "datadog", status: "ok", period: APRIL, net: 73.17, gross: 73.17 }],
      is_partial_response: false,
    });
    const byType = await getCostSummary.run(engine, { period: "2022-04", group_by: ["charge_type"] }, call());
    expect(byType).toMatchObject({
      totals: [{ net: 73.17, gross: 73.17 }],
      groups: [
        { key: { charge_type: "on_demand" }, net: 72, gross: 72 },
        { key: { charge_type: "committed" }, net: 1.17, gross: 1.17 },
      ],
    });
  });

  it("is one row of 73.17 in report_type summary", async () => {
    datadogAnswers({ historical: () => recorded("multiorg-cost") });
    const answer = await list(engineOf(), { start_date: "2022-04-01", report_type: "summary" });
    expect(answer.result).toEqual([
      {
        id: "datadog:fasjyydbcgwwc2uc:2022-04:_all",
        ...APRIL,
        metric_name: "total_cost",
        organization: DUMMY,
        charges: [usd("on_demand", 72), usd("committed", 1.17), usd("total", 73.17)],
      },
    ]);
  });

  it("keeps in remote_data what the vendor sent for the row, and which endpoint it came from", async () => {
    datadogAnswers({ historical: () => recorded("multiorg-cost") });
    const [row] = rowsOf(await list(engineOf(), { start_date: "2022-04-01" }, { withRemoteData: true }));
    expect(row?.["remote_data"]).toEqual({
      id: "5d1702ab10f060719ae5aa1fd7ba09e3d7e0fb371b8319051c616a1fcad254e9",
      type: "cost_by_org",
      attributes: {
        org_name: "RQ Dummy Tests",
        public_id: "fasjyydbcgwwc2uc",
        total_cost: 73.17,
        date: "2022-04-25T17:00:00+00:00",
        charges: [
          { charge_type: "committed", cost: 0, product_name: "infra_host" },
          { charge_type: "committed", cost: 1.17, product_name: "infra_host" },
        ],
      },
      source: "historical_cost",
    });
  });
});

describe("the recorded projected-cost exchange, 51 products, as if from historical_cost", () => {
  // Summed by Python's decimal over the recorded digits: 51 `total` charges, and their 51 on-demand parts.
  const TOTAL = "270247171.451923";
  const NOVEMBER = { start_date: "2023-11-01T00:00:00Z", end_date: "2023-12-01T00:00:00Z" };

  it("is 51 rows whose totals, and whose on_demand parts, add up to 270247171.451923", async () => {
    datadogAnswers({ historical: () => recorded("projected-cost") });
    const answer = await list(engineOf(), { start_date: "2023-11-01" });
    const rows = rowsOf(answer);
    expect(rows).toHaveLength(51);
    expect(numeral(exactSum(amounts(rows, "total")))).toBe(TOTAL);
    expect(numeral(exactSum(amounts(rows, "on_demand")))).toBe(TOTAL);
    expect(numeral(exactSum(amounts(rows, "committed")))).toBe("0");
  });

  it("strips projected_ from its charge types, and keeps amounts and the organization's name as sent", async () => {
    datadogAnswers({ historical: () => recorded("projected-cost") });
    const rows = rowsOf(await list(engineOf(), { start_date: "2023-11-01" }));
    expect(rows[0]).toEqual({
      id: "datadog:yB5yjZ:2023-11:apm_host",
      ...NOVEMBER,
      metric_name: "apm_host",
      product: { id: "apm_host", name: "Apm Host" },
      organization: { id: "yB5yjZ", name: "Datadog れお 🍻☀️😎🏖️ データドッグ" },
      charges: [usd("on_demand", 3621671.999987), usd("committed", 0), usd("total", 3621671.999987)],
    });
    const types = rows.flatMap(({ charges }) => (Array.isArray(charges) ? charges.map(({ type }) => type) : []));
    expect([...new Set(types)].sort()).toEqual(["committed", "on_demand", "total"]);
  });

  it("is the same total in a summary, whatever it is grouped by", async () => {
    datadogAnswers({ historical: () => recorded("projected-cost") });
    const engine = engineOf();
    for (const group_by of [["provider"], ["product"], ["organization", "month"], ["charge_type"], ["user"]]) {
      const summary = await getCostSummary.run(engine, { period: "2023-11", group_by, limit: 1000 }, call());
      expect(summary["totals"]).toEqual([
        {
          currency: "USD",
          net: 270247171.451923,
          gross: 270247171.451923,
          on_demand: 270247171.451923,
          committed: 0,
          rows: 51,
        },
      ]);
    }
  });

  it("puts the ten dearest products first and sums the other 41", async () => {
    datadogAnswers({ historical: () => recorded("projected-cost") });
    const args = { period: "2023-11", group_by: ["product"], limit: 10 };
    const { groups, other } = await getCostSummary.run(engineOf(), args, call());
    const shown: Item[] = Array.isArray(groups) ? groups : [];
    const [rest]: Item[] = Array.isArray(other) ? other : [];
    expect(shown).toHaveLength(10);
    expect(shown[0]).toMatchObject({ key: { product: "timeseries" }, net: 188889904.951552 });
    expect(shown[1]).toMatchObject({ key: { product: "sensitive_data_scanner" }, net: 19394406.000091 });
    expect(rest).toMatchObject({ groups: 41, rows: 41 });
    const sum = exactSum(shown.map(({ net }) => Number(net))) + exactUnits(Number(rest?.["net"]));
    expect(numeral(sum)).toBe(TOTAL);
  });
});

describe("the documentation's example", () => {
  it("adds a missing total as the sum of the parts, tolerates unknown fields and a total_cost that does not add up", async () => {
    datadogAnswers({ historical: () => reply(payload("datadog/docs-example.json")) });
    const october = { start_date: "2024-10-01T00:00:00Z", end_date: "2024-11-01T00:00:00Z" };
    expect((await list(engineOf(), { start_date: "2024-10-15" })).result).toEqual([
      {
        id: "datadog:bbhogefuga:2024-10:apm_fargate",
        ...october,
        metric_name: "apm_fargate",
        product: { id: "apm_fargate", name: "Apm Fargate" },
        organization: { id: "bbhogefuga", name: "my_org" },
        charges: [usd("on_demand", 100), usd("committed", 2500), usd("total", 2600)],
      },
      {
        id: "datadog:bbhogefuga:2024-10:siem",
        ...october,
        metric_name: "siem",
        product: { id: "siem", name: "Siem" },
        organization: { id: "bbhogefuga", name: "my_org" },
        charges: [usd("total", 0)],
      },
    ]);
  });

  it("has the account in its ids when connected accounts are asked for", async () => {
    datadogAnswers({ historical: () => reply(payload("datadog/docs-example.json")) });
    const query = { start_date: "2024-10-01", remote_query: { include_connected_accounts: true } };
    expect(rowsOf(await list(engineOf(), query)).map(({ id }) => id)).toEqual([
      "datadog:hoge:bbhogefuga:2024-10:apm_fargate",
      "datadog:hoge:bbhogefuga:2024-10:siem",
    ]);
  });
});

describe("the charges of a product", () => {
  it("are added where product and type come twice, total too", async () => {
    const rows = await rowsOfCharges([
      { product_name: "infra_host", charge_type: "on_demand", cost: 0.1 },
      { product_name: "infra_host", charge_type: "total", cost: 0.1 },
      { product_name: "infra_host", charge_type: "on_demand", cost: 0.2 },
      { product_name: "infra_host", charge_type: "total", cost: 0.2 },
    ]);
    expect(chargesOf(rows)).toEqual([[usd("on_demand", 0.3), usd("total", 0.3)]]);
  });

  it("of an unknown type count as usage, in the total where none is stated, with the vendor's word kept", async () => {
    const charges = [
      { product_name: "infra_host", charge_type: "flex_burst", cost: 5.5 },
      { product_name: "infra_host", charge_type: "on_demand", cost: 1 },
    ];
    expect(chargesOf(await rowsOfCharges(charges))).toEqual([
      [usd("on_demand", 1), usd("usage_based", 5.5), usd("total", 6.5)],
    ]);
    const [row] = rowsOf(await list(engineOf(), { start_date: "2026-08-01" }, { withRemoteData: true }));
    expect(row).toMatchObject({ remote_data: { attributes: { charges: [{ charge_type: "flex_burst" }, {}] } } });
  });

  it("leave a stated total as it is, whatever its parts add up to", async () => {
    const rows = await rowsOfCharges([
      { product_name: "infra_host", charge_type: "on_demand", cost: 10 },
      { product_name: "infra_host", charge_type: "total", cost: 9.99 },
    ]);
    expect(chargesOf(rows)).toEqual([[usd("on_demand", 10), usd("total", 9.99)]]);
  });

  it("may be zero, which is kept, and below zero", async () => {
    const rows = await rowsOfCharges([
      { product_name: "a", charge_type: "total", cost: 0 },
      { product_name: "b", charge_type: "on_demand", cost: -12.34 },
    ]);
    expect(chargesOf(rows)).toEqual([[usd("total", 0)], [usd("on_demand", -12.34), usd("total", -12.34)]]);
  });

  it("may come as digits in a text", async () => {
    const rows = await rowsOfCharges([{ product_name: "a", charge_type: "total", cost: "3621671.999987" }]);
    expect(chargesOf(rows)).toEqual([[usd("total", 3621671.999987)]]);
  });

  it("may be none: an empty list gives no row", async () => {
    expect(await rowsOfCharges([])).toEqual([]);
  });

  it("are added exactly where doubles would not be: ten times 0.1 and 3621671.999987", async () => {
    const tenths = Array.from({ length: 10 }, () => ({ product_name: "a", charge_type: "on_demand", cost: 0.1 }));
    const rows = await rowsOfCharges([
      ...tenths,
      { product_name: "a", charge_type: "committed", cost: 3621671.999987 },
    ]);
    expect(chargesOf(rows)).toEqual([
      [usd("on_demand", 1), usd("committed", 3621671.999987), usd("total", 3621672.999987)],
    ]);
  });

  it("lose no digit that a double can't hold before they are added", async () => {
    // 0.1234567890123456789 + 0.8765432109876543211 = 1 exactly; as doubles the digits past the 17th would be gone.
    const item = JSON.stringify(costByOrg({ date: "2026-08-01T00:00:00Z", charges: ["@"] }));
    const charges = ["0.1234567890123456789", "100000000000000000.8765432109876543211", "-100000000000000000"]
      .map((cost) => `{"product_name":"a","charge_type":"on_demand","cost":${cost}}`)
      .join(",");
    datadogAnswers({ historical: () => reply(`{"data":[${item.replace('"@"', charges)}]}`) });
    const rows = rowsOf(await list(engineOf(), { start_date: "2026-08-01" }));
    expect(chargesOf(rows)).toEqual([[usd("on_demand", 1), usd("total", 1)]]);
  });
});

describe("report_type summary", () => {
  it("states Datadog's own total_cost, the parts summed over products", async () => {
    datadogAnswers({
      historical: () =>
        json({
          data: [
            costByOrg({
              date: "2026-08-01T00:00:00Z",
              total_cost: 30.01,
              charges: [
                { product_name: "a", charge_type: "on_demand", cost: 10 },
                { product_name: "a", charge_type: "total", cost: 10 },
                { product_name: "b", charge_type: "committed", cost: 20 },
                { product_name: "b", charge_type: "total", cost: 20 },
              ],
            }),
          ],
        }),
    });
    const rows = rowsOf(await list(engineOf(), { start_date: "2026-08-01", report_type: "summary" }));
    expect(chargesOf(rows)).toEqual([[usd("on_demand", 10), usd("committed", 20), usd("total", 30.01)]]);
  });
});

describe("the month of an entry is that of its date's first seven characters", () => {
  it.each([
    ["2024-10-01T00:00:00Z", "2024-10", "2024-11-01T00:00:00Z"],
    ["2022-04-25T17:00:00+00:00", "2022-04", "2022-05-01T00:00:00Z"],
    ["2023-11-30T00:00:00Z", "2023-11", "2023-12-01T00:00:00Z"],
    ["2024-02-29T23:59:59Z", "2024-02", "2024-03-01T00:00:00Z"],
    ["2023-12-31T23:00:00-05:00", "2023-12", "2024-01-01T00:00:00Z"],
    ["2024-01-01T01:00:00+09:00", "2024-01", "2024-02-01T00:00:00Z"],
  ])("%s", async (date, month, end) => {
    datadogAnswers({
      historical: () =>
        json({ data: [costByOrg({ date, charges: [{ product_name: "rum", charge_type: "total", cost: 1 }] })] }),
    });
    const rows = rowsOf(await list(engineOf(), { start_date: `${month}-01` }));
    expect(rows).toMatchObject([
      { id: `datadog:org1:${month}:rum`, start_date: `${month}-01T00:00:00Z`, end_date: end },
    ]);
  });
});

describe("the organization of an entry", () => {
  const charges = [{ product_name: "rum", charge_type: "total", cost: 1 }];
  it.each([
    ["its public_id", { public_id: "p1", account_public_id: "a1", org_name: "Name" }, { id: "p1", name: "Name" }],
    ["its account's id where it has none", { account_public_id: "a1", org_name: "Name" }, { id: "a1", name: "Name" }],
    ["its name where there is no id at all", { org_name: "Name" }, { id: "Name", name: "Name" }],
    ["an id without a name", { public_id: "p1" }, { id: "p1" }],
  ])("is %s", async (_, attributes, organization) => {
    const entry = { type: "cost_by_org", id: "x", attributes: { date: "2026-08-01", charges, ...attributes } };
    datadogAnswers({ historical: () => json({ data: [entry] }) });
    expect(rowsOf(await list(engineOf(), { start_date: "2026-08-01" }))).toMatchObject([{ organization }]);
  });
});

describe("what a number depends on and is not as the contract says is an error that names the field", () => {
  const good = { product_name: "rum", charge_type: "total", cost: 1 };
  const at = "historical_cost.data[].attributes";
  it.each<[string, unknown, string]>([
    ["a cost that is text", [{ ...good, cost: "n/a" }], `${at}.charges[].cost`],
    ["a cost that is missing", [{ product_name: "rum", charge_type: "total" }], `${at}.charges[].cost`],
    ["a cost that is null", [{ ...good, cost: null }], `${at}.charges[].cost`],
    ["a cost that is true", [{ ...good, cost: true }], `${at}.charges[].cost`],
    ["a cost that is an object", [{ ...good, cost: { amount: 1 } }], `${at}.charges[].cost`],
    ["a charge without a product", [{ charge_type: "total", cost: 1 }], `${at}.charges[].product_name`],
    ["a charge that is a number", [5], `${at}.charges[]`],
    ["charges that are an object", { rum: 1 }, `${at}.charges`],
    ["charges that are null", null, `${at}.charges`],
    ["a charge without a type, which might be a total", [{ product_name: "rum", cost: 1 }], "charges[].charge_type"],
  ])("%s", async (_, charges, field) => {
    const error = await failure(rowsOfCharges(charges));
    expect(error).toMatchObject({ name: "UsageError", kind: "vendor_data" });
    expect(String(error)).toContain(field);
  });

  it.each<[string, string, string]>([
    ["data that is an object", '{"data":{}}', "historical_cost.data"],
    ["data that is null", '{"data":null}', "historical_cost.data"],
    ["no data", "{}", "historical_cost.data"],
    ["a body that is a list", "[]", "historical_cost"],
    ["an entry that is null", '{"data":[null]}', "historical_cost.data[]"],
    ["an entry without attributes", '{"data":[{"id":"x"}]}', "historical_cost.data[].attributes"],
    ["an entry without a date", '{"data":[{"attributes":{"public_id":"p"}}]}', "attributes.date"],
    ["a date that is none", '{"data":[{"attributes":{"public_id":"p","date":"soon"}}]}', "attributes.date"],
    ["a month 13", '{"data":[{"attributes":{"public_id":"p","date":"2026-13-01"}}]}', "attributes.date"],
    ["nobody's entry", '{"data":[{"attributes":{"date":"2026-08-01"}}]}', "attributes.public_id"],
  ])("%s", async (_, body, field) => {
    datadogAnswers({ historical: () => reply(body) });
    const error = await failure(list(engineOf(), { start_date: "2026-08-01" }));
    expect(error).toMatchObject({ name: "UsageError", kind: "vendor_data" });
    expect(String(error)).toContain(field);
  });

  it("no charges beside a total", async () => {
    const entry = costByOrg({ date: "2026-08-01", total_cost: 73.17, charges: [] });
    datadogAnswers({ historical: () => json({ data: [entry] }) });
    expect(await failure(list(engineOf(), { start_date: "2026-08-01" }))).toMatchObject({
      kind: "vendor_data",
      message: expect.stringMatching(/charges.*73\.17 of total_cost/),
    });
  });

  it("but an empty answer is none", async () => {
    datadogAnswers({ historical: () => reply('{"data":[]}') });
    const answer = await list(engineOf(), { start_date: "2026-08-01" });
    expect(answer).toMatchObject({ result: [], next_cursor: null, result_count: 0 });
    expect(answer.hint).toMatch(/nothing/);
  });
});
