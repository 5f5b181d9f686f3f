import { NOVEMBER, OCTOBER, period, type Question, saying, THIRD_QUARTER } from "../question.ts";
import { groups, totalWithParts } from "../raw/lines.ts";

const COST = "get_cost_summary";
const YEAR = { start: "2026-01-01", end: "2027-01-01" };
/** What of it has begun. */
const YEAR_TO_DATE = { start: "2026-01-01", end: "2026-12-01" };

export const TOTALS: readonly Question[] = [
  {
    question: "What did we spend last month, and with whom?",
    tool: COST,
    arguments: { period: "last_month" },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER);
      return {
        period: period(OCTOBER),
        totals: [totalWithParts(lines)],
        groups: groups(lines, "provider"),
        is_partial_response: false,
      };
    },
  },
  {
    question: "And by account, since we have two with OpenAI?",
    tool: COST,
    arguments: { period: "2026-10", group_by: ["account"] },
    async expected(raw) {
      return { groups: groups(await raw.bill(OCTOBER), "account") };
    },
  },
  {
    question: "What did the third quarter cost us in infrastructure and Claude?",
    tool: COST,
    arguments: { period: "2026-Q3", providers: ["confluent", "datadog", "claude"] },
    async expected(raw) {
      const lines = await raw.bill(THIRD_QUARTER, "confluent", "datadog", "claude");
      return { totals: [totalWithParts(lines)], groups: groups(lines, "provider") };
    },
  },
  {
    question: "How much have we spent on Confluent and Datadog this year to date?",
    tool: COST,
    arguments: { period: "2026", providers: ["confluent", "datadog"] },
    async expected(raw) {
      const lines = await raw.bill(YEAR_TO_DATE, "confluent", "datadog");
      return {
        period: period(YEAR),
        totals: [totalWithParts(lines)],
        groups: groups(lines, "provider"),
        warnings: saying(/not over: amounts are to date/),
      };
    },
  },
  {
    question: "What have we spent so far this month?",
    tool: COST,
    arguments: {},
    async expected(raw) {
      const lines = await raw.bill(NOVEMBER);
      return { period: period(NOVEMBER), totals: [totalWithParts(lines)], groups: groups(lines, "provider") };
    },
  },
];
