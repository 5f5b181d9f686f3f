import { describe, expect, it } from "vitest";
import { USUAL_CACHE } from "../../../src/cache/config.ts";
import { openaiCodex } from "../../../src/providers/openai-codex/adapter.ts";
import type { Question } from "../../../src/providers/provider.ts";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import type { VendorAnswer } from "../../../src/vendor-http/connection.ts";
import { call, engineOf, failure, guardTheEdge, type Item, json, list, NOW, rowsOf } from "../edge.ts";
import {
  API,
  type Asked,
  CHATGPT,
  COSTS_PATH,
  codexPath,
  DAY_SECONDS,
  dataCalls,
  familyPath,
  LEGACY,
  ORGANIZATION,
  page,
  question,
  serveHost,
  stored,
  WORKSPACE,
} from "./openai.ts";

guardTheEdge();

const MINUTE = 60_000;

function keeping(account: unknown, now = NOW) {
  const time = { now };
  return { time, engine: engineOf([account], { clock: () => time.now, cache: USUAL_CACHE }) };
}

/** A day each, of those that a request spans. */
function days(of: (start_time: number) => Item) {
  return ({ searchParams }: URL) => {
    const [start, end] = ["start_time", "end_time"].map((name) => Number(searchParams.get(name)));
    const data: Item[] = [];
    for (let at = start ?? 0; at < (end ?? 0); at += DAY_SECONDS)
      data.push({ start_time: at, end_time: at + DAY_SECONDS, ...of(at) });
    return page(data);
  };
}

const day = (seconds: unknown) => new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
const spans = (asked: readonly Asked[]) =>
  dataCalls(asked).map(({ query }) => `${day(query.get("start_time"))} ${day(query.get("end_time"))}`);

const YEAR = { start_date: "2026-01-01", end_date: "2027-01-01", group_by: ["provider"] };
const QUARTERS = ["2026-01-01 2026-04-01", "2026-04-01 2026-07-01", "2026-07-01 2026-10-01", "2026-10-01 2026-11-23"];

describe.each<[string, unknown, () => Asked[]]>([
  [
    "of the organization",
    ORGANIZATION,
    () => serveHost(API, { [COSTS_PATH]: days(() => ({ results: [{ amount: { value: 2, currency: "usd" } }] })) }),
  ],
  [
    "of a workspace",
    WORKSPACE,
    () =>
      serveHost(CHATGPT, {
        [codexPath("usage")]: days(() => ({
          actor: { type: "ACCOUNT_USER", user_id: "u-1", email: null },
          totals: { threads: 1, turns: 1, credits: 0, cost_usd: 2 },
          clients: [],
        })),
      }),
  ],
])("a year's cost %s, asked for again", (_, account, serve) => {
  it("asks no call for what is over: one for the quarter that runs", async () => {
    const asked = serve();
    const { time, engine } = keeping(account);
    const first = await getCostSummary.run(engine, YEAR, call());
    expect(spans(asked)).toEqual(QUARTERS);
    // 1 January to 22 November are 326 days.
    expect(first).toMatchObject({ totals: [{ net: 652 }], is_partial_response: false });

    asked.length = 0;
    time.now += 12 * MINUTE;
    expect(Object(await getCostSummary.run(engine, YEAR, call())).totals).toEqual(Object(first).totals);
    expect(spans(asked)).toEqual(["2026-10-01 2026-11-23"]);

    asked.length = 0;
    time.now += 4 * MINUTE;
    await getCostSummary.run(engine, YEAR, call());
    expect(spans(asked)).toEqual([]);
  });

  it("shares its quarters with a quarter's own question, and with the next day's", async () => {
    const asked = serve();
    const { time, engine } = keeping(account);
    await getCostSummary.run(engine, YEAR, call());
    asked.length = 0;
    time.now += 12 * MINUTE;
    await getCostSummary.run(engine, { ...YEAR, start_date: "2026-04-01", end_date: "2026-07-01" }, call());
    expect(spans(asked)).toEqual([]);
    time.now += 24 * 60 * MINUTE;
    await getCostSummary.run(engine, YEAR, call());
    expect(spans(asked)).toEqual(["2026-10-01 2026-11-24"]);
  });
});

const USED = { results: [{ input_tokens: 1, output_tokens: 1, num_model_requests: 1 }] };

