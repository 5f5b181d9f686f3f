import { type Amount, decimal, ZERO } from "../usage/money.ts";
import { cutShort, fitting } from "./fitting.ts";
import type { Metric } from "./metrics.ts";
import { QUANTITY, USERS } from "./metrics.ts";
import { type Ratio, ratiosOf, type WrittenRatio } from "./ratios.ts";
import { calendarOf } from "./series.ts";
import { addInto, type UsageDimension, type UsageGroup } from "./usage-groups.ts";
import type { Side } from "./usage-side.ts";
import { byText } from "./write-cost.ts";

type Values = Record<string, number>;

interface Measured {
  /** By metric, `quantity` by unit; absent where nothing is known. */
  values: Values;
  ratios?: Record<string, WrittenRatio>;
  rows: number;
  previous?: { values: Values; ratios?: Record<string, WrittenRatio> };
  /** `percent`: of the previous value; absent where there was none. */
  change?: { values: Values; percent: Values };
  /** Divided by the days of each period that are over. Only when asked for. */
  per_day?: { values: Values; previous: Values; percent: Values };
}

export interface WrittenUsageGroup extends Measured {
  key: Record<string, string>;
  names?: Record<string, string>;
}

export interface UsageSummary {
  period: { start_date: string; end_date: string };
  compared_period?: { start_date: string; end_date: string };
  /** What `per_day` is divided by. */
  compared_days?: { period: number; compared: number };
  totals: Measured;
  groups: WrittenUsageGroup[];
  /** The groups past `limit`, as one. */
  other?: Measured & { groups: number };
  accounts: {
    integrated_account_id: string;
    provider: string;
    status: "ok" | "partial" | "error";
    /** What was really covered. */
    period?: { start_date: string; end_date: string };
    /** Which of its reports were read. */
    reports: string[];
    data_as_of?: string;
    error?: string;
  }[];
  data_as_of?: string;
  is_partial_response: boolean;
  warnings: string[];
  hint?: string;
}

interface Parts {
  own: Side;
  previous?: Side | undefined;
  /** Those that are shown. */
  metrics: readonly Metric[];
  ratios: readonly Ratio[];
  request: {
    groupBy: readonly UsageDimension[];
    sortBy?: string | undefined;
    sortOrder?: "asc" | "desc" | undefined;
    limit: number;
    most?: number | undefined;
  };
  /** Days of each period that are over, where amounts are shown by the day. */
  days?: { days: number; before: number };
}

/** A group of both periods, by the text its key is known by. */
interface Paired {
  ids: readonly string[];
  now: UsageGroup;
  before?: UsageGroup | undefined;
}

/** The numbers of an answer: totals, the first groups, and what is left of them; `cut`: what is to be said of groups left out. */
export function writeUsage(
  parts: Parts,
): Pick<UsageSummary, "totals" | "groups" | "other" | "compared_days"> & { cut: string[] } {
  const { own, previous, request, days } = parts;
  const pairs = pairUp(own, previous).sort(order(parts));
  const wanted = pairs.slice(0, request.limit).map((pair) => ({
    key: pair.now.key,
    ...(Object.keys(pair.now.names).length > 0 ? { names: pair.now.names } : {}),
    ...measured(pair, parts, false),
  }));
  const shown = wanted.slice(0, fitting(wanted, request.most));
  // What only fills a series is no group; what costs without being used is one.
  const rest = pairs.slice(shown.length).filter((pair) => pair.now.rows > 0 || pair.before || isCosted(own, pair));
  return {
    ...(days ? { compared_days: { period: days.days, compared: days.before } } : {}),
    totals: measured(sumOf(pairs), parts, true),
    groups: shown,
    cut: cutShort(shown.length, wanted.length),
    ...(rest.length > 0 ? { other: { groups: rest.length, ...measured(sumOf(rest), parts, true) } } : {}),
  };
}

function isCosted({ costs }: Side, { ids }: Paired): boolean {
  return [...costs.values()].some((byGroup) => ids.some((id) => byGroup.has(id)));
}

function empty(key: Record<string, string> = {}, names: Record<string, string> = {}): UsageGroup {
  return { key, names, values: new Map(), rows: 0 };
}

/** Groups with their twins; one that is gone stands with nothing now. */
function pairUp(own: Side, previous: Side | undefined): Paired[] {
  const pairs = [...own.groups].map(([id, now]): Paired => ({ ids: [id], now, before: previous?.groups.get(id) }));
  for (const [id, before] of previous?.groups ?? [])
    if (!own.groups.has(id)) pairs.push({ ids: [id], now: empty(before.key, before.names), before });
  return pairs;
}

function sumOf(pairs: readonly Paired[]): Paired {
  const [now, before] = [empty(), empty()];
  for (const pair of pairs) {
    addInto(now, pair.now);
    if (pair.before) addInto(before, pair.before);
  }
  return { ids: pairs.flatMap(({ ids }) => ids), now, before };
}

