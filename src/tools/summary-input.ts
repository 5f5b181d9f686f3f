import * as z from "zod";
import { type Account, PROVIDERS } from "../accounts/account.ts";
import type { Engine } from "../engine/engine.ts";
import { calendarOf } from "../engine/series.ts";
import { badParameter } from "../errors.ts";
import type { Dimension } from "../providers/provider.ts";
import { didYouMean, listed, shown } from "../suggest.ts";

/** What the tools that sum take alike. */

const texts = () => z.array(z.string()).optional();

export const accountFields = {
  integrated_account_ids: texts().describe("default: all"),
  providers: z.array(z.enum(PROVIDERS)).optional(),
};

export const periodFields = {
  period: z
    .string()
    .describe("this_month (default), last_month, last_7_days, last_30_days, 2026-10, 2026-Q3, 2026")
    .optional(),
  start_date: z.string().describe("instead of period; YYYY-MM-DD or RFC 3339, UTC").optional(),
  end_date: z.string().describe("exclusive").optional(),
};

export const filterFields = {
  product_ids: texts(),
  user_ids: texts().describe("ids or e-mails"),
  model_ids: texts(),
  surfaces: texts(),
};

export const compareFields = {
  compare_to: z.string().describe("previous_period, previous_year, or a period such as 2026-08").optional(),
  per_day: z.boolean().describe("with compare_to: also by the day, for unequal periods").optional(),
};

/** @throws UsageError (question): amounts by the day are those of a comparison */
export function perDayOf({
  per_day,
  compare_to,
}: {
  per_day?: boolean | undefined;
  compare_to?: string | undefined;
}): boolean {
  if (per_day && compare_to === undefined)
    throw badParameter("per_day", "needs something to compare with; add compare_to.");
  return per_day ?? false;
}

export const MOST_GROUPS = 1000;
const USUAL_GROUPS = 40;
/** A year by the day. */
const USUAL_BUCKETS = 366;

/** How many groups are shown unless told: a series over time is read whole. */
export function usualLimit(groupBy: readonly Dimension[]): number {
  return groupBy.length === 1 && calendarOf(groupBy).length === 1 ? USUAL_BUCKETS : USUAL_GROUPS;
}

/** @throws UsageError (question) when there is none */
export function chosenAccounts(
  engine: Engine,
  ids: readonly string[] | undefined,
  providers: readonly string[] | undefined,
): Account[] {
  const named = ids ? [...new Set(ids)].map((id) => engine.account(id, "integrated_account_ids")) : engine.accounts;
  const chosen = named.filter(({ provider }) => !providers || providers.includes(provider));
  if (chosen.length > 0) return chosen;
  const present = [...new Set(engine.accounts.map(({ provider }) => provider))];
  throw badParameter(
    "providers",
    `no account is of ${listed(providers ?? [])}; there are accounts of ${listed(present)}.`,
  );
}

/**
 * @param known what groups can be sorted by
 * @param compared whether there is another period to have changed from
 * @throws UsageError (question)
 */
export function checkSort(sortBy: string | undefined, known: readonly string[], compared: boolean): void {
  if (sortBy === undefined) return;
  if (!known.includes(sortBy))
    throw badParameter(
      "sort_by",
      `groups can't be sorted by ${shown(sortBy)}; they can by ${listed(known)}.${didYouMean(sortBy, known)}`,
    );
  if (sortBy === "change" && !compared)
    throw badParameter("sort_by", "change needs something to compare with; add compare_to.");
}
