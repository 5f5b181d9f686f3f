import { type Amount, ZERO } from "../usage/money.ts";
import type { ChangeLine } from "./change-lines.ts";

/**
 * What a change of net is made of; they add up to it exactly.
 * volume: more or less of the same, at the earlier price; price: what the quantity of now costs more or less than then;
 * new, gone: what was bought in one of the periods only; discounts: what discounts, credits and what a plan includes take off;
 * unknown: changes of what has no quantity.
 */
export const EFFECTS = ["volume", "price", "new", "gone", "discounts", "unknown"] as const;
export type Effects = Record<(typeof EFFECTS)[number], Amount>;

export const NO_EFFECTS: Effects = { volume: ZERO, price: ZERO, new: ZERO, gone: ZERO, discounts: ZERO, unknown: ZERO };

/** The effects of one line: of its value before discounts by price and quantity, and what discounts did to it. */
export function effectsOf(now: ChangeLine | undefined, before: ChangeLine | undefined): Effects {
  const gross = (now?.gross ?? ZERO).minus(before?.gross ?? ZERO);
  const net = (now?.net ?? ZERO).minus(before?.net ?? ZERO);
  const effects = { ...NO_EFFECTS, discounts: net.minus(gross) };
  if (!before) return { ...effects, new: gross };
  if (!now) return { ...effects, gone: gross };
  const [quantity, earlier] = [now.quantity?.amount, before.quantity?.amount];
  const atEarlierPrice = quantity && earlier && quantity.times(before.gross).dividedBy(earlier);
  if (!atEarlierPrice) return { ...effects, unknown: gross };
  // The quotient is rounded once, and the price takes what is left: together they are the change to the last digit.
  const volume = atEarlierPrice.minus(before.gross);
  return { ...effects, volume, price: gross.minus(volume) };
}

export function addEffects(one: Effects, other: Effects): Effects {
  const sum = { ...one };
  for (const name of EFFECTS) sum[name] = one[name].plus(other[name]);
  return sum;
}

/** Those that are not nothing. */
export function writeEffects(effects: Effects): Partial<Record<keyof Effects, number>> {
  return Object.fromEntries(
    EFFECTS.flatMap((name) => (effects[name].isZero() ? [] : [[name, effects[name].toNumber()]])),
  );
}
