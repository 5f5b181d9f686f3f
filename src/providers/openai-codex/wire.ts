/**
 * What OpenAI's APIs share: the key as a bearer, pages of `{data, has_more, next_page}`, times as Unix seconds, and two
 * envelopes for errors.
 * @see https://platform.openai.com/docs/api-reference/usage
 */
import type { Account } from "../../accounts/account.ts";
import { UsageError } from "../../errors.ts";
import { shown } from "../../suggest.ts";
import type { Instant } from "../../usage/period.ts";
import type { Connection, Refusal, VendorAnswer } from "../../vendor-http/connection.ts";
import { amount, isObject, type Json, object, optionalText, requiredAmount, requiredList, text } from "../fields.ts";

export const VENDOR = "OpenAI";

/** Where Admin keys of the API platform are made. */
export const ADMIN_KEYS = "platform.openai.com/settings/organization/admin-keys";

/**
 * Which API answers for an account. Admin keys of the platform and of a ChatGPT workspace are not interchangeable, and an
 * ordinary key reads neither: all it has is the usage endpoint of old.
 */
export function apiOf(account: Account): "organization" | "workspace" | "legacy" {
  if (account.settings["workspace_id"] !== undefined) return "workspace";
  // The kind of a key is its beginning; nothing else of it is looked at.
  return account.credentials["api_key"]?.reveal().startsWith("sk-admin") ? "organization" : "legacy";
}

export function connection(account: Account, baseUrl: string, refusal: Connection["refusal"]): Connection {
  return {
    baseUrl,
    provider: account.provider,
    account: account.id,
    credentials: Object.values(account.credentials),
    headers: () => ({
      accept: "application/json",
      authorization: `Bearer ${account.credentials["api_key"]?.reveal() ?? ""}`,
    }),
    errorText,
    refusal: (status, words, request) => outOfQuota(status, words) ?? refusal(status, words, request),
    requestIdHeader: "x-request-id",
    hasSdkRetries: true,
    limit: () => ({ name: "OpenAI's limit" }),
    concurrency: 4,
  };
}

/** Sent without Retry-After: waiting does not mend it. */
function outOfQuota(status: number, words: string): Refusal | undefined {
  if (status !== 429 || !/exceeded your current quota|insufficient_quota|billing/i.test(words)) return undefined;
  return {
    kind: "credentials",
    advice: "Waiting does not mend it: check the organization's plan and billing at platform.openai.com.",
  };
}

/**
 * `{"error": {"message"}}` or `{"error": "text"}`; of the Codex analytics `{"detail": [{"loc", "msg"}]}`. What has `data` and no
 * error in it is an answer, whatever else it says.
 */
function errorText(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  const { error, detail, data } = body;
  if (isObject(error)) return text(error["message"]) ?? text(error["code"]);
  if (data !== undefined) return text(error);
  if (Array.isArray(detail)) return detail.filter(isObject).map(fault).join("; ") || undefined;
  return text(error) ?? text(detail) ?? text(body["message"]);
}

function fault({ loc, msg }: Json): string {
  const where = Array.isArray(loc) ? loc.map(String).join(".") : "";
  return [where, text(msg)].filter((part) => part !== undefined && part !== "").join(": ");
}

/**
 * The items of a page and the cursor of the next. Where has_more is missing, a cursor says that there is more.
 * @throws UsageError (vendor_data) when items are missing or a next page can't be followed: no rows is another answer
 */
export function readPage(answer: VendorAnswer, endpoint: string): { items: Json[]; next?: string } {
  const page = object(answer.body, VENDOR, endpoint);
  const items = objects(page["data"], `${endpoint}.data`);
  const next = optionalText(page["next_page"], VENDOR, `${endpoint}.next_page`);
  const more = page["has_more"] ?? next !== undefined;
  if (more === false) return { items };
  if (more === true && next !== undefined) return { items, next };
  throw new UsageError(
    "vendor_data",
    `${VENDOR} says ${shown(more)} in ${endpoint}.has_more and ${shown(next ?? null)} in next_page: what follows can't be read.`,
  );
}

/** A list that OpenAI always sends: where it is missing nothing is known, which is not the same as nothing used. */
export function objects(value: unknown, field: string): Json[] {
  return requiredList(value, VENDOR, field).map((item) => object(item, VENDOR, `${field}[]`));
}

// Seconds of the years 2000 to 2100: milliseconds, or a date as text, are another contract.
const EARLIEST = 946_684_800;
const LATEST = 4_102_444_800;

/** Unix seconds. @throws UsageError (vendor_data) */
export function instant(value: unknown, field: string): Instant {
  const seconds = requiredAmount(value, VENDOR, field).toNumber();
  if (seconds >= EARLIEST && seconds < LATEST) return seconds * 1000;
  throw new UsageError("vendor_data", `${VENDOR} sent ${shown(value)} in ${field}, where Unix seconds are due.`);
}

/** A count that OpenAI always sends. @throws UsageError (vendor_data) */
export function required(item: Json, name: string, endpoint: string): number {
  return requiredAmount(item[name], VENDOR, `${endpoint}.${name}`).toNumber();
}

/** Text that may be absent or null. @throws UsageError (vendor_data) when it is neither text nor a number */
export function optionalTextOf(item: Json, name: string, endpoint: string): string | undefined {
  return optionalText(item[name], VENDOR, `${endpoint}.${name}`);
}

/** A count that may be absent or null. @throws UsageError (vendor_data) when it is no number */
export function optional(item: Json, name: string, endpoint: string): number | undefined {
  return amount(item[name], VENDOR, `${endpoint}.${name}`)?.toNumber();
}
