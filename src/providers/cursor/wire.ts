import type { Account } from "../../accounts/account.ts";
import { UsageError } from "../../errors.ts";
import { shown } from "../../suggest.ts";
import type { Instant } from "../../usage/period.ts";
import type { Connection, Limit, Refusal, VendorAnswer, VendorRequest } from "../../vendor-http/connection.ts";
import { count, isObject, type Json, object, requiredAmount, requiredList, text } from "../fields.ts";
import type { Named } from "../provider.ts";

/**
 * The words of Cursor's team APIs. The Admin API takes JSON bodies with dates as numbers of milliseconds, the Analytics and
 * AI Code Tracking APIs query strings with days.
 * @see https://cursor.com/docs/account/teams/admin-api
 * @see https://cursor.com/docs/account/teams/analytics-api
 * @see https://cursor.com/docs/account/teams/ai-code-tracking-api
 */
export const MEMBERS = "/teams/members";
export const DAILY = "/teams/daily-usage-data";
export const EVENTS = "/teams/filtered-usage-events";
export const SPEND = "/teams/spend";
export const COMMITS = "/analytics/ai-code/commits";
export const TEAM_ANALYTICS = "/analytics/team";
export const USER_ANALYTICS = "/analytics/by-user";

/** The longest range that Cursor takes; beyond it a range is read in windows. */
export const LONGEST_DAYS = 30;
/** The furthest instant a date can hold. */
const LAST_INSTANT = 8.64e15;

export function connect(account: Account): Connection {
  const { api_key } = account.credentials;
  return {
    baseUrl: account.baseUrl ?? "https://api.cursor.com",
    provider: account.provider,
    account: account.id,
    credentials: Object.values(account.credentials),
    // The key is the user and the password is empty. Bearer, which some of Cursor's examples show, is for Cloud Agents only.
    headers: () => ({
      accept: "application/json",
      authorization: `Basic ${Buffer.from(`${api_key?.reveal() ?? ""}:`).toString("base64")}`,
    }),
    errorText,
    refusal,
    requestIdHeader: "x-request-id",
    limit,
    revalidates: ({ path }) => path.startsWith("/analytics/"),
    concurrency: 2,
  };
}

/** Cursor's limits are of a team, and set back each minute. */
function limit({ path }: VendorRequest): Limit {
  const [what, calls] = limitOf(path);
  return { name: `Cursor's limit for ${what}`, rate: { calls, seconds: 60 } };
}

function limitOf(path: string): [what: string, calls: number] {
  if (path === EVENTS) return ["usage events", 60];
  if (path.startsWith("/analytics/ai-code/")) return [path, 20];
  if (path.startsWith(`${USER_ANALYTICS}/`)) return ["analytics by user", 50];
  if (path.startsWith("/analytics/")) return ["team analytics", 100];
  return ["its Admin API", 20];
}

/** What holds an answer's items. */
const LISTS = ["usageEvents", "data", "teamMemberSpend", "items", "teamMembers"];

/** `{error, message}`, `{code, message}`, `{outcome, message}`, or `{error}` alone. A message beside data is no error. */
function errorText(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  const { error, message } = body;
  const told = text(error) ?? (isObject(error) ? text(error["message"]) : undefined);
  const isData = LISTS.some((name) => body[name] !== undefined && body[name] !== null);
  return told === undefined && isData ? undefined : (text(message) ?? told);
}

function refusal(status: number, words: string, request: VendorRequest): Refusal | undefined {
  if (status === 401)
    return {
      kind: "credentials",
      advice:
        "Check the key: a team's API key is needed (cursor.com/dashboard > API Keys, made by a team admin), not an organization's and not a Cloud Agents or user key.",
    };
  if (status === 403)
    return {
      kind: "credentials",
      advice: request.path.startsWith("/analytics/")
        ? "The key may be right: Cursor gives this report to Enterprise teams only, and to keys with the scope admin:*."
        : "The key may be right: the team's plan or the key's scope lacks this; Cursor documents its Admin API for Enterprise teams and keys with the scope admin:*.",
    };
  if (status === 400 && /not in the team/i.test(words))
    return {
      kind: "question",
      advice: "user_ids takes e-mail addresses or ids (user_...) of the team's present members.",
    };
  if (status === 400)
    return {
      kind: "question",
      advice:
        "Change the parameter that it names; Cursor also refuses a start too far back or a filter value unknown to it.",
    };
  if (status >= 500 && request.path === EVENTS)
    return {
      kind: "unavailable",
      advice:
        "Cursor has a fault; try again later. With remote_query it may also be a value of a type that Cursor does not expect: try without.",
    };
  return undefined;
}

