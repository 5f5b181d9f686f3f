import type { Account } from "../accounts/account.ts";
import { DAY, type Instant, isoDay, type Period } from "../usage/period.ts";
import type { CallContext } from "./pages.ts";
import { type AccountSums, readAccount, type SummaryQuestion, type Sums } from "./read-account.ts";

/** What accounts came to in a period, and in the one it is compared with. */
export interface ReadPeriods<S extends Sums> {
  now: AccountSums<S>[];
  /** In the order of `now`. Absent: nothing is compared. */
  before?: AccountSums<S>[];
}

/** Reads accounts over a period and the one before. All accounts are asked at once; each one's fault is its own. */
export async function readPeriods<S extends Sums>(
  context: CallContext,
  accounts: readonly Account[],
  asked: Omit<SummaryQuestion, "period">,
  { period, before }: { period: Period; before?: Period | undefined },
  empty: () => S,
): Promise<ReadPeriods<S>> {
  // All accounts at once, but each one's two periods one after the other: vendors throttle by account.
  const answers = await Promise.all(
    accounts.map(async (account) => ({
      now: await readAccount(context, account, { ...asked, period }, empty),
      before: before && (await readAccount(context, account, { ...asked, period: before }, empty)),
    })),
  );
  const now = answers.map((answer) => answer.now);
  return before ? { now, before: answers.flatMap((answer) => answer.before ?? []) } : { now };
}

/** An account that can't be read now has not vanished: it is left out of both sides. */
export function comparable<S extends Sums>({ now, before }: ReadPeriods<S>): AccountSums<S>[] | undefined {
  return before?.filter((_, index) => now[index]?.status !== "error");
}

/** What a reader of the sums must know. */
export function readingWarnings<S extends Sums>(
  { period, before }: { period: Period; before?: Period | undefined },
  read: ReadPeriods<S>,
  now: Instant,
  perDay = false,
): string[] {
  const warnings = read.now.flatMap((account) => account.warnings);
  const isOpen = period.start <= now && period.end > now;
  if (isOpen) warnings.unshift("The period is not over: amounts are to date.");
  if (before && !perDay) warnings.unshift(...unequal(period, before, now));
  const failed = [...new Set(read.now.filter(({ status }) => status === "error").map(({ account }) => account.id))];
  if (failed.length > 0)
    warnings.unshift(`The totals leave out ${failed.join(", ")}, which could not be read; see accounts.`);
  for (const { account, status, error, warnings: earlier, period: covered } of read.before ?? []) {
    const current = read.now.find((sums) => sums.account === account)?.period;
    if (before && current && current.end > covered.start && current.start < covered.end && !overlaps(period, before))
      warnings.push(`${account.id}: what it covers of the two periods overlaps, so its change says little.`);
    else if (before && current && status !== "error" && (differs(current, period) || differs(covered, before)))
      warnings.push(
        `${account.id}: its change is from ${written(covered)} to ${written(current)}${perDay ? ", and by the day too large or too small: per_day divides by the days that were asked for" : ""}.`,
      );
    if (status === "error")
      warnings.push(`${account.id}: the compared period could not be read, so its changes are overstated: ${error}`);
    const added = earlier.filter((warning) => !warnings.includes(warning));
    warnings.push(...added.map((warning) => `Compared period: ${warning}`));
  }
  if (before && overlaps(period, before)) warnings.unshift("The two periods overlap: what is in both does not change.");
  return [...new Set(warnings)];
}

/** Different lengths are said, and made up for only on request. */
function unequal(period: Period, before: Period, now: Instant): string[] {
  if (period.start <= now && period.end > now && before.end <= now)
    return [
      "The compared period is over and this one is not: the change compares unequal stretches of time; per_day: true compares by day.",
    ];
  const [days, daysBefore] = [lengthOf(period), lengthOf(before)];
  if (days === daysBefore) return [];
  return [`The period has ${days} days and the compared one ${daysBefore}; per_day: true compares by day.`];
}

function lengthOf({ start, end }: Period): number {
  return Math.round(((end - start) / DAY) * 100) / 100;
}

/** What is not covered at all is said elsewhere. */
function differs(one: Period, other: Period): boolean {
  return one.start < one.end && (one.start !== other.start || one.end !== other.end);
}

function written({ start, end }: Period): string {
  return `${isoDay(start)}/${isoDay(end)}`;
}

function overlaps(one: Period, other: Period): boolean {
  return one.start < other.end && other.start < one.end;
}
