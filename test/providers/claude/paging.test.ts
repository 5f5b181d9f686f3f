import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/usage/query.ts";
import {
  cursorCodec,
  engineOf,
  failure,
  guardTheEdge,
  type Item,
  json,
  list,
  NOW,
  type Reply,
  rowsOf,
} from "../edge.ts";
import {
  asked,
  bucket,
  CONSOLE,
  cents,
  ENTERPRISE,
  type Endpoint,
  HEADS,
  next,
  page,
  rows,
  tokens,
  V2,
} from "./claude.ts";

guardTheEdge();

/** Days from the first of October. */
function days(count: number): string[] {
  return Array.from({ length: count }, (_, day) => next("2026-10-01", day));
}

/** Items of a question that fit in its days, each with the day it is of. */
type Dated = readonly (readonly [day: string, item: Item])[];

/**
 * A vendor that pages: so many items from the place its cursor says. The cursor belongs to the question it was given for,
 * size included; with another it is refused.
 */
function paged(items: Dated, most = 1000): Reply {
  return ({ searchParams }) => {
    const limit = Math.min(Number(searchParams.get("limit") ?? most), most);
    const cursor = searchParams.get("page");
    searchParams.delete("page");
    const bound = searchParams.toString();
    const start = cursor === null ? 0 : Number(cursor.split(" ")[0]);
    if (cursor !== null && cursor !== `${start} ${bound}`)
      return json(
        { type: "error", error: { type: "invalid_request_error", message: "page does not fit the query" } },
        400,
      );
    const from = searchParams.get("starting_at") ?? searchParams.get("starting_date") ?? searchParams.get("date") ?? "";
    // The day endpoints name one day, the others a half-open range.
    const to = searchParams.get("ending_at") ?? searchParams.get("ending_date") ?? next(from);
    const fitting = items.filter(([day]) => day >= from.slice(0, 10) && day < to.slice(0, 10));
    const data = fitting.slice(start, start + limit).map(([, item]) => item);
    const end = start + limit;
    return json({ data, next_page: end < fitting.length ? `${end} ${bound}` : null });
  };
}

const PRODUCTS = ["chat", "claude_code", null];
const people = (day: string) => Array.from({ length: 3 }, (_, index) => ({ user: `user_${index}`, day }));

/** What each report is made of: 40 days, so that there are two windows; some days hold nothing. */
const WORLD: readonly {
  name: string;
  account: unknown;
  endpoint: Endpoint;
  query: Query;
  items: Dated;
  most?: number;
}[] = [
  {
    name: "usage",
    account: ENTERPRISE,
    endpoint: "usage",
    query: { report_type: "usage" },
    most: 7,
    items: days(40).map((day, index) => [
      day,
      bucket(day, index % 4 === 1 ? [] : PRODUCTS.map((product) => tokens(index, { product }))),
    ]),
  },
  {
    name: "cost",
    account: ENTERPRISE,
    endpoint: "cost",
    query: { report_type: "cost" },
    most: 31,
    items: days(40).map((day, index) => [
      day,
      bucket(day, index % 4 === 1 ? [] : PRODUCTS.map((product) => cents(`${index}`, "50", { product }))),
    ]),
  },
  {
    name: "user_usage",
    account: ENTERPRISE,
    endpoint: "user_usage",
    query: { report_type: "user_usage" },
    items: days(40).flatMap((day) =>
      people(day).map(({ user }, index): [string, Item] => [
        day,
        { ...bucket(day, []), actor: { user_id: user }, ...tokens(index) },
      ]),
    ),
  },
  {
    name: "user_cost",
    account: ENTERPRISE,
    endpoint: "user_cost",
    query: { report_type: "user_cost" },
    items: days(40).flatMap((day) =>
      people(day).map(({ user }): [string, Item] => [
        day,
        { ...bucket(day, []), actor: { user_id: user }, ...cents("1", "2") },
      ]),
    ),
  },
  {
    name: "activity",
    account: ENTERPRISE,
    endpoint: "activity",
    query: { report_type: "activity" },
    items: days(15).flatMap((day) =>
      people(day).map(({ user }): [string, Item] => [day, { user: { id: user }, web_search_count: 1 }]),
    ),
  },
  ...(["project_usage", "skill_usage", "connector_usage"] as const).map((report_type) => ({
    name: report_type,
    account: ENTERPRISE,
    endpoint: report_type,
    query: { report_type },
    items: days(15).flatMap((day) =>
      people(day).map(({ user: name }): [string, Item] => [
        day,
        { project_id: name, skill_name: name, connector_name: name, distinct_user_count: 1, message_count: 1 },
      ]),
    ),
  })),
  {
    name: "summary",
    account: ENTERPRISE,
    endpoint: "summary",
    query: { report_type: "summary" },
    items: days(40).map((day) => [day, { ...bucket(day, []), ...HEADS, chat_daily_active_user_count: 2 }]),
  },
  {
    name: "usage of the newer API",
    account: V2,
    endpoint: "v2_usage",
    query: { report_type: "usage" },
    items: days(40).flatMap((day) =>
      PRODUCTS.map((product): [string, Item] => [
        day,
        { ...bucket(day, []), group: { product, model: null }, usage: tokens(1) },
      ]),
    ),
  },
  {
    name: "people's cost of the newer API",
    account: V2,
    endpoint: "v2_cost",
    query: { report_type: "user_cost" },
    items: days(40).flatMap((day) =>
      people(day).map(({ user }): [string, Item] => [
        day,
        { ...bucket(day, []), group: { actor: { type: "user_actor", user_id: user } }, cost: cents("1", "1") },
      ]),
    ),
  },
  {
    name: "usage of the Console",
    account: CONSOLE,
    endpoint: "messages",
    query: { report_type: "usage" },
    most: 31,
    items: days(40).map((day, index) => [
      day,
      bucket(day, index % 4 === 1 ? [] : ["a", "b", null].map((model) => tokens(1, { model }))),
    ]),
  },
  {
    name: "cost of the Console",
    account: CONSOLE,
    endpoint: "console_cost",
    query: { report_type: "cost" },
    most: 7,
    items: days(40).map((day) => [
      day,
      bucket(
        day,
        ["a", "b"].map((description) => ({ amount: "1", currency: "USD", description })),
      ),
    ]),
  },
];

