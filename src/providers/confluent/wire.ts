/**
 * Confluent Cloud's words: the billing API's cost list. HTTP Basic, days in UTC, pages by token.
 * @see https://docs.confluent.io/cloud/current/ccloud/list-billing-v-1-costs/
 * @see https://docs.confluent.io/cloud/current/billing/invoices-and-costs.html
 */
import type { Account } from "../../accounts/account.ts";
import { UsageError } from "../../errors.ts";
import { shown } from "../../suggest.ts";
import { addMonths, DAY, type Instant, isoDay, startOfDay } from "../../usage/period.ts";
import type { Connection, Refusal, VendorAnswer, VendorRequest } from "../../vendor-http/connection.ts";
import { drift, isObject, type Json, list, object, optionalObject, optionalText, text } from "../fields.ts";

const HOST = "api.confluent.cloud";
export const COSTS = "/billing/v1/costs";
/** The most a page may hold: fewer calls against a low, unpublished rate limit. */
export const PAGE_SIZE = "10000";

export function connect(account: Account, now: Instant): Connection {
  const { api_key, api_secret } = account.credentials;
  return {
    baseUrl: account.baseUrl ?? `https://${HOST}`,
    provider: account.provider,
    account: account.id,
    credentials: Object.values(account.credentials),
    headers: () => ({
      accept: "application/json",
      authorization: `Basic ${Buffer.from(`${api_key?.reveal() ?? ""}:${api_secret?.reveal() ?? ""}`).toString("base64")}`,
    }),
    errorText,
    refusal: (status, words, request) => refusal(status, words, request, now),
    requestIdHeader: "x-request-id",
    rateHeaders: { waitBy: "retry-after" },
    limit: () => ({ name: "Confluent's limit" }),
    concurrency: 1,
  };
}

/** `{errors: [{detail, title}]}`; some deployments send `{error_code, message}`. A message beside data is no error. */
function errorText(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  const errors: unknown[] = Array.isArray(body["errors"]) ? body["errors"] : [];
  const words = errors.filter(isObject).map((error) => text(error["detail"]) ?? text(error["title"]));
  const told = words.filter((word) => word !== undefined).join("; ");
  return told || (body["data"] === undefined ? text(body["message"]) : undefined);
}

function refusal(status: number, words: string, request: VendorRequest, now: Instant): Refusal | undefined {
  if (status === 401) {
    return {
      kind: "credentials",
      advice:
        "Check the API key and secret: it must be a Cloud API key (scope Cloud resource management), not a Kafka cluster's.",
    };
  }
  if (status === 403) {
    return {
      kind: "credentials",
      advice: "Give the key's owner the role BillingAdmin or OrganizationAdmin (confluent.cloud > Accounts & access).",
    };
  }
  if (status === 400 && /too far in the past/i.test(words)) {
    const start = Date.parse(request.query?.find(([name]) => name === "start_date")?.[1] ?? "");
    // Under throttling the API says so of days well inside its year, too.
    if (now - start < 360 * DAY)
      return {
        kind: "unavailable",
        advice: "The day lies inside Confluent's year, so this is its throttling; try again in a minute.",
      };
    return {
      kind: "question",
      advice: `Confluent keeps one year of costs: the earliest start_date is ${isoDay(earliestDay(now))}.`,
    };
  }
  return undefined;
}

/**
 * How long a day's costs may still change: they "may take up to 72 hours" to arrive.
 * @see https://docs.confluent.io/cloud/current/billing/invoices-and-costs.html
 */
export const RESTATED = 3 * DAY;

/** The first day that costs are kept of. */
export function earliestDay(now: Instant): Instant {
  return startOfDay(addMonths(now, -12) + (now - addMonths(now, 0)));
}

/**
 * The cost lines of an answer; `"data": null` is an empty list.
 * @throws UsageError (vendor_data) without `data`: errors sent with status 200 must not pass for a month without costs
 */
function readLines(answer: VendorAnswer): Json[] {
  const envelope = object(answer.body, "Confluent", "CostList");
  if (envelope["data"] === undefined) throw drift("Confluent", "CostList.data", "a list", undefined);
  return list(envelope["data"], "Confluent", "CostList.data").map((line) =>
    object(line, "Confluent", "CostList.data[]"),
  );
}

/**
 * The lines of a window's answers. A line that a later answer holds once more, word for word and with an id, is one line: the
 * data moved between the two, and others may be missing.
 */
export function linesOnce(answers: readonly VendorAnswer[]): { lines: Json[]; again: number } {
  const [first, ...others] = answers;
  const lines = first ? readLines(first) : [];
  // A window is seldom more than one answer.
  const known = new Set(others.length > 0 ? lines.map((line) => JSON.stringify(line)) : []);
  let again = 0;
  for (const answer of others) {
    const sent = readLines(answer).map((line) => ({ line, words: JSON.stringify(line) }));
    const fresh = sent.filter(({ line, words }) => text(line["id"]) === undefined || !known.has(words));
    again += sent.length - fresh.length;
    for (const { line, words } of fresh) {
      lines.push(line);
      known.add(words);
    }
  }
  return { lines, again };
}

/**
 * The token of the next page. `metadata.next` is a whole URL, whose query lacks the required dates: only its token is
 * taken, and only if it points to the host that answered (or to Confluent, seen through a gateway).
 * @throws UsageError (vendor_data) when there is a next page and it can't be followed: its lines would be missing
 */
export function nextToken(answer: VendorAnswer): string | undefined {
  const envelope = object(answer.body, "Confluent", "CostList");
  const metadata = optionalObject(envelope["metadata"], "Confluent", "CostList.metadata");
  const next = optionalText(metadata?.["next"], "Confluent", "CostList.metadata.next");
  if (next === undefined) return undefined;
  const url = URL.canParse(next, answer.url) ? new URL(next, answer.url) : undefined;
  const token =
    url && (url.host === HOST || url.host === new URL(answer.url).host)
      ? url.searchParams.get("page_token")
      : undefined;
  if (token) return token;
  throw new UsageError(
    "vendor_data",
    `Confluent points to a next page that can't be followed: metadata.next ${url ? `names the host ${shown(url.host)}` : "is no address"}${url?.searchParams.has("page_token") ? "" : ", and has no page_token"}. A proxy may rewrite its answers; set base_url to the host that answers.`,
  );
}
