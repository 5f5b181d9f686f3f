import type { Account } from "../accounts/account.ts";
import type { Dimension } from "../providers/provider.ts";
import { fingerprint } from "../usage/cursor.ts";
import { type Amount, decimal, ZERO } from "../usage/money.ts";
import { DAY, iso, type Period } from "../usage/period.ts";
import type { Granularity } from "../usage/query.ts";
import type { ReportType } from "../usage/report.ts";
import { billed, type Charge, type Usage } from "../usage/row.ts";
import { bucketBounds, dimensionOf, UNATTRIBUTED } from "./dimension.ts";
import { type Part, partsOf } from "./parts.ts";
import { byStart } from "./sort.ts";

/** How rows are summed: by which dimensions, and into which time: their own buckets, buckets of a size, or the whole period. */
export interface Grouping {
  account: Account;
  report: ReportType;
  by: readonly Dimension[];
  /** Given: one row per group for all of it (unless day, week or month is in `by`). */
  whole?: Period;
  /** Given: rows go into buckets of this size by their start. Absent: each row's own bucket is kept. */
  bucket?: Granularity;
  /** What else decides which rows are summed, such as filters: other sums must have other ids. Absent: all rows are. */
  narrowed?: string;
  /** charge_type is the row's metric_name: see `ReportSupport.costKinds`. */
  costKinds?: true;
}

interface Group {
  row: Usage;
  charges: Map<string, Charge>;
  /** By currency, what its rows come to. */
  billed: Map<string, { net: Amount; gross: Amount }>;
  counts: Map<string, Amount>;
  units: Set<string>;
  metrics: Set<string>;
  /** Of a flag that holds for a group when it holds for one of its rows. */
  active?: boolean;
}

const CALENDAR = ["day", "week", "month"] as const;
const BUCKETS = { day: DAY, hour: 3_600_000, minute: 60_000 } as const satisfies Record<Granularity, number>;

/** Units of quantities that can't be added: distinct people, rates, and stocks that are there on every day. */
const NOT_ADDITIVE = ["user", "seat", "invite", "percent", "byte"];

/**
 * Sums rows by dimensions, exactly: charges by type and currency, counts that can be added, quantities of one unit.
 * Distinct counts and rates can't be added and are left out. Memory holds groups, not rows.
 */
export class Regrouping {
  readonly #grouping: Grouping;
  readonly #groups = new Map<string, Group>();

  constructor(grouping: Grouping) {
    this.#grouping = grouping;
  }

  add(row: Usage): void {
    this.#accumulate(row, (sum, value) => sum.plus(value));
  }

  /** Takes a row off again: what is left of a whole is what its parts do not hold. */
  subtract(row: Usage): void {
    this.#accumulate(row, (sum, value) => sum.minus(value));
  }

  /** The groups as rows, ordered by start and id. */
  rows(): Usage[] {
    return [...this.#groups.values()].map(finish).sort(byStart);
  }

  /** The groups that hold something, each of their sums that is not zero. */
  rest(): Usage[] {
    for (const [key, group] of this.#groups) {
      for (const [name, sum] of group.counts) if (sum.isZero()) group.counts.delete(name);
      if (group.counts.size === 0 && [...group.charges.values()].every(({ amount }) => amount.isZero()))
        this.#groups.delete(key);
    }
    return this.rows();
  }

  #accumulate(row: Usage, combine: (sum: Amount, value: Amount) => Amount): void {
    const { by, costKinds } = this.#grouping;
    const apart = costKinds ? by.filter((dimension) => dimension !== "charge_type") : by;
    for (const part of partsOf(row, apart)) accumulate(this.#groupOf(part), part.row, combine);
  }

  #groupOf(part: Part): Group {
    const { account, report, by, costKinds, narrowed } = this.#grouping;
    const bounds = this.#bounds(part.row);
    const named = (dimension: Dimension) => (costKinds && dimension === "charge_type" ? "metric_name" : dimension);
    const values = by.map((dimension) => groupValue(part, named(dimension), account));
    const key = JSON.stringify([bounds, values]);
    const known = this.#groups.get(key);
    if (known) return known;
    const id = `${account.provider}:group:${fingerprint([report, by, bounds, values, ...(narrowed ? [narrowed] : [])])}`;
    const group: Group = {
      row: shell(part.row, by, bounds, id),
      charges: new Map(),
      billed: new Map(),
      counts: new Map(),
      units: new Set(),
      metrics: new Set(),
    };
    this.#groups.set(key, group);
    return group;
  }

