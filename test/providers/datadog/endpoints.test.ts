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
  type Reply,
  recorded,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

const HISTORICAL = "/api/v2/usage/historical_cost";
const ESTIMATED = "/api/v2/usage/estimated_cost";

function asked(path: string, from: string, to = from): string {
  return `${path}?start_month=${from}&end_month=${to}&view=sub-org`;
}

/** An organization's month with one product at one cost. */
function month(date: string, cost: number, org = "org1", id = `${org}-${date}`): unknown {
  const charges = [{ product_name: "infra_host", charge_type: "total", cost }];
  return costByOrg({ date, public_id: org, org_name: `Name of ${org}`, charges }, id);
}

/** Answers each month of the request that is in the table. */
function holding(table: Readonly<Record<string, number>>): Reply {
  return (url) => {
    const [from, to] = [url.searchParams.get("start_month") ?? "", url.searchParams.get("end_month") ?? ""];
    const months = Object.entries(table).filter(([name]) => name >= from && name <= to);
    return json({ data: months.map(([name, cost]) => month(`${name}-01T00:00:00Z`, cost)) });
  };
}

/** Long enough for a request that nobody waits for to reach the edge. */
function arrival(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

function totals(rows: readonly Item[]): unknown[] {
  return rows.map(({ start_date, charges }) => [
    String(start_date).slice(0, 7),
    Array.isArray(charges) ? charges.find(({ type }) => type === "total")?.amount : undefined,
  ]);
}

describe("which endpoint answers a month, in November 2026", () => {
  it("historical_cost alone answers October where it is published", async () => {
    const calls = datadogAnswers({ historical: holding({ "2026-10": 100 }) });
    const answer = await list(engineOf(), { start_date: "2026-10-01" });
    expect(totals(rowsOf(answer))).toEqual([["2026-10", 100]]);
    expect(calls.historical).toEqual([asked(HISTORICAL, "2026-10")]);
    expect(answer.warnings).toEqual([]);
  });

  it("estimated_cost answers October where historical_cost holds nothing for it, and the answer says so", async () => {
    const calls = datadogAnswers({
      historical: () => recorded("historical-cost-empty"),
      estimated: holding({ "2026-10": 90 }),
    });
    const answer = await list(engineOf(), { start_date: "2026-10-01" }, { withRemoteData: true });
    expect(totals(rowsOf(answer))).toEqual([["2026-10", 90]]);
    expect(rowsOf(answer)[0]).toMatchObject({ remote_data: { source: "estimated_cost" } });
    expect(calls.historical).toEqual([asked(HISTORICAL, "2026-10")]);
    expect(calls.estimated).toEqual([asked(ESTIMATED, "2026-10")]);
    expect(answer.warnings).toEqual([expect.stringMatching(/2026-10.*estimate/)]);
  });

  it.each(["2026-09-01", "2026-08-01", "2025-10-01"])(
    "no month before October is ever estimated: %s is empty",
    async (start_date) => {
      const calls = datadogAnswers({ historical: () => recorded("historical-cost-empty") });
      const answer = await list(engineOf(), { start_date });
      expect(answer.result).toEqual([]);
      expect(answer.hint).toMatch(/nothing/);
      expect(calls.historical).toHaveLength(1);
    },
  );

  it.each([{}, { start_date: "2026-11-22" }, { start_date: "2026-11-01", end_date: "2026-12-01" }])(
    "November, the running month, is estimated and historical_cost not asked: %o",
    async (query) => {
      const calls = datadogAnswers({ estimated: holding({ "2026-11": 50 }) });
      const answer = await list(engineOf(), query);
      expect(totals(rowsOf(answer))).toEqual([["2026-11", 50]]);
      expect(calls.estimated).toEqual([asked(ESTIMATED, "2026-11")]);
      expect(answer.warnings).toHaveLength(1);
    },
  );

  it("August to November with October published: one historical call, then November alone is estimated", async () => {
    const calls = datadogAnswers({
      historical: holding({ "2026-08": 8, "2026-09": 9, "2026-10": 10 }),
      estimated: holding({ "2026-10": 1000, "2026-11": 11 }),
    });
    const answer = await list(engineOf(), { start_date: "2026-08-01", end_date: "2026-11-30" });
    expect(totals(rowsOf(answer))).toEqual([
      ["2026-08", 8],
      ["2026-09", 9],
      ["2026-10", 10],
      ["2026-11", 11],
    ]);
    expect(calls.historical).toEqual([asked(HISTORICAL, "2026-08", "2026-10")]);
    expect(calls.estimated).toEqual([asked(ESTIMATED, "2026-11")]);
  });

  it("August to November without October and without August: October and November are estimated, August stays empty", async () => {
    const calls = datadogAnswers({
      historical: holding({ "2026-09": 9 }),
      estimated: holding({ "2026-08": 1000, "2026-10": 10, "2026-11": 11 }),
    });
    const answer = await list(engineOf(), { start_date: "2026-08-01", end_date: "2026-11-30" });
    expect(totals(rowsOf(answer))).toEqual([
      ["2026-09", 9],
      ["2026-10", 10],
      ["2026-11", 11],
    ]);
    expect(calls.estimated).toEqual([asked(ESTIMATED, "2026-10", "2026-11")]);
  });

  it("counts no month twice that both endpoints hold, nor one that was not asked for", async () => {
    datadogAnswers({
      historical: () => json({ data: [month("2026-09-01", 9), month("2026-10-01", 10), month("2026-11-01", 1)] }),
      estimated: () => json({ data: [month("2026-10-31", 1000), month("2026-11-20", 11)] }),
    });
    const answer = await list(engineOf(), { start_date: "2026-09-01", end_date: "2026-11-30" });
    expect(totals(rowsOf(answer))).toEqual([
      ["2026-09", 9],
      ["2026-10", 10],
      ["2026-11", 11],
    ]);
  });

  it.each(["2026-12-01", "2027-03-15"])("a month ahead is not asked of any cost endpoint: %s", async (start_date) => {
    datadogAnswers({});
    const answer = await list(engineOf(), { start_date });
    await arrival();
    expect(answer.result).toEqual([]);
    expect(answer.hint).toMatch(/in the future/);
  });

  it("a month ahead asks Datadog nothing at all: no labels either, for rows that can't come", async () => {
    const calls = datadogAnswers({});
    await list(engineOf(), { start_date: "2026-12-01" });
    await arrival();
    expect(calls.mapping).toEqual([]);
  });

  it("of a range into the future only the months until now are asked for", async () => {
    const calls = datadogAnswers({ historical: holding({ "2026-10": 10 }), estimated: holding({ "2026-11": 11 }) });
    const answer = await list(engineOf(), { start_date: "2026-10-01", end_date: "2027-02-15" });
    expect(totals(rowsOf(answer))).toEqual([
      ["2026-10", 10],
      ["2026-11", 11],
    ]);
    expect(calls.historical).toEqual([asked(HISTORICAL, "2026-10")]);
    expect(calls.estimated).toEqual([asked(ESTIMATED, "2026-11")]);
  });

  it("January's month before is December of the year before", async () => {
    const calls = datadogAnswers({
      historical: holding({}),
      estimated: holding({ "2026-12": 12, "2027-01": 1 }),
    });
    const engine = engineOf(undefined, { now: Date.UTC(2027, 0, 1) });
    const answer = await list(engine, { start_date: "2026-12-01", end_date: "2027-01-31" });
    expect(totals(rowsOf(answer))).toEqual([
      ["2026-12", 12],
      ["2027-01", 1],
    ]);
    expect(calls.historical).toEqual([asked(HISTORICAL, "2026-12")]);
    expect(calls.estimated).toEqual([asked(ESTIMATED, "2026-12", "2027-01")]);
  });

  it("a summary goes the same way and adds 9 + 10 + 11", async () => {
    datadogAnswers({ historical: holding({ "2026-09": 9 }), estimated: holding({ "2026-10": 10, "2026-11": 11 }) });
    const args = { start_date: "2026-09-01", end_date: "2026-12-01", group_by: ["month"] };
    expect(await getCostSummary.run(engineOf(), args, call())).toMatchObject({
      totals: [{ currency: "USD", net: 30, gross: 30, rows: 3 }],
      groups: [
        { key: { month: "2026-09" }, net: 9 },
        { key: { month: "2026-10" }, net: 10 },
        { key: { month: "2026-11" }, net: 11 },
      ],
      warnings: expect.arrayContaining([expect.stringMatching(/2026-10 and 2026-11 are Datadog's estimate/)]),
    });
  });

  it("a summary of part of a month covers the whole month and says so", async () => {
    datadogAnswers({ historical: holding({ "2026-08": 8, "2026-09": 9 }) });
    const args = { start_date: "2026-08-20", end_date: "2026-09-02" };
    expect(await getCostSummary.run(engineOf(), args, call())).toMatchObject({
      period: { start_date: "2026-08-20T00:00:00Z", end_date: "2026-09-02T00:00:00Z" },
      totals: [{ net: 17 }],
      accounts: [{ period: { start_date: "2026-08-01T00:00:00Z", end_date: "2026-10-01T00:00:00Z" } }],
      warnings: [expect.stringContaining("2026-08-01T00:00:00Z to 2026-10-01T00:00:00Z")],
    });
  });
});

describe("estimates are running totals of their month", () => {
  it.each([
    ["in order", ["2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"]],
    ["in reverse", ["2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-19T00:00:00Z"]],
    ["mixed", ["2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-19T00:00:00Z"]],
  ])("several dates %s: only the latest of each organization counts", async (_, dates) => {
    const cost = (date: string) => Number(date.slice(8, 10));
    datadogAnswers({
      estimated: () =>
        json({
          data: [
            ...dates.map((date) => month(date, cost(date))),
            ...dates.map((date) => month(date, 100 + cost(date), "org2")),
            month("2026-11-18T00:00:00Z", 500, "org3"),
          ],
        }),
    });
    const rows = rowsOf(await list(engineOf()));
    expect(rows.map(({ id, charges }) => [id, charges])).toEqual([
      ["datadog:org1:2026-11:infra_host", [{ type: "total", amount: 21, currency: "USD" }]],
      ["datadog:org2:2026-11:infra_host", [{ type: "total", amount: 121, currency: "USD" }]],
      ["datadog:org3:2026-11:infra_host", [{ type: "total", amount: 500, currency: "USD" }]],
    ]);
  });

  it("a product that the latest date no longer holds does not come back from an earlier one", async () => {
    const charges = (product_name: string, cost: number) => [{ product_name, charge_type: "total", cost }];
    datadogAnswers({
      estimated: () =>
        json({
          data: [
            costByOrg({ date: "2026-11-19T00:00:00Z", charges: charges("rum", 5) }, "a"),
            costByOrg({ date: "2026-11-20T00:00:00Z", charges: charges("siem", 7) }, "b"),
          ],
        }),
    });
    expect(idsOf(await list(engineOf()))).toEqual(["datadog:org1:2026-11:siem"]);
  });

  it("of two instants of one day, too, only the latest counts", async () => {
    datadogAnswers({
      estimated: () => json({ data: [month("2026-11-20T06:00:00Z", 60), month("2026-11-20T18:00:00Z", 65)] }),
    });
    expect(totals(rowsOf(await list(engineOf())))).toEqual([["2026-11", 65]]);
  });

  it("the same entry delivered twice counts once", async () => {
    datadogAnswers({
      estimated: () => json({ data: [month("2026-11-20T00:00:00Z", 60), month("2026-11-20T00:00:00Z", 60)] }),
    });
    expect(totals(rowsOf(await list(engineOf())))).toEqual([["2026-11", 60]]);
  });

  it("a summary, too, counts the latest only", async () => {
    datadogAnswers({
      estimated: () => json({ data: [month("2026-11-19", 60), month("2026-11-20", 65), month("2026-11-18", 55)] }),
    });
    expect(await getCostSummary.run(engineOf(), {}, call())).toMatchObject({ totals: [{ net: 65, rows: 1 }] });
  });
});

describe("ids are the same facts' names", () => {
  const data = () =>
    json({ data: ["2026-07", "2026-08", "2026-09"].flatMap((m) => [month(m, 1), month(m, 2, "org2")]) });
  const AUGUST = ["datadog:org1:2026-08:infra_host", "datadog:org2:2026-08:infra_host"];

  it.each([
    ["the month alone", { start_date: "2026-08-01" }],
    ["a wide window", { start_date: "2026-07-01", end_date: "2026-09-30" }],
    ["a later one", { start_date: "2026-08-31", end_date: "2026-10-01" }],
    ["another order", { start_date: "2026-07-01", end_date: "2026-09-30", sort_by: "total" }],
  ])("whatever the window: %s", async (_, query) => {
    datadogAnswers({ historical: data });
    const ids = idsOf(await list(engineOf(), query));
    expect(ids.filter((id) => String(id).includes(":2026-08:")).sort()).toEqual(AUGUST);
  });

  it.each([1, 2, 4, 5])("whatever the page: %i rows at a time, followed by cursor", async (limit) => {
    datadogAnswers({ historical: data });
    const engine = engineOf();
    const query = { start_date: "2026-07-01", end_date: "2026-09-30", limit };
    const ids: unknown[] = [];
    let cursor: string | null = null;
    do {
      const answer: Awaited<ReturnType<typeof list>> = await list(engine, cursor ? { ...query, cursor } : query);
      ids.push(...idsOf(answer));
      cursor = answer.next_cursor;
    } while (cursor !== null && ids.length < 20);
    expect(ids).toEqual(
      ["2026-07", "2026-08", "2026-09"].flatMap((m) => [
        `datadog:org1:${m}:infra_host`,
        `datadog:org2:${m}:infra_host`,
      ]),
    );
  });

  it("whether estimated or final, with restated amounts and another vendor id", async () => {
    datadogAnswers({
      historical: holding({}),
      estimated: () => json({ data: [month("2026-10-31", 90, "org1", "e")] }),
    });
    const before = await list(engineOf(), { start_date: "2026-10-01" });
    datadogAnswers({ historical: () => json({ data: [month("2026-10-01", 99, "org1", "h")] }) });
    const after = await list(engineOf(), { start_date: "2026-10-01" });
    expect([idsOf(before), totals(rowsOf(before))]).toEqual([["datadog:org1:2026-10:infra_host"], [["2026-10", 90]]]);
    expect([idsOf(after), totals(rowsOf(after))]).toEqual([["datadog:org1:2026-10:infra_host"], [["2026-10", 99]]]);
  });
});

describe("start_date and end_date", () => {
  it.each([
    ["nothing: the running month", {}, "2026-11", "2026-12"],
    ["a day of a month stands for the month", { start_date: "2026-08-17" }, "2026-08", "2026-09"],
    ["the start's zone counts", { start_date: "2026-09-01T01:00:00+02:00" }, "2026-08", "2026-09"],
    [
      "the first instant of a month is exclusive",
      { start_date: "2026-08-01", end_date: "2026-09-01" },
      "2026-08",
      "2026-09",
    ],
    ["as a date-time too", { start_date: "2026-08-01", end_date: "2026-10-01T00:00:00Z" }, "2026-08", "2026-10"],
    ["in another zone too", { start_date: "2026-08-01", end_date: "2026-10-01T02:00:00+02:00" }, "2026-08", "2026-10"],
    [
      "a second later its own month counts",
      { start_date: "2026-08-01", end_date: "2026-09-01T00:00:01Z" },
      "2026-08",
      "2026-10",
    ],
    [
      "a day within a month counts its month",
      { start_date: "2026-08-01", end_date: "2026-09-02" },
      "2026-08",
      "2026-10",
    ],
    ["the last day of a month", { start_date: "2026-08-01", end_date: "2026-08-31" }, "2026-08", "2026-09"],
    ["the same first day twice", { start_date: "2026-08-01", end_date: "2026-08-01" }, "2026-08", "2026-09"],
    ["the same day twice", { start_date: "2026-08-15", end_date: "2026-08-15" }, "2026-08", "2026-09"],
    ["a leap February by itself", { start_date: "2024-02-10" }, "2024-02", "2024-03"],
    [
      "a leap February's last second",
      { start_date: "2024-02-01", end_date: "2024-02-29T23:59:59Z" },
      "2024-02",
      "2024-03",
    ],
    [
      "March's first instant ends a leap February",
      { start_date: "2024-02-29", end_date: "2024-03-01" },
      "2024-02",
      "2024-03",
    ],
    ["across New Year", { start_date: "2025-12-31", end_date: "2026-01-31" }, "2025-12", "2026-02"],
  ])("%s", async (_, query, from, to) => {
    const calls = datadogAnswers({ historical: holding({}), estimated: holding({}) });
    const answer = await list(engineOf(), query);
    expect(answer.period).toEqual({ start_date: `${from}-01T00:00:00Z`, end_date: `${to}-01T00:00:00Z` });
    const last = new Date(Date.parse(`${to}-01T00:00:00Z`) - 1).toISOString().slice(0, 7);
    if (from === "2026-11") expect(calls.estimated).toEqual([asked(ESTIMATED, from)]);
    else expect(calls.historical).toEqual([asked(HISTORICAL, from, last)]);
  });

  it.each([
    ["2026-11-30", "2026-12"],
    ["2026-12-01", "2026-12"],
    ["2026-12-02", "2027-01"],
  ])("end_date alone, %s, goes on from the current month", async (end_date, to) => {
    datadogAnswers({ estimated: holding({}) });
    const { period } = await list(engineOf(), { end_date });
    expect(period).toEqual({ start_date: "2026-11-01T00:00:00Z", end_date: `${to}-01T00:00:00Z` });
  });

  it.each([
    [{ start_date: "2026-10-01", end_date: "2026-09-15" }, "end_date"],
    [{ end_date: "2026-10-15" }, "end_date"],
    [{ start_date: "2026-02-30" }, "start_date"],
    [{ start_date: "2026-13-01" }, "start_date"],
    [{ start_date: "soon" }, "start_date"],
    [{ start_date: "2026-10-01", end_date: "2026-10-32" }, "end_date"],
    [{ date: "2026-10-01" }, "date"],
    [{ granularity: "day" as const }, "granularity"],
    [{ granularity: "hour" as const }, "granularity"],
    [{ user_ids: ["a"] }, "user_ids"],
    [{ model_ids: ["a"] }, "model_ids"],
    [{ surfaces: ["a"] }, "surfaces"],
    [{ api_key_id: "a" }, "api_key_id"],
    [{ report_type: "user_cost" as const }, "report_type"],
    [{ report_type: "usage" as const }, "report_type"],
  ])(
    "a question that can't be answered is an error naming its parameter, before anything is asked: %o",
    async (query, parameter) => {
      const error = await failure(list(engineOf(), query));
      expect(error).toMatchObject({ kind: "question", details: { parameter } });
    },
  );
});

describe("remote_query", () => {
  const query = (remote_query: Item) => ({ start_date: "2026-08-01", remote_query });
  const AUGUST = "start_month=2026-08&end_month=2026-08";

  it.each([
    [{ view: "summary" }, `${AUGUST}&view=summary`],
    [{ include_connected_accounts: true }, `${AUGUST}&view=sub-org&include_connected_accounts=true`],
    [
      { view: "sub-org", include_connected_accounts: "false" },
      `${AUGUST}&view=sub-org&include_connected_accounts=false`,
    ],
  ])("goes on the wire: %o", async (remote, wire) => {
    const calls = datadogAnswers({ historical: holding({}) });
    await list(engineOf(), query(remote));
    expect(calls.historical).toEqual([`${HISTORICAL}?${wire}`]);
  });

  it("goes to the estimate too", async () => {
    const calls = datadogAnswers({ historical: holding({}), estimated: holding({}) });
    await list(engineOf(), { start_date: "2026-10-01", remote_query: { view: "summary" } });
    expect(calls.estimated).toEqual([`${ESTIMATED}?start_month=2026-10&end_month=2026-10&view=summary`]);
  });

  it("with connected accounts keeps accounts of one organization apart in ids; without, ids are as ever", async () => {
    const charges = [{ product_name: "rum", charge_type: "total", cost: 1 }];
    const entry = (account: string) => costByOrg({ date: "2026-08-01", account_public_id: account, charges }, account);
    datadogAnswers({ historical: () => json({ data: [entry("acc1"), entry("acc2")] }) });
    expect(idsOf(await list(engineOf(), query({ include_connected_accounts: true })))).toEqual([
      "datadog:acc1:org1:2026-08:rum",
      "datadog:acc2:org1:2026-08:rum",
    ]);
    datadogAnswers({ historical: () => json({ data: [entry("acc1")] }) });
    expect(idsOf(await list(engineOf(), query({ include_connected_accounts: false })))).toEqual([
      "datadog:org1:2026-08:rum",
    ]);
  });

  it.each(["start_date", "end_date", "start_month", "end_month", "cost_aggregation", "START_DATE"])(
    "does not set %s beside what we send",
    async (name) => {
      const error = await failure(list(engineOf(), query({ [name]: "2026-01" })));
      expect(error).toMatchObject({ kind: "question", details: { parameter: `remote_query.${name}` } });
    },
  );
});
