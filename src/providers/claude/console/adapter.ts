/**
 * The Claude Console's admin API: buckets for usage and cost, days for Claude Code.
 *   usage, cost  reports.ts      map.ts
 *   activity     claude-code.ts  claude-code-map.ts
 */
import { wholeDays } from "../../../usage/period.ts";
import type { Adapter, Asked, Page, Question, RequestedDates } from "../../provider.ts";
import { readDates } from "../dates.ts";
import { connect } from "../wire.ts";
import * as claudeCode from "./claude-code.ts";
import * as reports from "./reports.ts";
import { support } from "./support.ts";

type Way = Pick<Adapter, "does" | "first" | "request" | "read" | "settles">;
/** Each with its own kind of position, which it reads again with its own schema. */
const REPORTS: Way = reports;
const CLAUDE_CODE: Way = claudeCode;

function way({ report }: Question): Way {
  return report === "activity" ? CLAUDE_CODE : REPORTS;
}

export const consoleApi: Adapter = {
  support,
  connect,
  reserved: {},

  readPeriod(dates: RequestedDates, { report, now }: Asked) {
    return report === "activity"
      ? readDates(dates, { now, days: 1, daysOnly: true })
      : readDates(dates, { now, days: 7, daysOnly: false });
  },

  cover: wholeDays,
  does: (question) => way(question).does?.(question) ?? {},
  first: (question) => way(question).first(question),
  request: (question, at) => way(question).request(question, at),
  read: (question, at, answers, directory): Page<unknown> => way(question).read(question, at, answers, directory),
  settles: (question, at, answers) => way(question).settles?.(question, at, answers),
};
