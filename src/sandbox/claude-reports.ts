import type { Member } from "./claude-estate.ts";
import { ORGANIZATION_ID } from "./claude-estate.ts";
import type { Group, Range, Width } from "./claude-groups.ts";
import {
  actorTypeOf,
  byMetric,
  costsOf,
  DAY,
  groupsOf,
  HOUR,
  METRICS,
  refreshedAt,
  usageOf,
  WIDTH_NAMES,
  WIDTHS,
} from "./claude-groups.ts";
import type { Dimension, Fact } from "./claude-ledger.ts";
import { consoleFactsOf, ledgerOf } from "./claude-ledger.ts";
import type { Call, Version } from "./claude-query.ts";
import {
  allow,
  choiceOf,
  choicesOf,
  cursorTo,
  instantAsked,
  instantText,
  invalid,
  limitOf,
  listOf,
  offsetOf,
  truthOf,
} from "./claude-query.ts";

const FIRST = Date.parse("2026-01-01T00:00:00Z");
const LONGEST = 31 * DAY;
const LONGEST_BY_THE_MINUTE = DAY;
const OLDEST = 365 * DAY;

/** A bucket has its largest groups, and no row for the rest. */
const MOST_GROUPS = 100;
const MOST_GROUP_BY = 5;

const ROWS_A_PAGE = [20, 1_000] as const;
/** Buckets: usually, and at most. */
const BUCKETS_A_PAGE: Readonly<Record<Width, readonly [usual: number, most: number]>> = {
  "1d": [7, 31],
  "1h": [24, 168],
  "1m": [60, 256],
};

const DIMENSIONS = [
  "product",
  "model",
  "context_window",
  "inference_geo",
  "speed",
  "rbac_group_id",
  "slack_channel_id",
  "claude_tag_category",
  "claude_tag_user_id",
] as const satisfies readonly Dimension[];
const FAN_OUTS = ["cost_type", "token_type"] as const;

/** Dimensions of the newer reports. Those that the ledger hasn't are null for Claude Enterprise. */
const NEWER_DIMENSIONS = [...DIMENSIONS, "api_key_id", "service_tier", "workspace_id"] as const;
const BLANK_DIMENSIONS = [
  "agent_id",
  "deployment_id",
  "environment_id",
  "organization_id",
  "session_id",
  "user_profile_id",
] as const;

const FILTERS: Readonly<Record<string, Dimension>> = {
  products: "product",
  models: "model",
  context_windows: "context_window",
  inference_geos: "inference_geo",
  speeds: "speed",
  rbac_group_ids: "rbac_group_id",
  slack_channel_ids: "slack_channel_id",
  claude_tag_categories: "claude_tag_category",
  claude_tag_user_ids: "claude_tag_user_id",
};
const NEWER_FILTERS: Readonly<Record<string, Dimension>> = {
  ...FILTERS,
  api_key_ids: "api_key_id",
  service_tiers: "service_tier",
  workspace_ids: "workspace_id",
};
/** Of the newer reports too, but there's nothing here for them to match. */
const VAIN_FILTERS = BLANK_DIMENSIONS.map((name) => `${name}s`);

const PRODUCTS = [
  "chat",
  "chat_cowork_unified",
  "claude_code",
  "cowork",
  "office_agent",
  "claude_in_chrome",
  "claude_design",
];
const CONSOLE_PRODUCTS = ["claude_console", "managed_agents_api", "message_batches_api", "messages_api"];
const SLACK = "claude-tag";
const SLACK_EARLIER = "claude-in-slack";
const SLACK_NEWER = "claude_tag";

const FILTER_VALUES: Readonly<Record<string, readonly string[]>> = {
  context_windows: ["0-200k", "200k-1M"],
  inference_geos: ["global", "us", "not_available"],
  speeds: ["fast", "standard"],
  claude_tag_categories: ["dm", "engaged", "monitoring", "proactive", "scheduled"],
  service_tiers: ["batch", "flex", "flex_discount", "priority", "priority_on_demand", "standard"],
};
const ACTOR_TYPES = ["user_actor", "service_account_actor", "api_actor", "federated_actor"] as const;
const ORDERS = ["asc", "desc"] as const;
const RANKS = {
  usage: ["total_tokens", "output_tokens", "uncached_input_tokens", "requests"],
  cost: ["amount", "list_amount"],
} as const;
const NEWER_RANKS = { usage: [...RANKS.usage, "time"], cost: [...RANKS.cost, "time"] } as const;

export type Kind = "usage" | "cost";

