import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Query } from "../../../src/usage/query.ts";
import { guardTheEdge, type Item, idsOf, json, list, rowsOf } from "../edge.ts";
import { cursorAnswers, cursorEngine, DAILY, EVENTS, event, eventsOf, SPEND } from "./api.ts";

guardTheEdge();

const NOON = Date.UTC(2026, 10, 20, 12);

/** 40 events over 75 days; one millisecond holds seven, of them five alike. */
function manyEvents(): Item[] {
  const spread = Array.from({ length: 33 }, (_, index) =>
    event({ timestamp: String(NOON - index * 2.2 * 86_400_000), model: `gpt-${index % 3}`, chargedCents: index }),
  );
  const alike = Array.from({ length: 5 }, () => event({ timestamp: String(NOON - 5), chargedCents: 1 }));
  const beside = ["a", "b"].map((model) => event({ timestamp: String(NOON - 5), model }));
  return [...spread, ...alike.slice(0, 2), ...beside, ...alike.slice(2)];
}

/** All rows, through cursors, `limit` at a time. */
async function allRows(engine: Engine, query: Query, limit: number): Promise<Item[]> {
  const rows: Item[] = [];
  let cursor: string | null | undefined = query.cursor;
  do {
    const answer = await list(engine, { ...query, limit, ...(cursor ? { cursor } : {}) });
    rows.push(...rowsOf(answer));
    cursor = answer.next_cursor;
  } while (cursor);
  return rows;
}

describe("events keep their ids and their order", () => {
  const query = { report_type: "usage", start_date: "2026-09-01", end_date: "2026-11-20" } as const;

  it.each([1, 2, 7, 10_000])("with pages of %i", async (limit) => {
    cursorAnswers({ [EVENTS]: eventsOf(manyEvents, limit) });
    const rows = await allRows(cursorEngine(), query, limit);
    cursorAnswers({ [EVENTS]: eventsOf(manyEvents) });
    const whole = rowsOf(await list(cursorEngine(), { ...query, limit: 1000 }));
    expect(whole).toHaveLength(40);
    expect(rows).toEqual(whole);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(40);
  });

  it("newest first, over all windows", async () => {
    cursorAnswers({ [EVENTS]: eventsOf(manyEvents) });
    const starts = rowsOf(await list(cursorEngine(), query)).map((row) => String(row["start_date"]));
    expect(starts.map(Date.parse)).toEqual(starts.map(Date.parse).sort((a, b) => b - a));
  });

  it("in another window, too", async () => {
    cursorAnswers({ [EVENTS]: eventsOf(manyEvents) });
    const narrow = idsOf(await list(cursorEngine(), { ...query, start_date: "2026-11-01" }));
    const wide = idsOf(await list(cursorEngine(), query));
    expect(wide.slice(0, narrow.length)).toEqual(narrow);
  });

  it("where five are alike, by an ordinal", async () => {
    cursorAnswers({ [EVENTS]: eventsOf(manyEvents) });
    const ids = idsOf(await list(cursorEngine(), query)).map(String);
    const ordinals = ids.filter((id) => id.includes("#")).map((id) => id.split("#"));
    expect(ordinals.map(([, ordinal]) => ordinal)).toEqual(["2", "3", "4", "5"]);
    expect(new Set(ordinals.map(([id]) => id)).size).toBe(1);
    expect(ids).toContain(ordinals[0]?.[0]);
  });

  it("whatever their costs are restated to, and whatever Cursor adds", async () => {
    const ids = async (fields: Item) => {
      cursorAnswers({ [EVENTS]: eventsOf(() => [event(fields)]) });
      return idsOf(await list(cursorEngine(), query));
    };
    const before = await ids({ tokenUsage: { inputTokens: 1, totalCents: 3 } });
    const after = { chargedCents: 7, requestsCosts: 2, cursorTokenFee: 1, isChargeable: false, newField: 1 };
    expect(await ids({ ...after, tokenUsage: { inputTokens: 1, totalCents: 5, discountPercentOff: 10 } })).toEqual(
      before,
    );
  });

  it.each<[string, Item]>([
    ["the time", { timestamp: String(NOON - 1) }],
    ["the person", { userEmail: "other@company.com" }],
    ["the service account", { serviceAccountId: "sa_1" }],
    ["the model", { model: "gpt-5" }],
    ["the kind", { kind: "Included in Pro" }],
    ["max mode", { maxMode: true }],
    ["the conversation", { conversationId: "c" }],
    ["the cloud agent", { cloudAgentId: "bc" }],
    ["tokens in", { tokenUsage: { inputTokens: 1 } }],
    ["tokens out", { tokenUsage: { outputTokens: 1 } }],
    ["tokens written to the cache", { tokenUsage: { cacheWriteTokens: 1 } }],
    ["tokens read from the cache", { tokenUsage: { cacheReadTokens: 1 } }],
  ])("and differ by %s", async (_, fields) => {
    cursorAnswers({ [EVENTS]: eventsOf(() => [event(), event(fields)]) });
    const ids = idsOf(await list(cursorEngine(), query)).map(String);
    expect(new Set(ids.map((id) => id.split("#")[0])).size).toBe(2);
  });
});

