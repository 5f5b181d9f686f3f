import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/usage/query.ts";
import { guardTheEdge, type Item, json, list, payload, reply, rowsOf } from "../edge.ts";
import { cursorAnswers, cursorEngine, DAILY, dailyPage, EVENTS, event, eventsPage, SPEND, stored, usd } from "./api.ts";

guardTheEdge();

const PRODUCT = { id: "cursor", name: "Cursor" };
const DOCUMENTED_MEMBERS = { "GET /teams/members": () => reply(payload("cursor/members.json")) };
const ALEX = { id: "user_PDSPmvukpYgZEDXsoNirw3CFhy", email: "developer@company.com", name: "Alex" };
const SAM = { id: "user_kljUvI0ASZORvSEXf9hV0ydcso", email: "admin@company.com", name: "Sam" };

/** A stored answer as the last page. */
function lastPage(name: string): () => Response {
  return () => reply(payload(`cursor/${name}.json`).replace('"hasNextPage": true', '"hasNextPage": false'));
}

async function eventRow(fields: Item): Promise<Item> {
  cursorAnswers({ [EVENTS]: eventsPage(event(fields)) });
  const [row] = rowsOf(await list(cursorEngine(), { start_date: "2026-11-20", end_date: "2026-11-20" }));
  if (!row) throw new Error("there is a row");
  return row;
}

async function dayRow(fields: Item): Promise<Item> {
  cursorAnswers({ [DAILY]: dailyPage({ userId: 7, day: "2026-11-20", isActive: true, ...fields }) });
  const [row] = rowsOf(await list(cursorEngine()));
  if (!row) throw new Error("there is a row");
  return row;
}

