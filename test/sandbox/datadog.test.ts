import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { type CostByOrg, costsByOrg, credentials, get, micros, start, sum } from "./vendors.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await start();
});
afterAll(() => sandbox.close());

const HISTORICAL = "/api/v2/usage/historical_cost";
const ESTIMATED = "/api/v2/usage/estimated_cost";

function total(entries: readonly CostByOrg[]): bigint {
  return sum(entries.map(({ attributes }) => micros(attributes.total_cost)));
}

function byOrganization(entries: readonly CostByOrg[]): Map<string, CostByOrg[]> {
  const groups = new Map<string, CostByOrg[]>();
  for (const entry of entries) {
    const { public_id } = entry.attributes;
    groups.set(public_id, [...(groups.get(public_id) ?? []), entry]);
  }
  return groups;
}

/** What each organization's charges come to, without their dates and ids. */
function content(entries: readonly CostByOrg[]) {
  return entries
    .map(({ attributes: { public_id, org_name, total_cost, charges } }) => ({
      public_id,
      org_name,
      total_cost,
      charges,
    }))
    .sort((a, b) => (a.public_id < b.public_id ? -1 : 1));
}

/** One product's charges of an organization, as micro-dollars by type, added up where a type comes twice. */
function products({ attributes }: CostByOrg): Map<string, Map<string, bigint>> {
  const found = new Map<string, Map<string, bigint>>();
  for (const { product_name, charge_type, cost } of attributes.charges) {
    const types = found.get(product_name) ?? new Map<string, bigint>();
    types.set(charge_type, (types.get(charge_type) ?? 0n) + micros(cost));
    found.set(product_name, types);
  }
  return found;
}

describe("the simulated Datadog's costs", () => {
  it("of a closed month are the last estimate of that month", async () => {
    const october = { start_month: "2026-10", end_month: "2026-10" };
    const bill = await costsByOrg(sandbox, "historical_cost", october);
    expect(bill).toHaveLength(3);
    expect(content(await costsByOrg(sandbox, "estimated_cost", october))).toEqual(content(bill));
    const lastDay = { start_date: "2026-10-31", end_date: "2026-10-31" };
    expect(content(await costsByOrg(sandbox, "estimated_cost", lastDay))).toEqual(content(bill));
  });

  it("are published from the 16th of the month after on", async () => {
    const october = { start_month: "2026-10", end_month: "2026-10" };
    const [before, after] = await Promise.all([start("2026-11-15T23:59:59Z"), start("2026-11-16T00:00:00Z")]);
    expect(await costsByOrg(before, "historical_cost", october)).toEqual([]);
    expect(await costsByOrg(after, "historical_cost", october)).toHaveLength(3);
    await Promise.all([before.close(), after.close()]);
  });

  it("are the same of every start", async () => {
    const other = await start();
    for (const [path, query] of [
      [HISTORICAL, { start_month: "2026-07", end_month: "2026-10", view: "sub-org" }],
      [ESTIMATED, { start_month: "2026-10", end_month: "2026-11", view: "sub-org" }],
      ["/api/v2/usage/projected_cost", {}],
      ["/api/v2/usage/billing_dimension_mapping", { "filter[view]": "all" }],
    ] as const) {
      expect((await get(other, "datadog", path, query)).text).toBe((await get(sandbox, "datadog", path, query)).text);
    }
    await other.close();
  });

  it("of the running month come with two dates for each organization, the later the larger", async () => {
    const november = await costsByOrg(sandbox, "estimated_cost", { start_month: "2026-11", end_month: "2026-11" });
    const groups = byOrganization(november);
    expect(groups.size).toBe(3);
    for (const entries of groups.values()) {
      const sorted = entries.toSorted((a, b) => (a.attributes.date < b.attributes.date ? -1 : 1));
      expect(sorted.map(({ attributes }) => attributes.date.slice(0, 10))).toEqual(["2026-11-22", "2026-11-23"]);
      const [earlier, later] = sorted.map(({ attributes }) => micros(attributes.total_cost));
      expect(earlier !== undefined && later !== undefined && earlier < later).toBe(true);
    }
    expect(new Set(november.map(({ id }) => id)).size).toBe(6);
  });

  it("by day are running totals", async () => {
    const days = await costsByOrg(sandbox, "estimated_cost", { start_date: "2026-11-01", end_date: "2026-11-10" });
    for (const entries of byOrganization(days).values()) {
      const totals = entries
        .toSorted((a, b) => (a.attributes.date.slice(0, 10) < b.attributes.date.slice(0, 10) ? -1 : 1))
        .map(({ attributes }) => micros(attributes.total_cost));
      expect(totals).toHaveLength(10);
      expect(totals.every((own, index) => index === 0 || own > (totals[index - 1] ?? own))).toBe(true);
    }
  });

  it("add up: the parts of a product are its total, the products the organization's, the organizations the root's", async () => {
    const query = { start_month: "2026-07", end_month: "2026-10" };
    const entries = await costsByOrg(sandbox, "historical_cost", query);
    expect(entries).toHaveLength(12);
    for (const entry of entries) {
      const types = [...products(entry).values()];
      const parts = (own: Map<string, bigint>) => (own.get("committed") ?? 0n) + (own.get("on_demand") ?? 0n);
      const told = types.filter((own) => own.has("total") && own.size > 1);
      expect(told.length).toBeGreaterThan(5);
      for (const own of told) expect(own.get("total")).toBe(parts(own));
      expect(sum(types.map((own) => own.get("total") ?? parts(own)))).toBe(micros(entry.attributes.total_cost));
    }
    const root = await costsByOrg(sandbox, "historical_cost", { ...query, view: "summary" });
    expect(root).toHaveLength(4);
    expect(total(root)).toBe(total(entries));
  });

  it("hold what trips readers: a type twice, a product without total, a product of a total alone", async () => {
    const [entry] = await costsByOrg(sandbox, "historical_cost", { start_month: "2026-10", end_month: "2026-10" });
    const kinds = (entry?.attributes.charges ?? []).map(
      ({ product_name, charge_type }) => `${product_name} ${charge_type}`,
    );
    expect(kinds.length).toBeGreaterThan(new Set(kinds).size);
    const types = entry ? [...products(entry).values()].map((own) => [...own.keys()].sort().join()) : [];
    expect(types).toEqual(expect.arrayContaining(["on_demand", "total", "committed,on_demand,total"]));
  });

  it("show the incident of October 2026 beside September", async () => {
    const query = { start_month: "2026-08", end_month: "2026-10" };
    const entries = await costsByOrg(sandbox, "historical_cost", query);
    const of = (month: string, product: string) =>
      sum(
        entries
          .filter(({ attributes }) => attributes.date.startsWith(month))
          .map((entry) => {
            const own = products(entry).get(product);
            return own?.get("total") ?? 0n;
          }),
      );
    for (const product of ["timeseries", "logs_ingested", "logs_indexed_15day"]) {
      const [august, september, october] = ["2026-08", "2026-09", "2026-10"].map((month) => of(month, product));
      expect((october ?? 0n) * 10n > (september ?? 0n) * 14n).toBe(true);
      expect((september ?? 0n) * 10n < (august ?? 0n) * 12n).toBe(true);
    }
    const hosts = ["2026-09", "2026-10"].map((month) => of(month, "infra_host"));
    expect((hosts[1] ?? 0n) * 10n < (hosts[0] ?? 0n) * 12n).toBe(true);
  });

  it("take a month as YYYY-MM or as the instant that the vendor's own clients send", async () => {
    const month = await costsByOrg(sandbox, "historical_cost", { start_month: "2026-10", end_month: "2026-10" });
    const instant = "2026-10-21T21:58:43.871Z";
    expect(await costsByOrg(sandbox, "historical_cost", { start_month: instant, end_month: instant })).toEqual(month);
  });

  it("are nothing for months that lie ahead or before all history", async () => {
    for (const month of ["2027-01", "2019-01"]) {
      expect(await costsByOrg(sandbox, "historical_cost", { start_month: month, end_month: month })).toEqual([]);
    }
  });
});

