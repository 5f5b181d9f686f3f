import { describe, expect, it } from "vitest";
import { cursor } from "../../../src/providers/cursor/adapter.ts";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { DAY, writePeriod } from "../../../src/usage/period.ts";
import type { Query } from "../../../src/usage/query.ts";
import type { ReportType } from "../../../src/usage/report.ts";
import { call, failure, guardTheEdge, json, list, NOW } from "../edge.ts";
import { type Asked, cursorAnswers, cursorEngine, DAILY, dailyPage, EVENTS, eventsPage } from "./api.ts";

guardTheEdge();

/** What a query asked Cursor for, as instants, and what the answer says it covered. */
async function asked(query: Query, now = NOW) {
  const calls = cursorAnswers({ [EVENTS]: eventsPage(), [DAILY]: dailyPage() });
  const { period } = await list(cursorEngine(now), query);
  return { period, ranges: calls.map(rangeOf) };
}

function rangeOf({ body }: Asked): string[] {
  return [body["startDate"], body["endDate"]].map((at) => {
    if (typeof at !== "number") throw new Error("dates must be JSON numbers: text is answered with 500");
    return new Date(at).toISOString();
  });
}

describe("events: both ends included, on the wire and in the question", () => {
  it.each<[string, Query, string, string, string]>([
    [
      "a day without a time means to its end",
      { start_date: "2026-11-01", end_date: "2026-11-10" },
      "2026-11-01T00:00:00.000Z",
      "2026-11-10T23:59:59.999Z",
      "2026-11-11T00:00:00Z",
    ],
    [
      "an instant is included",
      { start_date: "2026-11-01T08:30:00Z", end_date: "2026-11-10T10:00:00.5Z" },
      "2026-11-01T08:30:00.000Z",
      "2026-11-10T10:00:00.500Z",
      "2026-11-10T10:00:00.501Z",
    ],
    [
      "a zone is read",
      { start_date: "2026-11-01T00:00:00+02:00", end_date: "2026-11-01T00:00:00+02:00" },
      "2026-10-31T22:00:00.000Z",
      "2026-10-31T22:00:00.000Z",
      "2026-10-31T22:00:00.001Z",
    ],
    [
      "date is that day",
      { date: "2026-11-05" },
      "2026-11-05T00:00:00.000Z",
      "2026-11-05T23:59:59.999Z",
      "2026-11-06T00:00:00Z",
    ],
    [
      "start_date alone: to now",
      { start_date: "2026-11-20" },
      "2026-11-20T00:00:00.000Z",
      "2026-11-22T11:59:59.999Z",
      "2026-11-22T12:00:00Z",
    ],
    [
      "end_date alone: from the first of its month",
      { end_date: "2026-10-31" },
      "2026-10-16T00:00:00.000Z",
      "2026-10-31T23:59:59.999Z",
      "2026-11-01T00:00:00Z",
    ],
    [
      "neither: the month to date",
      { report_type: "usage" },
      "2026-11-16T00:00:00.000Z",
      "2026-11-22T11:59:59.999Z",
      "2026-11-22T12:00:00Z",
    ],
  ])("%s", async (_, query, start, end, until) => {
    const { ranges, period } = await asked(query);
    expect(ranges[0]).toEqual([start, end]);
    expect(period.end_date).toBe(until);
  });

  it("nothing after now is asked for; the period stays as it was asked", async () => {
    const { ranges, period } = await asked({ start_date: "2026-11-20", end_date: "2026-12-31" });
    expect(ranges).toEqual([["2026-11-20T00:00:00.000Z", "2026-11-22T12:00:00.000Z"]]);
    expect(period.end_date).toBe("2027-01-01T00:00:00Z");
  });

  it("a summary's period is half-open, and cut to the millisecond", async () => {
    const calls = cursorAnswers({ [EVENTS]: eventsPage() });
    await getCostSummary.run(cursorEngine(), { start_date: "2026-11-03", end_date: "2026-11-05" }, call());
    expect(calls.map(rangeOf)).toEqual([["2026-11-03T00:00:00.000Z", "2026-11-04T23:59:59.999Z"]]);
  });
});

describe("windows", () => {
  it("of events: halves of calendar months, newest first, none overlapping, none missing", async () => {
    const { ranges } = await asked({ start_date: "2026-08-20", end_date: "2026-10-31" });
    expect(ranges).toEqual([
      ["2026-10-16T00:00:00.000Z", "2026-10-31T23:59:59.999Z"],
      ["2026-10-01T00:00:00.000Z", "2026-10-15T23:59:59.999Z"],
      ["2026-09-16T00:00:00.000Z", "2026-09-30T23:59:59.999Z"],
      ["2026-09-01T00:00:00.000Z", "2026-09-15T23:59:59.999Z"],
      ["2026-08-20T00:00:00.000Z", "2026-08-31T23:59:59.999Z"],
    ]);
  });

  it("of events of one instant at a half's edge: that millisecond alone", async () => {
    const edge = "2026-10-15T23:59:59.999Z";
    expect((await asked({ start_date: edge, end_date: edge })).ranges).toEqual([[edge, edge]]);
    expect((await asked({ start_date: edge, end_date: "2026-10-16T00:00:00Z" })).ranges).toEqual([
      ["2026-10-16T00:00:00.000Z", "2026-10-16T00:00:00.000Z"],
      [edge, edge],
    ]);
  });

  it("of daily rows: 30 whole days, oldest first, the running day to now", async () => {
    const { ranges } = await asked({ report_type: "activity", start_date: "2026-09-20", end_date: "2027-01-31" });
    expect(ranges).toEqual([
      ["2026-09-20T00:00:00.000Z", "2026-10-19T23:59:59.999Z"],
      ["2026-10-20T00:00:00.000Z", "2026-11-18T23:59:59.999Z"],
      ["2026-11-19T00:00:00.000Z", "2026-11-22T12:00:00.000Z"],
    ]);
  });

  it("of analytics: 30 dates, both ends included", async () => {
    const path = "/analytics/team/skills";
    const calls = cursorAnswers({ [`GET ${path}`]: () => json({ data: [] }) });
    await list(cursorEngine(), { report_type: "skill_usage", start_date: "2026-10-01", end_date: "2026-11-30" });
    expect(calls.map(({ query }) => query)).toEqual([
      { startDate: "2026-10-01", endDate: "2026-10-30" },
      { startDate: "2026-10-31", endDate: "2026-11-22" },
    ]);
  });
});

