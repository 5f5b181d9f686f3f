import type { Account } from "../accounts/account.ts";
import type { Dimension } from "../providers/provider.ts";
import { fingerprint } from "../usage/cursor.ts";
import { type Amount, decimal, ZERO } from "../usage/money.ts";
import { iso, type Period } from "../usage/period.ts";
import type { Charge, Usage } from "../usage/row.ts";
import { bucketBounds, dimensionOf, UNATTRIBUTED } from "./dimension.ts";
import { byStart } from "./sort.ts";

/** How rows are summed: by which dimensions, and into which time: their own buckets, or the whole period. */
export interface Grouping {
  account: Account;
  by: readonly Dimension[];
  /** Given: one row per group for all of it. Absent: each row's own bucket is kept (or the day, week, month in `by`). */
  whole?: Period;
}

interface Group {
  row: Usage;
  charges: Map<string, Charge>;
  counts: Map<string, Amount>;
  units: Set<string>;
  metrics: Set<string>;
}

const CALENDAR = ["day", "week", "month"] as const;

/**
 * Sums rows by dimensions, exactly: charges by type and currency, counts that can be added, quantities of one unit.
 * Distinct counts, rates and flags can't be added and are left out. Memory holds groups, not rows.
 */
export class Regrouping {
  readonly #grouping: Grouping;
  readonly #groups = new Map<string, Group>();

  constructor(grouping: Grouping) {
    this.#grouping = grouping;
  }

  add(row: Usage): void {
    const parts = this.#grouping.by.includes("charge_type") ? explodeCharges(row) : [row];
    for (const part of parts) accumulate(this.#groupOf(part), part);
  }

  /** The groups as rows, ordered by start and id. */
  rows(): Usage[] {
    return [...this.#groups.values()].map(finish).sort(byStart);
  }

  #groupOf(row: Usage): Group {
    const { account, by } = this.#grouping;
    const bounds = this.#bounds(row);
    const values = by.map((dimension) => groupValue(row, dimension, account));
    const key = JSON.stringify([bounds, values]);
    const known = this.#groups.get(key);
    if (known) return known;
    const id = `${account.provider}:group:${fingerprint([by, bounds, values])}`;
    const group: Group = {
      row: shell(row, by, bounds, id),
      charges: new Map(),
      counts: new Map(),
      units: new Set(),
      metrics: new Set(),
    };
    this.#groups.set(key, group);
    return group;
  }

  #bounds(row: Usage): Pick<Usage, "start_date" | "end_date"> {
    const { by, whole, account } = this.#grouping;
    if (whole) return { start_date: iso(whole.start), end_date: iso(whole.end) };
    const calendar = CALENDAR.find((dimension) => by.includes(dimension));
    const bucket = calendar && dimensionOf(row, calendar, account)?.id;
    const bounds = calendar && bucket ? bucketBounds(bucket, calendar) : undefined;
    return bounds ?? { start_date: row.start_date, end_date: row.end_date };
  }
}

/** An exploded row has one charge: its type. */
function groupValue(row: Usage, dimension: Dimension, account: Account): string {
  if (dimension === "charge_type") return row.charges?.[0]?.type ?? UNATTRIBUTED;
  return dimensionOf(row, dimension, account)?.id ?? UNATTRIBUTED;
}

/** One row per charge, so that charges can be told apart by type. Counts belong to none of them and are left out. */
function explodeCharges(row: Usage): Usage[] {
  const { usage: _usage, unit: _unit, charges = [], ...rest } = row;
  return charges.length === 0 ? [row] : charges.map((charge) => ({ ...rest, charges: [charge] }));
}

/** What all rows of a group have in common: the fields of its dimensions. */
function shell(
  row: Usage,
  by: readonly Dimension[],
  bounds: Pick<Usage, "start_date" | "end_date">,
  id: string,
): Usage {
  const resource = row.resources?.[0];
  const resources =
    by.includes("resource") && resource
      ? [resource]
      : by.includes("workspace") && resource?.workspace
        ? [{ workspace: resource.workspace }]
        : undefined;
  return {
    id,
    ...bounds,
    ...(by.includes("product") && row.product ? { product: row.product } : {}),
    ...(by.includes("model") && row.model ? { model: row.model } : {}),
    ...(by.includes("user") && row.user ? { user: row.user } : {}),
    ...(by.includes("organization") && row.organization ? { organization: row.organization } : {}),
    ...(by.includes("surface") && row.surface ? { surface: row.surface } : {}),
    ...(resources ? { resources } : {}),
  };
}

function accumulate(group: Group, row: Usage): void {
  for (const { type, amount, currency } of row.charges ?? []) {
    const key = `${type} ${currency}`;
    const sum = group.charges.get(key);
    group.charges.set(key, { type, currency, amount: sum ? sum.amount.plus(amount) : amount });
  }
  if (row.metric_name !== undefined) group.metrics.add(row.metric_name);
  if (row.usage?.quantity !== undefined) group.units.add(row.unit ?? "");
  addCounts(group.counts, row.usage, "");
}

/** Whatever can be added: numbers that are no distinct counts. */
function addCounts(counts: Map<string, Amount>, value: unknown, path: string): void {
  if (typeof value === "number" && !path.includes("distinct")) {
    counts.set(path, (counts.get(path) ?? ZERO).plus(decimal(value) ?? ZERO));
  } else if (typeof value === "object" && value !== null && !path.endsWith("tool_actions")) {
    for (const [name, member] of Object.entries(value))
      addCounts(counts, member, path === "" ? name : `${path}.${name}`);
  }
}

function finish({ row, charges, counts, units, metrics }: Group): Usage {
  const [unit] = units;
  const oneUnit = units.size === 1;
  const usage: Record<string, unknown> = {};
  for (const [path, sum] of counts) {
    if (path !== "quantity" || oneUnit) place(usage, path.split("."), sum.toNumber());
  }
  const [metric] = metrics;
  return {
    ...row,
    ...(metrics.size === 1 && metric ? { metric_name: metric } : {}),
    ...(charges.size > 0 ? { charges: [...charges.values()] } : {}),
    ...(Object.keys(usage).length > 0 ? { usage } : {}),
    ...(oneUnit && unit ? { unit } : {}),
  };
}

function place(target: Record<string, unknown>, [name = "", ...rest]: string[], value: number): void {
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = target[name];
  const next: Record<string, unknown> = typeof inner === "object" && inner !== null ? { ...inner } : {};
  place(next, rest, value);
  target[name] = next;
}
