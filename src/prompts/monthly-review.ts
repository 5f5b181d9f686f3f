import * as z from "zod";
import { checkQuery } from "../engine/check-query.ts";
import { isoMonth } from "../usage/period.ts";
import { accountArgument, knownAccounts, knownMonths, readAccounts, readMonth } from "./arguments.ts";
import { capabilitiesOf } from "./capabilities.ts";
import type { Prompt } from "./prompt.ts";
import { compared, named, spelled } from "./spans.ts";
import { accountLines, BEFORE_A_NUMBER, call, numbered, scopeOf, today } from "./wording.ts";

const input = z.strictObject({
  month: z.string().describe("YYYY-MM, this_month or last_month (default)").optional(),
  account: accountArgument,
});

const METRICS = ["users", "requests.total", "tokens.total", "code.lines_added", "quantity"];
/** By the metric that they divide by. */
const RATIOS = { users: "cost_per_user", "tokens.total": "cost_per_million_tokens" };

export const monthlyReview: Prompt = {
  name: "monthly_review",
  title: "Monthly review",
  description: "What a month cost and what was used, by vendor, against the month before, and what changed.",
  input,
  values: {
    month: (engine) => ["last_month", "this_month", ...knownMonths(engine)],
    account: knownAccounts,
  },
  async write(engine, args) {
    const { month, account } = checkQuery(input, args);
    const now = engine.clock();
    const accounts = readAccounts(engine, account);
    const asked = readMonth(month, now);
    const known = await capabilitiesOf(engine, accounts);
    const { period, before, note } = compared(asked, undefined, now, "month");
    const both = { period: named(period), compare_to: named(before) };
    const scope = scopeOf(engine, accounts);
    const metrics = METRICS.filter((metric) => known.some((one) => one.metrics.includes(metric)));
    const ratios = Object.entries(RATIOS).flatMap(([of, ratio]) => (metrics.includes(of) ? [ratio] : []));
    return [
      `Review what we used and paid in ${isoMonth(period.start)} (${spelled(period)}) against ${spelled(before)}. ${today(now)}${note ? ` ${note}` : ""}`,
      `Accounts:\n${accountLines(accounts)}`,
      `Steps:\n${numbered([
        `${call("get_cost_summary", { ...both, group_by: ["provider"], ...scope })}: totals, and net, gross, share and change of each vendor.`,
        `${call("explain_cost_change", { ...both, group_by: ["provider", "product"], ...scope })}: which products made the difference, and by which effect (volume, price, new, gone, discounts, unknown). The effects add up to the change exactly.`,
        `${call("get_cost_summary", { period: both.period, group_by: ["day"], ...scope })}: days that stand out. An account without daily data stands under unattributed.`,
        ...(metrics.length > 0
          ? [
              `${call("get_usage_summary", { ...both, group_by: ["provider"], metrics, ...(ratios.length > 0 ? { ratios } : {}), ...scope })}: what was used for it; ratios come with numerator and denominator.`,
            ]
          : []),
      ])}`,
      BEFORE_A_NUMBER,
      "Answer with: one sentence with the total and its change; a table by vendor (net, gross, share, change in money and percent); the three to five changes that matter, each with its effect and amount; days that stand out; what was used; and last what the data does not cover.",
    ].join("\n\n");
  },
};
