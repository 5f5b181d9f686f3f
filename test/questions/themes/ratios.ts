import { expect } from "vitest";
import { OCTOBER, type Question } from "../question.ts";
import { claudeActivity, claudeUsers } from "../raw/claude.ts";
import { cursorDays } from "../raw/cursor.ts";
import { total } from "../raw/lines.ts";
import { openaiUsers } from "../raw/openai.ts";
import { type AiAccountId as Account, AI_ACCOUNTS as AI, type Raw } from "../raw/raw.ts";
import { allTokens, count, tokensBy } from "../raw/tokens.ts";

const USAGE = "get_usage_summary";

/** A ratio as an answer shows it: the two numbers exactly, what they come to rounded. */
function ratio(numerator: number, denominator: number, money = false, per = 1) {
  return {
    value: expect.closeTo((numerator * per) / denominator, 8),
    numerator,
    denominator,
    ...(money ? { currency: "USD" } : {}),
  };
}

const net = async (raw: Raw, ...accounts: Account[]) => total(await raw.bill(OCTOBER, ...accounts)).net;
const add = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

/** People whose use of models the vendors tell; mailboxes of service accounts are nobody. */
const PEOPLE: Record<Account, (raw: Raw) => Promise<Iterable<string>>> = {
  claude: ({ vendors }) => claudeUsers(vendors, OCTOBER),
  openai: ({ vendors }) => openaiUsers(vendors, OCTOBER),
  codex: async (raw) => (await raw.tokens(OCTOBER, "codex")).flatMap(({ user }) => user ?? []),
  cursor: async (raw) =>
    (await raw.tokens(OCTOBER, "cursor")).flatMap(({ user }) =>
      user === undefined || user.startsWith("sa_") ? [] : user,
    ),
};

async function peopleOf(raw: Raw, ...accounts: Account[]): Promise<number> {
  const people = await Promise.all(accounts.map((account) => PEOPLE[account](raw)));
  return new Set(people.flatMap((of) => [...of])).size;
}

/** What Claude Code's tools and Cursor's suggestions had accepted and rejected. */
async function suggestions(raw: Raw) {
  const tools = (await claudeActivity(raw.vendors, OCTOBER)).flatMap(({ claude_code_metrics }) =>
    Object.values(claude_code_metrics.tool_actions),
  );
  const days = await cursorDays(raw.vendors, OCTOBER);
  return {
    claude: {
      accepts: add(tools.map(({ accepted_count }) => accepted_count)),
      rejects: add(tools.map(({ rejected_count }) => rejected_count)),
    },
    cursor: {
      accepts: add(days.map(({ totalAccepts }) => totalAccepts)),
      rejects: add(days.map(({ totalRejects }) => totalRejects)),
    },
  };
}

export const RATIOS: readonly Question[] = [
  {
    question: "How many different people used any of our AI tools in October, and in each?",
    tool: USAGE,
    arguments: { period: "2026-10", integrated_account_ids: AI, metrics: ["users"], group_by: ["account"] },
    async expected(raw) {
      const each = await Promise.all(
        AI.map(async (account) => ({ key: { account }, values: { users: await peopleOf(raw, account) } })),
      );
      return {
        totals: { values: { users: await peopleOf(raw, ...AI) } },
        groups: each.sort((a, b) => b.values.users - a.values.users),
      };
    },
  },
  {
    question: "What do AI tools cost us per active person?",
    tool: USAGE,
    arguments: { period: "2026-10", integrated_account_ids: AI, ratios: ["cost_per_user"] },
    async expected(raw) {
      const people = await peopleOf(raw, ...AI);
      return { totals: { ratios: { cost_per_user: ratio(await net(raw, ...AI), people, true) } } };
    },
  },
  {
    question: "What does a request cost us in Cursor and in Claude?",
    tool: USAGE,
    arguments: {
      period: "2026-10",
      providers: ["claude", "cursor"],
      metrics: ["requests.total"],
      ratios: ["cost_per_request"],
    },
    async expected(raw) {
      const rows = tokensBy(await raw.tokens(OCTOBER), "account");
      const requests = (account: string) => count(rows.get(account) ?? [], "requests") ?? 0;
      const group = async (provider: "claude" | "cursor") => ({
        key: { provider },
        values: { "requests.total": requests(provider) },
        ratios: { cost_per_request: ratio(await net(raw, provider), requests(provider), true) },
      });
      const both = ratio(await net(raw, "claude", "cursor"), requests("claude") + requests("cursor"), true);
      return {
        totals: { ratios: { cost_per_request: both } },
        groups: [await group("claude"), await group("cursor")],
      };
    },
  },
  {
    question: "Which of our AI accounts pays most for a million tokens?",
    tool: USAGE,
    arguments: {
      period: "2026-10",
      integrated_account_ids: AI,
      metrics: ["tokens.total"],
      ratios: ["cost_per_million_tokens"],
      group_by: ["account"],
    },
    async expected(raw) {
      const rows = tokensBy(await raw.tokens(OCTOBER), "account");
      const each = await Promise.all(
        AI.map(async (account) => {
          const tokens = allTokens(rows.get(account) ?? []);
          const price = ratio(await net(raw, account), tokens, true, 1_000_000);
          return { key: { account }, values: { "tokens.total": tokens }, ratios: { cost_per_million_tokens: price } };
        }),
      );
      return { groups: each.sort((a, b) => b.values["tokens.total"] - a.values["tokens.total"]) };
    },
  },
  {
    question: "How well do our prompts hit the cache, vendor by vendor?",
    tool: USAGE,
    arguments: {
      period: "2026-10",
      integrated_account_ids: AI,
      metrics: ["tokens.cache_read"],
      ratios: ["cache_hit_share"],
      group_by: ["account"],
    },
    async expected(raw) {
      const each = [...tokensBy(await raw.tokens(OCTOBER), "account")].map(([account, rows]) => {
        const read = count(rows, "cacheRead") ?? 0;
        const put = (count(rows, "input") ?? 0) + read + (count(rows, "cacheWrite") ?? 0);
        return {
          key: { account },
          values: { "tokens.cache_read": read },
          ratios: { cache_hit_share: ratio(read, put) },
        };
      });
      return { groups: each.sort((a, b) => b.values["tokens.cache_read"] - a.values["tokens.cache_read"]) };
    },
  },
  {
    question: "What share of the code that Claude Code and Cursor propose do people accept?",
    tool: USAGE,
    arguments: {
      period: "2026-10",
      providers: ["claude", "cursor"],
      metrics: ["code.accepts"],
      ratios: ["acceptance_rate"],
    },
    async expected(raw) {
      const { claude, cursor } = await suggestions(raw);
      const of = ({ accepts, rejects }: { accepts: number; rejects: number }) => ({
        values: { "code.accepts": accepts },
        ratios: { acceptance_rate: ratio(accepts, accepts + rejects) },
      });
      return {
        totals: of({ accepts: claude.accepts + cursor.accepts, rejects: claude.rejects + cursor.rejects }),
        groups: [
          { key: { provider: "claude" }, ...of(claude) },
          { key: { provider: "cursor" }, ...of(cursor) },
        ],
      };
    },
  },
];
