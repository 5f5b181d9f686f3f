import { expect } from "vitest";
import { OCTOBER, type Question, SEPTEMBER } from "../question.ts";
import { claudeActivity, claudeTokens } from "../raw/claude.ts";
import { codexRows } from "../raw/codex.ts";
import { daysOf, dollars, type Line, sum, UNATTRIBUTED, written } from "../raw/lines.ts";
import { openaiOtherRequests } from "../raw/openai.ts";
import { allTokens, count, tokensBy } from "../raw/tokens.ts";

const USAGE = "get_usage_summary";
const WEEK = { start: "2026-10-05", end: "2026-10-12" };

/** Confluent's quantities by unit, exact. */
function quantities(lines: readonly Line[]): Record<string, number> {
  const units = [...new Set(lines.flatMap(({ unit }) => unit ?? []))];
  return Object.fromEntries(
    units.map((unit) => [
      `quantity:${unit}`,
      written(sum(lines.flatMap((line) => (line.unit === unit ? dollars(line.quantity ?? 0) : [])))),
    ]),
  );
}

export const USAGE_QUESTIONS: readonly Question[] = [
  {
    question: "How many tokens and requests did we put through models in October, vendor by vendor?",
    tool: USAGE,
    arguments: { period: "2026-10" },
    async expected(raw) {
      const rows = await raw.tokens(OCTOBER);
      const others = await openaiOtherRequests(raw.vendors, OCTOBER);
      const measured = [...tokensBy(rows, "provider")].map(([provider, own]) => ({
        key: { provider },
        values: {
          "tokens.total": allTokens(own),
          "requests.total": (count(own, "requests") ?? 0) + (provider === "openai_codex" ? others : 0),
        },
      }));
      const sumOf = (metric: "tokens.total" | "requests.total") =>
        measured.reduce((all, { values }) => all + values[metric], 0);
      return {
        totals: { values: { "tokens.total": sumOf("tokens.total"), "requests.total": sumOf("requests.total") } },
        groups: measured.sort((a, b) => b.values["tokens.total"] - a.values["tokens.total"]),
      };
    },
  },
  {
    question: "Break Claude's tokens down by kind: how much of the input came from the cache?",
    tool: USAGE,
    arguments: {
      period: "2026-10",
      providers: ["claude"],
      metrics: ["tokens.input", "tokens.output", "tokens.cache_read", "tokens.cache_write", "tokens.total"],
      group_by: ["provider"],
    },
    async expected(raw) {
      const rows = await raw.tokens(OCTOBER, "claude");
      const values = {
        "tokens.input": count(rows, "input"),
        "tokens.output": count(rows, "output"),
        "tokens.cache_read": count(rows, "cacheRead"),
        "tokens.cache_write": count(rows, "cacheWrite"),
        "tokens.total": allTokens(rows),
      };
      return { totals: { values }, groups: [{ key: { provider: "claude" }, values }] };
    },
  },
  {
    question: "Which models take the most tokens in Claude?",
    tool: USAGE,
    arguments: { period: "2026-10", providers: ["claude"], metrics: ["tokens.total"], group_by: ["model"] },
    async expected(raw) {
      const models = tokensBy(await claudeTokens(raw.vendors, OCTOBER, "model"), "model");
      const measured = [...models].map(([model, rows]) => ({
        key: { model },
        values: { "tokens.total": allTokens(rows) },
      }));
      return { groups: measured.sort((a, b) => b.values["tokens.total"] - a.values["tokens.total"]) };
    },
  },
  {
    question: "How many requests a day did Cursor answer in the second week of October?",
    tool: USAGE,
    arguments: {
      start_date: WEEK.start,
      end_date: WEEK.end,
      providers: ["cursor"],
      metrics: ["requests.total"],
      group_by: ["day"],
    },
    async expected(raw) {
      const rows = await raw.tokens(OCTOBER, "cursor");
      return {
        groups: daysOf(WEEK).map((day) => ({
          key: { day },
          values: {
            "requests.total":
              count(
                rows.filter((row) => row.day === day),
                "requests",
              ) ?? 0,
          },
        })),
      };
    },
  },
  {
    question: "How many requests did each person make in Cursor? Show the top five.",
    tool: USAGE,
    arguments: { period: "2026-10", providers: ["cursor"], metrics: ["requests.total"], group_by: ["user"], limit: 5 },
    async expected(raw) {
      const people = [...tokensBy(await raw.tokens(OCTOBER, "cursor"), "user")].map(([user, rows]) => ({
        key: { user },
        values: { "requests.total": count(rows, "requests") ?? 0 },
      }));
      const sorted = people.sort(
        (a, b) => b.values["requests.total"] - a.values["requests.total"] || (a.key.user < b.key.user ? -1 : 1),
      );
      const rest = sorted.slice(5).reduce((all, { values }) => all + values["requests.total"], 0);
      return { groups: sorted.slice(0, 5), other: { groups: sorted.length - 5, values: { "requests.total": rest } } };
    },
  },
  {
    question: "How much of everything did Confluent meter, unit by unit?",
    tool: USAGE,
    arguments: { period: "2026-10", providers: ["confluent"], metrics: ["quantity"], group_by: ["provider"] },
    async expected(raw) {
      const values = quantities(await raw.bill(OCTOBER, "confluent"));
      return { totals: { values }, groups: [{ key: { provider: "confluent" }, values }] };
    },
  },
  {
    question: "Which Kafka cluster holds the most partitions, in partition-hours?",
    tool: USAGE,
    arguments: {
      period: "2026-10",
      providers: ["confluent"],
      metrics: ["quantity:Partition-hour"],
      group_by: ["resource"],
    },
    async expected(raw) {
      const lines = (await raw.bill(OCTOBER, "confluent")).filter(({ unit }) => unit === "Partition-hour");
      const resources = [...new Set(lines.map(({ resource }) => resource ?? UNATTRIBUTED))].map((resource) => ({
        key: { resource },
        values: quantities(lines.filter((line) => line.resource === resource)),
      }));
      const hours = ({ values }: { values: Record<string, number> }) => values["quantity:Partition-hour"] ?? 0;
      return { groups: resources.sort((a, b) => hours(b) - hours(a)) };
    },
  },
  {
    question: "How many lines and commits did Claude Code and Codex contribute in the second week of October?",
    tool: USAGE,
    arguments: {
      start_date: WEEK.start,
      end_date: WEEK.end,
      integrated_account_ids: ["claude", "codex"],
      metrics: ["code.lines_added", "code.commits", "code.pull_requests"],
      group_by: ["account"],
    },
    async expected(raw) {
      const activity = await claudeActivity(raw.vendors, WEEK);
      const codex = (await codexRows(raw.vendors, WEEK)).flatMap(({ code_attribution }) => code_attribution ?? []);
      const core = activity.map(({ claude_code_metrics }) => claude_code_metrics.core_metrics);
      const add = (values: number[]) => values.reduce((all, value) => all + value, 0);
      const claude = {
        "code.lines_added": add(core.map(({ lines_of_code }) => lines_of_code.added_count)),
        "code.commits": add(core.map(({ commit_count }) => commit_count)),
        "code.pull_requests": add(core.map(({ pull_request_count }) => pull_request_count)),
      };
      const attributed = {
        "code.lines_added": add(codex.map(({ lines_of_code }) => lines_of_code.added)),
        "code.commits": add(codex.flatMap(({ commits }) => commits?.with_codex_contribution ?? [])),
      };
      return {
        groups: [
          { key: { account: "claude" }, values: claude },
          { key: { account: "codex" }, values: attributed },
        ],
      };
    },
  },
  {
    question: "Did Claude usage grow from September to October?",
    tool: USAGE,
    arguments: { period: "2026-10", providers: ["claude"], metrics: ["tokens.total"], compare_to: "previous_period" },
    async expected(raw) {
      const [now, before] = [
        allTokens(await raw.tokens(OCTOBER, "claude")),
        allTokens(await raw.tokens(SEPTEMBER, "claude")),
      ];
      const change = {
        values: { "tokens.total": now - before },
        percent: { "tokens.total": expect.closeTo((100 * (now - before)) / before, 3) },
      };
      return {
        totals: { values: { "tokens.total": now }, previous: { values: { "tokens.total": before } }, change },
      };
    },
  },
  {
    question: "How many different conversations did people have with Claude in October?",
    tool: USAGE,
    arguments: { period: "2026-10", providers: ["claude"], metrics: ["conversations.distinct"] },
    expected: () => ({
      refused: /^metrics: conversations.distinct counts different things and can't be added over each day/,
    }),
  },
];