const FIRST_TO_LAST = { start_date: "2026-10-01", end_date: "2026-11-10" };

describe.each(WORLD)("$name, page by page", ({ account, endpoint, query, items, most }) => {
  async function all(limit: number): Promise<Item[]> {
    asked(endpoint, paged(items, most));
    const found: Item[] = [];
    const dates =
      endpoint === "activity" || query.report_type?.match(/project|skill|connector/)
        ? { start_date: "2026-10-01", end_date: "2026-10-16" }
        : FIRST_TO_LAST;
    let cursor: string | undefined;
    for (let calls = 0; calls < 1000; calls++) {
      // A new engine each time: nothing but the cursor is kept. Its clock runs on.
      const engine = engineOf([account], { now: NOW + calls * 1000, cursors: cursorCodec() });
      const answer = await list(engine, { ...query, ...dates, limit, ...(cursor ? { cursor } : {}) });
      const given = rowsOf(answer);
      expect(answer.warnings).toEqual([]);
      expect(answer.next_cursor === null || given.length === limit).toBe(true);
      found.push(...given);
      if (answer.next_cursor === null) return found;
      cursor = answer.next_cursor;
    }
    throw new Error("it does not end");
  }

  it("gives the same rows in the same order, whatever the size of a page", async () => {
    const whole = await all(10_000);
    expect(whole.length).toBeGreaterThan(40);
    expect(new Set(whole.map(({ id }) => id)).size).toBe(whole.length);
    for (const limit of [7, 2, 1]) expect(await all(limit)).toEqual(whole);
  });
});

