import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { get, micros, start, sum } from "./vendors.ts";

const USAGE = "/api/v2/usage";

const charge = z.strictObject({
  product_name: z.string(),
  charge_type: z.string(),
  cost: z.number(),
  last_aggregation_function: z.string().optional(),
});
const shared = {
  org_name: z.string(),
  public_id: z.string(),
  region: z.string(),
  date: z.iso.datetime({ offset: true }),
  charges: z.array(charge),
};
const id = z.string().regex(/^[0-9a-f]{64}$/);
const costsByOrg = z.strictObject({
  data: z.array(
    z.strictObject({
      type: z.literal("cost_by_org"),
      id,
      attributes: z.strictObject({ ...shared, total_cost: z.number() }),
    }),
  ),
});
const projectedCosts = z.strictObject({
  data: z.array(
    z.strictObject({
      type: z.literal("projected_cost"),
      id,
      attributes: z.strictObject({ ...shared, projected_total_cost: z.number() }),
    }),
  ),
});

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await start();
});
afterAll(() => sandbox.close());

async function historical(query: Record<string, string>) {
  return costsByOrg.parse((await get(sandbox, "datadog", `${USAGE}/historical_cost`, query)).body).data;
}

describe("Datadog's historical_cost on the wire", () => {
  it("costs what it costs, in the root's name unless split", async () => {
    const months = await historical({ start_month: "2026-09", end_month: "2026-10" });
    expect(months.map(({ attributes }) => micros(attributes.total_cost))).toEqual([15_114_772_348n, 18_695_361_726n]);
    expect(months.map(({ attributes }) => attributes.org_name)).toEqual(["Tidewater Robotics", "Tidewater Robotics"]);
  });

  it("is dated as the vendor's: by the first, the last or some day, in two spellings of UTC", async () => {
    const entries = await historical({ start_month: "2025-07", end_month: "2026-10", view: "sub-org" });
    expect(entries).toHaveLength(48);
    expect(new Set(entries.map((entry) => entry.id)).size).toBe(48);
    const forms = entries.map(({ attributes: { date } }) => date.slice(8));
    for (const form of ["01T00:00:00Z", "25T17:00:00+00:00", "31T00:00:00Z"]) expect(forms).toContain(form);
  });

  it("tells twelve products or more of each organization, each in its own way", async () => {
    const entries = await historical({ start_month: "2026-10", end_month: "2026-10", view: "sub-org" });
    expect(entries.some(({ attributes }) => /\p{Extended_Pictographic}/u.test(attributes.org_name))).toBe(true);
    for (const { attributes } of entries) {
      const types = (product: string) =>
        attributes.charges.filter(({ product_name }) => product_name === product).map(({ charge_type }) => charge_type);
      expect(types("infra_host")).toEqual(["committed", "on_demand", "total", "committed"]);
      expect(types("apm_host")).toEqual(["committed", "on_demand", "total"]);
      expect(types("synthetics_api_tests")).toEqual(["on_demand"]);
      expect(new Set(attributes.charges.map(({ product_name }) => product_name)).size).toBeGreaterThanOrEqual(12);
      const functions = new Set(attributes.charges.map((own) => own.last_aggregation_function));
      expect(functions).toEqual(new Set(["sum", "average", undefined]));
    }
  });
});

it("Datadog's estimate comes in no reliable order of its dates", async () => {
  const query = { start_month: "2026-10", end_month: "2026-11", view: "sub-org" };
  const { data } = costsByOrg.parse((await get(sandbox, "datadog", `${USAGE}/estimated_cost`, query)).body);
  const dates = new Map<string, string[]>();
  for (const { attributes } of data) {
    const { public_id, date } = attributes;
    dates.set(public_id, [...(dates.get(public_id) ?? []), date.slice(0, 10)]);
  }
  const orders = [...dates.values()].map((own) => own.join());
  expect(new Set(orders)).toEqual(new Set(["2026-10-31,2026-11-22,2026-11-23", "2026-11-23,2026-11-22,2026-10-31"]));
});

