import { describe, expect, it } from "vitest";
import { cursor } from "../../../src/providers/cursor/adapter.ts";
import type { Query } from "../../../src/usage/query.ts";
import { failure, guardTheEdge, type Item, json, list, NOW, rowsOf } from "../edge.ts";
import {
  type Answer,
  cursorAnswers,
  cursorEngine,
  DAILY,
  dailyPage,
  EVENTS,
  event,
  eventsOf,
  eventsPage,
  KEY,
  MEMBERS,
  SPEND,
  usd,
} from "./api.ts";

guardTheEdge();

const DAY_LENGTH = 86_400_000;
const DAY = { start_date: "2026-11-20", end_date: "2026-11-20" } as const;
const SKILLS = "GET /analytics/by-user/skills";
const COMMITS = "GET /analytics/ai-code/commits";

const NO_SPEND: Answer = () =>
  json({ teamMemberSpend: [], subscriptionCycleStart: Date.UTC(2026, 10, 3), totalPages: 1 });
const NO_SKILLS: Answer = () =>
  json({ data: {}, pagination: { page: 1, totalPages: 1, hasNextPage: false }, params: {} });
const NO_COMMITS: Answer = () => json({ items: [], totalCount: 0, page: 1, pageSize: 1000 });

describe("how Cursor is asked", () => {
  it("the key is the user of Basic, without a password", async () => {
    const asked = cursorAnswers({ [EVENTS]: eventsPage() });
    await list(cursorEngine(), DAY);
    expect(asked[0]?.headers.get("authorization")).toBe(`Basic ${Buffer.from(`${KEY}:`).toString("base64")}`);
    expect(asked[0]?.headers.get("content-type")).toBe("application/json");
  });

  it("events: the page, and always the largest: calls are counted, and what one question leaves the next one finds", async () => {
    const asked = cursorAnswers({ [EVENTS]: eventsPage() });
    await list(cursorEngine(), { ...DAY, limit: 25, page: 2 });
    await list(cursorEngine(), { ...DAY, group_by: ["model"] });
    await list(cursorEngine(), { ...DAY, model_ids: ["gpt-5"] });
    expect(asked.map(({ body }) => [body["page"], body["pageSize"]])).toEqual([
      [1, 1000],
      [1, 1000],
      [1, 1000],
    ]);
  });

  it("daily rows: page and pageSize, without which other people would come", async () => {
    const asked = cursorAnswers({ [DAILY]: dailyPage() });
    await list(cursorEngine());
    expect(asked[0]?.body).toMatchObject({ page: 1, pageSize: 1000 });
  });

  it("spend: by name, so that growing amounts move nobody", async () => {
    const asked = cursorAnswers({ [SPEND]: NO_SPEND });
    await list(cursorEngine(), { report_type: "user_cost" });
    expect(asked[0]?.body).toEqual({ sortBy: "user", sortDirection: "asc", page: 1, pageSize: 500 });
  });

  it("members once for many questions, and never where no names are needed", async () => {
    let members = 0;
    cursorAnswers({
      [EVENTS]: eventsPage(event()),
      [DAILY]: dailyPage(),
      "GET /teams/members": () => {
        members++;
        return json(MEMBERS);
      },
    });
    const engine = cursorEngine();
    await list(engine, { ...DAY, report_type: "cost" });
    expect(members).toBe(0);
    await list(engine, DAY);
    await list(engine, { ...DAY, report_type: "user_usage" });
    expect(members).toBe(1);
  });
});

