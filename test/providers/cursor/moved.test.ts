import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import { call, guardTheEdge, type Item, idsOf, json, list, rowsOf } from "../edge.ts";
import {
  type Answer,
  type Asked,
  cursorAnswers,
  cursorEngine,
  DAILY,
  EVENTS,
  event,
  eventsOf,
  keepingEngine,
  SPEND,
} from "./api.ts";

guardTheEdge();

const NOON = Date.UTC(2026, 10, 20, 12);
const at = (minute: number, fields: Item = {}) =>
  event({ timestamp: String(NOON - minute * 60_000), chargedCents: 100, ...fields });
const six = Array.from({ length: 6 }, (_, index) => at(index));

/** Cursor's events, three a page; before each call `change` may have others in their place. */
function moving(change: (call: number, asked: Asked) => readonly Item[], most = 3): Answer {
  let calls = 0;
  return (asked) => {
    const all = change(++calls, asked);
    return eventsOf(() => all, most)(asked);
  };
}

/** Page after page of six events, as Cursor says, whatever is on them. */
function page(currentPage: number, usageEvents: readonly Item[]): Response {
  const pagination = { numPages: 2, currentPage, pageSize: 3, hasNextPage: currentPage < 2 };
  return json({ totalUsageEventsCount: 6, pagination, usageEvents });
}

function cost(engine = cursorEngine()) {
  return getCostSummary.run(engine, { start_date: "2026-11-20", end_date: "2026-11-21" }, call());
}

describe("a sum over events that move while they are read", () => {
  it("is read again where more came, and then holds them all", async () => {
    const asked = cursorAnswers({ [EVENTS]: moving((n) => (n === 1 ? six : [at(-1), ...six])) });
    // Seven events of a dollar; the second reading has three pages.
    expect(await cost()).toMatchObject({ totals: [{ net: 7, rows: 7 }], is_partial_response: false, warnings: [] });
    expect(asked.map(({ body }) => body["page"])).toEqual([1, 2, 1, 2, 3]);
  });

  it("is read again where some were taken back", async () => {
    cursorAnswers({ [EVENTS]: moving((n) => (n === 1 ? six : six.slice(1))) });
    expect(await cost()).toMatchObject({ totals: [{ net: 5, rows: 5 }], is_partial_response: false, warnings: [] });
  });

  it("is read again where a page came twice, though Cursor's counts stand still", async () => {
    let calls = 0;
    const still = eventsOf(() => six, 3);
    const asked = cursorAnswers({ [EVENTS]: (call) => (++calls === 2 ? page(2, six.slice(0, 3)) : still(call)) });
    expect(await cost()).toMatchObject({ totals: [{ net: 6, rows: 6 }], is_partial_response: false, warnings: [] });
    expect(asked).toHaveLength(4);
  });

  it("and moves every time is given as one of part after three readings, and counts nothing twice", async () => {
    const asked = cursorAnswers({
      [EVENTS]: moving((n) => [...Array.from({ length: n - 1 }, (_, index) => at(-1 - index)), ...six]),
    });
    const summary = await cost();
    expect(summary).toMatchObject({
      is_partial_response: true,
      accounts: [{ status: "partial" }],
      warnings: [expect.stringMatching(/^cursor: Cursor received more events/)],
    });
    // The third reading began with four events more; those that came on the way are not in it, and no other twice.
    expect(Object(summary["totals"])[0]).toMatchObject({ net: 10, rows: 10 });
    expect(asked.filter(({ body }) => body["page"] === 1)).toHaveLength(3);
  });

  it("and whose second page is always the first is given as one of part, counted once", async () => {
    cursorAnswers({ [EVENTS]: ({ body }) => page(Number(body["page"]), six.slice(0, 3)) });
    expect(await cost()).toMatchObject({
      totals: [{ net: 3, rows: 3 }],
      is_partial_response: true,
      warnings: [expect.stringMatching(/sent events again/)],
    });
  });

  it("asks anew for what may still change only: what is final is taken as it was kept", async () => {
    let now = Date.UTC(2026, 10, 22, 12);
    const engine = keepingEngine(() => now++);
    const old = Array.from({ length: 6 }, (_, index) => at(30 * 24 * 60 + index));
    const args = { start_date: "2026-10-16", end_date: "2026-11-21" };
    cursorAnswers({ [EVENTS]: eventsOf(() => [...six, ...old], 3) });
    await getCostSummary.run(engine, args, call());
    now += 12 * 60_000;
    const asked = cursorAnswers({ [EVENTS]: moving((n) => (n === 1 ? [...six, ...old] : [at(-1), ...six, ...old])) });
    expect(await getCostSummary.run(engine, args, call())).toMatchObject({
      totals: [{ net: 13, rows: 13 }],
      is_partial_response: false,
    });
    const begins = new Set(asked.map(({ body }) => new Date(Number(body["startDate"])).toISOString().slice(0, 10)));
    expect([...begins]).toEqual(["2026-11-16"]);
    expect(asked).toHaveLength(5);
  });

  it("asks anew for all where even that moved which should have been final", async () => {
    const engine = keepingEngine(() => Date.UTC(2026, 10, 22, 12));
    const old = Array.from({ length: 6 }, (_, index) => at(30 * 24 * 60 + index));
    // The first page is kept for good; by the time the second is asked for, an event more has come.
    cursorAnswers({ [EVENTS]: eventsOf(() => old, 3) });
    await list(engine, { report_type: "usage", start_date: "2026-10-16", end_date: "2026-10-31", limit: 3 });
    const asked = cursorAnswers({ [EVENTS]: eventsOf(() => [at(30 * 24 * 60 - 1), ...old], 3) });
    const args = { start_date: "2026-10-16", end_date: "2026-11-01" };
    expect(await getCostSummary.run(engine, args, call())).toMatchObject({
      totals: [{ net: 7, rows: 7 }],
      is_partial_response: false,
    });
    expect(asked.map(({ body }) => body["page"])).toEqual([2, 1, 2, 3]);
  });
});

