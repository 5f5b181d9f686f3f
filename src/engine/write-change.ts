import { type Amount, decimal, ZERO } from "../usage/money.ts";
import type { ChangeLine } from "./change-lines.ts";
import { addEffects, type Effects, effectsOf, NO_EFFECTS, writeEffects } from "./effects.ts";
import type { Key } from "./series.ts";
import { byText } from "./write-cost.ts";

/** A token costs millionths of a cent. */
const PRICE_DECIMALS = 15;
const HUNDRED = decimal(100) ?? ZERO;

interface Changed {
  currency: string;
  net: number;
  gross: number;
  previous: { net: number; gross: number };
  /** `percent`: of the size of the previous net; absent when there was none. */
  change: { net: number; percent?: number };
  /** What the change is made of; they add up to it. What is nothing is left out. */
  effects: Partial<Record<keyof Effects, number>>;
}

export interface WrittenChange extends Changed {
  key: Key;
  names?: Record<string, string>;
  /** Of the change in its currency; negative where it went the other way. */
  share_of_change?: number;
  /** Where all of it is counted in one unit. Prices are before discounts, rounded to 15 decimals. */
  quantity?: { unit: string; now: number; before: number; price_now?: number; price_before?: number };
}

export interface ChangeExplanation {
  period: { start_date: string; end_date: string };
  compared_period: { start_date: string; end_date: string };
  /** All amounts and quantities are divided by these. */
  compared_days?: { period: number; compared: number };
  totals: Changed[];
  groups: WrittenChange[];
  /** The groups past `limit`, summed by currency. */
  other?: (Changed & { groups: number; share_of_change?: number })[];
  accounts: {
    integrated_account_id: string;
    provider: string;
    status: "ok" | "partial" | "error";
    period: { start_date: string; end_date: string };
    /** Where it is not the one that was asked for. */
    compared_period?: { start_date: string; end_date: string };
    data_as_of?: string;
    error?: string;
  }[];
  data_as_of?: string;
  is_partial_response: boolean;
  warnings: string[];
  hint?: string;
}

type Pair = [now: ChangeLine | undefined, before: ChangeLine | undefined];

interface Sum {
  key: Key;
  names: Record<string, string>;
  currency: string;
  now: { net: Amount; gross: Amount };
  before: { net: Amount; gross: Amount };
  effects: Effects;
  pairs: Pair[];
  groups: number;
}

/** The change by what lines are shown under, sorted by how much of it is theirs, and as a whole. */
export function writeChange(
  now: ReadonlyMap<string, ChangeLine>,
  before: ReadonlyMap<string, ChangeLine>,
  limit: number,
): Pick<ChangeExplanation, "totals" | "groups" | "other"> {
  const groups = new Map<string, Sum>();
  for (const id of new Set([...now.keys(), ...before.keys()])) {
    const pair: Pair = [now.get(id), before.get(id)];
    const line = pair[0] ?? pair[1];
    if (line) addPair(groups, JSON.stringify([line.currency, ...Object.values(line.key)]), line, pair);
  }
  const totals = sumsOf(groups.values());
  const sorted = [...groups.values()].sort(
    (a, b) => changeOf(b).abs().compare(changeOf(a).abs()) || byText(textOf(a), textOf(b)),
  );
  const rest = sorted.slice(limit);
  return {
    totals: [...totals.values()].map(writeSum),
    groups: sorted.slice(0, limit).map((sum) => ({
      key: sum.key,
      ...(Object.keys(sum.names).length > 0 ? { names: sum.names } : {}),
      ...writeSum(sum),
      ...shareOf(sum, totals),
      ...quantityOf(sum),
    })),
    ...(rest.length > 0
      ? {
          other: [...sumsOf(rest).values()].map((sum) => ({
            ...writeSum(sum),
            ...shareOf(sum, totals),
            groups: sum.groups,
          })),
        }
      : {}),
  };
}

function addPair(sums: Map<string, Sum>, id: string, { key, names, currency }: ChangeLine, pair: Pair): void {
  const none = { net: ZERO, gross: ZERO };
  const sum = sums.get(id) ?? {
    key,
    names,
    currency,
    now: none,
    before: none,
    effects: NO_EFFECTS,
    pairs: [],
    groups: 1,
  };
  sums.set(id, sum);
  sum.now = plus(sum.now, pair[0]);
  sum.before = plus(sum.before, pair[1]);
  sum.effects = addEffects(sum.effects, effectsOf(...pair));
  sum.pairs.push(pair);
}

function sumsOf(groups: Iterable<Sum>): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const group of groups) {
    const known = sums.get(group.currency);
    if (!known) sums.set(group.currency, { ...group, pairs: [] });
    else {
      known.now = plus(known.now, group.now);
      known.before = plus(known.before, group.before);
      known.effects = addEffects(known.effects, group.effects);
      known.groups += group.groups;
    }
  }
  return sums;
}

function plus(sum: Sum["now"], line: Sum["now"] | undefined): Sum["now"] {
  return line ? { net: sum.net.plus(line.net), gross: sum.gross.plus(line.gross) } : sum;
}

function changeOf({ now, before }: Sum): Amount {
  return now.net.minus(before.net);
}

function textOf({ key, currency }: Sum): string {
  return JSON.stringify([Object.values(key), currency]);
}

function writeSum(sum: Sum): Changed {
  const { currency, now, before, effects } = sum;
  const change = changeOf(sum);
  const percent = change.times(HUNDRED).ratio(before.net.abs());
  return {
    currency,
    net: now.net.toNumber(),
    gross: now.gross.toNumber(),
    previous: { net: before.net.toNumber(), gross: before.gross.toNumber() },
    change: { net: change.toNumber(), ...(percent === undefined ? {} : { percent }) },
    effects: writeEffects(effects),
  };
}

function shareOf(sum: Sum, totals: ReadonlyMap<string, Sum>): { share_of_change?: number } {
  const total = totals.get(sum.currency);
  const share = total && changeOf(sum).ratio(changeOf(total));
  return share === undefined ? {} : { share_of_change: share };
}

function quantityOf({ pairs, now, before }: Sum): Pick<WrittenChange, "quantity"> {
  const lines = pairs.flat().flatMap((line) => line ?? []);
  const [unit, ...others] = new Set(lines.map(({ quantity }) => quantity?.unit));
  if (unit === undefined || others.length > 0) return {};
  const sum = (side: 0 | 1) => pairs.reduce((all, pair) => all.plus(pair[side]?.quantity?.amount ?? ZERO), ZERO);
  const [own, earlier] = [sum(0), sum(1)];
  const [price, earlierPrice] = [
    now.gross.dividedBy(own, PRICE_DECIMALS),
    before.gross.dividedBy(earlier, PRICE_DECIMALS),
  ];
  return {
    quantity: {
      unit,
      now: own.toNumber(),
      before: earlier.toNumber(),
      ...(price ? { price_now: price.toNumber() } : {}),
      ...(earlierPrice ? { price_before: earlierPrice.toNumber() } : {}),
    },
  };
}