describe("the documented payloads, whole", () => {
  it("usage events, newest first", async () => {
    cursorAnswers({ [EVENTS]: lastPage("filtered-usage-events"), ...DOCUMENTED_MEMBERS });
    const answer = await list(cursorEngine(), { start_date: "2025-06-26", end_date: "2025-06-26" });
    expect(answer.report_type).toBe("usage");
    expect(answer.warnings).toEqual([]);
    expect(answer.result).toEqual([
      {
        // The digest of the event's stable fields: computed apart, in Python. So are the two below.
        id: "cursor:event:500d87bfbae34b6d9ed440d3edfc9ae6",
        start_date: "2025-06-26T23:07:05.854Z",
        end_date: "2025-06-26T23:07:05.854Z",
        metric_name: "usage_event",
        product: PRODUCT,
        model: { id: "claude-4.5-sonnet", provider: "anthropic" },
        user: ALEX,
        charges: [
          usd("net", 0.2136232),
          usd("total", 0.2136232),
          usd("usage_based", 0.2136232),
          usd("platform_fee", 0.0118),
        ],
        usage: {
          requests: { total: 1, usage_based: 1 },
          activity: { max_mode: true },
          // 126 + 450 + 11964 + 6112
          tokens: { input: 126, output: 450, cache_read: 11964, cache_write: 6112, total: 18652 },
          quantity: 5,
        },
        unit: "request",
      },
      {
        id: "cursor:event:6bfa0e1a96a4e363844eed57239f4af9",
        start_date: "2025-06-26T23:06:13.824Z",
        end_date: "2025-06-26T23:06:13.824Z",
        metric_name: "usage_event",
        product: PRODUCT,
        model: { id: "claude-4.5-sonnet", provider: "anthropic" },
        user: ALEX,
        charges: [
          usd("net", 0.3733),
          usd("total", 0.3733),
          usd("usage_based", 0.3733),
          usd("platform_fee", 0.0118),
          // 10 % of 40.167 cents
          usd("discount", 0.040167),
        ],
        usage: {
          requests: { total: 1, usage_based: 1 },
          activity: { max_mode: true },
          // 5805 + 311 + 0 + 11964
          tokens: { input: 5805, output: 311, cache_read: 0, cache_write: 11964, total: 18080 },
          quantity: 10,
        },
        unit: "request",
      },
      {
        id: "cursor:event:54a6a66fa623edd3bd58f5a43f36f3e7",
        start_date: "2025-06-26T22:52:19.901Z",
        end_date: "2025-06-26T22:52:19.901Z",
        metric_name: "usage_event",
        product: PRODUCT,
        model: { id: "claude-4-sonnet-thinking", provider: "anthropic" },
        user: SAM,
        charges: [usd("net", 0), usd("total", 0.08), usd("included", 0.08)],
        usage: { requests: { total: 1, included: 1 }, activity: { max_mode: true }, quantity: 1.4 },
        unit: "request",
      },
    ]);
  });

  it("an event of a service account: its id, its name, and the e-mail of its own", async () => {
    cursorAnswers({ [EVENTS]: eventsPage(stored("event-service-account")), ...DOCUMENTED_MEMBERS });
    const answer = await list(cursorEngine(), { start_date: "2025-06-26", end_date: "2025-06-26" });
    expect(answer.result).toEqual([
      {
        id: "cursor:event:24b50dbb04a3f41d3fcdf1e202da4eb4",
        start_date: "2025-06-26T23:07:05.854Z",
        end_date: "2025-06-26T23:07:05.854Z",
        metric_name: "usage_event",
        product: PRODUCT,
        model: { id: "claude-4.5-sonnet", provider: "anthropic" },
        user: { id: "sa_abc123", email: "agent-runner@company.com", name: "Nightly CI Agent" },
        charges: [
          usd("net", 0.2136232),
          usd("total", 0.2136232),
          usd("usage_based", 0.2136232),
          usd("platform_fee", 0.0118),
        ],
        usage: {
          requests: { total: 1, usage_based: 1 },
          activity: { max_mode: true },
          tokens: { input: 126, output: 450, cache_read: 11964, cache_write: 6112, total: 18652 },
          quantity: 5,
        },
        unit: "request",
      },
    ]);
  });

  it("daily usage: the active user's row; the inactive one's zeros are no activity", async () => {
    cursorAnswers({ [DAILY]: lastPage("daily-usage-data"), ...DOCUMENTED_MEMBERS });
    const query = { report_type: "activity", start_date: "2024-03-18", end_date: "2024-03-18" } as const;
    expect((await list(cursorEngine(), query)).result).toEqual([
      {
        id: "cursor:daily:2024-03-18:12345",
        start_date: "2024-03-18T00:00:00Z",
        end_date: "2024-03-18T23:59:59.999Z",
        metric_name: "daily_usage",
        product: PRODUCT,
        model: { id: "gpt-5", provider: "openai" },
        user: { id: "12345", email: "developer@company.com", name: "Alex" },
        usage: {
          activity: { is_active: true, client_version: "0.25.1" },
          code: {
            accepts: 73,
            applies: 87,
            rejects: 14,
            lines_added: 1543,
            lines_removed: 892,
            lines_accepted_added: 1102,
            lines_accepted_removed: 645,
            file_extensions: { apply_most_used: ".tsx", tab_most_used: ".ts" },
          },
          requests: {
            agent: 12,
            chat: 128,
            composer: 45,
            cmdk: 67,
            bugbot: 3,
            tab_shown: 342,
            tab_accepted: 289,
            included: 180,
            usage_based: 5,
            api_key: 0,
            // 180 + 5 + 0
            total: 185,
          },
        },
      },
    ]);
  });

  it("spend of the billing cycle", async () => {
    cursorAnswers({ [SPEND]: lastPage("spend") });
    const answer = await list(cursorEngine(), { report_type: "user_cost" });
    const cycle = { start_date: "2024-02-27T00:00:00Z", end_date: "2026-11-22T12:00:00Z" };
    expect(answer.period).toEqual(cycle);
    expect(answer.result).toEqual([
      {
        id: "cursor:spend:1708992000000:user_PDSPmvukpYgZEDXsoNirw3CFhy",
        ...cycle,
        metric_name: "spend",
        product: PRODUCT,
        user: ALEX,
        charges: [
          usd("net", 24.50125487),
          usd("total", 24.50125487),
          usd("usage_based", 24.50125487),
          usd("included", 0),
        ],
        usage: { requests: { usage_based: 1250 } },
      },
      {
        id: "cursor:spend:1708992000000:user_kljUvI0ASZORvSEXf9hV0ydcso",
        ...cycle,
        metric_name: "spend",
        product: PRODUCT,
        user: SAM,
        // 3200.750456 - 1875.500123 = 1325.250333 cents
        charges: [
          usd("net", 18.75500123),
          usd("total", 32.00750456),
          usd("usage_based", 18.75500123),
          usd("included", 13.25250333),
        ],
        usage: { requests: { usage_based: 980 } },
      },
    ]);
  });

  it("skills of the team", async () => {
    cursorAnswers({ "GET /analytics/team/skills": lastPage("team-skills") });
    const query = { report_type: "skill_usage", start_date: "2025-01-01", end_date: "2025-01-30" } as const;
    expect((await list(cursorEngine(), query)).result).toEqual([
      {
        id: "cursor:skill_usage:2025-01-15:team:react-best-practices",
        start_date: "2025-01-15T00:00:00Z",
        end_date: "2025-01-15T23:59:59.999Z",
        metric_name: "skill_usage",
        product: PRODUCT,
        resources: [{ id: "react-best-practices", name: "react-best-practices" }],
        usage: { tools: { skills_used_count: 53 } },
      },
    ]);
  });

  it("MCP tools of the team, their server as the workspace", async () => {
    cursorAnswers({ "GET /analytics/team/mcp": lastPage("team-mcp") });
    const query = { report_type: "connector_usage", start_date: "2025-01-01", end_date: "2025-01-30" } as const;
    expect((await list(cursorEngine(), query)).result).toEqual([
      {
        id: "cursor:mcp_usage:2025-01-15:team:filesystem/read_file",
        start_date: "2025-01-15T00:00:00Z",
        end_date: "2025-01-15T23:59:59.999Z",
        metric_name: "mcp_usage",
        product: PRODUCT,
        resources: [{ id: "read_file", name: "read_file", workspace: { id: "filesystem", name: "filesystem" } }],
        usage: { tools: { action_count: 245 } },
      },
    ]);
  });

  it("commits, summed by repository: 50 + 40 lines accepted, 10 + 5 taken out", async () => {
    cursorAnswers({ "GET /analytics/ai-code/commits": () => json({ ...stored("ai-code-commits"), totalCount: 1 }) });
    const query = { report_type: "project_usage", start_date: "2025-07-30", end_date: "2025-07-30" } as const;
    expect(rowsOf(await list(cursorEngine(), query))).toEqual([
      {
        id: expect.stringMatching(/^cursor:group:/),
        start_date: "2025-07-30T00:00:00Z",
        end_date: "2025-07-31T00:00:00Z",
        metric_name: "ai_commits",
        resources: [{ id: "company/repo", name: "company/repo" }],
        usage: {
          code: {
            commits: 1,
            lines_added: 120,
            lines_removed: 30,
            lines_accepted_added: 90,
            lines_accepted_removed: 15,
          },
        },
      },
    ]);
  });

  it("commits without a repository are counted, under none", async () => {
    const commit = { commitHash: "a", userId: "user_alex", commitTs: null, createdAt: "2026-11-20T23:59:59.999Z" };
    const lines = { totalLinesAdded: 5, tabLinesAdded: 2, composerLinesAdded: 0 };
    const items = [
      { ...commit, repoName: null, branchName: null, nonAiLinesAdded: null, ...lines },
      { ...commit, repoName: "company/repo", branchName: "main", totalLinesAdded: 7 },
      { ...commit, repoName: "company/repo", branchName: "fix", totalLinesAdded: 7 },
    ];
    cursorAnswers({ "GET /analytics/ai-code/commits": () => json({ items, totalCount: 3, page: 1, pageSize: 1000 }) });
    const query: Query = { report_type: "project_usage", date: "2026-11-20" };
    const found = rowsOf(await list(cursorEngine(), query)).map(({ resources, usage }) => [resources, usage]);
    expect(found).toHaveLength(2);
    expect(found).toEqual(
      expect.arrayContaining([
        [undefined, { code: { commits: 1, lines_added: 5, lines_accepted_added: 2 } }],
        [[{ id: "company/repo", name: "company/repo" }], { code: { commits: 2, lines_added: 14 } }],
      ]),
    );
  });

  it("remote_data is the item, untouched", async () => {
    const sent = event({ unheard_of: [1], userEmail: null });
    cursorAnswers({ [EVENTS]: eventsPage(sent) });
    const [row] = rowsOf(await list(cursorEngine(), { start_date: "2026-11-20" }, { withRemoteData: true }));
    expect(row?.["remote_data"]).toEqual(sent);
  });
});

