import { expect } from "vitest";
import { OCTOBER, period, type Question, saying } from "../question.ts";
import { groups, total } from "../raw/lines.ts";

const COST = "get_cost_summary";

export const COVERAGE: readonly Question[] = [
  {
    question: "What will the first week of December cost?",
    tool: COST,
    arguments: { start_date: "2026-12-01", end_date: "2026-12-08", providers: ["cursor", "confluent"] },
    expected: () => ({
      period: period({ start: "2026-12-01", end: "2026-12-08" }),
      totals: [],
      groups: [],
      hint: expect.stringMatching(/^The period begins 2026-12-01T00:00:00Z, in the future/),
    }),
  },
  {
    question: "What did we pay in 2024?",
    tool: COST,
    arguments: { period: "2024" },
    expected: () => ({
      totals: [],
      is_partial_response: true,
      accounts: ["partial", "ok", "ok", "ok", "partial", "ok"].map((status) => ({ status })),
      warnings: saying(/^claude: claude does not go back as far as this period/),
      hint: expect.stringMatching(/keep 12 to 15 months/),
    }),
  },
  {
    question: "What did Kafak cost?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["confluent"], product_ids: ["kafak"] },
    async expected(raw) {
      const products = groups(await raw.bill(OCTOBER, "confluent"), "product").map(({ key }) => key["product"]);
      const hint = expect.toSatisfy(
        (text: string) => products.every((id) => text.includes(` ${id}`)) && text.endsWith("Did you mean 'KAFKA'?"),
      );
      return { totals: [], groups: [], hint };
    },
  },
  {
    question: "How much of October's total is a bill, and how fresh is it, account by account?",
    tool: COST,
    arguments: { period: "2026-10" },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER);
      const accounts = ["claude", "openai", "codex", "cursor", "confluent", "datadog"].map((account) => ({
        integrated_account_id: account,
        status: "ok",
        period: period(OCTOBER),
        ...total(lines.filter((line) => line.account === account)),
      }));
      return { accounts, is_partial_response: false, warnings: saying(/^codex: Codex use that is paid in credits/) };
    },
  },
];
