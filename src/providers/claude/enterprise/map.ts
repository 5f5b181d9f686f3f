/** A group of a time bucket, of the organization or of a person -> a row. */
import type { Usage } from "../../../usage/row.ts";
import { drift, type Json, object, optionalText } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import {
  type AnswerContext,
  emailOf,
  groupIdentity,
  putCost,
  putSubject,
  putTokens,
  rowId,
  type Span,
  userOf,
} from "../map.ts";
import { VENDOR } from "../wire.ts";
import type { WindowReport } from "./wire.ts";

/** What all rows of an answer have in common. */
export interface RowContext extends AnswerContext {
  endpoint: WindowReport;
  /** Rows stand for what lies beyond a bucket's largest groups, and have none of the groups' fields. */
  beyond?: true;
}

/** @param item as the vendor sent it, with its bucket's bounds */
export function reportEntry(item: Json, { start_date, end_date }: Span, context: RowContext): Entry {
  const { endpoint, groups, narrowed, width, refreshed, organization, beyond } = context;
  const actor = actorOf(item, endpoint);
  const person = actor && optionalText(actor["user_id"], VENDOR, `${endpoint}.actor.user_id`);
  if (actor && !person && !emailOf(actor)) throw drift(VENDOR, `${endpoint}.actor.user_id`, "text", actor["user_id"]);
  const identity = beyond
    ? ["beyond", groups]
    : [person ?? (actor && emailOf(actor)) ?? null, groupIdentity(item, groups, endpoint)];
  const row: Usage = { id: rowId(endpoint, start_date, width, ...identity, ...narrowed), start_date, end_date };
  if (endpoint.endsWith("cost")) putCost(row, item, endpoint, item, true);
  else putTokens(row, item, endpoint);
  // Beyond the largest groups the product is not known, where it is one of the groups.
  if (!beyond || !groups.includes("product")) putSubject(row, item, endpoint);
  const user = actor && userOf(person, actor);
  if (user) row.user = user;
  if (organization) row.organization = { id: organization };
  if (refreshed) row.updated_at = refreshed;
  row.remote_data = item;
  return { item, rows: [row] };
}

/** The reports by person name one in every row, the others in none. */
function actorOf(item: Json, endpoint: WindowReport): Json | undefined {
  const byUser = endpoint === "user_usage" || endpoint === "user_cost";
  return byUser ? object(item["actor"], VENDOR, `${endpoint}.actor`) : undefined;
}
