import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import {
  call,
  confluentAnswers,
  confluentEngine,
  costList,
  engineOf,
  failure,
  guardTheEdge,
  type Item,
  idsOf,
  json,
  list,
  type Reply,
  SECRETS,
  serve,
} from "../edge.ts";

guardTheEdge();

const COSTS = "/billing/v1/costs";
const HERE = `https://api.confluent.cloud${COSTS}`;

function days(start: string, end: string, token?: string): string {
  return `${COSTS}?start_date=${start}&end_date=${end}&page_size=10000${token === undefined ? "" : `&page_token=${token}`}`;
}

const nothing: Reply = () => costList([]);

function line(id: string, start = "2026-09-01"): Item {
  return { id, start_date: start, end_date: "2026-09-30", product: "KAFKA", amount: 1, original_amount: 1 };
}

describe("the days asked of the vendor", () => {
  // start_date and end_date as given; the windows on the wire; the period in the answer is from the first to the last.
  it.each<[string, Query, [string, string][]]>([
    ["nothing given: the running month", {}, [["2026-11-01", "2026-12-01"]]],
    ["only a start: to the end of its month", { start_date: "2026-09-10" }, [["2026-09-10", "2026-10-01"]]],
    ["only a start in a leap February", { start_date: "2024-02-10" }, [["2024-02-10", "2024-03-01"]]],
    ["only an end: from the first of the running month", { end_date: "2026-11-10" }, [["2026-11-01", "2026-11-10"]]],
    ["a bare end is excluded", { start_date: "2026-10-01", end_date: "2026-10-31" }, [["2026-10-01", "2026-10-31"]]],
    [
      "an end with a time of day rounds up to the next day",
      { start_date: "2026-10-01", end_date: "2026-10-31T23:59:59Z" },
      [["2026-10-01", "2026-11-01"]],
    ],
    [
      "an end a millisecond past midnight too",
      { start_date: "2026-10-01", end_date: "2026-10-31T00:00:00.001Z" },
      [["2026-10-01", "2026-11-01"]],
    ],
    [
      "an end at midnight stays",
      { start_date: "2026-10-01", end_date: "2026-10-31T00:00:00Z" },
      [["2026-10-01", "2026-10-31"]],
    ],
    [
      "a start with a time of day is its day",
      { start_date: "2026-10-05T17:30:00Z", end_date: "2026-10-06" },
      [["2026-10-05", "2026-10-06"]],
    ],
    [
      "both within a day are that day",
      { start_date: "2026-10-05T17:30:00Z", end_date: "2026-10-05T18:00:00Z" },
      [["2026-10-05", "2026-10-06"]],
    ],
    [
      "zones are turned into UTC days",
      { start_date: "2026-10-01T00:00:00+02:00", end_date: "2026-10-02T00:00:00-02:00" },
      [
        ["2026-09-30", "2026-10-01"],
        ["2026-10-01", "2026-10-03"],
      ],
    ],
    ["date is that one day", { date: "2026-10-05" }, [["2026-10-05", "2026-10-06"]]],
    ["date over a month's end", { date: "2024-02-29" }, [["2024-02-29", "2024-03-01"]]],
    [
      "a range is cut at each first of a month",
      { start_date: "2026-01-15", end_date: "2026-04-02" },
      [
        ["2026-01-15", "2026-02-01"],
        ["2026-02-01", "2026-03-01"],
        ["2026-03-01", "2026-04-01"],
        ["2026-04-01", "2026-04-02"],
      ],
    ],
    [
      "over New Year",
      { start_date: "2025-12-31", end_date: "2026-01-02" },
      [
        ["2025-12-31", "2026-01-01"],
        ["2026-01-01", "2026-01-02"],
      ],
    ],
  ])("%s", async (_, query, windows) => {
    const asked = confluentAnswers(nothing);
    const { period } = await list(confluentEngine(), query);
    expect(asked).toEqual(windows.map(([start, end]) => days(start, end)));
    expect(period).toEqual({
      start_date: `${windows[0]?.[0]}T00:00:00Z`,
      end_date: `${windows.at(-1)?.[1]}T00:00:00Z`,
    });
  });

  it.each<[string, Query, string]>([
    ["an end that is the start", { start_date: "2026-10-05", end_date: "2026-10-05" }, "end_date"],
    ["an end before the start", { start_date: "2026-10-05", end_date: "2026-10-04" }, "end_date"],
    ["an end that is the default start", { end_date: "2026-11-01" }, "end_date"],
    ["an end before the default start", { end_date: "2026-10-20" }, "end_date"],
    ["date beside start_date", { date: "2026-10-05", start_date: "2026-10-05" }, "date"],
    ["date beside end_date", { date: "2026-10-05", end_date: "2026-10-06" }, "date"],
  ])("%s is refused without a call", async (_, query, parameter) => {
    const asked = confluentAnswers(nothing);
    expect(await failure(list(confluentEngine(), query))).toMatchObject({ kind: "question", details: { parameter } });
    expect(asked).toEqual([]);
  });

  it("a range into the future is asked up to the running month, whose end may lie ahead", async () => {
    const asked = confluentAnswers(nothing);
    await list(confluentEngine(), { start_date: "2026-10-10", end_date: "2027-03-01" });
    expect(asked).toEqual([days("2026-10-10", "2026-11-01"), days("2026-11-01", "2026-12-01")]);
  });

  it("a range that lies ahead needs no call, and the hint says so", async () => {
    const asked = confluentAnswers(nothing);
    const answer = await list(confluentEngine(), { start_date: "2026-12-01", end_date: "2027-01-01" });
    await setTimeout(30);
    expect(asked).toEqual([]);
    expect(answer.hint).toMatch(/future/);
  });

  it("windows are asked one after another, never two at once", async () => {
    let open = 0;
    let most = 0;
    const asked = confluentAnswers(async () => {
      open++;
      most = Math.max(most, open);
      await setTimeout(5);
      open--;
      return costList([]);
    });
    await list(confluentEngine(), { start_date: "2026-01-01", end_date: "2026-07-01" });
    expect([asked.length, most]).toEqual([6, 1]);
  });

  it("nor are the two periods of a comparison asked at once", async () => {
    let open = 0;
    let most = 0;
    const asked = confluentAnswers(async () => {
      open++;
      most = Math.max(most, open);
      await setTimeout(5);
      open--;
      return costList([]);
    });
    const args = { period: "2026-09", compare_to: "previous_period" };
    await getCostSummary.run(confluentEngine(), args, call());
    expect([[...asked].sort(), most]).toEqual([
      [days("2026-08-01", "2026-09-01"), days("2026-09-01", "2026-10-01")],
      1,
    ]);
  });

  it("a summary asks for whole days, and says so where the period is finer", async () => {
    const asked = confluentAnswers(nothing);
    const args = { start_date: "2026-10-05T06:00:00Z", end_date: "2026-10-06T18:00:00Z" };
    const summary = await getCostSummary.run(confluentEngine(), args, call());
    expect(asked).toEqual([days("2026-10-05", "2026-10-07")]);
    expect(summary).toMatchObject({
      period: args,
      accounts: [{ period: { start_date: "2026-10-05T00:00:00Z", end_date: "2026-10-07T00:00:00Z" } }],
    });
    expect(JSON.stringify(summary["warnings"])).toContain("2026-10-07");
  });
});

