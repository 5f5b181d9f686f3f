import type { Account } from "../accounts/account.ts";
import type { CostDimension, Filters } from "../providers/provider.ts";
import { type Amount, ZERO } from "../usage/money.ts";
import { elapsedDays } from "../usage/named-period.ts";
import { type Instant, iso, type Period, writePeriod } from "../usage/period.ts";
import { type CostGroup, CostGroups, type CostTotal } from "./cost-groups.ts";
import { existingHint } from "./existing.ts";
import { cutShort, fitting } from "./fitting.ts";
import { type CallContext, older } from "./pages.ts";
import { peopleIn } from "./people-in.ts";
import { lateCost } from "./published-late.ts";
import type { AccountSums } from "./read-account.ts";
import { comparable, readingWarnings, readPeriods } from "./read-periods.ts";
import { aligner, calendarOf, HOLES, isEmpty, type Key, missingKeys } from "./series.ts";
import { untoldBy } from "./untold.ts";
import {
  byText,
  type Compared,
  type CostSummary,
  plus,
  sumRest,
  withVanished,
  writeAccount,
  writeGroup,
  writeTotal,
} from "./write-cost.ts";

export interface CostSummaryRequest {
  accounts: readonly Account[];
  period: Period;
  /** The period to compare with. */
  before?: Period | undefined;
  /** Changes are shown by the day, too. */
  perDay?: boolean;
  groupBy: readonly CostDimension[];
  /** In lower case. */
  filters: Filters;
  sortBy?: string | undefined;
  sortOrder?: "asc" | "desc" | undefined;
  limit: number;
  /** Characters of JSON that the groups may have; fewer are shown where they have more. */
  most?: number | undefined;
  /** Nothing that was kept will do. */
  fresh?: boolean;
}

/** Costs of accounts over a half-open period, by group. All accounts are asked at once; each one's fault is its own. */
export async function summarizeCost(
  context: CallContext,
  request: CostSummaryRequest,
  now: Instant,
): Promise<CostSummary> {
  const { accounts, period, before, groupBy, filters } = request;
  const asked = { report: "cost", by: groupBy, filters, now, noun: "cost" } as const;
  const read = await readPeriods(context, accounts, asked, request, () => new CostGroups(groupBy));
  const earlier = comparable(read);
  const groups = merge(read.now);
  const previous = earlier && before && aligned(merge(earlier), aligner(groupBy, period, before));
  const totals = mergeTotals(read.now);
  const totalsBefore = earlier && mergeTotals(earlier);
  const isFilled = totals.size === 0 || fill(groups, groupBy, period, now);
  const comparing = before && { days: elapsedDays(period, now), before: elapsedDays(before, now) };
  const comparison = { isCompared: before !== undefined, ...(request.perDay && comparing ? { days: comparing } : {}) };
  const sorted = paired(groups, previous).sort(order(request));
  const wanted = sorted.slice(0, request.limit).map((group) => writeGroup(group, totals, comparison));
  const shown = wanted.slice(0, fitting(wanted, request.most));
  const rest = sorted.slice(shown.length).filter(({ now: group, before: twin }) => !isEmpty(group) || twin);
  const asOf = [...read.now, ...(read.before ?? [])].map((cost) => cost.asOf).reduce(older, undefined);
  return {
    period: writePeriod(period),
    ...(before ? { compared_period: writePeriod(before) } : {}),
    ...(comparison.days ? { compared_days: { period: comparison.days.days, compared: comparison.days.before } } : {}),
    totals: withVanished(totals, totalsBefore).map((total) => writeTotal(total, totalsBefore, comparison)),
    groups: shown,
    ...(rest.length > 0 ? { other: sumRest(rest, totals, comparison) } : {}),
    ...(groupBy.includes("user") ? { people: peopleIn(groups.values()) } : {}),
    accounts: read.now.map(writeAccount),
    ...(asOf ? { data_as_of: iso(asOf.at) } : {}),
    is_partial_response: [...read.now, ...(read.before ?? [])].some(({ status }) => status !== "ok"),
    warnings: [
      ...untoldBy(
        groupBy,
        accounts.map((account) => ({ account, report: "cost" })),
        "cost",
      ),
      ...readingWarnings(request, read, now, request.perDay),
      ...lateCost(read.now, period, now, before !== undefined),
      ...(isFilled ? [] : [HOLES]),
      ...cutShort(shown.length, wanted.length),
    ],
    ...(totals.size === 0 ? { hint: await emptyHint(context, request, read.now, now) } : {}),
  };
}

/** What is compared stands beside what it became: the third day beside the third day. */
function aligned(groups: ReadonlyMap<string, CostGroup>, align: (key: Key) => Key): Map<string, CostGroup> {
  const moved = new Map<string, CostGroup>();
  for (const group of groups.values()) {
    const key = align(group.key);
    const id = groupId(group.currency, key);
    const known = moved.get(id);
    moved.set(id, { ...group, key, ...(known ? plus(known, group) : {}) });
  }
  return moved;
}

