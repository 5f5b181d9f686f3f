import { OCTOBER, type Question } from "../question.ts";
import { groups, type Line, sum, total, totalWithParts, written } from "../raw/lines.ts";

const COST = "get_cost_summary";
const part = (lines: readonly Line[], type: string) => sum(lines.map(({ parts }) => parts?.[type] ?? 0n));

/** A group of lines' parts by charge type: a discount or a credit lowers net and is no part of gross. */
function byChargeType(lines: readonly Line[], types: Record<string, (amount: bigint) => [bigint, bigint]>) {
  let [net, gross] = [sum(lines.map((line) => line.net)), sum(lines.map((line) => line.gross))];
  const parts = Object.entries(types).map(([charge_type, read]) => {
    const [ofNet, ofGross] = read(part(lines, charge_type));
    net -= ofNet;
    gross -= ofGross;
    return { charge_type, net: ofNet, gross: ofGross };
  });
  return [...parts, { charge_type: "unattributed", net, gross }]
    .sort((a, b) => (a.net < b.net ? 1 : -1))
    .map(({ charge_type, ...amounts }) => ({
      key: { charge_type },
      net: written(amounts.net),
      gross: written(amounts.gross),
    }));
}
const lowersNet = (amount: bigint): [bigint, bigint] => [-amount, 0n];

export const GROSS_AND_NET: readonly Question[] = [
  {
    question: "What was Confluent's list price in October, and how much of it did discounts and credits take off?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["confluent"], group_by: ["charge_type"] },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER, "confluent");
      return {
        totals: [{ ...totalWithParts(lines), credit: -450 }],
        groups: byChargeType(lines, {
          platform_fee: (amount) => [amount, amount],
          credit: (amount) => [amount, 0n],
          discount: lowersNet,
        }),
      };
    },
  },
  {
    question: "How much does our Claude contract's discount save us?",
    tool: COST,
    arguments: { period: "2026-10", integrated_account_ids: ["claude"], group_by: ["charge_type"] },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER, "claude");
      return { totals: [totalWithParts(lines)], groups: byChargeType(lines, { discount: lowersNet }) };
    },
  },
  {
    question: "What is Cursor billing us beyond what the plan includes, and what is the included usage worth?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["cursor"] },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER, "cursor");
      const [billed, included] = [part(lines, "usage_based"), part(lines, "included")];
      const amounts = { net: written(billed), gross: written(billed + included) };
      return {
        totals: [{ ...amounts, included: written(included), usage_based: amounts.net }],
        groups: [{ key: { provider: "cursor" }, ...amounts }],
      };
    },
  },
  {
    question: "How does October's Datadog bill split into commitment and on-demand?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["datadog"], group_by: ["charge_type"] },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER, "datadog");
      const amount = (type: string) => written(part(lines, type));
      const kinds = [
        { key: { charge_type: "on_demand" }, net: amount("on_demand"), gross: amount("on_demand") },
        { key: { charge_type: "committed" }, net: amount("committed"), gross: amount("committed") },
        { key: { charge_type: "unattributed" }, net: 0, gross: 0 },
      ];
      return { totals: [totalWithParts(lines)], groups: kinds };
    },
  },
  {
    question: "Which Confluent products cost most before any discount?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["confluent"], group_by: ["product"], sort_by: "gross", limit: 3 },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER, "confluent");
      const sorted = groups(lines, "product").sort((a, b) => b.gross - a.gross);
      const shown = new Set(sorted.slice(0, 3).map(({ key }) => key["product"]));
      const rest = lines.filter(({ product }) => !shown.has(product));
      return { groups: sorted.slice(0, 3), other: [{ ...total(rest), groups: sorted.length - 3 }] };
    },
  },
];
