import * as z from "zod";
import { checkQuery } from "../engine/check-query.ts";
import { listed } from "../suggest.ts";
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
import { named, spelled } from "./spans.ts";
import { accountLines, BEFORE_A_NUMBER, call, numbered, scopeOf, today } from "./wording.ts";

const USUAL = "last_month";

const input = z.strictObject({ period: periodArgument(USUAL), account: accountArgument });

export const costPerDeveloper: Prompt = {
  name: "cost_per_developer",
  title: "Cost per developer",
  description: "What each person costs across the vendors that tell people apart, and the average, with what it is of.",
  input,
  values: { period: knownPeriods, account: knownAccounts },
  async write(engine, args) {
    const { period: text, account } = checkQuery(input, args);
    const now = engine.clock();
    const accounts = readAccounts(engine, account);
    const asked = readBegunPeriod(text, now, USUAL);
    const period = named(asked);
    const known = await capabilitiesOf(engine, accounts);
    const byPerson = known.filter(({ costDimensions }) => costDimensions.includes("user")).map((one) => one.account);
    const others = accounts.filter((one) => !byPerson.includes(one)).map(({ id }) => id);
    const begin = `What does a developer cost, ${spelled(asked)}? ${today(now)}${asked.end > now ? " The period still runs: say so, and give no average of a whole month." : ""}`;
    if (byPerson.length === 0)
      return [
        begin,
        `Accounts:\n${accountLines(accounts)}`,
        `None of these accounts tells people apart, so there is no cost per developer in this data. Say that. What can be said is the whole: ${call("get_cost_summary", { period, group_by: ["provider"], ...scopeOf(engine, accounts) })}; divided by a number of developers only if the user gives that number, and named so.`,
        BEFORE_A_NUMBER,
      ].join("\n\n");
    const scope = scopeOf(engine, byPerson);
    return [
      begin,
      `Accounts that tell people apart:\n${accountLines(byPerson)}${others.length > 0 ? `\nWithout people, and so left out: ${listed(others)}. Say so.` : ""}`,
      `Steps:\n${numbered([
        `${call("get_cost_summary", { period, group_by: ["user"], sort_by: "net", limit: 100, ...scope })}: the cost of each person, joined across vendors by e-mail; people says how many people and service accounts there are, and how many rows belong to nobody.`,
        `${call("get_usage_summary", { period, group_by: ["provider"], metrics: ["users"], ratios: ["cost_per_user"], ...scope })}: the cost per user of each vendor. Give a ratio with its numerator and denominator.`,
        `${call("get_cost_summary", { period, group_by: ["provider", "user"], sort_by: "net", limit: 100, ...scope })}: where a person's cost comes from.`,
      ])}`,
      BEFORE_A_NUMBER,
      'Of people: "unattributed" (API keys, reviews, shared agents) is nobody, and a service account is no developer; neither counts as a person. Two averages can be meant: the cost tied to people over their number, and the whole cost over it. Say which you give. The vendors know who used something, not who is a developer: if that matters, ask for the list. A person who used nothing does not appear.',
      "Answer with: the average and what it is of; the median, or a word on how uneven it is; a table of the ten most expensive people by vendor; what belongs to nobody; and what is left out (seats, vendors without people).",
    ].join("\n\n");
  },
};
