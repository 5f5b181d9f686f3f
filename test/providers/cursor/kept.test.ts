import { describe, expect, it } from "vitest";
import { cursor } from "../../../src/providers/cursor/adapter.ts";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { DAY } from "../../../src/usage/period.ts";
import type { ReportType } from "../../../src/usage/report.ts";
import { call, guardTheEdge, type Item, json, list, NOW } from "../edge.ts";
import { type Asked, cursorAnswers, DAILY, dailyPage, EVENTS, event, eventsOf, keepingEngine, SPEND } from "./api.ts";

guardTheEdge();

const MINUTE = 60_000;
const TWO_DAYS = 2 * DAY;
const SKILLS = "GET /analytics/team/skills";
const COMMITS = "GET /analytics/ai-code/commits";

/** An event in each half of the twelve months from December 2025 on, of a dollar and a half. */
function year(): Item[] {
  return Array.from({ length: 24 }, (_, half) =>
    event({ timestamp: String(Date.UTC(2025, 11 + Math.floor(half / 2), half % 2 === 0 ? 3 : 18)) }),
  );
}

function ranges(asked: readonly Asked[]): string[] {
  return asked.map(({ body }) =>
    ["startDate", "endDate"].map((name) => new Date(Number(body[name])).toISOString()).join(" "),
  );
}

describe("a year's cost, asked again twelve minutes later", () => {
  const args = { start_date: "2025-12-01", end_date: "2026-12-01" };

  it("asks Cursor once more for the running half of the month, and for nothing that is over", async () => {
    let now = NOW;
    const engine = keepingEngine(() => now);
    const asked = cursorAnswers({ [EVENTS]: eventsOf(year) });
    const first = await getCostSummary.run(engine, args, call());
    // 24 events of 1.50.
    expect(first).toMatchObject({ totals: [{ net: 36, rows: 24 }], data_as_of: "2026-11-22T12:00:00Z" });
    expect(asked.splice(0)).toHaveLength(24);
    now += 12 * MINUTE;
    const second = await getCostSummary.run(engine, args, call());
    expect(ranges(asked)).toEqual(["2026-11-16T00:00:00.000Z 2026-11-22T12:10:00.000Z"]);
    expect(second).toMatchObject({ totals: [{ net: 36, rows: 24 }], data_as_of: "2026-11-22T12:10:00Z" });
  });

  it("leaves nothing to be asked for a listing of one of its months, however few rows that wants", async () => {
    const engine = keepingEngine(() => NOW);
    const asked = cursorAnswers({ [EVENTS]: eventsOf(year) });
    await getCostSummary.run(engine, args, call());
    asked.length = 0;
    const query = { report_type: "cost", start_date: "2026-10-01", end_date: "2026-10-31" } as const;
    expect((await list(engine, { ...query, report_type: "usage", limit: 1 })).result_count).toBe(1);
    expect(asked).toEqual([]);
  });
});

describe("the same question, asked again within minutes", () => {
  it("is the same request: what it asks for ends at a whole five minutes, and the answer says so", async () => {
    let now = Date.UTC(2026, 10, 22, 12, 1, 7, 89);
    const engine = keepingEngine(() => now);
    const asked = cursorAnswers({ [EVENTS]: eventsOf(year) });
    const query = { report_type: "usage", start_date: "2026-11-20" } as const;
    await list(engine, query);
    now += 3 * MINUTE;
    const again = await list(engine, query);
    expect(ranges(asked)).toEqual(["2026-11-20T00:00:00.000Z 2026-11-22T12:00:00.000Z"]);
    expect(again.data_as_of).toBe("2026-11-22T12:00:00Z");
  });

  it("ends where it was told to, should that be an instant of the last minutes", async () => {
    const now = Date.UTC(2026, 10, 22, 12, 4);
    const asked = cursorAnswers({ [EVENTS]: eventsOf(year) });
    await list(
      keepingEngine(() => now),
      { report_type: "usage", start_date: "2026-11-20", end_date: "2026-11-22T12:02:03.004Z" },
    );
    expect(ranges(asked)).toEqual(["2026-11-20T00:00:00.000Z 2026-11-22T12:02:03.004Z"]);
  });

  it("is asked up to now, should it begin within the last minutes", async () => {
    const now = Date.UTC(2026, 10, 22, 12, 4);
    const asked = cursorAnswers({ [EVENTS]: eventsOf(year) });
    await list(
      keepingEngine(() => now),
      { report_type: "usage", start_date: "2026-11-22T12:01:00Z" },
    );
    expect(ranges(asked)).toEqual(["2026-11-22T12:01:00.000Z 2026-11-22T12:03:59.999Z"]);
  });

  it.each<[ReportType, string, unknown, (asked: Asked) => unknown]>([
    ["activity", DAILY, { data: [], pagination: { hasNextPage: false, totalPages: 0 } }, ({ body }) => body["endDate"]],
    ["project_usage", COMMITS, { items: [], totalCount: 0 }, ({ query }) => Date.parse(query["endDate"] ?? "")],
  ])("is the same request of %s, too", async (report_type, path, body, endOf) => {
    let now = Date.UTC(2026, 10, 22, 12, 1, 7, 89);
    const engine = keepingEngine(() => now);
    const asked = cursorAnswers({ [path]: () => json(body) });
    await list(engine, { report_type });
    now += 3 * MINUTE;
    expect((await list(engine, { report_type })).data_as_of).toBe("2026-11-22T12:00:00Z");
    expect(asked.map(endOf)).toEqual([Date.UTC(2026, 10, 22, 12)]);
  });
});