describe("the model's provider, which Cursor does not name", () => {
  it.each([
    ["claude-4.5-sonnet", "anthropic"],
    ["Claude-Opus", "anthropic"],
    ["gpt-4o", "openai"],
    ["o3", "openai"],
    ["o4-mini", "openai"],
    ["codex-mini", "openai"],
    ["gemini-3-pro", "google"],
    ["deepseek-v3", "deepseek"],
    ["kimi-k2", "moonshot"],
    ["grok-4", "xai"],
    ["composer-1", "cursor"],
    ["cursor-small", "cursor"],
    ["default", "cursor"],
    ["auto", "cursor"],
  ])("%s: %s", async (model, provider) => {
    expect((await eventRow({ model }))["model"]).toEqual({ id: model, provider });
  });

  it("stays unknown for a model that nobody knows", async () => {
    expect((await eventRow({ model: "oracle-7" }))["model"]).toEqual({ id: "oracle-7" });
  });

  it("is not there without a model", async () => {
    expect(await eventRow({ model: null })).not.toHaveProperty("model");
  });
});

describe("people", () => {
  it("are joined by e-mail, whatever its case", async () => {
    const row = await eventRow({ userEmail: "admin@COMPANY.com" });
    expect(row["user"]).toEqual({ id: "user_sam", email: "admin@COMPANY.com", name: "Sam" });
  });

  it("who left and are no members any more keep their e-mail", async () => {
    expect((await eventRow({ userEmail: "gone@company.com" }))["user"]).toEqual({ email: "gone@company.com" });
  });

  it.each([undefined, null, ""])("without an e-mail (%j) keep the event and its charges", async (userEmail) => {
    const row = await eventRow({ userEmail });
    expect(row).not.toHaveProperty("user");
    expect(row["charges"]).toContainEqual(usd("net", 1.5));
  });

  it("have a number or a text as id in daily rows", async () => {
    expect((await dayRow({ userId: "user_x1" }))["id"]).toBe("cursor:daily:2026-11-20:user_x1");
  });

  it("without an id are told apart by e-mail, and take the id that members have", async () => {
    const row = await dayRow({ userId: undefined, email: "Developer@company.com" });
    expect(row).toMatchObject({
      id: "cursor:daily:2026-11-20:developer@company.com",
      user: { id: "user_alex", email: "Developer@company.com", name: "Alex" },
    });
  });

  it("stay known by id where daily rows have no e-mail", async () => {
    expect((await dayRow({ email: null }))["user"]).toEqual({ id: "7" });
  });

  it("without an e-mail, but with the id that members have, get theirs", async () => {
    const row = await dayRow({ userId: "user_alex", email: null });
    expect(row["user"]).toEqual({ id: "user_alex", email: "developer@company.com", name: "Alex" });
  });

  it("of analytics are joined to their ids whatever the case", async () => {
    cursorAnswers({
      "GET /analytics/by-user/skills": () =>
        json({
          data: { "New@X.io": [{ event_date: "2026-11-20", skill_name: "review", usage: 2 }] },
          pagination: { page: 1, totalPages: 1, hasNextPage: false },
          params: { userMappings: [{ id: "user_new", email: "new@x.io" }] },
        }),
    });
    const query: Query = { report_type: "skill_usage", date: "2026-11-20", user_ids: ["new@x.io"] };
    expect(rowsOf(await list(cursorEngine(), query))).toMatchObject([
      { id: "cursor:skill_usage:2026-11-20:new@x.io:review", user: { id: "user_new", email: "New@X.io" } },
    ]);
  });

  it("are left without names when members can't be had", async () => {
    cursorAnswers({
      [EVENTS]: eventsPage(event()),
      "GET /teams/members": () => json({ error: "Forbidden", message: "no" }, 403),
    });
    const [row] = rowsOf(await list(cursorEngine(), { start_date: "2026-11-20" }));
    expect(row?.["user"]).toEqual({ email: "developer@company.com" });
  });
});

