import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/usage/query.ts";
import { engineOf, failure, guardTheEdge, json, list, NOW, type Reply } from "../edge.ts";
import { asked, bucket, CONSOLE, cents, ENTERPRISE, HEADS, next, page, rows, tokens, V2 } from "./claude.ts";

guardTheEdge();

const nothing = () => page([]);
const NOON = Date.UTC(2026, 10, 22, 12);

/** `from` and `to` of every window that was asked for. */
function windows(queries: readonly string[]): string[] {
  return queries.map((query) => {
    const params = new URLSearchParams(query);
    return `${params.get("starting_at")} ${params.get("ending_at")}`;
  });
}

const midnight = (day: string) => `${day}T00:00:00Z`;
const window = (start: string, end: string) => `${midnight(start)} ${midnight(end)}`;

describe("the days of usage and cost", () => {
  it.each<[string, Query, string[], string?]>([
    ["nothing given: the last seven complete days", { report_type: "usage" }, [window("2026-11-15", "2026-11-22")]],
    ["a start: up to today's midnight", { start_date: "2026-11-01" }, [window("2026-11-01", "2026-11-22")]],
    ["a start today: today, as far as it goes", { start_date: "2026-11-22" }, [window("2026-11-22", "2026-11-23")]],
    ["an end: the seven days before it", { end_date: "2026-10-31" }, [window("2026-10-24", "2026-10-31")]],
    ["an end soon after the beginning of it all", { end_date: "2026-01-04" }, [window("2026-01-01", "2026-01-04")]],
    ["the end is excluded", { start_date: "2026-10-01", end_date: "2026-10-02" }, [window("2026-10-01", "2026-10-02")]],
    ["one day", { date: "2026-10-01" }, [window("2026-10-01", "2026-10-02")]],
    [
      "a month and more: cut at the first of each, so that a month that is over is asked for alike by every question",
      { start_date: "2026-08-15", end_date: "2026-11-01" },
      [window("2026-08-15", "2026-09-01"), window("2026-09-01", "2026-10-01"), window("2026-10-01", "2026-11-01")],
    ],
    [
      "31 days: one window, wherever they begin",
      { start_date: "2026-09-10", end_date: "2026-10-11" },
      [window("2026-09-10", "2026-10-11")],
    ],
    [
      "an end that lies ahead: up to the end of today, so that the same question is asked all day",
      { start_date: "2026-11-20", end_date: "2026-12-15" },
      [window("2026-11-20", "2026-11-23")],
      "2026-12-15T00:00:00Z",
    ],
    [
      "days that are touched come whole, and the answer says so",
      { start_date: "2026-10-05T06:00:00Z", end_date: "2026-10-06T18:00:00+02:00" },
      [window("2026-10-05", "2026-10-07")],
    ],
    [
      "hours are cut at hours",
      { start_date: "2026-10-05T06:20:00Z", end_date: "2026-10-05T18:00:00Z", granularity: "hour" },
      ["2026-10-05T06:00:00Z 2026-10-05T18:00:00Z"],
    ],
  ])("%s", async (_, query, expected, end) => {
    const queries = asked("usage", nothing);
    const { period } = await list(engineOf([ENTERPRISE]), query);
    expect(windows(queries)).toEqual(expected);
    const [first = "", last = ""] = [expected[0], expected.at(-1)];
    expect(period).toEqual({ start_date: first.split(" ")[0], end_date: end ?? last.split(" ")[1] });
  });

  it.each<[string, Query]>([
    ["an end that is the start", { start_date: "2026-10-05", end_date: "2026-10-05" }],
    ["an end before the start", { start_date: "2026-10-05", end_date: "2026-10-01" }],
  ])("%s is refused without a call", async (_, query) => {
    expect(await failure(rows(query))).toMatchObject({ kind: "question", details: { parameter: "end_date" } });
  });

  it("date stands alone", async () => {
    expect(await failure(rows({ date: "2026-10-05", start_date: "2026-10-05" }))).toMatchObject({
      details: { parameter: "date" },
    });
  });

  it("what lies ahead needs no call", async () => {
    expect(await rows({ start_date: "2026-12-01", end_date: "2026-12-05" })).toEqual([]);
  });

  it.each<[string, Query, unknown, number, string]>([
    ["usage before 2026", { start_date: "2025-12-31" }, ENTERPRISE, NOON, "2026-01-01"],
    ["a week before 2026", { end_date: "2025-12-31" }, ENTERPRISE, NOON, "2026-01-01"],
    ["activity before 2026", { report_type: "activity", start_date: "2025-12-31" }, ENTERPRISE, NOON, "2026-01-01"],
    ["a summary before 2026", { report_type: "summary", date: "2025-12-31" }, ENTERPRISE, NOON, "2026-01-01"],
    ["the newer API before 2026", { start_date: "2025-12-31" }, V2, NOON, "2026-01-01"],
    // 365 days before 2027-03-10 12:00 is 2026-03-10 12:00; that day's midnight lies before it.
    ["usage more than 365 days ago", { start_date: "2026-03-10" }, ENTERPRISE, Date.UTC(2027, 2, 10, 12), "2026-03-11"],
  ])("%s is refused, with the earliest day", async (_, query, account, now, day) => {
    const error = await failure(rows(query, account, { now }));
    const parameter = query.date ? "date" : query.start_date ? "start_date" : "end_date";
    expect(error).toMatchObject({ kind: "question", details: { parameter } });
    expect(String(error)).toContain(day);
  });

  it("the earliest days themselves are asked for", async () => {
    const queries = asked("usage", nothing);
    await rows({ start_date: "2026-03-11", end_date: "2026-03-12" }, ENTERPRISE, { now: Date.UTC(2027, 2, 10, 12) });
    await rows({ start_date: "2026-01-01", end_date: "2026-01-02" });
    expect(queries).toHaveLength(2);
  });

  it("of the Console begin where they begin", async () => {
    const queries = asked("messages", nothing);
    await rows({ start_date: "2024-02-28", end_date: "2024-03-01" }, CONSOLE);
    expect(windows(queries)).toEqual([window("2024-02-28", "2024-03-01")]);
  });
});