/** The body of an Admin API request, the caller's own parameters last. Of those, `userId` must be a number. */
export function body(own: Json, remoteQuery: readonly (readonly [string, string])[]): Json {
  const given = remoteQuery.map(([name, value]): [string, unknown] => {
    const numeric = name === "userId" && /^\d{1,15}$/.test(value);
    return [name, numeric ? Number(value) : value];
  });
  return { ...own, ...Object.fromEntries(given) };
}

/** The objects of a list in an answer. @throws UsageError (vendor_data) without the list: that is no period without data */
export function items(answer: VendorAnswer, name: string): Json[] {
  const envelope = object(answer.body, "Cursor", "the answer");
  return requiredList(envelope[name], "Cursor", name).map((item) => object(item, "Cursor", `${name}[]`));
}

/**
 * Whether a page follows. `hasNextPage` says so, and is believed as far as Cursor's counts go, of pages and of what is on
 * them, so that reading ends whatever it says: for a page that holds something if one of them agrees, for an empty one if all do.
 */
export function hasNext(answer: VendorAnswer, page: number, empty: boolean): boolean {
  const envelope = object(answer.body, "Cursor", "the answer");
  const pagination = object(envelope["pagination"], "Cursor", "pagination");
  const number = (name: string) => count(pagination[name], "Cursor", `pagination.${name}`);
  const pages = number("numPages") ?? number("totalPages");
  const more = pagination["hasNextPage"];
  if (typeof more !== "boolean") return page < requiredAmount(pages, "Cursor", "pagination.hasNextPage").toNumber();
  const [total, size] = [totalEvents(answer) ?? number("totalUsers"), number("pageSize")];
  const counted = total !== undefined && size ? Math.ceil(total / size) : undefined;
  const known = [pages, counted].filter((last) => last !== undefined);
  if (known.length === 0) return more && !empty;
  return more && page < (empty ? Math.min(...known) : Math.max(...known));
}

/** How many people there are on all pages. */
export function totalUsers(answer: VendorAnswer): number | undefined {
  const { pagination } = object(answer.body, "Cursor", "the answer");
  return count(object(pagination, "Cursor", "pagination")["totalUsers"], "Cursor", "pagination.totalUsers");
}

/** How many events there are on all pages of the window that was asked for. */
export function totalEvents(answer: VendorAnswer): number | undefined {
  const envelope = object(answer.body, "Cursor", "the answer");
  return count(envelope["totalUsageEventsCount"], "Cursor", "totalUsageEventsCount");
}

/** Whether the answer says of itself that it is a page before the one asked for: its items were read already. */
export function isEarlierPage({ body: answer }: VendorAnswer, page: number): boolean {
  if (!isObject(answer)) return false;
  const own = isObject(answer["pagination"]) ? answer["pagination"] : answer;
  const sent = own["currentPage"] ?? own["page"];
  return typeof sent === "number" && sent < page;
}

/** Milliseconds since 1970, sent as a number or as text. @throws UsageError (vendor_data) when it is no instant */
export function instant(value: unknown, field: string): Instant {
  // Events send digits as text, a million of them in a large summary: most are read without a decimal.
  const plain = typeof value === "string" && /^\d{13}$/.test(value) ? Number(value) : value;
  const at = typeof plain === "number" ? plain : requiredAmount(plain, "Cursor", field).toNumber();
  if (Number.isInteger(at) && Math.abs(at) <= LAST_INSTANT) return at;
  throw new UsageError(
    "vendor_data",
    `Cursor sent ${shown(value)} in ${field}, where milliseconds since 1970 are due. Its numbers can't be trusted until this is understood; look for a newer usage-mcp or report it.`,
  );
}

/** People by id and by e-mail. Who left the team may be missing: their usage stands under the e-mail alone. */
export function* readMembers(answer: VendorAnswer): Generator<readonly [string, Named]> {
  for (const member of items(answer, "teamMembers")) {
    const [id, email, name] = [text(member["id"]), text(member["email"]), text(member["name"])];
    const named: Named = { ...(name ? { name } : {}), ...(id ? { id } : {}), ...(email ? { email } : {}) };
    if (id) yield [id, named];
    if (email) yield [email.toLowerCase(), named];
  }
}
