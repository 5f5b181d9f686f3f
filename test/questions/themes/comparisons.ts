import { expect } from "vitest";
import {
  AUGUST,
  NOVEMBER,
  OCTOBER,
  period,
  type Question,
  SECOND_QUARTER,
  SEPTEMBER,
  saying,
  THIRD_QUARTER,
} from "../question.ts";
import { type By, keyOf, type Line, split, sum, total, written } from "../raw/lines.ts";
import { openaiLines } from "../raw/openai.ts";

const COST = "get_cost_summary";
const net = (lines: readonly Line[]) => sum(lines.map((line) => line.net));

/** The change between two bills: the percentage is of what was before, and there is none of nothing. */
function change(now: readonly Line[], before: readonly Line[]) {
  const [own, earlier] = [net(now), net(before)];
  const { currency, ...previous } = total(before);
  const percent = earlier === 0n ? {} : { percent: near((100 * written(own - earlier)) / written(earlier)) };
  return { previous, change: { net: written(own - earlier), ...percent } };
}

/** Answers round what a division leaves. */
function near(value: number): unknown {
  return expect.closeTo(value, 3);
}

interface Pair {
  text: string;
  by: readonly By[];
  now: readonly Line[];
  before: readonly Line[];
}

/** Groups of both periods, those that are new or gone among them. */
function compared(now: readonly Line[], before: readonly Line[], by: readonly By[]): Pair[] {
  const [own, earlier] = [split(now, by), split(before, by)];
  const keys = [...new Set([...own.keys(), ...earlier.keys()])];
  return keys.map((text) => ({ text, by, now: own.get(text) ?? [], before: earlier.get(text) ?? [] }));
}

function answered({ text, by, now, before }: Pair) {
  return { key: keyOf(by, text), ...total(now), ...change(now, before) };
}

/** Most first; alike, in the order of their keys. */
const most = (measure: (pair: Pair) => bigint) => (a: Pair, b: Pair) => {
  const [mine, theirs] = [measure(a), measure(b)];
  return mine === theirs ? (a.text < b.text ? -1 : 1) : mine < theirs ? 1 : -1;
};
const dearest = most(({ now }) => net(now));
const grown = most(({ now, before }) => net(now) - net(before));

export const COMPARISONS: readonly Question[] = [
  {
    question: "How does October compare with September, vendor by vendor, but for Cursor?",
    tool: COST,
    arguments: {
      period: "last_month",
      providers: ["claude", "openai_codex", "confluent", "datadog"],
      compare_to: "previous_period",
    },
    async expected(raw) {
      const accounts = ["claude", "openai", "codex", "confluent", "datadog"] as const;
      const [now, before] = [await raw.bill(OCTOBER, ...accounts), await raw.bill(SEPTEMBER, ...accounts)];
      return {
        compared_period: period(SEPTEMBER),
        totals: [{ ...total(now), ...change(now, before) }],
        groups: compared(now, before, ["provider"]).sort(dearest).map(answered),
      };
    },
  },
  {
    question: "Which five Datadog products grew the most since August?",
    tool: COST,
    arguments: {
      period: "2026-10",
      providers: ["datadog"],
      group_by: ["product"],
      compare_to: "2026-08",
      sort_by: "change",
      limit: 5,
    },
    async expected(raw) {
      const [now, before] = [await raw.bill(OCTOBER, "datadog"), await raw.bill(AUGUST, "datadog")];
      const sorted = compared(now, before, ["product"]).sort(grown);
      const rest = sorted.slice(5);
      const [restNow, restBefore] = [rest.flatMap((pair) => pair.now), rest.flatMap((pair) => pair.before)];
      return {
        compared_period: period(AUGUST),
        groups: sorted.slice(0, 5).map(answered),
        other: [{ ...total(restNow), ...change(restNow, restBefore), groups: rest.length }],
      };
    },
  },
  {
    question: "Compared with a year ago, what changed at Datadog?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["datadog"], compare_to: "previous_year" },
    async expected(raw) {
      const yearAgo = { start: "2025-10-01", end: "2025-11-01" };
      const [now, before] = [await raw.bill(OCTOBER, "datadog"), await raw.bill(yearAgo, "datadog")];
      return { compared_period: period(yearAgo), totals: [{ ...total(now), ...change(now, before) }] };
    },
  },
  {
    question: "Did the third quarter cost more than the second at Confluent, counting the quarterly credit?",
    tool: COST,
    arguments: { period: "2026-Q3", providers: ["confluent"], compare_to: "2026-Q2" },
    async expected(raw) {
      const [now, before] = [await raw.bill(THIRD_QUARTER, "confluent"), await raw.bill(SECOND_QUARTER, "confluent")];
      return {
        compared_period: period(SECOND_QUARTER),
        totals: [{ ...total(now), credit: -450, ...change(now, before) }],
      };
    },
  },
  {
    question: "Per day, is November running hotter than October at Confluent?",
    tool: COST,
    arguments: { period: "2026-11-01/2026-11-16", providers: ["confluent"], compare_to: "2026-10", per_day: true },
    async expected(raw) {
      const days = { start: "2026-11-01", end: "2026-11-16" };
      const [now, before] = [await raw.bill(days, "confluent"), await raw.bill(OCTOBER, "confluent")];
      const [own, earlier] = [written(net(now)) / 15, written(net(before)) / 31];
      const byDay = { net: near(own), previous_net: near(earlier), change: near(own - earlier) };
      return {
        period: period(days),
        compared_period: period(OCTOBER),
        totals: [{ ...total(now), per_day: { ...byDay, percent: near((100 * (own - earlier)) / earlier) } }],
        compared_days: { period: 15, compared: 31 },
      };
    },
  },
  {
    question: "Is November so far above October at Claude? And is that a fair comparison?",
    tool: COST,
    arguments: { providers: ["claude"], compare_to: "previous_period" },
    async expected(raw) {
      const [now, before] = [await raw.bill(NOVEMBER, "claude"), await raw.bill(OCTOBER, "claude")];
      return { totals: [{ ...total(now), ...change(now, before) }], warnings: saying(/unequal stretches of time/) };
    },
  },
  {
    question: "Which models did our OpenAI projects take up or drop since February?",
    tool: COST,
    arguments: { period: "2026-10", integrated_account_ids: ["openai"], group_by: ["model"], compare_to: "2026-02" },
    async expected(raw) {
      const february = { start: "2026-02-01", end: "2026-03-01" };
      const [now, before] = [
        await openaiLines(raw.vendors, OCTOBER, "line_item"),
        await openaiLines(raw.vendors, february, "line_item"),
      ];
      return { groups: compared(now, before, ["model"]).sort(dearest).map(answered) };
    },
  },
];