describe("the simulated Datadog refuses", () => {
  it.each<[string, string, Record<string, string>, RegExp]>([
    [
      "start_month together with start_date",
      ESTIMATED,
      { start_month: "2026-11", start_date: "2026-11-01" },
      /together/,
    ],
    ["end_month together with start_date", ESTIMATED, { end_month: "2026-11", start_date: "2026-11-01" }, /together/],
    ["an estimate of three months ago", ESTIMATED, { start_month: "2026-09" }, /two months in the past/],
    ["an estimated day of three months ago", ESTIMATED, { start_date: "2026-09-30" }, /two months in the past/],
    ["an aggregation that there isn't", ESTIMATED, { cost_aggregation: "daily" }, /cumulative/],
    ["an end before the start", ESTIMATED, { start_month: "2026-11", end_month: "2026-10" }, /must be before/],
    ["historical costs without start_month", HISTORICAL, {}, /start_month/],
    ["a day as start_month", HISTORICAL, { start_month: "2026-10-01" }, /YYYY-MM/],
    ["a month that doesn't exist", HISTORICAL, { start_month: "2026-13" }, /YYYY-MM/],
    ["an end_month before start_month", HISTORICAL, { start_month: "2026-10", end_month: "2026-09" }, /must be before/],
    ["a view that there isn't", HISTORICAL, { start_month: "2026-10", view: "all" }, /view/],
  ])("%s", async (_, path, query, words) => {
    const { status, body } = await get(sandbox, "datadog", path, query);
    expect({ status, body }).toEqual({ status: 400, body: { errors: [expect.stringMatching(words)] } });
  });

  it.each([
    ["no keys", () => ({})],
    ["one key of two", () => ({ "dd-api-key": credentials(sandbox, "datadog")["dd-api-key"] ?? "" })],
    ["another key", () => ({ ...credentials(sandbox, "datadog"), "dd-application-key": "other" })],
  ])("%s", async (_, headers) => {
    const { status, body } = await get(sandbox, "datadog", HISTORICAL, { start_month: "2026-10" }, { ...headers() });
    expect({ status, body }).toEqual({ status: 403, body: { errors: ["Forbidden"] } });
  });

  it("with the seconds to its rate limit's reset, as it answers", async () => {
    for (const headers of [{}, credentials(sandbox, "datadog")]) {
      const answered = await get(sandbox, "datadog", HISTORICAL, { start_month: "2026-10" }, headers);
      expect(Number(answered.headers["x-ratelimit-reset"])).toBeGreaterThan(0);
      expect(Number(answered.headers["x-ratelimit-reset"])).toBeLessThanOrEqual(30);
    }
  });
});