/** Has published activity up to a day, and refuses later ones in these words. */
function published(
  latest: string,
  words = `Data is not yet available for this date. The latest available day is ${latest}.`,
): Reply {
  return ({ searchParams }) => {
    const day = searchParams.get("date") ?? next(searchParams.get("ending_date") ?? "", -1);
    if (day > latest)
      return json({ type: "error", error: { type: "invalid_request_error", message: words }, request_id: null }, 400);
    const start = searchParams.get("starting_date");
    if (start !== null) return page([{ starting_at: midnight(start), ending_at: midnight(next(day)), ...HEADS }]);
    return page([
      {
        user: { id: "user_ann" },
        web_search_count: 1,
        skill_name: "pdf",
        project_id: "p",
        connector_name: "c",
        distinct_user_count: 1,
        message_count: 1,
      },
    ]);
  };
}

const daysOf = (queries: readonly string[]) => queries.map((query) => new URLSearchParams(query).get("date"));

describe("the days of activity", () => {
  it.each<[string, Query, string[]]>([
    [
      "a range, a call a day",
      { start_date: "2026-10-05", end_date: "2026-10-08" },
      ["2026-10-05", "2026-10-06", "2026-10-07"],
    ],
    ["the date portion of a start", { start_date: "2026-10-05T17:00:00Z", end_date: "2026-10-06" }, ["2026-10-05"]],
    [
      "an end with a time takes its day in",
      { start_date: "2026-10-05", end_date: "2026-10-06T09:00:00Z" },
      ["2026-10-05", "2026-10-06"],
    ],
    ["one day", { date: "2026-10-05" }, ["2026-10-05"]],
    ["a start: up to yesterday", { start_date: "2026-11-20" }, ["2026-11-20", "2026-11-21"]],
    ["an end: the day before it", { end_date: "2026-10-05" }, ["2026-10-04"]],
  ])("%s", async (_, query, days) => {
    const queries = asked("activity", published("2026-11-21"));
    const found = await rows({ report_type: "activity", ...query });
    expect(daysOf(queries)).toEqual(days);
    expect(found.map(({ start_date }) => start_date)).toEqual(days.map(midnight));
    expect(found.map(({ end_date }) => end_date)).toEqual(days.map((day) => midnight(next(day))));
  });

  it.each<[string, string, string | undefined, string[]]>([
    ["yesterday", "2026-11-21", undefined, ["2026-11-21"]],
    ["the day that the refusal names", "2026-11-18", undefined, ["2026-11-21", "2026-11-18"]],
    [
      "the newest of several",
      "2026-11-19",
      "2026-11-21 is too recent: from 2026-01-01 to 2026-11-19 there is data",
      ["2026-11-21", "2026-11-19"],
    ],
    ["a day before, where it names none", "2026-11-19", "too recent", ["2026-11-21", "2026-11-20", "2026-11-19"]],
    [
      "a day before, where it names only the first of all",
      "2026-11-20",
      "no data before 2026-01-01",
      ["2026-11-21", "2026-11-20"],
    ],
  ])("without dates: the latest there is, %s", async (_, latest, words, days) => {
    const queries = asked("activity", published(latest, words));
    const answer = await list(engineOf([ENTERPRISE]), {});
    expect(answer.report_type).toBe("activity");
    expect(daysOf(queries)).toEqual(days);
    expect(answer).toMatchObject({
      result_count: 1,
      period: { start_date: midnight(latest), end_date: midnight(next(latest)) },
      warnings: [],
    });
  });

  it("gives up after going back four days", async () => {
    const queries = asked("activity", published("2026-11-01", "no"));
    const error = await failure(rows({}));
    expect(queries).toHaveLength(5);
    expect(error).toMatchObject({ details: { status: 400 } });
    expect(String(error)).toContain("invalid_request_error: no");
  });

  it.each(["project_usage", "skill_usage", "connector_usage"] as const)(
    "%s without dates, too",
    async (report_type) => {
      const queries = asked(report_type, published("2026-11-19"));
      expect(await rows({ report_type })).toMatchObject([{ start_date: "2026-11-19T00:00:00Z" }]);
      expect(queries).toHaveLength(2);
    },
  );

  it("a range ends at what is published, and says so", async () => {
    const queries = asked("activity", published("2026-11-18"));
    const answer = await list(engineOf([ENTERPRISE]), {
      report_type: "activity",
      start_date: "2026-11-17",
      end_date: "2026-11-25",
    });
    expect(daysOf(queries)).toEqual(["2026-11-17", "2026-11-18", "2026-11-19"]);
    expect(answer).toMatchObject({ result_count: 2, next_cursor: null });
    expect(answer.warnings.join()).toMatch(/2026-11-18.*2026-11-19/);
  });

  it("days that have not ended are not asked for, and it is said", async () => {
    const queries = asked("activity", published("2026-11-21"));
    const answer = await list(engineOf([ENTERPRISE]), {
      report_type: "activity",
      start_date: "2026-11-21",
      end_date: "2026-11-24",
    });
    expect(daysOf(queries)).toEqual(["2026-11-21"]);
    expect(answer.warnings.join()).toContain("2026-11-22");
  });

  it("a person is looked for in the rows once more, for deployments that know no such filter", async () => {
    asked("activity", () => page([{ user: { id: "user_ann" } }, { user: { id: "user_bo" } }]));
    expect(await rows({ report_type: "activity", date: "2026-10-05", user_ids: ["user_bo"] })).toMatchObject([
      { user: { id: "user_bo" } },
    ]);
  });

  it("today alone needs no call", async () => {
    expect(await rows({ report_type: "activity", date: "2026-11-22" })).toEqual([]);
  });

  it.each([
    "date must be at least 3 days ago",
    "Requested date is too recent",
    "the day is in the future",
    "analytics have a 1-day lag",
  ])("a refusal that names no day is passed on: %s", async (words) => {
    asked("activity", published("2026-11-18", words));
    const { result_count, warnings } = await list(engineOf([ENTERPRISE]), {
      report_type: "activity",
      start_date: "2026-11-18",
    });
    expect(result_count).toBe(1);
    expect(warnings.join()).toMatch(new RegExp(`2026-11-19.*${words}`));
  });

  it("another refusal of a recent day is an error", async () => {
    asked("activity", published("2026-11-18", "filter[] dimension 'x' is not available"));
    expect(await failure(rows({ report_type: "activity", date: "2026-11-20" }))).toMatchObject({
      details: { status: 400 },
    });
  });

  it("another refusal of a day long ago is an error", async () => {
    asked("activity", published("2026-01-01", "the date is not available"));
    expect(await failure(rows({ report_type: "activity", date: "2026-10-05" }))).toMatchObject({
      details: { status: 400 },
    });
  });
});

