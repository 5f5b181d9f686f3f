import * as z from "zod";
import { checkQuery } from "../engine/check-query.ts";
import {
  accountArgument,
  knownAccounts,
  knownPeriods,
  periodArgument,
  readAccounts,
  readBegunPeriod,
} from "./arguments.ts";
import { capabilitiesOf } from "./capabilities.ts";
import type { Prompt } from "./prompt.ts";
import { compared, named, spelled } from "./spans.ts";
import { accountLines, BEFORE_A_NUMBER, call, numbered, scopeOf, today } from "./wording.ts";

const USUAL = "last_month";

const input = z.strictObject({
  period: periodArgument(USUAL),
  compared_with: z.string().describe("previous_period (default), previous_year, or any period as above").optional(),
  account: accountArgument,
});

export const whyDidTheBillGrow: Prompt = {
  name: "why_did_the_bill_grow",
  title: "Why did the bill grow?",
  description: "What drove the difference between two periods: vendors, products, models, people, price or volume.",
  input,
  values: {
    period: knownPeriods,
    compared_with: (engine) => ["previous_period", "previous_year", ...knownPeriods(engine)],
    account: knownAccounts,
  },
  async write(engine, args) {
    const { period: text, compared_with, account } = checkQuery(input, args);
    const now = engine.clock();
    const accounts = readAccounts(engine, account);
    const { period, before, note } = compared(readBegunPeriod(text, now, USUAL), compared_with, now, "period");
    const both = { period: named(period), compare_to: named(before) };
    const scope = scopeOf(engine, accounts);
    const known = await capabilitiesOf(engine, accounts);
    const [first] = accounts;
    const providers = first ? [first.provider] : [];
    const finer = (["model", "user", "resource"] as const).filter((dimension) =>
      known.some(({ costDimensions }) => costDimensions.includes(dimension)),
    );
    return [
      `Find out why the bill of ${spelled(period)} differs from that of ${spelled(before)}. ${today(now)}${note ? ` ${note}` : ""}`,
      `Accounts:\n${accountLines(accounts)}`,
      `Steps:\n${numbered([
        `${call("explain_cost_change", { ...both, group_by: ["provider"], ...scope })}: how much it changed in all, and which vendor made the difference. If it did not grow, say that first.`,
        `${call("explain_cost_change", { ...both, group_by: ["provider", "product"], ...scope })}: which products, and by which effect: volume (more was used), price (it cost more each), new, gone, discounts, unknown (no quantity is known). The effects add up to the change exactly.`,
        `For the vendor that matters most, go on by ${finer.join(", ") || "charge_type"}, for example ${call("explain_cost_change", { ...both, group_by: ["product", finer[0] ?? "charge_type"], providers, ...scope })}.`,
        `${call("get_cost_summary", { ...both, group_by: ["charge_type"], ...scope })}: whether discounts, credits or included use changed, and not the use.`,
        `${call("get_cost_summary", { period: both.period, group_by: ["day"], ...scope })}: since when.`,
      ])}`,
      BEFORE_A_NUMBER,
      "An effect is arithmetic: it says how the amounts differ, not why somebody used more. Where the reason is not in the data, say what would show it and ask.",
      "Answer with: one sentence with the change in money and percent; a table of the drivers, largest first, each with its effect, amount and share of the change, until little is left; what is unknown; and one next step for each of the first three.",
    ].join("\n\n");
  },
};
