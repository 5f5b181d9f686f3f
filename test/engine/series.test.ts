import { describe, expect, it } from "vitest";
import type { CostSummary } from "../../src/engine/write-cost.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { getUsageSummary } from "../../src/tools/get-usage-summary.ts";
import { CONFLUENT_ACCOUNT, call, confluentAnswers, engineOf, failure, guardTheEdge } from "../providers/edge.ts";
import { billing, daysFrom, type Line, nextDay } from "./confluent-lines.ts";

guardTheEdge();

/** A Sunday afternoon. */
const NOW = Date.parse("2026-11-22T15:00:00Z");

function line(day: string, amount: number, resource = "lkc-1"): Line {
  return {
    id: `${day}-${resource}`,
    start_date: day,
    end_date: nextDay(day),
    granularity: "DAILY",
    line_type: "KAFKA_STORAGE",
    product: "KAFKA",
    amount,
    original_amount: amount,
    quantity: amount * 2,
    unit: "GB",
    resource: { id: resource },
  };
}

async function cost(args: Record<string, unknown>): Promise<CostSummary> {
  const answer = await getCostSummary.run(engineOf([CONFLUENT_ACCOUNT], { now: NOW }), args, call());
  return JSON.parse(JSON.stringify(answer));
}

const netByKey = ({ groups }: CostSummary) => groups.map(({ key, net }) => [...Object.values(key), net]);

describe("a series", () => {
  it("has every day of the running month up to today, those without cost as zero, and none that lies ahead", async () => {
    confluentAnswers(billing(() => [line("2026-11-02", 5), line("2026-11-20", 7)]));
    const { groups, totals } = await cost({ group_by: ["day"] });
    expect(groups.map(({ key }) => key["day"])).toEqual(daysFrom("2026-11-01", 22));
    expect(groups.filter(({ net }) => net !== 0).map(({ key, net, rows }) => [key["day"], net, rows])).toEqual([
      ["2026-11-02", 5, 1],
      ["2026-11-20", 7, 1],
    ]);
    expect(totals[0]?.net).toBe(12);
  });

  it("has every month of a year, and every week that the period touches", async () => {
    confluentAnswers(billing(() => [line("2026-02-27", 1), line("2026-03-01", 2)]));
    const range = { start_date: "2026-02-01", end_date: "2026-05-01" };
    expect(netByKey(await cost({ ...range, group_by: ["month"] }))).toEqual([
      ["2026-02", 1],
      ["2026-03", 2],
      ["2026-04", 0],
    ]);
    // 1 March 2026 is a Sunday: the last day of week 9, which 27 February is in, too.
    const weeks = await cost({ start_date: "2026-02-16", end_date: "2026-03-10", group_by: ["week"] });
    expect(netByKey(weeks)).toEqual([
      ["2026-W08", 0],
      ["2026-W09", 3],
      ["2026-W10", 0],
      ["2026-W11", 0],
    ]);
  });

  it("is whole for each of the other groups", async () => {
    confluentAnswers(billing(() => [line("2026-10-01", 1, "a"), line("2026-10-03", 2, "b")]));
    const range = { start_date: "2026-10-01", end_date: "2026-10-04" };
    expect(netByKey(await cost({ ...range, group_by: ["resource", "day"], sort_by: "day" }))).toEqual([
      ["a", "2026-10-01", 1],
      ["b", "2026-10-01", 0],
      ["a", "2026-10-02", 0],
      ["b", "2026-10-02", 0],
      ["a", "2026-10-03", 0],
      ["b", "2026-10-03", 2],
    ]);
  });

  it("stands beside the same day of the period before, and what has no such day is gone", async () => {
    confluentAnswers(billing(() => [line("2026-09-01", 4), line("2026-08-01", 1), line("2026-08-31", 9)]));
    const { groups, totals, warnings } = await cost({
      period: "2026-09",
      compare_to: "previous_period",
      group_by: ["day"],
    });
    expect(groups).toHaveLength(31);
    expect(groups[0]).toMatchObject({
      key: { day: "2026-08-31" },
      net: 0,
      previous: { net: 9 },
      change: { net: -9, percent: -100 },
    });
    expect(groups[1]).toMatchObject({ key: { day: "2026-09-01" }, net: 4, previous: { net: 1 }, change: { net: 3 } });
    expect(totals[0]).toMatchObject({ net: 4, previous: { net: 10 }, change: { net: -6 } });
    expect(warnings.join()).toContain("has 30 days and the compared one 31");
  });

  it("says that it has holes where there would be too many to fill", async () => {
    const lines = daysFrom("2026-08-01", 60).map((day, index) => line(day, 1, `lkc-${index}`));
    confluentAnswers(billing(() => lines));
    const range = { start_date: "2026-08-01", end_date: "2026-10-01" };
    const { warnings, other } = await cost({ ...range, group_by: ["resource", "day"] });
    expect(warnings.join()).toContain("too many series to fill");
    expect(other?.[0]?.groups).toBe(20);
  });

  it("of use has zeros, too", async () => {
    confluentAnswers(billing(() => [line("2026-10-01", 1), line("2026-10-03", 2)]));
    const answer = await getUsageSummary.run(
      engineOf([CONFLUENT_ACCOUNT], { now: NOW }),
      { start_date: "2026-10-01", end_date: "2026-10-04", metrics: ["quantity"], group_by: ["day"] },
      call(),
    );
    expect(answer).toMatchObject({
      totals: { values: { "quantity:GB": 6 } },
      groups: [
        { key: { day: "2026-10-01" }, values: { "quantity:GB": 2 } },
        { key: { day: "2026-10-02" }, values: { "quantity:GB": 0 } },
        { key: { day: "2026-10-03" }, values: { "quantity:GB": 4 } },
      ],
    });
  });
});

