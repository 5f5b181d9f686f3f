import { describe, expect, it } from "vitest";
import type { UsageSummary } from "../../src/engine/write-usage.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { getUsageSummary } from "../../src/tools/get-usage-summary.ts";
import { asked, page as claudePage, ENTERPRISE } from "../providers/claude/claude.ts";
import {
  CONFLUENT_ACCOUNT,
  call,
  confluentAnswers,
  engineOf,
  failure,
  guardTheEdge,
  json,
  NOW,
} from "../providers/edge.ts";
import {
  API,
  bucket,
  COSTS_PATH,
  DAY_SECONDS,
  familyPath,
  ORGANIZATION,
  page,
  serveHost,
  TUESDAY,
} from "../providers/openai-codex/openai.ts";
import { cursorIn } from "../questions/written/vendors.ts";
import { billing, type Line, nextDay } from "./confluent-lines.ts";

guardTheEdge();

const CURSOR = { id: "cursor", provider: "cursor", credentials: { api_key: "crsr_s3cret" } } as const;

async function usage(accounts: readonly unknown[], args: Record<string, unknown>): Promise<UsageSummary> {
  const answer = await getUsageSummary.run(engineOf(accounts, { now: NOW }), args, call());
  return JSON.parse(JSON.stringify(answer));
}

function line(day: string, quantity: number, unit: string, resource = "lkc-1"): Line {
  const what = {
    line_type: `KAFKA_${unit}`,
    product: "KAFKA",
    amount: 1,
    original_amount: 1,
    resource: { id: resource },
  };
  return {
    id: `${day}${unit}`,
    start_date: day,
    end_date: nextDay(day),
    granularity: "DAILY",
    ...what,
    quantity,
    unit,
  };
}

describe("quantities", () => {
  const OCTOBER = { period: "2026-10" };
  const lines = [line("2026-10-02", 5, "GB"), line("2026-10-03", 700, "Hour"), line("2026-10-04", 2, "GB", "lkc-2")];

  it("are counted once, by whatever names they are asked for", async () => {
    confluentAnswers(billing(() => lines));
    for (const metrics of [
      ["quantity", "quantity:GB"],
      ["quantity:gb", "quantity:GB"],
    ]) {
      const { totals } = await usage([CONFLUENT_ACCOUNT], { ...OCTOBER, metrics });
      expect(totals.values["quantity:GB"]).toBe(7);
    }
  });

  it("are sorted by the unit that is named", async () => {
    confluentAnswers(
      billing(() => [...lines, line("2026-10-05", 1, "Hour", "lkc-2"), line("2026-10-05", 9, "GB", "lkc-2")]),
    );
    const asking = { ...OCTOBER, metrics: ["quantity:GB", "quantity:Hour"], group_by: ["resource"] };
    const first = async (sort_by: string) =>
      (await usage([CONFLUENT_ACCOUNT], { ...asking, sort_by })).groups[0]?.key["resource"];
    // lkc-1: 5 GB and 700 hours; lkc-2: 11 GB and an hour.
    expect(await first("quantity:GB")).toBe("lkc-2");
    expect(await first("quantity:Hour")).toBe("lkc-1");
  });

  it("of an unknown unit are asked for by quantity, and those that are no flow are refused", async () => {
    confluentAnswers(billing(() => lines));
    const { hint } = await usage([CONFLUENT_ACCOUNT], { ...OCTOBER, metrics: ["quantity:gigabyte"] });
    expect(hint).toContain("metrics: quantity shows each by its unit");
    const refused = usage([CONFLUENT_ACCOUNT], { ...OCTOBER, metrics: ["quantity:Seat"] });
    expect(String(await failure(refused))).toContain("quantity:Seat is a level or a rate and can't be added up");
  });
});

describe("what is asked for is done, or refused", () => {
  it.each([["cost"], ["usage"]])("per_day of %s needs something to compare with", async (what) => {
    const tool = what === "cost" ? getCostSummary : getUsageSummary;
    const refused = failure(tool.run(engineOf([CURSOR], { now: NOW }), { per_day: true }, call()));
    expect(String(await refused)).toContain("per_day: needs something to compare with");
  });

  it("sorts by a metric that is written as rows have it", async () => {
    cursorIn([
      { at: "2026-10-05T10:00:00.000Z", model: "a-small" },
      { at: "2026-10-05T11:00:00.000Z", model: "b-large" },
      { at: "2026-10-05T12:00:00.000Z", model: "b-large" },
    ]);
    const metrics = ["usage.requests.total"];
    const asking = { period: "2026-10", metrics, group_by: ["model"], sort_by: "usage.requests.total" };
    const { groups } = await usage([CURSOR], asking);
    expect(groups.map(({ key }) => key["model"])).toEqual(["b-large", "a-small"]);
  });

  it("sorts ratios by what the first of them divides by", async () => {
    cursorIn([
      { at: "2026-10-05T10:00:00.000Z", model: "a-small" },
      { at: "2026-10-05T11:00:00.000Z", model: "b-large" },
      { at: "2026-10-05T12:00:00.000Z", model: "b-large" },
    ]);
    const asking = { period: "2026-10", ratios: ["cost_per_request"], group_by: ["model"] };
    const { groups } = await usage([CURSOR], asking);
    expect(groups.map(({ key }) => key["model"])).toEqual(["b-large", "a-small"]);
  });
});

