import { describe, expect, it } from "vitest";
import { USUAL_CACHE } from "../../../src/cache/config.ts";
import { claude } from "../../../src/providers/claude/adapter.ts";
import type { Question } from "../../../src/providers/provider.ts";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import type { VendorAnswer } from "../../../src/vendor-http/connection.ts";
import { call, engineOf, guardTheEdge, json, list, rowsOf, serve } from "../edge.ts";
import {
  accountOf,
  asked,
  bucket,
  CONSOLE,
  cents,
  ENTERPRISE,
  type Endpoint,
  HEADS,
  HOST,
  next,
  PATHS,
  page,
  V2,
} from "./claude.ts";

guardTheEdge();

const NOON = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;

/** An engine whose clock the test moves. */
function keeping(account: unknown, now = NOON) {
  const time = { now };
  return { time, engine: engineOf([account], { clock: () => time.now, cache: USUAL_CACHE }) };
}

/** All days that a request spans, with two dollars each. */
function world(endpoint: Endpoint, dayOf: (day: string) => unknown): string[] {
  return asked(endpoint, ({ searchParams }) => {
    const [start, end] = ["starting_at", "ending_at"].map((name) => searchParams.get(name)?.slice(0, 10) ?? "");
    const days: unknown[] = [];
    for (let day = start ?? ""; day < (end ?? ""); day = next(day)) days.push(dayOf(day));
    return page(days, null, { data_refreshed_at: "2026-11-22T08:00:00Z" });
  });
}

const bounds = (query: string) => {
  const params = new URLSearchParams(query);
  return `${params.get("starting_at")?.slice(0, 10)} ${params.get("ending_at")?.slice(0, 10)}`;
};

const MONTHS = [
  "2026-01-01 2026-02-01",
  "2026-02-01 2026-03-01",
  "2026-03-01 2026-04-01",
  "2026-04-01 2026-05-01",
  "2026-05-01 2026-06-01",
  "2026-06-01 2026-07-01",
  "2026-07-01 2026-08-01",
  "2026-08-01 2026-09-01",
  "2026-09-01 2026-10-01",
  "2026-10-01 2026-11-01",
  "2026-11-01 2026-11-23",
];

describe.each<[string, Endpoint, unknown, (day: string) => unknown]>([
  ["Enterprise", "cost", ENTERPRISE, (day) => bucket(day, [cents("200", "300")])],
  ["newer", "v2_cost", V2, (day) => ({ ...bucket(day, []), group: {}, cost: cents("200", "300") })],
  ["Console", "console_cost", CONSOLE, (day) => bucket(day, [{ amount: "200", currency: "USD" }])],
])("a year's cost at the %s API, asked for again", (_, endpoint, account, dayOf) => {
  const year = { start_date: "2026-01-01", end_date: "2027-01-01", group_by: ["provider"] };

  it("asks no call for what is final: only for the months that may still be revised", async () => {
    const queries = world(endpoint, dayOf);
    const { time, engine } = keeping(account);
    const first = await getCostSummary.run(engine, year, call());
    expect(queries.map(bounds)).toEqual(MONTHS);
    // 1 January to 22 November are 326 days.
    expect(first).toMatchObject({ totals: [{ net: 652 }], is_partial_response: false });

    queries.length = 0;
    time.now += 12 * MINUTE;
    const { totals } = Object(await getCostSummary.run(engine, year, call()));
    expect(totals).toEqual(Object(first).totals);
    // October is revised until 1 December, and that shows a day later.
    expect(queries.map(bounds)).toEqual(["2026-10-01 2026-11-01", "2026-11-01 2026-11-23"]);

    queries.length = 0;
    time.now += 4 * MINUTE;
    await getCostSummary.run(engine, year, call());
    expect(queries).toEqual([]);
  });

  it("shares its months with a month's own question, and with the next day's", async () => {
    const queries = world(endpoint, dayOf);
    const { time, engine } = keeping(account);
    await getCostSummary.run(engine, year, call());
    queries.length = 0;
    time.now += 12 * MINUTE;
    await getCostSummary.run(engine, { ...year, start_date: "2026-03-01", end_date: "2026-04-01" }, call());
    expect(queries).toEqual([]);
    time.now += 24 * 60 * MINUTE;
    await getCostSummary.run(engine, { ...year, start_date: "2026-03-15" }, call());
    expect(queries.map(bounds)).toEqual(["2026-03-15 2026-04-01", "2026-10-01 2026-11-01", "2026-11-01 2026-11-24"]);
  });

  it("asks for all of it where it is to be fresh", async () => {
    const queries = world(endpoint, dayOf);
    const { engine } = keeping(account);
    await getCostSummary.run(engine, year, call());
    await getCostSummary.run(engine, { ...year, fresh: true }, call());
    expect(queries).toHaveLength(2 * MONTHS.length);
  });
});

