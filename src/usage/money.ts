import { BigNumber } from "bignumber.js";

// Amounts beyond 10^60 are no money; bounding them keeps a hostile exponent from costing memory.
const LARGEST_EXPONENT = 60;
/** A plain numeral of this length has no more digits than a double tells apart. */
const FEW_DIGITS = 15;
const NUMERAL = /^-?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,6})?$/;
const Decimal = BigNumber.clone({ DECIMAL_PLACES: 40, ROUNDING_MODE: BigNumber.ROUND_HALF_EVEN, EXPONENTIAL_AT: 60 });

/** Powers of ten that a double holds exactly. */
const TENS = Array.from({ length: 23 }, (_, places) => Number(`1e${places}`));
const MOST_PLACES = TENS.length - 1;
/** Decimal places to try a number with: those of most prices in cents, then finer ones. */
const TRIED_PLACES = [6, 10, 14];
/** Two decimals of 15 digits or fewer are never the same double. */
const FIFTEEN_DIGITS = 1e15;

/**
 * Money or a quantity as an exact decimal: from the vendor's digits to the answer no binary fraction is computed with.
 * Sums and products are exact; only `ratio` and `dividedBy` round. A JSON number stands for the shortest digits that denote it,
 * which are the vendor's own (see `parseExact`).
 *
 * Nearly all amounts are whole numbers of a small enough unit: those are added as such, which doubles do exactly up to 2^53. What
 * goes beyond is a BigNumber, made when it is first computed with.
 */
export class Amount {
  readonly #units: number;
  readonly #places: number;
  #decimal: BigNumber | number | undefined;

  /** For {@link decimal}, which checks what it is given. @param units as a whole number of 10^-places, where that is known */
  constructor(given: number | BigNumber | undefined, units = Number.NaN, places = 0) {
    let [whole, fraction] = [units, places];
    if (typeof given === "number") {
      fraction = placesOf(given);
      whole = fraction < 0 ? Number.NaN : Math.round(given * (TENS[fraction] ?? 1));
    }
    this.#units = whole;
    this.#places = fraction;
    this.#decimal = Number.isNaN(whole) ? given : undefined;
  }

  /** It as a whole number of 10^-places; NaN where no double holds that number. */
  get units(): number {
    return this.#units;
  }

  get places(): number {
    return this.#places;
  }

  plus(other: Amount): Amount {
    return this.#added(other, 1) ?? new Amount(this.#value().plus(other.#value()));
  }

  minus(other: Amount): Amount {
    return this.#added(other, -1) ?? new Amount(this.#value().minus(other.#value()));
  }

