import { OCTOBER, type Question, saying } from "../question.ts";
import { groups, type Line, sum, total, UNATTRIBUTED, written } from "../raw/lines.ts";

const COST = "get_cost_summary";
const AI = ["claude", "openai_codex", "cursor"];
const isService = (id: string) => id.startsWith("sa_") || id.startsWith("svac_");

/** Who is behind the lines, and what is tied to nobody. */
function people(lines: readonly Line[]) {
  const known = [...new Set(lines.flatMap(({ user }) => user ?? []))];
  const nobody = lines.filter(({ user }) => user === undefined);
  return {
    people: known.filter((id) => !isService(id)).length,
    service_accounts: known.filter(isService).length,
    without_person: [{ currency: "USD", net: written(sum(nobody.map(({ net }) => net))) }],
  };
}

export const PEOPLE: readonly Question[] = [
  {
    question: "Who are the ten people that cost most across Claude, OpenAI, Codex and Cursor?",
    tool: COST,
    arguments: { period: "2026-10", providers: AI, group_by: ["user"], limit: 10 },
    async expected(raw) {
      const lines = await raw.people(OCTOBER);
      const all = groups(lines, "user");
      const shown = new Set(all.slice(0, 10).map(({ key }) => key["user"]));
      const rest = lines.filter(({ user }) => !shown.has(user ?? UNATTRIBUTED));
      return {
        totals: [total(lines)],
        groups: all.slice(0, 10),
        other: [{ ...total(rest), groups: all.length - 10 }],
        people: people(lines),
      };
    },
  },
  {
    question: "How does Priya's AI spend split over the vendors?",
    tool: COST,
    arguments: {
      period: "2026-10",
      providers: AI,
      user_ids: ["Priya.Raghunath@Tidewater-Robotics.example"],
      group_by: ["account", "user"],
    },
    async expected(raw) {
      const own = (await raw.people(OCTOBER)).filter(
        ({ user }) => user === "priya.raghunath@tidewater-robotics.example",
      );
      return { totals: [total(own)], groups: groups(own, "account", "user") };
    },
  },
  {
    question: "What do our service accounts in Cursor cost, and is that kept apart from people?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["cursor"], user_ids: ["sa_7Qm2xV9kTz"], group_by: ["user"] },
    async expected(raw) {
      const own = (await raw.bill(OCTOBER, "cursor")).filter(({ user }) => user === "sa_7Qm2xV9kTz");
      return { groups: groups(own, "user"), people: { people: 0, service_accounts: 1, rows_without_person: 0 } };
    },
  },
  {
    question: "Is there Cursor use of people who have left, so that nobody is named?",
    tool: COST,
    arguments: {
      start_date: "2025-11-10",
      end_date: "2025-11-17",
      providers: ["cursor"],
      group_by: ["user"],
    },
    async expected(raw) {
      const lines = await raw.bill({ start: "2025-11-10", end: "2025-11-17" }, "cursor");
      const nobody = lines.filter(({ user }) => user === undefined);
      return {
        groups: groups(lines, "user"),
        people: { ...people(lines), rows_without_person: nobody.length },
      };
    },
  },
  {
    question: "Can we see Datadog's and Confluent's cost by person?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["datadog", "confluent"], group_by: ["user"] },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER, "datadog", "confluent");
      return {
        groups: [{ key: { user: UNATTRIBUTED }, ...total(lines), share: 1 }],
        people: { people: 0, service_accounts: 0, rows_without_person: lines.length },
        warnings: saying(/^No account that was asked tells its cost apart by user/),
      };
    },
  },
  {
    question: "By person, with Cursor and Datadog together: what of it is nobody's?",
    tool: COST,
    arguments: { period: "2026-10", providers: ["datadog", "cursor"], group_by: ["user"], limit: 1 },
    async expected(raw) {
      const lines = await raw.bill(OCTOBER, "datadog", "cursor");
      return { totals: [total(lines)], groups: groups(lines, "user").slice(0, 1), people: people(lines) };
    },
  },
];
