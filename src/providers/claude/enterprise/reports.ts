/** Usage and cost: windows of 31 days, in time buckets, for the organization or by person. */
import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import { type Json, list, object } from "../../fields.ts";
import type { Done, Entry, Page, Question } from "../../provider.ts";
import { filtersLeft, rowLimit } from "../filters.ts";
import { type Span, span, spanReader } from "../map.ts";
import { bucketsOf, coverage, earliestReportDay, refuseBefore, widthOf } from "../periods.ts";
import { wantedProducts } from "../products.ts";
import { firstWindow, nextWindow, type Window, windowSchema } from "../windows.ts";
import { groupsAsked, MOST_ROWS, overlap, type Pair, readEnvelope, VENDOR, withRemote } from "../wire.ts";
import { isCut, remainders } from "./remainder.ts";
import { type RowContext, reportEntry } from "./report-map.ts";
import { plan, refuseTokenTypes } from "./report-plan.ts";
import { FOREIGN_PRODUCTS, MOST_BUCKETS, windowPath } from "./wire.ts";

export function does(question: Question): Done {
  const { asked, grouped, order } = plan(question);
  return { filters: asked.done, groupBy: grouped, sort: order !== undefined };
}

export function split(question: Question): { report: "user_usage" | "user_cost"; dimension: "user" } | undefined {
  const { report, groupBy } = question;
  if (!groupBy?.includes("user") || plan(question).routed) return undefined;
  refuseTokenTypes(question);
  if (report === "usage") return { report: "user_usage", dimension: "user" };
  return report === "cost" ? { report: "user_cost", dimension: "user" } : undefined;
}

export function first(question: Question): Window | undefined {
  const { start } = bucketsOf(question);
  refuseBefore(earliestReportDay(question.now), start, question.dates);
  refuseTokenTypes(question);
  const { byUser, asked, asIs, days } = plan(question);
  if (asked.nothing || wantedProducts(question.filters)?.every((product) => FOREIGN_PRODUCTS.includes(product)))
    return undefined;
  const limit = byUser ? rowLimit(question, asIs, MOST_ROWS) : (MOST_BUCKETS[widthOf(question)] ?? 1);
  return firstWindow(question, limit, days);
}

export function request(question: Question, position: Window): VendorRequest {
  const at = windowSchema.parse(position);
  const { endpoint, asked, groups, order, byUser } = plan(question);
  const { sort, includeDeletedUsers } = question;
  const own: Pair[] = [
    ["starting_at", at.start],
    ["ending_at", at.end],
    ["bucket_width", widthOf(question)],
    ...groups.map((group): Pair => ["group_by[]", group]),
    ...asked.pairs,
    ...(byUser && includeDeletedUsers !== undefined
      ? [["exclude_deleted_users", String(!includeDeletedUsers)] as const]
      : []),
    ...(order && sort ? [["order_by", order] as const, ["order", sort.order] as const] : []),
    ["limit", String(at.limit)],
    ...(at.page === undefined ? [] : [["page", at.page] as const]),
  ];
  return { method: "GET", path: windowPath(endpoint), query: withRemote(own, question.remoteQuery) };
}

/**
 * A bucket holds its 100 largest groups and says nothing of the rest. Where that may have cut something off, the same
 * buckets are asked for without groups, so that the difference can stand for it.
 */
export function more(question: Question, position: Window, answer: VendorAnswer): VendorRequest | undefined {
  const { byUser, endpoint } = plan(question);
  if (byUser) return undefined;
  const { searchParams } = new URL(answer.url);
  const { items, next } = readEnvelope(answer, endpoint);
  if (overlap(groupsAsked(answer)).length > 0) return undefined;
  const totals = groupsAsked(answer).length === 0;
  // The totals' own next page, if they have one.
  if (totals && (groupsAskedOf(question, position).length === 0 || next === undefined)) return undefined;
  const cut = totals ? undefined : boundsOf(items.filter(isCut));
  if (!totals && !cut) return undefined;
  const [start, end] = cut ?? [searchParams.get("starting_at") ?? "", searchParams.get("ending_at") ?? ""];
  const { query = [], ...rest } = request(question, { ...windowSchema.parse(position), start, end });
  const without = query.filter(([name]) => !name.startsWith("group_by") && name !== "page");
  return { ...rest, query: totals && next !== undefined ? [...without, ["page", next]] : without };
}

function groupsAskedOf(question: Question, position: Window): string[] {
  const { query = [] } = request(question, position);
  return query.filter(([name]) => name.startsWith("group_by")).map(([, group]) => group);
}

function boundsOf(buckets: readonly Json[]): [string, string] | undefined {
  const [from, to] = [buckets[0], buckets.at(-1)];
  return from && to && [String(from["starting_at"]), String(to["ending_at"])];
}

export function read(question: Question, position: Window, answers: readonly VendorAnswer[]): Page<Window> {
  const at = windowSchema.parse(position);
  const { endpoint, byUser, asked, days } = plan(question);
  const [answer, ...totals] = answers;
  if (!answer) return { entries: [] };
  const { items, next, refreshed, organization } = readEnvelope(answer, endpoint);
  const context: RowContext = {
    endpoint,
    groups: groupsAsked(answer).sort(),
    width: widthOf(question),
    ...(refreshed ? { refreshed } : {}),
    ...(organization ? { organization } : {}),
  };
  const spanOf = spanReader(endpoint);
  const window = span(Date.parse(at.start), Date.parse(at.end));
  const entries = byUser
    ? items.map((item) => reportEntry(item, item["starting_at"] ? spanOf(item) : window, context))
    : items.flatMap((bucket) => bucketEntries(bucket, spanOf(bucket), context));
  const beyond = remainders(items, totals, spanOf, context);
  const warnings = [...overlap(context.groups), ...beyond.warnings];
  if (beyond.entries.length > 0 && filtersLeft(question, asked).length > 0) {
    warnings.push(
      "Claude reports the 100 largest groups of a bucket; what lies beyond could not be looked through for the filter.",
    );
  }
  return {
    entries: [...entries, ...beyond.entries],
    ...nextWindow(question, at, next, days),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...coverage(question),
  };
}

function bucketEntries({ starting_at, ending_at, results }: Json, at: Span, context: RowContext): Entry[] {
  const name = `${context.endpoint}.data[].results`;
  return list(results, VENDOR, name).map((result) =>
    reportEntry({ starting_at, ending_at, ...object(result, VENDOR, `${name}[]`) }, at, context),
  );
}
