import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import type { ListAnswer } from "../../src/engine/list-answer.ts";
import type { Query } from "../../src/usage/query.ts";
import {
  CONFLUENT_ACCOUNT,
  confluentAnswers,
  confluentEngine,
  cursorCodec,
  engineOf,
  failure,
  guardTheEdge,
  type Item,
  idsOf,
  list,
  NOW,
  rowsOf,
} from "../providers/edge.ts";
import { exactSum, exactUnits } from "../usage/exact-sum.ts";
import { billing, type Line, threeMonths } from "./confluent-lines.ts";

guardTheEdge();

const RANGE: Query = { start_date: "2026-09-01", end_date: "2026-12-01" };

/** What the vendor holds; a test may change it between two pages. */
let lines: Line[] = [];
let asked: string[] = [];
beforeEach(() => {
  lines = threeMonths();
  asked = confluentAnswers(billing(() => lines, 20));
});

/** All pages of a listing, through its cursors. */
async function pagesOf(engine: Engine, query: Query, options: { budget?: number } = {}): Promise<ListAnswer[]> {
  const answers: ListAnswer[] = [];
  let cursor: string | null | undefined;
  do {
    const answer = await list(engine, cursor ? { ...query, cursor } : query, options);
    answers.push(answer);
    cursor = answer.next_cursor;
    if (answers.length > 500) throw new Error("the paging does not end");
  } while (cursor);
  return answers;
}

function charge(row: Item, type: string): number | undefined {
  const charges: Item[] = Array.isArray(row["charges"]) ? row["charges"] : [];
  const amount = charges.find((found) => found["type"] === type)?.["amount"];
  return typeof amount === "number" ? amount : undefined;
}

const LISTINGS: [string, Query, (lines: Line[]) => number][] = [
  ["plain", {}, (all) => all.length],
  [
    "filtered by product",
    { product_ids: ["KAFKA", "flink"] },
    (all) => all.filter(({ product }) => product !== "CONNECT").length,
  ],
  [
    "filtered by a product's name",
    { product_ids: ["connect"] },
    (all) => all.filter((l) => l.product === "CONNECT").length,
  ],
  ["sorted by net, falling", { sort_by: "net", sort_order: "desc" }, (all) => all.length],
  ["sorted by net, rising", { sort_by: "net", sort_order: "asc" }, (all) => all.length],
  [
    "grouped by product and month",
    { group_by: ["product", "month"] },
    (all) => new Set(all.map((line) => `${line.product} ${line.start_date.slice(0, 7)}`)).size,
  ],
  ["summed up", { report_type: "summary" }, () => 3],
  [
    "filtered, grouped and sorted at once",
    { product_ids: ["KAFKA"], group_by: ["resource"], sort_by: "gross" },
    (all) => new Set(all.filter((l) => l.product === "KAFKA").map((l) => `${l.start_date} ${l.resource?.id}`)).size,
  ],
];

