import { http } from "msw";
import { describe, expect, it } from "vitest";
import { edge, engineOf, guardTheEdge, json } from "../providers/edge.ts";
import { type Charge, exported } from "./exported.ts";

/** One charge of each vendor, worked out by hand from what the vendor sends. */

guardTheEdge();

/** Answers by the ends of paths; every other path has nothing. */
function vendor(host: string, answers: Readonly<Record<string, unknown>>): void {
  edge.use(
    http.all(`${host}/*`, ({ request }) => {
      const { pathname } = new URL(request.url);
      const known = Object.entries(answers).find(([path]) => pathname.endsWith(path));
      return json(known ? known[1] : { data: [], has_more: false });
    }),
  );
}

async function chargesOf(account: unknown): Promise<readonly Charge[]> {
  return (await exported(engineOf([account]))).charges;
}

const OCTOBER_13 = {
  BillingCurrency: "USD",
  BillingPeriodStart: "2026-10-01T00:00:00Z",
  BillingPeriodEnd: "2026-11-01T00:00:00Z",
  ChargePeriodStart: "2026-10-13T00:00:00Z",
  ChargePeriodEnd: "2026-10-14T00:00:00Z",
  ChargeClass: null,
};

describe("a charge of", () => {
  it("Claude: cents with fractions, the list price before the discount", async () => {
    vendor("https://api.anthropic.com", {
      cost_report: {
        data: [
          {
            starting_at: "2026-10-13T00:00:00Z",
            ending_at: "2026-10-14T00:00:00Z",
            results: [
              {
                ...{ amount: "1050.677480", list_amount: "1313.346850", currency: "USD", requests: null },
                ...{ product: "claude_code", model: "claude-opus-5" },
                ...{ cost_type: "tokens", token_type: "uncached_input_tokens" },
              },
            ],
          },
        ],
        ...{ has_more: false, next_page: null, organization_id: "org_1" },
      },
    });
    const account = { id: "claude", provider: "claude", credentials: { api_key: "sk-ant-api01-an4lytics" } };
    expect(await chargesOf(account)).toMatchObject([
      {
        ...OCTOBER_13,
        BilledCost: "10.5067748",
        ListCost: "13.1334685",
        ContractedCost: "10.5067748",
        ChargeCategory: "Usage",
        BillingAccountId: "org_1",
        BillingAccountName: null,
        ServiceName: "Claude Code",
        ServiceCategory: "AI and Machine Learning",
        ProviderName: "Anthropic",
        SkuId: "claude-opus-5/input",
        x_TokenType: "input",
        PricingQuantity: null,
        Tags: '{"surface":"claude_code"}',
      },
    ]);
  });

  it("OpenAI: a line item with its quantity, in a project", async () => {
    const results = [
      {
        object: "organization.costs.result",
        amount: { value: "13.323973425000000001", currency: "usd" },
        ...{ line_item: "gpt-5.5, cached input", project_id: "proj_1", api_key_id: "key_1" },
        ...{ quantity: 1_436_547, quantity_unit: "tokens" },
      },
    ];
    const day = { object: "bucket", start_time: 1_791_849_600, end_time: 1_791_936_000, results };
    vendor("https://api.openai.com", {
      "/organization/costs": { object: "page", data: [day], has_more: false, next_page: null },
      "/organization/projects": {
        object: "list",
        data: [{ object: "organization.project", id: "proj_1", name: "Harbour", created_at: 1, status: "active" }],
        has_more: false,
      },
    });
    const account = {
      ...{ id: "openai", provider: "openai_codex", organization_id: "org-1" },
      credentials: { api_key: "sk-admin-s3cret-of-tests" },
    };
    expect(await chargesOf(account)).toMatchObject([
      {
        ...OCTOBER_13,
        BilledCost: "13.323973425000000001",
        ListCost: "13.323973425000000001",
        ServiceName: "OpenAI API",
        ResourceId: "key_1",
        SubAccountId: "proj_1",
        SubAccountName: "Harbour",
        ConsumedQuantity: "1436547",
        ConsumedUnit: "Tokens",
        PricingQuantity: "1436547",
        SkuMeter: "gpt-5.5, cached input",
        SkuId: "gpt-5.5/cache_read",
        x_ModelDeveloper: "openai",
      },
    ]);
  });

  it("Cursor: what the plan includes is listed at its value and billed at nothing; what is on demand is billed", async () => {
    const event = (kind: string, isChargeable: boolean, timestamp: number) => ({
      ...{ timestamp: String(timestamp), userEmail: "ada@example.com", model: "claude-4.5-sonnet", kind, isChargeable },
      ...{ maxMode: false, requestsCosts: 5, isTokenBasedCall: true, isHeadless: false },
      tokenUsage: {
        inputTokens: 126,
        outputTokens: 450,
        cacheWriteTokens: 6112,
        cacheReadTokens: 11_964,
        totalCents: 20,
      },
      ...{ chargedCents: 21.36232, cursorTokenFee: 1.18 },
    });
    const at = Date.UTC(2026, 9, 13, 12, 30, 15, 250);
    const [first, second] = [event("Usage-based", true, at), event("Included in Business", false, at - 86_400_000)];
    edge.use(
      http.get("https://api.cursor.com/teams/members", () => json({ teamMembers: [] })),
      http.post("https://api.cursor.com/teams/filtered-usage-events", async ({ request }) => {
        const { startDate, endDate } = Object(await request.json());
        const usageEvents = [first, second].filter(({ timestamp }) => +timestamp >= startDate && +timestamp <= endDate);
        const pagination = { numPages: 1, currentPage: 1, pageSize: 1000, hasNextPage: false, hasPreviousPage: false };
        return json({ totalUsageEventsCount: usageEvents.length, pagination, usageEvents });
      }),
    );
    const charges = await chargesOf({ id: "cursor", provider: "cursor", credentials: { api_key: "key_cursor" } });
    const both = { ListCost: "0.2136232", ChargeCategory: "Usage", ServiceCategory: "Developer Tools", Tags: null };
    expect(charges).toMatchObject([
      {
        ...both,
        BilledCost: "0.2136232",
        ChargePeriodStart: "2026-10-13T12:30:15Z",
        ChargePeriodEnd: "2026-10-13T12:30:16Z",
        ConsumedQuantity: "18652",
        ConsumedUnit: "Tokens",
        PricingQuantity: "5",
        PricingUnit: "request",
        x_ModelId: "claude-4.5-sonnet",
        x_ModelDeveloper: "anthropic",
        PublisherName: "Cursor",
      },
      { ...both, BilledCost: "0", EffectiveCost: "0", ChargePeriodStart: "2026-10-12T12:30:15Z" },
    ]);
    expect(new Set(charges.map((charge) => charge["x_RowId"])).size).toBe(2);
  });

  it("Confluent: a discounted line, support, and a credit, which has no list cost", async () => {
    const day = { start_date: "2026-10-13", end_date: "2026-10-14", granularity: "DAILY" };
    const resource = { id: "lcc-1", display_name: "sink", environment: { id: "env-1" } };
    vendor("https://api.confluent.cloud", {
      "/billing/v1/costs": {
        ...{ api_version: "billing/v1", kind: "CostList", metadata: {} },
        data: [
          {
            ...{ ...day, line_type: "CONNECT_THROUGHPUT", product: "CONNECT", resource, quantity: 190.949, unit: "GB" },
            ...{ price: 0.025, original_amount: 4.777482, discount_amount: 0.382199, amount: 4.395283 },
          },
          {
            ...{ ...day, line_type: "SUPPORT", product: "SUPPORT_CLOUD_BUSINESS" },
            ...{ original_amount: 32.8767, discount_amount: 0, amount: 32.8767 },
          },
          {
            ...{ ...day, line_type: "PROMO_CREDIT", product: "KAFKA" },
            ...{ original_amount: -450, discount_amount: 0, amount: -450 },
          },
        ],
      },
    });
    const account = { id: "confluent", provider: "confluent", credentials: { api_key: "k", api_secret: "s" } };
    const charges = await chargesOf(account);
    const by = (category: string) => charges.filter((charge) => charge["ChargeCategory"] === category);
    expect(charges).toHaveLength(3);
    expect(by("Usage")).toMatchObject([
      {
        ...OCTOBER_13,
        BilledCost: "4.395283",
        ListCost: "4.777482",
        ChargeDescription: "CONNECT_THROUGHPUT, Connect, sink",
        ResourceId: "lcc-1",
        ResourceName: "sink",
        SubAccountId: "env-1",
        PricingQuantity: "190.949",
        PricingUnit: "GB",
        ServiceCategory: "Integration",
      },
    ]);
    const none = { ResourceId: null, SubAccountId: null, ConsumedQuantity: null, PricingQuantity: null };
    expect(by("Purchase")).toMatchObject([
      { ...none, BilledCost: "32.8767", ListCost: "32.8767", ChargeFrequency: "Recurring" },
    ]);
    expect(by("Credit")).toMatchObject([{ ...none, BilledCost: "-450", ListCost: "0", ChargeFrequency: "One-Time" }]);
  });

  it("Datadog: a month of an organization, committed cost apart from what came on top", async () => {
    const charge = (charge_type: string, cost: number) => ({ product_name: "infra_host", charge_type, cost });
    const attributes = {
      ...{ org_name: "Fleet", public_id: "fleet-1", date: "2026-10-01T00:00:00Z", total_cost: 737.901318 },
      charges: [charge("on_demand", 361.658193), charge("committed", 376.243125), charge("total", 737.901318)],
    };
    vendor("https://api.datadoghq.com", {
      historical_cost: { data: [{ type: "cost_by_org", id: "1", attributes }] },
    });
    const account = {
      ...{ id: "datadog", provider: "datadog" },
      credentials: { api_key: "dd-key-s3cret", application_key: "dd-app-s3cret" },
    };
    const month = {
      ...OCTOBER_13,
      ChargePeriodStart: "2026-10-01T00:00:00Z",
      ChargePeriodEnd: "2026-11-01T00:00:00Z",
      BillingAccountId: "fleet-1",
      BillingAccountName: "Fleet",
      ServiceCategory: "Management and Governance",
      ResourceId: null,
      Tags: null,
    };
    expect(await chargesOf(account)).toMatchObject([
      { ...month, ChargeCategory: "Usage", BilledCost: "361.658193", ListCost: "361.658193" },
      { ...month, ChargeCategory: "Purchase", BilledCost: "376.243125", ListCost: "376.243125" },
    ]);
  });
});
