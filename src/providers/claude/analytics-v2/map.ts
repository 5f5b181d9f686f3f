/** A flat row of the Usage and Cost Analytics API -> a row. */
import { iso } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { isObject, type Json, object, text } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import { charges, costMetric, days, groupIdentity, modelFields, requestCount, rowId, tokenUsage } from "../map.ts";
import { productFields } from "../products.ts";
import { requiredInstant, VENDOR } from "../wire.ts";

/** What all rows of an answer have in common. */
export interface FlatContext {
  endpoint: "usage" | "cost";
  groups: readonly string[];
  width: string;
  refreshed?: string;
  organization?: string;
}

export function flatEntry(item: Json, { endpoint, groups, width, refreshed, organization }: FlatContext): Entry {
  const start = requiredInstant(item["starting_at"], `${endpoint}.data[].starting_at`);
  const end = requiredInstant(item["ending_at"], `${endpoint}.data[].ending_at`);
  const values = object(item[endpoint], VENDOR, `${endpoint}.data[].${endpoint}`);
  // Without groups there may be none.
  const group = isObject(item["group"]) ? item["group"] : {};
  const actor = isObject(group["actor"]) ? group["actor"] : undefined;
  const others = groups.filter((name) => name !== "actor");
  const child = text(group["organization_id"]) ?? organization;
  const row: Usage = {
    id: rowId(`v2/${endpoint}`, iso(start), width, actorIdentity(actor, groups, values), groupIdentity(group, others)),
    ...days(start, end),
    ...(endpoint === "cost" ? costFields(group, values) : { metric_name: "tokens", ...tokenUsage(values, "usage") }),
    ...productFields(text(group["product"])),
    ...modelFields(group),
    ...actorFields(actor),
    ...(child ? { organization: { id: child } } : {}),
    ...resourceFields(group, actor),
    ...(refreshed ? { updated_at: refreshed } : {}),
    remote_data: item,
  };
  return { item, rows: [row] };
}

function costFields(group: Json, cost: Json): Pick<Usage, "metric_name" | "charges" | "usage"> {
  const requests = requestCount(cost, "cost");
  return {
    metric_name: costMetric(group),
    charges: charges(cost, "cost", true),
    ...(requests.requests ? { usage: requests } : {}),
  };
}

/**
 * Who it was, by what does not change: names and e-mails do. Identities that the vendor can't render are null, each in a row
 * of its own: only their numbers tell those rows apart.
 */
function actorIdentity(actor: Json | undefined, groups: readonly string[], values: Json): unknown {
  if (actor) return [actor["type"], idOf(actor) ?? actor];
  return groups.includes("actor") ? values : null;
}

function idOf(actor: Json): string | undefined {
  return (
    text(actor["user_id"]) ?? text(actor["service_account_id"]) ?? text(actor["api_key_id"]) ?? text(actor["subject"])
  );
}

/** People, and what acts like one: a service account, an identity of another provider. */
function actorFields(actor: Json | undefined): Pick<Usage, "user"> {
  if (!actor || actor["type"] === "api_actor") return {};
  const id = idOf(actor);
  const email = text(actor["email_address"]) ?? text(actor["email"]);
  const name = text(actor["name"]);
  if (!id && !email && !name) return {};
  return { user: { ...(id ? { id } : {}), ...(email ? { email } : {}), ...(name ? { name } : {}) } };
}

/** An API key, and the workspace: the resources of a Console organization. */
function resourceFields(group: Json, actor: Json | undefined): Pick<Usage, "resources"> {
  const id = text(group["api_key_id"]) ?? (actor?.["type"] === "api_actor" ? text(actor["api_key_id"]) : undefined);
  const workspace = text(group["workspace_id"]);
  if (!id && !workspace) return {};
  return { resources: [{ ...(id ? { id } : {}), ...(workspace ? { workspace: { id: workspace } } : {}) }] };
}
