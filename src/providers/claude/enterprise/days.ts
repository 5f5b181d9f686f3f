/** Who did what, day by day: people, projects, skills, connectors. One call a day, since a range is one row for all of it. */
import { badParameter } from "../../../errors.ts";
import { listed } from "../../../suggest.ts";
import { DAY, type Instant, isoDay } from "../../../usage/period.ts";
import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import type { Done, Page, Question, VendorRefusal } from "../../provider.ts";
import { FIRST_DAY, refuseBefore } from "../dates.ts";
import { groupsDone, rowLimit, type WireAsked, wireFilters, wireGroups } from "../filters.ts";
import { type DayPosition, dayBounds, daySchema, firstDay, nextDay } from "../positions.ts";
import { activitySettles } from "../settled.ts";
import { groupsAsked, MOST_ROWS, narrowedBy, overlap, type Pair, readEnvelope, withRemote } from "../wire.ts";
import { activityRows } from "./activity-map.ts";
import { type DayContext, entityRow } from "./day-map.ts";
import { MOST_BACK, meansTooRecent, namedBefore, tooRecent, wantsLatest, yesterday } from "./published.ts";
import { DAY_FILTERS, DAY_GROUPS, type DayReport, dayPath, isDayReport } from "./wire.ts";

interface Plan {
  report: DayReport;
  asked: WireAsked;
  groups: string[];
}

function plan(question: Question): Plan {
  const report = isDayReport(question.report) ? question.report : "activity";
  const asked = wireFilters(question, DAY_FILTERS[report]);
  const groups = wireGroups(question, DAY_GROUPS[report], [], asked.show);
  return { report, asked, groups };
}

/** Rows are of people, or of projects, skills and connectors: there is one row a group only where those are asked for. */
function isGrouped(question: Question, report: DayReport, { show }: WireAsked): boolean {
  const own = report === "activity" ? "user" : "resource";
  return (question.groupBy?.includes(own) ?? false) && groupsDone(question, DAY_GROUPS[report], show);
}

export function does(question: Question): Done {
  const { report, asked } = plan(question);
  // Older deployments know no filter of people: their rows show who they are of, and are looked through once more.
  return { filters: report === "activity" ? [] : asked.done, groupBy: isGrouped(question, report, asked) };
}

export function first(question: Question): DayPosition | undefined {
  const { asked, report } = plan(question);
  refuseBefore(FIRST_DAY, question.period.start, question.dates);
  if (report !== "activity") refuseEmails(question, asked);
  if (asked.nothing) return undefined;
  const at = firstDay(question, rowLimit(question, MOST_ROWS), yesterday(question.now));
  return at && wantsLatest(question) ? { ...at, back: 0 } : at;
}

/** These rows know people by id only: an e-mail would match none of them, in silence. */
function refuseEmails({ filters, report }: Question, { done }: WireAsked): void {
  const others = filters.user_ids?.filter((id) => !/^user_\w+$/i.test(id)) ?? [];
  if (others.length === 0 || done.includes("user_ids")) return;
  throw badParameter(
    "user_ids",
    `${report} names people by Claude's ids only (user_...), so it can't be looked through for ${listed(others, 3)}; report_type activity shows both.`,
  );
}

export function request(question: Question, position: DayPosition): VendorRequest {
  const at = daySchema.parse(position);
  const { report, asked, groups } = plan(question);
  const own: Pair[] = [
    ["date", at.day],
    ...groups.map((group): Pair => ["group_by[]", group]),
    ...asked.pairs,
    ["limit", String(at.limit)],
    ...(at.page === undefined ? [] : [["page", at.page] as const]),
  ];
  return { method: "GET", path: dayPath(report), query: withRemote(own, question.remoteQuery) };
}

export function read(question: Question, position: DayPosition, answers: readonly VendorAnswer[]): Page<DayPosition> {
  const at = daySchema.parse(position);
  const [answer] = answers;
  if (!answer) return { entries: [] };
  const { report } = plan(question);
  const { items, next } = readEnvelope(answer, report);
  const bounds = dayBounds(at.day);
  const bySurface = ["product", "surface"].some((name) => question.groupBy?.some((dimension) => dimension === name));
  const { product_ids, surfaces } = question.filters;
  const groups = groupsAsked(answer);
  const context: DayContext = {
    report,
    ...bounds,
    groups,
    // Rows of people show whom they are of.
    narrowed: narrowedBy(answer, report === "activity" ? [...groups, "user_id"] : groups),
    bySurface: bySurface || product_ids !== undefined || surfaces !== undefined,
  };
  const page = nextDay(question, at, next, yesterday(question.now));
  return {
    entries: items.map((item) => ({
      item,
      rows: report === "activity" ? activityRows(item, context) : [entityRow(item, context, report)],
    })),
    ...page,
    ...(at.back === undefined ? {} : { covered: bounds }),
    warnings: [...overlap(context.groups), ...(page.next === undefined ? lateDays(question, at) : [])],
  };
}

export function settles(question: Question, position: DayPosition): Instant | undefined {
  return activitySettles(question, dayBounds(daySchema.parse(position).day).end);
}

/** Days that have not ended are not asked for; a range that holds some says so. */
function lateDays(question: Question, { back }: DayPosition): string[] {
  const last = yesterday(question.now);
  return back === undefined && question.period.end > last + DAY ? [tooRecent(undefined, last + DAY)] : [];
}

export function refused(
  question: Question,
  position: DayPosition,
  refusal: VendorRefusal,
): Page<DayPosition> | undefined {
  const { page, ...at } = daySchema.parse(position);
  const day = Date.parse(at.day);
  if (page !== undefined) return undefined;
  const named = namedBefore(refusal.words, day);
  if (at.back === undefined)
    return meansTooRecent(refusal, day, question.now)
      ? { entries: [], warnings: [tooRecent(named, day, refusal.words)] }
      : undefined;
  if (refusal.status !== 400 || at.back >= MOST_BACK || day <= FIRST_DAY) return undefined;
  return { entries: [], next: { ...at, day: isoDay(named ?? day - DAY), back: at.back + 1 } };
}