/** A question as the engine puts it. */
function question(account: unknown, query: Pick<Question, "report"> & Partial<Question>): Question {
  return {
    account: accountOf(account),
    period: { start: 0, end: 0 },
    dates: {},
    now: NOON,
    filters: {},
    remoteQuery: [],
    ...query,
  };
}

function answerOf(endpoint: Endpoint, body: unknown): VendorAnswer {
  return {
    url: `${HOST}${PATHS[endpoint]}`,
    method: "GET",
    status: 200,
    headers: {},
    body,
    raw: Buffer.alloc(0),
    at: NOON,
    settled: false,
    kept: false,
  };
}

const settled = (
  account: unknown,
  endpoint: Endpoint,
  query: Pick<Question, "report"> & Partial<Question>,
  body: unknown = { data: [], next_page: null },
) => {
  const asking = question(account, query);
  const at = claude.settles?.(asking, claude.first(asking), [answerOf(endpoint, body)]);
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
};
const period = (start: string, end: string) => ({ start: Date.parse(start), end: Date.parse(end) });

describe("a page is final", () => {
  it.each<[string, string, string, string]>([
    // 30 days after 1 October are 31 October; 7 after the end of September are 8 October. A day for the refresh.
    ["a month", "2026-09-01", "2026-10-01", "2026-11-01T00:00"],
    // 30 days after 4 September are 4 October, 7 days after the end of September 8 October.
    ["the beginning of a month", "2026-09-01", "2026-09-04", "2026-10-09T00:00"],
    // 30 days after 21 September are 21 October.
    ["the end of a month", "2026-09-20", "2026-09-21", "2026-10-22T00:00"],
    ["a month of 28 days", "2026-02-01", "2026-03-01", "2026-04-01T00:00"],
  ])("of usage and cost, 30 days after %s and 7 after the month", (_, start, end, at) => {
    const asking = { period: period(start, end) };
    expect(settled(ENTERPRISE, "usage", { report: "usage", ...asking })).toBe(at);
    expect(settled(ENTERPRISE, "user_cost", { report: "user_cost", ...asking })).toBe(at);
    expect(settled(V2, "v2_cost", { report: "cost", ...asking })).toBe(at);
    expect(settled(CONSOLE, "console_cost", { report: "cost", ...asking })).toBe(at);
  });

  it("never, where the vendor's own data is older than its end", () => {
    const asking = { report: "cost", period: period("2026-09-01", "2026-10-01") } as const;
    const body = (data_refreshed_at: string | null) => ({ data: [], next_page: null, data_refreshed_at });
    expect(settled(ENTERPRISE, "cost", asking, body("2026-09-30T23:59:59Z"))).toBeUndefined();
    expect(settled(ENTERPRISE, "cost", asking, body("2026-10-01T00:00:00Z"))).toBe("2026-11-01T00:00");
    // Nothing covers the range: there is nothing that could be restated.
    expect(settled(ENTERPRISE, "cost", asking, body(null))).toBe("2026-11-01T00:00");
  });

  it.each<[Question["report"], Endpoint]>([
    ["activity", "activity"],
    ["project_usage", "project_usage"],
    ["skill_usage", "skill_usage"],
    ["connector_usage", "connector_usage"],
    ["summary", "summary"],
  ])("of %s, 14 days after its day", (report, endpoint) => {
    expect(settled(ENTERPRISE, endpoint, { report, period: period("2026-10-05", "2026-10-06") })).toBe(
      "2026-10-20T00:00",
    );
  });

  it("of Claude Code at the Console, 14 days after its day", () => {
    const asking = { report: "activity", period: period("2026-10-05", "2026-10-06") } as const;
    expect(settled(CONSOLE, "claude_code", asking)).toBe("2026-10-20T00:00");
  });

  it("never, where it depends on who has left since, or on parameters that only the caller knows", () => {
    const asking = { report: "user_cost", period: period("2026-08-01", "2026-09-01") } as const;
    expect(settled(ENTERPRISE, "user_cost", { ...asking, includeDeletedUsers: false })).toBeUndefined();
    expect(settled(ENTERPRISE, "user_cost", { ...asking, includeDeletedUsers: true })).toBeDefined();
    expect(settled(ENTERPRISE, "user_cost", { ...asking, remoteQuery: [["speeds[]", "fast"]] })).toBeUndefined();
  });

  it("to the millisecond: what was asked for before is asked for again", async () => {
    const query: Query = { report_type: "activity", date: "2026-10-05" };
    for (const [late, calls] of [
      [-1, 2],
      [0, 1],
    ] as const) {
      const queries = asked("activity", () => page([{ user: { id: "user_ann" }, web_search_count: 1 }]));
      const { time, engine } = keeping(ENTERPRISE, Date.UTC(2026, 9, 20) + late);
      await list(engine, query);
      time.now += 12 * MINUTE;
      await list(engine, query);
      expect(queries).toHaveLength(calls);
    }
  });
});

