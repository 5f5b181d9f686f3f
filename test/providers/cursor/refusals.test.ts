import { HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { cursor } from "../../../src/providers/cursor/adapter.ts";
import type { Query } from "../../../src/usage/query.ts";
import type { Connection } from "../../../src/vendor-http/connection.ts";
import { failure, guardTheEdge, type Item, json, list, listWithin, NOW, payload, reply } from "../edge.ts";
import { cursorAnswers, cursorEngine, DAILY, dailyPage, EVENTS, event, eventsPage, KEY, SPEND } from "./api.ts";

guardTheEdge();

const DAY = { start_date: "2026-11-20", end_date: "2026-11-20" } as const;
const SKILLS = "GET /analytics/team/skills";
const ACCOUNT = { id: "cursor", provider: "cursor", name: "Cursor", settings: {}, credentials: {} } as const;

describe("Cursor's four shapes of errors are read", () => {
  const connection: Connection = cursor.connect(ACCOUNT, NOW);
  it.each([
    ["error-401", "Invalid API key"],
    ["error-403-scope", "Organization API key missing required scope: members:*"],
    ["error-not-a-member", "User is not a member of this team"],
    ["error-outcome", "Invalid email format"],
    ["error-429", "Rate limit exceeded. Please try again later."],
  ])("%s", (name, words) => {
    expect(connection.errorText(JSON.parse(payload(`cursor/${name}.json`)))).toBe(words);
  });

  it.each([null, [], "no", {}, { usageEvents: [], message: "deprecated" }, { data: {}, message: "deprecated" }])(
    "%j says nothing",
    (body) => {
      expect(connection.errorText(body)).toBeUndefined();
    },
  );

  it("an error beside data is one", () => {
    expect(connection.errorText({ error: "cut short", usageEvents: [] })).toBe("cut short");
  });
});

describe("what a refusal means", () => {
  it.each<[string, number, string, Query, string, RegExp]>([
    [
      "a wrong key",
      401,
      payload("cursor/error-401.json"),
      DAY,
      "credentials",
      /Invalid API key.*team's API key.*dashboard > API Keys/,
    ],
    [
      "an organization's key",
      403,
      payload("cursor/error-403-scope.json"),
      DAY,
      "credentials",
      /plan or the key's scope/,
    ],
    [
      "a plan without analytics",
      403,
      '{"error":"Forbidden","message":"Enterprise access required"}',
      { ...DAY, report_type: "skill_usage" },
      "credentials",
      /Enterprise access required.*The key may be right.*Enterprise teams only/,
    ],
    [
      "a person who is no member",
      400,
      '{"error":"Bad Request","message":"Some users are not in the team"}',
      DAY,
      "question",
      /user_ids takes/,
    ],
    [
      "a range",
      400,
      '{"error":"Bad Request","message":"Date range cannot exceed 30 days"}',
      DAY,
      "question",
      /30 days/,
    ],
  ])("%s", async (_, status, text, query, kind, message) => {
    cursorAnswers({ [EVENTS]: () => reply(text, status), [SKILLS]: () => reply(text, status) });
    const error = await failure(list(cursorEngine(), query));
    expect(error).toMatchObject({ kind, message: expect.stringMatching(message), details: { status } });
    expect(String(error)).not.toContain(KEY);
  });

  it("a 429 that names a time is waited for; a call that has less time than that is told so at once", async () => {
    cursorAnswers({ [EVENTS]: () => reply(payload("cursor/error-429.json"), 429, { "retry-after": "60" }) });
    const started = performance.now();
    const refused = await failure(listWithin(20_000, cursorEngine(), DAY));
    expect(refused).toMatchObject({ kind: "unavailable", message: expect.stringContaining("Rate limit exceeded") });
    expect(Object(refused).details.retry_after).toBeCloseTo(60, -1);
    expect(performance.now() - started).toBeLessThan(5_000);
    let calls = 0;
    cursorAnswers({
      [EVENTS]: (asked) =>
        calls++ === 0
          ? reply(payload("cursor/error-429.json"), 429, { "retry-after": "0" })
          : eventsPage(event())(asked),
    });
    expect((await list(cursorEngine(), DAY)).result_count).toBe(1);
  });

  it("a redirect is not followed with the key", async () => {
    const asked = cursorAnswers({
      [EVENTS]: () => new HttpResponse(null, { status: 302, headers: { location: "https://elsewhere.example/" } }),
    });
    expect(await failure(list(cursorEngine(), DAY))).toMatchObject({ kind: "credentials" });
    expect(asked).toHaveLength(1);
  });

  it("a 500 of events may be a value of remote_query", () => {
    const request = { method: "POST", path: "/teams/filtered-usage-events" } as const;
    expect(cursor.connect(ACCOUNT, NOW).refusal(500, "", request)).toMatchObject({
      kind: "unavailable",
      advice: expect.stringMatching(/remote_query/),
    });
  });
});

describe("parameters that Cursor can't serve are refused, with the reason", () => {
  it.each<[string, Query, RegExp]>([
    ["include_deleted_users", { include_deleted_users: true }, /no such switch/],
    ["api_key_id", { api_key_id: "k" }, /not split by API key/],
    ["surfaces", { surfaces: ["chat"] }, /report_type usage or cost/],
    ["granularity", { report_type: "activity", granularity: "hour" }, /no hour buckets/],
    ["granularity", { report_type: "user_usage", granularity: "day" }, /cover the whole period/],
    ["group_by", { report_type: "activity", group_by: ["model"] }, /can't be grouped by 'model'/],
    ["group_by", { report_type: "cost", group_by: ["token_type"] }, /token_type/],
    ["model_ids", { report_type: "skill_usage", model_ids: ["gpt-5"] }, /report_type usage or cost/],
  ])("%s of %j", async (parameter, query, message) => {
    expect(await failure(list(cursorEngine(), query))).toMatchObject({
      kind: "question",
      details: { parameter },
      message: expect.stringMatching(message),
    });
  });
});

describe("data that moved away from its contract", () => {
  async function error(routes: Parameters<typeof cursorAnswers>[0], query: Query): Promise<unknown> {
    cursorAnswers(routes);
    return failure(list(cursorEngine(), query));
  }

  it.each<[string, Item, string]>([
    ["chargedCents retyped", { chargedCents: "a lot" }, "usageEvents[].chargedCents"],
    ["chargedCents missing", { chargedCents: undefined }, "usageEvents[].chargedCents"],
    [
      "chargedCents null of an included event",
      { chargedCents: null, kind: "Included in Pro" },
      "usageEvents[].chargedCents",
    ],
    ["a fee retyped", { cursorTokenFee: {} }, "usageEvents[].cursorTokenFee"],
    ["the timestamp missing", { timestamp: undefined }, "usageEvents[].timestamp"],
    ["the timestamp retyped", { timestamp: "2026-11-20T10:00:00Z" }, "usageEvents[].timestamp"],
    ["the timestamp out of all calendars", { timestamp: "99999999999999999" }, "usageEvents[].timestamp"],
    ["tokens retyped", { tokenUsage: { inputTokens: "many" } }, "inputTokens"],
    ["request units retyped", { requestsCosts: [] }, "usageEvents[].requestsCosts"],
  ])("an event: %s", async (_, fields, field) => {
    expect(await error({ [EVENTS]: eventsPage(event(fields)) }, DAY)).toMatchObject({
      kind: "vendor_data",
      message: expect.stringContaining(field),
    });
  });

  it.each<[string, unknown, string]>([
    ["no pagination", { usageEvents: [event()] }, "pagination"],
    ["no list of events", { usageEvents: {}, pagination: { hasNextPage: false } }, "usageEvents"],
    ["events that are no objects", { usageEvents: [1], pagination: { hasNextPage: false } }, "usageEvents[]"],
    ["pagination without anything", { usageEvents: [event()], pagination: {} }, "pagination.hasNextPage"],
    ["a list instead of an answer", [], "the answer"],
  ])("an answer of events: %s", async (_, body, field) => {
    expect(await error({ [EVENTS]: () => json(body) }, DAY)).toMatchObject({
      kind: "vendor_data",
      message: expect.stringContaining(field),
    });
  });

  it.each<[string, Item, string]>([
    ["a count retyped", { day: "2026-11-20", agentRequests: "many" }, "agentRequests"],
    ["neither day nor date", {}, "data[].day"],
    ["a date retyped", { date: "yesterday" }, "data[].date"],
  ])("a daily row: %s", async (_, fields, field) => {
    expect(await error({ [DAILY]: dailyPage({ userId: 1, isActive: true, ...fields }) }, {})).toMatchObject({
      kind: "vendor_data",
      message: expect.stringContaining(field),
    });
  });

  it("spend without the start of its cycle", async () => {
    const routes = { [SPEND]: () => json({ teamMemberSpend: [], totalPages: 1 }) };
    expect(await error(routes, { report_type: "user_cost" })).toMatchObject({
      kind: "vendor_data",
      message: expect.stringContaining("subscriptionCycleStart"),
    });
  });

  it("a skill's use that is no number", async () => {
    const routes = { [SKILLS]: () => json({ data: [{ event_date: "2026-11-20", skill_name: "x", usage: "often" }] }) };
    expect(await error(routes, { ...DAY, report_type: "skill_usage" })).toMatchObject({
      kind: "vendor_data",
      message: expect.stringContaining("data[].usage"),
    });
  });

  it("new fields and new kinds pass", async () => {
    cursorAnswers({ [EVENTS]: eventsPage(event({ kind: "Quantum Plan", brandNew: { deep: 1 } })) });
    expect((await list(cursorEngine(), DAY)).result_count).toBe(1);
  });
});
