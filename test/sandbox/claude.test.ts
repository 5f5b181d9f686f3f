import { describe, expect, it } from "vitest";
import * as z from "zod";
import { CLAUDE_ADMIN_KEY } from "../../src/sandbox/claude.ts";
import { all, amounts, ask, NOW, OCTOBER, results, tokens } from "./claude-ask.ts";

const COST = "/analytics/cost_report";
const USAGE = "/analytics/usage_report";
const USER_COST = "/analytics/user_cost_report";
const USER_USAGE = "/analytics/user_usage_report";
const ADMIN = { headers: { "x-api-key": CLAUDE_ADMIN_KEY } };

const group = z.looseObject({
  group: z.record(z.string(), z.unknown()),
  cost: z.unknown().optional(),
  usage: z.unknown().optional(),
});
const ofUser = z.looseObject({
  actor: z.object({
    type: z.literal("user_actor"),
    user_id: z.string(),
    name: z.string().nullable(),
    email_address: z.string().nullable(),
    deleted: z.boolean(),
  }),
});

describe("the simulated Claude's reports", () => {
  it.each([
    [["product"]],
    [["model"]],
    [["product", "model", "context_window", "inference_geo", "speed"]],
    [["rbac_group_id"]],
    [["slack_channel_id", "claude_tag_category", "claude_tag_user_id"]],
  ])("by %s add up to the ungrouped sum, in money and tokens", (group_by) => {
    for (const field of ["amount", "list_amount"] as const) {
      expect(amounts(results(COST, { ...OCTOBER, group_by }), field)).toBe(amounts(results(COST, OCTOBER), field));
    }
    expect(tokens(results(USAGE, { ...OCTOBER, group_by }))).toEqual(tokens(results(USAGE, OCTOBER)));
  });

  it("fan the cost out by type; by token type alone it's the tokens' only", () => {
    const whole = amounts(results(COST, OCTOBER));
    const byType = results(COST, { ...OCTOBER, group_by: ["cost_type"] });
    const byBoth = results(COST, { ...OCTOBER, group_by: ["cost_type", "token_type", "model"] });
    expect(amounts(byType)).toBe(whole);
    expect(amounts(byBoth)).toBe(whole);
    expect(new Set(byType.map(({ cost_type }) => cost_type))).toEqual(
      new Set(["tokens", "web_search", "code_execution"]),
    );
    expect(new Set(byBoth.map(({ requests }) => requests))).toEqual(new Set([null]));
    const tokensOnly = byType.filter(({ cost_type }) => cost_type === "tokens");
    expect(amounts(results(COST, { ...OCTOBER, group_by: ["token_type"] }))).toBe(amounts(tokensOnly));
  });

  it("cost what their tokens cost: a price list holds for standard use of a model", () => {
    const query = { ...OCTOBER, models: ["claude-opus-5"], products: ["chat"] };
    const rows = results(COST, { ...query, group_by: ["cost_type", "token_type"] });
    const used = tokens(results(USAGE, query));
    const listed = (type: string) =>
      amounts(
        rows.filter(({ token_type }) => token_type === type),
        "list_amount",
      );
    // $5 and $25 a million tokens.
    expect(listed("uncached_input_tokens")).toBe(BigInt(used.input) * 500n);
    expect(listed("output_tokens")).toBe(BigInt(used.output) * 2_500n);
  });

  it("by user are the part of the sum that is tied to users", () => {
    const whole = amounts(results(COST, OCTOBER));
    const users = all(USER_COST, { ...OCTOBER, limit: "1000" });
    expect(amounts(users)).toBeLessThan(whole);
    expect(amounts(users)).toBeGreaterThan((whole * 8n) / 10n);
    const query = { ...OCTOBER, limit: "1000", group_by: ["product", "model"] };
    expect(amounts(all(USER_COST, query))).toBe(amounts(users));
    expect(amounts(all(USER_COST, { ...query, bucket_width: "1d" }))).toBe(amounts(users));
    const ids = users.map((row) => ofUser.parse(row).actor.user_id);
    expect(amounts(results(COST, { ...OCTOBER, user_ids: ids }))).toBe(amounts(users));
    expect(amounts(results(COST, { ...OCTOBER, products: ["claude-tag"] }))).toBeGreaterThan(
      amounts(all(USER_COST, { ...OCTOBER, products: ["claude-tag"] })),
    );
  });

  it("are the newer ones' too, whole and by user", () => {
    const costs = (query: Record<string, string | string[]>) =>
      all("/analytics/cost", { ...OCTOBER, ...query }).map((row) => group.parse(row));
    expect(amounts(costs({}).map(({ cost }) => cost))).toBe(amounts(results(COST, OCTOBER)));
    const byUser = costs({ group_by: ["actor"], limit: "7" }).filter((row) => row.group["actor"] !== null);
    expect(amounts(byUser.map(({ cost }) => cost))).toBe(amounts(all(USER_COST, OCTOBER)));
    const used = all("/analytics/usage", { ...OCTOBER, group_by: ["product"], time_bucket_width: "1d" });
    expect(tokens(used.map((row) => group.parse(row).usage))).toEqual(tokens(results(USAGE, OCTOBER)));
    expect(costs({ group_by: ["product"] }).map((row) => row.group["product"])).toContain("claude_tag");
  });

  it("come in pages that hold everything once, in order", () => {
    for (const limit of ["1", "7", "31"]) {
      const starts = all(COST, { ...OCTOBER, limit }).map(({ starting_at }) => starting_at);
      expect(starts).toEqual([...new Set(starts)].sort());
      expect(starts).toHaveLength(31);
    }
    const query = { ...OCTOBER, group_by: ["model"] };
    expect(all(USER_COST, { ...query, limit: "7" })).toEqual(all(USER_COST, { ...query, limit: "1000" }));
    const ranked = all(USER_COST, { ...OCTOBER, order_by: "list_amount", order: "asc" });
    const listed = ranked.map((row) => amounts([row], "list_amount"));
    expect(listed).toEqual([...listed].sort((a, b) => (a < b ? -1 : 1)));
  });

  it("count buckets in their limit, and fan-out rows in none", () => {
    const hours = z.looseObject({ data: z.array(z.unknown()), has_more: z.literal(true) });
    expect(hours.parse(ask(USAGE, { ...OCTOBER, bucket_width: "1h" }).body).data).toHaveLength(24);
    expect(hours.parse(ask(USAGE, { ...OCTOBER, bucket_width: "1m" }).body).data).toHaveLength(60);
    const fanned = ask(USER_COST, { ...OCTOBER, limit: "5", group_by: ["cost_type", "token_type"] });
    expect(hours.parse(fanned.body).data.length).toBeGreaterThan(5);
  });

  it("have deleted and nameless users, and leave the deleted out on demand after paging", () => {
    const actors = all(USER_COST, OCTOBER).map((row) => ofUser.parse(row).actor);
    expect(actors.filter(({ name, email_address }) => name === null && email_address !== null)).toHaveLength(1);
    expect(actors.filter(({ deleted }) => deleted)).toEqual([
      expect.objectContaining({ name: "Deleted User", email_address: null, deleted: true }),
    ]);
    const kept = all(USER_COST, { ...OCTOBER, exclude_deleted_users: "true" });
    expect(kept).toHaveLength(actors.length - 1);
    // Removed in August, but not deleted: the name stays.
    const august = { starting_at: "2026-08-01T00:00:00Z", ending_at: "2026-08-31T00:00:00Z" };
    const removed = all(USER_COST, august).map((row) => ofUser.parse(row).actor);
    expect(removed).toContainEqual(expect.objectContaining({ name: "Gwen Tregarthen", deleted: true }));
  });

  it("are the same whenever asked, but for what's refreshed every four hours", () => {
    const query = { starting_at: "2026-11-20T00:00:00Z", ending_at: "2026-11-23T00:00:00Z", group_by: ["model"] };
    expect(results(COST, query)).toEqual(results(COST, query, { now: "2027-02-01T00:00:00Z" }));
    const today = { starting_at: "2026-11-23T00:00:00Z", ending_at: "2026-11-24T00:00:00Z" };
    const at = (now: string) => tokens(results(USAGE, today, { now }));
    expect(at("2026-11-23T11:59:59Z")).toEqual(at("2026-11-23T08:00:00Z"));
    expect(at("2026-11-23T12:00:00Z").output).toBeGreaterThan(at("2026-11-23T11:59:59Z").output);
    const envelope = z.looseObject({ data_refreshed_at: z.string().nullable(), organization_id: z.string() });
    expect(envelope.parse(ask(COST, OCTOBER).body).data_refreshed_at).toBe("2026-11-23T08:00:00Z");
    const ahead = ask(COST, { starting_at: "2026-11-23T08:00:00Z", bucket_width: "1h" });
    expect(ahead.body).toMatchObject({ data_refreshed_at: null, data: [{ results: [] }] });
  });

  it("name Claude in Slack and the address as each version does", () => {
    const products = (version: string) =>
      results(COST, { ...OCTOBER, group_by: ["product"] }, { version }).map(({ product }) => product);
    expect(products("2023-06-01")).toContain("claude-in-slack");
    expect(products("2026-10-21")).toContain("claude-tag");
    expect(products("2026-10-21")).toEqual(expect.arrayContaining([null, "cc_security_autopatch"]));
    const [earlier] = all(USER_USAGE, OCTOBER, { version: "2023-06-01" });
    expect(earlier?.["actor"]).toMatchObject({ email: expect.any(String), email_address: expect.any(String) });
    const [later] = all(USER_USAGE, OCTOBER);
    expect(later?.["actor"]).not.toHaveProperty("email");
    expect(later).toMatchObject({ starting_at: null, ending_at: null, total_tokens: expect.any(Number) });
  });

  it("are a few thousand dollars a month, with a discount on some", () => {
    const rows = results(COST, OCTOBER);
    const cents = 1_000_000n;
    expect(amounts(rows)).toBeGreaterThan(300_000n * cents);
    expect(amounts(rows)).toBeLessThan(900_000n * cents);
    const chat = results(COST, { ...OCTOBER, products: ["chat"] });
    expect(amounts(chat)).toBe(amounts(chat, "list_amount"));
    expect(amounts(rows)).toBeLessThan(amounts(rows, "list_amount"));
  });
});

