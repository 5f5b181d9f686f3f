import { describe, expect, it } from "vitest";
import type { ChangeExplanation } from "../../src/engine/write-change.ts";
import type { CostSummary, WrittenGroup } from "../../src/engine/write-cost.ts";
import type { UsageSummary } from "../../src/engine/write-usage.ts";
import { explainCostChange } from "../../src/tools/explain-cost-change.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { getUsageSummary } from "../../src/tools/get-usage-summary.ts";
import { asked, bucket, cents, page as claudePage, ENTERPRISE, tokens } from "../providers/claude/claude.ts";
import {
  CONFLUENT_ACCOUNT,
  call,
  confluentAnswers,
  DATADOG_ACCOUNT,
  engineOf,
  guardTheEdge,
  json,
  NOW,
} from "../providers/edge.ts";
import { datadogIn } from "../questions/written/vendors.ts";
import { billing, daysFrom, type Line, nextDay } from "./confluent-lines.ts";

guardTheEdge();

async function cost(account: unknown, args: Record<string, unknown>): Promise<CostSummary> {
  const answer = await getCostSummary.run(engineOf([account], { now: NOW }), args, call());
  return JSON.parse(JSON.stringify(answer));
}

async function explain(account: unknown, args: Record<string, unknown>): Promise<ChangeExplanation> {
  const answer = await explainCostChange.run(engineOf([account], { now: NOW }), args, call());
  return JSON.parse(JSON.stringify(answer));
}

describe("an answer too large for a host", () => {
  const days = [...daysFrom("2024-10-01", 365), ...daysFrom("2025-10-01", 365)];
  const lines = days.map((start, index): Line => {
    const amount = index + 0.25;
    const what = {
      line_type: "KAFKA_STORAGE",
      product: "KAFKA",
      amount,
      original_amount: amount,
      quantity: index,
      unit: "GB",
    };
    return { id: start, start_date: start, end_date: nextDay(start), granularity: "DAILY", ...what };
  });
  const YEAR = { period: "2025-10-01/2026-10-01", compare_to: "previous_year", per_day: true, group_by: ["day"] };
  const sum = (values: readonly (number | undefined)[]) => values.reduce((all: number, value) => all + (value ?? 0), 0);

  it("shows the first of the groups, sums the others, and says so", async () => {
    confluentAnswers(billing(() => lines));
    const { groups, other, totals, warnings } = await cost(CONFLUENT_ACCOUNT, YEAR);
    expect(JSON.stringify(groups).length).toBeLessThan(60_000);
    expect(groups.length).toBeGreaterThan(100);
    expect(groups.length + (other?.[0]?.groups ?? 0)).toBe(365);
    expect(warnings.join()).toContain(`The first ${groups.length} groups are shown`);
    // Quarters: doubles add them exactly.
    for (const of of [(one: Partial<WrittenGroup>) => one.net, (one: Partial<WrittenGroup>) => one.previous?.net])
      expect(sum([...groups, ...(other ?? [])].map(of))).toBe(sum(totals.map(of)));
  });

  it("also of use", async () => {
    confluentAnswers(billing(() => lines));
    const asking = { ...YEAR, metrics: ["quantity"] };
    const answer = await getUsageSummary.run(engineOf([CONFLUENT_ACCOUNT], { now: NOW }), asking, call());
    const { groups, other, totals, warnings }: UsageSummary = JSON.parse(JSON.stringify(answer));
    expect(JSON.stringify(groups).length).toBeLessThan(60_000);
    expect(groups.length + (other?.groups ?? 0)).toBe(365);
    expect(warnings.join()).toContain(`The first ${groups.length} groups are shown`);
    const quantity = [...groups, ...(other ? [other] : [])].map(({ values }) => values["quantity:GB"]);
    expect(sum(quantity)).toBe(totals.values["quantity:GB"]);
  });

  it("has as many as were asked for by limit", async () => {
    confluentAnswers(billing(() => lines));
    const { groups, other, warnings } = await cost(CONFLUENT_ACCOUNT, { ...YEAR, limit: 365 });
    expect(groups).toHaveLength(365);
    expect(other).toBeUndefined();
    expect(warnings.join()).not.toContain("groups are shown");
  });
});

describe("a vendor that covers other periods than were asked for", () => {
  const months = () => datadogIn({ "2026-09": { infra_host: 300 }, "2026-08": { infra_host: 310 } });
  const TWO_WEEKS = { period: "2026-09-01/2026-09-15", compare_to: "2026-08-01/2026-08-15" };

  it("has its change said to be of those", async () => {
    months();
    const { warnings } = await cost(DATADOG_ACCOUNT, TWO_WEEKS);
    expect(warnings).toContain("datadog: its change is from 2026-08-01/2026-09-01 to 2026-09-01/2026-10-01.");
  });

  it("and by the day to be no rate", async () => {
    months();
    const { warnings } = await cost(DATADOG_ACCOUNT, { ...TWO_WEEKS, per_day: true });
    expect(warnings.join()).toContain("by the day too large or too small");
    const { warnings: whole } = await cost(DATADOG_ACCOUNT, {
      period: "2026-09",
      compare_to: "2026-08",
      per_day: true,
    });
    expect(whole.join()).not.toContain("its change is");
  });
});

