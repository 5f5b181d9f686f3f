import { AUGUST, OCTOBER, type Question } from "../question.ts";
import { claudeLines } from "../raw/claude.ts";
import { groups, type Line, split, total } from "../raw/lines.ts";
import { openaiLines } from "../raw/openai.ts";

const COST = "get_cost_summary";

/** What an answer shows of the dearest groups and of all others together. */
function top(lines: readonly Line[], limit: number, ...by: Parameters<typeof groups>[1][]) {
  const all = groups(lines, ...by);
  const shown = all.slice(0, limit);
  const keys = new Set(shown.map(({ key }) => JSON.stringify(Object.values(key))));
  const rest = [...split(lines, by)].flatMap(([text, members]) => (keys.has(text) ? [] : members));
  return { groups: shown, other: [{ ...total(rest), groups: all.length - shown.length, rows: rest.length }] };
}

export const GROUPS: readonly Question[] = [
  {
    question: "What are our five most expensive Kafka and connector resources?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["confluent"], group_by: ["resource"], limit: 5 },
    async expected(raw) {
      return top(await raw.bill(OCTOBER, "confluent"), 5, "resource");
    },
  },
  {
    question: "What did each Claude product cost in October?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["claude"], group_by: ["product"] },
    async expected(raw) {
      return { groups: groups(await claudeLines(raw.vendors, OCTOBER, "product"), "product"), other: undefined };
    },
  },
  {
    question: "Which Claude models do we pay for, and how much?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["claude"], group_by: ["model"] },
    async expected(raw) {
      return { groups: groups(await claudeLines(raw.vendors, OCTOBER, "model"), "model") };
    },
  },
  {
    question: "And which models in Cursor?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["cursor"], group_by: ["model"] },
    async expected(raw) {
      return { groups: groups(await raw.bill(OCTOBER, "cursor"), "model") };
    },
  },
  {
    question: "What does each OpenAI project cost us?",
    tool: COST,
    arguments: { period: "2026-10", integrated_account_ids: ["openai"], group_by: ["workspace"] },
    async expected(raw) {
      return { groups: groups(await openaiLines(raw.vendors, OCTOBER, "project_id"), "workspace") };
    },
  },
  {
    question: "Which line items make up the OpenAI API bill?",
    tool: COST,
    arguments: { period: "2026-10", integrated_account_ids: ["openai"], group_by: ["metric_name"], limit: 10 },
    async expected(raw) {
      const { other, ...shown } = top(await openaiLines(raw.vendors, OCTOBER, "line_item"), 10, "metric_name");
      return { ...shown, other: other.map(({ rows, ...rest }) => rest) };
    },
  },
  {
    question: "How much does each Confluent environment spend on which product?",
    tool: COST,
    arguments: { period: "2026-08", providers: ["confluent"], group_by: ["workspace", "product"] },
    async expected(raw) {
      return { groups: groups(await raw.bill(AUGUST, "confluent"), "workspace", "product") };
    },
  },
  {
    question: "Which Datadog organization runs up what?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["datadog"], group_by: ["organization", "product"], limit: 6 },
    async expected(raw) {
      return top(await raw.bill(OCTOBER, "datadog"), 6, "organization", "product");
    },
  },
  {
    question: "What did Claude Code alone cost in October?",
    tool: COST,
    arguments: { period: "2026-10", product_ids: ["claude_code"], providers: ["claude"], group_by: ["surface"] },
    async expected(raw) {
      const lines = await claudeLines(raw.vendors, OCTOBER, "product");
      const code = lines.filter(({ product }) => product === "claude_code");
      return { totals: [total(code)], groups: groups(code, "surface") };
    },
  },
  {
    question: "What do Kafka clusters cost, apart from everything else on Confluent's bill?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["confluent"], product_ids: ["kafka"], group_by: ["metric_name"] },
    async expected(raw) {
      const kafka = (await raw.bill(OCTOBER, "confluent")).filter(({ product }) => product === "KAFKA");
      return { totals: [total(kafka)], groups: groups(kafka, "metric_name") };
    },
  },
];
