import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/usage/query.ts";
import { confluentAnswers, confluentEngine, costList, guardTheEdge, type Item, idsOf, list, rowsOf } from "../edge.ts";

guardTheEdge();

/** A line of a day in 2026, told apart from others by its resource. */
function line(day: string, resource: string, fields: Item = {}): Item {
  const end = new Date(Date.parse(`2026-${day}`) + 86_400_000).toISOString().slice(0, 10);
  return {
    start_date: `2026-${day}`,
    end_date: end,
    granularity: "DAILY",
    product: "KAFKA",
    line_type: "KAFKA_STORAGE",
    unit: "GB-hour",
    amount: 1,
    original_amount: 1,
    resource: { id: resource, display_name: resource, environment: { id: "env-1" } },
    ...fields,
  };
}

/** Serves of these lines those that a call's days hold, as the vendor does. */
function holding(lines: readonly Item[]): void {
  confluentAnswers(({ searchParams }) => {
    const [start, end] = [searchParams.get("start_date") ?? "", searchParams.get("end_date") ?? ""];
    return costList(lines.filter(({ start_date }) => String(start_date) >= start && String(start_date) < end));
  });
}

/** Id by a mark that each line carries in its description-free fields: resource, day and price. */
async function idsByLine(query: Query): Promise<Map<string, unknown>> {
  const rows = rowsOf(await list(confluentEngine(), { limit: 10_000, ...query }, { withRemoteData: true }));
  return new Map(
    rows.map(({ id, remote_data }) => {
      const { start_date, resource, price, mark } = Object(remote_data);
      return [JSON.stringify([start_date, resource?.id, price, mark]), id];
    }),
  );
}

const SEPTEMBER = { start_date: "2026-09-01" };
const DERIVED = /^confluent:[0-9a-f]{32}(?::\d+)?$/;

describe("a line's id", () => {
  it("is the vendor's where it is there and unique", async () => {
    holding([line("09-01", "lkc-1", { id: "dlz-1" }), line("09-01", "lkc-2", { id: "dlz-2" })]);
    expect(idsOf(await list(confluentEngine(), SEPTEMBER))).toEqual(["dlz-1", "dlz-2"]);
  });

  it.each<[string, Item]>([
    ["absent", {}],
    ["empty", { id: "" }],
    ["null", { id: null }],
  ])("is made of what identifies the line where it is %s", async (_, fields) => {
    holding([line("09-01", "lkc-1", fields), line("09-01", "lkc-2", fields)]);
    const ids = idsOf(await list(confluentEngine(), SEPTEMBER));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(DERIVED);
  });

  it("is made so for each line that shares its vendor id with another", async () => {
    const lines = [line("09-01", "lkc-1", { id: "dup" }), line("09-02", "lkc-1", { id: "dup" })];
    holding([...lines, line("09-03", "lkc-1", { id: "own" })]);
    const ids = idsOf(await list(confluentEngine(), SEPTEMBER));
    expect(ids).toEqual([expect.stringMatching(DERIVED), expect.stringMatching(DERIVED), "own"]);
    expect(new Set(ids).size).toBe(3);
  });

  it("is made so where the vendor's id comes twice on two pages of one window", async () => {
    confluentAnswers(({ searchParams }) =>
      searchParams.get("page_token") === "T2"
        ? costList([line("09-02", "lkc-1", { id: "dup" })])
        : costList(
            [line("09-01", "lkc-1", { id: "dup" })],
            "https://api.confluent.cloud/billing/v1/costs?page_token=T2",
          ),
    );
    const ids = idsOf(await list(confluentEngine(), SEPTEMBER));
    expect(ids).toEqual([expect.stringMatching(DERIVED), expect.stringMatching(DERIVED)]);
    expect(new Set(ids).size).toBe(2);
  });

  it.each<[string, Item]>([
    ["amount", { amount: 2 }],
    ["original_amount", { original_amount: 2 }],
    ["discount_amount", { discount_amount: 0.5 }],
    ["quantity", { quantity: 7 }],
    ["price", { price: 0.7 }],
    ["the resource's name", { resource: { id: "lkc-1", display_name: "renamed", environment: { id: "env-1" } } }],
  ])("holds when %s is restated", async (_, fields) => {
    holding([line("09-01", "lkc-1")]);
    const before = idsOf(await list(confluentEngine(), SEPTEMBER));
    holding([line("09-01", "lkc-1", fields)]);
    expect(idsOf(await list(confluentEngine(), SEPTEMBER))).toEqual(before);
  });

  it.each<[string, Item]>([
    ["product", { product: "KSQL" }],
    ["line_type", { line_type: "KAFKA_BASE" }],
    ["network_access_type", { network_access_type: "PNI" }],
    ["unit", { unit: "GB" }],
    ["description", { description: "KAFKA101" }],
    ["tier_dimensions", { tier_dimensions: { region: "us-east-1" } }],
    ["environment", { resource: { id: "lkc-1", display_name: "lkc-1", environment: { id: "env-2" } } }],
    ["resource", { resource: { id: "lkc-2", display_name: "lkc-1", environment: { id: "env-1" } } }],
    ["end_date", { end_date: "2026-09-05" }],
  ])("is another one where %s is another", async (_, fields) => {
    holding([line("09-01", "lkc-1"), line("09-01", "lkc-1", fields)]);
    const ids = idsOf(await list(confluentEngine(), SEPTEMBER));
    const stems = new Set(ids.map((id) => String(id).split(":")[1]));
    expect(stems.size).toBe(2);
  });

  it("does not depend on the order of a tier's dimensions", async () => {
    const ids: unknown[] = [];
    for (const tier_dimensions of [
      { provider: "aws", region: "us-east-1" },
      { region: "us-east-1", provider: "aws" },
    ]) {
      holding([line("09-01", "lkc-1", { tier_dimensions })]);
      ids.push(...idsOf(await list(confluentEngine(), SEPTEMBER)));
    }
    expect(ids[0]).toBe(ids[1]);
  });

  it("takes the same days with and without a time behind", async () => {
    holding([line("09-01", "lkc-1")]);
    const bare = idsOf(await list(confluentEngine(), SEPTEMBER));
    confluentAnswers(() =>
      costList([line("09-01", "lkc-1", { start_date: "2026-09-01 00:00:00", end_date: "2026-09-02 00:00:00" })]),
    );
    expect(idsOf(await list(confluentEngine(), SEPTEMBER))).toEqual(bare);
  });
});

