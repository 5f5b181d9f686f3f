import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Account } from "../../src/accounts/account.ts";
import { readMetrics } from "../../src/engine/metrics.ts";
import { readRatios } from "../../src/engine/ratios.ts";
import { UsageGroups } from "../../src/engine/usage-groups.ts";
import type { Side } from "../../src/engine/usage-side.ts";
import { writeUsage } from "../../src/engine/write-usage.ts";
import { decimal, ZERO } from "../../src/usage/money.ts";
import type { Usage } from "../../src/usage/row.ts";
import { exactSum, exactUnits } from "../usage/exact-sum.ts";

const ACCOUNT: Account = {
  id: "cursor",
  provider: "cursor",
  name: "Cursor",
  credentials: {},
  settings: {},
};

const BY = ["model", "user", "product", "day"] as const;
const METRICS = ["tokens.input", "tokens.cache_read", "requests.total", "quantity", "users"];

const row: fc.Arbitrary<Usage> = fc
  .record({
    model: fc.option(fc.constantFrom("gpt-5", "opus")),
    email: fc.option(fc.constantFrom("Ada@x.example", "ada@X.example", "bo@x.example")),
    service: fc.boolean(),
    product: fc.option(fc.constantFrom("chat", "code")),
    day: fc.constantFrom("2026-10-01", "2026-10-31"),
    input: fc.option(fc.nat(1_000_000)),
    cached: fc.option(fc.nat(1_000_000)),
    requests: fc.option(fc.nat(20)),
    quantity: fc.option(fc.nat(1_000_000)),
    unit: fc.constantFrom("GB", "hour", "seat"),
  })
  .map(({ model, email, service, product, day, input, cached, requests, quantity, unit }) => ({
    id: "row",
    start_date: `${day}T00:00:00Z`,
    ...(model ? { model: { id: model } } : {}),
    ...(product ? { product: { id: product } } : {}),
    ...(email ? { user: { email, ...(service ? { id: "sa_1" } : {}) } } : {}),
    usage: {
      tokens: { ...(input === null ? {} : { input }), ...(cached === null ? {} : { cache_read: cached }) },
      ...(requests === null ? {} : { requests: { total: requests } }),
      // Thousandths, as vendors send them.
      ...(quantity === null ? {} : { quantity: quantity / 1000 }),
    },
    unit,
  }));

function sideOf(rows: readonly Usage[], by: readonly (typeof BY)[number][]): Side {
  const sums = new UsageGroups(by, readMetrics(METRICS, by));
  for (const one of rows) sums.add(one, ACCOUNT);
  return { groups: sums.groups, costs: new Map() };
}

function write(own: Side, groupBy: readonly (typeof BY)[number][], limit = 1000) {
  const request = { groupBy, limit };
  return writeUsage({ own, metrics: readMetrics(METRICS, groupBy), ratios: readRatios(["cache_hit_share"]), request });
}

/** What a metric comes to over rows, without the code under test. */
function byHand(rows: readonly Usage[], metric: string): bigint | undefined {
  const values = rows.flatMap(({ usage, unit }) => {
    if (metric.startsWith("quantity:")) return unit === metric.slice("quantity:".length) ? (usage?.quantity ?? []) : [];
    const at: Record<string, number | undefined> = {
      "tokens.input": usage?.tokens?.input,
      "tokens.cache_read": usage?.tokens?.cache_read,
      "requests.total": usage?.requests?.total,
    };
    return at[metric] ?? [];
  });
  return values.length === 0 ? undefined : exactSum(values);
}

describe("sums of use over any rows, by any dimensions", () => {
  it("are the same in the totals, in groups and other, and over the rows", () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 40 }),
        fc.subarray([...BY]),
        fc.integer({ min: 1, max: 5 }),
        (rows, by, limit) => {
          const { totals, groups, other } = write(sideOf(rows, by), by, limit);
          for (const metric of [
            "tokens.input",
            "tokens.cache_read",
            "requests.total",
            "quantity:GB",
            "quantity:hour",
          ]) {
            const expected = byHand(rows, metric);
            const total = totals.values[metric];
            expect(total === undefined ? undefined : exactUnits(total)).toBe(expected);
            const parts = [...groups, ...(other ? [other] : [])].flatMap(({ values }) => values[metric] ?? []);
            expect(exactSum(parts)).toBe(expected ?? 0n);
          }
          expect(totals.values["quantity:seat"]).toBeUndefined();
          expect(groups.length).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("count every person once, whatever the case of the e-mail, and no service account", () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 30 }),
        fc.subarray([...BY]),
        fc.integer({ min: 1, max: 3 }),
        (rows, by, limit) => {
          const people = new Set(
            rows.flatMap(({ user }) => (user?.email && user.id === undefined ? [user.email.toLowerCase()] : [])),
          );
          expect(write(sideOf(rows, by), by, limit).totals.values["users"] ?? 0).toBe(people.size);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("have ratios with numerator and denominator, and no value where there is nothing to divide by", () => {
    const tokens = (input: number, cache_read: number): Usage => ({
      id: "r",
      usage: { tokens: { input, cache_read } },
    });
    expect(write(sideOf([tokens(25, 75)], []), []).totals.ratios).toEqual({
      cache_hit_share: { value: 0.75, numerator: 75, denominator: 100 },
    });
    expect(write(sideOf([tokens(0, 0)], []), []).totals.ratios).toEqual({
      cache_hit_share: { numerator: 0, denominator: 0 },
    });
    expect(write(sideOf([], []), []).totals.ratios).toEqual({});
  });

  it("keep money of several currencies apart in a ratio", () => {
    const side = sideOf([{ id: "r", usage: { requests: { total: 4 } } }], []);
    const id = JSON.stringify([]);
    const money = new Map([
      ["USD", decimal("10") ?? ZERO],
      ["EUR", decimal("2") ?? ZERO],
    ]);
    side.costs.set("cost_per_request", new Map([[id, money]]));
    const ratios = readRatios(["cost_per_request"]);
    const { totals } = writeUsage({ own: side, metrics: [], ratios, request: { groupBy: [], limit: 10 } });
    expect(totals.ratios).toEqual({
      "cost_per_request:USD": { value: 2.5, numerator: 10, denominator: 4, currency: "USD" },
      "cost_per_request:EUR": { value: 0.5, numerator: 2, denominator: 4, currency: "EUR" },
    });
  });
});

describe("metrics that can't be added", () => {
  it.each([
    ["conversations.distinct", [], "can't be added over each day; add day to group_by"],
    ["tools.distinct_skills_used_count", ["day"], "can't be added over each user and product"],
    ["token.input", [], "Did you mean 'tokens.input'?"],
    ["activity.is_active", [], "there is no metric"],
  ])("%s by %j is refused with the reason", (metric, by, words) => {
    expect(() => readMetrics([metric], by as never)).toThrow(words);
  });

  it("is in no total, where groups may show it", () => {
    const sums = new UsageGroups(["day"], readMetrics(["conversations.distinct"], ["day"]));
    for (const day of ["2026-10-01", "2026-10-02"])
      sums.add({ id: day, start_date: `${day}T00:00:00Z`, usage: { conversations: { distinct: 3 } } }, ACCOUNT);
    const { totals, groups } = writeUsage({
      own: { groups: sums.groups, costs: new Map() },
      metrics: readMetrics(["conversations.distinct"], ["day"]),
      ratios: [],
      request: { groupBy: ["day"], limit: 10 },
    });
    expect(totals.values).toEqual({});
    expect(groups.map(({ values }) => values)).toEqual([
      { "conversations.distinct": 3 },
      { "conversations.distinct": 3 },
    ]);
  });
});