describe.each(LISTINGS)("a listing that is %s", (_what, query, count) => {
  it.each([1, 2, 7])("has the same rows in the same order by pages of %d as at once", async (limit) => {
    const engine = confluentEngine();
    const whole = idsOf(await list(engine, { ...RANGE, ...query, limit: 10_000 }));
    const answers = await pagesOf(engine, { ...RANGE, ...query, limit });
    expect(whole).toHaveLength(count(lines));
    expect(new Set(whole).size).toBe(whole.length);
    expect(answers.flatMap(idsOf)).toEqual(whole);
    for (const answer of answers) expect(answer.result_count).toBe(rowsOf(answer).length);
    for (const answer of answers.slice(0, -1)) expect(answer.result_count).toBe(limit);
    expect(answers.flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  it("has the same rows by page and page_size", async () => {
    const engine = confluentEngine();
    const whole = idsOf(await list(engine, { ...RANGE, ...query, limit: 10_000 }));
    const ids: unknown[] = [];
    for (let page = 1; page <= Math.ceil(whole.length / 40); page++) {
      ids.push(...idsOf(await list(engine, { ...RANGE, ...query, page, page_size: 40 })));
    }
    expect(ids).toEqual(whole);
  });

  it("has the same rows when a small budget ends its pages", async () => {
    const engine = confluentEngine();
    const whole = idsOf(await list(engine, { ...RANGE, ...query, limit: 10_000 }));
    const answers = await pagesOf(engine, { ...RANGE, ...query, limit: 10_000 }, { budget: 2000 });
    expect(answers.flatMap(idsOf)).toEqual(whole);
    for (const answer of answers) {
      expect(answer.result_count).toBeGreaterThan(0);
      if (answer.result_count > 1) expect(JSON.stringify(answer.result).length).toBeLessThanOrEqual(2001);
    }
  });
});

describe("a listing", () => {
  it("holds every line of the vendor, once", async () => {
    const ids = idsOf(await list(confluentEngine(), { ...RANGE, limit: 10_000 }));
    expect([...ids].sort()).toEqual(lines.map(({ id }) => id).sort());
  });

  it("sums groups by product and month to the vendor's digits", async () => {
    const sums = new Map<string, bigint>();
    for (const { product, start_date, amount = 0 } of lines) {
      const key = `${product} ${start_date.slice(0, 7)}-01T00:00:00Z`;
      sums.set(key, (sums.get(key) ?? 0n) + exactUnits(amount));
    }
    const rows = rowsOf(await list(confluentEngine(), { ...RANGE, group_by: ["product", "month"], limit: 10_000 }));
    const found = rows.map((row): [string, bigint] => [
      `${Object(row["product"]).id} ${row["start_date"]}`,
      exactUnits(charge(row, "net") ?? 0),
    ]);
    expect(new Map(found)).toEqual(sums);
  });

  it.each(["asc", "desc"] as const)("is in order of net, %s", async (sort_order) => {
    const rows = rowsOf(await list(confluentEngine(), { ...RANGE, sort_by: "net", sort_order, limit: 10_000 }));
    const nets = rows.map((row) => charge(row, "net") ?? Number.NaN);
    expect(nets).toEqual([...nets].sort((a, b) => (sort_order === "asc" ? a - b : b - a)));
    expect(exactSum(nets)).toBe(exactSum(lines.map(({ amount = 0 }) => amount)));
  });

  it("gives 100 rows without a limit, and says that there are more", async () => {
    const [first, second, ...more] = await pagesOf(confluentEngine(), RANGE);
    expect([first?.result_count, second?.result_count, more.length]).toEqual([100, 50, 0]);
  });

  it("gives at least one row, however small the budget", async () => {
    const answers = await pagesOf(confluentEngine(), { ...RANGE, product_ids: ["FLINK"] }, { budget: 1 });
    expect(answers.every(({ result_count }) => result_count === 1)).toBe(true);
    expect(answers).toHaveLength(lines.filter(({ product }) => product === "FLINK").length);
  });

  it("warns when its size ends a page that is asked for by number, since the next number passes rows over", async () => {
    const query: Query = { ...RANGE, page: 1, page_size: 40 };
    const answer = await list(confluentEngine(), query, { budget: 2000 });
    expect(answer.result_count).toBeLessThan(40);
    expect(answer.next_cursor).not.toBeNull();
    expect(answer.warnings.join(" ")).toMatch(/page/);
  });

  it("asks the vendor for the months that its page needs, not for others", async () => {
    await list(confluentEngine(), { ...RANGE, limit: 3 });
    expect(asked.map((call) => new URLSearchParams(call.split("?")[1]).get("start_date"))).not.toContain("2026-10-01");
  });

  it("is resumed on another instance that shares the key", async () => {
    const whole = idsOf(await list(confluentEngine(), { ...RANGE, limit: 10_000 }));
    const first = await list(confluentEngine(), { ...RANGE, limit: 60 });
    const rest = await list(confluentEngine(), { ...RANGE, limit: 10_000, cursor: first.next_cursor ?? "" });
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(whole);
  });

  it("can be resumed from the same cursor twice, and with another limit", async () => {
    const engine = confluentEngine();
    const { next_cursor } = await list(engine, { ...RANGE, limit: 33 });
    const query = { ...RANGE, cursor: next_cursor ?? "" };
    const [once, twice, longer] = [
      await list(engine, { ...query, limit: 20 }),
      await list(engine, { ...query, limit: 20 }),
      await list(engine, { ...query, limit: 50 }),
    ];
    expect(idsOf(twice)).toEqual(idsOf(once));
    expect(idsOf(longer).slice(0, 20)).toEqual(idsOf(once));
  });
});

describe("a cursor", () => {
  it.each<[string, Query]>([
    ["another start_date", { start_date: "2026-10-01" }],
    ["another end_date", { end_date: "2026-11-01" }],
    ["a filter", { product_ids: ["KAFKA"] }],
    ["an order", { sort_by: "net" }],
    ["a grouping", { group_by: ["product"] }],
    ["another report", { report_type: "summary" }],
    ["raw items", { truto_response_format: "raw" }],
    ["the vendor's own parameters", { remote_query: { page_size: 5 } }],
  ])("is refused with %s, and the vendor is not asked", async (_what, other) => {
    const engine = confluentEngine();
    const { next_cursor } = await list(engine, { ...RANGE, limit: 10 });
    const before = asked.length;
    const error = await failure(list(engine, { ...RANGE, ...other, cursor: next_cursor ?? "" }));
    expect(error).toMatchObject({ kind: "question", message: expect.stringMatching(/^cursor: .*another query/) });
    expect(asked).toHaveLength(before);
  });

  it("is refused for another account of the same vendor", async () => {
    const engine = engineOf([CONFLUENT_ACCOUNT, { ...CONFLUENT_ACCOUNT, id: "second" }]);
    const { next_cursor } = await list(engine, { ...RANGE, limit: 10, integrated_account_id: "confluent" });
    const query = { ...RANGE, cursor: next_cursor ?? "", integrated_account_id: "second" };
    expect(await failure(list(engine, query))).toMatchObject({ kind: "question", details: { parameter: "cursor" } });
  });

  it("goes on in the first page's month after the clock has moved to the next one", async () => {
    const [evening, morning] = [Date.UTC(2026, 9, 31, 23, 50), Date.UTC(2026, 10, 1, 0, 10)];
    const october = lines.filter(({ start_date }) => start_date.startsWith("2026-10")).map(({ id }) => id);
    const first = await list(confluentEngine(evening), { limit: 10 });
    const rest = await list(confluentEngine(morning), { limit: 10_000, cursor: first.next_cursor ?? "" });
    expect(rest.period).toEqual(first.period);
    expect(rest.period).toEqual({ start_date: "2026-10-01T00:00:00Z", end_date: "2026-11-01T00:00:00Z" });
    expect([...idsOf(first), ...idsOf(rest)].sort()).toEqual(october.sort());
  });

  it("still covers the same months at the last one's turn, and expires after a day", async () => {
    const first = await list(confluentEngine(), { ...RANGE, limit: 10 });
    const query = { ...RANGE, cursor: first.next_cursor ?? "" };
    expect((await list(confluentEngine(NOW + 86_400_000), query)).result_count).toBe(100);
    expect(await failure(list(confluentEngine(NOW + 86_400_001), query))).toMatchObject({
      kind: "question",
      message: expect.stringMatching(/^cursor: .*expired/),
    });
  });

  it("is refused by an instance with another key", async () => {
    const { next_cursor } = await list(confluentEngine(), { ...RANGE, limit: 10 });
    const stranger = engineOf([CONFLUENT_ACCOUNT], { cursors: cursorCodec("another key") });
    expect(await failure(list(stranger, { ...RANGE, cursor: next_cursor ?? "" }))).toMatchObject({ kind: "question" });
  });
});

describe("months without rows", () => {
  const only = (months: readonly string[]) =>
    threeMonths().filter(({ start_date }) => months.includes(start_date.slice(0, 7)));

  it.each([1, 2, 7])("between full ones never give an empty page with a cursor, by pages of %d", async (limit) => {
    lines = only(["2026-09", "2026-11"]);
    const answers = await pagesOf(confluentEngine(), { ...RANGE, limit });
    for (const { result_count, next_cursor } of answers) expect(result_count > 0 || next_cursor === null).toBe(true);
    expect(answers.flatMap(idsOf).sort()).toEqual(lines.map(({ id }) => id).sort());
  });

  it("at the beginning are passed over", async () => {
    lines = only(["2026-11"]);
    const first = await list(confluentEngine(), { ...RANGE, limit: 1 });
    expect(first.result_count).toBe(1);
  });

  it("that a filter empties are passed over", async () => {
    lines = lines.map((line) => ({ ...line, product: line.start_date < "2026-11" ? "KAFKA" : "USM" }));
    const first = await list(confluentEngine(), { ...RANGE, product_ids: ["USM"], limit: 1 });
    expect(first.result_count).toBe(1);
  });

  it("at the end do not make the vendor look empty, since rows were given before", async () => {
    lines = only(["2026-09"]);
    const answers = await pagesOf(confluentEngine(), { ...RANGE, limit: lines.length });
    expect(answers.flatMap(idsOf)).toHaveLength(lines.length);
    for (const { hint } of answers) expect(hint ?? "").not.toContain("holds nothing for this period");
  });

  it("are not claimed for a page number past the end", async () => {
    const answer = await list(confluentEngine(), { ...RANGE, page: 9, page_size: 100 });
    expect(answer.result_count).toBe(0);
    expect(answer.hint ?? "").not.toContain("holds nothing for this period");
  });
});

describe("data that moves between two pages", () => {
  /** The first page of 20, all of the vendor's first month, then the vendor's data changed, then all the rest. */
  async function resumed(query: Query, change: (given: unknown[]) => Line[]) {
    const engine = confluentEngine();
    const first = await list(engine, { ...RANGE, ...query, limit: 20 });
    lines = change(idsOf(first));
    const rest = await list(engine, { ...RANGE, ...query, limit: 10_000, cursor: first.next_cursor ?? "" });
    return { first: idsOf(first), rest: idsOf(rest), warnings: rest.warnings.join(" ") };
  }

  const all = () => threeMonths().map(({ id }) => id);

  it("is nothing to say where only the vendor's order changed", async () => {
    const { first, rest, warnings } = await resumed({}, () => lines.toReversed());
    expect([...first, ...rest].sort()).toEqual(all().sort());
    expect(warnings).toBe("");
  });

  it("is said when a row was inserted before, and no row is doubled or lost", async () => {
    const [line] = lines;
    const { first, rest, warnings } = await resumed({}, () => [
      ...lines,
      ...(line ? [{ ...line, id: "line-", start_date: "2026-09-01", end_date: "2026-09-02" }] : []),
    ]);
    expect(warnings).toContain("changed");
    expect([...first, ...rest].sort()).toEqual(all().sort());
  });

  it("brings a row inserted behind, with nothing to say", async () => {
    const [line] = lines;
    const { first, rest } = await resumed({}, () => [
      ...lines,
      ...(line ? [{ ...line, id: "new", start_date: "2026-11-20", end_date: "2026-11-21" }] : []),
    ]);
    expect([...first, ...rest].sort()).toEqual([...all(), "new"].sort());
  });

  it("is said when a row given before is gone, and no row is doubled or lost", async () => {
    const { first, rest, warnings } = await resumed({}, (given) => lines.filter(({ id }) => id !== given[3]));
    expect(warnings).toContain("changed");
    expect([...first, ...rest].sort()).toEqual(all().sort());
  });

  it("loses no row when the last row given is gone", async () => {
    const { first, rest, warnings } = await resumed({}, (given) => lines.filter(({ id }) => id !== given.at(-1)));
    expect(warnings).toContain("changed");
    expect([...first, ...rest].sort()).toEqual(all().sort());
  });

  it("doubles no row when the last row given was restated upwards in a listing by falling net", async () => {
    const { first, rest, warnings } = await resumed({ sort_by: "net", sort_order: "desc" }, (given) =>
      lines.map((line) => (line.id === given.at(-1) ? { ...line, amount: 1000 } : line)),
    );
    expect(warnings).toContain("changed");
    expect([...first, ...rest]).toHaveLength(new Set([...first, ...rest]).size);
  });

  it("loses no row when the last row given was restated downwards in a listing by falling net", async () => {
    const { first, rest, warnings } = await resumed({ sort_by: "net", sort_order: "desc" }, (given) =>
      lines.map((line) => (line.id === given.at(-1) ? { ...line, amount: 0 } : line)),
    );
    expect(warnings).toContain("changed");
    expect([...new Set([...first, ...rest])].sort()).toEqual(all().sort());
  });

  it("is not said when an amount was restated and the order stands", async () => {
    const { first, rest, warnings } = await resumed({}, () => lines.map((line) => ({ ...line, amount: 1 })));
    expect(warnings).toBe("");
    expect([...first, ...rest].sort()).toEqual(all().sort());
  });
});

describe("a listing whose data moves again and again", () => {
  const SORTS: [string, Query][] = [
    ["in its usual order", {}],
    ["by falling net", { sort_by: "net", sort_order: "desc" }],
    ["by rising net", { sort_by: "net", sort_order: "asc" }],
    ["by falling start", { sort_by: "start_date", sort_order: "desc" }],
    ["by product", { sort_by: "product" }],
    ["by a charge that some rows lack", { sort_by: "discount", sort_order: "asc" }],
  ];
  const restated = fc.record({ at: fc.nat(39), amount: fc.constantFrom(0, 0.5, 10, 20, 40, 1000) });
  const change = fc.record({
    restated: fc.array(restated, { maxLength: 4 }),
    gone: fc.array(fc.nat(39), { maxLength: 4 }),
    come: fc.array(restated, { maxLength: 4 }),
  });

  it.each(SORTS)("%s gives every row that did not move exactly once", async (_what, query) => {
    const all = threeMonths().slice(0, 40);
    const engine = confluentEngine();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: 20 }), fc.array(change, { maxLength: 3 }), async (limit, changes) => {
        lines = all;
        const left = [...changes];
        const moved = new Set<unknown>();
        const given: unknown[] = [];
        let cursor: string | null | undefined;
        for (let page = 0; page === 0 || cursor; page++) {
          const answer = await list(engine, { ...RANGE, ...query, limit, ...(cursor ? { cursor } : {}) });
          given.push(...idsOf(answer));
          cursor = answer.next_cursor;
          const next = left.shift();
          if (!next) continue;
          const gone = new Set<unknown>(next.gone.map((at) => all[at]?.id));
          const amounts = new Map<unknown, number>(next.restated.map(({ at, amount }) => [all[at]?.id, amount]));
          for (const id of [...gone, ...amounts.keys()]) moved.add(id);
          const come = next.come.flatMap(({ at, amount }, index): Line[] => {
            const twin = all[at];
            return twin ? [{ ...twin, id: `${twin.id}-${page}-${index}`, amount, discount_amount: amount }] : [];
          });
          lines = [...lines, ...come]
            .filter(({ id }) => !gone.has(id))
            .map((line) => {
              const amount = amounts.get(line.id);
              return amount === undefined ? line : { ...line, amount, discount_amount: amount };
            });
        }
        const still = new Set<unknown>(all.map(({ id }) => id).filter((id) => !moved.has(id)));
        expect(given.filter((id) => still.has(id)).sort()).toEqual([...still].sort());
      }),
      { numRuns: 30 },
    );
  });

  it("goes on to the end when rows came to the top of a sorted listing", async () => {
    const engine = confluentEngine();
    const october = threeMonths().filter(({ start_date }) => start_date.startsWith("2026-10"));
    const query: Query = { start_date: "2026-10-01", end_date: "2026-11-01", sort_by: "net", limit: 5 };
    lines = october;
    const first = await list(engine, query);
    lines = [...october, ...october.slice(0, 3).map((line) => ({ ...line, id: `${line.id}-new`, amount: 1000 }))];
    const given = idsOf(first);
    for (let cursor = first.next_cursor; cursor; ) {
      const answer = await list(engine, { ...query, cursor });
      given.push(...idsOf(answer));
      cursor = answer.next_cursor;
    }
    expect(given.sort()).toEqual(october.map(({ id }) => id).sort());
  });

  it("warns when the last row given was restated and stands in its old place by chance", async () => {
    const engine = confluentEngine();
    const at = (id: string, amount: number): Line => ({
      id,
      start_date: "2026-10-05",
      end_date: "2026-10-06",
      granularity: "DAILY",
      line_type: "KAFKA_STORAGE",
      product: "KAFKA",
      amount,
    });
    const query: Query = { start_date: "2026-10-01", end_date: "2026-11-01", sort_by: "net" };
    lines = [at("a", 50), at("b", 40), at("c", 30), at("d", 20)];
    const first = await list(engine, { ...query, limit: 2 });
    lines = [at("c", 30), at("b", 25), at("d", 20)];
    const rest = await list(engine, { ...query, cursor: first.next_cursor ?? "" });
    expect(idsOf(first)).toEqual(["a", "b"]);
    expect(idsOf(rest)).toContain("c");
    expect(rest.warnings.join(" ")).toContain("changed");
  });
});

describe("a vendor's id of any length", () => {
  it.each([
    ["usual", 20],
    ["long", 900],
    ["very long", 10_000],
  ])("that is %s does not stop the paging", async (_what, length) => {
    lines = threeMonths()
      .slice(0, 6)
      .map((line) => ({ ...line, id: `${line.id}${"x".repeat(length)}` }));
    const answers = await pagesOf(confluentEngine(), { ...RANGE, limit: 2 });
    expect(answers.flatMap(idsOf)).toHaveLength(6);
  });
});