describe("tiers that differ by price only", () => {
  const tiers = [0.11, 0.09, 0.05].map((price) =>
    line("09-01", "lkc-1", { price, original_amount: 1, quantity: 10, line_type: "CONNECT_THROUGHPUT" }),
  );

  it("are told apart by their order in price: the cheapest first, then :1 and :2", async () => {
    holding(tiers);
    const ids = await idsByLine(SEPTEMBER);
    const byPrice = [0.05, 0.09, 0.11].map((price) =>
      ids.get(JSON.stringify(["2026-09-01", "lkc-1", price, undefined])),
    );
    const [first] = byPrice;
    expect(first).toMatch(/^confluent:[0-9a-f]{32}$/);
    expect(byPrice).toEqual([first, `${String(first)}:1`, `${String(first)}:2`]);
  });

  it("have the same ids in whatever order they come", async () => {
    holding(tiers);
    const ids = await idsByLine(SEPTEMBER);
    holding([...tiers].reverse());
    expect(await idsByLine(SEPTEMBER)).toEqual(ids);
  });

  it("are told apart on each day for itself", async () => {
    const [dear, cheap] = tiers;
    const next = { start_date: "2026-09-02", end_date: "2026-09-03" };
    holding([...[dear, cheap], { ...dear, ...next }, { ...cheap, ...next }].filter((found) => found !== undefined));
    const ids = idsOf(await list(confluentEngine(), SEPTEMBER));
    expect(ids.filter((id) => /:1$/.test(String(id)))).toHaveLength(2);
    expect(new Set(ids).size).toBe(4);
  });
});

describe("the same line has the same id whatever the window", () => {
  const plain = ["08-30", "08-31", "09-01", "09-02", "09-15", "09-30", "10-01"].flatMap((day) => [
    line(day, "lkc-1"),
    line(day, "lkc-2", { price: 0.1, mark: "dear" }),
    line(day, "lkc-2", { price: 0.05, mark: "cheap" }),
    line(day, "lkc-3", { id: `dlz-${day}` }),
  ]);

  async function sameIn(lines: readonly Item[], narrow: Query): Promise<void> {
    holding(lines);
    const wide = await idsByLine({ start_date: "2026-08-01", end_date: "2026-11-01" });
    const found = await idsByLine(narrow);
    expect(found.size).toBeGreaterThan(0);
    for (const [key, id] of found) expect([key, id]).toEqual([key, wide.get(key)]);
  }

  it.each<[string, Query]>([
    ["a month", { start_date: "2026-09-01" }],
    ["a day", { start_date: "2026-09-15", end_date: "2026-09-16" }],
    ["days over a month's end", { start_date: "2026-08-31", end_date: "2026-09-03" }],
  ])("%s", async (_, narrow) => {
    await sameIn(plain, narrow);
  });

  it("a day, where the vendor repeats its id on other days", async () => {
    const repeating = plain.map((found) => ({ ...found, id: "dup" }));
    await sameIn(repeating, { start_date: "2026-09-15", end_date: "2026-09-16", product_ids: ["KAFKA"] });
  });
});