it("a month of credits that becomes one of costs grew, in percent, too", async () => {
  const line = (start: string, amount: number): Line => ({
    id: start,
    start_date: start,
    end_date: nextDay(start),
    granularity: "DAILY",
    line_type: "KAFKA_STORAGE",
    product: "KAFKA",
    amount,
    original_amount: amount,
  });
  confluentAnswers(billing(() => [line("2026-08-03", -10), line("2026-09-03", 10)]));
  const months = { period: "2026-09", compare_to: "2026-08" };
  const { totals, groups } = await cost(CONFLUENT_ACCOUNT, months);
  expect(totals[0]?.["change"]).toEqual({ net: 20, percent: 200 });
  expect(groups[0]?.change).toEqual({ net: 20, percent: 200 });
  expect((await explain(CONFLUENT_ACCOUNT, months)).totals[0]?.change).toEqual({ net: 20, percent: 200 });
});

describe("days whose cost is not all published yet", () => {
  // Confluent takes up to 72 hours; it is noon of 22 November.
  const WEEK = { period: "last_7_days", compare_to: "previous_period" };
  const late = (warnings: readonly string[]) => warnings.filter((warning) => warning.startsWith("Published late"));

  it("are said where they may make a fall, with the day up to which all is there", async () => {
    confluentAnswers(billing(() => []));
    const words =
      "Published late, so that the last days may lack cost, and a change be too low: confluent (72 hours). What lies before 2026-11-19 is whole.";
    expect(late((await cost(CONFLUENT_ACCOUNT, WEEK)).warnings)).toEqual([words]);
    expect(late((await explain(CONFLUENT_ACCOUNT, WEEK)).warnings)).toEqual([words]);
    expect(late((await cost(CONFLUENT_ACCOUNT, { ...WEEK, period: "this_month" })).warnings)).toEqual([words]);
    expect(late((await cost(CONFLUENT_ACCOUNT, { period: "last_7_days" })).warnings)).toEqual([
      words.replace(", and a change be too low", ""),
    ]);
  });

  it("are not, of what is over for long, runs, or lies ahead", async () => {
    confluentAnswers(billing(() => []));
    for (const args of [
      { ...WEEK, period: "2026-11-12/2026-11-19" },
      { period: "this_month" },
      { period: "2027-01", compare_to: "2026-10" },
    ])
      expect(late((await cost(CONFLUENT_ACCOUNT, args)).warnings)).toEqual([]);
  });
});

describe("cost that is explained by its tokens", () => {
  const DAYS = { period: "2026-10-06/2026-10-07", compare_to: "2026-10-05/2026-10-06", group_by: ["model"] };
  const of = { product: "chat", model: "claude-sonnet-5" };
  const dayOf = (url: URL) => (url.searchParams.get("starting_at") ?? "").slice(0, 10);
  const isLater = (url: URL) => dayOf(url) === "2026-10-06";
  const costs = () =>
    asked("cost", (url) => claudePage([bucket(dayOf(url), [cents(isLater(url) ? "300" : "100", "300", of)])]));

  it("is split into volume and price", async () => {
    costs();
    asked("usage", (url) => claudePage([bucket(dayOf(url), [tokens(isLater(url) ? 200 : 100, of)])]));
    const { groups, warnings } = await explain(ENTERPRISE, DAYS);
    expect(groups[0]?.quantity).toMatchObject({ unit: "token", now: 200, before: 100 });
    expect(warnings.join()).toContain("claude: its volume is tokens of all kinds together");
    expect(warnings.join()).not.toContain("could not be read");
  });

  it("says that it is not, where the tokens of a period can't be read", async () => {
    costs();
    asked("usage", (url) =>
      isLater(url)
        ? claudePage([bucket(dayOf(url), [tokens(200, of)])])
        : json({ type: "error", error: { type: "permission_error", message: "no usage for this key" } }, 403),
    );
    const { groups, totals, warnings } = await explain(ENTERPRISE, DAYS);
    expect(totals[0]?.change.net).toBe(2);
    expect(groups[0]?.quantity).toBeUndefined();
    expect(warnings.join()).toContain(
      "claude: its tokens could not be read whole in both periods, so its change is not split into volume and price",
    );
    expect(warnings.join()).toContain("no usage for this key");
  });
});
