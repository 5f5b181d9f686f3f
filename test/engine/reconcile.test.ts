import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CostSummary, WrittenGroup } from "../../src/engine/write-cost.ts";
import { COST_DIMENSIONS } from "../../src/providers/provider.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import {
  CONFLUENT_ACCOUNT,
  call,
  confluentAnswers,
  engineOf,
  guardTheEdge,
  json,
  NOW,
  type Reply,
  serve,
} from "../providers/edge.ts";
import { exactUnits } from "../usage/exact-sum.ts";
import { billing, daysFrom, fromMicro, type Line, nextDay } from "./confluent-lines.ts";

guardTheEdge();

const OTHER_HOST = "https://gateway.example";
const SECOND = { ...CONFLUENT_ACCOUNT, id: "second", base_url: OTHER_HOST };

/** A JSON number as whole millionths; throws when it has finer digits than any line. */
function micro(value: number): bigint {
  const units = exactUnits(value);
  const scale = 10n ** 18n;
  if (units % scale !== 0n) throw new Error(`${value} has more than six decimals`);
  return units / scale;
}

interface Money {
  net: bigint;
  gross: bigint;
}

/**
 * What a line comes to, from the vendor's contract: net is `amount`, or where it is not sent gross less discount; gross
 * is `original_amount`, or net where it is not sent; a promotional credit lowers the invoice and has no gross.
 */
function worth(line: Line): Money {
  const [original, discount] = [line.original_amount, micro(line.discount_amount ?? 0)];
  const net = line.amount === undefined ? micro(original ?? 0) - discount : micro(line.amount);
  if (line.line_type === "PROMO_CREDIT") return { net, gross: 0n };
  return { net, gross: original === undefined ? net : micro(original) };
}

function sum(values: Iterable<Money>): Money {
  const total = { net: 0n, gross: 0n };
  for (const { net, gross } of values) {
    total.net += net;
    total.gross += gross;
  }
  return total;
}

function written({ net, gross }: { net: number; gross: number }): Money {
  return { net: micro(net), gross: micro(gross) };
}

const OCTOBER = daysFrom("2026-10-01", 31);
const SEPTEMBER = daysFrom("2026-09-01", 30);

/** Up to 9,999.999999 in millionths: the sum of a hundred lines stays far below 2^53 of them. */
const size = fc.oneof(fc.integer({ min: 0, max: 9_999_999_999 }), fc.integer({ min: 0, max: 3 }));

const charge = fc.record({
  kind: fc.constantFrom(
    ["KAFKA", "KAFKA_STORAGE"],
    ["KAFKA", "KAFKA_NUM_CKU"],
    ["FLINK", "FLINK_NUM_CFUS"],
    [undefined, "CONNECT_CAPACITY"],
    [undefined, "SOMETHING_NEW"],
    ["SUPPORT_CLOUD_BASIC", "SUPPORT"],
    [undefined, "PROMO_CREDIT"],
  ),
  gross: size,
  discount: fc.option(size),
  sent: fc.constantFrom("all", "no amount", "amount only", "amount of its own"),
  own: size,
  resource: fc.option(fc.constantFrom("lkc-1", "lkc-2", "lfcp-1")),
  environment: fc.option(fc.constantFrom("env-1", "env-2")),
});

type Charge = typeof charge extends fc.Arbitrary<infer T> ? T : never;

function lineOf(at: string, index: number, given: Charge): Line {
  const { kind, gross, sent, own, resource, environment } = given;
  const [product, line_type = "SOMETHING_NEW"] = kind;
  const credit = line_type === "PROMO_CREDIT";
  const discount = given.discount === null ? 0 : Math.min(given.discount, gross);
  const net = credit ? -gross : sent === "amount of its own" ? own : gross - discount;
  return {
    id: `line-${index}`,
    start_date: at,
    end_date: nextDay(at),
    granularity: "DAILY",
    line_type,
    ...(product === undefined ? {} : { product }),
    ...(credit || sent !== "no amount" ? { amount: fromMicro(net) } : {}),
    ...(credit
      ? { original_amount: fromMicro(net) }
      : sent === "amount only"
        ? {}
        : { original_amount: fromMicro(gross) }),
    ...(credit || sent === "amount only" || given.discount === null ? {} : { discount_amount: fromMicro(discount) }),
    resource: {
      ...(resource === null ? {} : { id: resource }),
      ...(environment === null ? {} : { environment: { id: environment } }),
    },
  };
}

