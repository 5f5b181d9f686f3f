/** When what Claude's APIs tell becomes final: what is asked for later is kept and taken again. */
import { ceilMonth, DAY, type Instant } from "../../usage/period.ts";
import type { Question } from "../provider.ts";
import type { Window } from "./positions.ts";
import type { Envelope } from "./wire.ts";

/**
 * Usage and cost are revised for about 30 days (the support article), or until about 7 days after the end of the calendar month
 * (the newer reference): whichever is later. The Console's own endpoints say nothing of it, and are taken to be no earlier.
 * @see https://support.claude.com/en/articles/13703965-claude-enterprise-analytics-api-reference-guide
 * @see https://platform.claude.com/docs/en/api/cli/beta
 */
const REPORT_REVISED_DAYS = 30;
const MONTH_REVISED_DAYS = 7;
/** Reports are refreshed every 4 hours, at times after 24: the last revision may show that much later. */
const REFRESH_DAYS = 1;
/**
 * Activity "may be revised by a few percent over the following days", and was once published three days late: nobody says how
 * many days follow.
 * @see https://platform.claude.com/docs/en/api/admin/analytics/users/list
 */
const ACTIVITY_REVISED_DAYS = 14;

/** @param end of what was asked for @param envelopes its answers: data older than that end does not hold all of it */
export function reportSettles(question: Question, end: Instant, envelopes: readonly Envelope[]): Instant | undefined {
  if (mayChange(question) || envelopes.some(({ refreshed }) => refreshed !== undefined && Date.parse(refreshed) < end))
    return undefined;
  const revised = Math.max(end + REPORT_REVISED_DAYS * DAY, ceilMonth(end) + MONTH_REVISED_DAYS * DAY);
  return revised + REFRESH_DAYS * DAY;
}

export function activitySettles(question: Question, end: Instant): Instant | undefined {
  return mayChange(question) ? undefined : end + ACTIVITY_REVISED_DAYS * DAY;
}

/**
 * Whether the data was refreshed between this page of a window and the one before, or between the parts of a page: rows may have
 * passed from one to the other then. What is final is refreshed, too, and does not change.
 */
export function isMoved(
  question: Question,
  { end, page, refreshed: before }: Window,
  envelopes: readonly Envelope[],
): boolean {
  const told = [...(page === undefined ? [] : [before]), ...envelopes.map(({ refreshed }) => refreshed)];
  const times = new Set(told.flatMap((refreshed) => (refreshed === undefined ? [] : [Date.parse(refreshed)])));
  const settles = reportSettles(question, Date.parse(end), envelopes) ?? Number.POSITIVE_INFINITY;
  return times.size > 1 && [...times].some((at) => at < settles);
}

export const REFRESHED =
  "Claude refreshed its data while it was read; rows may be missing or come twice, which their ids tell, and small differences may come of it.";

/** Who has left since is no matter of the days asked for; what the caller's own parameters look at, only they know. */
function mayChange({ includeDeletedUsers, remoteQuery }: Question): boolean {
  return includeDeletedUsers === false || remoteQuery.length > 0;
}
