import { type Account, PROVIDER_NAMES } from "../accounts/account.ts";
import type { Engine } from "../engine/engine.ts";
import { type Instant, isoDay } from "../usage/period.ts";

/** What the prompts' texts have in common. */

/** A tool call as an agent is to make it. Arguments that are undefined are left out. */
export function call(tool: string, args: Record<string, unknown>): string {
  return `\`${tool} ${JSON.stringify(args)}\``;
}

/** The argument that keeps a call to these accounts; none when they are all that the caller has. */
export function scopeOf(engine: Engine, accounts: readonly Account[]): { integrated_account_ids?: string[] } {
  return accounts.length === engine.accounts.length ? {} : { integrated_account_ids: accounts.map(({ id }) => id) };
}

export function accountLines(accounts: readonly Account[]): string {
  return accounts
    .map(({ id, provider, name }) => `- ${id}: ${PROVIDER_NAMES[provider]}, named ${JSON.stringify(name)}`)
    .join("\n");
}

export function today(now: Instant): string {
  return `Today is ${isoDay(now)}; all times are UTC.`;
}

export function numbered(steps: readonly string[]): string {
  return steps.map((step, index) => `${index + 1}. ${step}`).join("\n");
}

export const BEFORE_A_NUMBER = `Before you state a number, check in the answer that it comes from:
- is_partial_response and accounts[].status: where one is not "ok", name the account and its error, and say that the totals lack it. Never fill the gap with a guess.
- warnings: repeat those that touch the number (estimates, data that still grows, use that is in no total).
- accounts[].period: what was really covered. Datadog has whole months only; where it covers more than was asked, leave its change out and say so.
- Currencies are never added and never converted: one total for each.
- net is what will be invoiced, gross is before discounts and credits; say which one you give. Seats and subscriptions are on the vendors' invoices, not in this data.
- "unattributed" and other are part of the total: show them, never spread them over the rest.
Take amounts as they stand in the answers, and round only where you show them.`;