describe("paging", () => {
  it("reads all pages of people, though has_more is not sent", async () => {
    asked("activity", ({ searchParams }) =>
      searchParams.has("page")
        ? json({ data: [{ user: { id: "b" } }], next_page: null })
        : json({ data: [{ user: { id: "a" } }], next_page: "NEXT" }),
    );
    expect(await rows({ report_type: "activity", date: "2026-10-05" })).toHaveLength(2);
  });

  it.each([
    ["has_more false beside a cursor", { has_more: false, next_page: "STALE" }],
    ["no cursor", { has_more: true, next_page: null }],
    ["an empty cursor", { has_more: true, next_page: "" }],
  ])("ends at %s", async (_, ending) => {
    const queries = asked("usage", () => json({ data: [bucket("2026-10-05", [tokens(1)])], ...ending }));
    expect(await rows({ report_type: "usage", date: "2026-10-05" })).toHaveLength(1);
    expect(queries).toHaveLength(1);
  });

  it("goes on behind pages that hold nothing but empty buckets", async () => {
    asked("usage", ({ searchParams }) => {
      const at = Number(searchParams.get("page") ?? 0);
      return at < 3
        ? page([bucket(next("2026-10-05", at), [])], String(at + 1))
        : page([bucket("2026-10-08", [tokens(1)])]);
    });
    expect(await rows({ report_type: "usage", start_date: "2026-10-05", end_date: "2026-10-09" })).toHaveLength(1);
  });

  it("passes a cursor on letter by letter", async () => {
    const opaque = "page_MjAyNS0wNS0xNFQwMDowMDowMFo=+/&é";
    const seen: (string | null)[] = [];
    asked("cost", ({ searchParams }) => {
      seen.push(searchParams.get("page"));
      return searchParams.has("page") ? page([]) : page([], opaque);
    });
    await rows({ report_type: "cost", date: "2026-10-05" });
    expect(seen).toEqual([null, opaque]);
  });

  it("begins again when the vendor's cursor expired on the way, and counts nothing twice", async () => {
    let expired = false;
    asked("cost", ({ searchParams }) => {
      if (!searchParams.has("page")) return page([bucket("2026-10-05", [cents("100", "100")])], "NEXT");
      if (expired) return page([bucket("2026-10-06", [cents("100", "100")])]);
      expired = true;
      return json({ type: "error", error: { type: "invalid_request_error", message: "page expired" } }, 410);
    });
    expect(await rows({ report_type: "cost", start_date: "2026-10-05", end_date: "2026-10-07" })).toHaveLength(2);
  });

  it("whose cursor repeats is not followed for ever", async () => {
    asked("cost", () => page([bucket("2026-10-05", [cents("1", "1")])], "SAME"));
    expect(await list(engineOf([ENTERPRISE]), { report_type: "cost", date: "2026-10-05" })).toMatchObject({
      is_partial_response: true,
    });
  });

  it("a page may hold more rows than were asked for: kinds of cost do not count", async () => {
    const parts = ["tokens", "web_search", "code_execution"].map((cost_type) => ({
      ...bucket("2026-10-05", []),
      actor: { user_id: "u" },
      ...cents("1", "1", { cost_type }),
    }));
    asked("user_cost", () => page(parts));
    const query: Query = { report_type: "user_cost", date: "2026-10-05", group_by: ["user", "charge_type"] };
    const first = await list(engineOf([ENTERPRISE]), { ...query, limit: 2 });
    const second = await list(engineOf([ENTERPRISE]), { ...query, limit: 2, cursor: first.next_cursor ?? "" });
    expect([...rowsOf(first), ...rowsOf(second)].map(({ metric_name }) => metric_name)).toEqual([
      "tokens",
      "web_search",
      "code_execution",
    ]);
  });
});

describe("a refusal", () => {
  const ERROR = {
    type: "error",
    error: {
      type: "permission_error",
      message: "Missing required scopes. Got: ['api:admin'] Needed: ['read:analytics']",
    },
    request_id: "req_1",
  };

  it.each<[string, unknown, Endpoint, Query, number, RegExp]>([
    [
      "an Admin key at the analytics",
      ENTERPRISE,
      "usage",
      { report_type: "usage", date: "2026-10-05" },
      403,
      /Analytics key .*read:analytics.*claude\.ai\/analytics\/api-keys/,
    ],
    [
      "no such thing for this key",
      ENTERPRISE,
      "activity",
      { report_type: "activity", date: "2026-10-05" },
      404,
      /Analytics key/,
    ],
    ["a wrong key", ENTERPRISE, "cost", { report_type: "cost", date: "2026-10-05" }, 401, /Analytics key/],
    [
      "an Analytics key at the Console",
      CONSOLE,
      "messages",
      { report_type: "usage", date: "2026-10-05" },
      401,
      /needs an Admin key \(sk-ant-admin\.\.\.\)/,
    ],
    [
      "no key for the newer API",
      V2,
      "v2_usage",
      { report_type: "usage", date: "2026-10-05" },
      403,
      /Analytics key .* or an Admin key/,
    ],
  ])("of %s says which key is needed", async (_, account, endpoint, query, status, advice) => {
    asked(endpoint, () => json(ERROR, status, { "request-id": "req_1" }));
    const error = await failure(rows(query, account));
    expect(error).toMatchObject({ kind: "credentials", details: { status, request_id: "req_1" } });
    expect(String(error)).toMatch(advice);
    expect(String(error)).toContain("permission_error: Missing required scopes");
    expect(String(error)).not.toMatch(/an4lytics|adm1n/);
  });

  it("that repeats the key does not show it", async () => {
    asked("cost", () =>
      json({ type: "error", error: { type: "authentication_error", message: "bad key sk-ant-api01-an4lytics" } }, 401),
    );
    expect(String(await failure(rows({ report_type: "cost", date: "2026-10-05" })))).not.toContain("an4lytics");
  });

  it("of a parameter is the caller's", async () => {
    asked("cost", () =>
      json({ type: "error", error: { type: "invalid_request_error", message: "models[]: too long" } }, 400),
    );
    expect(await failure(rows({ report_type: "cost", date: "2026-10-05" }))).toMatchObject({ kind: "question" });
  });

  it("for going too fast is waited out", async () => {
    let calls = 0;
    asked("cost", () =>
      ++calls === 1
        ? json({ type: "error", error: { type: "rate_limit_error", message: "slow down" } }, 429, {
            "retry-after": "0",
          })
        : page([]),
    );
    expect(await rows({ report_type: "cost", date: "2026-10-05" })).toEqual([]);
    expect(calls).toBe(2);
  });
});
