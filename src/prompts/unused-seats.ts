import * as z from "zod";
import { checkQuery } from "../engine/check-query.ts";
import { listed } from "../suggest.ts";
import { DAY, isoDay, type Period } from "../usage/period.ts";
import {
  accountArgument,
  knownAccounts,
  knownPeriods,
  periodArgument,
  readAccounts,
  readBegunPeriod,
} from "./arguments.ts";
import { type Capabilities, capabilitiesOf } from "./capabilities.ts";
import type { Prompt } from "./prompt.ts";
import { overDays, spelled } from "./spans.ts";
import { accountLines, call, numbered, today } from "./wording.ts";

const USUAL = "last_30_days";
/** Days back from the end among which a vendor has published its newest count of seats. */
const NEWEST_DAYS = 7;

const input = z.strictObject({ period: periodArgument(USUAL), account: accountArgument });

export const unusedSeats: Prompt = {
  name: "unused_seats",
  title: "Unused seats",
  description: "Who had access and was not active, as far as each vendor's data can tell, and what it can't.",
  input,
  values: { period: knownPeriods, account: knownAccounts },
  async write(engine, args) {
    const { period: text, account } = checkQuery(input, args);
    const now = engine.clock();
    const accounts = readAccounts(engine, account);
    const period = overDays(readBegunPeriod(text, now, USUAL), now, "period");
    const known = await capabilitiesOf(engine, accounts);
    const withPeople = known.filter(({ tellsActivity }) => tellsActivity);
    const others = accounts.filter((one) => !withPeople.some(({ account: told }) => told === one));
    const begin = `Which seats were not used, ${spelled(period)}? ${today(now)}`;
    const without =
      others.length > 0 ? `Without people or seats in their data: ${listed(others.map(({ id }) => id))}. Say so.` : "";
    if (withPeople.length === 0)
      return `${begin}\n\nAccounts:\n${accountLines(accounts)}\n\n${without} Nothing can be said of seats from this data: say that, and that the vendors' consoles and invoices have them.`;
    return [
      begin,
      `Accounts:\n${accountLines(accounts)}${without ? `\n${without}` : ""}`,
      "What a seat costs and who holds one stands on invoices and in the vendors' consoles, not in their usage data. What can be found is who was listed or counted, and was not active. Name it so, and ask for the price of a seat before you give an amount.",
      ...withPeople.map((one) => `${one.account.id}:\n${numbered(steps(one, period))}`),
      "Follow next_cursor to the end of each list: a person on a page that was not read is no unused seat. Compare people by e-mail, whatever its case; without one by id; a row without a person is nobody. Leave out service accounts (ids that begin with svac_ or sa_).",
      "Before you name anybody: read is_partial_response, warnings and period of each answer. Where the vendor did not answer or its last days are not published yet, say so and don't count these days as idle. Who was on leave or has just joined looks the same as who does not need a seat.",
      "Answer with, for each account: how many are listed or counted, how many were active, how many were not; their names where there are any, with when they were last active if that is known; and what this vendor's data can't say. Suggest to ask these people first, not to remove them.",
    ].join("\n\n");
  },
};

/** How far an account's data goes: members by name, a count of seats, or only who was active before. */
function steps(known: Capabilities, period: Period): string[] {
  const { account, reports } = known;
  const active = `${activity(known, period)}: who was active.`;
  if (account.provider === "cursor")
    return [
      `${call("list_usage", { integrated_account_id: account.id, report_type: "user_cost", limit: 1000 })}, without dates: a row for each member of the team in the running billing cycle, also those who used nothing.`,
      active,
      "A member without a row of activity and without cost in the cycle is an unused seat, by name. Somebody who left during the cycle may still be listed.",
    ];
  const lapsed = `${activity(known, before(period))}: who was active before. Whoever is here and not in the list of the period has stopped; whether they still have a seat, the data does not say.`;
  if (account.provider === "claude" && reports.includes("summary"))
    return [
      `${seats(known, period)}: on the newest day there is, assigned_seats less monthly_active_users is the number of seats that nobody used in the 30 days up to it, whatever the period asked for. It is a count: Claude names nobody who was not active.`,
      active,
      lapsed,
      deleted(known, before(period)),
    ];
  return [
    active,
    lapsed,
    "This vendor lists those who used it and no members: a seat that was never used can't be seen here. Say so.",
  ];
}

function before({ start, end }: Period): Period {
  return { start: start - (end - start), end: start };
}

/** A row for each person and month, and no more of it than who it is. */
const PEOPLE = { group_by: ["user", "month"], truto_exclude_fields: ["usage", "charges"], limit: 1000 };

function activity({ account }: Capabilities, period: Period): string {
  return call("list_usage", {
    integrated_account_id: account.id,
    report_type: "activity",
    ...listedDates(account.provider, period),
    ...PEOPLE,
  });
}

function seats({ account }: Capabilities, { start, end }: Period): string {
  return call("list_usage", {
    integrated_account_id: account.id,
    report_type: "summary",
    ...listedDates(account.provider, { start: Math.max(start, end - NEWEST_DAYS * DAY), end }),
    product_ids: ["claude"],
    sort_by: "start_date",
    sort_order: "desc",
  });
}

function deleted({ account }: Capabilities, period: Period): string {
  const known = call("list_usage", {
    integrated_account_id: account.id,
    report_type: "user_usage",
    ...listedDates(account.provider, period),
    include_deleted_users: false,
    ...PEOPLE,
  });
  return `Of those who stopped, some may have been deleted since, and hold no seat: ${known} leaves deleted users out, while "include_deleted_users": true keeps them. Only who appears in the second and not in the first is known to be gone.`;
}

/** Dates of list_usage mean what the vendor means by them: Cursor's end is included. */
function listedDates(provider: string, { start, end }: Period): { start_date: string; end_date: string } {
  return { start_date: isoDay(start), end_date: isoDay(provider === "cursor" ? end - DAY : end) };
}
