/** A day of the organization -> one row for each counter. */
import { isoDay } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { count, type Json, requiredAmount } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import { rowId, span } from "../map.ts";
import { productFields } from "../products.ts";
import { requiredInstant, VENDOR } from "../wire.ts";

/** Active people by product, such as `claude_code_weekly_active_user_count`; products are added over time. */
const ACTIVE = /^(?:(\w+)_)?(daily|weekly|monthly)_active_user_count$/;

/** Counters that no plan and no filter is without. */
const ALWAYS = ["daily_active_user_count", "weekly_active_user_count", "monthly_active_user_count"];

/**
 * The bounds are called `starting_date` and `ending_date` in older renderings.
 * @param narrowed what was filtered by: a team's counters are not the organization's
 */
export function summaryEntry(item: Json, narrowed: readonly string[]): Entry {
  const start = requiredInstant(item["starting_at"] ?? item["starting_date"], "summary.data[].starting_at");
  const end = requiredInstant(item["ending_at"] ?? item["ending_date"], "summary.data[].ending_at");
  for (const field of ALWAYS) requiredAmount(item[field], VENDOR, `summary.data[].${field}`);
  const rows: Usage[] = [];
  for (const [field, value] of Object.entries(item)) {
    const counter = counterOf(field);
    const quantity = counter && count(value, VENDOR, `summary.data[].${field}`);
    if (!counter || quantity === undefined) continue;
    rows.push({
      id: rowId("summary", isoDay(start), field, ...narrowed),
      ...span(start, end),
      metric_name: counter.metric,
      ...productFields(counter.product),
      usage: { quantity },
      unit: counter.unit,
      remote_data: item,
    });
  }
  // The vendor's order of fields is its own affair; an answer fetched again must not be in another.
  rows.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { item, rows };
}

function order({ product, surface, metric_name }: Usage): string {
  return `${surface === undefined ? 0 : 1} ${product?.id} ${metric_name}`;
}

interface Counter {
  metric: string;
  unit: string;
  product?: string;
}

/** Undefined for what is no counter. What a deleted plan or an old deployment does not count is null, and no row. */
function counterOf(field: string): Counter | undefined {
  const [, product, span] = ACTIVE.exec(field) ?? [];
  if (span) return { metric: `${span}_active_users`, unit: "user", ...(product ? { product } : {}) };
  switch (field) {
    case "assigned_seat_count":
      return { metric: "assigned_seats", unit: "seat" };
    case "pending_invite_count":
      return { metric: "pending_invites", unit: "invite" };
    case "science_entitled_user_count":
      return { metric: "entitled_users", unit: "user", product: "science" };
  }
  return field.endsWith("_adoption_rate") ? { metric: field, unit: "percent" } : undefined;
}