const linesOf = (days: readonly string[], most = 40) =>
  fc
    .array(fc.tuple(fc.constantFrom(...days), charge), { maxLength: most })
    .map((found) => found.map(([at, given], index) => lineOf(at, index, given)));

const dimensions = fc.subarray([...COST_DIMENSIONS]);

/** The group of a line by the dimensions that can be told by hand. */
const BY_HAND: Record<string, (line: Line) => string | undefined> = {
  provider: () => "confluent",
  account: () => "confluent",
  product: ({ product, line_type }) => product ?? (line_type.startsWith("CONNECT") ? "CONNECT" : undefined),
  resource: ({ resource }) => resource?.id,
  workspace: ({ resource }) => resource?.environment?.id,
  metric_name: ({ line_type }) => line_type,
  user: () => undefined,
  day: ({ start_date }) => start_date,
  month: ({ start_date }) => start_date.slice(0, 7),
};

function byHand(lines: readonly Line[], by: readonly string[]): Map<string, Money> {
  const groups = new Map<string, Money>();
  for (const line of lines) {
    const key = keyText(Object.fromEntries(by.map((name) => [name, BY_HAND[name]?.(line) ?? "unattributed"])));
    groups.set(key, sum([groups.get(key) ?? { net: 0n, gross: 0n }, worth(line)]));
  }
  return groups;
}