  #bounds(row: Usage): Pick<Usage, "start_date" | "end_date"> {
    const { by, whole, bucket, account } = this.#grouping;
    const calendar = CALENDAR.find((dimension) => by.includes(dimension));
    const name = calendar && dimensionOf(row, calendar, account)?.id;
    const bounds = calendar && name ? bucketBounds(name, calendar) : undefined;
    if (bounds) return bounds;
    if (whole) return { start_date: iso(whole.start), end_date: iso(whole.end) };
    if (bucket && row.start_date !== undefined) {
      const size = BUCKETS[bucket];
      const start = Math.floor(Date.parse(row.start_date) / size) * size;
      return { start_date: iso(start), end_date: iso(start + size) };
    }
    return { start_date: row.start_date, end_date: row.end_date };
  }
}

function groupValue({ row, values }: Part, dimension: Dimension, account: Account): string {
  if (dimension === "charge_type" || dimension === "token_type") return values[dimension] ?? UNATTRIBUTED;
  return dimensionOf(row, dimension, account)?.id ?? UNATTRIBUTED;
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

function accumulate(group: Group, row: Usage, combine: (sum: Amount, value: Amount) => Amount): void {
  for (const { type, amount, currency } of row.charges ?? []) {
    const key = `${type} ${currency}`;
    group.charges.set(key, { type, currency, amount: combine(group.charges.get(key)?.amount ?? ZERO, amount) });
  }
  const cost = billed(row);
  if (cost) {
    const sum = group.billed.get(cost.currency) ?? { net: ZERO, gross: ZERO };
    group.billed.set(cost.currency, { net: combine(sum.net, cost.net), gross: combine(sum.gross, cost.gross) });
  }
  if (row.metric_name !== undefined) group.metrics.add(row.metric_name);
  if (row.usage?.quantity !== undefined) group.units.add(row.unit ?? "");
  const active = row.usage?.activity?.is_active;
  if (active !== undefined) group.active = group.active === true || active;
  addCounts(group.counts, row.usage, "", combine);
}

/** Whatever can be added: numbers that are no distinct counts. */
function addCounts(
  counts: Map<string, Amount>,
  value: unknown,
  path: string,
  combine: (sum: Amount, value: Amount) => Amount,
): void {
  if (typeof value === "number" && !path.includes("distinct")) {
    counts.set(path, combine(counts.get(path) ?? ZERO, decimal(value) ?? ZERO));
  } else if (typeof value === "object" && value !== null && !path.endsWith("tool_actions")) {
    for (const [name, member] of Object.entries(value))
      addCounts(counts, member, path === "" ? name : `${path}.${name}`, combine);
  }
}

/**
 * A group's net and total are what its rows come to one by one: a credit that its vendor repeats as a total has no gross, and
 * a row without a net is billed at its total. The bare sums of the charges would say less.
 */
function chargeOf({ type, currency, amount }: Charge, sums: Group["billed"]): Charge {
  const sum = sums.get(currency);
  const exact = type === "net" ? sum?.net : type === "total" ? sum?.gross : undefined;
  return { type, currency, amount: exact ?? amount };
}

function finish({ row, charges, billed: sums, counts, units, metrics, active }: Group): Usage {
  const [unit] = units;
  const oneUnit = units.size === 1 && !NOT_ADDITIVE.includes(unit ?? "");
  const usage: Record<string, unknown> = active === undefined ? {} : { activity: { is_active: active } };
  for (const [path, sum] of counts) {
    if (path !== "quantity" || oneUnit) place(usage, path.split("."), sum.toNumber());
  }
  const [metric] = metrics;
  return {
    ...row,
    ...(metrics.size === 1 && metric ? { metric_name: metric } : {}),
    ...(charges.size > 0 ? { charges: [...charges.values()].map((charge) => chargeOf(charge, sums)) } : {}),
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