describe("the days of a summary", () => {
  const spans = (queries: readonly string[]) =>
    queries.map(
      (query) => `${new URLSearchParams(query).get("starting_date")} ${new URLSearchParams(query).get("ending_date")}`,
    );

  it.each<[string, Query, string, string[]]>([
    [
      "a range of more than 31 days, cut at the first of a month",
      { start_date: "2026-09-01", end_date: "2026-10-05" },
      "2026-11-21",
      ["2026-09-01 2026-10-01", "2026-10-01 2026-10-05"],
    ],
    ["without dates, yesterday", {}, "2026-11-21", ["2026-11-21 2026-11-22"]],
    [
      "without dates, the day that a refusal names",
      {},
      "2026-11-18",
      ["2026-11-21 2026-11-22", "2026-11-18 2026-11-19"],
    ],
    [
      "a range that ends too late is asked up to the day that the refusal names",
      { start_date: "2026-11-10", end_date: "2026-11-22" },
      "2026-11-18",
      ["2026-11-10 2026-11-22", "2026-11-10 2026-11-19"],
    ],
    [
      "an end that lies ahead is today's midnight",
      { start_date: "2026-11-20", end_date: "2026-12-01" },
      "2026-11-21",
      ["2026-11-20 2026-11-22"],
    ],
  ])("%s", async (_, query, latest, expected) => {
    const queries = asked("summary", published(latest));
    await rows({ report_type: "summary", ...query });
    expect(spans(queries)).toEqual(expected);
  });

  it("says what is not published", async () => {
    asked("summary", published("2026-11-18"));
    const query: Query = { report_type: "summary", start_date: "2026-11-10", end_date: "2026-11-22" };
    expect((await list(engineOf([ENTERPRISE]), query)).warnings.join()).toContain("2026-11-18");
    const none = await list(engineOf([ENTERPRISE]), { ...query, start_date: "2026-11-20" });
    expect(none).toMatchObject({ result_count: 0 });
    expect(none.warnings.join()).toContain("2026-11-18");
  });

  it("without dates covers the day it found", async () => {
    asked("summary", published("2026-11-19"));
    expect(await list(engineOf([ENTERPRISE]), { report_type: "summary" })).toMatchObject({
      period: { start_date: "2026-11-19T00:00:00Z", end_date: "2026-11-20T00:00:00Z" },
    });
  });
});