function keyText(key: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function groupsOf(groups: readonly WrittenGroup[]): Map<string, Money> {
  return new Map(groups.map((group) => [keyText(group.key), written(group)]));
}

const FIRST = { integrated_account_ids: ["confluent"] };

function asker(accounts: readonly unknown[], now = NOW) {
  const engine = engineOf(accounts, { now });
  return async (args: Record<string, unknown>): Promise<CostSummary> => {
    const answer: Record<string, unknown> = await getCostSummary.run(engine, args, call());
    return JSON.parse(JSON.stringify(answer));
  };
}

describe("a cost summary over any lines", () => {
  it("has groups and other that add up to the totals, which are the sum of the lines, whatever is asked", async () => {
    let lines: Line[] = [];
    confluentAnswers(billing(() => lines, 11));
    const ask = asker([CONFLUENT_ACCOUNT]);
    await fc.assert(
      fc.asyncProperty(
        linesOf(OCTOBER),
        dimensions,
        fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(1000)),
        async (found, group_by, limit) => {
          lines = found;
          const { groups, other, totals, accounts } = await ask({ period: "2026-10", group_by, limit });
          const expected = sum(lines.map(worth));
          expect(totals).toHaveLength(lines.length === 0 ? 0 : 1);
          expect(sum(totals.map(written))).toEqual(expected);
          expect(sum([...groups, ...(other ?? [])].map(written))).toEqual(expected);
          expect(groups.length).toBeLessThanOrEqual(limit);
          expect(new Set(groups.map(({ key }) => keyText(key))).size).toBe(groups.length);
          for (const { key } of groups) {
            expect(Object.keys(key)).toEqual(group_by.length > 0 ? group_by : ["provider"]);
          }
          const [account] = accounts;
          expect(account?.status).toBe("ok");
          if (lines.length > 0) expect(written({ net: 0, gross: 0, ...account })).toEqual(expected);
          if (!group_by.includes("charge_type")) {
            const rows = [...groups, ...(other ?? [])].reduce((all, group) => all + group.rows, 0);
            expect(rows).toBe(lines.length);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("has in every group the sum of its lines", async () => {
    let lines: Line[] = [];
    confluentAnswers(billing(() => lines));
    const ask = asker([CONFLUENT_ACCOUNT]);
    await fc.assert(
      fc.asyncProperty(
        linesOf([...SEPTEMBER, ...OCTOBER]),
        fc.subarray(Object.keys(BY_HAND), { minLength: 1 }),
        async (found, group_by) => {
          lines = found;
          const range = { start_date: "2026-09-01", end_date: "2026-11-01" };
          const { groups } = await ask({ ...range, group_by, limit: 1000 });
          expect(groupsOf(groups.filter(({ rows }) => rows > 0))).toEqual(byHand(lines, group_by));
          expect(groups.filter(({ rows, net, gross }) => rows === 0 && (net !== 0 || gross !== 0))).toEqual([]);
          if (group_by.join() === "day" && lines.length > 0)
            expect(groups.map(({ key }) => key["day"])).toEqual([...SEPTEMBER, ...OCTOBER]);
        },
      ),
      { numRuns: 80 },
    );
  });

  it("has the same totals for a quarter as its months have together, and for any cut of a month", async () => {
    let lines: Line[] = [];
    confluentAnswers(billing(() => lines));
    const ask = asker([CONFLUENT_ACCOUNT]);
    await fc.assert(
      fc.asyncProperty(
        linesOf([...SEPTEMBER, ...OCTOBER]),
        fc.constantFrom(...SEPTEMBER, ...OCTOBER),
        async (found, cut) => {
          lines = found;
          const range = { start_date: "2026-09-01", end_date: "2026-11-01" };
          const total = async (args: Record<string, unknown>) => sum((await ask(args)).totals.map(written));
          const whole = await total(range);
          const next = nextDay(cut);
          const parts = [
            await total({ ...range, end_date: next }),
            ...(next === "2026-11-01" ? [] : [await total({ ...range, start_date: next })]),
          ];
          expect(sum(parts)).toEqual(whole);
          expect(whole).toEqual(sum(lines.map(worth)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("has by product the sum of the lines of that product only, when it is filtered", async () => {
    let lines: Line[] = [];
    confluentAnswers(billing(() => lines));
    const ask = asker([CONFLUENT_ACCOUNT]);
    await fc.assert(
      fc.asyncProperty(linesOf(OCTOBER), dimensions, async (found, group_by) => {
        lines = found;
        const { groups, totals } = await ask({
          period: "2026-10",
          group_by,
          product_ids: ["kafka", "Flink"],
          limit: 1000,
        });
        const expected = sum(lines.filter(({ product }) => product === "KAFKA" || product === "FLINK").map(worth));
        expect(sum(totals.map(written))).toEqual(expected);
        expect(sum(groups.map(written))).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it("adds several accounts up, each with its own sum", async () => {
    let lines: Line[][] = [[], []];
    confluentAnswers(billing(() => lines[0] ?? []));
    serve(
      OTHER_HOST,
      "/billing/v1/costs",
      billing(() => lines[1] ?? []),
    );
    const ask = asker([CONFLUENT_ACCOUNT, SECOND]);
    await fc.assert(
      fc.asyncProperty(linesOf(OCTOBER, 20), linesOf(OCTOBER, 20), dimensions, async (one, two, group_by) => {
        lines = [one, two];
        const { groups, totals, accounts } = await ask({ period: "2026-10", group_by, limit: 1000 });
        const expected = sum([...one, ...two].map(worth));
        expect(sum(totals.map(written))).toEqual(expected);
        expect(sum(groups.map(written))).toEqual(expected);
        expect(accounts.map(({ net = 0, gross = 0 }) => written({ net, gross }))).toEqual([
          sum(one.map(worth)),
          sum(two.map(worth)),
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it("is exact where doubles are not", async () => {
    const lines = Array.from(
      { length: 300 },
      (_, index): Line => ({
        id: `l${index}`,
        start_date: "2026-10-05",
        end_date: "2026-10-06",
        granularity: "DAILY",
        product: "KAFKA",
        line_type: "KAFKA_STORAGE",
        amount: 0.1,
        original_amount: 3621671.999987,
        discount_amount: 3621671.899987,
      }),
    );
    confluentAnswers(() => json({ data: lines, metadata: {} }));
    const { totals } = await asker([CONFLUENT_ACCOUNT])({ period: "2026-10" });
    expect(totals).toMatchObject([{ currency: "USD", net: 30, gross: 1086501599.9961, discount: 1086501569.9961 }]);
  });

  it("tells the parts of the bill apart by charge type", async () => {
    const base = { start_date: "2026-10-05", end_date: "2026-10-06", granularity: "DAILY" } as const;
    const lines: Line[] = [
      {
        ...base,
        id: "a",
        line_type: "KAFKA_STORAGE",
        product: "KAFKA",
        amount: 7.5,
        original_amount: 10,
        discount_amount: 2.5,
      },
      { ...base, id: "b", line_type: "PROMO_CREDIT", amount: -3, original_amount: -3 },
      { ...base, id: "c", line_type: "SUPPORT", product: "SUPPORT_CLOUD_BASIC", amount: 4, original_amount: 4 },
    ];
    confluentAnswers(() => json({ data: lines, metadata: {} }));
    const { groups, totals } = await asker([CONFLUENT_ACCOUNT])({ period: "2026-10", group_by: ["charge_type"] });
    const found = Object.fromEntries(groups.map(({ key, net, gross }) => [key["charge_type"], [net, gross]]));
    expect(found).toEqual({ discount: [-2.5, 0], credit: [-3, 0], platform_fee: [4, 4], unattributed: [10, 10] });
    expect(totals).toMatchObject([{ net: 8.5, gross: 14, discount: 2.5, credit: -3, platform_fee: 4 }]);
  });
});

describe("a comparison", () => {
  it("has previous and change that add up to now in every group, those that vanished or are new too", async () => {
    let lines: Line[] = [];
    confluentAnswers(billing(() => lines));
    const ask = asker([CONFLUENT_ACCOUNT]);
    const by = fc.subarray(["product", "resource", "workspace", "metric_name"], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(linesOf(SEPTEMBER, 15), linesOf(OCTOBER, 15), by, async (before, after, group_by) => {
        lines = [...before, ...after];
        const answer = await ask({ period: "2026-10", compare_to: "previous_period", group_by, limit: 1000 });
        expect(answer.compared_period).toEqual({
          start_date: "2026-09-01T00:00:00Z",
          end_date: "2026-10-01T00:00:00Z",
        });
        const [now, then] = [byHand(after, group_by), byHand(before, group_by)];
        expect(answer.groups).toHaveLength(new Set([...now.keys(), ...then.keys()]).size);
        for (const group of answer.groups) {
          const key = keyText(group.key);
          const none = { net: 0n, gross: 0n };
          expect(written(group)).toEqual(now.get(key) ?? none);
          expect(written(group.previous ?? { net: Number.NaN, gross: Number.NaN })).toEqual(then.get(key) ?? none);
          expect(micro(group.previous?.net ?? 0) + micro(group.change?.net ?? 0)).toBe(micro(group.net));
        }
        expect(sum(answer.totals.map(written))).toEqual(sum(after.map(worth)));
        expect(sum(answer.groups.map(({ previous }) => written(previous ?? { net: 0, gross: 0 })))).toEqual(
          sum(before.map(worth)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("keeps totals and the order by change under any limit", async () => {
    let lines: Line[] = [];
    confluentAnswers(billing(() => lines));
    const ask = asker([CONFLUENT_ACCOUNT]);
    await fc.assert(
      fc.asyncProperty(
        linesOf(SEPTEMBER, 15),
        linesOf(OCTOBER, 15),
        fc.integer({ min: 1, max: 6 }),
        async (before, after, limit) => {
          lines = [...before, ...after];
          const query = {
            period: "2026-10",
            compare_to: "previous_period",
            group_by: ["metric_name", "resource"],
            sort_by: "change",
          };
          const whole = await ask({ ...query, limit: 1000 });
          const cut = await ask({ ...query, limit });
          expect(cut.groups).toEqual(whole.groups.slice(0, limit));
          const changes = whole.groups.map(({ change }) => change?.net ?? 0);
          expect(changes).toEqual([...changes].sort((a, b) => b - a));
          expect(sum([...cut.groups, ...(cut.other ?? [])].map(written))).toEqual(sum(after.map(worth)));
          const earlier = [...cut.groups, ...(cut.other ?? [])].map(({ previous }) => previous ?? { net: 0, gross: 0 });
          expect(sum(earlier.map(written))).toEqual(sum(before.map(worth)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("has the compared period's sum in the totals, though nothing is left of it", async () => {
    const gone: Line = {
      id: "a",
      start_date: "2026-09-05",
      end_date: "2026-09-06",
      granularity: "DAILY",
      line_type: "KAFKA_STORAGE",
      amount: 4,
    };
    confluentAnswers(billing(() => [gone]));
    const { totals, groups } = await asker([CONFLUENT_ACCOUNT])({ period: "2026-10", compare_to: "previous_period" });
    expect(groups).toMatchObject([{ net: 0, previous: { net: 4 }, change: { net: -4, percent: -100 } }]);
    expect(totals).toMatchObject([
      { currency: "USD", net: 0, previous: { net: 4 }, change: { net: -4, percent: -100 } },
    ]);
  });

  it("says by how many percent, and nothing where there was nothing before", async () => {
    const base = { granularity: "DAILY", line_type: "KAFKA_STORAGE" } as const;
    const [october, september] = [
      { start_date: "2026-10-05", end_date: "2026-10-06" },
      { start_date: "2026-09-05", end_date: "2026-09-06" },
    ];
    const lines: Line[] = [
      { ...base, ...september, id: "a", product: "GONE", amount: 4 },
      { ...base, ...september, id: "b", product: "KAFKA", amount: 8 },
      { ...base, ...october, id: "c", product: "KAFKA", amount: 10 },
      { ...base, ...october, id: "d", product: "NEW", amount: 1 },
    ];
    confluentAnswers(billing(() => lines));
    const ask = asker([CONFLUENT_ACCOUNT]);
    const { groups } = await ask({ period: "2026-10", compare_to: "previous_period", group_by: ["product"] });
    const found = groups.map(({ key, net, previous, change }) => [key["product"], net, previous?.net, change]);
    expect(found).toEqual([
      ["KAFKA", 10, 8, { net: 2, percent: 25 }],
      ["NEW", 1, 0, { net: 1 }],
      ["GONE", 0, 4, { net: -4, percent: -100 }],
    ]);
  });
});

describe("an account that fails", () => {
  const lines: Line[] = [
    ...["2026-09-03", "2026-10-03"].map(
      (at, index): Line => ({
        id: `s${index}`,
        start_date: at,
        end_date: nextDay(at),
        granularity: "DAILY",
        product: "KAFKA",
        line_type: "KAFKA_STORAGE",
        amount: 12.345678 + index,
        original_amount: 20,
        discount_amount: 7.654322 - index,
      }),
    ),
  ];
  const healthy: Reply = billing(() => lines);
  const failsIn =
    (month: string): Reply =>
    (url, request) =>
      url.searchParams.get("start_date")?.startsWith(month) ? json({}, 403) : healthy(url, request);
  const october = { period: "2026-10", group_by: ["product"] };

  const DOWN: [string, Reply][] = [
    ["answers 500 after every retry", () => json({ message: "boom" }, 500)],
    ["answers 503", () => json({}, 503, { "retry-after": "0" })],
    ["answers 403", () => json({ errors: [{ status: "403", detail: "forbidden" }] }, 403)],
    ["answers 401", () => json({}, 401)],
    ["answers another shape", () => json({ data: [{ ...lines[1], amount: "many" }] })],
    ["answers a list where an object is due", () => json([])],
    [
      "breaks off after its first page",
      (url) =>
        url.searchParams.has("page_token")
          ? json({}, 403)
          : json({ data: [lines[1]], metadata: { next: "https://api.confluent.cloud/x?page_token=2" } }),
    ],
  ];

  it.each(DOWN)("and %s leaves the other's numbers as they are", async (_what, down) => {
    confluentAnswers(healthy);
    serve(OTHER_HOST, "/billing/v1/costs", down);
    const ask = asker([CONFLUENT_ACCOUNT, SECOND]);
    const [alone, both] = await Promise.all([ask({ ...october, ...FIRST }), ask(october)]);
    expect(both.totals).toEqual(alone.totals);
    expect(both.groups).toEqual(alone.groups);
    expect(both.accounts[0]).toEqual(alone.accounts[0]);
    expect(both.accounts[1]).toMatchObject({ integrated_account_id: "second", status: "error" });
    expect(both.accounts[1]?.error).toMatch(/second|Confluent/);
    expect(both.accounts[1]).not.toHaveProperty("net");
    expect([alone.is_partial_response, both.is_partial_response]).toEqual([false, true]);
    expect(both.warnings.join(" ")).toContain("second");
  });

  it("in its second month is not counted with its first", async () => {
    confluentAnswers(healthy);
    serve(OTHER_HOST, "/billing/v1/costs", failsIn("2026-10"));
    const ask = asker([CONFLUENT_ACCOUNT, SECOND]);
    const range = { start_date: "2026-09-01", end_date: "2026-11-01", group_by: ["account", "month"] };
    const [alone, both] = [await ask({ ...range, ...FIRST }), await ask(range)];
    expect(both.totals).toEqual(alone.totals);
    expect(both.groups).toEqual(alone.groups);
    expect(both.accounts[1]).not.toHaveProperty("net");
  });

  it("once and answers then is counted once", async () => {
    let calls = 0;
    confluentAnswers((url, request) => {
      calls++;
      return calls === 1 ? json({}, 429, { "retry-after": "0" }) : healthy(url, request);
    });
    const { totals, is_partial_response } = await asker([CONFLUENT_ACCOUNT])(october);
    expect(totals).toMatchObject([{ net: 13.345678, gross: 20 }]);
    expect([calls, is_partial_response]).toEqual([2, false]);
  });

  const compared = { ...october, compare_to: "previous_period" };

  it("in this period only does not spoil what the others changed by", async () => {
    confluentAnswers(healthy);
    serve(OTHER_HOST, "/billing/v1/costs", failsIn("2026-10"));
    const ask = asker([CONFLUENT_ACCOUNT, SECOND]);
    const [alone, both] = [await ask({ ...compared, ...FIRST }), await ask(compared)];
    expect(both.is_partial_response).toBe(true);
    expect(both.groups).toEqual(alone.groups);
  });

  it("in the compared period only is named, since changes would be overstated", async () => {
    confluentAnswers(healthy);
    serve(OTHER_HOST, "/billing/v1/costs", failsIn("2026-09"));
    const both = await asker([CONFLUENT_ACCOUNT, SECOND])(compared);
    expect(both.is_partial_response).toBe(true);
    expect(both.warnings.join(" ")).toMatch(/second: the compared period could not be read/);
    expect(both.totals).toMatchObject([{ net: 26.691356 }]);
  });

  it("when all fail leaves no number at all", async () => {
    confluentAnswers(() => json({}, 403));
    const answer = await asker([CONFLUENT_ACCOUNT])(october);
    expect(answer).toMatchObject({ totals: [], groups: [], is_partial_response: true });
    expect(answer.hint).toContain("could be read");
  });
});