describe("events that arrive while a listing is read", () => {
  const query = { report_type: "usage", start_date: "2026-11-20", end_date: "2026-11-20" } as const;
  const at = (minute: number, fields: Item = {}) => event({ timestamp: String(NOON - minute * 60_000), ...fields });

  it("give no event twice, and are said", async () => {
    const known = Array.from({ length: 6 }, (_, index) => at(index));
    cursorAnswers({ [EVENTS]: eventsOf(() => known, 3) });
    const first = await list(cursorEngine(), { ...query, limit: 3 });
    // Two more, the newest of all: the second page now begins with two of the first.
    cursorAnswers({ [EVENTS]: eventsOf(() => [at(-1), at(-2), ...known], 3) });
    const second = await list(cursorEngine(), { ...query, limit: 3, cursor: first.next_cursor ?? "" });
    const ids = [first, second].flatMap(idsOf);
    cursorAnswers({ [EVENTS]: eventsOf(() => known) });
    expect(ids).toEqual(idsOf(await list(cursorEngine(), query)));
    expect(second.warnings).toEqual([expect.stringMatching(/received more events/)]);
    expect(second.is_partial_response).toBe(true);
  });

  it("give no event twice where more of them arrive than a page holds", async () => {
    const known = Array.from({ length: 6 }, (_, index) => at(index));
    cursorAnswers({ [EVENTS]: eventsOf(() => known, 3) });
    const first = await list(cursorEngine(), { ...query, limit: 3 });
    const newer = Array.from({ length: 5 }, (_, index) => at(-1 - index));
    cursorAnswers({ [EVENTS]: eventsOf(() => [...newer, ...known], 3) });
    const rest = await allRows(cursorEngine(), { ...query, cursor: first.next_cursor ?? "" }, 3);
    const ids = [...idsOf(first), ...rest.map(({ id }) => id)];
    cursorAnswers({ [EVENTS]: eventsOf(() => known) });
    expect(ids).toEqual(idsOf(await list(cursorEngine(), query)));
  });

  it("or are taken back, are said", async () => {
    const known = Array.from({ length: 6 }, (_, index) => at(index));
    cursorAnswers({ [EVENTS]: eventsOf(() => known, 3) });
    const first = await list(cursorEngine(), { ...query, limit: 3 });
    cursorAnswers({ [EVENTS]: eventsOf(() => known.slice(1), 3) });
    const second = await list(cursorEngine(), { ...query, limit: 3, cursor: first.next_cursor ?? "" });
    expect(second.warnings).toEqual([expect.stringMatching(/took events of this period back/)]);
  });

  it("count no event twice where its millisecond was on both pages", async () => {
    const known = [at(0), at(1, { model: "a" }), at(1, { model: "b" }), at(2)];
    cursorAnswers({ [EVENTS]: eventsOf(() => known, 2) });
    const first = await list(cursorEngine(), { ...query, limit: 2 });
    cursorAnswers({ [EVENTS]: eventsOf(() => [at(-1), ...known], 2) });
    const second = await list(cursorEngine(), { ...query, limit: 10, cursor: first.next_cursor ?? "" });
    const ids = [first, second].flatMap(idsOf);
    expect(new Set(ids).size).toBe(4);
    expect(ids.some((id) => String(id).includes("#"))).toBe(false);
  });

  it("after now are not asked for", async () => {
    const asked = cursorAnswers({ [EVENTS]: eventsOf(() => []) });
    await list(cursorEngine(NOON), { start_date: "2026-11-20", end_date: "2026-11-30" });
    expect(asked[0]?.body).toMatchObject({ endDate: NOON });
  });
});

