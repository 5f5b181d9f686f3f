import { expect } from "vitest";
import { OCTOBER, type Question } from "../question.ts";
import { type Line, within, written } from "../raw/lines.ts";

const LIST = "list_usage";

function charges({ net, gross, parts }: Line): Record<string, unknown>[] {
  const amounts = { net, total: gross, ...parts };
  return Object.entries(amounts).map(([type, amount]) => ({ type, amount: written(amount), currency: "USD" }));
}

export const SINGLE_FACTS: readonly Question[] = [
  {
    question: "Exactly what did Confluent bill for Tableflow on 12 October?",
    tool: LIST,
    arguments: {
      integrated_account_id: "confluent",
      start_date: "2026-10-12",
      end_date: "2026-10-13",
      product_ids: ["TABLEFLOW"],
    },
    async expected(raw) {
      const day = within(await raw.bill(OCTOBER, "confluent"), { start: "2026-10-12", end: "2026-10-13" });
      const lines = day.filter(({ product }) => product === "TABLEFLOW");
      return {
        result_count: lines.length,
        result: expect.arrayContaining(
          lines.map((line) =>
            expect.objectContaining({
              metric_name: line.metric,
              usage: { quantity: line.quantity },
              unit: line.unit,
              charges: charges(line),
            }),
          ),
        ),
        next_cursor: null,
      };
    },
  },
  {
    question: "What did Datadog's infrastructure hosts cost in each organization, committed and on demand?",
    tool: LIST,
    arguments: {
      integrated_account_id: "datadog",
      start_date: "2026-10-01",
      end_date: "2026-10-31",
      product_ids: ["infra_host"],
    },
    async expected(raw) {
      const lines = (await raw.bill(OCTOBER, "datadog")).filter(({ product }) => product === "infra_host");
      const sorted = lines.sort((a, b) => ((a.organization ?? "") < (b.organization ?? "") ? -1 : 1));
      return {
        result: sorted.map(({ organization, net, parts }) => ({
          organization: { id: organization },
          charges: [
            { type: "on_demand", amount: written(parts?.["on_demand"] ?? 0n) },
            { type: "committed", amount: written(parts?.["committed"] ?? 0n) },
            { type: "total", amount: written(net), currency: "USD" },
          ],
        })),
      };
    },
  },
];
