import { describe, expect, it } from "vitest";
import { failure, guardTheEdge, type Item } from "../edge.ts";
import { asked, ENTERPRISE, HEADS, itemOf, page, rows, stored } from "./claude.ts";

guardTheEdge();

const ID = expect.stringMatching(/^claude:[0-9a-f]{32}$/);
const DAY = { date: "2026-10-05" };
const BOUNDS = { start_date: "2026-10-05T00:00:00Z", end_date: "2026-10-06T00:00:00Z" };
const BOUNDS_SENT = { starting_at: BOUNDS.start_date, ending_at: BOUNDS.end_date };
const CLAUDE = { product: { id: "claude", name: "Claude" } };

describe("activity", () => {
  it("the documented payload, where nobody did anything", async () => {
    asked("activity", stored("users"));
    const item = itemOf("users");
    const tool_actions = Object(item["claude_code_metrics"]).tool_actions;
    expect(await rows({ report_type: "activity", ...DAY }, ENTERPRISE, { withRemoteData: true })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "activity",
        ...CLAUDE,
        user: { id: "id", email: "email_address" },
        usage: {
          activity: { is_active: false },
          conversations: { distinct: 0, message_count: 0, thinking_message_count: 0, shared_viewed_count: 0 },
          code: {
            commits: 0,
            pull_requests: 0,
            lines_added: 0,
            lines_removed: 0,
            accepts: 0,
            rejects: 0,
            tool_actions,
          },
          sessions: { distinct: 0, dispatch_turns: 0 },
          tools: {
            web_search_count: 0,
            action_count: 0,
            connectors_used_count: 0,
            skills_used_count: 0,
            distinct_connectors_used_count: 0,
            distinct_skills_used_count: 0,
          },
        },
        remote_data: item,
      },
    ]);
  });

  /** Someone who used five products; `email` as older answers call it. */
  const ANN: Item = {
    user: { id: "user_ann", email: "ann@example.com" },
    web_search_count: 4,
    chat_metrics: {
      distinct_conversation_count: 3,
      message_count: 20,
      thinking_message_count: 5,
      shared_conversations_viewed_count: 2,
      connectors_used_count: 1,
      distinct_connectors_used_count: 1,
      distinct_skills_used_count: 2,
    },
    claude_code_metrics: {
      core_metrics: {
        commit_count: 7,
        pull_request_count: 1,
        distinct_session_count: 6,
        lines_of_code: { added_count: 300, removed_count: 40 },
      },
      tool_actions: {
        edit_tool: { accepted_count: 9, rejected_count: 1 },
        write_tool: { accepted_count: 2, rejected_count: 3 },
      },
    },
    cowork_metrics: {
      distinct_session_count: 2,
      dispatch_turn_count: 8,
      action_count: 11,
      connectors_used_count: 3,
      skills_used_count: 4,
      distinct_connectors_used_count: 2,
      message_count: 99,
    },
    office_metrics: {
      excel: {
        distinct_session_count: 1,
        connectors_used_count: 0,
        skills_used_count: 5,
        distinct_skills_used_count: 0,
      },
      word: { distinct_session_count: 4, connectors_used_count: 6, skills_used_count: 0 },
    },
    design_metrics: { distinct_session_count: 0, message_count: 0 },
    science_metrics: { distinct_session_count: 10, skills_used_count: 1 },
  };

  it("adds what can be added, over products", async () => {
    asked("activity", () => page([ANN]));
    expect(await rows({ report_type: "activity", ...DAY })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "activity",
        ...CLAUDE,
        user: { id: "user_ann", email: "ann@example.com" },
        usage: {
          activity: { is_active: true },
          conversations: { distinct: 3, message_count: 20, thinking_message_count: 5, shared_viewed_count: 2 },
          code: {
            commits: 7,
            pull_requests: 1,
            lines_added: 300,
            lines_removed: 40,
            accepts: 11,
            rejects: 4,
            tool_actions: {
              edit_tool: { accepted_count: 9, rejected_count: 1 },
              write_tool: { accepted_count: 2, rejected_count: 3 },
            },
          },
          // 6 code + 2 cowork + 1 excel + 4 word + 0 design + 10 science
          sessions: { distinct: 23, dispatch_turns: 8 },
          tools: {
            web_search_count: 4,
            action_count: 11,
            // 1 chat + 3 cowork + 0 excel + 6 word
            connectors_used_count: 10,
            // 4 cowork + 5 excel + 0 word + 1 science; chat has distinct ones only
            skills_used_count: 10,
            // Connectors distinct in chat and in cowork may be the same: not added. Skills are in chat alone.
            distinct_skills_used_count: 2,
          },
        },
      },
    ]);
  });

  it("counts Chat and Cowork unified in chat and cowork", async () => {
    const unified = {
      user: { id: "user_bo", email_address: "bo@example.com", type: "user" },
      chat_metrics: { distinct_conversation_count: 0, message_count: 0 },
      cowork_metrics: {
        distinct_session_count: 1,
        action_count: 2,
        dispatch_turn_count: 0,
        skills_used_count: 1,
        connectors_used_count: 0,
      },
      chat_cowork_unified_metrics: {
        chat: { distinct_conversation_count: 5, message_count: 30, connectors_used_count: 2 },
        sessions: {
          distinct_session_count: 3,
          action_count: 7,
          dispatch_turn_count: 4,
          skills_used_count: 6,
          connectors_used_count: 1,
        },
      },
    };
    asked("activity", () => page([unified]));
    expect(await rows({ report_type: "activity", ...DAY })).toMatchObject([
      {
        usage: {
          conversations: { distinct: 5, message_count: 30 },
          sessions: { distinct: 4, dispatch_turns: 4 },
          tools: { action_count: 9, connectors_used_count: 3, skills_used_count: 7 },
        },
      },
    ]);
  });

  it("has a row for each product where they are told apart, and the searches, which are nobody's", async () => {
    asked("activity", () => page([ANN]));
    const found = await rows({ report_type: "activity", ...DAY, group_by: ["user", "product"] });
    expect(
      found.map(({ surface, product, usage }) => [surface, Object(product).name, Object(usage).sessions?.distinct]),
    ).toEqual([
      ["chat", "Chat", undefined],
      ["claude_code", "Claude Code", 6],
      ["cowork", "Cowork", 2],
      ["office_agent", "Claude in Office", 5],
      ["science", "Claude Science", 10],
      [undefined, "Claude", undefined],
    ]);
    expect(found[5]).toMatchObject({ usage: { tools: { web_search_count: 4 } } });
    expect(new Set(found.map(({ id }) => id)).size).toBe(6);
  });

  it("who did nothing has a row for no product; who is in Slack only is in Claude Tag", async () => {
    const idle = { user: { id: "user_idle" }, chat_metrics: { message_count: 0 }, web_search_count: 0 };
    const slack = { user: { id: "user_cy" }, claude_tag_metrics: { active_day_count: 1, active_message_count: 4 } };
    asked("activity", () => page([idle, slack]));
    const found = await rows({ report_type: "activity", ...DAY, group_by: ["user", "surface"] });
    expect(
      found.map(({ user, surface, usage }) => [Object(user).id, surface, Object(usage).activity.is_active]),
    ).toEqual([
      ["user_idle", undefined, false],
      ["user_cy", "claude_tag", true],
    ]);
  });

  it("counters sent as text count, and lose no product", async () => {
    asked("activity", () => page([{ user: { id: "user_bo" }, chat_metrics: { message_count: "20" } }]));
    expect(await rows({ report_type: "activity", ...DAY, surfaces: ["chat"] })).toMatchObject([
      { surface: "chat", usage: { activity: { is_active: true }, conversations: { message_count: 20 } } },
    ]);
  });

  it.each([
    ["product_ids", "claude_code"],
    ["product_ids", "Claude Code"],
    ["surfaces", "cli"],
    ["surfaces", "code"],
  ])("filtered by %s %s is Claude Code's part", async (name, value) => {
    asked("activity", () => page([ANN, { user: { id: "user_bo" }, web_search_count: 1 }]));
    const found = await rows({ report_type: "activity", ...DAY, [name]: [value] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      user: { id: "user_ann" },
      surface: "claude_code",
      usage: { code: { commits: 7 } },
    });
  });

  it("summed by week, has no distinct counts", async () => {
    asked("activity", () => page([ANN]));
    const [week] = await rows({
      report_type: "activity",
      start_date: "2026-10-05",
      end_date: "2026-10-07",
      group_by: ["week"],
    });
    expect(week).toMatchObject({
      start_date: "2026-10-05T00:00:00Z",
      usage: { code: { commits: 14 }, tools: { action_count: 22 } },
    });
    expect(Object(week?.["usage"]).sessions).toEqual({ dispatch_turns: 16 });
    expect(Object(week?.["usage"]).conversations).toEqual({
      message_count: 40,
      thinking_message_count: 10,
      shared_viewed_count: 4,
    });
  });

  it("a row over many people, which a group of the vendor's makes, has none", async () => {
    const group = {
      user: null,
      distinct_user_count: 3,
      rbac_group_id: "rbac_group_1",
      chat_metrics: { message_count: 2 },
    };
    const other = { ...group, rbac_group_id: "rbac_group_2" };
    asked("activity", () => page([group, other]));
    const remote_query = { group_by: ["rbac_group_id"] };
    const found = await rows({ report_type: "activity", ...DAY, remote_query });
    expect(found.map(({ user }) => user)).toEqual([undefined, undefined]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    ["a block that is text", { chat_metrics: "many" }, "chat_metrics"],
    ["a counter that is text", { chat_metrics: { message_count: "many" } }, "message_count"],
    ["searches that are a list", { web_search_count: [1] }, "web_search_count"],
  ])("%s is an error", async (_, change, field) => {
    asked("activity", () => page([{ ...ANN, ...change }]));
    const error = await failure(rows({ report_type: "activity", ...DAY }));
    expect(error).toMatchObject({ kind: "vendor_data" });
    expect(String(error)).toContain(field);
  });
});

