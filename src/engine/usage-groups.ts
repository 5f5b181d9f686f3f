import type { Account } from "../accounts/account.ts";
import type { Dimension } from "../providers/provider.ts";
import { type Amount, decimal, ZERO } from "../usage/money.ts";
import { personOf } from "../usage/people.ts";
import type { Usage } from "../usage/row.ts";
import { keyOf, type RowDimension } from "./dimension.ts";
import { valueAt } from "./fields.ts";
import { type Metric, NOT_ADDITIVE_UNITS, QUANTITY, USERS } from "./metrics.ts";
import type { Key } from "./series.ts";

/** What use is grouped by: kinds of charges and of tokens are no values of a row, and kinds of tokens are metrics of their own. */
export type UsageDimension = RowDimension;

export interface UsageGroup {
  /** By dimension, in the order asked. */
  key: Key;
  /** Names of the key's ids, where they differ. */
  names: Record<string, string>;
  /** Sums by metric; absent where no row has it. */
  values: Map<string, Amount>;
  /** Different people; absent where nobody counted them. */
  people?: Set<string>;
  rows: number;
}

/** Sums of use by group, exact. Memory holds groups, and the people of each where they are counted, not rows. */
export class UsageGroups {
  readonly groups = new Map<string, UsageGroup>();
  readonly #by: readonly UsageDimension[];
  readonly #sums: readonly Metric[];
  readonly #countsPeople: boolean;

  constructor(by: readonly UsageDimension[], metrics: readonly Metric[]) {
    this.#by = by;
    this.#sums = metrics.filter(({ name }) => name !== USERS);
    this.#countsPeople = metrics.some(({ name }) => name === USERS);
  }

  /** @returns dimensions that the row could not say */
  add(row: Usage, account: Account): readonly Dimension[] {
    // By name: a quantity that is asked for as such and by its unit is one.
    const values = new Map(this.#sums.flatMap((metric) => valuesOf(row, metric)));
    const person = this.#countsPeople && isUsed(row) ? personOf(row) : undefined;
    if (values.size === 0 && !person) return [];
    const { key, names, unknown } = keyOf(row, this.#by, account);
    const group = groupAt(this.groups, key, names);
    for (const [name, amount] of values) group.values.set(name, (group.values.get(name) ?? ZERO).plus(amount));
    if (this.#countsPeople) group.people ??= new Set();
    if (person && !person.isServiceAccount) group.people?.add(person.id);
    group.rows++;
    return unknown;
  }
}

/** The group of a key, made where there is none yet. */
export function groupAt(groups: Map<string, UsageGroup>, key: Key, names: Record<string, string> = {}): UsageGroup {
  const id = JSON.stringify(Object.values(key));
  let group = groups.get(id);
  if (!group) {
    group = { key, names, values: new Map(), rows: 0 };
    groups.set(id, group);
  }
  return group;
}

/** Puts a group's sums into another one. People are the union: who is in both is one person. */
export function addInto(sum: UsageGroup, group: UsageGroup): void {
  for (const [name, amount] of group.values) sum.values.set(name, (sum.values.get(name) ?? ZERO).plus(amount));
  if (group.people) sum.people = new Set([...(sum.people ?? []), ...group.people]);
  sum.rows += group.rows;
  Object.assign(sum.names, group.names);
}

function valuesOf(row: Usage, { name }: Metric): [string, Amount][] {
  if (name !== QUANTITY && !name.startsWith(`${QUANTITY}:`)) {
    const amount = decimal(valueAt(row.usage, name));
    return amount ? [[name, amount]] : [];
  }
  const unit = row.unit ?? "unit";
  const amount = decimal(row.usage?.quantity);
  const isAsked = name === QUANTITY || name.slice(QUANTITY.length + 1).toLowerCase() === unit.toLowerCase();
  return amount && isAsked && !NOT_ADDITIVE_UNITS.has(unit) ? [[`${QUANTITY}:${unit}`, amount]] : [];
}

/** Vendors list people who did nothing, too. */
function isUsed({ usage }: Usage): boolean {
  return usage !== undefined && usage.activity?.is_active !== false;
}