describe("the request", () => {
  it("carries the key and secret as HTTP Basic and nowhere else", async () => {
    const sent: (string | null)[] = [];
    const asked = confluentAnswers((_, request) => {
      sent.push(request.headers.get("authorization"), request.headers.get("accept"));
      return costList([]);
    });
    await list(confluentEngine());
    // echo -n 'cc-key-s3cret:cc-secret-s3cret' | base64
    expect(sent).toEqual(["Basic Y2Mta2V5LXMzY3JldDpjYy1zZWNyZXQtczNjcmV0", "application/json"]);
    for (const secret of SECRETS) expect(asked.join()).not.toContain(secret);
  });

  it("takes page_size, page_token and what is not known from remote_query", async () => {
    const asked = confluentAnswers(nothing);
    const remote_query = { page_size: 500, page_token: "abc", beta: ["x", "y"] };
    await list(confluentEngine(), { start_date: "2026-09-01", remote_query });
    expect(asked).toEqual([
      `${COSTS}?start_date=2026-09-01&end_date=2026-10-01&page_size=500&page_token=abc&beta%5B%5D=x&beta%5B%5D=y`,
    ]);
  });

  it("does not take a page token for several months", async () => {
    const query = { start_date: "2026-08-01", end_date: "2026-10-01", remote_query: { page_token: "abc" } };
    expect(await failure(list(confluentEngine(), query))).toMatchObject({
      kind: "question",
      details: { parameter: "remote_query.page_token" },
    });
  });
});

