/**
 * The Claude Enterprise Analytics API: three ways of asking, by report.
 *   usage, cost, user_usage, user_cost          reports.ts    map.ts
 *   activity                                    days.ts       activity-map.ts
 *   project_usage, skill_usage, connector_usage days.ts       day-map.ts
 *   summary                                     summaries.ts  summary-map.ts
 */
import type { Adapter, Asked, Page, Question, RequestedDates } from "../../provider.ts";
import { earliestReportDay, FIRST_DAY, reachableDays, readDates } from "../dates.ts";
import { connect } from "../wire.ts";
import * as days from "./days.ts";
import * as reports from "./reports.ts";
import * as summaries from "./summaries.ts";
import { support } from "./support.ts";
import { isDayReport, isWindowReport } from "./wire.ts";

type Way = Pick<Adapter, "does" | "split" | "first" | "parts" | "request" | "more" | "read" | "settles" | "refused">;
/** Each with its own kind of position, which it reads again with its own schema. */
const DAYS: Way = days;
const REPORTS: Way = reports;
const SUMMARIES: Way = summaries;

function way({ report }: Question): Way {
  if (isWindowReport(report)) return REPORTS;
  return isDayReport(report) ? DAYS : SUMMARIES;
}

export const enterprise: Adapter = {
  support,
  connect,
  reserved: {},

  readPeriod(dates: RequestedDates, { report, now }: Asked) {
    return isWindowReport(report)
      ? readDates(dates, { now, days: 7, daysOnly: false, earliest: earliestReportDay(now) })
      : readDates(dates, { now, days: 1, daysOnly: true, earliest: FIRST_DAY });
  },

  cover: reachableDays,
  does: (question) => way(question).does?.(question) ?? {},
  split: (question) => way(question).split?.(question),
  first: (question) => way(question).first(question),
  parts: (question) => way(question).parts?.(question),
  request: (question, at) => way(question).request(question, at),
  more: (question, at, answer) => way(question).more?.(question, at, answer),
  read: (question, at, answers, directory): Page<unknown> => way(question).read(question, at, answers, directory),
  settles: (question, at, answers) => way(question).settles?.(question, at, answers),
  refused: (question, at, refusal) => way(question).refused?.(question, at, refusal),
};
