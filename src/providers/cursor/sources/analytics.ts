import * as z from "zod";
import { DAY, isoDay, type Period } from "../../../usage/period.ts";
import type { ReportType } from "../../../usage/report.ts";
import type { Usage } from "../../../usage/row.ts";
import type { VendorAnswer } from "../../../vendor-http/connection.ts";
import {
  type Json,
  list,
  object,
  optionalObject,
  optionalText,
  requiredAmount,
  requiredList,
  requiredText,
} from "../../fields.ts";
import type { Directory, Entry, Page, Question } from "../../provider.ts";
import { RESTATED } from "../dates.ts";
import { dayBounds, dayOf, PRODUCT, personOf } from "../map.ts";
import { hasNext, LONGEST_DAYS, TEAM_ANALYTICS, totalUsers, USER_ANALYTICS } from "../wire.ts";
import { beforeSchema, changed, isRepeated, pageOf } from "./page-before.ts";
import type { Source } from "./source.ts";

/** Days `YYYY-MM-DD`, both included, at most 30; and by user, the page of users in them, from 1. */
export const analyticsPosition = z.object({
  source: z.literal("analytics"),
  from: z.string(),
  to: z.string(),
  page: z.number(),
  before: beforeSchema.optional(),
});
type Position = z.infer<typeof analyticsPosition>;

/** The most a page by user may hold. */
const USERS_PER_PAGE = "500";

/** What each report counts: the metric in the path, its name in rows, and a row's resource. */
interface Metric {
  path: string;
  name: string;
  resource(item: Json): NonNullable<Usage["resources"]>[number];
  usage(times: number): NonNullable<Usage["usage"]>;
}

const SKILLS: Metric = {
  path: "skills",
  name: "skill_usage",
  resource: (item) => named(requiredText(item["skill_name"], "Cursor", "data[].skill_name")),
  usage: (times) => ({ tools: { skills_used_count: times } }),
};

/** A tool of an MCP server; the server is what other vendors call a connector. */
const MCP: Metric = {
  path: "mcp",
  name: "mcp_usage",
  resource: (item) => {
    const server = optionalText(item["mcp_server_name"], "Cursor", "data[].mcp_server_name");
    const tool = named(requiredText(item["tool_name"], "Cursor", "data[].tool_name"));
    return server ? { ...tool, workspace: named(server) } : tool;
  },
  usage: (times) => ({ tools: { action_count: times } }),
};

/**
 * GET /analytics/team/{metric} for the team, or /analytics/by-user/{metric} where people are told apart. The team's series
 * has no pages. Enterprise teams only.
 */
export const analytics: Source<Position> = {
  first({ period, now }: Question) {
    return window(period, now);
  },

  request(question: Question, { from, to, page }: Position) {
    const { path } = metricOf(question.report);
    const dates = [
      ["startDate", from],
      ["endDate", to],
    ] as const;
    if (!byUser(question))
      return { method: "GET", path: `${TEAM_ANALYTICS}/${path}`, query: [...dates, ...question.remoteQuery] };
    const users = nativeUsers(question);
    const paging = [
      ...(users ? [["users", users.join(",")] as const] : []),
      ["page", String(page)],
      ["pageSize", USERS_PER_PAGE],
    ] as const;
    return { method: "GET", path: `${USER_ANALYTICS}/${path}`, query: [...dates, ...paging, ...question.remoteQuery] };
  },

  read(question: Question, at: Position, answer, directory): Page<Position> {
    const next = window({ start: Date.parse(at.to) + DAY, end: question.period.end }, question.now);
    const then = next ? { next } : {};
    if (!byUser(question)) return { entries: readTeam(metricOf(question.report), answer), ...then };
    const users = usersOf(answer);
    const held = pageOf(Object.keys(users), totalUsers(answer));
    const all = readUsers(metricOf(question.report), users, answer, directory);
    const page: Page<Position> = {
      entries: isRepeated(at.before, held) ? [] : all,
      ...changed(at.before, held, "people"),
    };
    return hasNext(answer, at.page, all.length === 0)
      ? { ...page, next: { ...at, page: at.page + 1, before: held } }
      : { ...page, ...then };
  },

  settles: (_question, { to }) => Date.parse(to) + DAY + RESTATED,
};