describe("a next page", () => {
  /** Answers the first page with this `next`, and T2 with a second page. */
  function twoPages(next: unknown): string[] {
    return confluentAnswers(({ searchParams }) =>
      searchParams.get("page_token") === "T2"
        ? costList([line("second")])
        : json({ data: [line("first")], metadata: { next } }),
    );
  }
  const SEPTEMBER = { start_date: "2026-09-01" };

  it.each([
    ["the token alone, as in the specification", `${HERE}?page_token=T2`],
    [
      "other days and size, which are not taken",
      `${HERE}?start_date=2020-01-01&end_date=2020-01-02&page_size=1&page_token=T2`,
    ],
    ["another path, which is not taken", "https://api.confluent.cloud/iam/v2/users?page_token=T2"],
    ["no scheme and host", `${COSTS}?page_token=T2`],
  ])("is asked for with the same days and size, and its token only: %s", async (_, next) => {
    const asked = twoPages(next);
    const answer = await list(confluentEngine(), SEPTEMBER);
    expect(idsOf(answer)).toEqual(["first", "second"]);
    expect(asked).toEqual([days("2026-09-01", "2026-10-01"), days("2026-09-01", "2026-10-01", "T2")]);
    expect(answer.is_partial_response).toBe(false);
  });

  it("has its token passed on letter by letter", async () => {
    const token = "a+b/c=&d é%";
    const asked: (string | null)[] = [];
    confluentAnswers(({ searchParams }) => {
      asked.push(searchParams.get("page_token"));
      return asked.length === 1 ? costList([], `${HERE}?page_token=${encodeURIComponent(token)}`) : costList([]);
    });
    await list(confluentEngine(), SEPTEMBER);
    expect(asked).toEqual([null, token]);
  });

  it.each([null, "", undefined])("is none where next is %j", async (next) => {
    const asked = twoPages(next);
    const answer = await list(confluentEngine(), SEPTEMBER);
    expect(idsOf(answer)).toEqual(["first"]);
    expect([asked.length, answer.is_partial_response]).toEqual([1, false]);
  });

  it.each([
    ["a foreign host", "https://evil.example/billing/v1/costs?page_token=T2"],
    ["a host behind a name like the vendor's", "https://api.confluent.cloud.evil.example/?page_token=T2"],
    ["a host behind the vendor's as a user", "https://api.confluent.cloud@evil.example/?page_token=T2"],
    ["another port", "https://api.confluent.cloud:8443/billing/v1/costs?page_token=T2"],
    ["no token", `${HERE}?page=2`],
    ["no address", "http://["],
  ])("that can't be followed is not, and rows are never left out in silence: %s", async (_, next) => {
    const asked = twoPages(next);
    // Nothing is prepared for another host: a request to it would fail this test.
    const outcome = await list(confluentEngine(), SEPTEMBER).catch((error: unknown) => error);
    expect(asked.every((path) => path.startsWith(`${COSTS}?start_date=2026-09-01&end_date=2026-10-01`))).toBe(true);
    const complete = JSON.stringify(outcome).includes("second");
    const said = outcome instanceof Error || Object(outcome).is_partial_response === true;
    expect({ complete, said, either: complete || said }).toMatchObject({ either: true });
  });

  it("that repeats the page just read is not followed again: partial, and said so", async () => {
    const asked = confluentAnswers(() => costList([line(`page ${asked.length}`)], `${HERE}?page_token=SAME`));
    const answer = await list(confluentEngine(), { ...SEPTEMBER, truto_response_format: "debug" });
    // Once more from the start: it might have been a slip. Of the two readings the second counts.
    expect(asked).toHaveLength(4);
    expect(idsOf(answer)).toEqual(["page 3", "page 4"]);
    expect(answer).toMatchObject({ is_partial_response: true, next_cursor: null, debug: { isLooping: true } });
    expect(answer.warnings.join(" ")).toMatch(/already read/);
  });

  it("that leads in a circle of three is not followed for ever", async () => {
    const turns = ["A", "B", "C"];
    const asked = confluentAnswers(() => costList([], `${HERE}?page_token=${turns[(asked.length - 1) % 3]}`));
    const answer = await list(confluentEngine(), SEPTEMBER);
    expect(asked).toHaveLength(8);
    expect(answer.is_partial_response).toBe(true);
  });

  it("that repeats makes a summary partial, too", async () => {
    confluentAnswers(() => costList([], `${HERE}?page_token=SAME`));
    expect(await getCostSummary.run(confluentEngine(), { period: "2026-09" }, call())).toMatchObject({
      is_partial_response: true,
      accounts: [{ status: "partial" }],
    });
  });

  it("is followed through a gateway, to the gateway, whichever of the two it names", async () => {
    for (const host of ["https://gateway.example", "https://api.confluent.cloud"]) {
      const asked = serve("https://gateway.example", "/team/billing/v1/costs", ({ searchParams }) =>
        searchParams.has("page_token")
          ? costList([line("second")])
          : costList([line("first")], `${host}/?page_token=T2`),
      );
      const credentials = { api_key: SECRETS[2], api_secret: SECRETS[3] };
      const account = { id: "c", provider: "confluent", base_url: "https://gateway.example/team/", credentials };
      expect(idsOf(await list(engineOf([account]), SEPTEMBER))).toEqual(["first", "second"]);
      expect(asked).toHaveLength(2);
    }
  });

  it("may be empty between full ones", async () => {
    confluentAnswers(({ searchParams }) => {
      const token = searchParams.get("page_token");
      if (token === null) return costList([line("first")], `${HERE}?page_token=T2`);
      return token === "T2" ? costList([], `${HERE}?page_token=T3`) : costList([line("second")]);
    });
    expect(idsOf(await list(confluentEngine(), SEPTEMBER))).toEqual(["first", "second"]);
  });
});
