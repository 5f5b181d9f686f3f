import { NOVEMBER, OCTOBER, period, type Question, saying, THIRD_QUARTER } from "../question.ts";
import { type Days, daysOf, groups, type Line, total, within } from "../raw/lines.ts";

const COST = "get_cost_summary";
const YEAR_TO_DATE = { start: "2026-01-01", end: "2026-12-01" };
/** The last week of October and the first of November. */
const TWO_WEEKS = { start: "2026-10-25", end: "2026-11-08" };
const TWO_MONTHS = { start: "2026-10-01", end: "2026-12-01" };
const TODAY = "2026-11-23";

/** Each day's total, nothing where nothing was billed. */
function daily(lines: readonly Line[], days: Days) {
  return daysOf(days).map((day) => ({ key: { day }, ...total(lines.filter((line) => line.day === day)) }));
}

/** ISO weeks that begin on these Mondays; the range may cut the first and the last. */
function weekly(lines: readonly Line[], mondays: Record<string, Days>) {
  return Object.entries(mondays).map(([week, days]) => ({ key: { week }, ...total(within(lines, days)) }));
}

export const SERIES: readonly Question[] = [
  {
    question: "Show me Cursor's cost day by day in October, quiet days too.",
    tool: COST,
    arguments: { period: "2026-10", providers: ["cursor"], group_by: ["day"] },
    async expected(raw) {
      return { groups: daily(await raw.bill(OCTOBER, "cursor"), OCTOBER) };
    },
  },
  {
    question: "And for the running month, up to today?",
    tool: COST,
    arguments: { period: "this_month", providers: ["claude", "confluent"], group_by: ["day"] },
    async expected(raw) {
      const lines = await raw.bill(NOVEMBER, "claude", "confluent");
      return { groups: daily(lines, { start: NOVEMBER.start, end: "2026-11-24" }) };
    },
  },
  {
    question: "How did Confluent's cost go week by week through October?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["confluent"], group_by: ["week"] },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER, "confluent");
      return {
        groups: weekly(lines, {
          "2026-W40": { start: "2026-10-01", end: "2026-10-05" },
          "2026-W41": { start: "2026-10-05", end: "2026-10-12" },
          "2026-W42": { start: "2026-10-12", end: "2026-10-19" },
          "2026-W43": { start: "2026-10-19", end: "2026-10-26" },
          "2026-W44": { start: "2026-10-26", end: "2026-11-01" },
        }),
      };
    },
  },
  {
    question: "What did each month of this year cost us at Datadog?",
    tool: COST,
    arguments: { period: "2026", providers: ["datadog"], group_by: ["month"] },
    async expected(raw) {
      const lines = await raw.bill(YEAR_TO_DATE, "datadog");
      const months = groups(lines, "month").sort((a, b) => ((a.key["month"] ?? "") < (b.key["month"] ?? "") ? -1 : 1));
      return { groups: months, warnings: saying(/datadog: 2026-11 is Datadog's estimate to date/) };
    },
  },
  {
    question: "Per vendor and month, what was the third quarter?",
    tool: COST,
    arguments: {
      period: "2026-Q3",
      providers: ["confluent", "datadog", "claude"],
      group_by: ["month", "provider"],
      sort_by: "month",
    },
    async expected(raw) {
      const lines = await raw.bill(THIRD_QUARTER, "confluent", "datadog", "claude");
      const text = ({ key }: { key: Record<string, string> }) => JSON.stringify([key["month"], key["provider"]]);
      return { groups: groups(lines, "month", "provider").sort((a, b) => (text(a) < text(b) ? -1 : 1)) };
    },
  },
  {
    question: "Did anything land on the last day of October that belongs to November?",
    tool: COST,
    arguments: {
      start_date: "2026-10-31",
      end_date: "2026-11-01",
      integrated_account_ids: ["cursor", "confluent", "openai", "codex", "claude"],
      group_by: ["account", "day"],
    },
    async expected(raw) {
      const october = await raw.bill(OCTOBER, "cursor", "confluent", "openai", "codex", "claude");
      const lastDay = october.filter(({ day }) => day === "2026-10-31");
      return {
        period: period({ start: "2026-10-31", end: "2026-11-01" }),
        totals: [total(lastDay)],
        groups: groups(lastDay, "account", "day"),
      };
    },
  },
  {
    question: "What did the two weeks around the turn of the month cost, Datadog included?",
    tool: COST,
    arguments: { start_date: "2026-10-25", end_date: "2026-11-08", providers: ["datadog", "cursor"] },
    async expected(raw) {
      const months = await raw.bill(TWO_MONTHS, "datadog");
      const events = await raw.bill(TWO_WEEKS, "cursor");
      return {
        totals: [total([...months, ...events])],
        accounts: [
          { integrated_account_id: "cursor", period: period(TWO_WEEKS), ...total(events) },
          { integrated_account_id: "datadog", period: period(TWO_MONTHS), ...total(months) },
        ],
        warnings: saying(/^datadog: datadog can't cut finer; its cost covers 2026-10-01/),
      };
    },
  },
  {
    question: "What were the last seven days like at OpenAI?",
    tool: COST,
    arguments: { period: "last_7_days", providers: ["openai_codex"], group_by: ["day", "account"], sort_by: "day" },
    async expected(raw) {
      const week = { start: "2026-11-16", end: TODAY };
      const lines = within(await raw.bill(NOVEMBER, "openai", "codex"), week);
      const days = daysOf(week).flatMap((day) =>
        ["codex", "openai"].map((account) => ({
          key: { day, account },
          ...total(lines.filter((line) => line.day === day && line.account === account)),
        })),
      );
      return { period: period(week), groups: days };
    },
  },
];