it("Datadog's estimate on the first of a month has but that day of it", async () => {
  const first = await start("2026-11-01T00:30:00Z");
  const { body } = await get(first, "datadog", `${USAGE}/estimated_cost`, { start_month: "2026-10" });
  const dates = costsByOrg.parse(body).data.map(({ attributes }) => attributes.date.slice(0, 10));
  expect(dates.sort()).toEqual(["2026-10-31", "2026-11-01"]);
  await first.close();
});

describe("Datadog's projected_cost on the wire", () => {
  it("carries the month on to its last day, in whole dollars", async () => {
    const { body } = await get(sandbox, "datadog", `${USAGE}/projected_cost`, { view: "sub-org" });
    const { data } = projectedCosts.parse(body);
    expect(data).toHaveLength(3);
    for (const { attributes } of data) {
      const types = new Set(attributes.charges.map(({ charge_type }) => charge_type));
      expect(types).toEqual(new Set(["projected_committed", "projected_on_demand", "total"]));
      expect(attributes.date).toBe("2026-11-30T00:00:00Z");
      const parts = attributes.charges.filter(({ charge_type }) => charge_type !== "total");
      const summed = sum(parts.map(({ cost }) => micros(cost)));
      const shown = micros(attributes.projected_total_cost);
      expect(shown % 1_000_000n).toBe(0n);
      expect(shown - summed <= 500_000n && summed - shown <= 500_000n).toBe(true);
    }
  });

  it("is there from the 12th on", async () => {
    for (const [now, entries] of [
      ["2026-11-11T23:59:59Z", 0],
      ["2026-11-12T00:00:00Z", 1],
    ] as const) {
      const then = await start(now);
      const { body } = await get(then, "datadog", `${USAGE}/projected_cost`);
      expect(projectedCosts.parse(body).data).toHaveLength(entries);
      await then.close();
    }
  });
});

describe("Datadog's billing_dimension_mapping on the wire", () => {
  it("labels every billed product but one", async () => {
    const query = { "filter[month]": "2026-10", "filter[view]": "all" };
    const { headers, body } = await get(sandbox, "datadog", `${USAGE}/billing_dimension_mapping`, query);
    expect(headers["content-type"]).toBe("application/vnd.api+json");
    const endpoint = z.strictObject({ id: z.string(), keys: z.array(z.string()), status: z.enum(["OK", "NOT_FOUND"]) });
    const attributes = z.strictObject({
      in_app_label: z.string(),
      timestamp: z.literal("2026-10-01T00:00:00Z"),
      endpoints: z.array(endpoint),
    });
    const dimension = z.strictObject({ type: z.literal("billing_dimensions"), id: z.string(), attributes });
    const { data } = z.strictObject({ data: z.array(dimension) }).parse(body);
    expect(data.find((own) => own.id === "apm_host")?.attributes.in_app_label).toBe("APM Hosts");
    const [bill] = await historical({ start_month: "2026-10", end_month: "2026-10" });
    const billed = new Set(bill?.attributes.charges.map(({ product_name }) => product_name));
    expect([...billed].filter((name) => !data.some((own) => own.id === name))).toEqual(["network_device"]);
  });

  it("refuses in its own shape", async () => {
    const query = { "filter[view]": "some" };
    const { status, headers, body } = await get(sandbox, "datadog", `${USAGE}/billing_dimension_mapping`, query);
    expect(status).toBe(400);
    expect(headers["content-type"]).toBe("application/vnd.api+json");
    expect(body).toEqual({
      errors: [
        {
          id: null,
          links: null,
          status: "400",
          code: null,
          title: "Bad Request",
          detail: "filter[view] must be active or all",
          source: null,
          meta: null,
        },
      ],
    });
  });
});
