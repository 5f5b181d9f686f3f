import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EFFECTS } from "../../src/engine/effects.ts";
import type { ChangeExplanation } from "../../src/engine/write-change.ts";
import { explainCostChange } from "../../src/tools/explain-cost-change.ts";
import {
  CONFLUENT_ACCOUNT,
  call,
  confluentAnswers,
  engineOf,
  failure,
  guardTheEdge,
  json,
  NOW,
} from "../providers/edge.ts";
import { billing, daysFrom, fromMicro, type Line, nextDay } from "./confluent-lines.ts";

guardTheEdge();

const AUGUST = daysFrom("2026-08-01", 31);
const SEPTEMBER = daysFrom("2026-09-01", 30);
const RANGES = { period: "2026-09", compare_to: "2026-08" };

async function explain(args: Record<string, unknown>): Promise<ChangeExplanation> {
  const answer = await explainCostChange.run(engineOf([CONFLUENT_ACCOUNT], { now: NOW }), args, call());
  return JSON.parse(JSON.stringify(answer));
}

/** In whole millionths: all lines have at most six decimals, effects at most ten. Next to nothing below zero is no -0. */
function micro(value: number): number {
  return Math.round(value * 1e6) + 0;
}

function lineOf(day: string, index: number, size: number, quantity: number | null, off: number): Line {
  const discount = Math.min(off, size);
  return {
    id: `line-${day}-${index}`,
    start_date: day,
    end_date: nextDay(day),
    granularity: "DAILY",
    line_type: index % 3 === 0 ? "KAFKA_STORAGE" : "KAFKA_NETWORK_READ",
    product: index % 2 === 0 ? "KAFKA" : "FLINK",
    amount: fromMicro(size - discount),
    original_amount: fromMicro(size),
    discount_amount: fromMicro(discount),
    ...(quantity === null ? {} : { quantity, unit: "GB" }),
    resource: { id: `lkc-${index % 4}` },
  };
}

const lines = fc
  .array(
    fc.tuple(
      fc.constantFrom(...AUGUST, ...SEPTEMBER),
      fc.integer({ min: 0, max: 9_999_999 }),
      fc.option(fc.integer({ min: 0, max: 50 })),
      fc.integer({ min: 0, max: 999_999 }),
    ),
    { maxLength: 30 },
  )
  .map((found) => found.map(([day, size, quantity, off], index) => lineOf(day, index, size, quantity, off)));

describe("explain_cost_change", () => {
  it("has effects that add up to every change, and groups and other that add up to the whole", async () => {
    let found: Line[] = [];
    confluentAnswers(billing(() => found));
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.subarray(["product", "resource", "metric_name", "account"]),
        fc.integer({ min: 1, max: 4 }),
        async (given, group_by, limit) => {
          found = given;
          const { totals, groups, other = [] } = await explain({ ...RANGES, group_by, limit });
          const sum = (month: string) =>
            given
              .filter((line) => line.start_date.startsWith(month))
              .reduce((all, { amount = 0 }) => all + micro(amount), 0);
          const change = sum("2026-09") - sum("2026-08");
          expect(totals.reduce((all, total) => all + micro(total.change.net), 0)).toBe(change);
          expect([...groups, ...other].reduce((all, group) => all + micro(group.change.net), 0)).toBe(change);
          for (const { change: own, effects } of [...totals, ...groups, ...other]) {
            const parts = EFFECTS.reduce((all, name) => all + (effects[name] ?? 0), 0);
            expect(micro(parts)).toBe(micro(own.net));
          }
          expect(groups.length).toBeLessThanOrEqual(limit);
          const sizes = groups.map((group) => Math.abs(group.change.net));
          expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("tells more of it from a higher price, by unit", async () => {
    const line = (day: string, quantity: number, amount: number): Line => ({
      id: day,
      start_date: day,
      end_date: nextDay(day),
      granularity: "DAILY",
      line_type: "KAFKA_STORAGE",
      product: "KAFKA",
      amount,
      original_amount: amount,
      quantity,
      unit: "GB",
      resource: { id: "lkc-1" },
    });
    confluentAnswers(billing(() => [line("2026-08-03", 100, 200), line("2026-09-03", 150, 450)]));
    const { totals, groups } = await explain({ ...RANGES, group_by: ["product"] });
    expect(totals).toMatchObject([{ change: { net: 250, percent: 125 }, effects: { volume: 100, price: 150 } }]);
    expect(groups).toMatchObject([
      {
        key: { product: "KAFKA" },
        share_of_change: 1,
        quantity: { unit: "GB", now: 150, before: 100, price_now: 3, price_before: 2 },
      },
    ]);
  });

  it("compares by the day on request only, and says that the periods are unequal", async () => {
    const day = (start: string, amount: number): Line => ({
      id: start,
      start_date: start,
      end_date: nextDay(start),
      granularity: "DAILY",
      line_type: "KAFKA_STORAGE",
      product: "KAFKA",
      amount,
      original_amount: amount,
      resource: { id: "lkc-1" },
    });
    confluentAnswers(billing(() => [day("2026-08-03", 310), day("2026-09-03", 300)]));
    const plain = await explain(RANGES);
    expect(plain.totals[0]?.change.net).toBe(-10);
    expect(plain.warnings.join()).toContain("has 30 days and the compared one 31");
    const daily = await explain({ ...RANGES, per_day: true });
    expect(daily.totals[0]).toMatchObject({ net: 10, previous: { net: 10 }, change: { net: 0 } });
    expect(daily.compared_days).toEqual({ period: 30, compared: 31 });
  });

  it("leaves an account that fails out of both sides, and names it", async () => {
    confluentAnswers(() => json({ errors: [{ status: "403", detail: "no" }] }, 403));
    const { totals, accounts, is_partial_response } = await explain(RANGES);
    expect(totals).toEqual([]);
    expect(accounts).toMatchObject([{ status: "error" }]);
    expect(is_partial_response).toBe(true);
  });

  it("stands under unattributed by what the vendor does not tell, and says what it tells", async () => {
    confluentAnswers(billing(() => [lineOf("2026-09-02", 0, 1_000_000, null, 0)]));
    const { groups, warnings } = await explain({ ...RANGES, group_by: ["user"] });
    expect(groups).toMatchObject([{ key: { user: "unattributed" }, change: { net: 1 } }]);
    expect(warnings.join()).toContain("It can be grouped by product");
  });

  it.each([
    [{ period: "2027-05" }, "future"],
    [{ compare_to: "last_moth" }, "Did you mean 'last_month'?"],
    [{ group_by: ["day"] }, "group_by"],
    [{ period: "2026-09-05/2026-09-01" }, "holds no time"],
  ])("refuses %j", async (args, words) => {
    const engine = engineOf([CONFLUENT_ACCOUNT], { now: NOW });
    expect(String(await failure(explainCostChange.run(engine, args, call())))).toContain(words);
  });
});
