import { describe, expect, it } from "vitest";
import { USUAL_CACHE } from "../../../src/cache/config.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { call, costByOrg, datadogAnswers, engineOf, guardTheEdge, json, list, NOW, type Reply } from "../edge.ts";

guardTheEdge();

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const YEAR = { start_date: "2025-12-01", end_date: "2026-12-01" };

/** Months from December 2025 to a last one, two dollars each, as far as they are asked for. */
function upTo(last: string): Reply {
  return ({ searchParams }) => {
    const [from, to] = [searchParams.get("start_month") ?? "", searchParams.get("end_month") ?? ""];
    const months = Array.from({ length: 12 }, (_, index) => new Date(Date.UTC(2025, 11 + index)).toISOString());
    const held = months.map((day) => day.slice(0, 7)).filter((month) => month >= from && month <= to && month <= last);
    const charges = [{ product_name: "rum", charge_type: "total", cost: 2 }];
    return json({ data: held.map((month) => costByOrg({ date: `${month}-01T00:00:00Z`, charges }, month)) });
  };
}

/** An engine, and what Datadog is asked of costs in each step: `historical 2025-12..2026-10`. */
function keeping(start: number, published: string) {
  let now = start;
  const calls = datadogAnswers({ historical: upTo(published), estimated: upTo("2026-11") });
  const engine = engineOf(undefined, { clock: () => now, cache: USUAL_CACHE });
  return async (at: number, ask: (engine: Engine) => Promise<unknown>) => {
    now = at;
    const answer = await ask(engine);
    const asked = [calls.historical.splice(0), calls.estimated.splice(0)].flat().map((path) => {
      const [, what, from, to] = /usage\/(\w+)_cost\?start_month=([\d-]+)&end_month=([\d-]+)/.exec(path) ?? [];
      return `${what} ${from}..${to}`;
    });
    return { asked, answer };
  };
}

const summary = (engine: Engine) => getCostSummary.run(engine, YEAR, call());

describe("a year's cost, asked again twelve minutes later", () => {
  it("asks Datadog once more for the running month, and for nothing that is over", async () => {
    const step = keeping(NOW, "2026-10");
    expect(await step(NOW, summary)).toMatchObject({
      asked: ["historical 2025-12..2026-10", "estimated 2026-11..2026-11"],
      answer: { totals: [{ net: 24, rows: 12 }] },
    });
    expect(await step(NOW + 12 * MINUTE, summary)).toMatchObject({
      asked: ["estimated 2026-11..2026-11"],
      answer: { totals: [{ net: 24, rows: 12 }] },
    });
  });

  it("and for the month before, asked for apart, while that is not final", async () => {
    const early = Date.UTC(2026, 10, 10);
    const step = keeping(early, "2026-10");
    expect(await step(early, summary)).toMatchObject({
      asked: ["historical 2025-12..2026-09", "historical 2026-10..2026-10", "estimated 2026-11..2026-11"],
      answer: { totals: [{ net: 24, rows: 12 }] },
    });
    expect(await step(early + 12 * MINUTE, summary)).toMatchObject({
      asked: ["historical 2026-10..2026-10", "estimated 2026-11..2026-11"],
      answer: { totals: [{ net: 24, rows: 12 }] },
    });
  });

  it("and for both where the month before is not published yet", async () => {
    const early = Date.UTC(2026, 10, 3);
    const step = keeping(early, "2026-09");
    const both = ["historical 2026-10..2026-10", "estimated 2026-10..2026-11"];
    expect(await step(early, summary)).toMatchObject({
      asked: ["historical 2025-12..2026-09", ...both],
      answer: { totals: [{ net: 24, rows: 12 }] },
    });
    expect(await step(early + 12 * MINUTE, summary)).toMatchObject({ asked: both, answer: { totals: [{ net: 24 }] } });
  });
});

describe("a month's cost is final when the 19th of the next month is over", () => {
  const october = (engine: Engine) => list(engine, { start_date: "2026-10-01" });
  const final = Date.UTC(2026, 10, 20);

  it("to the millisecond", async () => {
    const step = keeping(final - 1, "2026-10");
    const asked = ["historical 2026-10..2026-10"];
    expect(await step(final - 1, october)).toMatchObject({ asked });
    expect(await step(final + 6 * MINUTE, october)).toMatchObject({ asked });
    expect(await step(final + 5 * DAY, october)).toMatchObject({ asked: [] });
  });

  it("but not while nothing of it is published, however late that is", async () => {
    const step = keeping(final, "2026-09");
    const asked = ["historical 2026-10..2026-10", "estimated 2026-10..2026-10"];
    expect(await step(final, october)).toMatchObject({ asked });
    expect(await step(final + 6 * MINUTE, october)).toMatchObject({ asked });
    // A month later Datadog estimates it no more.
    const later = Date.UTC(2026, 11, 20);
    expect(await step(later, october)).toMatchObject({ asked: asked.slice(0, 1) });
    expect(await step(later + DAY, october)).toMatchObject({ asked: [] });
  });

  it("and not where the caller's own parameters say what is asked", async () => {
    const step = keeping(NOW, "2026-10");
    const own = (engine: Engine) => list(engine, { start_date: "2026-10-01", remote_query: { view: "summary" } });
    await step(NOW, own);
    expect((await step(NOW + 6 * MINUTE, own)).asked).toEqual(["historical 2026-10..2026-10"]);
  });
});
