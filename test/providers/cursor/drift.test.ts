import { describe, expect, it } from "vitest";
import type { ListAnswer } from "../../../src/engine/list-answer.ts";
import type { Query } from "../../../src/usage/query.ts";
import { describeDrift, type Kind } from "../drift.ts";
import { failure, guardTheEdge, type Item, json, list, listWithin, rowsOf } from "../edge.ts";
import { type Asked, cursorAnswers, cursorEngine, DAILY, EVENTS, event, eventsPage, SPEND, stored } from "./api.ts";

guardTheEdge();

/** A question whose first page is the given one, and whose others, should they be asked for, are empty. */
function asking(path: string, query: Query, empty: Item) {
  return (body: unknown): Promise<ListAnswer> => {
    const pageOf = ({ query: { page }, body: sent }: Asked) => Number(page ?? sent["page"] ?? 1);
    cursorAnswers({ [path]: (asked) => json(pageOf(asked) === 1 ? body : empty) });
    return list(cursorEngine(), query);
  };
}

/** Fields of events and rows that are told and not counted with. */
const free = (...names: string[]) => Object.fromEntries(names.map((name): [string, Kind] => [name, "free"]));

const EVENT: Record<string, Kind> = {
  usageEvents: "list!",
  "usageEvents[]": "object!",
  "usageEvents[].timestamp": "number!",
  "usageEvents[].userEmail": "text?",
  "usageEvents[].conversationId": "text?",
  "usageEvents[].model": "text?",
  "usageEvents[].kind": "text?",
  "usageEvents[].maxMode": "flag?",
  "usageEvents[].requestsCosts": "number?",
  "usageEvents[].isChargeable": "flag?",
  "usageEvents[].tokenUsage": "object?",
  "usageEvents[].tokenUsage.inputTokens": "number?",
  "usageEvents[].tokenUsage.outputTokens": "number?",
  "usageEvents[].tokenUsage.cacheWriteTokens": "number?",
  "usageEvents[].tokenUsage.cacheReadTokens": "number?",
  "usageEvents[].chargedCents": "number!",
  "usageEvents[].cursorTokenFee": "number?",
  ...free("usageEvents[].isTokenBasedCall", "usageEvents[].isHeadless"),
};
const NO_EVENTS = { usageEvents: [], pagination: { hasNextPage: false }, totalUsageEventsCount: 113 };
const JUNE: Query = { report_type: "usage", start_date: "2025-06-26", end_date: "2025-06-26" };

describeDrift("usage events", {
  body: stored("filtered-usage-events"),
  ask: asking(EVENTS, JUNE, NO_EVENTS),
  fields: {
    ...EVENT,
    "usageEvents[].tokenUsage.totalCents": "free",
    "usageEvents[].tokenUsage.discountPercentOff": "number?",
    totalUsageEventsCount: "number?",
    pagination: "object!",
    "pagination.numPages": "number?",
    "pagination.pageSize": "number?",
    // The counts beside it say the same.
    "pagination.hasNextPage": "free",
    ...free("pagination.currentPage", "pagination.hasPreviousPage", "period", "period.startDate", "period.endDate"),
  },
});

describeDrift("usage events that are summed", {
  body: stored("filtered-usage-events"),
  ask: asking(EVENTS, { ...JUNE, report_type: "cost" }, NO_EVENTS),
  fields: {
    ...EVENT,
    ...free("usageEvents[].conversationId", "usageEvents[].maxMode", "usageEvents[].requestsCosts"),
    ...free("usageEvents[].tokenUsage.inputTokens", "usageEvents[].tokenUsage.outputTokens"),
    ...free("usageEvents[].tokenUsage.cacheWriteTokens", "usageEvents[].tokenUsage.cacheReadTokens"),
    "usageEvents[].tokenUsage.totalCents": "free",
    "usageEvents[].tokenUsage.discountPercentOff": "number?",
    totalUsageEventsCount: "number?",
    pagination: "object!",
    "pagination.numPages": "number?",
    "pagination.pageSize": "number?",
    ...free("pagination.hasNextPage", "pagination.currentPage", "pagination.hasPreviousPage"),
    ...free("period", "period.startDate", "period.endDate"),
  },
});

describeDrift("a service account's event", {
  body: { usageEvents: [stored("event-service-account")], pagination: { hasNextPage: false, numPages: 1 } },
  ask: asking(EVENTS, JUNE, NO_EVENTS),
  fields: {
    ...EVENT,
    "usageEvents[].serviceAccountId": "text?",
    "usageEvents[].tokenUsage.totalCents": "free",
    pagination: "object!",
    "pagination.numPages": "number?",
    ...free("pagination.hasNextPage", "usageEvents[].serviceAccountName"),
  },
});

