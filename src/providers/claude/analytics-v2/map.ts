/** A flat row of the Usage and Cost Analytics API -> a row. */
import type { Usage } from "../../../usage/row.ts";
import { isObject, type Json, object, text } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import {
  type AnswerContext,
  groupIdentity,
  putCost,
  putSubject,
  putTokens,
  resourcesOf,
  rowId,
  type Span,
  userOf,
} from "../map.ts";
import { VENDOR } from "../wire.ts";

/** What all rows of an answer have in common. */
export interface FlatContext extends AnswerContext {
  endpoint: "usage" | "cost";
}

export function flatEntry(item: Json, { start_date, end_date }: Span, context: FlatContext): Entry {
  const { endpoint, groups, narrowed, width, refreshed, organization } = context;
  const values = object(item[endpoint], VENDOR, `${endpoint}.data[].${endpoint}`);
  // Without groups there may be none.
  const group = isObject(item["group"]) ? item["group"] : {};
  const actor = isObject(group["actor"]) ? group["actor"] : undefined;
  const others = groups.filter((name) => name !== "actor");
  const who = actorIdentity(actor, groups, values);
  const id = rowId(`v2/${endpoint}`, start_date, width, who, groupIdentity(group, others), ...narrowed);
  const row: Usage = { id, start_date, end_date };
  if (endpoint === "cost") putCost(row, values, "cost", group, true);
  else putTokens(row, values, "usage");
  putSubject(row, group);
  // An API key that acts by itself is a resource. People, service accounts, other providers' identities are users.
  const byKey = actor?.["type"] === "api_actor";
  const user = actor && !byKey ? userOf(actorId(actor), actor) : undefined;
  if (user) row.user = user;
  const child = text(group["organization_id"]) ?? organization;
  if (child) row.organization = { id: child };
  const key = text(group["api_key_id"]) ?? (byKey ? text(actor["api_key_id"]) : undefined);
  const resources = resourcesOf(key, text(group["workspace_id"]));
  if (resources) row.resources = resources;
  if (refreshed) row.updated_at = refreshed;
  row.remote_data = item;
  return { item, rows: [row] };
}

/**
 * Who it was, by what does not change: names and e-mails do. Two providers may have the same subject. Identities that the
 * vendor can't render are null, each in a row of its own: only their numbers tell those rows apart.
 */
function actorIdentity(actor: Json | undefined, groups: readonly string[], values: Json): unknown {
  if (actor)
    return [actor["type"], actorId(actor) ?? actor, ...(isObject(actor["provider"]) ? [actor["provider"]] : [])];
  return groups.includes("actor") ? values : null;
}

function actorId(actor: Json): string | undefined {
  return (
    text(actor["user_id"]) ?? text(actor["service_account_id"]) ?? text(actor["api_key_id"]) ?? text(actor["subject"])
  );
}
