import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { readConfig } from "../../src/accounts/config.ts";
import { USUAL_CACHE } from "../../src/cache/config.ts";
import { Engine } from "../../src/engine/engine.ts";
import { SILENT } from "../../src/log.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { call, cursorCodec, edge, guardTheEdge, list, NOW } from "../providers/edge.ts";
import { numeral } from "../usage/exact-sum.ts";
import { checkAnswer } from "./answers.ts";
import { amounts } from "./digits.ts";
import { FACT_VENDORS, type Fact, type FactVendor, type Money } from "./vendor-facts.ts";

guardTheEdge();

/** Of each vendor. */
const CASES = 25;
const PATIENCE = 120_000;

/** Around the ends of months, of the vendors' windows of 30 and 31 days, and anywhere between. */
const DAYS = [
  "2026-09-01",
  "2026-09-30",
  "2026-10-01",
  "2026-10-02",
  "2026-10-15",
  "2026-10-31",
  "2026-11-01",
  "2026-11-20",
];

const factOf = ({ ones, others }: FactVendor): fc.Arbitrary<Fact> =>
  fc.record({
    day: fc.constantFrom(...DAYS),
    one: fc.constantFrom(...ones),
    other: fc.constantFrom(...others),
    net: amounts,
    gross: amounts,
    form: fc.nat(2),
  });

const caseOf = (vendor: FactVendor) =>
  fc.record({
    facts: fc.array(factOf(vendor), { maxLength: 60, size: "max" }),
    /** The vendor's own pages, and ours. */
    size: fc.integer({ min: 1, max: 40 }),
    limit: fc.oneof(fc.integer({ min: 3, max: 12 }), fc.constant(10_000)),
    by: fc.subarray([...Object.keys(vendor.dimensions), ...vendor.times]),
    cached: fc.boolean(),
  });

const charge = z.object({ type: z.string(), amount: z.number(), currency: z.literal("USD") });
const rowsShape = z.array(z.looseObject({ id: z.string(), charges: z.array(charge) }));
const summaryShape = z.looseObject({
  totals: z.array(z.looseObject({ currency: z.literal("USD"), net: z.number(), gross: z.number() })),
  groups: z.array(z.looseObject({ net: z.number(), gross: z.number(), rows: z.number() })),
});

type Row = z.infer<typeof rowsShape>[number];

function engineOver(vendor: FactVendor, cached: boolean): Engine {
  return new Engine({
    accounts: readConfig({ accounts: [vendor.account] }, "test", {}),
    cursors: cursorCodec(),
    clock: () => NOW,
    log: SILENT,
    cache: cached ? USUAL_CACHE : { ...USUAL_CACHE, memoryMb: 0, openSeconds: 0 },
    pace: { second: 0.1 },
  });
}

async function walk(engine: Engine, query: Parameters<typeof list>[1]): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const answer = await list(engine, { ...query, ...(cursor ? { cursor } : {}) });
    checkAnswer("list_usage", answer);
    rows.push(...rowsShape.parse(answer.result));
    cursor = answer.next_cursor;
  }
  return rows;
}

/** Net and gross as the README has them. */
function moneyOf({ charges }: Row): [net: number, gross: number] {
  const amount = (wanted: string) => charges.find(({ type }) => type === wanted)?.amount;
  const net = amount("net") ?? amount("total") ?? Number.NaN;
  return [net, amount("total") ?? net];
}

/** Of a vendor's own row: one that is nothing but a credit has no gross, though its vendor repeats it as a total. */
function moneyOfOne(row: Row): [net: number, gross: number] {
  const [net, gross] = moneyOf(row);
  return [net, row.charges.some(({ type }) => type === "credit") ? 0 : gross];
}

/** Independent of the code under test: whole numbers of 10^-24, rounded once to the nearest double. */
function expected(facts: readonly Fact[], { worth }: FactVendor, by: (fact: Fact) => string): string[] {
  const sums = new Map<string, Money>();
  for (const fact of facts) {
    const [known = { net: 0n, gross: 0n }, own] = [sums.get(by(fact)), worth(fact)];
    sums.set(by(fact), { net: known.net + own.net, gross: known.gross + own.gross });
  }
  return sorted([...sums.values()].map(({ net, gross }) => [Number(numeral(net)), Number(numeral(gross))]));
}

function sorted(money: readonly (readonly [number, number])[]): string[] {
  return money.map(([net, gross]) => `net ${net} gross ${gross}`).sort();
}

describe("whatever amounts a vendor sends, however they are cut into pages and asked for", () => {
  it.each(Object.entries(FACT_VENDORS))(
    "%s: rows, groups and totals are the exact sums, nothing lost and nothing doubled",
    async (_, vendor) => {
      const holds = fc.asyncProperty(caseOf(vendor), async ({ facts, size, limit, by, cached }) => {
        edge.resetHandlers();
        vendor.serve(facts, size);
        const engine = engineOver(vendor, cached);
        const { query, bucket, rowOf, dimensions } = vendor;
        const rows = await walk(engine, { ...query, limit });
        const apart = rowOf ?? ((fact: Fact) => String(facts.indexOf(fact)));
        expect(sorted(rows.map(moneyOfOne)), "rows").toEqual(expected(facts, vendor, apart));
        expect(new Set(rows.map(({ id }) => id)).size, "ids").toBe(rows.length);
        expect(await walk(engine, { ...query, limit }), "asked again").toEqual(rows);
        const keyOf = (fact: Fact) => by.map((name) => dimensions[name]?.(fact) ?? timeOf(fact, name)).join("|");
        if (by.length > 0) {
          const bucketOf = by.includes("month") && !by.includes("day") ? monthOf : bucket;
          const groups = await walk(engine, { ...query, group_by: by, limit });
          const what = (fact: Fact) => `${bucketOf(fact)}|${keyOf(fact)}`;
          expect(sorted(groups.map(moneyOf)), `rows by ${by}`).toEqual(expected(facts, vendor, what));
        }
        const period = { start_date: "2026-09-01", end_date: "2026-11-22" };
        const answer = await getCostSummary.run(engine, { ...period, group_by: by, limit: 1000 }, call());
        checkAnswer("get_cost_summary", answer);
        const { totals, groups } = summaryShape.parse(answer);
        const total = facts.length === 0 ? [] : expected(facts, vendor, () => "all");
        expect(sorted(totals.map(({ net, gross }) => [net, gross])), "total").toEqual(total);
        if (by.length > 0)
          // What only fills a series, a day without anything, is no fact.
          expect(
            sorted(groups.filter(({ rows: own }) => own > 0).map(({ net, gross }) => [net, gross])),
            `groups by ${by}`,
          ).toEqual(expected(facts, vendor, keyOf));
        await engine.close();
      });
      await fc.assert(holds, { numRuns: CASES });
    },
    PATIENCE,
  );
});

function timeOf(fact: Fact, name: string): string {
  return name === "month" ? monthOf(fact) : fact.day;
}

function monthOf({ day }: Fact): string {
  return day.slice(0, 7);
}