describe("comparing with any period", () => {
  it("by name, by range, and by the day where it is asked for", async () => {
    confluentAnswers(billing(() => [line("2026-10-05", 310), line("2026-02-05", 140)]));
    const { compared_period, totals } = await cost({ period: "2026-10", compare_to: "2026-02", per_day: true });
    expect(compared_period).toEqual({ start_date: "2026-02-01T00:00:00Z", end_date: "2026-03-01T00:00:00Z" });
    expect(totals[0]).toMatchObject({
      change: { net: 170 },
      // 310 over 31 days against 140 over 28.
      per_day: { net: 10, previous_net: 5, change: 5, percent: 100 },
    });
    const ranged = await cost({ period: "2026-10-01/2026-10-15", compare_to: "2026-02-01/2026-02-15" });
    expect(ranged.totals[0]?.["change"]).toEqual({ net: 170, percent: 121.4286 });
    expect(ranged.warnings).toEqual([]);
  });

  it("counts the days of a running month that are over", async () => {
    confluentAnswers(billing(() => [line("2026-11-05", 43.25), line("2026-10-05", 31)]));
    const { compared_days, totals } = await cost({ compare_to: "previous_period", per_day: true });
    expect(compared_days).toEqual({ period: 21.625, compared: 31 });
    expect(totals[0]?.["per_day"]).toMatchObject({ net: 2, previous_net: 1 });
  });

  it("says that periods overlap", async () => {
    confluentAnswers(billing(() => [line("2026-10-05", 1)]));
    const { warnings, totals } = await cost({ period: "2026-10", compare_to: "2026-Q4" });
    expect(totals[0]?.["change"]).toEqual({ net: 0, percent: 0 });
    expect(warnings.join()).toContain("overlap");
  });

  it.each(["yesterday", "2026-13", "2026-10-02/2026-10-01", "2026-10-01/"])("refuses %j", async (compare_to) => {
    const engine = engineOf([CONFLUENT_ACCOUNT], { now: NOW });
    const error = await failure(getCostSummary.run(engine, { compare_to }, call()));
    expect(error).toMatchObject({ name: "UsageError", kind: "question" });
    expect(String(error)).toContain("compare_to");
  });
});

describe("filters that nothing passes", () => {
  it("are told what there is", async () => {
    confluentAnswers(billing(() => [line("2026-10-05", 1), { ...line("2026-10-06", 3), product: "FLINK" }]));
    const { hint } = await cost({ period: "2026-10", product_ids: ["KAFFKA"] });
    expect(hint).toBe(
      "No cost matches the filters. product_ids: 'KAFFKA' is not there; there is FLINK, KAFKA. Did you mean 'KAFKA'?",
    );
  });

  it("are told in words of use, too", async () => {
    confluentAnswers(billing(() => [line("2026-10-05", 1)]));
    const args = { period: "2026-10", product_ids: ["nothing"], metrics: ["quantity"] };
    const answer = await getUsageSummary.run(engineOf([CONFLUENT_ACCOUNT], { now: NOW }), args, call());
    expect(answer["hint"]).toBe("No usage matches the filters. product_ids: 'nothing' is not there; there is KAFKA.");
  });
});