describe("projects, skills, connectors", () => {
  it("project_usage: who created a project is not who used it", async () => {
    asked("project_usage", stored("projects"));
    const found = await rows({ report_type: "project_usage", ...DAY });
    expect(found).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "project_usage",
        product: { id: "chat", name: "Chat" },
        surface: "chat",
        resources: [{ id: "proj_111", name: "Q2 Research" }],
        usage: { quantity: 8, conversations: { distinct: 34, message_count: 210 } },
        unit: "user",
        created_at: "2026-04-01T10:00:00Z",
      },
      {
        id: ID,
        ...BOUNDS,
        metric_name: "project_usage",
        product: { id: "chat", name: "Chat" },
        surface: "chat",
        resources: [{ id: "proj_222", name: "Onboarding Docs" }],
        usage: { quantity: 3, conversations: { distinct: 12, message_count: 55 } },
        unit: "user",
        created_at: "2026-05-15T09:30:00Z",
      },
    ]);
  });

  it("project_usage without what may be null", async () => {
    const item = {
      project_id: "claude_proj_1",
      project_name: null,
      created_at: null,
      created_by: null,
      distinct_conversation_count: null,
      message_count: 2,
      distinct_user_count: 1,
      user_id: "user_1",
    };
    asked("project_usage", () => page([item]));
    expect(await rows({ report_type: "project_usage", ...DAY })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "project_usage",
        product: { id: "chat", name: "Chat" },
        surface: "chat",
        resources: [{ id: "claude_proj_1" }],
        user: { id: "user_1" },
        usage: { quantity: 1, conversations: { message_count: 2 } },
        unit: "user",
      },
    ]);
  });

  it("skill_usage: an estimate in cents is no bill", async () => {
    asked(
      "skill_usage",
      stored("skills", (text) =>
        text.replace('"estimated_overage_spend": "estimated_overage_spend"', '"estimated_overage_spend": "1250"'),
      ),
    );
    expect(await rows({ report_type: "skill_usage", ...DAY })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "skill_usage",
        product: { id: "product", name: "Product" },
        surface: "product",
        resources: [{ id: "skill_name", name: "skill_display_name" }],
        user: { id: "user_id" },
        usage: {
          quantity: 0,
          conversations: { distinct: 0 },
          sessions: { distinct: 0 },
          tools: { skills_used_count: 0 },
        },
        unit: "invocation",
        charges: [{ type: "usage_based", amount: 12.5, currency: "USD" }],
      },
    ]);
  });

  it("skill_usage: invocations are not counted everywhere; people are then the quantity", async () => {
    const item = {
      skill_name: "pdf",
      skill_display_name: null,
      invocation_count: null,
      distinct_user_count: 4,
      estimated_overage_spend: null,
      currency: null,
      chat_metrics: { distinct_conversation_skill_used_count: 2 },
      claude_code_metrics: { distinct_session_skill_used_count: 3 },
      cowork_metrics: { distinct_session_skill_used_count: null },
      office_metrics: {
        excel: { distinct_session_skill_used_count: 1 },
        word: { distinct_session_skill_used_count: 5 },
      },
      chat_cowork_unified_metrics: {
        chat: { distinct_conversation_skill_used_count: 7 },
        sessions: { distinct_session_skill_used_count: 8 },
      },
    };
    asked("skill_usage", () => page([item]));
    expect(await rows({ report_type: "skill_usage", ...DAY })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "skill_usage",
        ...CLAUDE,
        resources: [{ id: "pdf", name: "pdf" }],
        // 2 + 7 conversations; 3 + 1 + 5 + 8 sessions
        usage: { quantity: 4, conversations: { distinct: 9 }, sessions: { distinct: 17 } },
        unit: "user",
      },
    ]);
  });

  it("connector_usage", async () => {
    asked(
      "connector_usage",
      stored("connectors", (text) =>
        text
          .replace('"read_call_count": 0', '"read_call_count": 5')
          .replace('"write_call_count": 0', '"write_call_count": 2'),
      ),
    );
    expect(await rows({ report_type: "connector_usage", ...DAY })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "connector_usage",
        product: { id: "product", name: "Product" },
        surface: "product",
        resources: [{ id: "connector_name", name: "connector_display_name" }],
        user: { id: "user_id" },
        usage: { quantity: 0, conversations: { distinct: 0 }, sessions: { distinct: 0 }, tools: { action_count: 7 } },
        unit: "user",
      },
    ]);
  });

  it("connector_usage: calls that are not classified are unknown, not none", async () => {
    const item = {
      connector_name: "github",
      distinct_user_count: 1,
      read_call_count: null,
      write_call_count: null,
      unclassified_call_count: null,
    };
    asked("connector_usage", () => page([item]));
    expect(await rows({ report_type: "connector_usage", ...DAY })).toMatchObject([
      { usage: { quantity: 1 }, unit: "user" },
    ]);
    expect(Object((await rows({ report_type: "connector_usage", ...DAY }))[0]?.["usage"]).tools).toBeUndefined();
  });

  it("summed over days, count no distinct people", async () => {
    asked("connector_usage", () => page([{ connector_name: "github", distinct_user_count: 3, read_call_count: 5 }]));
    const query = {
      report_type: "connector_usage",
      start_date: "2026-10-05",
      end_date: "2026-10-08",
      group_by: ["month", "resource"],
    } as const;
    const found = await rows({ ...query, group_by: [...query.group_by] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ resources: [{ id: "github" }], usage: { tools: { action_count: 15 } } });
    expect(Object(found[0]?.["usage"]).quantity).toBeUndefined();
  });

  it.each([
    ["project_usage", "project_id"],
    ["skill_usage", "skill_name"],
    ["connector_usage", "connector_name"],
  ] as const)("%s without %s is an error", async (report_type, field) => {
    asked(report_type, () => page([{ distinct_user_count: 1 }]));
    expect(String(await failure(rows({ report_type, ...DAY })))).toContain(`${report_type}.${field}`);
  });
});

