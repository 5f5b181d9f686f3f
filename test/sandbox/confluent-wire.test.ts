import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { get, micros, start, sum } from "./vendors.ts";

const COSTS = "/billing/v1/costs";

const cost = z.strictObject({
  id: z.string().optional(),
  start_date: z.string().regex(/^\d{4}-\d{2}-\d{2}( 00:00:00)?$/),
  end_date: z.string().regex(/^\d{4}-\d{2}-\d{2}( 00:00:00)?$/),
  granularity: z.literal("DAILY"),
  product: z.string(),
  line_type: z.string(),
  network_access_type: z.enum(["INTERNET", "TRANSIT_GATEWAY", "PRIVATE_LINK", "PEERED_VPC", "PNI", "MULTI"]).optional(),
  price: z.number().optional(),
  unit: z.string().optional(),
  quantity: z.number().optional(),
  original_amount: z.number(),
  discount_amount: z.number().optional(),
  amount: z.number(),
  description: z.string().optional(),
  tier_dimensions: z.record(z.string(), z.string()).optional(),
  resource: z
    .strictObject({
      id: z.string().regex(/^(lkc|lcc|lsrc|lksqlc|lfcp|link)-[a-z0-9]{6}$/),
      display_name: z.string(),
      environment: z.strictObject({ id: z.string().startsWith("env-") }).nullable(),
    })
    .nullish(),
});
type Cost = z.infer<typeof cost>;

const costList = z.strictObject({
  api_version: z.literal("billing/v1"),
  kind: z.literal("CostList"),
  metadata: z.strictObject({ next: z.string().optional() }),
  data: z.array(cost),
});

let sandbox: Sandbox;
let september: Cost[];
let october: Cost[];
beforeAll(async () => {
  sandbox = await start();
  september = await month("2026-09-01", "2026-10-01");
  october = await month("2026-10-01", "2026-11-01");
});
afterAll(() => sandbox.close());

/** A whole month in the page that is answered unasked. */
async function month(start_date: string, end_date: string): Promise<Cost[]> {
  return costList.parse((await get(sandbox, "confluent", COSTS, { start_date, end_date })).body).data;
}

function ofDay(rows: readonly Cost[], day: string): Cost[] {
  return rows.filter(({ start_date }) => start_date.startsWith(day));
}

describe("Confluent's months on the wire", () => {
  it("cost what they cost", () => {
    const net = (rows: readonly Cost[]) => sum(rows.map(({ amount }) => micros(amount)));
    expect([net(september), net(october)]).toEqual([23_393_177_483n, 26_177_609_258n]);
  });

  it("have forty to sixty rows a day, more than a thousand in all", () => {
    expect(october.length).toBeGreaterThan(1_000);
    for (let day = 1; day <= 31; day++) {
      const rows = ofDay(october, `2026-10-${String(day).padStart(2, "0")}`);
      expect(rows.length).toBeGreaterThanOrEqual(40);
      expect(rows.length).toBeLessThanOrEqual(60);
    }
  });

  it("mostly have rows without an id, and no id twice", () => {
    const ids = october.flatMap(({ id }) => id ?? []);
    expect(ids.length).toBeLessThan(october.length / 5);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("have a credit once a quarter", () => {
    const credits = (rows: readonly Cost[]) => rows.filter(({ line_type }) => line_type === "PROMO_CREDIT");
    expect(credits(september)).toEqual([]);
    expect(credits(october)).toMatchObject([{ amount: -450, original_amount: -450, resource: null }]);
  });
});

describe("Confluent's rows on the wire", () => {
  it("show a rounded price: it times the quantity is near the amount, seldom it", () => {
    const off = october.flatMap(({ price, quantity, original_amount }) =>
      price === undefined || quantity === undefined ? [] : Math.abs(price * quantity - original_amount),
    );
    expect(off.every((distance) => distance < 0.02)).toBe(true);
    expect(off.filter((distance) => distance > 1e-7).length).toBeGreaterThan(off.length / 2);
  });

  it("of a price with tiers are alike but for the price", () => {
    const keys = new Map<string, number[]>();
    for (const row of ofDay(october, "2026-10-14")) {
      const { line_type, network_access_type, unit, resource, tier_dimensions, price = Number.NaN } = row;
      const key = JSON.stringify([line_type, network_access_type, unit, resource, tier_dimensions]);
      keys.set(key, [...(keys.get(key) ?? []), price]);
    }
    const alike = [...keys.values()].filter((prices) => prices.length > 1);
    expect(alike.length).toBeGreaterThan(0);
    for (const prices of alike) expect(new Set(prices).size).toBe(prices.length);
  });

  it("of the organization itself lack what theirs lack at the vendor", () => {
    const support = october.find(({ line_type }) => line_type === "SUPPORT");
    expect(support).toEqual({
      start_date: "2026-10-01 00:00:00",
      end_date: "2026-10-02 00:00:00",
      granularity: "DAILY",
      product: "SUPPORT_CLOUD_BUSINESS",
      line_type: "SUPPORT",
      original_amount: 32.8767,
      amount: 32.8767,
    });
    const audit = october.find(({ line_type }) => line_type === "AUDIT_LOG_READ");
    expect(audit).toBeDefined();
    expect(audit).not.toHaveProperty("resource");
  });

  it("lie in environments that the environment list names, or in none", async () => {
    const { status, body } = await get(sandbox, "confluent", "/org/v2/environments");
    const list = z
      .strictObject({
        api_version: z.literal("org/v2"),
        kind: z.literal("EnvironmentList"),
        metadata: z.strictObject({}),
        data: z.array(z.strictObject({ id: z.string(), display_name: z.string() })),
      })
      .parse(body);
    expect(status).toBe(200);
    const used = new Set(october.flatMap(({ resource }) => resource?.environment?.id ?? []));
    expect([...used].sort()).toEqual(list.data.map(({ id }) => id).sort());
    expect(october.some(({ resource }) => resource?.environment === null)).toBe(true);
  });
});

it("Confluent's next page is linked on the host that was asked, and not found there without its dates", async () => {
  const query = { start_date: "2026-10-14", end_date: "2026-10-15", page_size: "7" };
  const { next = "" } = costList.parse((await get(sandbox, "confluent", COSTS, query)).body).metadata;
  const account = sandbox.accounts.find(({ provider }) => provider === "confluent");
  expect(next.startsWith(`${account?.base_url}${COSTS}?page_token=`)).toBe(true);
  const page_token = new URL(next).searchParams.get("page_token") ?? "";
  expect(page_token.length).toBeLessThanOrEqual(255);
  expect((await get(sandbox, "confluent", COSTS, { page_token })).status).toBe(400);
  expect((await get(sandbox, "confluent", COSTS, { ...query, page_size: "9", page_token })).status).toBe(200);
  for (const damaged of [`${page_token}A`, "", "bm9uc2Vuc2U"]) {
    expect((await get(sandbox, "confluent", COSTS, { ...query, page_token: damaged })).status).toBe(400);
  }
});

it("a body that no question needs is refused by each vendor", async () => {
  for (const { base_url } of sandbox.accounts) {
    expect((await fetch(base_url, { method: "POST", body: "x".repeat(2_000_000) })).status).toBe(400);
  }
});
