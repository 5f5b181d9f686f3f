import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { focusCharges } from "../../src/focus/charge.ts";
import { focusColumns, focusValues } from "../../src/focus/columns.ts";
import type { FocusVersion } from "../../src/focus/versions.ts";
import { focusLine } from "../../src/focus/write.ts";
import { decimal, ZERO } from "../../src/usage/money.ts";
import type { Usage } from "../../src/usage/row.ts";
import { CONFLUENT_ACCOUNT } from "../providers/edge.ts";
import { OCTOBER } from "./exported.ts";

/** The 21 that FOCUS 1.2 makes mandatory. */
const MANDATORY = [
  ...["BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd"],
  ...["BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd"],
  ...["ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity"],
  ...["PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName"],
];
const WANTED = [
  ...["ChargeFrequency", "ConsumedQuantity", "ConsumedUnit", "ResourceId", "ResourceName", "SkuId", "SkuMeter"],
  ...["SubAccountId", "SubAccountName", "Tags"],
];
const OURS = ["FocusVersion", "Account", "Surface", "ModelId", "ModelDeveloper", "TokenType", "RowId"];

const accounts = readConfig({ accounts: [CONFLUENT_ACCOUNT] }, "test", {});

function charge(row: Partial<Usage>, { withPeople = false, version = "1.2" as FocusVersion } = {}) {
  const charges = [{ type: "net", amount: decimal("1.5") ?? ZERO, currency: "USD" }] as const;
  const [first] = accounts.flatMap((account) =>
    focusCharges({ id: "row", charges: [...charges], ...row }, { account, version, withPeople }, OCTOBER),
  );
  if (!first) throw new Error("a charge is due");
  const values = focusValues(first);
  return Object.fromEntries(focusColumns(version).map((name, index) => [name, values[index]?.toString() ?? null]));
}

