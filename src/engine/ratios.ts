import { badParameter } from "../errors.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import { type Amount, decimal, ZERO } from "../usage/money.ts";
import { USERS } from "./metrics.ts";

/** What people ask for beside sums: one thing by another, each shown with both. */
interface RatioKind {
  name: string;
  /** Metrics that are added up to the numerator; cost: the net of the accounts that have the denominator. */
  over: readonly string[] | "cost";
  under: readonly string[];
  /** What the denominator is counted in. */
  per?: number;
}

const MILLION = 1_000_000;

const KINDS: readonly RatioKind[] = [
  { name: "cost_per_user", over: "cost", under: [USERS] },
  { name: "cost_per_request", over: "cost", under: ["requests.total"] },
  { name: "cost_per_million_tokens", over: "cost", under: ["tokens.total"], per: MILLION },
  // Of what was put in, the share that was read from a cache.
  {
    name: "cache_hit_share",
    over: ["tokens.cache_read"],
    under: ["tokens.input", "tokens.cache_read", "tokens.cache_write"],
  },
  { name: "acceptance_rate", over: ["code.accepts"], under: ["code.accepts", "code.rejects"] },
];

export const RATIOS: readonly string[] = KINDS.map(({ name }) => name);

export type Ratio = RatioKind;

/** @throws UsageError (question) */
export function readRatios(names: readonly string[]): Ratio[] {
  return [...new Set(names)].map((name) => {
    const kind = KINDS.find((one) => one.name === name);
    if (kind) return kind;
    throw badParameter(
      "ratios",
      `there is no ratio ${shown(name)}; there are ${listed(RATIOS)}.${didYouMean(name, RATIOS)}`,
    );
  });
}

/** The metrics that ratios are made of. */
export function metricsOf(ratios: readonly Ratio[]): string[] {
  return [...new Set(ratios.flatMap(({ over, under }) => [...(over === "cost" ? [] : over), ...under]))];
}

export interface WrittenRatio {
  /** Absent where there is nothing to divide by. Rounded to ten decimals. */
  value?: number;
  numerator: number;
  denominator: number;
  currency?: string;
}

/**
 * @param amountOf what a metric comes to in the group, for a ratio; undefined where nothing is known of it
 * @param costs net by currency
 * @returns by name; of money in several currencies, one for each as `cost_per_user:EUR`
 */
export function ratiosOf(
  ratios: readonly Ratio[],
  amountOf: (metric: string, ratio: string) => Amount | undefined,
  costs: ReadonlyMap<string, ReadonlyMap<string, Amount>>,
): Record<string, WrittenRatio> {
  const written: Record<string, WrittenRatio> = {};
  for (const ratio of ratios) {
    const own = (metric: string) => amountOf(metric, ratio.name);
    const under = sumOf(ratio.under, own);
    if (ratio.over !== "cost") {
      const over = sumOf(ratio.over, own);
      if (over && under) written[ratio.name] = divide(over, under, ratio);
      continue;
    }
    const money = [...(costs.get(ratio.name) ?? [])];
    for (const [currency, net] of money) {
      const name = money.length > 1 ? `${ratio.name}:${currency}` : ratio.name;
      written[name] = { ...divide(net, under ?? ZERO, ratio), currency };
    }
  }
  return written;
}

/** What none of the parts is known of is unknown, not nothing. */
function sumOf(metrics: readonly string[], amountOf: (metric: string) => Amount | undefined): Amount | undefined {
  const known = metrics.flatMap((metric) => amountOf(metric) ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum.plus(value), ZERO);
}

function divide(over: Amount, under: Amount, { per = 1 }: Ratio): WrittenRatio {
  const value = over.times(decimal(per) ?? ZERO).dividedBy(under);
  return {
    ...(value ? { value: value.toNumber() } : {}),
    numerator: over.toNumber(),
    denominator: under.toNumber(),
  };
}