describe("a listing of events that move while it is read", () => {
  it.each([{}, { sort_by: "start_date" }])(
    "is read again, since none of its rows was given yet: %j",
    async (sorted) => {
      cursorAnswers({ [EVENTS]: moving((n) => (n === 1 ? six : [at(-1), ...six])) });
      const answer = await list(cursorEngine(), { report_type: "usage", date: "2026-11-20", ...sorted });
      expect(answer).toMatchObject({ is_partial_response: false, warnings: [], result_count: 7 });
      expect(new Set(idsOf(answer)).size).toBe(7);
    },
  );

  it("gives none twice, says what may be missing, and is one of part, where they go on moving", async () => {
    cursorAnswers({ [EVENTS]: moving((n) => [...Array.from({ length: n }, (_, index) => at(-1 - index)), ...six]) });
    const answer = await list(cursorEngine(), { report_type: "usage", date: "2026-11-20" });
    expect(answer).toMatchObject({ is_partial_response: true, warnings: [expect.stringMatching(/received more/)] });
    expect(new Set(idsOf(answer)).size).toBe(answer.result_count);
  });

  it("gives none twice, and says what may be missing, in a stream, whose rows can't be taken back", async () => {
    cursorAnswers({ [EVENTS]: moving((n) => (n === 1 ? six : [at(-1), ...six])) });
    const rows: unknown[] = [];
    const query = { report_type: "usage", date: "2026-11-20" } as const;
    const stream = cursorEngine().streamUsage(query, call(), { withRemoteData: false });
    let step = await stream.next();
    for (; !step.done; step = await stream.next()) rows.push(...step.value.map(({ id }) => id));
    expect(step.value.answer).toMatchObject({ is_partial_response: true, result_count: 6 });
    expect(new Set(rows).size).toBe(6);
  });

  it("tells events that are alike apart where their page came twice", async () => {
    const [first, second] = [
      [at(0), at(1), at(1)],
      [at(0), at(1), at(1), at(1)],
    ];
    cursorAnswers({ [EVENTS]: ({ body }) => (body["page"] === 1 ? page(1, first) : page(2, second)) });
    const answer = await list(cursorEngine(), { report_type: "usage", date: "2026-11-20" });
    // The second page begins with the whole of the first; its last event is another one like them.
    const ids = idsOf(answer).map(String);
    expect(ids.map((id) => id.split("#")[1])).toEqual([undefined, undefined, "2", "3"]);
  });
});