describe("ids", () => {
  /** The ids of rows that a question and its answer make. */
  async function ids(
    query: Query,
    answer: Reply,
    account: unknown = ENTERPRISE,
    endpoint: "cost" | "usage" | "activity" = "cost",
    now = NOW,
  ) {
    asked(endpoint, answer);
    return (await rows({ report_type: endpoint, ...query }, account, { now })).map(({ id }) => id);
  }
  const day = (amount: string, end = "2026-10-06") =>
    page([
      {
        starting_at: midnight("2026-10-05"),
        ending_at: midnight(end),
        results: [cents(amount, amount, { product: "chat", model: "opus" })],
      },
    ]);

  it("stay the same in another window, at another time, for a restated amount", async () => {
    const [id] = await ids({ date: "2026-10-05" }, () => day("1"));
    expect(
      await ids({ start_date: "2026-10-05", end_date: "2026-10-20" }, () => day("2"), ENTERPRISE, "cost", NOW + 1e9),
    ).toEqual([id]);
    // A bucket that was cut short when it was asked for sooner.
    expect(
      await ids({ date: "2026-10-05" }, () =>
        page([
          {
            ...bucket("2026-10-05", [cents("3", "3", { product: "chat", model: "opus" })]),
            ending_at: "2026-10-05T13:00:00Z",
          },
        ]),
      ),
    ).toEqual([id]);
  });

  it("are the same in both spellings of a product", async () => {
    const of = (product: string) =>
      ids({ date: "2026-10-05" }, () => page([bucket("2026-10-05", [cents("1", "1", { product })])]));
    expect(await of("claude-in-slack")).toEqual(await of("claude-tag"));
  });

  it("are those of the whole only where a filter leaves the fact whole", async () => {
    const day = { date: "2026-10-05" } as const;
    const answer = () => page([bucket("2026-10-05", [tokens(1, { product: "chat", model: "claude-opus-5" })])]);
    const [whole] = await ids(day, answer, ENTERPRISE, "usage");
    const of = async (query: Query) => (await ids({ ...day, ...query }, answer, ENTERPRISE, "usage"))[0];
    expect(await of({ product_ids: ["chat"], model_ids: ["claude-opus-5"] })).toBe(whole);
    // A person's tokens, a team's, those of fast inference: each is another part of it.
    const parts = [
      await of({ user_ids: ["user_1"] }),
      await of({ user_ids: ["user_2"] }),
      await of({ remote_query: { rbac_group_ids: ["rbac_group_1"] } }),
      await of({ remote_query: { speeds: ["fast"] } }),
    ];
    expect(new Set([whole, ...parts]).size).toBe(5);
    const byModel = await of({ group_by: ["model"] });
    expect(await of({ group_by: ["model"], product_ids: ["chat"] })).not.toBe(byModel);
  });

  it("of a team's summary are not the organization's", async () => {
    asked("summary", published("2026-11-21"));
    const query: Query = { report_type: "summary", date: "2026-10-05" };
    const [all] = await rows(query);
    const [team] = await rows({ ...query, remote_query: { filter: "rbac_group_id:rbac_group_1" } });
    expect(team?.["id"]).not.toBe(all?.["id"]);
  });

  it("of a person's tokens are the same, whether looked for or not", async () => {
    asked("user_usage", () => page([{ ...bucket("2026-10-05", []), actor: { user_id: "user_ann" }, ...tokens(1) }]));
    const query: Query = { report_type: "user_usage", date: "2026-10-05" };
    const [all] = await rows(query);
    const [one] = await rows({ ...query, user_ids: ["user_ann"] });
    expect(one?.["id"]).toBe(all?.["id"]);
  });

  it("of a person's activity are the same, whether looked for or not", async () => {
    const answer = () => page([{ user: { id: "user_ann" } }]);
    const of = (query: Query) => ids({ date: "2026-10-05", ...query }, answer, ENTERPRISE, "activity");
    expect(await of({ user_ids: ["user_ann"] })).toEqual(await of({}));
  });

  it("differ by day, length of the bucket, group and report", async () => {
    const answer: Reply = ({ pathname, searchParams }) => {
      const item = pathname.endsWith("cost_report")
        ? cents("1", "1", { product: "chat" })
        : tokens(1, { product: "chat" });
      const start = searchParams.get("starting_at") ?? "";
      return page([{ starting_at: start, ending_at: searchParams.get("ending_at"), results: [item] }]);
    };
    const found = [
      ...(await ids({ date: "2026-10-05" }, answer)),
      ...(await ids({ date: "2026-10-06" }, answer)),
      ...(await ids({ date: "2026-10-05", granularity: "hour" }, answer)),
      ...(await ids({ date: "2026-10-05", group_by: ["product"] }, answer)),
      ...(await ids({ date: "2026-10-05" }, answer, ENTERPRISE, "usage")),
    ];
    expect(new Set(found).size).toBe(5);
  });
});
