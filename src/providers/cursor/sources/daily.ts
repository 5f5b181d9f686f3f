import * as z from "zod";
import { firstDays, type Instant, isoDay, type Period } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { flag, type Json, optionalText, requiredText, text } from "../../fields.ts";
import type { Directory, Entry, Page, Question } from "../../provider.ts";
import { cutAt, lastAsked, RESTATED } from "../dates.ts";
import { counts, dayBounds, dayOf, modelOf, PRODUCT, personOf, startOf } from "../map.ts";
import { body, DAILY, hasNext, instant, items, LONGEST_DAYS, totalUsers } from "../wire.ts";
import { beforeSchema, changed, isRepeated, pageOf } from "./page-before.ts";
import type { Source } from "./source.ts";

/** A window of whole UTC days `[start, end)`, and the page of users in it, from 1. */
export const dailyPosition = z.object({
  source: z.literal("daily"),
  start: z.number(),
  end: z.number(),
  page: z.number(),
  before: beforeSchema.optional(),
});
type Position = z.infer<typeof dailyPosition>;

/**
 * Users per page, not rows: each has a row for every day. Always the most, whatever number of rows is wanted: calls are few
 * (20 a minute for all of a team's integrations), and rows are in order within a page, so another size would be another order.
 */
const USERS_PER_PAGE = 1000;

/**
 * POST /teams/daily-usage-data: a row a user and UTC day. With both page and pageSize it holds all members, active or not;
 * without them only the active ones, and no pages. Rows of days without activity are left out here.
 */
export const daily: Source<Position> = {
  first({ period, now }: Question) {
    return period.start > now ? undefined : window(period);
  },

  request({ now, remoteQuery }: Question, { start, end, page }: Position) {
    const own = { startDate: start, endDate: lastAsked({ start, end }, now), page, pageSize: USERS_PER_PAGE };
    return { method: "POST", path: DAILY, body: body(own, remoteQuery) };
  },

  read(question: Question, at: Position, answer, directory): Page<Position> {
    const { report, period, now, filters } = question;
    const wanted = byMemberId(question) ? filters.user_ids?.map((id) => id.toLowerCase()) : undefined;
    const data = items(answer, "data");
    const held = pageOf(new Set(data.flatMap((item) => personIn(item) ?? [])), totalUsers(answer));
    const entries: (Entry & { at: Instant; id: string })[] = [];
    for (const item of isRepeated(at.before, held) ? [] : data) {
      const day = dayOfRow(item);
      const inside = startOf(day) >= at.start && startOf(day) < at.end;
      if (!isActive(item) || !inside) continue;
      const full = mapDay(item, day, directory);
      if (wanted && !idsOf(full, directory).some((id) => wanted.includes(id.toLowerCase()))) continue;
      const row = report === "summary" ? besideEvents(full, directory) : full;
      entries.push({ item, rows: [row], at: startOf(day), id: row.id });
    }
    entries.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    const page: Page<Position> = {
      entries: entries.map(({ item, rows }) => ({ item, rows })),
      ...cutAt(at, now),
      ...changed(at.before, held, "people"),
    };
    if (hasNext(answer, at.page, data.length === 0))
      return { ...page, next: { ...at, page: at.page + 1, before: held } };
    const next = at.end <= now ? window({ start: at.end, end: period.end }) : undefined;
    return next ? { ...page, next } : page;
  },

  settles: (_question, { end }) => end + RESTATED,
};

/**
 * Whether people are asked for by the ids (user_...) that members have. Daily rows may number people instead, so those ids
 * are matched here, by the e-mail of both. In a summary rows have them anyway.
 */
export function byMemberId({ report, filters: { user_ids = [] } }: Question): boolean {
  return report !== "summary" && user_ids.some((id) => /^user_/i.test(id));
}

/** All that a row's person may be asked for by. */
function idsOf({ user }: Usage, directory: Directory): string[] {
  return [user?.id, user?.email, memberId(user, directory)].filter((id) => id !== undefined);
}

function memberId(user: Usage["user"], directory: Directory): string | undefined {
  return directory.get(user?.email?.toLowerCase() ?? "")?.id;
}

function window(period: Period): Position | undefined {
  const days = firstDays(period, LONGEST_DAYS);
  return days && { source: "daily", ...days, page: 1 };
}

