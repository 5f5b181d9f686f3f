/** A group of a time bucket, of the organization or of a person -> a row. */
import { iso } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { isObject, type Json, text } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import { charges, costMetric, days, groupIdentity, modelFields, requestCount, rowId, tokenUsage } from "../map.ts";
import { productFields } from "../products.ts";
import { requiredInstant } from "../wire.ts";
import type { WindowReport } from "./wire.ts";

/** Milliseconds, half-open. */
export interface Bounds {
  start: number;
  end: number;
}

/** What all rows of an answer have in common. */
export interface RowContext {
  endpoint: WindowReport;
  /** What it was grouped by, in the vendor's words. */
  groups: readonly string[];
  /** The vendor's word for the buckets' length. */
  width: string;
  refreshed?: string;
  organization?: string;
  /** Rows stand for what lies beyond a bucket's largest groups, and have none of the groups' fields. */
  beyond?: true;
}

export function bounds(item: Json, endpoint: WindowReport): Bounds {
  return {
    start: requiredInstant(item["starting_at"], `${endpoint}.data[].starting_at`),
    end: requiredInstant(item["ending_at"], `${endpoint}.data[].ending_at`),
  };
}

/** @param item as the vendor sent it, with its bucket's bounds */
export function reportEntry(item: Json, at: Bounds, context: RowContext): Entry {
  const { endpoint, groups, width, refreshed, organization, beyond } = context;
  const actor = isObject(item["actor"]) ? item["actor"] : undefined;
  const person = actor && (text(actor["user_id"]) ?? emailOf(actor));
  const identity = beyond ? ["beyond", [...groups].sort()] : [person ?? null, groupIdentity(item, groups)];
  const row: Usage = {
    id: rowId(endpoint, iso(at.start), width, ...identity),
    ...days(at.start, at.end),
    ...(endpoint.endsWith("cost") ? costFields(item, endpoint) : usageFields(item, endpoint)),
    // Beyond the largest groups the product is not known, where it is one of the groups.
    ...(beyond && groups.includes("product") ? {} : productFields(text(item["product"]))),
    ...modelFields(item),
    ...userFields(actor),
    ...(organization ? { organization: { id: organization } } : {}),
    ...(refreshed ? { updated_at: refreshed } : {}),
    remote_data: item,
  };
  return { item, rows: [row] };
}

function usageFields(item: Json, endpoint: WindowReport): Pick<Usage, "metric_name" | "usage" | "unit"> {
  return { metric_name: "tokens", ...tokenUsage(item, endpoint) };
}

function costFields(item: Json, endpoint: WindowReport): Pick<Usage, "metric_name" | "charges" | "usage"> {
  const requests = requestCount(item, endpoint);
  return {
    metric_name: costMetric(item),
    charges: charges(item, endpoint, true),
    ...(requests.requests ? { usage: requests } : {}),
  };
}

/** People who left keep their id; name and e-mail may be gone. */
export function userFields(actor: Json | undefined): Pick<Usage, "user"> {
  if (!actor) return {};
  const [id, email, name] = [text(actor["user_id"]), emailOf(actor), text(actor["name"])];
  if (!id && !email && !name) return {};
  return { user: { ...(id ? { id } : {}), ...(email ? { email } : {}), ...(name ? { name } : {}) } };
}

/** `email` in older renderings. */
export function emailOf(actor: Json): string | undefined {
  return text(actor["email_address"]) ?? text(actor["email"]);
}