describe("usage is cut where a page is full", () => {
  it.each<[string, Query, string[]]>([
    ["31 days, wherever they begin", { start_date: "2026-09-10", end_date: "2026-10-11" }, ["2026-09-10 2026-10-11"]],
    [
      "more days, at the first of a month",
      { start_date: "2026-09-10", end_date: "2026-11-05" },
      ["2026-09-10 2026-10-01", "2026-10-01 2026-11-01", "2026-11-01 2026-11-05"],
    ],
    [
      // 10 October 2026 is a Saturday.
      "hours of more than a week, at Mondays",
      { start_date: "2026-10-10", end_date: "2026-10-20", granularity: "hour" },
      ["2026-10-10 2026-10-12", "2026-10-12 2026-10-19", "2026-10-19 2026-10-20"],
    ],
    [
      "minutes of more than a day, at midnights",
      { start_date: "2026-10-10", end_date: "2026-10-12", granularity: "minute" },
      ["2026-10-10 2026-10-11", "2026-10-11 2026-10-12"],
    ],
    [
      "what lies ahead, at tonight's midnight",
      { start_date: "2026-11-20", end_date: "2026-12-01" },
      ["2026-11-20 2026-11-23"],
    ],
  ])("%s", async (_, query, expected) => {
    const asked = serveHost(API, { [familyPath("completions")]: days(() => USED) });
    const { result_count } = await list(engineOf([ORGANIZATION]), {
      report_type: "usage",
      product_ids: ["completions"],
      limit: 10_000,
      ...query,
    });
    expect(spans(asked)).toEqual(expected);
    const [from, to] = [expected[0]?.slice(0, 10), expected.at(-1)?.slice(11)];
    // The vendor of this test has a bucket a day, whatever is asked for.
    expect(result_count).toBe((Date.parse(to ?? "") - Date.parse(from ?? "")) / 86_400_000);
  });

  it("a family that is missing is not asked for piece by piece", async () => {
    const asked = serveHost(API, { [familyPath("decisions")]: () => json({ error: { message: "no" } }, 404) });
    await list(engineOf([ORGANIZATION]), {
      report_type: "usage",
      product_ids: ["decisions"],
      start_date: "2026-01-01",
      end_date: "2026-07-01",
    });
    expect(dataCalls(asked)).toHaveLength(1);
  });

  it("costs that are refused by project are not refused again piece by piece", async () => {
    const asked = serveHost(API, {
      [COSTS_PATH]: (url) =>
        url.searchParams.getAll("group_by").includes("project_id")
          ? json({ error: { message: "not together" } }, 400)
          : days(() => ({ results: [{ amount: { value: 1, currency: "usd" }, user_id: "user-1" }] }))(url),
    });
    await getCostSummary.run(engineOf([ORGANIZATION]), { ...YEAR, group_by: ["user", "workspace"] }, call());
    expect(dataCalls(asked).map(({ query }) => query.getAll("group_by"))).toEqual([
      ["project_id", "user_id"],
      ...QUARTERS.map(() => ["user_id"]),
    ]);
  });

  it("a cursor of before goes on with the whole period", () => {
    const asking = question(ORGANIZATION, { period: { start: Date.UTC(2026, 0, 1), end: Date.UTC(2026, 11, 1) } });
    const { query } = openaiCodex.request(asking, { source: "completions", page: "page_7" });
    expect(Object.fromEntries(query ?? [])).toMatchObject({
      start_time: String(Date.UTC(2026, 0, 1) / 1000),
      end_time: String(Date.UTC(2026, 10, 23) / 1000),
      page: "page_7",
    });
  });
});

function settled(
  account: unknown,
  query: Partial<Question>,
  body: unknown = { data: [] },
  from?: unknown,
): string | undefined {
  const asking = question(account, { now: NOW, ...query });
  const answer: VendorAnswer = {
    url: API,
    method: "GET",
    status: 200,
    headers: {},
    body,
    raw: Buffer.alloc(0),
    at: NOW,
    settled: false,
    kept: false,
  };
  const at = openaiCodex.settles?.(asking, from ?? openaiCodex.first(asking), [answer]);
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
}