/** Ids came later than e-mails, and e-mails may be missing; of who was not active, both may be. */
function personIn(item: Json): string | undefined {
  const id = optionalText(item["userId"], "Cursor", "data[].userId");
  const email = optionalText(item["email"], "Cursor", "data[].email");
  return id ?? email?.toLowerCase();
}

/** A row of activity has one of them. */
function personKey(item: Json): string {
  return requiredText(personIn(item), "Cursor", "data[].userId");
}

/** `isActive` is absent where only active users are listed. */
function isActive(item: Json): boolean {
  return flag(item["isActive"], "Cursor", "data[].isActive") ?? true;
}

/** `day`; older answers have `date` alone, that midnight in UTC. */
function dayOfRow(item: Json): string {
  const day = dayOf(item["day"]);
  if (day !== undefined) return day;
  if (item["date"] === undefined || item["date"] === null) return requiredText(item["day"], "Cursor", "data[].day");
  return isoDay(instant(item["date"], "data[].date"));
}

const CODE = [
  ["totalAccepts", "accepts"],
  ["totalApplies", "applies"],
  ["totalRejects", "rejects"],
  ["totalLinesAdded", "lines_added"],
  ["totalLinesDeleted", "lines_removed"],
  ["acceptedLinesAdded", "lines_accepted_added"],
  ["acceptedLinesDeleted", "lines_accepted_removed"],
] as const;

const REQUESTS = [
  ["agentRequests", "agent"],
  ["chatRequests", "chat"],
  ["composerRequests", "composer"],
  ["cmdkUsages", "cmdk"],
  ["bugbotUsages", "bugbot"],
  ["totalTabsShown", "tab_shown"],
  ["totalTabsAccepted", "tab_accepted"],
  ["subscriptionIncludedReqs", "included"],
  ["usageBasedReqs", "usage_based"],
  ["apiKeyReqs", "api_key"],
] as const;

type Activity = NonNullable<NonNullable<Usage["usage"]>["activity"]>;
type Requests = NonNullable<NonNullable<Usage["usage"]>["requests"]>;

function mapDay(item: Json, day: string, directory: Directory): Usage {
  const user = personOf({ id: text(item["userId"]), email: text(item["email"]) }, directory);
  // Most used of that day, not the only one.
  const model = modelOf(item["mostUsedModel"], "data[].mostUsedModel");
  const code = codeOf(item);
  const requests = requestsOf(item);
  return {
    id: `cursor:daily:${day}:${personKey(item)}`,
    ...dayBounds(day),
    metric_name: "daily_usage",
    product: PRODUCT,
    ...(model ? { model } : {}),
    ...(user ? { user } : {}),
    usage: { activity: activityOf(item), ...(code ? { code } : {}), ...(requests ? { requests } : {}) },
    remote_data: item,
  };
}

function activityOf(item: Json): Activity {
  const version = text(item["clientVersion"]);
  return { is_active: isActive(item), ...(version ? { client_version: version } : {}) };
}

function codeOf(item: Json): NonNullable<Usage["usage"]>["code"] {
  const found = counts(item, CODE);
  const [apply, tab] = [text(item["applyMostUsedExtension"]), text(item["tabMostUsedExtension"])];
  if (!apply && !tab) return found;
  const file_extensions = { ...(apply ? { apply_most_used: apply } : {}), ...(tab ? { tab_most_used: tab } : {}) };
  return { ...found, file_extensions };
}

/**
 * Every request is paid for in one of three ways, so they add up to the total, where all three are there; the kinds of
 * requests may overlap.
 */
function requestsOf(item: Json): Requests | undefined {
  const found = counts(item, REQUESTS);
  const { included, usage_based, api_key } = found ?? {};
  if (included === undefined || usage_based === undefined || api_key === undefined) return found;
  return { ...found, total: included + usage_based + api_key };
}

/**
 * A row of a summary. Usage events say how requests were paid, and which models answered: the same requests are counted
 * there. A person has the id that events show, so that a filter takes both or neither.
 */
function besideEvents({ model: _model, user, ...row }: Usage, directory: Directory): Usage {
  const { total: _, included: _i, usage_based: _u, api_key: _a, ...kinds } = row.usage?.requests ?? {};
  const id = memberId(user, directory) ?? user?.id;
  return {
    ...row,
    ...(user ? { user: { ...user, ...(id ? { id } : {}) } } : {}),
    usage: { ...row.usage, requests: kinds },
  };
}
