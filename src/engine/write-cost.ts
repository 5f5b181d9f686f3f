import { type Amount, decimal, ZERO } from "../usage/money.ts";
import { iso, writePeriod } from "../usage/period.ts";
import type { ChargeType } from "../usage/row.ts";
import type { Cost, CostGroup, CostGroups, CostTotal } from "./cost-groups.ts";
import type { People } from "./people-in.ts";
import type { AccountSums } from "./read-account.ts";

const HUNDRED = decimal(100) ?? ZERO;

interface Money {
  currency: string;
  net: number;
  gross: number;
}

export interface WrittenGroup extends Money, Comparison {
  key: Record<string, string>;
  names?: Record<string, string>;
  /** Of the net of all groups in its currency, 0 to 1. */
  share?: number;
  rows: number;
}

/** Present when a period is compared with. */
interface Comparison {
  previous?: { net: number; gross: number };
  /** `percent`: of the size of the previous net, so that more is positive even after a credit; absent when there was none. */
  change?: { net: number; percent?: number };
  /** The same divided by the days of its period that are over. Only when asked for. */
  per_day?: { net: number; previous_net: number; change: number; percent?: number };
}

/** How groups are shown beside those of another period. */
export interface Comparing {
  isCompared: boolean;
  /** Days of each that are over: amounts are shown by the day, too. */
  days?: { days: number; before: number };
}

export interface WrittenAccount {
  integrated_account_id: string;
  provider: string;
  status: AccountSums<CostGroups>["status"];
  period: { start_date: string; end_date: string };
  net?: number;
  gross?: number;
  currency?: string;
  /** When the oldest of it was so that may still change. */
  data_as_of?: string;
  /** When the account is billed in several currencies: each. */
  totals?: Money[];
  error?: string;
}

export interface CostSummary {
  period: { start_date: string; end_date: string };
  compared_period?: { start_date: string; end_date: string };
  /** What `per_day` is divided by. */
  compared_days?: { period: number; compared: number };
  totals: (Money & Record<string, unknown>)[];
  groups: WrittenGroup[];
  /** The groups past `limit`, summed by currency. */
  other?: (Money & Comparison & { groups: number; rows: number; share?: number })[];
  /** When grouped by user. */
  people?: People;
  accounts: WrittenAccount[];
  /** Of all accounts, the oldest. */
  data_as_of?: string;
  is_partial_response: boolean;
  warnings: string[];
  hint?: string;
}

/** A group of this period beside its twin of the compared one. */
export interface Compared {
  now: CostGroup;
  before?: CostGroup | undefined;
}

export function plus(a: Cost, b: Cost): Pick<Cost, "net" | "gross" | "rows"> {
  return { net: a.net.plus(b.net), gross: a.gross.plus(b.gross), rows: a.rows + b.rows };
}

/** Orders texts by their code units, the same everywhere. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function write({ currency, net, gross }: Cost): Money {
  return { currency, net: net.toNumber(), gross: gross.toNumber() };
}

export function writeTotal(
  total: CostTotal,
  before: ReadonlyMap<string, CostTotal> | undefined,
  comparing: Comparing,
): Money & Record<string, unknown> {
  const charges = [...total.charges].map(([type, amount]): [string, number] => [type, amount.toNumber()]);
  return {
    ...write(total),
    ...Object.fromEntries(charges.sort(([a], [b]) => byText(a, b))),
    rows: total.rows,
    ...(before ? comparison(total, before.get(total.currency), comparing) : {}),
  };
}

/** A currency in which nothing is billed any more still has its change. */
export function withVanished(
  totals: ReadonlyMap<string, CostTotal>,
  before: ReadonlyMap<string, CostTotal> | undefined,
): CostTotal[] {
  const gone = [...(before?.keys() ?? [])].filter((currency) => !totals.has(currency));
  const empty = gone.map((currency) => ({
    currency,
    net: ZERO,
    gross: ZERO,
    rows: 0,
    charges: new Map<ChargeType, Amount>(),
  }));
  return [...totals.values(), ...empty];
}

/** The same in the compared period, and the change from it. */
function comparison(now: Cost, before: Cost | undefined, { days }: Comparing): Comparison {
  const [net, gross] = [before?.net ?? ZERO, before?.gross ?? ZERO];
  const change = now.net.minus(net);
  const percent = change.times(HUNDRED).ratio(net.abs());
  return {
    previous: { net: net.toNumber(), gross: gross.toNumber() },
    change: { net: change.toNumber(), ...(percent === undefined ? {} : { percent }) },
    ...(days ? { per_day: perDay(now.net, net, days) } : {}),
  };
}

/** Rounded to ten decimals: what a division leaves is no amount that anybody bills. */
function perDay(net: Amount, before: Amount, days: NonNullable<Comparing["days"]>): NonNullable<Comparison["per_day"]> {
  const [own, earlier] = [byDay(net, days.days), byDay(before, days.before)];
  const change = own.minus(earlier);
  const percent = change.times(HUNDRED).ratio(earlier.abs());
  return {
    net: own.toNumber(),
    previous_net: earlier.toNumber(),
    change: change.toNumber(),
    ...(percent === undefined ? {} : { percent }),
  };
}

function byDay(amount: Amount, days: number): Amount {
  return amount.dividedBy(decimal(days) ?? ZERO) ?? ZERO;
}

function shareOf(net: Amount, currency: string, totals: ReadonlyMap<string, CostTotal>): { share?: number } {
  const share = net.ratio(totals.get(currency)?.net ?? ZERO);
  return share === undefined ? {} : { share };
}

export function writeGroup(
  { now, before }: Compared,
  totals: ReadonlyMap<string, CostTotal>,
  comparing: Comparing,
): WrittenGroup {
  return {
    key: now.key,
    ...(Object.keys(now.names).length > 0 ? { names: now.names } : {}),
    ...write(now),
    ...shareOf(now.net, now.currency, totals),
    rows: now.rows,
    ...(comparing.isCompared ? comparison(now, before, comparing) : {}),
  };
}

export function sumRest(
  rest: readonly Compared[],
  totals: ReadonlyMap<string, CostTotal>,
  comparing: Comparing,
): NonNullable<CostSummary["other"]> {
  const sums = new Map<string, { now: Cost; before: Cost; groups: number }>();
  for (const { now, before } of rest) {
    const sum = sums.get(now.currency);
    const none = { currency: now.currency, net: ZERO, gross: ZERO, rows: 0 };
    sums.set(now.currency, {
      now: { ...none, ...plus(sum?.now ?? none, now) },
      before: { ...none, ...plus(sum?.before ?? none, before ?? none) },
      groups: (sum?.groups ?? 0) + 1,
    });
  }
  return [...sums.values()].map(({ now, before, groups }) => ({
    ...write(now),
    ...shareOf(now.net, now.currency, totals),
    groups,
    rows: now.rows,
    ...(comparing.isCompared ? comparison(now, before, comparing) : {}),
  }));
}

export function writeAccount({ account, status, period, sums, asOf, error }: AccountSums<CostGroups>): WrittenAccount {
  const totals = [...sums.totals.values()].map(write);
  const [only] = totals;
  return {
    integrated_account_id: account.id,
    provider: account.provider,
    status,
    period: writePeriod(period),
    ...(totals.length > 1 ? { totals } : (only ?? {})),
    ...(asOf ? { data_as_of: iso(asOf.at) } : {}),
    ...(error === undefined ? {} : { error }),
  };
}