describe("people", () => {
  it.each<[string, Query, string | undefined]>([
    ["one e-mail is asked of Cursor", { user_ids: ["developer@company.com"] }, "developer@company.com"],
    ["user_id as well", { user_id: "developer@company.com" }, "developer@company.com"],
    ["of cost, too", { report_type: "cost", user_ids: ["developer@company.com"] }, "developer@company.com"],
    ["two are matched on the rows", { user_ids: ["developer@company.com", "admin@company.com"] }, undefined],
    ["an id as well", { user_ids: ["user_alex"] }, undefined],
  ])("of events: %s", async (_, query, email) => {
    const asked = cursorAnswers({ [EVENTS]: eventsPage() });
    await list(cursorEngine(), { ...DAY, ...query });
    expect(asked[0]?.body["email"]).toBe(email);
  });

  it("that Cursor filters by keep events that lack their e-mail", async () => {
    cursorAnswers({ [EVENTS]: eventsPage(event({ userEmail: null })) });
    expect((await list(cursorEngine(), { ...DAY, user_ids: ["gone@company.com"] })).result_count).toBe(1);
  });

  it("are matched on the rows by id and e-mail, whatever the case", async () => {
    const all = ["developer@company.com", "admin@company.com", "third@company.com"].map((userEmail) =>
      event({ userEmail }),
    );
    cursorAnswers({ [EVENTS]: eventsOf(() => all) });
    const answer = await list(cursorEngine(), { ...DAY, user_ids: ["USER_ALEX", "Admin@company.com"] });
    expect(rowsOf(answer).map(({ user }) => user)).toMatchObject([{ id: "user_alex" }, { id: "user_sam" }]);
  });

  it("are found by e-mail whatever its case, though Cursor should compare letter by letter", async () => {
    const theirs = (day: number) =>
      event({ timestamp: String(Date.UTC(2026, 10, day)), userEmail: "Gone@Company.com" });
    const asked = cursorAnswers({ [EVENTS]: eventsOf(() => [theirs(1), event(), theirs(19), event(), theirs(20)]) });
    const query: Query = { start_date: "2026-09-01", end_date: "2026-11-20", user_ids: ["gone@company.com"] };
    const answer = await list(cursorEngine(), { ...query, limit: 2 });
    // What was not found is looked for among all, in the largest pages; what was found is asked for in Cursor's spelling.
    expect(asked.map(({ body }) => [body["email"], body["pageSize"]])).toEqual([
      ["gone@company.com", 1000],
      [undefined, 1000],
    ]);
    const rest = await list(cursorEngine(), { ...query, limit: 2, cursor: answer.next_cursor ?? "" });
    expect(asked.slice(2).map(({ body }) => body["email"])).toEqual(Array(5).fill("Gone@Company.com"));
    expect([...rowsOf(answer), ...rowsOf(rest)].map((row) => row["start_date"])).toEqual([
      "2026-11-20T00:00:00Z",
      "2026-11-19T00:00:00Z",
      "2026-11-01T00:00:00Z",
    ]);
  });

  it("who were found under an e-mail are not looked for among all where they did nothing", async () => {
    const asked = cursorAnswers({ [EVENTS]: eventsOf(() => [event()]) });
    await list(cursorEngine(), {
      start_date: "2026-09-01",
      end_date: "2026-11-20",
      user_ids: ["developer@company.com"],
    });
    expect(asked.map(({ body }) => body["email"])).toEqual(Array(6).fill("developer@company.com"));
  });

  it("of commits, too, are found whatever the case", async () => {
    const asked = cursorAnswers({
      [COMMITS]: ({ query: { user } }) => {
        const all = ["Gone@Company.com", "other@company.com"].map((userEmail) => ({
          commitHash: userEmail,
          userEmail,
          commitTs: "2026-11-20T10:00:00Z",
        }));
        const items = all.filter(({ userEmail }) => user === undefined || user === userEmail);
        return json({ items, totalCount: items.length, page: 1, pageSize: 1000 });
      },
    });
    const query: Query = { ...DAY, report_type: "project_usage", user_ids: ["gone@company.com"] };
    expect(rowsOf(await list(cursorEngine(), query))).toMatchObject([{ usage: { code: { commits: 1 } } }]);
    expect(asked.map(({ query: { user } }) => user)).toEqual(["gone@company.com", undefined]);
  });

  it("by number: one is asked of Cursor, since events name none", async () => {
    const asked = cursorAnswers({ [EVENTS]: eventsPage(event()), [COMMITS]: NO_COMMITS });
    expect((await list(cursorEngine(), { ...DAY, user_ids: ["12345"] })).result_count).toBe(1);
    await list(cursorEngine(), { ...DAY, report_type: "project_usage", user_id: "12345" });
    expect(asked.map(({ body, query }) => body["userId"] ?? query["user"])).toEqual([12345, "12345"]);
  });

  it.each<Query>([
    { ...DAY, user_ids: ["12345", "developer@company.com"] },
    { ...DAY, report_type: "summary", user_ids: ["12345"] },
  ])("by number where nothing could match it are refused: %j", async (query) => {
    expect(await failure(list(cursorEngine(), query))).toMatchObject({
      kind: "question",
      details: { parameter: "user_ids" },
      message: expect.stringMatching(/use e-mails or ids.*instead of 12345/),
    });
  });

  it.each([["USER_alex"], ["12345"], ["Developer@Company.com"], ["user_sam", "12345"]])(
    "of daily rows that number people are found by %j",
    async (...user_ids) => {
      const alex = { userId: 12345, email: "developer@company.com", day: "2026-11-20", isActive: true };
      cursorAnswers({ [DAILY]: dailyPage(alex, { ...alex, userId: 12346, email: "third@company.com" }) });
      const answer = await list(cursorEngine(), { ...DAY, report_type: "activity", user_ids });
      expect(rowsOf(answer)).toMatchObject([{ user: { id: "12345", name: "Alex" } }]);
    },
  );

  it("of analytics are asked of Cursor in one list", async () => {
    const asked = cursorAnswers({ [SKILLS]: NO_SKILLS });
    await list(cursorEngine(), { ...DAY, report_type: "skill_usage", user_ids: ["a@x.io", "user_b"] });
    expect(asked[0]?.query).toEqual({
      startDate: "2026-11-20",
      endDate: "2026-11-20",
      users: "a@x.io,user_b",
      page: "1",
      pageSize: "500",
    });
  });

  it.each(["Sam", "a@x.io,b@x.io"])("of analytics in another spelling are matched on the rows: %s", async (person) => {
    const asked = cursorAnswers({ [SKILLS]: NO_SKILLS });
    await list(cursorEngine(), { ...DAY, report_type: "skill_usage", user_ids: [person] });
    expect(asked[0]?.query).not.toHaveProperty("users");
  });

  it("of commits: one is asked of Cursor", async () => {
    const asked = cursorAnswers({ [COMMITS]: NO_COMMITS });
    await list(cursorEngine(), { ...DAY, report_type: "project_usage", user_ids: ["user_b"] });
    expect(asked[0]?.query).toEqual({
      startDate: "2026-11-20T00:00:00.000Z",
      endDate: "2026-11-20T23:59:59.999Z",
      user: "user_b",
      page: "1",
      pageSize: "1000",
    });
  });
});