/** `usage_report` and `cost_report`: a page is of buckets, the oldest first. */
export function bucketedReport(call: Call, kind: Kind): unknown {
  const { query, version } = call;
  allow(query, ["starting_at", "ending_at", "bucket_width"], ["group_by", "user_ids", ...Object.keys(FILTERS)]);
  const width = choiceOf(query, "bucket_width", WIDTH_NAMES) ?? "1d";
  const question = questionOf(call, kind);
  const accepts = filterOf(call);
  const range = rangeOf(call, width);
  const limit = limitOf(query, ...BUCKETS_A_PAGE[width]);
  const watermark = watermarkOf(call, range);
  const offset = offsetOf(call, watermark);
  const ms = WIDTHS[width];
  const from = range.from + offset * ms;
  const to = Math.min(from + limit * ms, range.to);
  const buckets = new Map<number, Group[]>();
  const cut = { dimensions: question.dimensions, width: ms };
  for (const group of groupsOf(factsOf(call), accepts, { from, to: Math.min(to, refreshedAt(call.now)) }, cut)) {
    const bucket = buckets.get(group.bucket);
    if (bucket === undefined) buckets.set(group.bucket, [group]);
    else bucket.push(group);
  }
  const data: unknown[] = [];
  for (let start = from; start < to; start += ms) {
    const top = (buckets.get(start) ?? []).sort(byMetric(RANKS[kind][0])).slice(0, MOST_GROUPS);
    const results = top.flatMap((group) =>
      rowsOf(kind, question, group).map((row) => ({ ...valuesOf(DIMENSIONS, group, slackName(version)), ...row })),
    );
    data.push({ starting_at: instantText(start), ending_at: instantText(start + ms), results });
  }
  return envelope(call, range, data, to < range.to ? cursorTo(call, offset + limit, watermark) : null);
}

/** `user_usage_report` and `user_cost_report`: a page is of rows, the highest first. */
export function userReport(call: Call, kind: Kind): unknown {
  const { query, version } = call;
  allow(
    query,
    ["starting_at", "ending_at", "bucket_width", "exclude_deleted_users", "order_by", "order"],
    ["group_by", "user_ids", ...Object.keys(FILTERS)],
  );
  const width = choiceOf(query, "bucket_width", WIDTH_NAMES);
  const question = questionOf(call, kind);
  const matches = filterOf(call);
  const range = rangeOf(call, width, true);
  const order = byMetric(choiceOf(query, "order_by", RANKS[kind]) ?? RANKS[kind][0], choiceOf(query, "order", ORDERS));
  const ms = width === undefined ? undefined : WIDTHS[width];
  const cut = { dimensions: question.dimensions, by: "actor", width: ms } as const;
  const accepts = (fact: Fact) => fact.member !== undefined && matches(fact);
  const { groups, next } = pageOf(call, range, groupsOf(factsOf(call), accepts, known(call, range), cut).sort(order));
  const data = groups.flatMap((group) =>
    rowsOf(kind, question, group).map((row) => ({
      actor: group.member === undefined ? null : actorOf(group.member, version),
      ...valuesOf(DIMENSIONS, group, slackName(version)),
      ...row,
      ...(kind === "usage" ? { total_tokens: METRICS.total_tokens(group) } : {}),
      starting_at: ms === undefined ? null : instantText(group.bucket),
      ending_at: ms === undefined ? null : instantText(group.bucket + ms),
    })),
  );
  return envelope(call, range, data, next);
}

/** `usage` and `cost`: flat rows, and all of them. With an Admin key those of the platform organization. */
export function newerReport(call: Call, kind: Kind): unknown {
  const { query } = call;
  allow(
    query,
    ["starting_at", "ending_at", "time_bucket_width", "exclude_deleted_users", "order_by", "order"],
    ["group_by", "actor_ids", "actor_types", ...VAIN_FILTERS, ...Object.keys(NEWER_FILTERS)],
  );
  const width = choiceOf(query, "time_bucket_width", WIDTH_NAMES);
  const question = questionOf(call, kind, true);
  if (truthOf(query, "exclude_deleted_users") && !question.actor) {
    throw invalid("exclude_deleted_users: requires group_by[]=actor");
  }
  const accepts = newerFilterOf(call);
  const range = rangeOf(call, width, true);
  const ms = width === undefined ? undefined : WIDTHS[width];
  const by = question.actor ? "actor" : question.actorType ? "actor_type" : undefined;
  const cut = { dimensions: question.dimensions, by, width: ms } as const;
  const found = groupsOf(factsOf(call), accepts, known(call, range), cut);
  const { groups, next } = pageOf(call, range, found.sort(newerOrder(call, kind)));
  const data = groups.flatMap((group) =>
    rowsOf(kind, question, group).map((row) => {
      const { cost_type, token_type, ...metrics } =
        "cost_type" in row ? row : { ...row, cost_type: null, token_type: null };
      return {
        starting_at: instantText(group.bucket),
        ending_at: instantText(ms === undefined ? range.to : group.bucket + ms),
        group: { ...newerGroupOf(question, group), ...(kind === "cost" ? { cost_type, token_type } : {}) },
        [kind]: kind === "cost" ? metrics : { ...metrics, total_tokens: METRICS.total_tokens(group) },
      };
    }),
  );
  const { organization_id: _, ...answer } = envelope(call, range, data, next);
  return answer;
}

