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
  rowsOf,
} from "../edge.ts";

guardTheEdge();

const AUGUST = { start_date: "2026-08-01" };

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

function totals(rows: readonly Item[]): unknown[] {
  return rows.map(({ start_date, charges }) => [
    String(start_date).slice(0, 7),
    Array.isArray(charges) ? charges.find(({ type }) => type === "total")?.amount : undefined,
  ]);
}

describe("a summary takes the same endpoints", () => {
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
  it("of two instants of one day, too, only the latest counts", async () => {
    datadogAnswers({
      estimated: () => json({ data: [month("2026-11-20T06:00:00Z", 60), month("2026-11-20T18:00:00Z", 65)] }),
    });
    expect(totals(rowsOf(await list(engineOf())))).toEqual([["2026-11", 65]]);
  });

  it("a summary, too, counts the latest only", async () => {
    datadogAnswers({
      estimated: () => json({ data: [month("2026-11-19", 60), month("2026-11-20", 65), month("2026-11-18", 55)] }),
    });
    expect(await getCostSummary.run(engineOf(), {}, call())).toMatchObject({ totals: [{ net: 65, rows: 1 }] });
  });
});

describe("questions that can't be answered", () => {
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

describe("connected accounts", () => {
  it("with connected accounts keeps accounts of one organization apart in ids; without, ids are as ever", async () => {
    const charges = [{ product_name: "rum", charge_type: "total", cost: 1 }];
    const entry = (account: string) => costByOrg({ date: "2026-08-01", account_public_id: account, charges }, account);
    datadogAnswers({ historical: () => json({ data: [entry("acc1"), entry("acc2")] }) });
    expect(idsOf(await list(engineOf(), { ...AUGUST, remote_query: { include_connected_accounts: true } }))).toEqual([
      "datadog:acc1:org1:2026-08:rum",
      "datadog:acc2:org1:2026-08:rum",
    ]);
    datadogAnswers({ historical: () => json({ data: [entry("acc1")] }) });
    expect(idsOf(await list(engineOf(), { ...AUGUST, remote_query: { include_connected_accounts: false } }))).toEqual([
      "datadog:org1:2026-08:rum",
    ]);
  });
});