describe("how old the data is", () => {
  it("is what Claude says, where it may still change", async () => {
    world("cost", (day) => bucket(day, [cents("1", "1")]));
    const answer = await list(engineOf([ENTERPRISE]), {
      report_type: "cost",
      start_date: "2026-11-20",
      end_date: "2026-11-22",
    });
    expect(answer.data_as_of).toBe("2026-11-22T08:00:00Z");
  });

  it("is when it was asked for, where Claude says nothing", async () => {
    asked("summary", () => json({ data: [{ ...bucket("2026-11-20", []), ...HEADS }], next_page: null }));
    const answer = await list(engineOf([ENTERPRISE]), { report_type: "summary", date: "2026-11-20" });
    expect(answer.data_as_of).toBe("2026-11-22T12:00:00Z");
  });
});

describe("data that is refreshed between two pages", () => {
  const person = (id: string, day: string) => ({ ...bucket(day, []), actor: { user_id: id }, ...cents("100", "100") });
  const DAYS = { start_date: "2026-11-20", end_date: "2026-11-22" };

  /** Two pages of people, refreshed between them so many times: by then bo has moved from the second page to the first. */
  function refreshing(times: number) {
    let left = times;
    const early = { data_refreshed_at: "2026-11-22T04:00:00Z" };
    const late = { data_refreshed_at: "2026-11-22T08:00:00Z" };
    return asked("user_cost", ({ searchParams }) => {
      const second = searchParams.has("page");
      const between = left > 0;
      if (second && between) left--;
      if (!second)
        return between
          ? page([person("ann", "2026-11-20")], "NEXT", early)
          : page([person("ann", "2026-11-20"), person("bo", "2026-11-20")], "NEXT", late);
      return page(between ? [person("ann", "2026-11-20")] : [], null, late);
    });
  }

  it("is read again for a sum, and nothing is counted twice", async () => {
    const queries = refreshing(1);
    const query: Query = { report_type: "user_cost", ...DAYS, group_by: ["product"] };
    const answer = await list(engineOf([ENTERPRISE]), query);
    expect(rowsOf(answer)).toMatchObject([{ charges: [{ type: "net", amount: 2 }, { amount: 2 }] }]);
    expect(answer.is_partial_response).toBe(false);
    expect(queries).toHaveLength(4);
  });

  it("is said where it goes on being refreshed, and marks the answer", async () => {
    refreshing(100);
    const answer = await list(engineOf([ENTERPRISE]), { report_type: "user_cost", ...DAYS });
    expect(answer.is_partial_response).toBe(true);
    expect(answer.warnings.join()).toContain("refreshed its data while it was read");
  });

  it("is no matter where all of it was final before", async () => {
    const stamp = { data_refreshed_at: "2026-11-22T04:00:00Z" };
    asked("user_cost", ({ searchParams }) =>
      searchParams.has("page")
        ? page([person("bo", "2026-03-02")], null, { data_refreshed_at: "2026-11-22T08:00:00Z" })
        : page([person("ann", "2026-03-02")], "NEXT", stamp),
    );
    const answer = await list(engineOf([ENTERPRISE]), {
      report_type: "user_cost",
      start_date: "2026-03-01",
      end_date: "2026-04-01",
    });
    expect(answer).toMatchObject({ result_count: 2, is_partial_response: false, warnings: [] });
  });
});

describe("the same question a little later", () => {
  it.each<[string, Endpoint, unknown, Query]>([
    [
      "hours up to now",
      "usage",
      ENTERPRISE,
      { report_type: "usage", granularity: "hour", start_date: "2026-11-22", end_date: "2026-12-01" },
    ],
    [
      "minutes up to now",
      "usage",
      ENTERPRISE,
      { report_type: "usage", granularity: "minute", start_date: "2026-11-22T11:50:00Z", end_date: "2026-12-01" },
    ],
    [
      "minutes of people",
      "user_usage",
      ENTERPRISE,
      { report_type: "user_usage", granularity: "minute", start_date: "2026-11-22T11:50:00Z", end_date: "2026-11-23" },
    ],
    [
      "tokens of the Console",
      "messages",
      CONSOLE,
      { report_type: "usage", granularity: "minute", start_date: "2026-11-22T11:50:00Z", end_date: "2026-12-01" },
    ],
  ])("sends the same requests for %s", async (_, endpoint, account, query) => {
    const told: string[][] = [];
    for (const now of [NOON + 7 * MINUTE, NOON + 8 * MINUTE + 123]) {
      const asks: string[] = [];
      serve(HOST, PATHS[endpoint], (url) => {
        asks.push(url.search);
        return page([]);
      });
      await list(engineOf([account], { now }), query);
      told.push(asks);
    }
    expect(told[0]).not.toEqual([]);
    expect(told[1]).toEqual(told[0]);
  });
});