function newerGroupOf(question: Question, group: Group) {
  const actor = group.member
    ? actorOf(group.member, "2026-10-21")
    : group.apiKey === null
      ? null
      : { type: "api_actor", api_key_id: group.apiKey };
  return {
    actor: question.actor ? actor : null,
    actor_type: question.actorType ? group.actorType : null,
    ...Object.fromEntries(BLANK_DIMENSIONS.map((name) => [name, null])),
    ...valuesOf(NEWER_DIMENSIONS, group, SLACK_NEWER),
  };
}

/** By time the buckets' order is asked for, and within one the highest come first. */
function newerOrder({ query }: Call, kind: Kind): (a: Group, b: Group) => number {
  const rank = choiceOf(query, "order_by", NEWER_RANKS[kind]) ?? RANKS[kind][0];
  const order = choiceOf(query, "order", ORDERS);
  if (rank !== "time") return byMetric(rank, order);
  const sign = order === "asc" ? 1 : -1;
  const highest = byMetric(RANKS[kind][0], query.has("time_bucket_width") ? "desc" : order);
  return (a, b) => sign * (a.bucket - b.bucket) || highest(a, b);
}

/** What a report's rows are told apart by. */
interface Question {
  readonly dimensions: readonly Dimension[];
  readonly actor: boolean;
  readonly actorType: boolean;
  readonly costType: boolean;
  readonly tokenType: boolean;
}

function questionOf({ query }: Call, kind: Kind, newer = false): Question {
  const asked = new Set<string>(
    choicesOf(query, "group_by", [
      ...(newer ? [...NEWER_DIMENSIONS, ...BLANK_DIMENSIONS, "actor", "actor_type"] : DIMENSIONS),
      ...(kind === "cost" ? FAN_OUTS : []),
    ]),
  );
  const costType = asked.delete("cost_type");
  const tokenType = asked.delete("token_type");
  if (newer && asked.size > MOST_GROUP_BY) throw invalid(`group_by: at most ${MOST_GROUP_BY} dimensions are allowed`);
  const ofSlackUsers = asked.has("claude_tag_user_id") || query.has("claude_tag_user_ids[]");
  if (ofSlackUsers && (asked.has("rbac_group_id") || query.has("rbac_group_ids[]"))) {
    throw invalid("claude_tag_user_id cannot be combined with rbac_group_id");
  }
  return {
    dimensions: NEWER_DIMENSIONS.filter((name) => asked.has(name)),
    actor: asked.has("actor"),
    actorType: asked.has("actor_type"),
    costType,
    tokenType,
  };
}

type Filter = (fact: Fact) => boolean;

function filterOf({ query }: Call): Filter {
  const users = new Set(listOf(query, "user_ids"));
  const matches = dimensionsFilter(query, FILTERS, [...PRODUCTS, SLACK, SLACK_EARLIER]);
  return (fact) => (users.size === 0 || (fact.member !== undefined && users.has(fact.member.id))) && matches(fact);
}

function newerFilterOf({ query }: Call): Filter {
  const actors = new Set(listOf(query, "actor_ids"));
  const types = new Set<string>(choicesOf(query, "actor_types", ACTOR_TYPES));
  const matches = dimensionsFilter(query, NEWER_FILTERS, [...PRODUCTS, ...CONSOLE_PRODUCTS, SLACK_NEWER]);
  if (VAIN_FILTERS.some((name) => listOf(query, name).length > 0)) return () => false;
  return (fact) =>
    (actors.size === 0 || actors.has(fact.member?.id ?? fact.dimensions.api_key_id ?? "")) &&
    (types.size === 0 || types.has(actorTypeOf(fact) ?? "")) &&
    matches(fact);
}

