/** The Usage and Cost Analytics API: windows of 31 days, flat rows, every group. */
import { badParameter } from "../../../errors.ts";
import type { Instant } from "../../../usage/period.ts";
import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import type { Adapter, Asked, Done, Page, Question, RequestedDates } from "../../provider.ts";
import {
  bucketsOf,
  coverage,
  earliestReportDay,
  reachableDays,
  readDates,
  refuseBefore,
  WINDOW_DAYS,
  widthOf,
} from "../dates.ts";
import { enterprise } from "../enterprise/adapter.ts";
import { groupsDone, rowLimit, type WireAsked, wireFilters, wireGroups } from "../filters.ts";
import { contextOf, spanReader } from "../map.ts";
import { firstWindow, isOneWindow, nextWindow, type Window, windowParts, windowSchema } from "../positions.ts";
import { isMoved, REFRESHED, reportSettles } from "../settled.ts";
import { connect, MOST_ROWS, overlap, type Pair, readEnvelope, refreshedOf, withRemote } from "../wire.ts";
import { type FlatContext, flatEntry } from "./map.ts";
import { mixedSupport, support } from "./support.ts";
import {
  FILTERS,
  flatPath,
  groupsOf,
  isByUser,
  isCost,
  isFlatReport,
  MOST_GROUPS,
  orderBy,
  UNCOUNTED_GROUPS,
} from "./wire.ts";

interface Plan {
  asked: WireAsked;
  groups: string[];
  grouped: boolean;
  /** The vendor's own name of what rows are ordered by. */
  order: string;
  sorted: boolean;
  days: number;
}

function plan(question: Question): Plan {
  const { report, sort, granularity, groupBy, remoteQuery } = question;
  const asked = wireFilters(question, FILTERS);
  const known = groupsOf(report);
  const byUser = isByUser(report);
  const show = byUser ? [...new Set([...asked.show, "actor"])] : asked.show;
  const groups = wireGroups(question, known, byUser ? [] : ["product", "model"], show);
  const days = granularity === "minute" ? 1 : WINDOW_DAYS;
  const order = sort && orderBy(report, sort.by);
  const grouped = groupsDone(question, known, show);
  // Rows of kinds of cost come under the row they are parts of, whatever their own amounts.
  const kinds = [...groups, ...remoteQuery.map(([, value]) => value)].some((group) => UNCOUNTED_GROUPS.includes(group));
  const sorted = order !== undefined && isOneWindow(question, days) && !kinds && (grouped || groupBy === undefined);
  return { asked, groups, grouped, order: sorted ? order : "time", sorted, days };
}

const v2: Omit<Adapter<Window>, "support"> = {
  connect,
  reserved: {},

  readPeriod(dates: RequestedDates, { now }: Asked) {
    return readDates(dates, { now, days: 7, daysOnly: false, earliest: earliestReportDay(now) });
  },

  cover: reachableDays,

  does(question: Question): Done {
    const { asked, grouped, sorted } = plan(question);
    return { filters: asked.done, groupBy: grouped, sort: sorted };
  },

  first(question: Question): Window | undefined {
    refuseBefore(earliestReportDay(question.now), bucketsOf(question).start, question.dates);
    const { asked, groups, grouped, days } = plan(question);
    refuseGroups(question, groups, grouped);
    if (asked.nothing) return undefined;
    return firstWindow(question, rowLimit(question, MOST_ROWS), days);
  },

  parts: (question) => windowParts(question, plan(question).days),

  request(question: Question, position: Window): VendorRequest {
    const at = windowSchema.parse(position);
    const { asked, groups, order, sorted } = plan(question);
    const { sort, includeDeletedUsers, report } = question;
    const own: Pair[] = [
      ["starting_at", at.start],
      ["ending_at", at.end],
      ["time_bucket_width", widthOf(question)],
      ...groups.map((group): Pair => ["group_by[]", group]),
      ...asked.pairs,
      ...(isByUser(report) ? [["actor_types[]", "user_actor"] as const] : []),
      ...(isByUser(report) && includeDeletedUsers !== undefined
        ? [["exclude_deleted_users", String(!includeDeletedUsers)] as const]
        : []),
      ["order_by", order],
      ["order", sorted && sort ? sort.order : "asc"],
      ["limit", String(at.limit)],
      ...(at.page === undefined ? [] : [["page", at.page] as const]),
    ];
    return { method: "GET", path: flatPath(report), query: withRemote(own, question.remoteQuery) };
  },

  read(question: Question, position: Window, answers: readonly VendorAnswer[]): Page<Window> {
    const at = windowSchema.parse(position);
    const [answer] = answers;
    if (!answer) return { entries: [] };
    const endpoint = isCost(question.report) ? "cost" : "usage";
    const envelope = readEnvelope(answer, endpoint);
    const { items } = envelope;
    const context: FlatContext = { ...contextOf(question, answer, envelope), endpoint };
    const spanOf = spanReader(endpoint);
    const moved = isMoved(question, at, [envelope]);
    return {
      entries: items.map((item) => flatEntry(item, spanOf(item), context)),
      ...nextWindow(question, at, envelope, plan(question).days),
      ...refreshedOf([envelope]),
      ...(moved ? { moved } : {}),
      warnings: [...overlap(context.groups), ...(moved ? [REFRESHED] : [])],
      ...coverage(question),
    };
  },

  settles(question: Question, position: Window, answers: readonly VendorAnswer[]): Instant | undefined {
    const endpoint = isCost(question.report) ? "cost" : "usage";
    const envelopes = answers.map((answer) => readEnvelope(answer, endpoint));
    return reportSettles(question, Date.parse(windowSchema.parse(position).end), envelopes);
  },
};

function refuseGroups({ report, groupBy = [] }: Question, groups: readonly string[], grouped: boolean): void {
  if (groups.filter((group) => !UNCOUNTED_GROUPS.includes(group)).length > MOST_GROUPS) {
    throw badParameter("group_by", `Claude breaks usage and cost down by ${MOST_GROUPS} dimensions at once, no more.`);
  }
  if (isCost(report) && groupBy.includes("token_type") && !grouped) {
    throw badParameter(
      "group_by",
      `token_type of ${report} comes by day; it can't be joined with ${groupBy.filter((dimension) => dimension !== "token_type").join(", ")}${isByUser(report) ? ", and needs user beside it" : ""}.`,
    );
  }
}

/** An Admin key opens these two endpoints and no others of the analytics. */
export const analyticsV2: Adapter<Window> = { ...v2, support };

const V2: Adapter = analyticsV2;

/** An Analytics key opens the Enterprise endpoints as well: they serve the other reports. */
export const enterpriseWithV2: Adapter = {
  support: mixedSupport,
  connect,
  reserved: {},
  readPeriod: (dates, asked) => side(asked).readPeriod(dates, asked),
  cover: (period, asked) => side(asked).cover(period, asked),
  does: (question) => side(question).does?.(question) ?? {},
  split: (question) => side(question).split?.(question),
  first: (question) => side(question).first(question),
  parts: (question) => side(question).parts?.(question),
  request: (question, at) => side(question).request(question, at),
  more: (question, at, answer) => side(question).more?.(question, at, answer),
  read: (question, at, answers, directory) => side(question).read(question, at, answers, directory),
  settles: (question, at, answers) => side(question).settles?.(question, at, answers),
  refused: (question, at, refusal) => side(question).refused?.(question, at, refusal),
};

function side({ report }: Pick<Question, "report">): Adapter {
  return isFlatReport(report) ? V2 : enterprise;
}