describe("remote_query", () => {
  it("goes into the body, after our own; userId as the number that it must be", async () => {
    const asked = cursorAnswers({ [EVENTS]: eventsPage() });
    await list(cursorEngine(), { ...DAY, remote_query: { userId: "12345", hostingType: "CLOUD", cloudAgentId: "*" } });
    expect(asked[0]?.body).toMatchObject({ userId: 12345, hostingType: "CLOUD", cloudAgentId: "*", page: 1 });
  });

  it("goes into the query string of analytics", async () => {
    const asked = cursorAnswers({ [COMMITS]: NO_COMMITS });
    await list(cursorEngine(), { ...DAY, report_type: "project_usage", remote_query: { branch: "main" } });
    expect(asked[0]?.query).toMatchObject({ branch: "main" });
  });

  it("is refused for a summary, whose two sources would be filtered differently", async () => {
    const query = { ...DAY, report_type: "summary", remote_query: { serviceAccountId: "sa_1" } } as const;
    expect(await failure(list(cursorEngine(), query))).toMatchObject({ details: { parameter: "remote_query" } });
  });

  it.each(["startDate", "endDate", "page", "pageSize", "email", "users", "sortBy", "sortDirection"])(
    "must not set %s",
    async (name) => {
      expect(await failure(list(cursorEngine(), { ...DAY, remote_query: { [name]: "1" } }))).toMatchObject({
        kind: "question",
        message: expect.stringContaining(name),
      });
    },
  );
});