/** OpenAI on 13 October and 13 September: two people with 4 requests, and 10 dollars in each month that is not refused. */
function openaiIn(costs: Record<"now" | "before", 10 | "refused">): void {
  const isBefore = (url: URL) => Number(url.searchParams.get("start_time")) < TUESDAY - 20 * DAY_SECONDS;
  const dayOf = (url: URL, results: readonly unknown[]) => page([bucket(results, isBefore(url) ? -30 : 0)]);
  const use = (user_id: string) => ({ user_id, input_tokens: 1, output_tokens: 1, num_model_requests: 2 });
  serveHost(API, {
    [familyPath("completions")]: (url) => dayOf(url, [use("user-1"), use("user-2")]),
    [familyPath("web_search_calls")]: (url) =>
      dayOf(url, [{ user_id: "user-1", num_requests: 3, num_model_requests: 2 }]),
    [COSTS_PATH]: (url) =>
      costs[isBefore(url) ? "before" : "now"] === "refused"
        ? json({ error: { message: "no costs for this key" } }, 403)
        : dayOf(url, [{ amount: { value: 10, currency: "usd" } }]),
  });
}

describe("ratios of cost", () => {
  const OCTOBER = {
    period: "2026-10",
    compare_to: "previous_period",
    ratios: ["cost_per_user"],
    group_by: ["provider"],
  };
  /** One person at Cursor: 1.25 in October, 0.75 in September. */
  const cursor = () =>
    cursorIn([
      { at: "2026-10-05T10:00:00.000Z", userEmail: "ada@example.com", kind: "Usage-based", chargedCents: 125 },
      { at: "2026-09-05T10:00:00.000Z", userEmail: "ada@example.com", kind: "Usage-based", chargedCents: 75 },
    ]);
  const perUser = ({ ratios }: UsageSummary["totals"]) => ratios?.["cost_per_user"];

  it("divide by the people of accounts whose cost is in them only", async () => {
    cursor();
    openaiIn({ now: "refused", before: 10 });
    const { totals, is_partial_response } = await usage([CURSOR, ORGANIZATION], OCTOBER);
    expect(perUser(totals)).toMatchObject({ numerator: 1.25, denominator: 1 });
    expect(totals.previous?.ratios?.["cost_per_user"]).toMatchObject({ numerator: 0.75, denominator: 1 });
    expect(is_partial_response).toBe(true);
  });

  it("in either period", async () => {
    cursor();
    openaiIn({ now: 10, before: "refused" });
    const { totals } = await usage([CURSOR, ORGANIZATION], { ...OCTOBER, group_by: ["provider", "day"] });
    // Ada, and two at OpenAI.
    expect(perUser(totals)).toMatchObject({ numerator: 11.25, denominator: 3 });
    expect(totals.previous?.ratios?.["cost_per_user"]).toMatchObject({ numerator: 0.75, denominator: 1 });
  });

  it("hold all cost in groups and other, also of what was not used", async () => {
    openaiIn({ now: 10, before: 10 });
    const asking = { period: "2026-10", ratios: ["cost_per_request"], group_by: ["product"], limit: 1 };
    const { groups, other, totals } = await usage([ORGANIZATION], asking);
    const cost = [...groups, ...(other ? [other] : [])].map(
      ({ ratios }) => ratios?.["cost_per_request"]?.numerator ?? 0,
    );
    expect(cost.reduce((sum, value) => sum + value, 0)).toBe(10);
    expect(totals.ratios?.["cost_per_request"]).toMatchObject({ numerator: 10, denominator: 4 });
  });
});

describe("which rows a metric is summed from", () => {
  it("a request that searched is one request, whatever is grouped by", async () => {
    openaiIn({ now: 10, before: 10 });
    for (const group_by of [["provider"], ["product"], ["metric_name"], ["user"]]) {
      const asking = { period: "2026-10", metrics: ["requests.total", "tools.web_search_count"], group_by };
      const { totals } = await usage([ORGANIZATION], asking);
      expect(totals.values).toEqual({ "requests.total": 4, "tools.web_search_count": 3 });
    }
  });

  it("another report than usual is named", async () => {
    asked("activity", () => claudePage([]));
    asked("skill_usage", () => claudePage([]));
    const asking = { start_date: "2026-10-05", end_date: "2026-10-06", metrics: ["tools.skills_used_count"] };
    const told = async (group_by: string[]) => (await usage([ENTERPRISE], { ...asking, group_by })).warnings.join();
    expect(await told(["resource"])).toContain(
      "tools.skills_used_count is read from skill_usage, which counts other things than activity",
    );
    expect(await told(["user"])).not.toContain("is read from");
  });
});