describe("what Cursor tells is final two days after", () => {
  const account = { id: "c", provider: "cursor", name: "C", settings: {}, credentials: {} } as const;
  const question = (report: ReportType) => ({
    account,
    report,
    period: { start: Date.UTC(2026, 9, 1), end: Date.UTC(2026, 9, 16) },
    dates: {},
    now: NOW,
    filters: {},
    remoteQuery: [],
  });

  it.each<[ReportType, number]>([
    ["usage", Date.UTC(2026, 9, 16) + TWO_DAYS],
    ["cost", Date.UTC(2026, 9, 16) + TWO_DAYS],
    ["activity", Date.UTC(2026, 9, 16) + TWO_DAYS],
    ["skill_usage", Date.UTC(2026, 9, 16) + TWO_DAYS],
    ["connector_usage", Date.UTC(2026, 9, 16) + TWO_DAYS],
  ])("%s", (report, final) => {
    const asked = question(report);
    const position = cursor.first(asked);
    expect(position && cursor.settles?.(asked, position, [])).toBe(final);
    const own = { ...asked, remoteQuery: [["hostingType", "CLOUD"]] as const };
    expect(position && cursor.settles?.(own, position, [])).toBeUndefined();
  });

  it.each<ReportType>(["project_usage"])("but never %s, of which nobody says when it is", (report) => {
    const asked = question(report);
    const position = cursor.first(asked);
    expect(position && cursor.settles?.(asked, position, [])).toBeUndefined();
  });

  it("nor the billing cycle, which is the present one", () => {
    const asked = { ...question("user_cost"), period: { start: NOW - DAY, end: NOW } };
    expect(cursor.settles?.(asked, { source: "spend", page: 1 }, [])).toBeUndefined();
  });

  const query = { start_date: "2026-10-01", end_date: "2026-10-15" } as const;
  it.each<[ReportType, string, unknown]>([
    ["usage", EVENTS, { usageEvents: [], pagination: { hasNextPage: false }, totalUsageEventsCount: 0 }],
    ["activity", DAILY, { data: [], pagination: { hasNextPage: false, totalPages: 1 } }],
    ["skill_usage", SKILLS, { data: [] }],
  ])("to the millisecond: %s", async (report_type, path, body) => {
    const final = Date.UTC(2026, 9, 18);
    let now = final - 1;
    const engine = keepingEngine(() => now);
    const asked = cursorAnswers({ [path]: () => json(body) });
    const askedAt = async (at: number) => {
      now = at;
      await list(engine, { ...query, report_type });
      return asked.splice(0).length;
    };
    // Asked for one millisecond too early, it is good for minutes; asked for at that instant, for weeks.
    expect(await askedAt(final - 1)).toBe(1);
    expect(await askedAt(final + 6 * MINUTE)).toBe(1);
    expect(await askedAt(final + 20 * DAY)).toBe(0);
  });

  it("the spend of the cycle is asked for again after minutes", async () => {
    let now = NOW;
    const engine = keepingEngine(() => now);
    const asked = cursorAnswers({
      [SPEND]: () => json({ teamMemberSpend: [], subscriptionCycleStart: NOW - DAY, totalPages: 1 }),
    });
    await list(engine, { report_type: "user_cost" });
    now += 6 * MINUTE;
    await list(engine, { report_type: "user_cost" });
    expect(asked).toHaveLength(2);
  });

  it("days that are over are not asked for with the running one, where a window ends between them", async () => {
    let now = NOW;
    const engine = keepingEngine(() => now);
    const asked = cursorAnswers({ [DAILY]: dailyPage() });
    const season = { report_type: "activity", start_date: "2026-09-01", end_date: "2026-11-30" } as const;
    await list(engine, season);
    expect(asked.splice(0)).toHaveLength(3);
    now += 12 * MINUTE;
    await list(engine, season);
    expect(ranges(asked)).toEqual(["2026-10-31T00:00:00.000Z 2026-11-22T12:10:00.000Z"]);
  });
});
