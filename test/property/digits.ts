import fc from "fast-check";
import { reply } from "../providers/edge.ts";
import { exactUnits, numeral } from "../usage/exact-sum.ts";

/** Numerals as vendors write them: whole cents, 18 digits, exponents, zeros of every spelling, credits. */

const size = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.nat(99_999_999).map((cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.bigInt({ min: 10n ** 17n, max: 10n ** 18n - 1n }), fc.nat(18))
      .map(([digits, decimals]) => numeral(digits * 10n ** BigInt(24 - decimals))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.integer({ min: 1, max: 9 }),
        fc.nat(99_999),
        fc.integer({ min: -12, max: 12 }),
        fc.constantFrom("e", "E"),
      )
      .map(([first, rest, exponent, e]) => `${first}.${rest}${e}${exponent}`),
  },
  { weight: 1, arbitrary: fc.constantFrom("0", "0.00", "0E-10", "0.000000000000000001", "1") },
);

/** A decimal numeral, a negative one now and then: a credit, a correction. */
export const amounts = fc
  .tuple(size, fc.integer({ min: 0, max: 4 }))
  .map(([digits, sign]) => (sign === 0 ? `-${digits}` : digits));

/** A number in a vendor's JSON, digit by digit as it is written here. */
export function raw(digits: string): string {
  return `<${digits}>`;
}

/** JSON in which {@link raw} numbers stand as they are. */
export function written(body: unknown): Response {
  return reply(JSON.stringify(body).replaceAll(/"<([^">]*)>"/g, "$1"));
}

/** The difference of two numerals, exactly. */
export function less(a: string, b: string): string {
  return numeral(exactUnits(a) - exactUnits(b));
}

/** The sum, exactly. */
export function sumOf(values: readonly string[]): string {
  return numeral(values.reduce((sum, value) => sum + exactUnits(value), 0n));
}