describe("summary", () => {
  const counted = (text: string) =>
    text
      .replace('"starting_at": "starting_at"', '"starting_at": "2026-10-05T00:00:00Z"')
      .replace('"ending_at": "ending_at"', '"ending_at": "2026-10-06T00:00:00Z"')
      .replace('"daily_active_user_count": 0', '"daily_active_user_count": 41')
      .replace('"chat_weekly_active_user_count": 0', '"chat_weekly_active_user_count": 17')
      .replace('"monthly_adoption_rate": 0', '"monthly_adoption_rate": 62.5')
      .replace('"pending_invite_count": 0', '"pending_invite_count": null');

  it("has a row for each counter, in either envelope, with the product where it is one's", async () => {
    asked("summary", stored("summaries", counted));
    const found = await rows({ report_type: "summary", ...DAY });
    const old = await rows({ report_type: "summary", ...DAY });
    asked(
      "summary",
      stored("summaries", (text) => counted(text).replace('"summaries"', '"next_page": null, "data"')),
    );
    expect(await rows({ report_type: "summary", ...DAY })).toEqual(old);
    // 29 fields: two bounds, one null, 26 counters.
    expect(found).toHaveLength(26);
    expect(new Set(found.map(({ id }) => id)).size).toBe(26);
    const of = (metric: string, surface?: string) =>
      found.filter((row) => row["metric_name"] === metric && row["surface"] === surface);
    expect(of("daily_active_users")).toEqual([
      { id: ID, ...BOUNDS, metric_name: "daily_active_users", ...CLAUDE, usage: { quantity: 41 }, unit: "user" },
    ]);
    expect(of("weekly_active_users", "chat")).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "weekly_active_users",
        product: { id: "chat", name: "Chat" },
        surface: "chat",
        usage: { quantity: 17 },
        unit: "user",
      },
    ]);
    expect(of("monthly_adoption_rate")).toMatchObject([{ usage: { quantity: 62.5 }, unit: "percent" }]);
    expect(of("assigned_seats")).toMatchObject([{ usage: { quantity: 0 }, unit: "seat" }]);
    expect(of("pending_invites")).toEqual([]);
    expect(of("entitled_users", "science")).toHaveLength(1);
    expect(of("monthly_active_users", "claude_code")).toHaveLength(1);
  });

  it("has rows for products that are not known yet, and the bounds of older answers", async () => {
    asked("summary", () =>
      page([
        {
          starting_date: "2026-10-05",
          ending_date: "2026-10-06",
          ...HEADS,
          shiny_daily_active_user_count: 2,
          something: "else",
        },
      ]),
    );
    const found = await rows({ report_type: "summary", ...DAY });
    expect(found.map(({ start_date }) => start_date)).toEqual(Array(4).fill(BOUNDS.start_date));
    expect(found.filter(({ surface }) => surface === "shiny")).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "daily_active_users",
        product: { id: "shiny", name: "Shiny" },
        surface: "shiny",
        usage: { quantity: 2 },
        unit: "user",
      },
    ]);
  });

  it("in an order that is not the vendor's, over all its pages", async () => {
    const days = [
      { ...BOUNDS_SENT, ...HEADS, chat_daily_active_user_count: 1 },
      { chat_daily_active_user_count: 1, ...Object.fromEntries(Object.entries(HEADS).reverse()), ...BOUNDS_SENT },
    ];
    const of = async (first: Item) => {
      asked("summary", ({ searchParams }) =>
        searchParams.has("page") ? page([{ ...BOUNDS_SENT, ...HEADS, assigned_seat_count: 9 }]) : page([first], "NEXT"),
      );
      return (await rows({ report_type: "summary", ...DAY })).map(({ metric_name, surface }) => [metric_name, surface]);
    };
    const [one = {}, other = {}] = days;
    const people = ["daily_active_users", "monthly_active_users", "weekly_active_users"].map((name) => [
      name,
      undefined,
    ]);
    expect(await of(one)).toEqual([
      ...people,
      ["daily_active_users", "chat"],
      ["assigned_seats", undefined],
      ...people,
    ]);
    expect(await of(other)).toEqual(await of(one));
  });

  it("never adds distinct people: a group keeps the counters apart", async () => {
    asked("summary", stored("summaries", counted));
    const found = await rows({ report_type: "summary", ...DAY, group_by: ["product"], product_ids: ["chat"] });
    expect(found.map(({ metric_name, usage }) => [metric_name, Object(usage).quantity])).toEqual([
      ["daily_active_users", 0],
      ["monthly_active_users", 0],
      ["weekly_active_users", 17],
    ]);
  });

  it("with a counter that is text is an error", async () => {
    asked(
      "summary",
      stored("summaries", (text) => counted(text).replace('"assigned_seat_count": 0', '"assigned_seat_count": "all"')),
    );
    expect(String(await failure(rows({ report_type: "summary", ...DAY })))).toContain("assigned_seat_count");
  });
});
