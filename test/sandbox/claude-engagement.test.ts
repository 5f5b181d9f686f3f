import { describe, expect, it } from "vitest";
import * as z from "zod";
import { all, ask } from "./claude-ask.ts";

const USERS = "/analytics/users";
const PROJECTS = "/analytics/apps/chat/projects";
const SKILLS = "/analytics/skills";
const CONNECTORS = "/analytics/connectors";
const WEEK = ["2026-10-12", "2026-10-13", "2026-10-14", "2026-10-15", "2026-10-16", "2026-10-17", "2026-10-18"];
const RANGE = { starting_date: "2026-10-12", ending_date: "2026-10-19" };

const user = z.looseObject({
  user: z.object({ id: z.string(), email_address: z.string(), type: z.string().optional() }),
  chat_metrics: z.looseObject({ message_count: z.number(), distinct_conversation_count: z.number().nullable() }),
  claude_code_metrics: z.looseObject({ core_metrics: z.looseObject({ commit_count: z.number() }) }),
  web_search_count: z.number(),
});

describe("the simulated Claude's activity", () => {
  it("of a range is one row a user, the counters summed and the distinct ones null", () => {
    const days = WEEK.flatMap((date) => all(USERS, { date }).map((row) => user.parse(row)));
    const range = all(USERS, RANGE).map((row) => user.parse(row));
    expect(new Set(range.map((row) => row.user.id)).size).toBe(range.length);
    for (const of of [
      (row: z.infer<typeof user>) => row.chat_metrics.message_count,
      (row: z.infer<typeof user>) => row.claude_code_metrics.core_metrics.commit_count,
      (row: z.infer<typeof user>) => row.web_search_count,
    ]) {
      const sum = (rows: z.infer<typeof user>[]) => rows.reduce((total, row) => total + of(row), 0);
      expect(sum(range)).toBe(sum(days));
      expect(sum(range)).toBeGreaterThan(0);
    }
    expect(new Set(range.map((row) => row.chat_metrics.distinct_conversation_count))).toEqual(new Set([null]));
    expect(days.every((row) => row.chat_metrics.distinct_conversation_count !== null)).toBe(true);
  });

  it("comes in pages without has_more, by address, each user once", () => {
    const rows = all(USERS, { ...RANGE, limit: "7" });
    expect(rows).toEqual(all(USERS, { ...RANGE, limit: "1000" }));
    const addresses = rows.map((row) => user.parse(row).user.email_address);
    expect(addresses).toEqual([...new Set(addresses)].sort());
    const { body } = ask(USERS, { date: "2026-10-14" }, { version: "2023-06-01" });
    expect(z.strictObject({ data: z.array(z.unknown()), next_page: z.string() }).parse(body).data).toHaveLength(20);
  });

  it("is of one user, or one group, where that's asked", () => {
    const [first] = all(USERS, { date: "2026-10-14" }).map((row) => user.parse(row));
    const id = first?.user.id ?? "";
    expect(all(USERS, { date: "2026-10-14", filter: [`user_id:${id}`] })).toMatchObject([{ user: { id } }]);
    const groups = all(USERS, { date: "2026-10-14", group_by: ["rbac_group_id"] });
    expect(groups).toContainEqual(expect.objectContaining({ user: null, rbac_group_name: "Robots" }));
  });

  it("of projects, skills and connectors adds up over days, products and users", () => {
    for (const [path, fields] of [
      [PROJECTS, ["message_count"]],
      [SKILLS, ["invocation_count"]],
      [CONNECTORS, ["read_call_count", "write_call_count", "unclassified_call_count"]],
    ] as const) {
      const sum = (rows: readonly Record<string, unknown>[]) =>
        rows.reduce((total, row) => fields.reduce((count, field) => count + Number(row[field]), total), 0);
      const whole = sum(all(path, RANGE));
      expect(whole).toBeGreaterThan(0);
      expect(sum(WEEK.flatMap((date) => all(path, { date })))).toBe(whole);
      expect(sum(all(path, { ...RANGE, group_by: ["user_id"], limit: "20" }))).toBe(whole);
      if (path === PROJECTS) continue;
      const products = ["chat", "claude_code", "cowork", "office_agent"];
      expect(sum(products.flatMap((name) => all(path, { ...RANGE, filter: [`product:${name}`] })))).toBe(whole);
    }
  });

  it("has what trips readers: a name beyond ASCII, no origin, opaque names, no calls before they were counted", () => {
    const projects = all(PROJECTS, RANGE);
    expect(projects.map(({ project_name }) => project_name)).toContain("Kaiabnahme Hafen Nord – Prüfprotokolle ⚓");
    expect(projects).toContainEqual(expect.objectContaining({ created_at: null, created_by: null }));
    expect(all(CONNECTORS, RANGE)).toContainEqual(
      expect.objectContaining({
        connector_name: expect.stringMatching(/^mcpsrv_/),
        connector_display_name: "Harbour telemetry",
      }),
    );
    const before = { starting_date: "2026-05-20", ending_date: "2026-06-10" };
    expect(new Set(all(CONNECTORS, before).map(({ read_call_count }) => read_call_count))).toEqual(new Set([null]));
    for (const row of all(SKILLS, { ...RANGE, filter: ["product:chat"] })) {
      expect(row).toMatchObject({ attributed_list_price: null, estimated_overage_spend: expect.stringMatching(/^\d/) });
    }
  });

  it("in summaries is counted by the day, and under each version's name", () => {
    const [tuesday, sunday] = ["2026-10-13", "2026-10-18"].map((starting_date) => {
      const ending_date = starting_date === "2026-10-13" ? "2026-10-14" : "2026-10-19";
      return all("/analytics/summaries", { starting_date, ending_date })[0];
    });
    expect(Number(tuesday?.["daily_active_user_count"])).toBeGreaterThan(Number(sunday?.["daily_active_user_count"]));
    for (const day of [tuesday, sunday]) {
      expect(Number(day?.["weekly_active_user_count"])).toBeLessThanOrEqual(Number(day?.["monthly_active_user_count"]));
      expect(Number(day?.["monthly_active_user_count"])).toBeLessThanOrEqual(Number(day?.["assigned_seat_count"]));
    }
    const earlier = ask("/analytics/summaries", RANGE, { version: "2023-06-01" }).body;
    expect(z.strictObject({ summaries: z.array(z.unknown()) }).parse(earlier).summaries).toHaveLength(7);
  });
});

