/** A flat row of the Usage and Cost Analytics API -> a row. */
import type { Usage } from "../../../usage/row.ts";
import { drift, isObject, type Json, object, optionalText, requiredText } from "../../fields.ts";
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
  const name = `${endpoint}.data[].group`;
  const values = object(item[endpoint], VENDOR, `${endpoint}.data[].${endpoint}`);
  const group = groupOf(item, groups, endpoint);
  const actor = actorOf(group, endpoint);
  const others = groups.filter((name) => name !== "actor");
  const who = actorIdentity(actor, groups, values);
  const id = rowId(`v2/${endpoint}`, start_date, width, who, groupIdentity(group, others, name), ...narrowed);
  const row: Usage = { id, start_date, end_date };
  if (endpoint === "cost") putCost(row, values, "cost", group, true);
  else putTokens(row, values, "usage");
  putSubject(row, group, name);
  // An API key that acts by itself is a resource. People, service accounts, other providers' identities are users.
  const byKey = actor?.["type"] === "api_actor";
  const user = actor && !byKey ? userOf(actorId(actor), actor) : undefined;
  if (user) row.user = user;
  const told = (field: string) => optionalText(group[field], VENDOR, `${name}.${field}`);
  const child = told("organization_id") ?? organization;
  if (child) row.organization = { id: child };
  const key = told("api_key_id") ?? (byKey ? actorId(actor) : undefined);
  const resources = resourcesOf(key, told("workspace_id"));
  if (resources) row.resources = resources;
  if (refreshed) row.updated_at = refreshed;
  row.remote_data = item;
  return { item, rows: [row] };
}

/** What a row is told apart by, of which each has a value, or null. Without groups there may be none. */
function groupOf(item: Json, groups: readonly string[], endpoint: string): Json {
  const name = `${endpoint}.data[].group`;
  if (groups.length === 0 && (item["group"] === null || item["group"] === undefined)) return {};
  const group = object(item["group"], VENDOR, name);
  for (const field of groups)
    if (group[field] === undefined) throw drift(VENDOR, `${name}.${field}`, "a value or null", undefined);
  return group;
}

function actorOf({ actor }: Json, endpoint: string): Json | undefined {
  if (actor === null || actor === undefined) return undefined;
  const name = `${endpoint}.data[].group.actor`;
  const found = object(actor, VENDOR, name);
  const id = IDS[requiredText(found["type"], VENDOR, `${name}.type`)];
  if (id !== undefined) requiredText(found[id], VENDOR, `${name}.${id}`);
  return found;
}

/** The ids that actors always have. Another provider's identity may have none, and kinds may be added. */
const IDS: Readonly<Record<string, string>> = {
  user_actor: "user_id",
  service_account_actor: "service_account_id",
  api_actor: "api_key_id",
};

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
  const fields = ["user_id", "service_account_id", "api_key_id", "subject"];
  return fields.map((field) => optionalText(actor[field], VENDOR, `actor.${field}`)).find((id) => id !== undefined);
}