function measured(pair: Paired, parts: Parts, isSum: boolean): Measured {
  const { own, previous, days } = parts;
  const names = namesIn(pair, parts.metrics, isSum);
  const value = (group: UsageGroup) => (name: string) => amountOf(group, name);
  const now = value(pair.now);
  const write = (of: (name: string) => Amount | undefined) =>
    Object.fromEntries(names.flatMap((name) => (of(name) ? [[name, of(name)?.toNumber() ?? 0]] : [])));
  const ratios = writeRatios(own, pair, pair.now, parts.ratios);
  const written: Measured = { values: write(now), ...ratios, rows: pair.now.rows };
  if (!previous) return written;
  const group = pair.before ?? empty();
  const before = value(group);
  written.previous = { values: write(before), ...writeRatios(previous, pair, group, parts.ratios) };
  written.change = changeOf(names, now, before);
  if (days) {
    const [daily, earlier] = [byDay(now, days.days), byDay(before, days.before)];
    const { percent } = changeOf(names, daily, earlier);
    written.per_day = { values: write(daily), previous: write(earlier), percent };
  }
  return written;
}

/** The metrics that a group shows; what can't be added is in no sum. */
function namesIn({ now, before }: Paired, metrics: readonly Metric[], isSum: boolean): string[] {
  const present = [...now.values.keys(), ...(before?.values.keys() ?? [])];
  return metrics.flatMap(({ name, apart }) => {
    if (isSum && apart.length > 0) return [];
    if (!name.startsWith("quantity")) return [name];
    return [...new Set(present.filter((known) => known.startsWith("quantity:")))].sort(byText);
  });
}

function amountOf(group: UsageGroup, name: string): Amount | undefined {
  if (name !== USERS) return group.values.get(name);
  return group.people && decimal(group.people.size);
}

function writeRatios(
  { costs, priced }: Side,
  { ids }: Paired,
  group: UsageGroup,
  ratios: readonly Ratio[],
): { ratios?: Record<string, WrittenRatio> } {
  if (ratios.length === 0) return {};
  const money = new Map<string, Map<string, Amount>>();
  for (const [ratio, byGroup] of costs) {
    const sums = new Map<string, Amount>();
    for (const id of ids)
      for (const [currency, net] of byGroup.get(id) ?? []) sums.set(currency, (sums.get(currency) ?? ZERO).plus(net));
    money.set(ratio, sums);
  }
  const use = new Map<string, UsageGroup>();
  for (const [ratio, groups] of priced ?? []) {
    const sum = empty();
    for (const one of ids.flatMap((id) => groups.get(id) ?? [])) addInto(sum, one);
    use.set(ratio, sum);
  }
  return { ratios: ratiosOf(ratios, (name, ratio) => amountOf(use.get(ratio) ?? group, name), money) };
}

type Read = (name: string) => Amount | undefined;

function changeOf(names: readonly string[], now: Read, before: Read): NonNullable<Measured["change"]> {
  const [values, percent]: [Values, Values] = [{}, {}];
  for (const name of names) {
    const [own, earlier] = [now(name), before(name)];
    if (!own && !earlier) continue;
    const change = (own ?? ZERO).minus(earlier ?? ZERO);
    values[name] = change.toNumber();
    const share = change.times(decimal(100) ?? ZERO).ratio(earlier ?? ZERO);
    if (share !== undefined) percent[name] = share;
  }
  return { values, percent };
}

function byDay(read: Read, days: number): Read {
  return (name) => read(name)?.dividedBy(decimal(days) ?? ZERO);
}

/** A metric or its change (descending unless told), else a dimension (ascending); time alone is read in its order. */
function order({ metrics, ratios, request }: Parts): (a: Paired, b: Paired) => number {
  const { sortBy, sortOrder, groupBy } = request;
  const isTime = groupBy.length > 0 && calendarOf(groupBy).length === groupBy.length;
  // Where only ratios are asked for: what the first of them divides by.
  const [first = ""] = [...metrics.map(({ name }) => name), ...ratios.flatMap(({ under }) => under)];
  const key = sortBy ?? (isTime ? groupBy[0] : first) ?? "";
  const isDimension = groupBy.some((dimension) => dimension === key);
  const direction = (sortOrder ?? (isDimension ? "asc" : "desc")) === "asc" ? 1 : -1;
  const tie = (a: Paired, b: Paired) => byText(textOf(a), textOf(b));
  if (isDimension) return (a, b) => direction * byText(a.now.key[key] ?? "", b.now.key[key] ?? "") || tie(a, b);
  const size = (pair: Paired): Amount => {
    if (key !== "change") return sizeOf(pair.now, key);
    return sizeOf(pair.now, first).minus(sizeOf(pair.before ?? empty(), first));
  };
  return (a, b) => direction * size(a).compare(size(b)) || tie(a, b);
}

/** Quantities of several units can't be compared: the largest of them counts. */
function sizeOf(group: UsageGroup, name: string): Amount {
  if (!name.startsWith("quantity")) return amountOf(group, name) ?? ZERO;
  const asked = name.toLowerCase();
  const sizes = [...group.values].flatMap(([known, value]) =>
    known.toLowerCase() === asked || (asked === QUANTITY && known.startsWith(`${QUANTITY}:`)) ? [value] : [],
  );
  return sizes.reduce((most, value) => (value.compare(most) > 0 ? value : most), ZERO);
}

function textOf({ now }: Paired): string {
  return JSON.stringify(Object.values(now.key));
}