describeDrift("daily rows", {
  body: stored("daily-usage-data"),
  ask: asking(
    DAILY,
    { report_type: "activity", start_date: "2024-03-18", end_date: "2024-03-18" },
    { data: [], pagination: { hasNextPage: false } },
  ),
  fields: {
    data: "list!",
    "data[]": "object!",
    // Older rows have no day but a date; today's have both, and the day is taken.
    ...free("data[].day", "data[].date"),
    "data[].userId": "text?",
    "data[].email": "text?",
    "data[].isActive": "flag?",
    "data[].mostUsedModel": "text?",
    ...counted(
      "totalLinesAdded totalLinesDeleted acceptedLinesAdded acceptedLinesDeleted totalApplies totalAccepts totalRejects",
      "totalTabsShown totalTabsAccepted composerRequests chatRequests agentRequests cmdkUsages subscriptionIncludedReqs",
      "apiKeyReqs usageBasedReqs bugbotUsages",
    ),
    ...free("data[].applyMostUsedExtension", "data[].tabMostUsedExtension", "data[].clientVersion"),
    pagination: "object!",
    "pagination.totalPages": "number?",
    "pagination.totalUsers": "number?",
    "pagination.pageSize": "number?",
    ...free("pagination.hasNextPage", "pagination.hasPreviousPage", "pagination.page"),
    ...free("period", "period.startDate", "period.endDate"),
  },
});

function counted(...names: string[]): Record<string, Kind> {
  return Object.fromEntries(
    names
      .join(" ")
      .split(" ")
      .map((name): [string, Kind] => [`data[].${name}`, "number?"]),
  );
}

describeDrift("spend", {
  body: stored("spend"),
  ask: asking(SPEND, { report_type: "user_cost" }, { teamMemberSpend: [], subscriptionCycleStart: 1, totalPages: 1 }),
  fields: {
    teamMemberSpend: "list!",
    "teamMemberSpend[]": "object!",
    "teamMemberSpend[].userId": "text?",
    "teamMemberSpend[].email": "text?",
    "teamMemberSpend[].spendCents": "number!",
    // Other answers have includedSpendCents in its place.
    "teamMemberSpend[].overallSpendCents": "number~",
    "teamMemberSpend[].fastPremiumRequests": "number?",
    subscriptionCycleStart: "number!",
    totalPages: "number!",
    totalMembers: "number?",
    ...free("teamMemberSpend[].name", "teamMemberSpend[].role", "teamMemberSpend[].hardLimitOverrideDollars"),
    ...free("teamMemberSpend[].monthlyLimitDollars", "teamMemberSpend[].effectivePerUserLimitDollars"),
  },
});

const PARAMS = free("params", "params.metric", "params.teamId", "params.startDate", "params.endDate");

describeDrift("a team's skills", {
  body: stored("team-skills"),
  ask: asking("GET /analytics/team/skills", { report_type: "skill_usage", date: "2025-01-15" }, { data: [] }),
  fields: {
    data: "list!",
    "data[]": "object!",
    "data[].event_date": "day!",
    "data[].skill_name": "text!",
    "data[].usage": "number!",
    ...PARAMS,
  },
});

describeDrift("a team's tools", {
  body: stored("team-mcp"),
  ask: asking("GET /analytics/team/mcp", { report_type: "connector_usage", date: "2025-01-15" }, { data: [] }),
  fields: {
    data: "list!",
    "data[]": "object!",
    "data[].event_date": "day!",
    "data[].tool_name": "text!",
    "data[].mcp_server_name": "text?",
    "data[].usage": "number!",
    ...PARAMS,
  },
});

// The envelope by user is the contract's, the row its team-level row: "rows are the team-level rows, grouped by e-mail".
const [skill] = Object(stored("team-skills")["data"]);
describeDrift("people's skills", {
  keyed: "data",
  body: {
    data: { "e-mail": [skill] },
    pagination: { page: 1, pageSize: 50, totalUsers: 1, totalPages: 1, hasNextPage: false, hasPreviousPage: false },
    params: { metric: "skills", teamId: 12345, userMappings: [{ id: "user_abc123", email: "e-mail" }] },
  },
  ask: asking(
    "GET /analytics/by-user/skills",
    { report_type: "skill_usage", date: "2025-01-15", group_by: ["user"] },
    { data: {}, pagination: { hasNextPage: false } },
  ),
  fields: {
    data: "object!",
    "data.e-mail": "key",
    "data.e-mail[]": "object!",
    "data.e-mail[].event_date": "day!",
    "data.e-mail[].skill_name": "text!",
    "data.e-mail[].usage": "number!",
    params: "object~",
    "params.userMappings": "list~",
    "params.userMappings[]": "object!",
    "params.userMappings[].id": "text~",
    "params.userMappings[].email": "text~",
    ...free("params.metric", "params.teamId"),
    pagination: "object!",
    "pagination.totalPages": "number?",
    "pagination.totalUsers": "number?",
    "pagination.pageSize": "number?",
    ...free("pagination.page", "pagination.hasNextPage", "pagination.hasPreviousPage"),
  },
});