describe("paging", () => {
  it("spend stops by its totalPages, having no pagination", async () => {
    const asked = cursorAnswers({
      [SPEND]: ({ body }) =>
        json({
          teamMemberSpend: [{ userId: `user_${body["page"]}`, spendCents: 100 }],
          subscriptionCycleStart: Date.UTC(2026, 10, 3),
          totalMembers: 3,
          totalPages: 3,
        }),
    });
    expect((await list(cursorEngine(), { report_type: "user_cost" })).result_count).toBe(3);
    expect(asked.map(({ body }) => body["page"])).toEqual([1, 2, 3]);
  });

  it("spend stops at a page of nobody, whatever totalPages says", async () => {
    const asked = cursorAnswers({
      [SPEND]: () =>
        json({ teamMemberSpend: [], subscriptionCycleStart: Date.UTC(2026, 10, 3), totalMembers: 0, totalPages: 9 }),
    });
    await list(cursorEngine(), { report_type: "user_cost" });
    expect(asked).toHaveLength(1);
  });

  it("commits stop at an empty page, whatever totalCount says", async () => {
    const asked = cursorAnswers({ [COMMITS]: () => json({ items: [], totalCount: 9000, page: 1, pageSize: 1000 }) });
    await list(cursorEngine(), { start_date: "2026-11-20", end_date: "2026-12-31", report_type: "project_usage" });
    expect(asked.map(({ query }) => query["endDate"])).toEqual(["2026-11-22T12:00:00.000Z"]);
  });

  it("commits stop by totalCount, counted in the page size that the answer names", async () => {
    const asked = cursorAnswers({
      [COMMITS]: ({ query }) =>
        json({
          items: [{ commitHash: `h${query["page"]}`, commitTs: "2026-11-20T10:00:00Z", totalLinesAdded: 1 }],
          totalCount: 3,
          page: Number(query["page"]),
          pageSize: 1,
        }),
    });
    const [row] = rowsOf(await list(cursorEngine(), { ...DAY, report_type: "project_usage" }));
    expect(asked.map(({ query }) => query["page"])).toEqual(["1", "2", "3"]);
    expect(row?.["usage"]).toEqual({ code: { commits: 3, lines_added: 3 } });
  });

  it("by user stops by hasNextPage, whatever the number of rows", async () => {
    const asked = cursorAnswers({
      [SKILLS]: ({ query }) =>
        json({
          data: { [`u${query["page"]}@x.io`]: [{ event_date: "2026-11-20", skill_name: "review", usage: 2 }] },
          pagination: { page: Number(query["page"]), totalPages: 2, hasNextPage: query["page"] === "1" },
          params: { userMappings: [{ id: `user_${query["page"]}`, email: `u${query["page"]}@x.io` }] },
        }),
    });
    const answer = await list(cursorEngine(), { ...DAY, report_type: "skill_usage", group_by: ["user"] });
    expect(asked).toHaveLength(2);
    expect(rowsOf(answer).map(({ user, usage }) => [user, usage])).toEqual([
      [{ id: "user_1", email: "u1@x.io" }, { tools: { skills_used_count: 2 } }],
      [{ id: "user_2", email: "u2@x.io" }, { tools: { skills_used_count: 2 } }],
    ]);
  });

  it("an empty page that claims another one is believed as far as there are pages", async () => {
    const asked = cursorAnswers({
      [EVENTS]: () => json({ usageEvents: [], pagination: { numPages: 2, hasNextPage: true } }),
    });
    await list(cursorEngine(), DAY);
    expect(asked).toHaveLength(2);
  });

  it("an empty page is not believed against the number of events", async () => {
    const pagination = { numPages: 1_000_000, pageSize: 1000, hasNextPage: true };
    const asked = cursorAnswers({ [EVENTS]: () => json({ totalUsageEventsCount: 0, usageEvents: [], pagination }) });
    await list(cursorEngine(), DAY);
    expect(asked).toHaveLength(1);
  });

  it("hasNextPage for ever ends with Cursor's own counts", async () => {
    const pagination = { numPages: 1, currentPage: 1, pageSize: 1000, hasNextPage: true };
    const asked = cursorAnswers({
      [EVENTS]: () => json({ totalUsageEventsCount: 1, usageEvents: [event()], pagination }),
    });
    const answer = await list(cursorEngine(), DAY);
    expect(answer).toMatchObject({ result_count: 1, is_partial_response: false });
    expect(asked).toHaveLength(1);
  });

  it("numPages that is too low loses no events", async () => {
    const three = Array.from({ length: 3 }, (_, index) => event({ model: `m${index}` }));
    cursorAnswers({
      [EVENTS]: ({ body }) => {
        const page = Number(body["page"]);
        const pagination = { numPages: 1, currentPage: page, pageSize: 1, hasNextPage: page < 3 };
        return json({ totalUsageEventsCount: 3, usageEvents: three.slice(page - 1, page), pagination });
      },
    });
    expect((await list(cursorEngine(), DAY)).result_count).toBe(3);
  });

  it.each<[string, Query, string, Item]>([
    ["events", DAY, EVENTS, { usageEvents: [event()], totalUsageEventsCount: 9 }],
    ["daily rows", {}, DAILY, { data: [{ userId: 1, day: "2026-11-20", isActive: true }] }],
  ])("the first page over and over is counted once and said: %s", async (_, query, path, body) => {
    const pagination = { page: 1, currentPage: 1, numPages: 9, totalPages: 9, pageSize: 1, hasNextPage: true };
    const asked = cursorAnswers({ [path]: () => json({ ...body, pagination }) });
    const answer = await list(cursorEngine(), query);
    expect(answer).toMatchObject({ result_count: 1, is_partial_response: true });
    expect(answer.warnings).toContainEqual(expect.stringMatching(/pointed back/));
    // Once more from the start: it might have been a slip.
    expect(asked).toHaveLength(4);
  });

  it("numPages tells where hasNextPage is missing", async () => {
    const asked = cursorAnswers({
      [EVENTS]: ({ body }) =>
        json({ usageEvents: [event({ model: `m${body["page"]}` })], pagination: { numPages: 2 } }),
    });
    expect((await list(cursorEngine(), DAY)).result_count).toBe(2);
    expect(asked).toHaveLength(2);
  });
});