describe("the simulated Claude's activity refuses", () => {
  it.each([
    ["a day that isn't there yet, and names the latest", USERS, { date: "2026-11-22" }, "2026-11-21"],
    ["today", SKILLS, { starting_date: "2026-11-23" }, "2026-11-21"],
    ["a day before 2026", USERS, { date: "2025-12-31" }, "2026-01-01"],
    ["a day and a range", USERS, { date: "2026-10-01", ...RANGE }, "date"],
    ["neither", CONNECTORS, {}, "date"],
    ["an end without a start", CONNECTORS, { ending_date: "2026-10-02" }, "date"],
    ["an end ahead", USERS, { starting_date: "2026-10-01", ending_date: "2026-11-24" }, "ending_date"],
    ["projects by product", PROJECTS, { ...RANGE, filter: ["product:chat"] }, "filter"],
    ["users by user", USERS, { ...RANGE, group_by: ["user_id"] }, "group_by"],
    ["a project with groups", USERS, { ...RANGE, filter: ["project_id:x"], group_by: ["rbac_group_id"] }, "project_id"],
    ["an unknown order", SKILLS, { ...RANGE, order_by: "price" }, "order_by"],
    ["summaries of a user", "/analytics/summaries", { ...RANGE, filter: ["user_id:x"] }, "filter"],
  ])("%s", (_, path, query, message) => {
    const { status, body } = ask(path, query);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { type: "error", error: { type: "invalid_request_error", message: expect.stringContaining(message) } },
    });
  });

  it("more than 31 days of summaries in the earlier version", () => {
    const query = { starting_date: "2026-09-01", ending_date: "2026-10-03" };
    expect(ask("/analytics/summaries", query, { version: "2023-06-01" }).status).toBe(400);
    expect(ask("/analytics/summaries", query).status).toBe(200);
  });
});