describe("columns", () => {
  it("of 1.2 are the mandatory ones, those that are known, and ours, in this order", () => {
    expect(focusColumns("1.2")).toEqual([...MANDATORY, ...WANTED, ...OURS.map((name) => `x_${name}`)]);
    expect(MANDATORY).toHaveLength(21);
  });

  it("of 1.4 name the two providers otherwise, and are else the same", () => {
    const [older, newer] = [focusColumns("1.2"), focusColumns("1.4")];
    expect(newer.filter((name) => !older.includes(name))).toEqual(["HostProviderName", "ServiceProviderName"]);
    expect(older.filter((name) => !newer.includes(name))).toEqual(["ProviderName", "PublisherName"]);
    const mandatory = newer.slice(0, 21);
    expect(mandatory).toEqual([...mandatory].sort());
  });

  it("that must not be null aren't, of a row that says nothing but an amount; what is not known is null", () => {
    const told = charge({});
    expect(Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null))).toEqual({
      BilledCost: "1.5",
      ContractedCost: "1.5",
      EffectiveCost: "1.5",
      ListCost: "1.5",
      BillingAccountId: "confluent",
      BillingAccountName: "Confluent Cloud",
      BillingCurrency: "USD",
      BillingPeriodStart: "2026-10-01T00:00:00Z",
      BillingPeriodEnd: "2026-11-01T00:00:00Z",
      ChargePeriodStart: "2026-10-01T00:00:00Z",
      ChargePeriodEnd: "2026-11-01T00:00:00Z",
      ChargeCategory: "Usage",
      ChargeFrequency: "Usage-Based",
      InvoiceIssuerName: "Confluent",
      ProviderName: "Confluent",
      PublisherName: "Confluent",
      ServiceCategory: "Integration",
      ServiceName: "Confluent Cloud",
      x_FocusVersion: "1.2",
      x_Account: "confluent",
      x_RowId: "row",
    });
  });

  it("are null where a vendor sends empty texts", () => {
    const empty = charge({
      metric_name: "",
      product: { id: "", name: "" },
      resources: [{ id: "", name: "", workspace: { id: "", name: "" } }],
      organization: { id: "", name: "" },
      surface: "",
      user: { email: "" },
    });
    expect(Object.values(empty)).not.toContain("");
    expect(empty).toMatchObject({ BillingAccountId: "confluent", ServiceName: "Confluent Cloud", Tags: null });
  });

  it("hold whole seconds, and a request its own", () => {
    const at = "2026-10-31T23:59:59.798Z";
    expect(charge({ start_date: at, end_date: at })).toMatchObject({
      ChargePeriodStart: "2026-10-31T23:59:59Z",
      ChargePeriodEnd: "2026-11-01T00:00:00Z",
      BillingPeriodStart: "2026-10-01T00:00:00Z",
      BillingPeriodEnd: "2026-11-01T00:00:00Z",
    });
  });

  it("hold all of a time that ends within a second", () => {
    const times = { start_date: "2026-10-13T10:00:00.900Z", end_date: "2026-10-13T10:00:01.500Z" };
    expect(charge(times)).toMatchObject({
      ChargePeriodStart: "2026-10-13T10:00:00Z",
      ChargePeriodEnd: "2026-10-13T10:00:02Z",
    });
  });

  it("hold the months that a longer charge touches", () => {
    expect(charge({ start_date: "2026-10-30T00:00:00Z", end_date: "2026-11-02T00:00:00Z" })).toMatchObject({
      BillingPeriodStart: "2026-10-01T00:00:00Z",
      BillingPeriodEnd: "2026-12-01T00:00:00Z",
    });
  });

  it("hold a quantity only with its unit, and what was consumed in tokens where they are counted", () => {
    expect(charge({ usage: { quantity: 445 } })).toMatchObject({ PricingQuantity: null, ConsumedQuantity: null });
    expect(charge({ usage: { quantity: 18.065, tokens: { total: 423_014 } }, unit: "credit" })).toMatchObject({
      PricingQuantity: "18.065",
      PricingUnit: "credit",
      ConsumedQuantity: "423014",
      ConsumedUnit: "Tokens",
    });
  });

  it.each([
    ["tokens.uncached_input_tokens", "input"],
    ["tokens.cache_read_input_tokens", "cache_read"],
    ["tokens.cache_creation.ephemeral_5m_input_tokens", "cache_write_ephemeral_5m"],
    ["tokens.cache_creation.ephemeral_1h_input_tokens", "cache_write_ephemeral_1h"],
    ["tokens.output_tokens", "output"],
    ["gpt-5.4-2026-03-05, cached input", "cache_read"],
    ["gpt-6-astra, input_tokens", "input"],
    ["gpt-5.5, output", "output"],
    ["tts-1-hd, characters", null],
    ["tokens", null],
  ])("tell the kind of tokens from %s: %s", (metric_name, kind) => {
    const told = charge({ metric_name, model: { id: "gpt-5.5" } });
    expect(told).toMatchObject({ x_TokenType: kind, SkuId: kind === null ? "gpt-5.5" : `gpt-5.5/${kind}` });
  });

  it("name no person unless they are to", () => {
    const user = { id: "user_4711", email: "ada@example.com", name: "Ada" };
    const row = { id: "codex:1:user_4711", user, surface: "chat" };
    const [without, withPeople] = [charge(row), charge(row, { withPeople: true })];
    expect(JSON.stringify(without)).not.toMatch(/ada|user_4711/i);
    expect(without["Tags"]).toBe('{"surface":"chat"}');
    expect(without["x_RowId"]).toMatch(/^\S{8,}$/);
    expect(withPeople).toMatchObject({
      Tags: '{"surface":"chat","user":"ada@example.com"}',
      x_RowId: "codex:1:user_4711",
    });
  });
});

describe("a line of JSON", () => {
  it("has every digit as a number, and null where nothing is known", () => {
    const values = [decimal("3143.531484821178495") ?? ZERO, decimal("-450") ?? ZERO, 'a "b"\n', null];
    expect(focusLine(["ListCost", "BilledCost", "Tags", "ChargeClass"], values)).toBe(
      '{"ListCost":3143.531484821178495,"BilledCost":-450,"Tags":"a \\"b\\"\\n","ChargeClass":null}\n',
    );
  });
});
