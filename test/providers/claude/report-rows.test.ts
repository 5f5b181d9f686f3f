import { describe, expect, it } from "vitest";
import { failure, guardTheEdge } from "../edge.ts";
import { asked, bucket, cents, ENTERPRISE, itemOf, page, rows, stored, tokens } from "./claude.ts";

guardTheEdge();

const ID = expect.stringMatching(/^claude:[0-9a-f]{32}$/);
const SEPTEMBER = { start_date: "2026-09-01", end_date: "2026-09-02" };
const BOUNDS = { start_date: "2019-12-27T18:11:19.117Z", end_date: "2019-12-27T18:11:19.117Z" };
const COMMON = {
  organization: { id: "org_013FP9SaFPBg7Kw7fetjn6cF" },
  updated_at: "2019-12-27T18:11:19.117Z",
};

describe("the documented payloads, as rows", () => {
  it("usage_report", async () => {
    asked("usage", stored("usage-report"));
    const { results, ...bounds } = itemOf("usage-report");
    expect(await rows({ report_type: "usage", ...SEPTEMBER }, ENTERPRISE, { withRemoteData: true })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        ...COMMON,
        metric_name: "tokens",
        product: { id: "product", name: "Product" },
        surface: "product",
        model: { id: "model", provider: "anthropic" },
        usage: {
          quantity: 1500,
          tokens: {
            input: 0,
            output: 0,
            cache_read: 0,
            cache_write: 1500,
            cache_write_ephemeral_5m: 500,
            cache_write_ephemeral_1h: 1000,
            total: 1500,
          },
          requests: { total: 0 },
          tools: { web_search_count: 10 },
        },
        unit: "token",
        remote_data: { ...bounds, ...Object(results)[0] },
      },
    ]);
  });

  it("user_usage_report: the vendor's own total, the person's e-mail under either name", async () => {
    asked("user_usage", stored("user-usage-report"));
    const query = { report_type: "user_usage", ...SEPTEMBER } as const;
    expect(await rows(query, ENTERPRISE, { withRemoteData: true })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        ...COMMON,
        metric_name: "tokens",
        product: { id: "chat", name: "Chat" },
        surface: "chat",
        model: { id: "claude-opus-5", provider: "anthropic" },
        user: { id: "user_01AbCdEfGhIjKlMnOpQrSt", email: "jane@example.com", name: "Jane Smith" },
        usage: {
          quantity: 5377000,
          tokens: {
            input: 1284500,
            output: 891000,
            cache_read: 3200000,
            cache_write: 0,
            cache_write_ephemeral_5m: 0,
            cache_write_ephemeral_1h: 0,
            total: 5377000,
          },
          requests: { total: 128 },
          tools: { web_search_count: 10 },
        },
        unit: "token",
        remote_data: itemOf("user-usage-report"),
      },
    ]);
  });

  it("cost_report: fractional cents as text", async () => {
    const digits = (text: string) =>
      text
        .replace('"amount": "amount"', '"amount": "41280.000000"')
        .replace('"list_amount": "list_amount"', '"list_amount": "51600.000000"');
    asked("cost", stored("cost-report", digits));
    expect(await rows({ report_type: "cost", ...SEPTEMBER })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        ...COMMON,
        metric_name: "code_execution.cache_creation.ephemeral_1h_input_tokens",
        product: { id: "chat", name: "Chat" },
        surface: "chat",
        model: { id: "claude-opus-5", provider: "anthropic" },
        charges: [
          { type: "net", amount: 412.8, currency: "USD" },
          { type: "total", amount: 516, currency: "USD" },
          { type: "discount", amount: 103.2, currency: "USD" },
        ],
        usage: { requests: { total: 0 } },
      },
    ]);
  });

  it("user_cost_report", async () => {
    asked("user_cost", stored("user-cost-report"));
    expect(await rows({ report_type: "user_cost", ...SEPTEMBER })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        ...COMMON,
        metric_name: "code_execution.cache_creation.ephemeral_1h_input_tokens",
        product: { id: "chat", name: "Chat" },
        surface: "chat",
        model: { id: "claude-opus-5", provider: "anthropic" },
        user: { id: "user_01AbCdEfGhIjKlMnOpQrSt", email: "jane@example.com", name: "Jane Smith" },
        charges: [
          { type: "net", amount: 412.8, currency: "USD" },
          { type: "total", amount: 516, currency: "USD" },
          { type: "discount", amount: 103.2, currency: "USD" },
        ],
        usage: { requests: { total: 128 } },
      },
    ]);
  });
});

