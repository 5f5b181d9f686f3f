import { describe, expect, it } from "vitest";
import { USUAL_CACHE } from "../../../src/cache/config.ts";
import { confluent } from "../../../src/providers/confluent/adapter.ts";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { CONFLUENT_ACCOUNT, call, confluentAnswers, costList, engineOf, guardTheEdge, list, NOW } from "../edge.ts";

guardTheEdge();

const MINUTE = 60_000;

function keepingEngine(clock: () => number) {
  return engineOf([CONFLUENT_ACCOUNT], { clock, cache: USUAL_CACHE });
}

/** A line of a dollar and a quarter on each window's first day. */
function windows(): string[] {
  return confluentAnswers(({ searchParams }) => {
    const day = searchParams.get("start_date") ?? "";
    return costList([{ start_date: day, end_date: day, product: "KAFKA", amount: 1.25 }]);
  });
}

function months(asked: readonly string[]): string[] {
  return asked.map((path) => String(/start_date=(\S{10})&end_date=\S{10}/.exec(path)?.[0]));
}

describe("a year's cost, asked again twelve minutes later", () => {
  it("asks Confluent once more for the running month, and for nothing that is over", async () => {
    let now = NOW;
    const engine = keepingEngine(() => now);
    const asked = windows();
    const args = { start_date: "2025-12-01", end_date: "2026-12-01" };
    const first = await getCostSummary.run(engine, args, call());
    // Twelve lines of 1.25.
    expect(first).toMatchObject({ totals: [{ net: 15, rows: 12 }] });
    expect(asked.splice(0)).toHaveLength(12);
    now += 12 * MINUTE;
    expect(await getCostSummary.run(engine, args, call())).toMatchObject({
      totals: [{ net: 15, rows: 12 }],
      data_as_of: "2026-11-22T12:12:00Z",
    });
    expect(months(asked.splice(0))).toEqual(["start_date=2026-11-01&end_date=2026-12-01"]);
    // A listing of one of its months is the same question to Confluent.
    await list(engine, { start_date: "2026-10-01", limit: 1 });
    expect(asked).toEqual([]);
  });
});

describe("what Confluent tells of a window is final 72 hours after its end", () => {
  const end = Date.UTC(2026, 9, 1);
  const account = { id: "c", provider: "confluent", name: "C", settings: {}, credentials: {} } as const;
  const question = { account, report: "cost", dates: {}, now: NOW, filters: {}, remoteQuery: [] } as const;
  const period = { start: Date.UTC(2026, 8, 1), end };

  it("by its position, and never where the caller's own parameters say what is asked", () => {
    const asked = { ...question, period };
    const position = confluent.first(asked);
    expect(position && confluent.settles?.(asked, position, [])).toBe(end + 72 * 60 * MINUTE);
    const own = { ...asked, remoteQuery: [["page_size", "10"]] as const };
    expect(position && confluent.settles?.(own, position, [])).toBeUndefined();
  });

  it("to the millisecond", async () => {
    const final = Date.UTC(2026, 9, 4);
    let now = final - 1;
    const engine = keepingEngine(() => now);
    const asked = windows();
    const askedAt = async (at: number) => {
      now = at;
      await list(engine, { start_date: "2026-09-01" });
      return asked.splice(0).length;
    };
    expect(await askedAt(final - 1)).toBe(1);
    expect(await askedAt(final + 6 * MINUTE)).toBe(1);
    expect(await askedAt(final + 20 * 24 * 60 * MINUTE)).toBe(0);
  });
});