describeDrift("commits", {
  body: stored("ai-code-commits"),
  ask: asking(
    "GET /analytics/ai-code/commits",
    { report_type: "project_usage", date: "2025-07-30", group_by: ["user", "resource"] },
    { items: [], totalCount: 42 },
  ),
  fields: {
    items: "list!",
    "items[]": "object!",
    "items[].commitHash": "text!",
    "items[].userId": "text?",
    "items[].userEmail": "text?",
    "items[].repoName": "text?",
    "items[].branchName": "text?",
    "items[].commitSource": "text?",
    // A commit without a time of its own stands where Cursor received it.
    "items[].commitTs": "day?",
    "items[].createdAt": "free",
    "items[].totalLinesAdded": "number?",
    "items[].totalLinesDeleted": "number?",
    "items[].tabLinesAdded": "number?",
    "items[].tabLinesDeleted": "number?",
    "items[].composerLinesAdded": "number?",
    "items[].composerLinesDeleted": "number?",
    ...free("items[].isPrimaryBranch", "items[].nonAiLinesAdded", "items[].nonAiLinesDeleted", "items[].message"),
    totalCount: "number!",
    pageSize: "number?",
    page: "free",
  },
});

describe("what is missing beside what is needed", () => {
  it.each<[string, string, unknown, Query, string]>([
    ["a person of daily rows", DAILY, { data: [{ day: "2026-11-20", isActive: true }], pagination: {} }, {}, "userId"],
    [
      "a member",
      SPEND,
      { teamMemberSpend: [{ name: "A", spendCents: 1 }], subscriptionCycleStart: 1, totalPages: 1 },
      { report_type: "user_cost" },
      "userId",
    ],
    [
      "a commit's time",
      "GET /analytics/ai-code/commits",
      { items: [{ commitHash: "a" }], totalCount: 1 },
      { report_type: "project_usage" },
      "createdAt",
    ],
    [
      "what pages follow",
      EVENTS,
      { usageEvents: [event()], pagination: {} },
      { report_type: "usage" },
      "pagination.hasNextPage",
    ],
  ])("%s", async (_, path, body, query, field) => {
    cursorAnswers({ [path]: () => json(body) });
    expect(await failure(list(cursorEngine(), query))).toMatchObject({
      kind: "vendor_data",
      message: expect.stringContaining(field),
    });
  });

  it("a person of daily rows who did nothing makes no error, and no row", async () => {
    const rows = [
      { day: "2026-11-20", isActive: false },
      { day: "2026-11-20", isActive: true, userId: "user_a" },
    ];
    cursorAnswers({ [DAILY]: () => json({ data: rows, pagination: { hasNextPage: false } }) });
    expect(rowsOf(await list(cursorEngine(), { report_type: "activity", date: "2026-11-20" }))).toMatchObject([
      { id: "cursor:daily:2026-11-20:user_a" },
    ]);
  });

  it("lines accepted from AI are not known where one of the two that write them is missing", async () => {
    const [item] = Object(stored("ai-code-commits")["items"]);
    const { composerLinesAdded: _, ...commit } = item;
    cursorAnswers({ "GET /analytics/ai-code/commits": () => json({ items: [commit], totalCount: 1 }) });
    const [row] = rowsOf(await list(cursorEngine(), { report_type: "project_usage", date: "2025-07-30" }));
    expect(row?.["usage"]).toEqual({
      code: { commits: 1, lines_added: 120, lines_removed: 30, lines_accepted_removed: 15 },
    });
  });

  it("an event's model is said, since no filter by model takes it", async () => {
    cursorAnswers({ [EVENTS]: eventsPage(event({ model: null }), event()) });
    const { warnings } = await list(cursorEngine(), { report_type: "usage", date: "2026-11-20" });
    expect(warnings).toEqual([expect.stringMatching(/name no model/)]);
  });
});

describe("an error that is sent with status 200", () => {
  it.each([
    { error: "Internal", message: "try later" },
    { error: "try later" },
    { error: { code: 5, message: "try later" } },
    { code: "error", message: "try later" },
    { outcome: "error", message: "try later" },
    { error: "try later", usageEvents: [] },
  ])("is no period without events: %j", async (body) => {
    cursorAnswers({ [EVENTS]: () => json(body) });
    expect(await failure(listWithin(2_000, cursorEngine(), { date: "2026-11-20" }))).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("try later"),
    });
  });

  it.each([{ detail: "login required" }, { errors: ["login required"] }, {}, { usageEvents: null }])(
    "in a shape that is not Cursor's names what is missing: %j",
    async (body) => {
      cursorAnswers({ [EVENTS]: () => json(body) });
      expect(await failure(listWithin(2_000, cursorEngine(), { date: "2026-11-20" }))).toMatchObject({
        kind: "vendor_data",
        message: expect.stringContaining("usageEvents"),
      });
    },
  );

  it("is none where events have a message beside them", async () => {
    cursorAnswers({
      [EVENTS]: () => json({ usageEvents: [event()], pagination: { hasNextPage: false }, message: "deprecated" }),
    });
    expect((await list(cursorEngine(), { date: "2026-11-20" })).result_count).toBe(1);
  });
});
