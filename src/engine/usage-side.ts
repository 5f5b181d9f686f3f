import type { Amount } from "../usage/money.ts";
import { ZERO } from "../usage/money.ts";
import type { Instant, Period } from "../usage/period.ts";
import type { CostGroups } from "./cost-groups.ts";
import type { Ratio } from "./ratios.ts";
import type { AccountSums, Sums } from "./read-account.ts";
import type { ReadPeriods } from "./read-periods.ts";
import { type AccountUsage, has, readingsOf } from "./read-usage.ts";
import { aligner, calendarOf, type Key, missingKeys } from "./series.ts";
import { addInto, groupAt, type UsageDimension, type UsageGroup } from "./usage-groups.ts";

/** What all accounts came to in one of the two periods. */
export interface Side {
  /** By their keys' values. */
  groups: Map<string, UsageGroup>;
  /** By ratio, what its accounts cost: by group and currency. */
  costs: Map<string, Map<string, Map<string, Amount>>>;
  /** By ratio, the use of the accounts whose cost is in it, by group. Absent for a ratio: all use is of such accounts. */
  priced?: Map<string, Map<string, UsageGroup>>;
}

/** The text that a key is known by. */
function idOf(key: Key): string {
  return JSON.stringify(Object.values(key));
}

/** @param period picks one of the two periods of a reading */
export function sideOf(
  read: readonly AccountUsage[],
  ratios: readonly Ratio[],
  period: <S extends Sums>(periods: ReadPeriods<S>) => readonly AccountSums<S>[],
): Side {
  const side: Side = { groups: new Map(), costs: new Map() };
  for (const account of read) addUse(side.groups, account);
  for (const ratio of ratios) {
    if (ratio.over !== "cost") continue;
    // Of an account whose use or whose cost is missing, neither counts.
    const asked = read.filter((account) => has(account, ratio));
    const whole = asked.filter(isWhole);
    for (const { cost } of whole) for (const { sums } of cost ? period(cost) : []) addCosts(side, ratio, sums);
    if (whole.length === asked.length) continue;
    const groups = new Map<string, UsageGroup>();
    for (const account of whole) addUse(groups, account);
    side.priced ??= new Map();
    side.priced.set(ratio.name, groups);
  }
  return side;

  function addUse(groups: Map<string, UsageGroup>, account: AccountUsage): void {
    for (const { sums } of account.usage.flatMap((periods) => period(periods)))
      for (const group of sums.groups.values()) addInto(groupAt(groups, group.key), group);
  }

  function isWhole(account: AccountUsage): boolean {
    return readingsOf(account).every((periods) => {
      const sums = period(periods);
      return sums.length > 0 && sums.every(({ status }) => status !== "error");
    });
  }
}

function addCosts(side: Side, { name }: Ratio, { groups }: CostGroups): void {
  for (const { key, names, currency, net } of groups.values()) {
    // What costs without being used stands there, too: the groups' costs add up to the total's.
    groupAt(side.groups, key, { ...names });
    addCost(side, name, idOf(key), currency, net);
  }
}

function addCost(side: Side, ratio: string, id: string, currency: string, net: Amount): void {
  const costs = side.costs.get(ratio) ?? new Map<string, Map<string, Amount>>();
  const money = costs.get(id) ?? new Map<string, Amount>();
  side.costs.set(ratio, costs.set(id, money.set(currency, (money.get(currency) ?? ZERO).plus(net))));
}

/** What is compared stands beside what it became: the third day beside the third day. */
export function alignedSide(side: Side, by: readonly UsageDimension[], period: Period, before: Period): Side {
  if (calendarOf(by).length === 0) return side;
  const align = aligner(by, period, before);
  const moved: Side = { groups: new Map(), costs: new Map() };
  const ids = new Map<string, string>();
  for (const [id, group] of side.groups) {
    const key = align(group.key);
    ids.set(id, idOf(key));
    addInto(groupAt(moved.groups, key), group);
  }
  for (const [ratio, groups] of side.priced ?? []) {
    const priced = new Map<string, UsageGroup>();
    for (const group of groups.values()) addInto(groupAt(priced, align(group.key)), group);
    moved.priced ??= new Map();
    moved.priced.set(ratio, priced);
  }
  for (const [ratio, costs] of side.costs)
    for (const [id, money] of costs)
      for (const [currency, net] of money) addCost(moved, ratio, ids.get(id) ?? id, currency, net);
  return moved;
}

/** A series has no holes: where nothing was used, there is a group of nothing. @returns false where there would be too many */
export function fillSide(side: Side, by: readonly UsageDimension[], period: Period, now: Instant): boolean {
  const calendar: readonly string[] = calendarOf(by);
  if (calendar.length === 0) return true;
  const series = new Map<
    string,
    { keys: Key[]; metrics: Set<string>; names: Record<string, string>; hasPeople: boolean }
  >();
  for (const { key, values, names, people } of side.groups.values()) {
    const id = JSON.stringify(Object.entries(key).filter(([dimension]) => !calendar.includes(dimension)));
    const known = series.get(id) ?? { keys: [], metrics: new Set<string>(), names, hasPeople: people !== undefined };
    series.set(id, known);
    known.keys.push(key);
    for (const metric of values.keys()) known.metrics.add(metric);
  }
  const missing = missingKeys(new Map([...series].map(([id, { keys }]) => [id, keys])), by, period, now);
  for (const [id, keys] of missing ?? []) {
    const { metrics = new Set<string>(), names = {}, hasPeople } = series.get(id) ?? {};
    for (const key of keys) {
      const group = groupAt(side.groups, key, { ...names });
      for (const metric of metrics) group.values.set(metric, ZERO);
      if (hasPeople) group.people = new Set();
    }
  }
  return missing !== undefined;
}
