import type { Account } from "../accounts/account.ts";
import type { CostDimension, Filters } from "../providers/provider.ts";
import { type Amount, ZERO } from "../usage/money.ts";
import { comparedPeriod } from "../usage/named-period.ts";
import { type Instant, iso, type Period, writePeriod } from "../usage/period.ts";
import { type CostGroup, CostGroups, type CostTotal } from "./cost-groups.ts";
import { type CallContext, older } from "./pages.ts";
import { type AccountSums, readAccount } from "./read-account.ts";
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

type AccountCost = AccountSums<CostGroups>;

export interface CostSummaryRequest {
  accounts: readonly Account[];
  period: Period;
  groupBy: readonly CostDimension[];
  /** In lower case. */
  filters: Filters;
  compareTo?: "previous_period" | "previous_year" | undefined;
  sortBy?: string | undefined;
  sortOrder?: "asc" | "desc" | undefined;
  limit: number;
  /** Nothing that was kept will do. */
  fresh?: boolean;
}

/** Costs of accounts over a half-open period, by group. All accounts are asked at once; each one's fault is its own. */
export async function summarizeCost(
  context: CallContext,
  request: CostSummaryRequest,
  now: Instant,
): Promise<CostSummary> {
  const before = request.compareTo ? comparedPeriod(request.period, request.compareTo) : undefined;
  const asked = { report: "cost", by: request.groupBy, filters: request.filters, now, noun: "cost" } as const;
  const read = (account: Account, period: Period) =>
    readAccount(context, account, { ...asked, period }, () => new CostGroups(request.groupBy));
  // All accounts at once, but each one's two periods one after the other: vendors throttle by account.
  const answers = await Promise.all(
    request.accounts.map(async (account) => ({
      cost: await read(account, request.period),
      previous: before && (await read(account, before)),
    })),
  );
  const costs = answers.map(({ cost }) => cost);
  const previous = before && answers.flatMap((answer) => answer.previous ?? []);
  // An account that can't be read now has not vanished: it is left out of both sides.
  const comparable =
    before && answers.flatMap(({ cost, previous: own }) => (own && cost.status !== "error" ? [own] : []));
  const groups = paired(merge(costs), comparable && merge(comparable));
  const totals = mergeTotals(costs);
  const totalsBefore = comparable && mergeTotals(comparable);
  const asOf = [...costs, ...(previous ?? [])].map((cost) => cost.asOf).reduce(older, undefined);
  const sorted = groups.sort(order(request));
  const shown = sorted.slice(0, request.limit);
  const rest = sorted.slice(request.limit);
  return {
    period: writePeriod(request.period),
    ...(before ? { compared_period: writePeriod(before) } : {}),
    totals: withVanished(totals, totalsBefore).map((total) => writeTotal(total, totalsBefore)),
    groups: shown.map((group) => writeGroup(group, totals, before !== undefined)),
    ...(rest.length > 0 ? { other: sumRest(rest, totals, before !== undefined) } : {}),
    accounts: costs.map(writeAccount),
    ...(asOf ? { data_as_of: iso(asOf.at) } : {}),
    is_partial_response: [...costs, ...(previous ?? [])].some(({ status }) => status !== "ok"),
    warnings: warningsOf(request, costs, previous, now),
    ...(totals.size === 0 ? { hint: emptyHint(request, costs, now) } : {}),
  };
}

function merge(costs: readonly AccountCost[]): Map<string, CostGroup> {
  const merged = new Map<string, CostGroup>();
  for (const { sums } of costs) {
    for (const [id, group] of sums.groups) {
      const known = merged.get(id);
      merged.set(id, known ? { ...group, names: { ...known.names, ...group.names }, ...plus(known, group) } : group);
    }
  }
  return merged;
}

function mergeTotals(costs: readonly AccountCost[]): Map<string, CostTotal> {
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

function warningsOf(
  { period }: CostSummaryRequest,
  costs: readonly AccountCost[],
  previous: readonly AccountCost[] | undefined,
  now: Instant,
): string[] {
  const warnings = costs.flatMap(({ warnings }) => warnings);
  if (period.start <= now && period.end > now) warnings.unshift("The period is not over: amounts are to date.");
  if (previous && period.start <= now && period.end > now)
    warnings.unshift("The compared period is over and this one is not: the change compares unequal stretches of time.");
  const failed = costs.filter(({ status }) => status === "error").map(({ account }) => account.id);
  if (failed.length > 0)
    warnings.unshift(`The totals leave out ${failed.join(", ")}, which could not be read; see accounts.`);
  for (const { account, status, error, warnings: earlier, period: covered } of previous ?? []) {
    const current = costs.find((cost) => cost.account === account)?.period;
    if (current && current.end > covered.start)
      warnings.push(`${account.id}: what it covers of the two periods overlaps, so its change says little.`);
    if (status === "error")
      warnings.push(`${account.id}: the compared period could not be read, so its changes are overstated: ${error}`);
    warnings.push(...earlier.map((warning) => `Compared period: ${warning}`));
  }
  return [...new Set(warnings)];
}

function emptyHint({ period, filters }: CostSummaryRequest, costs: readonly AccountCost[], now: Instant): string {
  if (costs.every(({ status }) => status === "error"))
    return "No account could be read; see accounts for each one's error.";
  if (period.start > now) return `The period begins ${iso(period.start)}, in the future; it is ${iso(now)} now.`;
  if (Object.values(filters).some((values) => values !== undefined))
    return "No cost matches the filters; leave them out and group by their dimension to see what there is.";
  if (costs.some(({ status }) => status === "error"))
    return "The accounts that could be read hold no cost for this period; see accounts for the others.";
  return "No account holds cost for this period; vendors publish with a delay of up to 72 hours, and keep 12 to 15 months.";
}
