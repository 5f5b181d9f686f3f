import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Amount, decimal, Sum, ZERO } from "../../src/usage/money.ts";
import { exactSum, exactUnits, numeral } from "./exact-sum.ts";

/** The amount of a text or number that must be one. */
function money(value: string | number): Amount {
  const amount = decimal(value);
  if (amount === undefined) throw new Error(`${value} was not read`);
  return amount;
}

/** A whole number of 10^-places, written as a plain decimal. */
function plain(units: bigint, places: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const fraction = digits.slice(digits.length - places).replace(/0+$/, "");
  const whole = digits.slice(0, digits.length - places);
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

describe("decimal", () => {
  it.each([
    ["12.50", "12.5"],
    ["-0.01", "-0.01"],
    [" 7 ", "7"],
    [".5", "0.5"],
    ["5.", "5"],
    ["007.10", "7.1"],
    ["1e3", "1000"],
    ["1E-3", "0.001"],
    ["2.5e+2", "250"],
    ["0", "0"],
    ["0E-6176", "0"],
    ["0.000000000000000000", "0"],
    ["3621671.999987", "3621671.999987"],
    ["0.1234567890123456789012345678901234567890", "0.123456789012345678901234567890123456789"],
    [
      "123456789012345678901234567890.123456789012345678901234567890",
      "123456789012345678901234567890.12345678901234567890123456789",
    ],
    [0.1, "0.1"],
    [-0, "0"],
    [1e21, "1000000000000000000000"],
    [1e-7, "0.0000001"],
    [9007199254740991, "9007199254740991"],
    [3621671.999987, "3621671.999987"],
  ])("reads %j as exactly %s", (given, digits) => {
    expect(money(given).toString()).toBe(digits);
  });

  it.each([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
    [1e300],
    [Number.MAX_VALUE],
    [Number.MIN_VALUE],
    ["NaN"],
    ["Infinity"],
    ["-Infinity"],
    [""],
    [" "],
    ["-"],
    ["."],
    ["e5"],
    ["1e"],
    ["1.2.3"],
    ["1,234.50"],
    ["$5"],
    ["5 USD"],
    ["0x10"],
    ["1_000"],
    ["--1"],
    ["١٢"],
    ["1e61"],
    ["1e999999"],
    ["1e-999999"],
    ["1e9999999999999999999"],
    ["9".repeat(61)],
    [null],
    [undefined],
    [true],
    [{}],
    [["1"]],
  ])("refuses what is no amount of money: %j", (given) => {
    expect(decimal(given)).toBeUndefined();
  });

  it("refuses a BigInt, which no JSON holds", () => {
    expect(decimal(10n)).toBeUndefined();
  });

  it("refuses a hostile exponent or length in no time", () => {
    const started = performance.now();
    for (let round = 0; round < 1000; round++) {
      expect(decimal(`${"9".repeat(60)}e999999`)).toBeUndefined();
      expect(decimal(`-1e-${"9".repeat(1000)}`)).toBeUndefined();
    }
    expect(decimal("9".repeat(1_000_000))).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("draws the line at the same size for a number and for its digits", () => {
    for (const size of [1e60, -1e60, 1e-60, 1e59, 1e-59, 1e61, 1e-61]) {
      expect([size, decimal(size) !== undefined]).toEqual([size, decimal(String(size)) !== undefined]);
    }
  });

  it("is the text's own number, for any decimal of up to 40 digits", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
        fc.integer({ min: 0, max: 30 }),
        (units, places) => {
          const text = plain(units, places);
          expect(money(text).toString()).toBe(text);
        },
      ),
    );
  });
});

