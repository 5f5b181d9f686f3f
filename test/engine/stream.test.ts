import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import type { Item } from "../../src/engine/list-answer.ts";
import type { StreamEnd } from "../../src/engine/stream.ts";
import type { Query } from "../../src/usage/query.ts";
import {
  call,
  confluentAnswers,
  confluentEngine,
  failure,
  guardTheEdge,
  json,
  list,
  rowsOf,
} from "../providers/edge.ts";
import { billing, type Line, threeMonths } from "./confluent-lines.ts";

guardTheEdge();

const OCTOBER: Query = { start_date: "2026-10-01", end_date: "2026-11-01" };
const AUTUMN: Query = { start_date: "2026-09-01", end_date: "2026-12-01" };

let lines: Line[] = [];
/** Which answers, by the month they are about, fail. */
let failing: string[] = [];
let asked: string[] = [];

beforeEach(() => {
  lines = threeMonths();
  failing = [];
  const answer = billing(() => lines, 20);
  asked = confluentAnswers((url) => {
    const month = url.searchParams.get("start_date")?.slice(0, 7) ?? "";
    return failing.includes(month) ? json({ errors: [{ detail: "no" }] }, 403) : answer(url);
  });
});

async function read(engine: Engine, query: Query): Promise<{ rows: Item[]; end: StreamEnd; batches: number }> {
  const stream = engine.streamUsage(query, call(), { withRemoteData: false });
  const rows: Item[] = [];
  for (let batches = 0; ; batches++) {
    const step = await stream.next();
    if (step.done) return { rows, end: step.value, batches };
    rows.push(...step.value);
  }
}

async function paged(engine: Engine, query: Query): Promise<Item[]> {
  const rows: Item[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const answer = await list(engine, { ...query, limit: 7, ...(cursor ? { cursor } : {}) });
    rows.push(...rowsOf(answer));
    cursor = answer.next_cursor;
  }
  return rows;
}

describe("a stream of rows", () => {
  it.each([
    ["plain", {}],
    ["filtered", { product_ids: ["KAFKA"] }],
    ["sorted", { sort_by: "net", sort_order: "desc" }],
    ["grouped", { group_by: ["product"], granularity: "day" }],
  ] satisfies [string, Query][])("gives the rows that pages give: %s", async (_, asking) => {
    const query = { ...AUTUMN, report_type: "cost", ...asking } as const;
    const { rows, end } = await read(confluentEngine(), query);
    expect(rows).toEqual(await paged(confluentEngine(), query));
    expect(rows.length).toBeGreaterThan(4);
    expect(end.answer).toMatchObject({ next_cursor: null, result_count: rows.length, is_partial_response: false });
    expect(end.failure).toBeUndefined();
  });

  it("gives a vendor's page before the next is asked for", async () => {
    const stream = confluentEngine().streamUsage(AUTUMN, call(), { withRemoteData: false });
    const first = await stream.next();
    expect(first.done).toBe(false);
    const months = new Set(asked.map((request) => /start_date=(\d{4}-\d\d)/.exec(request)?.[1]));
    expect([...months]).toEqual(["2026-09"]);
  });

  it("ends at a limit with the cursor that goes on", async () => {
    const engine = confluentEngine();
    const whole = await paged(engine, AUTUMN);
    const { rows, end } = await read(engine, { ...AUTUMN, limit: 61 });
    expect(rows).toEqual(whole.slice(0, 61));
    const rest = await read(engine, { ...AUTUMN, cursor: end.answer.next_cursor ?? "" });
    expect(rest.rows).toEqual(whole.slice(61));
  });

  it("that fails behind its first row says so and is gone on with: nothing lost, nothing doubled", async () => {
    const engine = confluentEngine();
    const whole = await paged(engine, AUTUMN);
    failing = ["2026-10"];
    const { rows, end } = await read(engine, AUTUMN);
    expect(rows.length).toBeGreaterThan(0);
    expect(end.failure).toMatchObject({ kind: "credentials", details: { status: 403 } });
    expect(end.answer).toMatchObject({ result_count: rows.length, is_partial_response: true });
    expect(end.answer.warnings.join(" ")).toContain("The stream ended early");
    failing = [];
    const rest = await read(engine, { ...AUTUMN, cursor: end.answer.next_cursor ?? "" });
    expect([...rows, ...rest.rows]).toEqual(whole);
    expect(rest.end.answer).toMatchObject({ next_cursor: null, is_partial_response: false });
  });

  it("that fails before its first row is that error", async () => {
    failing = ["2026-10"];
    const error = await failure(read(confluentEngine(), OCTOBER));
    expect(error).toMatchObject({ kind: "credentials", details: { status: 403 } });
  });

  it("says why when there is nothing", async () => {
    lines = [];
    const { rows, end } = await read(confluentEngine(), OCTOBER);
    expect(rows).toEqual([]);
    expect(end).toMatchObject({ hint: expect.stringContaining("holds nothing"), answer: { result_count: 0 } });
  });
});

describe("a page for a client that does not wait", () => {
  it("ends with the cursor that goes on once its time is over, and is never empty", async () => {
    const engine = confluentEngine();
    const whole = await paged(engine, AUTUMN);
    const impatient = { budget: Number.POSITIVE_INFINITY, patience: -1, withRemoteData: false };
    const rows: Item[] = [];
    const sizes: number[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const query = { ...AUTUMN, limit: 1000, ...(cursor ? { cursor } : {}) };
      const answer = await engine.listUsage(query, call(), impatient);
      sizes.push(answer.result_count);
      rows.push(...rowsOf(answer));
      cursor = answer.next_cursor;
    }
    expect(rows).toEqual(whole);
    expect(sizes).toHaveLength(3);
    expect(sizes).not.toContain(0);
  });

  it("is never empty: it goes on until there is a row", async () => {
    // FLINK in the last month only, and nothing else in it.
    lines = threeMonths().filter(({ start_date, product }) => (product === "FLINK") === start_date >= "2026-11");
    const answer = await confluentEngine().listUsage({ ...AUTUMN, product_ids: ["FLINK"] }, call(), {
      budget: Number.POSITIVE_INFINITY,
      patience: -1,
      withRemoteData: false,
    });
    expect(answer.result_count).toBe(lines.filter(({ product }) => product === "FLINK").length);
    expect(answer.result_count).toBeGreaterThan(0);
    expect(answer.next_cursor).toBeNull();
  });

  it("is given whole where the vendor has nothing more to be asked: its rows had to be read first", async () => {
    lines = Array.from({ length: 8 }, (_, copy) =>
      threeMonths().map((line) => ({ ...line, id: `${copy} ${line.id}` })),
    ).flat();
    const answer = await confluentEngine().listUsage({ ...AUTUMN, limit: 2000, sort_by: "net" }, call(), {
      budget: Number.POSITIVE_INFINITY,
      patience: -1,
      withRemoteData: false,
    });
    expect(answer).toMatchObject({ result_count: 1200, next_cursor: null });
  });

  it("is whole when it is in time", async () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(1000);
    const answer = await confluentEngine().listUsage({ ...AUTUMN, limit: 1000 }, call(), {
      budget: Number.POSITIVE_INFINITY,
      patience: 1,
      withRemoteData: false,
    });
    now.mockRestore();
    expect(answer).toMatchObject({ result_count: 150, next_cursor: null });
  });
});
