import * as z from "zod";
import { badParameter } from "../../errors.ts";
import type { Instant, Period } from "../../usage/period.ts";
import type { VendorAnswer, VendorRequest } from "../../vendor-http/connection.ts";
import type { Adapter, Asked, Directory, Done, Page, Question, RequestedDates } from "../provider.ts";
import { cover, readPeriod } from "./dates.ts";
import { analytics, analyticsPosition, byUser, nativeUsers } from "./sources/analytics.ts";
import { commits, commitsPosition, nativeUser } from "./sources/commits.ts";
import { byMemberId, daily, dailyPosition } from "./sources/daily.ts";
import { nativePerson } from "./sources/event-people.ts";
import { events, eventsPosition } from "./sources/events.ts";
import type { Source } from "./sources/source.ts";
import { spend, spendPosition } from "./sources/spend.ts";
import { support } from "./support.ts";
import { connect, isEarlierPage, MEMBERS, readMembers } from "./wire.ts";

const positionSchema = z.discriminatedUnion("source", [
  dailyPosition,
  eventsPosition,
  spendPosition,
  analyticsPosition,
  commitsPosition,
]);
type Position = z.infer<typeof positionSchema>;

/** A source is only ever given positions of its own: their `source` says whose they are. */
const SOURCES: Readonly<Record<Position["source"], Source<Position>>> = { daily, events, spend, analytics, commits };

/** Each report is read from one of Cursor's endpoints; the summary from two, since neither knows all. */
export const cursor: Adapter<Position> = {
  support,
  connect,
  reserved: {
    startdate: "use the parameter start_date",
    enddate: "use the parameter end_date",
    page: "use limit and cursor, or page",
    pagesize: "use limit or page_size",
    email: "use user_ids",
    users: "use user_ids",
    sortby: "use sort_by",
    sortdirection: "use sort_order",
  },

  lookup: {
    requests: (question) => (namesPeople(question) ? [{ method: "GET", path: MEMBERS }] : []),
    read: (_request, answer) => readMembers(answer),
  },

  readPeriod(dates: RequestedDates, asked: Asked): Period {
    return readPeriod(dates, asked);
  },

  cover(period: Period, { report }: Asked): Period {
    return cover(period, report);
  },

  does(question: Question): Done {
    switch (sourceOf(question)) {
      case "events":
        return nativePerson(question) ? { filters: ["user_ids"] } : {};
      case "analytics":
        return nativeUsers(question) ? { filters: ["user_ids"] } : {};
      case "commits":
        return nativeUser(question) ? { filters: ["user_ids"] } : {};
      case "spend":
        return { groupBy: true };
      case "daily":
        return byMemberId(question) ? { filters: ["user_ids"] } : {};
    }
  },

  first(question: Question): Position | undefined {
    if (question.report === "summary" && question.remoteQuery.length > 0)
      throw badParameter(
        "remote_query",
        "a summary is read from two of Cursor's endpoints, which take different parameters; use report_type usage or activity.",
      );
    return SOURCES[sourceOf(question)].first(question);
  },

  parts(question: Question): readonly Period[] | undefined {
    return SOURCES[sourceOf(question)].parts?.(question);
  },

  request(question: Question, position: Position): VendorRequest {
    const at = positionSchema.parse(position);
    return SOURCES[at.source].request(question, at);
  },

  read(question: Question, position: Position, answers: readonly VendorAnswer[], directory: Directory): Page<Position> {
    const at = positionSchema.parse(position);
    const [answer] = answers;
    if (!answer) throw new Error("a page is one answer");
    // The engine sees that this leads back to where it was, and says that what follows is missing.
    if (isEarlierPage(answer, at.page)) return { entries: [], next: position };
    return thenDaily(question, at, SOURCES[at.source].read(question, at, answer, directory));
  },

  settles(question: Question, position: Position): Instant | undefined {
    // What the caller's own parameters look at, and how long that may change, only the caller knows.
    if (question.remoteQuery.length > 0) return undefined;
    const at = positionSchema.parse(position);
    return SOURCES[at.source].settles?.(question, at);
  },
};

function sourceOf(question: Question): Position["source"] {
  switch (question.report) {
    case "activity":
    case "user_usage":
      return "daily";
    case "skill_usage":
    case "connector_usage":
      return "analytics";
    case "project_usage":
      return "commits";
    case "user_cost":
      return isCurrentCycle(question) ? "spend" : "events";
    case "usage":
    case "cost":
    case "summary":
      return "events";
  }
}

/**
 * Whether /teams/spend can answer: it knows the current billing cycle and people, nothing else. A question of a summary has
 * no dates either, but a period of its own, which does not end now.
 */
function isCurrentCycle({ dates, period, now, groupBy, filters }: Question): boolean {
  const dated = dates.start_date !== undefined || dates.end_date !== undefined || dates.date !== undefined;
  const byPerson = groupBy === undefined || (groupBy.length === 1 && groupBy[0] === "user");
  return !dated && period.end === now && byPerson && filters.model_ids === undefined && filters.surfaces === undefined;
}

/** What a summary needs besides: daily data, after the last event. */
function thenDaily(question: Question, { source }: Position, page: Page<Position>): Page<Position> {
  if (question.report !== "summary" || source !== "events" || page.next) return page;
  const next = daily.first(question);
  return next ? { ...page, next } : page;
}

/** Usage events and daily rows have no names, and events no ids of people. What is summed without people needs neither. */
function namesPeople(question: Question): boolean {
  const { groupBy, filters } = question;
  switch (sourceOf(question)) {
    case "spend":
      return false;
    case "analytics":
      return byUser(question);
    case "commits":
      return groupBy?.includes("user") === true || filters.user_ids !== undefined;
    case "daily":
    case "events":
      return (
        (groupBy ?? support.reports[question.report]?.madeFrom?.by ?? ["user"]).includes("user") ||
        filters.user_ids !== undefined
      );
  }
}