  times(other: Amount): Amount {
    const [units, places] = [this.#units * other.#units, this.#places + other.#places];
    if (isExact(units) && places <= MOST_PLACES) return new Amount(undefined, units, places);
    return new Amount(this.#value().times(other.#value()));
  }

  negated(): Amount {
    return isExact(this.#units)
      ? new Amount(undefined, -this.#units, this.#places)
      : new Amount(this.#value().negated());
  }

  abs(): Amount {
    return isExact(this.#units)
      ? new Amount(undefined, Math.abs(this.#units), this.#places)
      : new Amount(this.#value().abs());
  }

  /** Cents to the currency's unit. */
  fromCents(): Amount {
    const places = this.#places + 2;
    if (isExact(this.#units) && places <= MOST_PLACES) return new Amount(undefined, this.#units, places);
    return new Amount(this.#value().shiftedBy(-2));
  }

  /** this / whole to four decimals, for shares and percentages; undefined when there is no whole. */
  ratio(whole: Amount): number | undefined {
    if (whole.isZero()) return undefined;
    const exact = this.#value().dividedBy(whole.#value());
    return new Amount(exact.decimalPlaces(4, BigNumber.ROUND_HALF_EVEN)).toNumber();
  }

  /** this / divisor, rounded to so many decimals; undefined when there is nothing to divide by. */
  dividedBy(divisor: Amount, places = 10): Amount | undefined {
    if (divisor.isZero()) return undefined;
    return new Amount(this.#value().dividedBy(divisor.#value()).decimalPlaces(places, BigNumber.ROUND_HALF_EVEN));
  }

  isZero(): boolean {
    return isExact(this.#units) ? this.#units === 0 : this.#value().isZero();
  }

  /** Negative, zero or positive, as a sort takes it. */
  compare(other: Amount): number {
    if (this.#places === other.#places && isExact(this.#units) && isExact(other.#units))
      return Math.sign(this.#units - other.#units);
    return this.#value().comparedTo(other.#value()) ?? 0;
  }

  /** The nearest JSON number: the only rounding of an amount, when it is written. A vendor's `-0.00` is nothing, too. */
  toNumber(): number {
    // A quotient of two doubles that are exact is the double nearest to it.
    const nearest = isExact(this.#units) ? this.#units / (TENS[this.#places] ?? 1) : Number(this.#decimal);
    return nearest === 0 ? 0 : nearest;
  }

  /** All its digits, plain. */
  toString(): string {
    return this.#value().toFixed();
  }

  /** Undefined where the sum, or one of the two in the other's unit, is too large for a double. */
  #added(other: Amount, sign: 1 | -1): Amount | undefined {
    let [one, two, places] = [this.#units, other.#units, this.#places];
    if (places < other.#places) {
      one *= TENS[other.#places - places] ?? 1;
      places = other.#places;
    } else if (places > other.#places) two *= TENS[places - other.#places] ?? 1;
    const sum = one + sign * two;
    return isExact(one) && isExact(two) && isExact(sum) ? new Amount(undefined, sum, places) : undefined;
  }

  #value(): BigNumber {
    const known = this.#decimal;
    if (known !== undefined && typeof known !== "number") return known;
    const made = known === undefined ? new Decimal(this.#units).shiftedBy(-this.#places) : new Decimal(known);
    this.#decimal = made;
    return made;
  }
}

/**
 * An exact sum that grows by a million amounts at no cost of memory: it is changed in place, and only what no double holds any
 * more goes to a BigNumber.
 */
export class Sum {
  #units = 0;
  #places = 0;
  #beyond: Amount | undefined;

  add(amount: Amount): void {
    const { units, places } = amount;
    if (places === this.#places) {
      const sum = this.#units + units;
      if (isExact(sum) && isExact(units)) {
        this.#units = sum;
        return;
      }
    }
    this.#carry(amount);
  }

  value(): Amount {
    const near = new Amount(undefined, this.#units, this.#places);
    return this.#beyond ? this.#beyond.plus(near) : near;
  }

  /** In another unit, or beyond what a double holds, which starts again with the amount where that fits. */
  #carry(amount: Amount): void {
    const sum = new Amount(undefined, this.#units, this.#places).plus(amount);
    const fits = isExact(sum.units);
    if (!fits) this.#beyond = this.value();
    const { units, places } = fits ? sum : amount;
    const starts = isExact(units);
    if (!starts) this.#beyond = this.#beyond?.plus(amount) ?? amount;
    this.#units = starts ? units : 0;
    this.#places = starts ? places : 0;
  }
}

/** Whether a whole number, and a product or sum that came to it, is as exact as it looks. Not for NaN. */
function isExact(units: number): boolean {
  return units <= Number.MAX_SAFE_INTEGER && units >= -Number.MAX_SAFE_INTEGER;
}

/** How many decimal places show all shortest digits of a number; -1 where they are too many to tell by a double. */
function placesOf(value: number): number {
  if (Number.isSafeInteger(value)) return 0;
  for (const places of TRIED_PLACES) {
    const power = TENS[places] ?? 1;
    const units = Math.round(value * power);
    if (units / power === value && Math.abs(units) < FIFTEEN_DIGITS) return places;
  }
  return -1;
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
  if (numeral.length <= FEW_DIGITS && !/[eE]/.test(numeral)) return decimal(Number(numeral));
  const exact = new Decimal(numeral);
  return exact.isZero() || Math.abs(exact.e ?? 0) <= LARGEST_EXPONENT ? new Amount(exact) : undefined;
}