/** The people that Cursor filters by: ids and e-mails, all of them in one of the two spellings that it knows. */
export function nativeUsers({ filters }: Question): readonly string[] | undefined {
  const users = filters.user_ids;
  return users?.every((user) => (user.includes("@") || user.startsWith("user_")) && !user.includes(","))
    ? users
    : undefined;
}

export function byUser({ groupBy, filters }: Question): boolean {
  return filters.user_ids !== undefined || groupBy?.includes("user") === true;
}

function metricOf(report: ReportType): Metric {
  return report === "skill_usage" ? SKILLS : MCP;
}

/** Days count as a whole whatever the time, so a window is counted in days. */
function window({ start, end }: Period, now: number): Position | undefined {
  const last = Math.min(end - 1, now, start + LONGEST_DAYS * DAY - 1);
  return start > last ? undefined : { source: "analytics", from: isoDay(start), to: isoDay(last), page: 1 };
}

function readTeam(metric: Metric, answer: VendorAnswer): Entry[] {
  const { data } = object(answer.body, "Cursor", "the answer");
  return inOrder(
    requiredList(data, "Cursor", "data").map((item) => mapItem(metric, object(item, "Cursor", "data[]"), undefined)),
  );
}

/** An object keyed by e-mail. */
function usersOf(answer: VendorAnswer): Json {
  return object(object(answer.body, "Cursor", "the answer")["data"], "Cursor", "data");
}

/** People's ids stand apart, in `params.userMappings`. */
function readUsers(metric: Metric, users: Json, answer: VendorAnswer, directory: Directory): Entry[] {
  const ids = userIds(answer);
  return Object.entries(users).flatMap(([email, items]) => {
    const user = personOf({ id: ids.get(email.toLowerCase()), email }, directory);
    const own = requiredList(items, "Cursor", "data[e-mail]").map((item) => object(item, "Cursor", "data[e-mail][]"));
    return inOrder(own.map((item) => mapItem(metric, { ...item, email }, user)));
  });
}

function userIds(answer: VendorAnswer): ReadonlyMap<string, string> {
  const params = optionalObject(object(answer.body, "Cursor", "the answer")["params"], "Cursor", "params");
  return new Map(
    list(params?.["userMappings"], "Cursor", "params.userMappings").flatMap((entry): [string, string][] => {
      const mapping = object(entry, "Cursor", "params.userMappings[]");
      const email = optionalText(mapping["email"], "Cursor", "params.userMappings[].email");
      const id = optionalText(mapping["id"], "Cursor", "params.userMappings[].id");
      return email && id ? [[email.toLowerCase(), id]] : [];
    }),
  );
}

/** @param item by user with its `email`, which the answer has outside of it */
function mapItem(metric: Metric, item: Json, user: Usage["user"]): Entry & { row: Usage } {
  const day = requiredText(dayOf(item["event_date"]), "Cursor", "data[].event_date");
  const resource = metric.resource(item);
  const whose = user?.email?.toLowerCase() ?? "team";
  const what = [resource.workspace?.id, resource.id].filter((part) => part !== undefined).join("/");
  const row: Usage = {
    id: `cursor:${metric.name}:${day}:${whose}:${what}`,
    ...dayBounds(day),
    metric_name: metric.name,
    product: PRODUCT,
    resources: [resource],
    ...(user ? { user } : {}),
    usage: metric.usage(requiredAmount(item["usage"], "Cursor", "data[].usage").toNumber()),
    remote_data: item,
  };
  return { item, rows: [row], row };
}

/** By day and id: Cursor names no order within an answer. */
function inOrder(entries: (Entry & { row: Usage })[]): Entry[] {
  return entries
    .map(({ item, rows, row }) => ({ item, rows, key: `${row.start_date} ${row.id}` }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item, rows }) => ({ item, rows }));
}

function named(name: string): { id: string; name: string } {
  return { id: name, name };
}