describe("the simulated Claude platform, with an Admin key", () => {
  it("costs by description what it costs, and what the newer report says", () => {
    const sum = (rows: readonly Record<string, unknown>[]) =>
      rows.reduce((total, { amount }) => total + Number(amount), 0);
    const whole = sum(results("/cost_report", OCTOBER, ADMIN));
    const described = results("/cost_report", { ...OCTOBER, group_by: ["description", "workspace_id"] }, ADMIN);
    expect(sum(described)).toBeCloseTo(whole, 6);
    expect(described.map(({ description }) => description)).toContain("Claude Opus 5 Usage - Input Tokens");
    const newer = all("/analytics/cost", OCTOBER, ADMIN).map((row) => group.parse(row).cost);
    expect(Number(amounts(newer)) / 1_000_000).toBeCloseTo(whole, 6);
  });

  it("counts tokens by model and workspace, the default one null", () => {
    const rows = results("/usage_report/messages", { ...OCTOBER, group_by: ["model", "workspace_id"] }, ADMIN);
    expect(new Set(rows.map(({ workspace_id }) => workspace_id)).has(null)).toBe(true);
    const output = (of: readonly Record<string, unknown>[]) =>
      of.reduce((total, { output_tokens }) => total + Number(output_tokens), 0);
    expect(output(rows)).toBe(output(results("/usage_report/messages", OCTOBER, ADMIN)));
  });

  it("reports a day of Claude Code in pages, in whole cents as numbers", () => {
    const day = { starting_at: "2026-10-14" };
    const rows = all("/usage_report/claude_code", { ...day, limit: "2" }, ADMIN);
    expect(rows).toEqual(all("/usage_report/claude_code", day, ADMIN));
    expect(rows[0]).toMatchObject({
      actor: { type: "user_actor" },
      model_breakdown: [{ estimated_cost: { amount: expect.any(Number), currency: "USD" } }],
    });
  });
});