describe("Amount", () => {
  it("adds 0.1 and 0.2 to 0.3", () => {
    const sum = money(0.1).plus(money(0.2));
    expect([sum.toString(), sum.toNumber()]).toEqual(["0.3", 0.3]);
  });

  it("adds a million cents to exactly ten thousand", () => {
    let sum = ZERO;
    for (let index = 0; index < 1_000_000; index++) sum = sum.plus(money(0.01));
    expect(sum.toString()).toBe("10000");
  });

  it("keeps what a double would swallow", () => {
    expect(money("9007199254740993").plus(money("0.000001")).toString()).toBe("9007199254740993.000001");
    expect(money("1e30").plus(money("1e-30")).minus(money("1e30")).toString()).toBe(`0.${"0".repeat(29)}1`);
  });

  it("adds, subtracts, multiplies, negates and compares as whole numbers of a small unit do", () => {
    const parts = fc.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: 0, max: 18 }));
    fc.assert(
      fc.property(parts, parts, ([a, p], [b, q]) => {
        const [x, y] = [money(plain(a, p)), money(plain(b, q))];
        const [left, right] = [a * 10n ** BigInt(18 - p), b * 10n ** BigInt(18 - q)];
        expect(x.plus(y).toString()).toBe(plain(left + right, 18));
        expect(x.minus(y).toString()).toBe(plain(left - right, 18));
        expect(x.times(y).toString()).toBe(plain(left * right, 36));
        expect(x.plus(x.negated()).isZero()).toBe(true);
        expect(x.abs().toString()).toBe(plain(left < 0n ? -left : left, 18));
        expect(Math.sign(x.compare(y))).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
    );
  });

  it("is not changed by what is computed with it", () => {
    const price = money("1.10");
    price.plus(price).times(price).negated().fromCents();
    expect(price.toString()).toBe("1.1");
  });

  it.each([
    ["1", "0.01"],
    ["-1", "-0.01"],
    ["362167199.9987", "3621671.999987"],
    ["0", "0"],
    ["0.5", "0.005"],
  ])("%s cents are %s", (cents, amount) => {
    expect(money(cents).fromCents().toString()).toBe(amount);
  });

  it.each([
    ["0.3", 0.3],
    ["3621671.999987", 3621671.999987],
    ["9007199254740993", 9007199254740992],
    ["0.1000000000000000055511151231257827", 0.1],
    ["-2.50", -2.5],
  ])("%s is written as the nearest JSON number, %d", (text, number) => {
    expect(money(text).toNumber()).toBe(number);
  });

  it("writes no minus before a zero", () => {
    expect(JSON.stringify([money(0).negated().toNumber(), money("-0.00").toNumber()])).toBe("[0,0]");
    expect(money("5").minus(money("5")).negated().toString()).toBe("0");
  });
});

/** Numbers as vendors send them: of few digits and of many, around what a double holds, and as texts. */
const sent = fc
  .tuple(fc.integer({ min: -(2 ** 53), max: 2 ** 53 }), fc.integer({ min: 0, max: 16 }), fc.boolean())
  .map(([units, places, isText]) => (isText ? plain(BigInt(units), places) : units / 10 ** places));
const few = fc
  .tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: 0, max: 7 }))
  .map(([units, places]) => Number(plain(BigInt(units), places)));
const any = fc.oneof(few, sent, fc.constantFrom(0, 1e-7, 9007199254740991, -9007199254740991, 0.1, 1e15, 1e21));

describe("numbers of any size", () => {
  it("add, subtract, compare and shift as their digits do", () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        const [x, y] = [money(a), money(b)];
        const [left, right] = [exactUnits(a), exactUnits(b)];
        expect(x.toString()).toBe(numeral(left));
        expect(x.plus(y).toString()).toBe(numeral(left + right));
        expect(x.minus(y).toString()).toBe(numeral(left - right));
        expect(Math.sign(x.compare(y))).toBe(left < right ? -1 : left > right ? 1 : 0);
        expect(x.toNumber()).toBe(Number(numeral(left)));
        expect(x.times(y).toString()).toBe(
          money(String(a))
            .times(money(`${numeral(right)}`))
            .toString(),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("come to their sum, however many they are and however large it gets", () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), (values) => {
        const sum = new Sum();
        for (const value of values) sum.add(money(value));
        expect(sum.value().toString()).toBe(numeral(exactSum(values)));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("ratio", () => {
  it.each([
    ["1", "3", 0.3333],
    ["2", "3", 0.6667],
    ["1", "20000", 0],
    ["3", "20000", 0.0002],
    ["-1", "4", -0.25],
    ["1", "-4", -0.25],
    ["0", "7", 0],
    ["7", "7", 1],
    ["300", "7", 42.8571],
  ])("%s of %s is %d", (part, whole, share) => {
    const ratio = money(part).ratio(money(whole));
    expect(ratio).toBeDefined();
    expect((ratio ?? Number.NaN) + 0).toBe(share);
  });

  it("is unknown without a whole", () => {
    expect(money("1").ratio(ZERO)).toBeUndefined();
    expect(ZERO.ratio(ZERO)).toBeUndefined();
    expect(money("1").ratio(money("0E-6176"))).toBeUndefined();
  });
});