describe("reports that are made of others", () => {
  const day = (fields: Item) => ({ day: "2026-11-20", isActive: true, ...fields });

  it("user_usage is a row a user: 3 + 4 requests of the agent", async () => {
    const alex = { userId: 1, email: "developer@company.com" };
    const none = { usageBasedReqs: 0, apiKeyReqs: 0 };
    cursorAnswers({
      [DAILY]: dailyPage(
        day({ ...alex, ...none, agentRequests: 3, subscriptionIncludedReqs: 5, clientVersion: "1.0" }),
        day({ ...alex, ...none, day: "2026-11-21", agentRequests: 4, subscriptionIncludedReqs: 6 }),
        day({ userId: 2, agentRequests: 1, isActive: false }),
      ),
    });
    const query = { report_type: "user_usage", start_date: "2026-11-20", end_date: "2026-11-21" } as const;
    expect(rowsOf(await list(cursorEngine(), query))).toEqual([
      {
        id: expect.any(String),
        start_date: "2026-11-20T00:00:00Z",
        end_date: "2026-11-22T00:00:00Z",
        metric_name: "daily_usage",
        user: { id: "1", email: "developer@company.com", name: "Alex" },
        usage: {
          activity: { is_active: true },
          requests: { agent: 7, included: 11, usage_based: 0, api_key: 0, total: 11 },
        },
      },
    ]);
  });

  it("user_cost of a period is made of its events; the current cycle is Cursor's own sum", async () => {
    const asked = cursorAnswers({
      [EVENTS]: eventsPage(event({ chargedCents: 0.1 }), event({ chargedCents: 0.2 }), event({ userEmail: null })),
      [SPEND]: NO_SPEND,
    });
    const answer = await list(cursorEngine(), { ...DAY, report_type: "user_cost" });
    expect(rowsOf(answer).map(({ user, charges }) => [user, charges])).toEqual(
      expect.arrayContaining([
        [
          { id: "user_alex", email: "developer@company.com", name: "Alex" },
          [usd("net", 0.003), usd("total", 0.003), usd("usage_based", 0.003)],
        ],
        [undefined, [usd("net", 1.5), usd("total", 1.5), usd("usage_based", 1.5)]],
      ]),
    );
    await list(cursorEngine(), { report_type: "user_cost" });
    await list(cursorEngine(), { report_type: "user_cost", group_by: ["user"], sort_by: "net" });
    await list(cursorEngine(), { report_type: "user_cost", group_by: ["model"] });
    await list(cursorEngine(), { report_type: "user_cost", model_ids: ["gpt-5"] });
    await list(cursorEngine(), { report_type: "user_cost", surfaces: ["automation"] });
    // The month to date is two windows of events.
    expect(asked.map(({ path }) => path)).toEqual([
      "/teams/filtered-usage-events",
      "/teams/spend",
      "/teams/spend",
      ...Array(6).fill("/teams/filtered-usage-events"),
    ]);
  });

  it("user_cost of a period that has no dates, as a summary asks, is not the cycle's", () => {
    const account = { id: "c", provider: "cursor", name: "C", settings: {}, credentials: {} } as const;
    const asked = { account, report: "user_cost", dates: {}, now: NOW, filters: {}, remoteQuery: [] } as const;
    const first = (end: number) => cursor.first({ ...asked, period: { start: NOW - 60 * DAY_LENGTH, end } });
    expect([NOW, NOW - DAY_LENGTH].map((end) => first(end)?.source)).toEqual(["spend", "events"]);
  });

  it("user_cost of the cycle can be asked of one person, and sorted", async () => {
    const members = [
      { userId: "user_a", email: "a@x.io", spendCents: 100 },
      { userId: "user_b", email: "b@x.io", spendCents: 300 },
    ];
    cursorAnswers({
      [SPEND]: () => json({ teamMemberSpend: members, subscriptionCycleStart: Date.UTC(2026, 10, 3), totalPages: 1 }),
    });
    const sorted = await list(cursorEngine(), { report_type: "user_cost", sort_by: "net" });
    expect(rowsOf(sorted).map(({ user }) => user)).toEqual([
      { id: "user_b", email: "b@x.io" },
      { id: "user_a", email: "a@x.io" },
    ]);
    const one = await list(cursorEngine(), { report_type: "user_cost", user_ids: ["A@x.io"] });
    expect(rowsOf(one)).toMatchObject([{ user: { id: "user_a" } }]);
    expect(one.period).toEqual({ start_date: "2026-11-03T00:00:00Z", end_date: "2026-11-22T12:00:00Z" });
  });

  it("summary is one row of events and daily data, no request counted twice", async () => {
    const asked = cursorAnswers({
      [EVENTS]: eventsPage(
        event({ chargedCents: 10, tokenUsage: { inputTokens: 5, outputTokens: 6 } }),
        event({ chargedCents: 20, kind: "Included in Pro", isChargeable: false }),
      ),
      [DAILY]: dailyPage(
        day({
          userId: 1,
          agentRequests: 2,
          cmdkUsages: 1,
          subscriptionIncludedReqs: 1,
          usageBasedReqs: 1,
          apiKeyReqs: 0,
          totalLinesAdded: 9,
        }),
      ),
    });
    const answer = await list(cursorEngine(), { ...DAY, report_type: "summary" });
    expect(answer).toMatchObject({ is_partial_response: false, warnings: [] });
    expect(rowsOf(answer)).toEqual([
      {
        id: expect.any(String),
        start_date: "2026-11-20T00:00:00Z",
        end_date: "2026-11-21T00:00:00Z",
        charges: [usd("net", 0.1), usd("total", 0.3), usd("usage_based", 0.1), usd("included", 0.2)],
        usage: {
          activity: { is_active: true },
          code: { lines_added: 9 },
          requests: { total: 2, usage_based: 1, included: 1, agent: 2, cmdk: 1 },
          tokens: { input: 5, output: 6, total: 11 },
          quantity: 2,
        },
        unit: "request",
      },
    ]);
    expect(asked.map(({ path }) => path)).toEqual(["/teams/filtered-usage-events", "/teams/daily-usage-data"]);
  });

  it.each(["developer@company.com", "user_alex"])("a summary of %s is filtered on the rows of both", async (person) => {
    const asked = cursorAnswers({
      [EVENTS]: eventsPage(event(), event({ userEmail: "other@company.com" })),
      [DAILY]: dailyPage(
        day({ userId: 1, email: "developer@company.com", agentRequests: 2 }),
        day({ userId: 2, email: "other@company.com", agentRequests: 5 }),
      ),
    });
    const answer = await list(cursorEngine(), { ...DAY, report_type: "summary", user_ids: [person] });
    expect(asked[0]?.body).not.toHaveProperty("email");
    expect(rowsOf(answer)).toMatchObject([{ usage: { requests: { total: 1, agent: 2 } } }]);
  });

  it("usage in buckets of an hour", async () => {
    const at = (hour: number) => ({ timestamp: String(Date.UTC(2026, 10, 20, hour, 30)) });
    cursorAnswers({ [EVENTS]: eventsPage(event(at(11)), event(at(9)), event({ ...at(9), model: "gpt-5" })) });
    const answer = await list(cursorEngine(), { ...DAY, granularity: "hour" });
    expect(rowsOf(answer).map((row) => [row["start_date"], row["usage"]])).toEqual([
      ["2026-11-20T09:00:00Z", { requests: { total: 2, usage_based: 2 }, quantity: 2 }],
      ["2026-11-20T11:00:00Z", { requests: { total: 1, usage_based: 1 }, quantity: 1 }],
    ]);
  });

  it("usage of one surface, one model", async () => {
    cursorAnswers({
      [EVENTS]: eventsPage(event({ automationId: "a" }), event({ cloudAgentId: "b", model: "GPT-5" }), event()),
    });
    const bySurface = await list(cursorEngine(), { ...DAY, surfaces: ["Cloud_Agent"] });
    const byModel = await list(cursorEngine(), { ...DAY, model_ids: ["gpt-5"] });
    expect(rowsOf(bySurface)).toMatchObject([{ surface: "cloud_agent" }]);
    expect(rowsOf(byModel)).toMatchObject([{ model: { id: "GPT-5" } }]);
  });
});
