import type { Account } from "../accounts/account.ts";
import { supportOf } from "../providers/index.ts";
import { type Instant, isoDay, type Period, startOfDay } from "../usage/period.ts";
import type { AccountSums, Sums } from "./read-account.ts";

/** For a vendor that does not say when its days are complete. */
const USUAL_HOURS = 24;
const HOUR = 3_600_000;

/** The first day that the vendor may still add cost to: it publishes late, and what it told is as old as it says. */
export function completeBefore(account: Account, now: Instant, asOf = now): Instant {
  return startOfDay(Math.min(asOf, now - hoursOf(account) * HOUR));
}

function hoursOf(account: Account): number {
  return supportOf(account).publishedAfterHours ?? USUAL_HOURS;
}

/**
 * Says whose cost of the last days may not be there yet. A period that runs is to date anyway: of it, this is said where it is
 * compared, since a fall may be nothing but that.
 */
export function lateCost<S extends Sums>(
  read: readonly AccountSums<S>[],
  period: Period,
  now: Instant,
  isCompared: boolean,
): string[] {
  if (period.start > now || (period.end > now && !isCompared)) return [];
  const late = read.filter(
    ({ account, status }) =>
      status !== "error" && hoursOf(account) >= USUAL_HOURS && period.end > completeBefore(account, now),
  );
  if (late.length === 0) return [];
  const named = late.map(({ account }) => `${account.id} (${hoursOf(account)} hours)`).join(", ");
  const whole = isoDay(Math.min(...late.map(({ account }) => completeBefore(account, now))));
  return [
    `Published late, so that the last days may lack cost${isCompared ? ", and a change be too low" : ""}: ${named}. What lies before ${whole} is whole.`,
  ];
}