describe("daily reports cover whole UTC days", () => {
  it("by default the last seven, today among them", async () => {
    const { ranges, period } = await asked({});
    expect(period).toEqual({ start_date: "2026-11-16T00:00:00Z", end_date: "2026-11-23T00:00:00Z" });
    expect(ranges).toEqual([["2026-11-16T00:00:00.000Z", "2026-11-22T12:00:00.000Z"]]);
  });

  it("at midnight, too", async () => {
    const { period } = await asked({}, Date.UTC(2026, 10, 22));
    expect(period).toEqual({ start_date: "2026-11-16T00:00:00Z", end_date: "2026-11-23T00:00:00Z" });
  });

  it("whatever times are given", async () => {
    const query = {
      report_type: "user_usage",
      start_date: "2026-11-03T15:00:00Z",
      end_date: "2026-11-04T02:00:00Z",
    } as const;
    const { ranges, period } = await asked(query);
    expect(period).toEqual({ start_date: "2026-11-03T00:00:00Z", end_date: "2026-11-05T00:00:00Z" });
    expect(ranges).toEqual([["2026-11-03T00:00:00.000Z", "2026-11-04T23:59:59.999Z"]]);
  });

  it("rows of other days, should Cursor send any, are not of this question", async () => {
    const rows = ["2026-11-02", "2026-11-03", "2026-11-04"].map((day) => ({ userId: 1, day, isActive: true }));
    cursorAnswers({ [DAILY]: dailyPage(...rows) });
    const answer = await list(cursorEngine(), { report_type: "activity", date: "2026-11-03" });
    expect(answer.result).toMatchObject([{ start_date: "2026-11-03T00:00:00Z" }]);
  });
});

describe("the defaults of the other reports", () => {
  const week = { start_date: "2026-11-16T00:00:00Z", end_date: "2026-11-23T00:00:00Z" };
  const month = { start_date: "2026-11-01T00:00:00Z", end_date: "2026-11-22T12:00:00Z" };
  it.each<[ReportType, unknown]>([
    ["activity", week],
    ["user_usage", week],
    ["skill_usage", week],
    ["connector_usage", week],
    ["project_usage", { ...week, end_date: "2026-11-22T12:00:00Z" }],
    ["usage", month],
    ["cost", month],
    ["user_cost", month],
    ["summary", { ...month, end_date: "2026-11-23T00:00:00Z" }],
  ])("%s", (report, period) => {
    const account = { id: "c", provider: "cursor", name: "C", settings: {}, credentials: {} } as const;
    expect(writePeriod(cursor.readPeriod({}, { account, report, now: NOW }))).toEqual(period);
  });

  it("a summary is cut to whole days where its source is", () => {
    const account = { id: "c", provider: "cursor", name: "C", settings: {}, credentials: {} } as const;
    const period = { start: NOW - DAY, end: NOW };
    expect(cursor.cover(period, { account, report: "cost", now: NOW })).toEqual(period);
    expect(writePeriod(cursor.cover(period, { account, report: "activity", now: NOW }))).toEqual({
      start_date: "2026-11-21T00:00:00Z",
      end_date: "2026-11-23T00:00:00Z",
    });
  });
});

describe("dates that can't be", () => {
  it.each<[string, Query, string, RegExp]>([
    [
      "the end before the start",
      { start_date: "2026-11-10", end_date: "2026-11-09" },
      "end_date",
      /lies before start_date/,
    ],
    [
      "an instant before another",
      { start_date: "2026-11-10T10:00:00Z", end_date: "2026-11-10T09:00:00Z" },
      "end_date",
      /before/,
    ],
    ["a start in the future", { start_date: "2026-12-01" }, "start_date", /future; it is 2026-11-22T12:00:00Z now/],
    ["date and start_date", { date: "2026-11-10", start_date: "2026-11-10" }, "date", /either/],
    ["no date at all", { start_date: "last week" }, "start_date", /not a date/],
  ])("%s", async (_, query, parameter, message) => {
    expect(await failure(list(cursorEngine(), query))).toMatchObject({
      kind: "question",
      details: { parameter },
      message: expect.stringMatching(message),
    });
  });

  it("a period that lies ahead is empty, and nothing is asked", async () => {
    const { ranges } = await asked({ start_date: "2026-12-01", end_date: "2026-12-31" });
    expect(ranges).toEqual([]);
  });
});