describe("where a request came from", () => {
  it.each<[string, Item, Item]>([
    [
      "an automation",
      { automationId: "auto-1", cloudAgentId: "bc-1" },
      { surface: "automation", resources: [{ id: "auto-1" }] },
    ],
    ["a cloud agent", { cloudAgentId: "bc-1" }, { surface: "cloud_agent", resources: [{ id: "bc-1" }] }],
  ])("%s", async (_, fields, expected) => {
    expect(await eventRow(fields)).toMatchObject(expected);
  });

  it("is not told for a person's own", async () => {
    const row = await eventRow({ conversationId: "c-1" });
    expect(row).not.toHaveProperty("surface");
    expect(row).not.toHaveProperty("resources");
  });
});

describe("what is absent stays unknown", () => {
  it("no tokenUsage is no tokens, not zero of them", async () => {
    expect((await eventRow({ tokenUsage: undefined }))["usage"]).not.toHaveProperty("tokens");
  });

  it("an empty tokenUsage as well", async () => {
    expect((await eventRow({ tokenUsage: {} }))["usage"]).not.toHaveProperty("tokens");
  });

  it("a kind of token that is missing beside others adds nothing", async () => {
    const row = await eventRow({ tokenUsage: { inputTokens: 3, outputTokens: 4 } });
    expect(row["usage"]).toMatchObject({ tokens: { input: 3, output: 4, total: 7 } });
  });

  it("request units of null, and maxMode", async () => {
    const row = await eventRow({ requestsCosts: null, maxMode: undefined });
    expect(row["usage"]).toEqual({ requests: { total: 1, usage_based: 1 } });
    expect(row).not.toHaveProperty("unit");
  });

  it("a daily row of nothing but a person and a day", async () => {
    expect(await dayRow({})).toEqual({
      id: "cursor:daily:2026-11-20:7",
      start_date: "2026-11-20T00:00:00Z",
      end_date: "2026-11-20T23:59:59.999Z",
      metric_name: "daily_usage",
      product: PRODUCT,
      user: { id: "7" },
      usage: { activity: { is_active: true } },
    });
  });

  it("the total of requests without any of the three ways they are paid", async () => {
    const requests = async (fields: Item) => (await dayRow(fields))["usage"];
    expect(await requests({ agentRequests: 5 })).toMatchObject({ requests: { agent: 5 } });
    expect(await requests({ agentRequests: 5 })).not.toHaveProperty("requests.total");
    const paid = { subscriptionIncludedReqs: 2, usageBasedReqs: 3, apiKeyReqs: 4 };
    expect(await requests(paid)).toMatchObject({ requests: { included: 2, usage_based: 3, api_key: 4, total: 9 } });
  });

  it("the total of requests where one of the three ways is missing: the other two are not all", async () => {
    const row = await dayRow({ subscriptionIncludedReqs: 2, usageBasedReqs: 3 });
    expect(row["usage"]).toEqual({ activity: { is_active: true }, requests: { included: 2, usage_based: 3 } });
  });

  it("isActive, where only active users are listed", async () => {
    expect((await dayRow({ isActive: undefined }))["usage"]).toEqual({ activity: { is_active: true } });
  });

  it("the day of an older row is its date's", async () => {
    const row = await dayRow({ day: undefined, date: Date.UTC(2026, 10, 21) });
    expect(row["start_date"]).toBe("2026-11-21T00:00:00Z");
  });
});
