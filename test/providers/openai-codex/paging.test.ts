import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/usage/query.ts";
import { guardTheEdge, type Item, list, rowsOf } from "../edge.ts";
import {
  API,
  type Asked,
  bucket,
  COSTS_PATH,
  DAY_SECONDS,
  dataCalls,
  familyPath,
  organization,
  page,
  serveHost,
  TUESDAY,
} from "./openai.ts";

guardTheEdge();

const DAYS = 40;
const PERIOD = { start_date: "2026-10-13", end_date: "2026-11-22" };

/** The most buckets of a page, whatever is asked for. */
const MOST = 12;

/** A vendor of so many days of buckets, paged by buckets as OpenAI does, with cursors that need encoding. */
function buckets(resultsOf: (day: number) => readonly Item[]) {
  return (url: URL) => {
    const { searchParams } = url;
    const day = (name: string) => (Number(searchParams.get(name)) - TUESDAY) / DAY_SECONDS;
    const from = Number(searchParams.get("page")?.replace(/^page_(\d+)=$/, "$1") ?? day("start_time"));
    const end = day("end_time");
    const to = Math.min(from + MOST, from + Number(searchParams.get("limit")), end);
    const data = Array.from({ length: to - from }, (_, index) => bucket(resultsOf(from + index), from + index));
    expect(from).toBeGreaterThanOrEqual(day("start_time"));
    expect(end).toBeLessThanOrEqual(DAYS);
    return page(data, to < end ? `page_${to}=` : null);
  };
}

const completions = (day: number): Item[] =>
  // Days without any use, and days of many.
  Array.from({ length: day % 4 }, (_, index) => ({
    input_tokens: 100 * day + index,
    output_tokens: index,
    num_model_requests: 1,
    model: `gpt-${index}`,
    user_id: `user-${index}`,
  }));

function serve(): Asked[] {
  return serveHost(API, {
    [familyPath("completions")]: buckets(completions),
    [familyPath("images")]: buckets((day) => (day % 10 === 3 ? [{ images: day, num_model_requests: 1 }] : [])),
    [familyPath("web_search_calls")]: buckets((day) =>
      day === 39 ? [{ num_requests: 2, num_model_requests: 1, model: "gpt-1" }] : [],
    ),
    [COSTS_PATH]: buckets((day) =>
      Array.from({ length: day % 3 }, (_, index) => ({
        amount: { value: `${day}.0${index}`, currency: "usd" },
        line_item: `gpt-${index}, input`,
        project_id: "proj_a",
      })),
    ),
  });
}

async function walk(query: Query): Promise<Item[]> {
  const engine = organization();
  const found: Item[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const answer = await list(engine, { ...query, ...(cursor ? { cursor } : {}) });
    const rows = rowsOf(answer);
    if (answer.next_cursor !== null) expect(rows.length).toBeGreaterThan(0);
    found.push(...rows);
    cursor = answer.next_cursor;
  }
  return found;
}

describe("every report by pages", () => {
  it.each<[Query, number]>([
    // Days of 0, 1, 2, 3 results: 10 x 6; images on 3, 13, 23, 33; one search.
    [{ report_type: "usage" }, 65],
    [{ report_type: "activity" }, 60],
    [{ report_type: "user_usage" }, 65],
    [{ report_type: "project_usage" }, 65],
    // Days of 0, 1, 2 results: 13 x 3, and day 39 has none.
    [{ report_type: "cost" }, 39],
    [{ report_type: "user_cost" }, 39],
    [{ report_type: "usage", group_by: ["product", "model"] }, 65],
    // Completions by the day, four days of which also have images, of which the family is no dimension.
    [{ report_type: "usage", group_by: ["day"] }, 30],
    [{ report_type: "summary" }, 4],
  ])("%j has the same rows in the same order with the same ids", async (query, count) => {
    serve();
    const whole = await walk({ ...query, ...PERIOD, limit: 10_000 });
    expect(whole).toHaveLength(count);
    expect(new Set(whole.map(({ id }) => id)).size).toBe(count);
    for (const limit of [1, 2, 7]) expect(await walk({ ...query, ...PERIOD, limit })).toEqual(whole);
  });

  it("cursors of the vendor go back as they came, with the same question", async () => {
    const asked = serve();
    await walk({ report_type: "activity", ...PERIOD, limit: 10_000 });
    // 13 to 31 October is a piece of 19 days, November up to the 21st one of 21.
    const calls = dataCalls(asked);
    expect(calls.map(({ query }) => query.get("page"))).toEqual([null, "page_12=", null, "page_31="]);
    const without = (one: Asked | undefined) => [...(one?.query ?? [])].filter(([name]) => name !== "page");
    expect(without(calls[1])).toEqual(without(calls[0]));
    expect(without(calls[3])).toEqual(without(calls[2]));
  });

  it("ids do not depend on the window", async () => {
    serve();
    const whole = await walk({ report_type: "activity", ...PERIOD, limit: 10_000 });
    serveHost(API, { [familyPath("completions")]: () => page([bucket(completions(3), 3)]) });
    const day = await walk({ report_type: "activity", date: "2026-10-16" });
    expect(day).toHaveLength(3);
    for (const row of day) expect(whole).toContainEqual(row);
  });
});