describe("a page is final", () => {
  const period = { start: Date.UTC(2026, 9, 1), end: Date.UTC(2026, 9, 6) };

  it("of the organization 3 days after its end, of a workspace 5", () => {
    for (const report of ["usage", "cost"] as const) {
      expect(settled(ORGANIZATION, { report, period })).toBe("2026-10-09T00:00");
      expect(settled(WORKSPACE, { report, period })).toBe("2026-10-11T00:00");
    }
  });

  it("of the old endpoint 3 days after its day; never where it holds nothing, which is no proof of no use", () => {
    expect(settled(LEGACY, { report: "usage", period }, stored("legacy-day.json"))).toBe("2026-10-05T00:00");
    expect(settled(LEGACY, { report: "usage", period })).toBeUndefined();
  });

  it("never, where the caller's own parameters were sent along", () => {
    const remoteQuery = [["batch", "true"]] as const;
    for (const account of [ORGANIZATION, WORKSPACE, LEGACY])
      expect(settled(account, { report: "usage", period, remoteQuery }, stored("legacy-day.json"))).toBeUndefined();
  });

  it("of a cursor of before, when its whole period is", () => {
    expect(settled(ORGANIZATION, { period }, undefined, { source: "completions", page: "p" })).toBe("2026-10-09T00:00");
  });

  it("to the millisecond: what was asked for before is asked for again", async () => {
    const query: Query = { report_type: "cost", date: "2026-10-05" };
    for (const [late, calls] of [
      [-1, 2],
      [0, 1],
    ] as const) {
      const asked = serveHost(API, {
        [COSTS_PATH]: days(() => ({ results: [{ amount: { value: 1, currency: "usd" } }] })),
      });
      const { time, engine } = keeping(ORGANIZATION, Date.UTC(2026, 9, 9) + late);
      await list(engine, query);
      time.now += 12 * MINUTE;
      await list(engine, query);
      expect(dataCalls(asked)).toHaveLength(calls);
    }
  });
});

describe("what came on the page before and comes again", () => {
  const cost = (at: number) => ({
    start_time: at,
    end_time: at + DAY_SECONDS,
    results: [{ amount: { value: 1, currency: "usd" } }],
  });
  const TUESDAY = Date.UTC(2026, 10, 17) / 1000;
  const at = (days: number) => TUESDAY + days * DAY_SECONDS;
  const query = { start_date: "2026-11-17", end_date: "2026-11-21", group_by: ["provider"] };

  /** Its second page repeats the last bucket of the first, so many times. */
  function shifting(times: number): Asked[] {
    let left = times;
    return serveHost(API, {
      [COSTS_PATH]: ({ searchParams }) => {
        if (!searchParams.has("page")) return page([cost(at(0)), cost(at(1))], "NEXT");
        return left-- > 0 ? page([cost(at(1)), cost(at(2))]) : page([cost(at(2)), cost(at(3))]);
      },
    });
  }

  it("is read again for a sum", async () => {
    const asked = shifting(1);
    const answer = await getCostSummary.run(engineOf([ORGANIZATION]), query, call());
    expect(answer).toMatchObject({ totals: [{ net: 4 }], is_partial_response: false });
    expect(dataCalls(asked)).toHaveLength(4);
  });

  it("is not counted twice where it goes on, and the answer says that it is one of part", async () => {
    shifting(100);
    const answer = await getCostSummary.run(engineOf([ORGANIZATION]), query, call());
    expect(answer).toMatchObject({ totals: [{ net: 3 }], is_partial_response: true });
    expect(Object(answer).warnings.join()).toContain("changed while its pages were read");
  });

  it("of a workspace's days, too", async () => {
    const row = (days: number, user_id: string) => ({
      start_time: at(days),
      end_time: at(days + 1),
      user_id,
      totals: { threads: 1, turns: 1, credits: 0, cost_usd: 1 },
      clients: [],
    });
    serveHost(CHATGPT, {
      [codexPath("usage")]: ({ searchParams }) =>
        searchParams.has("page")
          ? page([row(0, "u-2"), row(1, "u-1"), row(1, "u-2"), row(2, "u-1")])
          : page([row(0, "u-1"), row(0, "u-2"), row(1, "u-1")], "NEXT"),
    });
    const answer = await list(engineOf([WORKSPACE]), {
      report_type: "user_cost",
      start_date: "2026-11-17",
      end_date: "2026-11-21",
    });
    expect(answer.is_partial_response).toBe(true);
    const ids = rowsOf(answer).map(({ id }) => id);
    expect(ids).toHaveLength(5);
    expect(new Set(ids).size).toBe(5);
  });
});

describe("a refusal that waiting does not mend", () => {
  it("an exhausted quota is not asked for again", async () => {
    const asked = serveHost(API, {
      [COSTS_PATH]: () =>
        json(
          {
            error: {
              message: "You exceeded your current quota, please check your plan and billing details.",
              type: "insufficient_quota",
              param: null,
              code: "insufficient_quota",
            },
          },
          429,
        ),
    });
    const error = await failure(list(engineOf([ORGANIZATION]), { report_type: "cost", date: "2026-10-05" }));
    expect(error).toMatchObject({ kind: "credentials", details: { status: 429 } });
    expect(dataCalls(asked)).toHaveLength(1);
  });
});
