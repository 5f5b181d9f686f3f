import { describe, expect, it } from "vitest";
import type { Item } from "../../src/engine/list-answer.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import type { Query } from "../../src/usage/query.ts";
import { call, engineOf, failure, guardTheEdge, json, list, rowsOf, serve } from "../providers/edge.ts";

const CLAUDE = { id: "claude", provider: "claude", credentials: { api_key: "sk-ant-analytics-s3cret" } };
const COST = { report_type: "cost", start_date: "2026-10-01", end_date: "2026-11-01" } as const;

guardTheEdge();

/** Two pages of a bucket each; the second is gone as often as told, and then comes with other numbers beside it. */
function refreshing(times: number): string[] {
  let gone = 0;
  return serve("https://api.anthropic.com", "/v1/organizations/analytics/cost_report", ({ searchParams }) => {
    const wanted = searchParams.getAll("products[]");
    const second = searchParams.has("page");
    if (second && gone < times) {
      gone++;
      return json({ type: "error", error: { type: "invalid_request_error", message: "the page expired" } }, 410);
    }
    const day = second ? "2026-10-02" : "2026-10-01";
    const amount = `${100 + gone}`;
    const product = second ? "cowork" : "chat";
    return json({
      data: [
        {
          starting_at: `${day}T00:00:00Z`,
          ending_at: second ? "2026-10-03T00:00:00Z" : "2026-10-02T00:00:00Z",
          results: [
            { amount, list_amount: amount, currency: "USD", product, model: "claude-opus-5", requests: 1 },
          ].filter(() => wanted.length === 0 || wanted.includes(product)),
        },
      ],
      has_more: !second,
      next_page: second ? null : "p2",
      data_refreshed_at: "2026-11-02T04:00:00Z",
      organization_id: "org_1",
    });
  });
}

describe("a vendor's paging that expires on the way", () => {
  it("is read again from the start, and nothing that was read before counts", async () => {
    const asked = refreshing(1);
    const answer = await getCostSummary.run(engineOf([CLAUDE]), { period: "2026-10" }, call());
    // Both pages of the second reading, at its numbers: 1.01 and 1.01.
    expect(answer).toMatchObject({ totals: [{ net: 2.02, rows: 2 }], is_partial_response: false });
    expect(asked).toHaveLength(4);
  });

  it("again and again is an error that says so, after three readings", async () => {
    const asked = refreshing(Number.POSITIVE_INFINITY);
    const answer = await getCostSummary.run(engineOf([CLAUDE]), { period: "2026-10" }, call());
    expect(answer).toMatchObject({
      totals: [],
      accounts: [{ status: "error", error: expect.stringContaining("410") }],
    });
    expect(asked).toHaveLength(6);
  });

  it("can't be gone on with from a cursor: rows already given can't be told from new ones", async () => {
    refreshing(Number.POSITIVE_INFINITY);
    const engine = engineOf([CLAUDE]);
    const first = await list(engine, { ...COST, limit: 1 });
    expect(rowsOf(first)).toHaveLength(1);
    const error = await failure(list(engine, { ...COST, limit: 1, cursor: first.next_cursor ?? "" }));
    expect(error).toMatchObject({
      kind: "question",
      details: { parameter: "cursor" },
      message: expect.stringMatching(/^cursor: it has expired at the vendor.*start again/),
    });
  });

  it("is no obstacle to a cursor that goes on in an order of ours: every page of such a listing is read from the start", async () => {
    refreshing(0);
    const engine = engineOf([CLAUDE]);
    const sorted = { ...COST, sort_by: "start_date", limit: 1 };
    const first = await list(engine, sorted);
    const asked = refreshing(1);
    const second = await list(engine, { ...sorted, cursor: first.next_cursor ?? "" });
    expect([...rowsOf(first), ...rowsOf(second)].map(({ start_date }) => start_date)).toEqual([
      "2026-10-01T00:00:00Z",
      "2026-10-02T00:00:00Z",
    ]);
    expect(asked).toHaveLength(4);
  });

  it.each([
    ["sorted", { sort_by: "start_date" }, ["2026-10-01", "2026-10-02"]],
    ["grouped", { group_by: ["week"] }, ["2026-09-28"]],
    ["without a row so far", { product_ids: ["cowork"] }, ["2026-10-02"]],
  ] satisfies [string, Query, string[]][])(
    "is no obstacle to a stream that has given nothing yet: %s",
    async (_, asking, days) => {
      const asked = refreshing(2);
      const stream = engineOf([CLAUDE]).streamUsage({ ...COST, ...asking }, call(), { withRemoteData: false });
      const rows: Item[] = [];
      let step = await stream.next();
      for (; !step.done; step = await stream.next()) rows.push(...step.value);
      expect(rows.map(({ start_date }) => String(start_date).slice(0, 10))).toEqual(days);
      expect(step.value).toMatchObject({ answer: { next_cursor: null, is_partial_response: false, warnings: [] } });
      expect(asked).toHaveLength(6);
    },
  );
});