describe("fields that may be missing", () => {
  const cost = { report_type: "cost", ...SEPTEMBER } as const;

  it("no discount where amounts are the same, no requests where cost is split by kind", async () => {
    const part = { amount: "100.5", list_amount: "100.50", currency: "USD", requests: null, cost_type: "tokens" };
    asked("cost", () => page([bucket("2026-09-01", [part])]));
    expect(await rows(cost)).toEqual([
      {
        id: ID,
        start_date: "2026-09-01T00:00:00Z",
        end_date: "2026-09-02T00:00:00Z",
        metric_name: "tokens",
        product: { id: "claude", name: "Claude" },
        charges: [
          { type: "net", amount: 1.005, currency: "USD" },
          { type: "total", amount: 1.005, currency: "USD" },
        ],
      },
    ]);
  });

  it.each([
    ["claude-tag", "claude_tag", "Claude Tag"],
    ["claude-in-slack", "claude_tag", "Claude Tag"],
    ["claude_tag", "claude_tag", "Claude Tag"],
    ["other", "other", "Other"],
    ["cc_security_autopatch", "cc_security_autopatch", "Claude Security autopatch"],
    ["something_new", "something_new", "Something New"],
  ])("the product %s is %s", async (product, id, name) => {
    asked("cost", () => page([bucket("2026-09-01", [cents("1", "1", { product })])]));
    expect(await rows(cost)).toMatchObject([{ product: { id, name }, surface: id }]);
  });

  it("a person who was deleted keeps a row, with the id that is left", async () => {
    const actor = { type: "user_actor", user_id: "user_1", email_address: null, name: null, deleted: true };
    asked("user_cost", () => page([{ ...bucket("2026-09-01", []), ...cents("1", "1"), actor }]));
    expect(await rows({ ...cost, report_type: "user_cost" })).toMatchObject([{ user: { id: "user_1" } }]);
  });

  it("people of whom only e-mails are sent are told apart by them", async () => {
    const of = (email: string) => ({
      ...bucket("2026-09-01", []),
      ...cents("1", "1"),
      actor: { email_address: email },
    });
    asked("user_cost", () => page([of("ann@example.com"), of("bo@example.com")]));
    const found = await rows({ ...cost, report_type: "user_cost" });
    expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  });

  it("a row without bounds of its own is of the days asked for", async () => {
    asked("user_cost", () =>
      page([{ starting_at: null, ending_at: null, ...cents("1", "1"), actor: { user_id: "u" } }]),
    );
    expect(await rows({ report_type: "user_cost", ...SEPTEMBER })).toMatchObject([
      { start_date: "2026-09-01T00:00:00Z", end_date: "2026-09-02T00:00:00Z" },
    ]);
  });
});

describe("what was retyped is an error that names it, never a zero", () => {
  const drift = { kind: "vendor_data" };

  it("an amount that is no number, as in the documentation", async () => {
    asked("cost", stored("cost-report"));
    const error = await failure(rows({ report_type: "cost", ...SEPTEMBER }));
    expect(error).toMatchObject(drift);
    expect(String(error)).toContain("cost.amount");
  });

  it.each<[string, unknown]>([
    ["uncached_input_tokens", null],
    ["uncached_input_tokens", "many"],
    ["output_tokens", undefined],
    ["cache_read_input_tokens", {}],
    ["cache_creation", 1500],
    ["cache_creation", null],
    ["requests", "few"],
    ["server_tool_use", 3],
  ])("usage with %s = %j", async (field, value) => {
    asked("usage", () => page([bucket("2026-09-01", [tokens(1, {}, { [field]: value })])]));
    const error = await failure(rows({ report_type: "usage", ...SEPTEMBER }));
    expect(error).toMatchObject(drift);
    expect(String(error)).toContain(`usage.${field}`);
  });

  it.each([
    ["no list at all", { has_more: false }, "usage.data"],
    ["a list that is an object", { data: {} }, "usage.data"],
    ["buckets without bounds", { data: [{ results: [tokens(1)] }], next_page: null }, "starting_at"],
    [
      "bounds that are no date",
      { data: [{ ...bucket("2026-09-01", [tokens(1)]), starting_at: "then" }], next_page: null },
      "starting_at",
    ],
  ])("%s", async (_, body, field) => {
    asked("usage", () => Response.json(body));
    const error = await failure(rows({ report_type: "usage", ...SEPTEMBER }));
    expect(error).toMatchObject(drift);
    expect(String(error)).toContain(field);
  });
});

describe("totals", () => {
  it("are exact: a hundred days of a third of a cent", async () => {
    asked("cost", ({ searchParams }) => {
      const start = Date.parse(searchParams.get("starting_at") ?? "");
      const end = Date.parse(searchParams.get("ending_at") ?? "");
      const days = Array.from({ length: (end - start) / 86_400_000 }, (_, day) =>
        new Date(start + day * 86_400_000).toISOString().slice(0, 10),
      );
      return page(days.map((day) => bucket(day, [cents("0.333333", "0.7")])));
    });
    const query = {
      report_type: "cost",
      start_date: "2026-08-01",
      end_date: "2026-11-09",
      group_by: ["account"],
    } as const;
    // 100 days by hand: 100 x 0.00333333 = 0.333333; 100 x 0.007 = 0.7. One row a day; by month the engine sums.
    const months = await rows({ ...query, group_by: ["month"] });
    const net = months.map(({ charges }) => Object(charges)[0].amount);
    // August 31, September 30, October 31, November 8 days.
    expect(net).toEqual([0.10333323, 0.0999999, 0.10333323, 0.02666664]);
  });
});
