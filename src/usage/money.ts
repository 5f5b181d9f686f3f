import { BigNumber } from "bignumber.js";

// Amounts beyond 10^60 are no money; bounding them keeps a hostile exponent from costing memory.
const LARGEST_EXPONENT = 60;
const NUMERAL = /^-?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,6})?$/;
const Decimal = BigNumber.clone({ DECIMAL_PLACES: 40, ROUNDING_MODE: BigNumber.ROUND_HALF_EVEN, EXPONENTIAL_AT: 60 });

/**
 * Money or a quantity as an exact decimal: from the vendor's digits to the answer no binary fraction is computed with.
 * Sums and products are exact; only `ratio` rounds. A JSON number stands for the shortest digits that denote it, which are
 * the vendor's own (see `parseExact`); it is turned into a decimal when it is first computed with, and most never are.
 */
export class Amount {
  readonly #given: number | BigNumber;
  #decimal: BigNumber | undefined;

  /** For {@link decimal}, which checks what it is given. */
  constructor(given: number | BigNumber) {
    this.#given = given;
    if (typeof given !== "number") this.#decimal = given;
  }

  plus(other: Amount): Amount {
    return new Amount(this.#value().plus(other.#value()));
  }

  minus(other: Amount): Amount {
    return new Amount(this.#value().minus(other.#value()));
  }

  times(other: Amount): Amount {
    return new Amount(this.#value().times(other.#value()));
  }

  negated(): Amount {
    return new Amount(this.#value().negated());
  }

  abs(): Amount {
    return new Amount(this.#value().abs());
  }

  /** Cents to the currency's unit. */
  fromCents(): Amount {
    return new Amount(this.#value().shiftedBy(-2));
  }

  /** this / whole to four decimals, for shares and percentages; undefined when there is no whole. */
  ratio(whole: Amount): number | undefined {
    if (whole.isZero()) return undefined;
    const exact = this.#value().dividedBy(whole.#value());
    return new Amount(exact.decimalPlaces(4, BigNumber.ROUND_HALF_EVEN)).toNumber();
  }

  /** this / divisor, rounded to ten decimals; undefined when there is nothing to divide by. */
  dividedBy(divisor: Amount): Amount | undefined {
    if (divisor.isZero()) return undefined;
    return new Amount(this.#value().dividedBy(divisor.#value()).decimalPlaces(10, BigNumber.ROUND_HALF_EVEN));
  }

  isZero(): boolean {
    return typeof this.#given === "number" ? this.#given === 0 : this.#given.isZero();
  }

  /** Negative, zero or positive, as a sort takes it. */
  compare(other: Amount): number {
    return this.#value().comparedTo(other.#value()) ?? 0;
  }

  /** The nearest JSON number: the only rounding of an amount, when it is written. A vendor's `-0.00` is nothing, too. */
  toNumber(): number {
    const nearest = typeof this.#given === "number" ? this.#given : this.#given.toNumber();
    return nearest === 0 ? 0 : nearest;
  }

  /** All its digits, plain. */
  toString(): string {
    return this.#value().toFixed();
  }

  #value(): BigNumber {
    this.#decimal ??= new Decimal(this.#given);
    return this.#decimal;
  }
}

export const ZERO = new Amount(0);

/**
 * The exact value of a vendor's number: a JSON number, or its digits as a text (vendors send `"12.50"`, `0E-6176`).
 * @returns undefined when it is no decimal number, or beyond 10^60: the caller names the field
 */
export function decimal(value: unknown): Amount | undefined {
  if (typeof value === "number") {
    const size = Math.abs(value);
    return value === 0 || (size >= 1e-60 && size < 1e61) ? new Amount(value) : undefined;
  }
  if (typeof value !== "string") return undefined;
  const numeral = value.trim();
  if (!NUMERAL.test(numeral)) return undefined;
  const exact = new Decimal(numeral);
  return exact.isZero() || Math.abs(exact.e ?? 0) <= LARGEST_EXPONENT ? new Amount(exact) : undefined;
}
