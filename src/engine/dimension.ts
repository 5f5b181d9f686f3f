import type { Account } from "../accounts/account.ts";
import type { Dimension } from "../providers/provider.ts";
import { personOf } from "../usage/people.ts";
import { type Instant, iso, isoDay, isoMonth, isoWeek } from "../usage/period.ts";
import type { Usage } from "../usage/row.ts";

/** The value of a dimension for a row: what it is grouped by, and the name people know it by where that differs. */
export interface DimensionValue {
  id: string;
  name?: string | undefined;
}

/** Where a vendor can't say, its rows stand under this value; they are never dropped. */
export const UNATTRIBUTED = "unattributed";

/** charge_type and token_type are not values of a row but of its parts: see `partsOf` and the cost groups. */
export type RowDimension = Exclude<Dimension, "charge_type" | "token_type">;

/** @returns undefined when the row does not say */
export function dimensionOf(row: Usage, dimension: RowDimension, account: Account): DimensionValue | undefined {
  switch (dimension) {
    case "provider":
      return { id: account.provider };
    case "account":
      return { id: account.id, name: account.name };
    case "product":
      return row.product;
    case "surface":
      return plain(row.surface);
    case "model":
      return plain(row.model?.id);
    case "user":
      return personOf(row);
    case "organization":
      return row.organization;
    case "resource":
      return named(row.resources?.[0]);
    case "workspace":
      return named(row.resources?.[0]?.workspace);
    case "metric_name":
      return plain(row.metric_name);
    case "day":
      return bucket(row, isoDay);
    case "week":
      return bucket(row, isoWeek);
    case "month":
      return bucket(row, isoMonth);
  }
}

/** Where a row stands when rows are told apart by dimensions. */
export interface RowKey {
  /** By dimension, in the order asked. */
  key: Record<string, string>;
  /** Names of the key's ids, where they differ. */
  names: Record<string, string>;
  /** Dimensions that the row does not say. */
  unknown: readonly RowDimension[];
}

export function keyOf(row: Usage, by: readonly RowDimension[], account: Account): RowKey {
  const key: Record<string, string> = {};
  const names: Record<string, string> = {};
  const unknown: RowDimension[] = [];
  for (const dimension of by) {
    const value = dimensionOf(row, dimension, account);
    if (!value) unknown.push(dimension);
    key[dimension] = value?.id ?? UNATTRIBUTED;
    if (value?.name !== undefined && value.name !== value.id) names[dimension] = value.name;
  }
  return { key, names, unknown };
}

function plain(id: string | undefined): DimensionValue | undefined {
  return id === undefined ? undefined : { id };
}

function named(value: { id?: string | undefined; name?: string | undefined } | undefined): DimensionValue | undefined {
  const id = value?.id ?? value?.name;
  return id === undefined ? undefined : { id, name: value?.name };
}

/** The bucket that holds the whole row; a row longer than a bucket belongs to none. */
function bucket(row: Usage, name: (at: Instant) => string): DimensionValue | undefined {
  if (row.start_date === undefined) return undefined;
  const start = Date.parse(row.start_date);
  const end = row.end_date === undefined ? start : Math.max(start, Date.parse(row.end_date) - 1);
  const id = name(start);
  return id === name(end) ? { id } : undefined;
}

/** The bounds of a row's calendar bucket, for rows that are summed by it. */
export function bucketBounds(
  id: string,
  dimension: "day" | "week" | "month",
): { start_date: string; end_date: string } | undefined {
  if (dimension === "month") {
    const [year = 0, month = 0] = id.split("-").map(Number);
    return { start_date: iso(Date.UTC(year, month - 1, 1)), end_date: iso(Date.UTC(year, month, 1)) };
  }
  if (dimension === "day") return { start_date: iso(Date.parse(id)), end_date: iso(Date.parse(id) + 86_400_000) };
  const [year = 0, week = 0] = id.split("-W").map(Number);
  const fourth = Date.UTC(year, 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * 86_400_000 + (week - 1) * 7 * 86_400_000;
  return { start_date: iso(monday), end_date: iso(monday + 7 * 86_400_000) };
}
