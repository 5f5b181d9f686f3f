import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/usage/query.ts";
import {
  costByOrg,
  type DatadogCalls,
  datadogAnswers,
  engineOf,
  failure,
  guardTheEdge,
  idsOf,
  json,
  list,
  NOW,
  type Reply,
  recorded,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

// The running month N is 2026-11.
const HISTORICAL = "/api/v2/usage/historical_cost";
const ESTIMATED = "/api/v2/usage/estimated_cost";

function months(path: string, from: string, to = from): string {
  return `${path}?start_month=${from}&end_month=${to}&view=sub-org`;
}

/** One product of one organization in each of these months. */
function holding(...held: string[]): Reply {
  return () =>
    json({
      data: held.map((month) =>
        costByOrg({ date: `${month}-01T00:00:00Z`, charges: [{ product_name: "rum", charge_type: "total", cost: 1 }] }),
      ),
    });
}

/** Which months each endpoint holds; the calls it makes, and the months of the rows it gives. */
async function route(
  query: Query,
  held: { historical?: string[]; estimated?: string[] },
  now = NOW,
): Promise<{ calls: string[]; months: string[]; warnings: string[] }> {
  const calls: DatadogCalls = datadogAnswers({
    historical: holding(...(held.historical ?? [])),
    estimated: holding(...(held.estimated ?? [])),
  });
  const answer = await list(engineOf(undefined, { now }), query);
  return {
    calls: [...calls.historical, ...calls.estimated],
    months: rowsOf(answer).map(({ start_date }) => String(start_date).slice(0, 7)),
    warnings: answer.warnings,
  };
}

describe("which endpoint answers for a month", () => {
  it("the running month N: estimated_cost only", async () => {
    expect(await route({}, { estimated: ["2026-11"] })).toMatchObject({
      calls: [months(ESTIMATED, "2026-11")],
      months: ["2026-11"],
    });
  });

  it("the month N-1: historical_cost, and nothing else where it holds the month", async () => {
    expect(await route({ start_date: "2026-10-01" }, { historical: ["2026-10"], estimated: ["2026-10"] })).toEqual({
      calls: [months(HISTORICAL, "2026-10")],
      months: ["2026-10"],
      warnings: [],
    });
  });

  it("the month N-1: estimated_cost where historical_cost is still empty, and the answer says so", async () => {
    const found = await route({ start_date: "2026-10-01" }, { historical: [], estimated: ["2026-10"] });
    expect(found).toMatchObject({
      calls: [months(HISTORICAL, "2026-10"), months(ESTIMATED, "2026-10")],
      months: ["2026-10"],
    });
    expect(found.warnings).toEqual([expect.stringMatching(/^2026-10 .*estimate/)]);
  });

  it("a month before N-1: never estimated_cost, even where historical_cost is empty", async () => {
    expect(await route({ start_date: "2026-09-01" }, { historical: [], estimated: ["2026-09"] })).toMatchObject({
      calls: [months(HISTORICAL, "2026-09")],
      months: [],
    });
  });

  it("months up to N: one historical call for all before N, then one estimated call for N", async () => {
    const held = { historical: ["2026-08", "2026-09", "2026-10"], estimated: ["2026-10", "2026-11"] };
    expect(await route({ start_date: "2026-08-15", end_date: "2026-11-20" }, held)).toMatchObject({
      calls: [months(HISTORICAL, "2026-08", "2026-10"), months(ESTIMATED, "2026-11")],
      months: ["2026-08", "2026-09", "2026-10", "2026-11"],
    });
  });

  it("months up to N while N-1 is not published: one estimated call for both", async () => {
    const held = { historical: ["2026-08", "2026-09"], estimated: ["2026-10", "2026-11"] };
    expect(await route({ start_date: "2026-08-01", end_date: "2026-11-20" }, held)).toMatchObject({
      calls: [months(HISTORICAL, "2026-08", "2026-10"), months(ESTIMATED, "2026-10", "2026-11")],
      months: ["2026-08", "2026-09", "2026-10", "2026-11"],
    });
  });

  it("the recorded empty historical answer for N-1 and N: estimated for both", async () => {
    const { historical, estimated } = datadogAnswers({
      historical: () => recorded("historical-cost-empty"),
      estimated: holding("2026-10", "2026-11"),
    });
    const answer = await list(engineOf(), { start_date: "2026-10-01", end_date: "2026-11-30" });
    expect([...historical, ...estimated]).toEqual([
      months(HISTORICAL, "2026-10"),
      months(ESTIMATED, "2026-10", "2026-11"),
    ]);
    expect(idsOf(answer)).toEqual(["datadog:org1:2026-10:rum", "datadog:org1:2026-11:rum"]);
  });

  it("the first instant of January: N-1 is December of the year before", async () => {
    const now = Date.UTC(2027, 0, 1);
    const held = { historical: [], estimated: ["2026-12", "2027-01"] };
    expect(await route({ start_date: "2026-12-01", end_date: "2027-01-15" }, held, now)).toMatchObject({
      calls: [months(HISTORICAL, "2026-12"), months(ESTIMATED, "2026-12", "2027-01")],
      months: ["2026-12", "2027-01"],
    });
  });

  it("a range into the future is asked up to N", async () => {
    const held = { historical: ["2026-10"], estimated: ["2026-11"] };
    expect(await route({ start_date: "2026-10-01", end_date: "2027-03-31" }, held)).toMatchObject({
      calls: [months(HISTORICAL, "2026-10"), months(ESTIMATED, "2026-11")],
      months: ["2026-10", "2026-11"],
    });
  });

  it.each<[string, Query]>([
    ["December", { start_date: "2026-12-01" }],
    ["a day in December", { start_date: "2026-12-24", end_date: "2026-12-25" }],
    ["next year", { start_date: "2027-01-01", end_date: "2027-12-31" }],
  ])("%s lies ahead: no call at all, and the hint says so", async (_, query) => {
    const calls = datadogAnswers({ historical: holding(), estimated: holding() });
    const answer = await list(engineOf(), query);
    // A call that nobody waits for would be seen by now.
    await setTimeout(30);
    expect(calls).toEqual({ historical: [], estimated: [], mapping: [] });
    expect(answer).toMatchObject({ result: [], next_cursor: null, is_partial_response: false });
    expect(answer.hint).toMatch(/future/);
  });

  it("a month that the vendor answers without being asked is not given", async () => {
    const found = await route({ start_date: "2026-09-01" }, { historical: ["2026-08", "2026-09", "2026-10"] });
    expect(found.months).toEqual(["2026-09"]);
  });

  it("a month is given by one endpoint only, even where estimated_cost answers N-1 unasked", async () => {
    const held = { historical: ["2026-10"], estimated: ["2026-10", "2026-11"] };
    const { months: given } = await route({ start_date: "2026-10-01", end_date: "2026-11-02" }, held);
    expect(given).toEqual(["2026-10", "2026-11"]);
  });

  it("where one organization's N-1 is published and another's is not, both are known: nobody's cost is left out", async () => {
    const entry = (org: string) =>
      costByOrg(
        {
          date: "2026-10-01T00:00:00Z",
          public_id: org,
          charges: [{ product_name: "rum", charge_type: "total", cost: 1 }],
        },
        org,
      );
    datadogAnswers({
      historical: () => json({ data: [entry("published")] }),
      estimated: () => json({ data: [entry("late"), entry("published")] }),
    });
    const answer = await list(engineOf(), { start_date: "2026-10-01" });
    // One source a month: what is published stands; an organization that it lacks is at least named as missing, never silently.
    expect(idsOf(answer)).toEqual(["datadog:published:2026-10:rum"]);
  });
});

describe("estimated_cost", () => {
  const total = (cost: number) => [{ product_name: "rum", charge_type: "total", cost }];

  it("answers running totals: of several dates of an organization's month only the latest counts", async () => {
    datadogAnswers({
      estimated: () =>
        json({
          data: [
            costByOrg({ date: "2026-11-19T00:00:00Z", charges: total(19) }, "a"),
            costByOrg({ date: "2026-11-21T00:00:00Z", charges: total(21.5) }, "b"),
            costByOrg({ date: "2026-11-20T00:00:00Z", charges: total(20) }, "c"),
            costByOrg({ date: "2026-11-18T00:00:00Z", public_id: "org2", charges: total(7) }, "d"),
          ],
        }),
    });
    const answer = await list(engineOf());
    expect(rowsOf(answer)).toMatchObject([
      { id: "datadog:org1:2026-11:rum", charges: [{ type: "total", amount: 21.5 }] },
      { id: "datadog:org2:2026-11:rum", charges: [{ type: "total", amount: 7 }] },
    ]);
    expect(answer.warnings.join(" ")).toMatch(/2026-11.*estimate/);
  });

  it("is taken by month: the latest of October and the latest of November", async () => {
    datadogAnswers({
      historical: () => json({ data: [] }),
      estimated: () =>
        json({
          data: [
            costByOrg({ date: "2026-10-30T00:00:00Z", charges: total(300) }, "a"),
            costByOrg({ date: "2026-10-31T00:00:00Z", charges: total(310) }, "b"),
            costByOrg({ date: "2026-11-20T00:00:00Z", charges: total(200) }, "c"),
            costByOrg({ date: "2026-11-21T00:00:00Z", charges: total(210) }, "d"),
          ],
        }),
    });
    const answer = await list(engineOf(), { start_date: "2026-10-01", end_date: "2026-11-22" });
    expect(rowsOf(answer).map(({ charges }) => charges)).toEqual([
      [{ type: "total", amount: 310, currency: "USD" }],
      [{ type: "total", amount: 210, currency: "USD" }],
    ]);
  });

  it("that repeats an entry word for word counts it once", async () => {
    const entry = costByOrg({ date: "2026-11-21T00:00:00Z", charges: total(10) }, "same");
    datadogAnswers({ estimated: () => json({ data: [entry, entry] }) });
    expect(rowsOf(await list(engineOf()))).toMatchObject([{ charges: [{ amount: 10 }] }]);
  });

  it("drops products that the latest date no longer has", async () => {
    datadogAnswers({
      estimated: () =>
        json({
          data: [
            costByOrg({ date: "2026-11-20", charges: [{ product_name: "gone", charge_type: "total", cost: 5 }] }, "a"),
            costByOrg({ date: "2026-11-21", charges: total(6) }, "b"),
          ],
        }),
    });
    expect(idsOf(await list(engineOf()))).toEqual(["datadog:org1:2026-11:rum"]);
  });
});

describe("the query string on the wire", () => {
  it("has months as YYYY-MM and view=sub-org, whatever day was asked for", async () => {
    const { historical } = datadogAnswers({ historical: holding() });
    await list(engineOf(), { start_date: "2026-02-17T23:59:59+05:00", end_date: "2026-03-31T23:59:59Z" });
    expect(historical).toEqual([months(HISTORICAL, "2026-02", "2026-03")]);
  });

  it("takes another view from remote_query", async () => {
    const { historical } = datadogAnswers({ historical: holding() });
    await list(engineOf(), { start_date: "2026-08-01", remote_query: { view: "summary" } });
    expect(historical).toEqual([`${HISTORICAL}?start_month=2026-08&end_month=2026-08&view=summary`]);
  });

  it("takes include_connected_accounts, and anything else that is not its own, from remote_query", async () => {
    const { historical, estimated } = datadogAnswers({ historical: holding(), estimated: holding() });
    const remote_query = { include_connected_accounts: true, "new param": "a&b=c", filter: { x: [1, 2] } };
    await list(engineOf(), { start_date: "2026-10-01", end_date: "2026-11-02", remote_query });
    const rest =
      "view=sub-org&include_connected_accounts=true&new+param=a%26b%3Dc&filter%5Bx%5D%5B%5D=1&filter%5Bx%5D%5B%5D=2";
    expect([...historical, ...estimated]).toEqual([
      `${HISTORICAL}?start_month=2026-10&end_month=2026-10&${rest}`,
      `${ESTIMATED}?start_month=2026-10&end_month=2026-11&${rest}`,
    ]);
  });

  it.each(["start_month", "end_month", "start_date", "end_date", "cost_aggregation"])(
    "never takes %s from remote_query",
    async (name) => {
      const error = await failure(list(engineOf(), { remote_query: { [name]: "2026-01" } }));
      expect(error).toMatchObject({ kind: "question", details: { parameter: `remote_query.${name}` } });
    },
  );

  it("carries both keys in headers and asks for RFC 3339 dates", async () => {
    const headers: Headers[] = [];
    datadogAnswers({
      historical: (_, request) => {
        headers.push(request.headers);
        return json({ data: [] });
      },
    });
    await list(engineOf(), { start_date: "2026-08-01" });
    expect(headers.map((sent) => [sent.get("dd-api-key"), sent.get("dd-application-key"), sent.get("accept")])).toEqual(
      [["dd-key-s3cret", "dd-app-s3cret", "application/json;datetime-format=rfc3339"]],
    );
  });
});

describe("the period that a question covers", () => {
  // start_date and end_date as given; the months asked of historical_cost; the period in the answer.
  it.each<[string, Query, string, string, string, string]>([
    ["only a start", { start_date: "2026-08-20" }, "2026-08", "2026-08", "2026-08-01", "2026-09-01"],
    [
      "the first instant of a month ends the month before",
      { start_date: "2026-08-01", end_date: "2026-09-01" },
      "2026-08",
      "2026-08",
      "2026-08-01",
      "2026-09-01",
    ],
    [
      "the first instant of a month with a time and zone is the same instant",
      { start_date: "2026-08-01", end_date: "2026-09-01T02:00:00+02:00" },
      "2026-08",
      "2026-08",
      "2026-08-01",
      "2026-09-01",
    ],
    [
      "the second instant belongs to its own month",
      { start_date: "2026-08-01", end_date: "2026-09-01T00:00:01Z" },
      "2026-08",
      "2026-09",
      "2026-08-01",
      "2026-10-01",
    ],
    [
      "a last day is its own month",
      { start_date: "2026-08-01", end_date: "2026-08-31" },
      "2026-08",
      "2026-08",
      "2026-08-01",
      "2026-09-01",
    ],
    [
      "a last second is its own month",
      { start_date: "2026-07-01", end_date: "2026-08-31T23:59:59Z" },
      "2026-07",
      "2026-08",
      "2026-07-01",
      "2026-09-01",
    ],
    [
      "the last day of a leap February",
      { start_date: "2024-02-01", end_date: "2024-02-29" },
      "2024-02",
      "2024-02",
      "2024-02-01",
      "2024-03-01",
    ],
    [
      "the first of March ends a leap February",
      { start_date: "2024-02-29", end_date: "2024-03-01" },
      "2024-02",
      "2024-02",
      "2024-02-01",
      "2024-03-01",
    ],
    [
      "a first that is start and end is its own month",
      { start_date: "2026-08-01", end_date: "2026-08-01" },
      "2026-08",
      "2026-08",
      "2026-08-01",
      "2026-09-01",
    ],
    [
      "over New Year",
      { start_date: "2025-12-15", end_date: "2026-02-01" },
      "2025-12",
      "2026-01",
      "2025-12-01",
      "2026-02-01",
    ],
  ])("%s", async (_, query, from, to, start, end) => {
    const { historical } = datadogAnswers({ historical: holding() });
    const { period } = await list(engineOf(), query);
    expect(historical).toEqual([months(HISTORICAL, from, to)]);
    expect(period).toEqual({ start_date: `${start}T00:00:00Z`, end_date: `${end}T00:00:00Z` });
  });

  it("nothing given is the running month", async () => {
    datadogAnswers({ estimated: holding("2026-11") });
    expect((await list(engineOf())).period).toEqual({
      start_date: "2026-11-01T00:00:00Z",
      end_date: "2026-12-01T00:00:00Z",
    });
  });

  it.each([
    ["2026-11-30", "2026-12-01"],
    ["2026-11-01", "2026-12-01"],
    ["2026-12-01", "2026-12-01"],
    ["2026-12-31", "2027-01-01"],
  ])("only the end %s: from the running month to %s", async (end_date, end) => {
    const { estimated } = datadogAnswers({ estimated: holding("2026-11") });
    expect((await list(engineOf(), { end_date })).period).toEqual({
      start_date: "2026-11-01T00:00:00Z",
      end_date: `${end}T00:00:00Z`,
    });
    expect(estimated).toEqual([months(ESTIMATED, "2026-11")]);
  });

  it.each<[string, Query]>([
    ["an end before the start", { start_date: "2026-08-15", end_date: "2026-08-14" }],
    ["an end before the running month, without a start", { end_date: "2026-10-31" }],
  ])("%s is refused, naming end_date", async (_, query) => {
    expect(await failure(list(engineOf(), query))).toMatchObject({
      kind: "question",
      details: { parameter: "end_date" },
    });
  });
});

describe("the same fact has the same id", () => {
  const data = ["2026-07", "2026-08", "2026-09"].flatMap((month) =>
    ["org1", "org2"].map((org) =>
      costByOrg(
        {
          date: `${month}-01T00:00:00Z`,
          public_id: org,
          charges: ["rum", "siem"].map((product_name) => ({ product_name, charge_type: "total", cost: 1 })),
        },
        `${org}${month}`,
      ),
    ),
  );
  const historical: Reply = (url) => {
    const [from, to] = [url.searchParams.get("start_month") ?? "", url.searchParams.get("end_month") ?? ""];
    return json({
      data: data.filter((entry) => {
        const month = JSON.stringify(entry).match(/\d{4}-\d{2}/)?.[0] ?? "";
        return month >= from && month <= to;
      }),
    });
  };
  const all = ["2026-07", "2026-08", "2026-09"].flatMap((month) =>
    ["org1", "org2"].flatMap((org) => ["rum", "siem"].map((product) => `datadog:${org}:${month}:${product}`)),
  );

  it("whatever window, in the order of month, organization and product", async () => {
    datadogAnswers({ historical });
    expect(idsOf(await list(engineOf(), { start_date: "2026-07-01", end_date: "2026-10-01" }))).toEqual(all);
    expect(idsOf(await list(engineOf(), { start_date: "2026-08-17" }))).toEqual(
      all.filter((id) => id.includes("2026-08")),
    );
  });

  it("whatever page, and whatever order the vendor answers in", async () => {
    datadogAnswers({ historical: () => json({ data: [...data].reverse() }) });
    const engine = engineOf();
    const query: Query = { start_date: "2026-07-01", end_date: "2026-10-01", limit: 5 };
    const ids: unknown[] = [];
    let cursor: string | null = null;
    do {
      const answer = await list(engine, { ...query, ...(cursor ? { cursor } : {}) });
      ids.push(...idsOf(answer));
      cursor = answer.next_cursor;
    } while (cursor);
    expect(ids).toEqual(all);
  });

  it("as an estimate and as the published cost of the same month", async () => {
    datadogAnswers({ historical: holding(), estimated: holding("2026-10") });
    const estimate = idsOf(await list(engineOf(), { start_date: "2026-10-01" }));
    datadogAnswers({ historical: holding("2026-10") });
    expect(idsOf(await list(engineOf(), { start_date: "2026-10-01" }))).toEqual(estimate);
  });
});