describe("pages of people and commits that move", () => {
  const user = (id: number) => ({ userId: id, day: "2026-11-20", isActive: true, agentRequests: 1 });
  const member = (id: number) => ({ userId: `user_${id}`, spendCents: 100 });
  const commit = (id: number) => ({ commitHash: `h${id}`, userId: "u", commitTs: "2026-11-20T10:00:00Z" });
  const skill = { event_date: "2026-11-20", skill_name: "review", usage: 1 };

  /** Two to a page, and how many there are in all. */
  type Pages = (page: number, ids: readonly number[], total: number) => Response;
  const SOURCES: [string, string, Query, Pages][] = [
    [
      "daily rows",
      DAILY,
      { report_type: "user_usage", date: "2026-11-20" },
      (page, ids, totalUsers) =>
        json({
          data: ids.map(user),
          pagination: { page, totalUsers, pageSize: 2, totalPages: 2, hasNextPage: page < 2 },
        }),
    ],
    [
      "spend",
      SPEND,
      { report_type: "user_cost", sort_by: "net" },
      (_, ids, totalMembers) =>
        json({ teamMemberSpend: ids.map(member), subscriptionCycleStart: 1, totalPages: 2, totalMembers }),
    ],
    [
      "commits",
      "GET /analytics/ai-code/commits",
      { report_type: "project_usage", date: "2026-11-20" },
      (page, ids, totalCount) => json({ items: ids.map(commit), totalCount, page, pageSize: 2 }),
    ],
    [
      "skills of people",
      "GET /analytics/by-user/skills",
      { report_type: "skill_usage", date: "2026-11-20", group_by: ["user"] },
      (page, ids, totalUsers) =>
        json({
          data: Object.fromEntries(ids.map((id) => [`${id}@x.io`, [skill]])),
          pagination: { page, totalUsers, pageSize: 2, totalPages: 2, hasNextPage: page < 2 },
        }),
    ],
  ];

  function serving(path: string, pages: Pages, others: (page: number, call: number) => [readonly number[], number]) {
    let calls = 0;
    return cursorAnswers({
      [path]: ({ body, query }) => {
        const page = Number(query["page"] ?? body["page"]);
        return pages(page, ...others(page, ++calls));
      },
    });
  }

  /** How much there is of what the source counts, over all rows. */
  function counted(rows: readonly Item[]): number {
    return rows.reduce((sum, { usage, charges }) => {
      const { requests, tools, code } = Object(usage);
      const net = Array.isArray(charges) ? charges.find(({ type }) => type === "net")?.amount : undefined;
      return sum + (net ?? requests?.agent ?? tools?.skills_used_count ?? code?.commits ?? 0);
    }, 0);
  }

  const stand = (page: number): [readonly number[], number] => [page === 1 ? [1, 2] : [3, 4], 4];

  it.each(SOURCES)("%s that stand still are read once", async (_, path, query, pages) => {
    const asked = serving(path, pages, stand);
    const answer = await list(cursorEngine(), query);
    expect(counted(rowsOf(answer))).toBe(4);
    expect(answer).toMatchObject({ is_partial_response: false, warnings: [] });
    expect(asked).toHaveLength(2);
  });

  it.each(SOURCES)("%s are read again where somebody came or left", async (_, path, query, pages) => {
    const asked = serving(path, pages, (page, n) => (n === 1 ? [[0, 1], 5] : stand(page)));
    const answer = await list(cursorEngine(), query);
    expect(counted(rowsOf(answer))).toBe(4);
    expect(answer).toMatchObject({ is_partial_response: false, warnings: [] });
    expect(asked).toHaveLength(4);
  });

  it.each(SOURCES)("%s are read again where a page came twice", async (_, path, query, pages) => {
    const asked = serving(path, pages, (page, n) => (n === 2 ? [[1, 2], 4] : stand(page)));
    const answer = await list(cursorEngine(), query);
    expect(counted(rowsOf(answer))).toBe(4);
    expect(answer).toMatchObject({ is_partial_response: false, warnings: [] });
    expect(asked).toHaveLength(4);
  });

  it.each(SOURCES)("%s whose pages are always the same are counted once, as a part", async (_, path, query, pages) => {
    serving(path, pages, () => [[1, 2], 4]);
    const answer = await list(cursorEngine(), query);
    expect(counted(rowsOf(answer))).toBe(2);
    expect(answer).toMatchObject({ is_partial_response: true, warnings: [expect.stringMatching(/twice/)] });
  });

  it.each(SOURCES)("%s that change with every call are given as a part, and said", async (_, path, query, pages) => {
    serving(path, pages, (page, n) => [stand(page)[0], 10 + n]);
    const answer = await list(cursorEngine(), query);
    expect(answer.is_partial_response).toBe(true);
    expect(answer.warnings).toContainEqual(expect.stringMatching(/changed while/));
  });
});

describe("a listing gone on with after a page was given to its end", () => {
  const query: Query = { report_type: "activity", date: "2026-11-20" };
  const people = (ids: readonly number[], page: number) =>
    json({
      data: ids.map((userId) => ({ userId, day: "2026-11-20", isActive: true })),
      pagination: { page, hasNextPage: page < 2, totalPages: 2 },
    });

  /** Two on the first page; then what is the second page by the time the listing goes on. */
  async function resumed(second: readonly number[], asked: Query = query) {
    cursorAnswers({ [DAILY]: ({ body }) => people([1, 2], Number(body["page"])) });
    const first = await list(cursorEngine(), { ...asked, limit: 2 });
    cursorAnswers({ [DAILY]: ({ body }) => people(second, Number(body["page"])) });
    return { first, rest: await list(cursorEngine(), { ...asked, cursor: first.next_cursor ?? "" }) };
  }

  it("says nothing where the next page is the next", async () => {
    const { first, rest } = await resumed([3, 4]);
    expect([...idsOf(first), ...idsOf(rest)]).toHaveLength(4);
    expect(rest).toMatchObject({ is_partial_response: false, warnings: [] });
  });

  it("says so where the last row given is on the next page, too", async () => {
    const { rest } = await resumed([2, 3]);
    expect(idsOf(rest).map((id) => String(id).at(-1))).toEqual(["2", "3"]);
    expect(rest.warnings).toEqual([expect.stringMatching(/data changed since the last page; ids tell/)]);
  });

  it("says nothing of raw items that are alike: they have no ids to be told apart by", async () => {
    const { rest } = await resumed([2, 3], { ...query, truto_response_format: "raw" });
    expect(rest.warnings).toEqual([]);
  });
});
