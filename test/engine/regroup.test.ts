import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { type Grouping, Regrouping } from "../../src/engine/regroup.ts";
import { type Amount, decimal, ZERO } from "../../src/usage/money.ts";
import { type Usage, writeRow } from "../../src/usage/row.ts";

const [account] = readConfig(
  { accounts: [{ id: "cursor", provider: "cursor", credentials: { api_key: "key_x" } }] },
  "test",
  {},
);

function grouping(change: Partial<Grouping>): Grouping {
  if (!account) throw new Error("there is one account");
  return { account, report: "usage", by: [], ...change };
}

function usd(text: string): Amount {
  return decimal(text) ?? ZERO;
}

function event(id: string, at: string, change: Partial<Usage> = {}): Usage {
  return { id, start_date: at, end_date: at, ...change };
}

function summed(rows: readonly Usage[], change: Partial<Grouping>) {
  const groups = new Regrouping(grouping(change));
  for (const row of rows) groups.add(row);
  return groups.rows().map((row) => {
    const { id: _, ...rest } = writeRow(row, false);
    return rest;
  });
}

describe("rows summed", () => {
  const moments = [
    event("a", "2026-10-01T00:00:00Z", { usage: { requests: { total: 1 } } }),
    event("b", "2026-10-01T23:59:59.999Z", { usage: { requests: { total: 1 } } }),
    event("c", "2026-10-02T00:00:00Z", { usage: { requests: { total: 1 } } }),
  ];

  it("go by their moment into buckets of a day or an hour, each in one", () => {
    expect(summed(moments, { bucket: "day" })).toEqual([
      { start_date: "2026-10-01T00:00:00Z", end_date: "2026-10-02T00:00:00Z", usage: { requests: { total: 2 } } },
      { start_date: "2026-10-02T00:00:00Z", end_date: "2026-10-03T00:00:00Z", usage: { requests: { total: 1 } } },
    ]);
    expect(summed(moments, { bucket: "hour" }).map(({ start_date }) => start_date)).toEqual([
      "2026-10-01T00:00:00Z",
      "2026-10-01T23:00:00Z",
      "2026-10-02T00:00:00Z",
    ]);
  });

  it("go into the week or month asked for, even when the report is one of a whole period", () => {
    const whole = { start: Date.parse("2026-10-01"), end: Date.parse("2026-11-01") };
    expect(summed(moments, { by: ["month"], whole }).map(({ start_date, end_date }) => [start_date, end_date])).toEqual(
      [["2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"]],
    );
    expect(summed(moments, { whole })).toHaveLength(1);
  });

  it("keep tokens apart by kind, every token once: the sum of the two lifetimes stands for cache_write", () => {
    const row = event("t", "2026-10-01T00:00:00Z", {
      metric_name: "tokens",
      charges: [{ type: "net", amount: usd("1"), currency: "USD" }],
      usage: {
        quantity: 67,
        requests: { total: 3 },
        tokens: {
          input: 10,
          output: 20,
          cache_read: 30,
          cache_write: 7,
          cache_write_ephemeral_5m: 5,
          cache_write_ephemeral_1h: 2,
          total: 67,
        },
      },
      unit: "token",
    });
    const rows = summed([row, row], { by: ["token_type"], bucket: "day" });
    const kinds = rows.map(({ metric_name, usage, charges }) => [
      metric_name,
      usage?.quantity,
      usage?.requests,
      charges,
    ]);
    expect(kinds.sort()).toEqual([
      // Money has no kind of token: it stands beside them, and is not lost.
      ["tokens", undefined, undefined, [{ type: "net", amount: 2, currency: "USD" }]],
      ["tokens.cache_read", 60, undefined, undefined],
      ["tokens.cache_write_ephemeral_1h", 4, undefined, undefined],
      ["tokens.cache_write_ephemeral_5m", 10, undefined, undefined],
      ["tokens.input", 20, undefined, undefined],
      ["tokens.output", 40, undefined, undefined],
    ]);
  });

  it("keep both, charges and tokens, apart from each other", () => {
    const row = event("t", "2026-10-01T00:00:00Z", {
      charges: [
        { type: "net", amount: usd("1"), currency: "USD" },
        { type: "total", amount: usd("3"), currency: "USD" },
      ],
      usage: { requests: { total: 3 }, tokens: { input: 10, output: 20, total: 30 } },
    });
    const rows = summed([row, row], { by: ["charge_type", "token_type"], bucket: "day" });
    const parts = rows.map(({ charges = [], usage }) =>
      JSON.stringify([...charges.map(({ type, amount }) => [type, amount]), ...(usage?.tokens ? [usage.tokens] : [])]),
    );
    expect(parts.sort()).toEqual(['[["net",2]]', '[["total",6]]', '[{"input":20}]', '[{"output":40}]']);
  });

  it("come to what they come to one by one: a credit has no gross, a row without a net is billed at its total", () => {
    const day = "2026-10-01T00:00:00Z";
    const money = (...charges: [NonNullable<Usage["charges"]>[number]["type"], string][]) => ({
      charges: charges.map(([type, amount]) => ({ type, amount: usd(amount), currency: "USD" })),
    });
    const rows = [
      event("line", day, money(["net", "90"], ["total", "100"], ["discount", "10"])),
      event("credit", day, money(["net", "-30"], ["total", "-30"], ["credit", "-30"])),
      event("gross only", day, money(["total", "5"])),
      event("net only", day, money(["net", "7"])),
    ];
    const sums = (by: Grouping["by"]) =>
      Object.fromEntries(
        summed(rows, { by, bucket: "day" }).flatMap(({ charges = [] }) =>
          charges.map(({ type, amount }) => [type, amount]),
        ),
      );
    expect(sums([])).toEqual({ net: 72, total: 112, discount: 10, credit: -30 });
    // Charge by charge, each stands for itself; the credit's repetition as a total for nothing.
    expect(sums(["charge_type"])).toEqual({ net: 67, total: 105, discount: 10, credit: -30 });
  });

  it("never add distinct counts, rates or stocks, and are active when one of them is", () => {
    const seen = (quantity: number, unit: string, is_active: boolean) =>
      event(`${quantity}${unit}`, "2026-10-01T00:00:00Z", {
        unit,
        usage: { quantity, activity: { is_active }, conversations: { distinct: 4, message_count: 2 } },
      });
    for (const unit of ["user", "seat", "percent", "byte"]) {
      expect(summed([seen(5, unit, false), seen(6, unit, true)], { bucket: "day" })).toEqual([
        {
          start_date: "2026-10-01T00:00:00Z",
          end_date: "2026-10-02T00:00:00Z",
          usage: { activity: { is_active: true }, conversations: { message_count: 4 } },
        },
      ]);
    }
    expect(summed([seen(5, "credit", false), seen(6, "credit", false)], {})).toMatchObject([
      { unit: "credit", usage: { quantity: 11, activity: { is_active: false } } },
    ]);
  });

  it("have ids of their own by report, group and bucket", () => {
    const ids = (change: Partial<Grouping>) => {
      const groups = new Regrouping(grouping(change));
      for (const row of moments) groups.add(row);
      return groups.rows().map(({ id }) => id);
    };
    expect(ids({ bucket: "day" })).toEqual(ids({ bucket: "day" }));
    expect(ids({ bucket: "day", report: "cost" })).not.toEqual(ids({ bucket: "day" }));
    expect(ids({ bucket: "day", narrowed: "a filter" })).not.toEqual(ids({ bucket: "day" }));
    expect(new Set(ids({ bucket: "day" })).size).toBe(2);
  });
});

describe("what a whole has more than its part", () => {
  const line = (id: string, amount: string, tokens: number): Usage => ({
    id,
    start_date: "2026-10-01T00:00:00Z",
    end_date: "2026-10-02T00:00:00Z",
    charges: [{ type: "net", amount: usd(amount), currency: "USD" }],
    usage: { tokens: { total: tokens } },
  });

  it("is the exact difference of every sum", () => {
    const rest = new Regrouping(grouping({}));
    rest.subtract(line("a", "0.1", 100));
    rest.subtract(line("b", "0.2", 200));
    rest.add(line("whole", "0.30000000000000001", 350));
    const [row, ...others] = rest.rest();
    expect(others).toEqual([]);
    expect(row?.charges?.[0]?.amount.compare(usd("0.00000000000000001"))).toBe(0);
    expect(row?.usage).toEqual({ tokens: { total: 50 } });
  });

  it("is nothing where the parts are all there is", () => {
    const rest = new Regrouping(grouping({}));
    rest.subtract(line("a", "0.1", 100));
    rest.subtract(line("b", "0.2", 200));
    rest.add(line("whole", "0.3", 300));
    expect(rest.rest()).toEqual([]);
  });
});