describe("daily rows", () => {
  const query = { report_type: "activity", start_date: "2026-09-01", end_date: "2026-11-20" } as const;

  /** 2500 members; a page of them holds their rows day by day, each active on some days. */
  function team(): (asked: { body: Item }) => Response {
    return ({ body }) => {
      const [page, size] = [Number(body["page"]), Number(body["pageSize"])];
      const users = Array.from({ length: 2500 }, (_, index) => 10_000 + index).slice((page - 1) * size, page * size);
      const days: string[] = [];
      for (let at = Number(body["startDate"]); at <= Number(body["endDate"]); at += 86_400_000)
        days.push(new Date(at).toISOString().slice(0, 10));
      const data = days.flatMap((day, index) =>
        users.map((userId) => ({ userId, day, isActive: (userId + index) % 200 === 0, agentRequests: 1 })),
      );
      return json({
        data,
        pagination: { page, pageSize: size, totalPages: Math.ceil(2500 / size), hasNextPage: page * size < 2500 },
      });
    };
  }

  it.each([97, 500])("are the same with pages of %i", async (limit) => {
    cursorAnswers({ [DAILY]: team() });
    const whole = rowsOf(await list(cursorEngine(), { ...query, limit: 10_000 }));
    const rows = await allRows(cursorEngine(), query, limit);
    expect(rows).toEqual(whole);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(whole.length);
    expect(whole.length).toBeGreaterThan(900);
  });

  it("stand by day and id, in whatever order Cursor sends a page", async () => {
    const sent = [
      { userId: 2, day: "2026-11-20" },
      { userId: 1, day: "2026-11-20" },
      { userId: 3, day: "2026-11-19" },
    ];
    const ids = ["2026-11-19:3", "2026-11-20:1", "2026-11-20:2"].map((id) => `cursor:daily:${id}`);
    for (const data of [sent, sent.toReversed()]) {
      cursorAnswers({ [DAILY]: () => json({ data, pagination: { page: 1, totalPages: 1, hasNextPage: false } }) });
      expect(idsOf(await list(cursorEngine(), query))).toEqual(ids);
    }
  });

  it("are read 1000 people at a time, however few rows are wanted: another size would be another order", async () => {
    const asked = cursorAnswers({ [DAILY]: team() });
    await list(cursorEngine(), { ...query, limit: 1 });
    await list(cursorEngine(), { ...query, group_by: ["user"] });
    expect(new Set(asked.map(({ body }) => body["pageSize"]))).toEqual(new Set([1000]));
  });
});

describe("rows that are listed page by page are the same with any limit", () => {
  const skillsOfUsers: (asked: { query: Record<string, string> }) => Response = ({ query }) => {
    const page = Number(query["page"]);
    const day = (offset: number) =>
      new Date(Date.parse(query["startDate"] ?? "") + offset * 86_400_000).toISOString().slice(0, 10);
    const used = (skill_name: string, offset: number) => ({ event_date: day(offset), skill_name, usage: page });
    return json({
      data: {
        [`z${page}@x.io`]: [used("review", 1), used("test", 0), used("review", 0)],
        [`a${page}@x.io`]: [used("test", 2)],
      },
      pagination: { page, totalPages: 2, hasNextPage: page < 2 },
      params: {},
    });
  };
  const spendOfMembers: (asked: { body: Item }) => Response = ({ body }) => {
    const members = [1, 2, 3].map((index) => ({ userId: `user_${body["page"]}${index}`, spendCents: index }));
    return json({ teamMemberSpend: members, subscriptionCycleStart: Date.UTC(2026, 10, 3), totalPages: 3 });
  };

  it.each([1, 2, 7])("skills of people, %i at a time", async (limit) => {
    cursorAnswers({ "GET /analytics/by-user/skills": skillsOfUsers });
    const user_ids = ["z1@x.io", "a1@x.io", "z2@x.io", "a2@x.io"];
    const query: Query = { report_type: "skill_usage", start_date: "2026-10-01", end_date: "2026-11-10", user_ids };
    const whole = rowsOf(await list(cursorEngine(), query));
    expect(whole).toHaveLength(16);
    expect(await allRows(cursorEngine(), query, limit)).toEqual(whole);
    expect(new Set(whole.map(({ id }) => id)).size).toBe(16);
  });

  it.each([1, 2, 7])("spend of members, %i at a time", async (limit) => {
    cursorAnswers({ [SPEND]: spendOfMembers });
    const query: Query = { report_type: "user_cost" };
    const whole = rowsOf(await list(cursorEngine(), query));
    expect(whole).toHaveLength(9);
    expect(await allRows(cursorEngine(), query, limit)).toEqual(whole);
  });
});
