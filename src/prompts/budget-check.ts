import * as z from "zod";
import { checkQuery } from "../engine/check-query.ts";
import { badParameter, UsageError } from "../errors.ts";
import { didYouMean, shown } from "../suggest.ts";
import { addMonths, type Instant, isoMonth, type Period, startOfDay, startOfMonth } from "../usage/period.ts";
import { accountArgument, knownAccounts, readAccounts } from "./arguments.ts";
import type { Prompt } from "./prompt.ts";
import { compared, days, named } from "./spans.ts";
import { accountLines, BEFORE_A_NUMBER, call, numbered, scopeOf, today } from "./wording.ts";

const input = z.strictObject({
  budget: z.string().describe("amount for the month, e.g. 12000 or 12000.50"),
  currency: z.string().describe("ISO 4217; default USD").optional(),
  account: accountArgument,
});

export const budgetCheck: Prompt = {
  name: "budget_check",
  title: "Budget check",
  description: "Whether the running month will stay within a budget: month to date, projection and its range.",
  input,
  values: { currency: knownCurrencies, account: knownAccounts },
  async write(engine, args) {
    const given = checkQuery(input.partial(), args);
    const budget = readBudget(given.budget);
    const currency = readCurrency(given.currency);
    const accounts = readAccounts(engine, given.account);
    const now = engine.clock();
    const scope = scopeOf(engine, accounts);
    const month = { start: startOfMonth(now), end: addMonths(now, 1) };
    const over = days({ start: month.start, end: startOfDay(now) });
    return [
      `Will ${isoMonth(now)} stay within a budget of ${budget} ${currency}? ${today(now)} ${over} of the month's ${days(month)} days are over.`,
      `Accounts:\n${accountLines(accounts)}`,
      `Steps:\n${numbered([
        `${call("forecast_cost", { ...scope })}: for each currency month_to_date and projection (net, low, high), and by account its method and back-tested error.`,
        `${call("get_cost_summary", { period: isoMonth(now), group_by: ["provider", "product"], limit: 15, ...scope })}: what the month's cost is made of so far.`,
        ...(over > 0
          ? [
              `If it is over or near: ${call("explain_cost_change", { ...soFar(month, now), group_by: ["product"], ...scope })}: what is more than in the same days of last month.`,
            ]
          : []),
      ])}`,
      `Judge by net in ${currency} only, and compare it with ${budget}:
- month_to_date above the budget: it is exceeded already; by how much.
- low above it: it will be exceeded.
- high at or below it: it will be kept; what is left.
- else it is open: give the range, and what a day may cost on average until the end of the month to keep it.
Cost in another currency can't be compared with the budget: give it beside, never converted.`,
      BEFORE_A_NUMBER,
      "A projection is no bill: always give it with low, high and method, and apart from the month to date. An account without a projection is not in it: name it. Ask whether the budget holds seats and subscriptions, since this data does not.",
      "Answer with: the verdict in one sentence; a table (budget, month to date, projection with its range, what is left); the largest items; and what the verdict rests on.",
    ].join("\n\n");
  },
};

function soFar(month: Period, now: Instant): { period: string; compare_to: string } {
  const { period, before } = compared(month, undefined, now, "month");
  return { period: named(period), compare_to: named(before) };
}

const AMOUNT = /^\d{1,12}(?:\.\d{1,6})?$/;

/** @throws UsageError (question) */
function readBudget(text: string | undefined): string {
  const expected = "give the month's amount in plain digits, e.g. 12000 or 12000.50.";
  if (text === undefined)
    throw new UsageError("question", `budget: is needed; ${expected}`, { parameter: "budget", missing: true });
  const amount = text.trim();
  if (!AMOUNT.test(amount) || Number(amount) === 0)
    throw badParameter("budget", `${shown(text)} is not an amount above zero; ${expected}`);
  return amount;
}

/** Those that the platform knows, the usual one first. */
function knownCurrencies(): string[] {
  return [...new Set(["USD", "EUR", "GBP", ...Intl.supportedValuesOf("currency")])];
}

/** @throws UsageError (question) */
function readCurrency(text = "USD"): string {
  const currency = text.trim().toUpperCase();
  const known = knownCurrencies();
  if (known.includes(currency)) return currency;
  throw badParameter(
    "currency",
    `${shown(text)} is no ISO 4217 code; give one such as USD or EUR.${didYouMean(currency, known)}`,
  );
}