function dimensionsFilter(
  query: URLSearchParams,
  filters: Readonly<Record<string, Dimension>>,
  products: readonly string[],
): Filter {
  const wanted: (readonly [Dimension, ReadonlySet<string | null>])[] = [];
  for (const [parameter, dimension] of Object.entries(filters)) {
    const allowed = parameter === "products" ? products : FILTER_VALUES[parameter];
    const values = allowed === undefined ? listOf(query, parameter) : choicesOf(query, parameter, allowed);
    if (values.length > 0) wanted.push([dimension, new Set(values.map((value) => filterValue(parameter, value)))]);
  }
  return ({ dimensions }) => wanted.every(([dimension, values]) => values.has(dimensions[dimension]));
}

function filterValue(parameter: string, value: string): string | null {
  if (parameter === "products") return value === SLACK_EARLIER || value === SLACK_NEWER ? SLACK : value;
  if (parameter === "inference_geos" && value === "not_available") return null;
  // Use that no key authenticated.
  return parameter === "api_key_ids" && value === "" ? null : value;
}

/** Whole buckets; without any, whole hours. */
function rangeOf({ query, now }: Call, width: Width | undefined, ranked = false): Range {
  const start = instantAsked(query, "starting_at");
  if (start === undefined) throw invalid("starting_at: Field required");
  if (start < FIRST) throw invalid("starting_at: must be no earlier than 2026-01-01T00:00:00Z");
  if (start < now.getTime() - OLDEST) throw invalid("starting_at: must be within the last 365 days");
  const asked = instantAsked(query, "ending_at");
  if (ranked && width !== undefined && asked === undefined) {
    throw invalid("ending_at: required when a time bucket width is set");
  }
  const end = asked ?? Math.min(now.getTime(), start + LONGEST);
  if (end <= start) throw invalid("ending_at: must be after starting_at");
  if (end - start > LONGEST) throw invalid("ending_at: the range may span at most 31 days");
  if (ranked && width === "1m" && end - start > LONGEST_BY_THE_MINUTE) {
    throw invalid("ending_at: the range may span at most 24 hours by the minute");
  }
  const unit = width === undefined ? HOUR : WIDTHS[width];
  const to = (width === undefined ? Math.floor(end / unit) : Math.ceil(end / unit)) * unit;
  return { from: Math.floor(start / unit) * unit, to };
}

/** The part of a range that there are data of. */
function known(call: Call, { from, to }: Range): Range {
  return { from, to: Math.min(to, refreshedAt(call.now)) };
}

/** Data that are complete don't change any more, and so their cursors stay good. */
function watermarkOf(call: Call, { to }: Range): number {
  const refreshed = refreshedAt(call.now);
  return to > refreshed ? refreshed : 0;
}

function factsOf({ path, keyKind }: Call): (day: number) => readonly Fact[] {
  return path.startsWith("/v1/organizations/analytics/") && keyKind === "analytics"
    ? (day) => ledgerOf(day).facts
    : consoleFactsOf;
}

/** Deleted users' rows are left out of a page, which then is shorter than its limit. */
function pageOf(call: Call, range: Range, sorted: readonly Group[]): { groups: readonly Group[]; next: string | null } {
  const limit = limitOf(call.query, ...ROWS_A_PAGE);
  const watermark = watermarkOf(call, range);
  const offset = offsetOf(call, watermark);
  const withoutDeleted = truthOf(call.query, "exclude_deleted_users");
  return {
    groups: sorted.slice(offset, offset + limit).filter(({ member }) => !(withoutDeleted && member?.deleted)),
    next: offset + limit < sorted.length ? cursorTo(call, offset + limit, watermark) : null,
  };
}

function rowsOf(kind: Kind, { costType, tokenType }: Question, group: Group) {
  return kind === "usage" ? [usageOf(group)] : costsOf(group, costType, tokenType);
}

/** Null for those that weren't asked for. */
function valuesOf(names: readonly Dimension[], { values }: Group, slack: string) {
  return Object.fromEntries(
    names.map((name) => {
      const value = values[name] ?? null;
      return [name, value === SLACK ? slack : value];
    }),
  );
}

function slackName(version: Version): string {
  return version === "2023-06-01" ? SLACK_EARLIER : SLACK;
}

function actorOf({ id, name, email, deleted }: Member, version: Version) {
  return {
    type: "user_actor",
    user_id: id,
    name,
    ...(version === "2023-06-01" ? { email } : {}),
    email_address: email,
    deleted,
  };
}

function envelope(call: Call, range: Range, data: readonly unknown[], next: string | null) {
  const refreshed = refreshedAt(call.now);
  return {
    data,
    has_more: next !== null,
    next_page: next,
    data_refreshed_at: range.from < refreshed ? instantText(refreshed) : null,
    organization_id: ORGANIZATION_ID,
  };
}
