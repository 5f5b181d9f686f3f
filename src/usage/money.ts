import { BigNumber } from "bignumber.js";

/**
 * Money and quantities as exact decimals: from the vendor's digits to the answer no binary fraction is computed with.
 * Sums and products of BigNumber are exact; only division rounds, and nothing here divides but {@link cents} (by 100, exact)
 * and {@link ratio}.
 */
export type Amount = BigNumber;

// Amounts beyond this range are no money; bounding it keeps a hostile exponent from costing memory.
const Decimal = BigNumber.clone({ DECIMAL_PLACES: 40, ROUNDING_MODE: BigNumber.ROUND_HALF_EVEN, EXPONENTIAL_AT: 60 });
const NUMERAL = /^-?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,6})?$/;
const LARGEST_EXPONENT = 60;

export const ZERO: Amount = new Decimal(0);

/**
 * The exact value of a vendor's number: a JSON number, or its digits as a string (vendors send `"12.50"`, `0E-6176`).
 * A JSON number stands for the shortest digits that denote it, which are the vendor's own (see `parseExact`).
 * @returns undefined when it is no decimal number, or beyond 10^60: the caller names the field.
 */
export function decimal(value: unknown): Amount | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? small(new Decimal(value)) : undefined;
  if (typeof value !== "string") return undefined;
  const numeral = value.trim();
  return NUMERAL.test(numeral) ? small(new Decimal(numeral)) : undefined;
}

function small(amount: Amount): Amount | undefined {
  if (amount.isZero()) return ZERO;
  const exponent = amount.e ?? 0;
  return Math.abs(exponent) <= LARGEST_EXPONENT ? amount : undefined;
}

/** Cents to the currency's unit, exactly. */
export function cents(amount: Amount): Amount {
  return amount.shiftedBy(-2);
}

/** part / whole to four decimals, for shares and percentages; undefined when there is no whole. */
export function ratio(part: Amount, whole: Amount): number | undefined {
  return whole.isZero() ? undefined : part.dividedBy(whole).decimalPlaces(4, BigNumber.ROUND_HALF_EVEN).toNumber();
}
