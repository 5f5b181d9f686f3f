/** Usage of the Messages API and cost: windows of 31 days, in time buckets, all groups of a bucket. */
import { badParameter } from "../../../errors.ts";
import { listed } from "../../../suggest.ts";
import type { Instant } from "../../../usage/period.ts";
import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import type { Done, Page, Question } from "../../provider.ts";
import { coverage, widthOf } from "../dates.ts";
import { groupsDone, type WireAsked, wireFilters, wireGroups } from "../filters.ts";
import { contextOf, groupsIn, spanReader } from "../map.ts";
import { firstWindow, nextWindow, type Window, windowSchema } from "../positions.ts";
import { reportSettles } from "../settled.ts";
import { type Pair, readEnvelope, withRemote } from "../wire.ts";
import { type ConsoleContext, consoleEntry } from "./map.ts";
import {
  COST,
  COST_GROUPS,
  COST_SHOWS,
  MESSAGE_FILTERS,
  MESSAGE_GROUPS,
  MESSAGES,
  MOST_BUCKETS,
  USUAL_COST_GROUPS,
  USUAL_MESSAGE_GROUPS,
} from "./wire.ts";

interface Plan {
  report: "usage" | "cost";
  path: string;
  asked: WireAsked;
  groups: string[];
  grouped: boolean;
}

function plan(question: Question): Plan {
  const cost = question.report === "cost";
  const asked = wireFilters(question, cost ? [] : MESSAGE_FILTERS);
  const shows = cost ? [...asked.show, ...(question.filters.model_ids ? ["description"] : [])] : asked.show;
  const groups = wireGroups(
    question,
    cost ? COST_SHOWS : MESSAGE_GROUPS,
    cost ? USUAL_COST_GROUPS : USUAL_MESSAGE_GROUPS,
    shows,
  );
  return {
    report: cost ? "cost" : "usage",
    path: cost ? COST : MESSAGES,
    asked,
    groups,
    grouped: groupsDone(question, cost ? COST_GROUPS : MESSAGE_GROUPS, shows),
  };
}

export function does(question: Question): Done {
  const { asked, grouped } = plan(question);
  return { filters: asked.done, groupBy: grouped };
}

export function first(question: Question): Window | undefined {
  const { asked } = plan(question);
  const others = question.filters.user_ids?.filter((id) => !/^user_\w+$/i.test(id)) ?? [];
  if (others.length > 0) {
    throw badParameter(
      "user_ids",
      `usage of the Console names people by Claude's ids only (user_...), so it can't be looked through for ${listed(others, 3)}.`,
    );
  }
  return asked.nothing ? undefined : firstWindow(question, MOST_BUCKETS[widthOf(question)] ?? 1);
}

export function request(question: Question, position: Window): VendorRequest {
  const at = windowSchema.parse(position);
  const { path, groups, asked } = plan(question);
  const own: Pair[] = [
    ["starting_at", at.start],
    ["ending_at", at.end],
    ["bucket_width", widthOf(question)],
    ...groups.map((group): Pair => ["group_by[]", group]),
    ...asked.pairs,
    ["limit", String(at.limit)],
    ...(at.page === undefined ? [] : [["page", at.page] as const]),
  ];
  return { method: "GET", path, query: withRemote(own, question.remoteQuery) };
}

export function read(question: Question, position: Window, answers: readonly VendorAnswer[]): Page<Window> {
  const at = windowSchema.parse(position);
  const { report } = plan(question);
  const [answer] = answers;
  if (!answer) return { entries: [] };
  const envelope = readEnvelope(answer, report);
  const { items } = envelope;
  const { groupBy = [] } = question;
  const context: ConsoleContext = {
    ...contextOf(question, answer, envelope),
    report,
    byKind: groupBy.includes("charge_type") && !groupBy.includes("metric_name"),
  };
  const spanOf = spanReader(report);
  const entries = items.flatMap((bucket) =>
    groupsIn(bucket, report).map((item) => consoleEntry(item, spanOf(bucket), context)),
  );
  return { entries, ...nextWindow(question, at, envelope), ...coverage(question) };
}

export function settles(question: Question, position: Window): Instant | undefined {
  return reportSettles(question, Date.parse(windowSchema.parse(position).end), []);
}
