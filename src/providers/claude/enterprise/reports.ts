/** Usage and cost: windows of 31 days, in time buckets, for the organization or by person. */
import type { Instant, Period } from "../../../usage/period.ts";
import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import { drift } from "../../fields.ts";
import type { Done, Page, Question } from "../../provider.ts";
import { bucketsOf, coverage, earliestReportDay, refuseBefore, stepOf, widthOf } from "../dates.ts";
import { filtersLeft, rowLimit } from "../filters.ts";
import { contextOf, groupsIn, type Span, span, spanReader } from "../map.ts";
import { firstWindow, nextWindow, type Window, windowParts, windowSchema } from "../positions.ts";
import { wantedProducts } from "../products.ts";
import { isMoved, REFRESHED, reportSettles } from "../settled.ts";
import { MOST_ROWS, overlap, type Pair, readEnvelope, refreshedOf, VENDOR, withRemote } from "../wire.ts";
import { type RowContext, reportEntry } from "./map.ts";
import { remainders, totalsRequest } from "./remainder.ts";
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
  const { byUser, asked, days } = plan(question);
  if (asked.nothing || wantedProducts(question.filters)?.every((product) => FOREIGN_PRODUCTS.includes(product)))
    return undefined;
  const limit = byUser ? rowLimit(question, MOST_ROWS) : (MOST_BUCKETS[widthOf(question)] ?? 1);
  return firstWindow(question, limit, days);
}

export function parts(question: Question): Period[] | undefined {
  return windowParts(question, plan(question).days);
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

/** Buckets that hold more than they show are asked for once more, without groups: see remainder.ts. */
export function more(question: Question, position: Window, answer: VendorAnswer): VendorRequest | undefined {
  const { byUser, endpoint } = plan(question);
  const { path, query = [] } = request(question, position);
  if (byUser || !query.some(([name]) => name === "group_by[]")) return undefined;
  return totalsRequest(path, answer, readEnvelope(answer, endpoint));
}

export function read(question: Question, position: Window, answers: readonly VendorAnswer[]): Page<Window> {
  const at = windowSchema.parse(position);
  const { endpoint, byUser, asked, days } = plan(question);
  const [answer, ...totals] = answers;
  if (!answer) return { entries: [] };
  const envelope = readEnvelope(answer, endpoint);
  const sums = totals.map((total) => readEnvelope(total, endpoint));
  const { items } = envelope;
  const context: RowContext = { ...contextOf(question, answer, envelope, byUser ? ["user_id"] : []), endpoint };
  const spanOf = spanReader(endpoint);
  const entries = byUser
    ? items.map((item) =>
        reportEntry(item, item["starting_at"] === null ? onlyBucket(question, at, endpoint) : spanOf(item), context),
      )
    : items.flatMap((bucket) => groupsIn(bucket, endpoint).map((item) => reportEntry(item, spanOf(bucket), context)));
  const beyond = remainders(items, sums, spanOf, context);
  const moved = isMoved(question, at, [envelope, ...sums]);
  const warnings = [...overlap(context.groups), ...(moved ? [REFRESHED] : []), ...beyond.warnings];
  if (beyond.entries.length > 0 && filtersLeft(question, asked).length > 0) {
    warnings.push(
      "Claude reports the 100 largest groups of a bucket; what lies beyond could not be looked through for the filter.",
    );
  }
  return {
    entries: [...entries, ...beyond.entries],
    ...nextWindow(question, at, envelope, days),
    ...refreshedOf([envelope, ...sums]),
    ...(moved ? { moved } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...coverage(question),
  };
}

/** Rows without bounds of their own are of all that was asked for, which must be one bucket then. */
function onlyBucket(question: Question, { start, end }: Window, endpoint: string): Span {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  if (to - from > stepOf(question)) throw drift(VENDOR, `${endpoint}.data[].starting_at`, "a date", null);
  return span(from, to);
}

export function settles(question: Question, position: Window, answers: readonly VendorAnswer[]): Instant | undefined {
  const { endpoint } = plan(question);
  const envelopes = answers.map((answer) => readEnvelope(answer, endpoint));
  return reportSettles(question, Date.parse(windowSchema.parse(position).end), envelopes);
}