/** A series has no holes: where nothing was billed, there is a group of nothing. @returns false where there would be too many */
function fill(groups: Map<string, CostGroup>, by: readonly CostDimension[], period: Period, now: Instant): boolean {
  const calendar = calendarOf(by);
  if (calendar.length === 0) return true;
  const series = new Map<string, { like: CostGroup; keys: Key[] }>();
  for (const group of groups.values()) {
    const rest = Object.entries(group.key).filter(([dimension]) => !calendar.some((name) => name === dimension));
    const id = JSON.stringify([group.currency, rest]);
    const known = series.get(id);
    if (known) known.keys.push(group.key);
    else series.set(id, { like: group, keys: [group.key] });
  }
  const missing = missingKeys(new Map([...series].map(([id, { keys }]) => [id, keys])), by, period, now);
  for (const [id, keys] of missing ?? []) {
    const { currency = "", names = {} } = series.get(id)?.like ?? {};
    for (const key of keys)
      groups.set(groupId(currency, key), { key, names, currency, net: ZERO, gross: ZERO, rows: 0 });
  }
  return missing !== undefined;
}

function merge(costs: readonly AccountSums<CostGroups>[]): Map<string, CostGroup> {
  const merged = new Map<string, CostGroup>();
  for (const { sums } of costs) {
    for (const group of sums.groups.values()) {
      const id = groupId(group.currency, group.key);
      const known = merged.get(id);
      merged.set(id, known ? { ...group, names: { ...known.names, ...group.names }, ...plus(known, group) } : group);
    }
  }
  return merged;
}

function groupId(currency: string, key: Key): string {
  return JSON.stringify([currency, ...Object.values(key)]);
}

function mergeTotals(costs: readonly AccountSums<CostGroups>[]): Map<string, CostTotal> {
  const merged = new Map<string, CostTotal>();
  for (const { sums } of costs) {
    for (const [currency, total] of sums.totals) {
      const known = merged.get(currency);
      const charges = new Map(known?.charges);
      for (const [type, amount] of total.charges) charges.set(type, (charges.get(type) ?? ZERO).plus(amount));
      merged.set(currency, { ...total, ...(known ? plus(known, total) : {}), charges });
    }
  }
  return merged;
}

/** Groups with their twins; one that is gone stands with nothing now, a new one with nothing before. */
function paired(
  groups: ReadonlyMap<string, CostGroup>,
  previous: ReadonlyMap<string, CostGroup> | undefined,
): Compared[] {
  const pairs = [...groups].map(([id, group]): Compared => ({ now: group, before: previous?.get(id) }));
  for (const [id, before] of previous ?? []) {
    if (!groups.has(id)) pairs.push({ now: { ...before, net: ZERO, gross: ZERO, rows: 0 }, before });
  }
  return pairs;
}

function changeOf({ now, before }: Compared): Amount {
  return before ? now.net.minus(before.net) : now.net;
}

/** net, gross or change (descending unless told), else a dimension (ascending); time alone is read in its order. */
function order({ sortBy, sortOrder, groupBy }: CostSummaryRequest): (a: Compared, b: Compared) => number {
  const time = groupBy.length > 0 && groupBy.every((dimension) => ["day", "week", "month"].includes(dimension));
  const key = sortBy ?? (time ? groupBy[0] : "net");
  const measures: Record<string, (group: Compared) => Amount> = {
    net: ({ now }) => now.net,
    gross: ({ now }) => now.gross,
    change: changeOf,
  };
  const measure = measures[key ?? "net"];
  const direction = (sortOrder ?? (measure ? "desc" : "asc")) === "asc" ? 1 : -1;
  const tie = (a: Compared, b: Compared) => byText(keyText(a), keyText(b));
  if (measure) return (a, b) => direction * measure(a).compare(measure(b)) || tie(a, b);
  return (a, b) => direction * byText(a.now.key[key ?? ""] ?? "", b.now.key[key ?? ""] ?? "") || tie(a, b);
}

function keyText({ now }: Compared): string {
  return JSON.stringify([Object.values(now.key), now.currency]);
}

async function emptyHint(
  context: CallContext,
  { accounts, period, filters }: CostSummaryRequest,
  costs: readonly AccountSums<CostGroups>[],
  now: Instant,
): Promise<string> {
  if (costs.every(({ status }) => status === "error"))
    return "No account could be read; see accounts for each one's error.";
  if (period.start > now) return `The period begins ${iso(period.start)}, in the future; it is ${iso(now)} now.`;
  if (Object.values(filters).some((values) => values !== undefined))
    return existingHint("cost", filters, async (dimension) => {
      const asked = { report: "cost", by: [dimension], filters: {}, now, noun: "cost" } as const;
      const read = await readPeriods(context, accounts, asked, { period }, () => new CostGroups([dimension]));
      const groups = [...merge(read.now).values()].sort((a, b) => b.gross.compare(a.gross));
      return groups.map(({ key }) => key[dimension] ?? "");
    });
  if (costs.some(({ status }) => status === "error"))
    return "The accounts that could be read hold no cost for this period; see accounts for the others.";
  return "No account holds cost for this period; vendors publish with a delay of up to 72 hours, and keep 12 to 15 months.";
}