describe("the simulated Claude refuses", () => {
  const error = (type: string, message: string) => ({
    type: "error",
    error: { type, message: expect.stringContaining(message) },
    request_id: expect.stringMatching(/^req_011C\w{20}$/),
  });

  it.each([
    ["no key", "/analytics/users", { "x-api-key": "" }, 401, "authentication_error"],
    ["an unknown key", COST, { "x-api-key": "sk-ant-api03-other" }, 401, "authentication_error"],
    ["an analytics key for the platform", "/cost_report", {}, 401, "authentication_error"],
    ["an Admin key for analytics", COST, { "x-api-key": CLAUDE_ADMIN_KEY }, 403, "permission_error"],
    ["an unknown version", COST, { "anthropic-version": "2020-01-01" }, 400, "invalid_request_error"],
    ["the newer report without its beta", "/analytics/cost", { "anthropic-beta": "other" }, 404, "not_found_error"],
    ["what it doesn't have", "/analytics/nothing", {}, 404, "not_found_error"],
  ])("%s", (_, path, headers, status, type) => {
    const answered = ask(path, OCTOBER, { headers });
    expect({ status: answered.status, body: answered.body }).toEqual({ status, body: error(type, "") });
    expect(answered.headers["request-id"]).toBe(
      z.looseObject({ request_id: z.string() }).parse(answered.body).request_id,
    );
  });

  it("an Admin key in the words seen live", () => {
    const { body } = ask("/analytics/users", { date: "2026-11-01" }, ADMIN);
    const message = "Missing required scopes. Got: ['api:admin'] Needed: ['read:analytics']";
    expect(body).toEqual(error("permission_error", message));
  });

  const query = { ...OCTOBER };
  it.each([
    ["no start", COST, {}, "starting_at"],
    ["a date for a time", COST, { starting_at: "2026-10-01" }, "starting_at"],
    ["2025", COST, { starting_at: "2025-12-31T00:00:00Z" }, "2026-01-01"],
    ["32 days", COST, { ...query, starting_at: "2026-09-30T00:00:00Z" }, "31 days"],
    ["no time at all", COST, { ...query, ending_at: query.starting_at }, "after starting_at"],
    ["token types of usage", USAGE, { ...query, group_by: ["token_type"] }, "group_by"],
    ["users as a group", COST, { ...query, group_by: ["actor"] }, "group_by"],
    ["Slack users with groups", COST, { ...query, group_by: ["claude_tag_user_id", "rbac_group_id"] }, "combined"],
    ["an unknown product", COST, { ...query, products: ["composer"] }, "products"],
    ["101 models", COST, { ...query, models: Array.from({ length: 101 }, (_, i) => `m${i}`) }, "100"],
    ["32 buckets", COST, { ...query, limit: "32" }, "limit"],
    ["1001 rows", USER_COST, { ...query, limit: "1001" }, "limit"],
    ["a list without brackets", COST, { ...query, models: "claude-opus-5" }, "models"],
    ["an order of buckets", COST, { ...query, order: "asc" }, "order"],
    ["buckets of users without an end", USER_COST, { starting_at: query.starting_at, bucket_width: "1d" }, "ending_at"],
    ["a made-up cursor", COST, { ...query, page: "page_Zm9v" }, "page"],
    [
      "six dimensions",
      "/analytics/cost",
      { ...query, group_by: ["actor", "model", "product", "speed", "agent_id", "session_id"] },
      "at most 5",
    ],
    ["the newer report by user id", "/analytics/cost", { ...query, user_ids: ["user_1"] }, "user_ids"],
  ])("%s", (_, path, asked, message) => {
    const { status, body } = ask(path, asked);
    expect({ status, body }).toEqual({ status: 400, body: error("invalid_request_error", message) });
  });

  it("more than a year back", () => {
    const { status } = ask(COST, { starting_at: "2026-10-01T00:00:00Z" }, { now: "2027-10-02T00:00:00Z" });
    expect(status).toBe(400);
  });

  it("a cursor with another query, and one from before a refresh", () => {
    const next = (asked: Record<string, string>, now = NOW) =>
      z.looseObject({ next_page: z.string() }).parse(ask(COST, asked, { now }).body).next_page;
    const page = next(query);
    expect(ask(COST, { ...query, page, group_by: ["model"] }).status).toBe(400);
    expect(ask("/analytics/usage_report", { ...query, page }).status).toBe(400);
    expect(ask(COST, { ...query, page }, { now: "2026-12-01T00:00:00Z" }).status).toBe(200);
    const running = { starting_at: "2026-11-01T00:00:00Z", ending_at: "2026-12-01T00:00:00Z" };
    const cursor = next(running);
    expect(ask(COST, { ...running, page: cursor }, { now: "2026-11-23T11:00:00Z" }).status).toBe(200);
    expect(ask(COST, { ...running, page: cursor }, { now: "2026-11-23T12:00:00Z" }).status).toBe(410);
  });
});
