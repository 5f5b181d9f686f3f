import type { Day } from "./calendar.ts";
import { dayOf, dayText, parseDay } from "./calendar.ts";
import type { Group, Member, Surface } from "./claude-estate.ts";
import { MEMBERS } from "./claude-estate.ts";
import type { Session } from "./claude-ledger.ts";
import { ledgerOf } from "./claude-ledger.ts";
import type { Call, Version } from "./claude-query.ts";
import { allow, choiceOf, choicesOf, cursorTo, dayAsked, invalid, limitOf, listOf, offsetOf } from "./claude-query.ts";

const FIRST: Day = parseDay("2026-01-01") ?? 0;
const LAG_DAYS = 2;
const LONGEST_DAYS = 366;
const LONGEST_DAYS_EARLIER = 31;
const MOST_ROWS = 1_000;
const SURFACES: readonly Surface[] = ["chat", "claude_code", "cowork", "office_agent"];

/** Of the members one has a seat and never comes. */
const IDLE_SEATS = 1;

/** One day; or a range, of which every entity has one row, without distinct counts. */
export interface Window {
  readonly from: Day;
  /** Excluded. */
  readonly to: Day;
  readonly range: boolean;
}

/** A project's, a skill's, a connector's or a member's row, and what it's ranked by. */
export interface Row<Metric extends string> {
  readonly key: string;
  readonly ranks: Readonly<Record<Metric, number>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Whose and what kind of doings are asked for, and how rows are split. */
export interface Asked {
  readonly window: Window;
  readonly groupBy: readonly string[];
  readonly accepts: (session: Session) => boolean;
  readonly isFiltered: boolean;
  readonly filters: Filters;
}

type Filters = ReadonlyMap<string, ReadonlySet<string>>;

export function readQuestion(call: Call, groupable: readonly string[], filterable: readonly string[]): Asked {
  const { query } = call;
  allow(query, ["date", "starting_date", "ending_date", "order_by", "order"], ["filter", "group_by"]);
  const groupBy = choicesOf(query, "group_by", groupable);
  const filters = readFilters(query, filterable);
  return {
    window: windowOf(call),
    groupBy,
    filters,
    isFiltered: groupBy.length > 0 || filters.size > 0,
    accepts: ({ member, surface, project }) =>
      admits(filters, "user_id", member.id) &&
      admits(filters, "rbac_group_id", member.group?.id) &&
      admits(filters, "product", surface) &&
      admits(filters, "project_id", project?.id),
  };
}

export function admits(filters: Filters, dimension: string, value: string | undefined): boolean {
  const wanted = filters.get(dimension);
  return wanted === undefined || (value !== undefined && wanted.has(value));
}

function readFilters(query: URLSearchParams, filterable: readonly string[]): Filters {
  const filters = new Map<string, Set<string>>();
  for (const entry of listOf(query, "filter")) {
    const colon = entry.indexOf(":");
    const dimension = entry.slice(0, Math.max(colon, 0));
    const value = entry.slice(colon + 1);
    if (!filterable.includes(dimension) || value === "") {
      throw invalid(
        `filter: '${entry}' is not supported here; use one of ${filterable.join(", ")}, as dimension:value`,
      );
    }
    if (dimension === "product" && value !== "chat_cowork_unified" && !SURFACES.some((surface) => surface === value)) {
      throw invalid(`filter: unknown product '${value}'`);
    }
    const values = filters.get(dimension);
    if (values === undefined) filters.set(dimension, new Set([value]));
    else values.add(value);
  }
  return filters;
}

function windowOf(call: Call): Window {
  const { query } = call;
  const date = dayAsked(query, "date");
  const start = dayAsked(query, "starting_date");
  if (date !== undefined && (start !== undefined || query.has("ending_date"))) {
    throw invalid("date: cannot be used together with starting_date or ending_date");
  }
  if (date !== undefined) {
    checkDay("date", date, call.now);
    return { from: date, to: date + 1, range: false };
  }
  if (start === undefined) throw invalid("date: either date or starting_date is required");
  return { ...rangeOf(call, start, LONGEST_DAYS), range: true };
}

/** @throws where no day of it is available; a range that only ends too late is cut. */
function rangeOf({ query, now }: Call, start: Day, longest: number): { from: Day; to: Day } {
  checkDay("starting_date", start, now);
  const today = dayOf(now);
  const end = dayAsked(query, "ending_date") ?? today;
  if (end > today) throw invalid(`ending_date: must be no later than ${dayText(today)}; ${latestText(now)}`);
  if (end <= start) throw invalid("ending_date: must be after starting_date");
  if (end - start > longest) throw invalid(`ending_date: at most ${longest} days after starting_date`);
  return { from: start, to: Math.min(end, latestDay(now) + 1) };
}

function checkDay(name: string, day: Day, now: Date): void {
  if (day < FIRST) throw invalid(`${name}: must be no earlier than ${dayText(FIRST)}`);
  if (day > latestDay(now)) {
    throw invalid(`${name}: data for ${dayText(day)} is not available yet; ${latestText(now)}`);
  }
}

function latestDay(now: Date): Day {
  return dayOf(now) - LAG_DAYS;
}

function latestText(now: Date): string {
  return `the latest available day is ${dayText(latestDay(now))}`;
}

export function sessionsOf({ window, accepts }: Asked): Session[] {
  const sessions: Session[] = [];
  for (let day = window.from; day < window.to; day++) {
    for (const session of ledgerOf(day).sessions) if (accepts(session)) sessions.push(session);
  }
  return sessions;
}

/** A page of rows: by the entity's name, or by what's asked for. */
export function pageOf<Metric extends string>(
  call: Call,
  sortColumn: string,
  metrics: readonly Metric[],
  rows: readonly Row<Metric>[],
  usualLimit = 100,
): unknown {
  const { query } = call;
  const metric = choiceOf(query, "order_by", [sortColumn, ...metrics]) ?? sortColumn;
  const ranking = metrics.find((name) => name === metric);
  const order = choiceOf(query, "order", ["asc", "desc"]) ?? (ranking === undefined ? "asc" : "desc");
  const sign = order === "asc" ? 1 : -1;
  const limit = limitOf(query, usualLimit, MOST_ROWS);
  const offset = offsetOf(call);
  const sorted = [...rows].sort(
    (a, b) => sign * ((ranking === undefined ? 0 : a.ranks[ranking] - b.ranks[ranking]) || compare(a.key, b.key)),
  );
  return {
    data: sorted.slice(offset, offset + limit).map(({ body }) => body),
    next_page: offset + limit < sorted.length ? cursorTo(call, offset + limit) : null,
  };
}

export function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function userOf({ id, email }: Member, version: Version) {
  return { id, email_address: email, ...(version === "2023-06-01" ? {} : { type: "user" }) };
}

/** What a session has of the grouped dimensions. */
export function cutOf({ groupBy }: Asked, { member, surface }: Session): Readonly<Record<string, string | null>> {
  return {
    ...(groupBy.includes("product") ? { product: surface } : {}),
    ...(groupBy.includes("user_id") ? { user_id: member.id } : {}),
    ...(groupBy.includes("rbac_group_id") ? groupFields(member.group) : {}),
  };
}

export function groupFields(group: Group | null) {
  return { rbac_group_id: group?.id ?? null, rbac_group_name: group?.name ?? null };
}

/** Each day's counts, and how many were active in the days up to it. */
export function summaries(call: Call): unknown {
  const { query, version } = call;
  const earlier = version === "2023-06-01";
  allow(query, ["starting_date", "ending_date"], ["filter"]);
  const start = dayAsked(query, "starting_date");
  if (start === undefined) throw invalid("starting_date: Field required");
  const filters = readFilters(query, ["rbac_group_id"]);
  const { from, to } = rangeOf(call, start, earlier ? LONGEST_DAYS_EARLIER : LONGEST_DAYS);
  const lastSeen = new Map<string, Map<string, Day>>(COUNTED.map((name) => [name, new Map()]));
  const data: unknown[] = [];
  for (let day = from - 29; day < to; day++) {
    const { sessions, slackUsers } = ledgerOf(day);
    for (const { member, surface } of sessions) {
      if (!admits(filters, "rbac_group_id", member.group?.id)) continue;
      lastSeen.get("")?.set(member.id, day);
      lastSeen.get(surface)?.set(member.id, day);
    }
    for (const user of slackUsers) lastSeen.get("claude_tag")?.set(user, day);
    if (day >= from) data.push(summary(day, lastSeen, filters.size > 0, earlier));
  }
  // There is only ever one page.
  return earlier ? { summaries: data } : { data, next_page: null };
}

/** The empty name is the organization's own count. */
const COUNTED = [
  "",
  "chat",
  "claude_code",
  "claude_design",
  "cowork",
  "office_agent",
  "science",
  "claude_tag",
] as const;

function summary(
  day: Day,
  lastSeen: ReadonlyMap<string, ReadonlyMap<string, Day>>,
  ofGroup: boolean,
  earlier: boolean,
): Record<string, unknown> {
  const seats = MEMBERS.filter(({ joined, left }) => joined <= dayText(day) && (left ?? "9") > dayText(day)).length;
  const within = (name: string, days: number) =>
    [...(lastSeen.get(name)?.values() ?? [])].filter((seen) => seen > day - days).length;
  const counts: Record<string, number | null> = {};
  for (const name of COUNTED) {
    const prefix = name === "" ? "" : `${name}_`;
    const isTag = name === "claude_tag";
    if (isTag && earlier) continue;
    const count = (days: number) => (isTag && ofGroup ? null : within(name, days));
    counts[`${prefix}daily_active_user_count`] = count(1);
    counts[`${prefix}weekly_active_user_count`] = count(7);
    counts[`${prefix}monthly_active_user_count`] = count(isTag ? 28 : 30);
  }
  const assigned = seats + IDLE_SEATS;
  const rate = (days: number) => (ofGroup ? null : Math.round((within("", days) / assigned) * 10_000) / 100);
  return {
    starting_at: `${dayText(day)}T00:00:00Z`,
    ending_at: `${dayText(day + 1)}T00:00:00Z`,
    ...counts,
    science_entitled_user_count: ofGroup ? null : 0,
    assigned_seat_count: ofGroup ? null : assigned,
    pending_invite_count: ofGroup ? null : day % 3,
    daily_adoption_rate: rate(1),
    weekly_adoption_rate: rate(7),
    monthly_adoption_rate: rate(30),
  };
}
