/**
 * What all of Anthropic's organization APIs have in common: host, headers, envelope, error body, which key opens what.
 * @see https://platform.claude.com/docs/en/api/admin/analytics
 * @see https://platform.claude.com/docs/en/manage-claude/usage-cost-analytics-api
 * @see https://platform.claude.com/docs/en/manage-claude/usage-cost-api
 */
import type { Account } from "../../accounts/account.ts";
import type { Instant } from "../../usage/period.ts";
import type { Connection, Refusal, VendorAnswer, VendorRequest } from "../../vendor-http/connection.ts";
import { VERSION } from "../../version.ts";
import { drift, isObject, type Json, object, optionalText, requiredList, requiredText, text } from "../fields.ts";

export const VENDOR = "Claude";
const HOST = "https://api.anthropic.com";
export const ORGANIZATIONS = "/v1/organizations";
/** The most rows a page may hold, where pages are counted in rows. */
export const MOST_ROWS = 1000;
/** The beta that the Usage and Cost Analytics API is behind. */
const USAGE_COST_BETA = "analytics-usage-cost-2026-08-24";

export const ANALYTICS_KEY =
  "an Analytics key with the scope read:analytics, which the organization's Primary Owner makes at claude.ai/analytics/api-keys";
export const ADMIN_KEY =
  "an Admin key (sk-ant-admin...), which an organization admin makes in the Claude Console under Settings > Admin keys";

/** Admin keys are known by their beginning; that of Analytics keys is not documented and is not looked at. */
export function hasAdminKey({ credentials }: Account): boolean {
  return credentials["api_key"]?.reveal().startsWith("sk-ant-admin") ?? false;
}

/** Whether the account asks the newer Usage and Cost Analytics API for usage and cost. */
export function asksV2({ settings }: Account): boolean {
  return settings["api"] === "v2";
}

export function connect(account: Account): Connection {
  const { api_key } = account.credentials;
  return {
    baseUrl: account.baseUrl ?? HOST,
    provider: account.provider,
    account: account.id,
    credentials: Object.values(account.credentials),
    headers: () => ({
      accept: "application/json",
      "x-api-key": api_key?.reveal() ?? "",
      "anthropic-version": "2023-06-01",
      "user-agent": `usage-mcp/${VERSION}`,
      ...(asksV2(account) ? { "anthropic-beta": USAGE_COST_BETA } : {}),
    }),
    errorText,
    refusal: (status, _words, request) => refusal(status, request),
    requestIdHeader: "request-id",
    hasSdkRetries: true,
    // Not published for all of these: the one that is, of an organization, stands for the others.
    limit: () => ({ name: "Claude's limit", rate: { calls: 60, seconds: 60 } }),
    concurrency: 4,
  };
}

/** `{"type": "error", "error": {"type", "message"}}`, whatever status it comes with. No success has an `error` in it. */
function errorText(body: unknown): string | undefined {
  const error = isObject(body) ? body["error"] : undefined;
  if (!isObject(error)) return undefined;
  const [type, message] = [text(error["type"]), text(error["message"])];
  return type && message ? `${type}: ${message}` : (message ?? type);
}

/** A key of the wrong kind is answered 401, 403 or 404, by endpoint: they mean the same. */
function refusal(status: number, { path }: VendorRequest): Refusal | undefined {
  if (status === 401 || status === 403 || status === 404) {
    return {
      kind: "credentials",
      advice: `This needs ${keyFor(path)}. A key of another kind, or one that was switched off, is answered like this, too.`,
    };
  }
  if (status === 410) {
    return {
      kind: "question",
      advice: "Claude's data was refreshed and its page cursor is no longer valid; ask again without the cursor.",
    };
  }
  return undefined;
}

function keyFor(path: string): string {
  if (!path.startsWith(`${ORGANIZATIONS}/analytics/`)) return ADMIN_KEY;
  return /\/analytics\/(?:usage|cost)$/.test(path) ? `${ANALYTICS_KEY}, or ${ADMIN_KEY}` : ANALYTICS_KEY;
}

/** An answer's envelope and the items in it. One endpoint's list is called `summaries` in its older rendering. */
export interface Envelope {
  items: Json[];
  /** The cursor of the next page. `has_more` is not sent by all endpoints: its absence says nothing. */
  next?: string;
  /** When the data was last refreshed, as it was sent; absent where nothing covers the range. */
  refreshed?: string;
  organization?: string;
}

/**
 * @throws UsageError (vendor_data) when there is no list, or what follows can't be known: an empty or shorter answer would be
 * taken for less usage
 */
export function readEnvelope(answer: VendorAnswer, name: string): Envelope {
  const body = object(answer.body, VENDOR, name);
  const field = body["data"] === undefined && body["summaries"] !== undefined ? "summaries" : "data";
  const items = objects(body[field], `${name}.${field}`);
  const next = nextPage(body, name, field === "summaries" || isShort(answer, name, items));
  const refreshed = optionalText(body["data_refreshed_at"], VENDOR, `${name}.data_refreshed_at`);
  if (refreshed !== undefined) requiredInstant(refreshed, `${name}.data_refreshed_at`);
  const organization = optionalText(body["organization_id"], VENDOR, `${name}.organization_id`);
  return {
    items,
    ...(next ? { next } : {}),
    ...(refreshed ? { refreshed } : {}),
    ...(organization ? { organization } : {}),
  };
}

/** These never send has_more, and their older rendering may leave out what is null: a next_page, too. */
const WITHOUT_MORE = ["activity", "project_usage", "skill_usage", "connector_usage"];

/** Whether fewer rows came than were asked for, so that no page can follow where none is named. */
function isShort({ url }: VendorAnswer, name: string, items: readonly Json[]): boolean {
  return WITHOUT_MORE.includes(name) && items.length < Number(new URL(url).searchParams.get("limit"));
}

/**
 * Without a next page it is null, or has_more is false: where neither is sent it is no end, but for what is one page by itself.
 * @param isLast nothing follows where nothing is said of it
 */
function nextPage(body: Json, name: string, isLast: boolean): string | undefined {
  const { has_more: more, next_page: page } = body;
  if (more !== undefined && more !== null && typeof more !== "boolean")
    throw drift(VENDOR, `${name}.has_more`, "true or false", more);
  if (more === false) return undefined;
  const next = optionalText(page, VENDOR, `${name}.next_page`);
  if (page === undefined && !(isLast && more !== true)) throw drift(VENDOR, `${name}.next_page`, "the next page", page);
  return next;
}

/** A list of objects, which is always sent, however empty it is. @throws UsageError (vendor_data) */
export function objects(value: unknown, field: string): Json[] {
  return requiredList(value, VENDOR, field).map((item) => object(item, VENDOR, `${field}[]`));
}

/** The oldest data among an answer's parts. */
export function refreshedOf(envelopes: readonly Envelope[]): { refreshed?: Instant } {
  const told = envelopes.flatMap(({ refreshed }) => (refreshed === undefined ? [] : [Date.parse(refreshed)]));
  return told.length > 0 ? { refreshed: Math.min(...told) } : {};
}

/** An instant as milliseconds. @throws UsageError (vendor_data) naming the field when it is none */
export function requiredInstant(value: unknown, field: string): number {
  const at = Date.parse(requiredText(value, VENDOR, field));
  if (Number.isNaN(at)) throw drift(VENDOR, field, "a date", value);
  return at;
}

export type Pair = readonly [string, string];

/**
 * The caller's own parameters last; a grouping that we send already is not sent twice. Groups and filters are lists at this
 * vendor: one alone is written as a list, too, or it would be passed over.
 */
export function withRemote(own: readonly Pair[], remote: readonly Pair[]): Pair[] {
  const lists = remote.map(([name, value]): Pair => [/^(?:group_by|filter)$/.test(name) ? `${name}[]` : name, value]);
  const asked = new Set(lists.filter(([name]) => name === "group_by[]").map(([, value]) => value));
  return [...own.filter(([name, value]) => name !== "group_by[]" || !asked.has(value)), ...lists];
}

/** What an answer was grouped by, as it was asked, in alphabetical order. */
export function groupsAsked(answer: VendorAnswer): string[] {
  return new URL(answer.url).searchParams.getAll("group_by[]").sort();
}

/** Parameters that decide which rows come, and in which order, but never what a row counts. */
const NOT_NARROWING =
  /^(?:starting_at|ending_at|starting_date|ending_date|date|(?:time_)?bucket_width|group_by\[\]|order|order_by|limit|page|exclude_deleted_users)$/;

/**
 * Filters that went to the vendor by what its rows do not show: tokens of one person on a product are not the tokens of the
 * product, and must not have their id.
 * @param shows dimensions by which rows are told apart, in the vendor's words
 */
export function narrowedBy(answer: VendorAnswer, shows: readonly string[]): string[] {
  const hidden = [...new URL(answer.url).searchParams].filter(([name, value]) => {
    // filter[]=product:chat and products[]=chat filter by product; who acted is one dimension with two filters.
    const dimension =
      name === "filter[]" ? value.split(":")[0] : name.replace(/s?\[\]$/, "").replace(/^actor_(?:id|type)$/, "actor");
    return !NOT_NARROWING.test(name) && !shows.includes(dimension ?? name);
  });
  return hidden.map((pair) => pair.join("=")).sort();
}

/** Groups of people overlap: who is in several is counted in each of them. */
const OVERLAPPING = "rbac_group_id";

export function overlap(groups: readonly string[]): string[] {
  return groups.includes(OVERLAPPING)
    ? ["A person in several groups is counted in each of them: these rows overlap, and add up to more than the whole."]
    : [];
}
