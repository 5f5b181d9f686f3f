import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExact } from "../../src/usage/exact-json.ts";

/** What a numeral denotes: a whole number without trailing zeros, times a power of ten. Zero is 0 times one. */
function value(numeral: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(numeral);
  if (!match) throw new Error(`${numeral} is no JSON numeral`);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  let units = BigInt(whole + fraction);
  if (units === 0n) return "0";
  let power = BigInt(exponent) - BigInt(fraction.length);
  while (units % 10n === 0n) {
    units /= 10n;
    power += 1n;
  }
  return `${sign}${units}e${power}`;
}

/** The value of what was read: a number by its shortest digits, or the text of the digits. */
function read(found: unknown): string {
  if (typeof found !== "number" && typeof found !== "string") throw new Error(`${String(found)} is no numeral`);
  return value(String(found));
}

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((list) => list.join(""));

/** JSON numerals as money comes: up to 30 digits before and after the point, exponents that a double reaches. */
const numeral = fc
  .record({
    sign: fc.constantFrom("", "-"),
    whole: fc.oneof(
      fc.constant("0"),
      digits(0, 30).map((rest) => `${1 + (rest.length % 9)}${rest}`),
    ),
    fraction: fc.oneof(
      fc.constant(""),
      digits(1, 30).map((rest) => `.${rest}`),
    ),
    exponent: fc.oneof(
      { weight: 3, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.integer({ min: -60, max: 60 }).map((power) => `e${power}`) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }).map((power) => `E+${power}`) },
    ),
  })
  .map(({ sign, whole, fraction, exponent }) => `${sign}${whole}${fraction}${exponent}`);

const space = fc.constantFrom("", " ", "\n  ", "\t", "\r\n");

describe("parseExact", () => {
  it("never loses a digit of a numeral, wherever it stands", () => {
    fc.assert(
      fc.property(numeral, numeral, space, (a, b, gap) => {
        const text = `{"a":${gap}${a}${gap},"list":[${gap}${b},${gap}${a}${gap}],"in":{"b"${gap}:${gap}${b}}}`;
        const found = Object(parseExact(text));
        expect([found.a, found.list[0], found.list[1], found.in.b].map(read)).toEqual([a, b, a, b].map(value));
      }),
      { numRuns: 500 },
    );
  });

  it("reads as JSON.parse does what a double holds", () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        expect(JSON.stringify(parseExact(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it.each([
    ["0.1", 0.1],
    ["3621671.999987", 3621671.999987],
    ["1.50", 1.5],
    ["15e-1", 1.5],
    ["0E-6176", 0],
    ["0.0000000000000000000000", 0],
    ["1.0000000000000000000", 1],
    ["100000000000000000000", 1e20],
    ["9007199254740992", 9007199254740992],
    ["9007199254740993", "9007199254740993"],
    ["0.1234567890123456789", "0.1234567890123456789"],
    ["-12345678901234567.8", "-12345678901234567.8"],
    ["0.30000000000000004", 0.30000000000000004],
    ["0.300000000000000040", 0.30000000000000004],
    ["0.3000000000000000401", "0.3000000000000000401"],
  ])("reads %s as %j", (text, expected) => {
    expect(parseExact(`{"amount":${text}}`)).toEqual({ amount: expected });
  });

  it("keeps the digits of a numeral that stands alone", () => {
    expect(read(parseExact("9007199254740993"))).toBe(value("9007199254740993"));
    expect(read(parseExact(" -0.1234567890123456789\n"))).toBe(value("-0.1234567890123456789"));
  });

  it("keeps a numeral beyond a double as its digits, however short", () => {
    const numerals = ["1e400", "-1e400", "1e-400", "1.23e-322", "9E999999"];
    expect(numerals.map((text) => parseExact(`{"amount":${text}}`))).toEqual(numerals.map((amount) => ({ amount })));
  });

  it.each([
    ["digits inside a text", '{"id":"[12345678901234567890, 1]","n":1}'],
    ["a quote before digits", '{"id":"a\\":12345678901234567890","n":1.5}'],
  ])("leaves %s alone", (_what, text) => {
    expect(parseExact(text)).toEqual(JSON.parse(text));
  });

  it("reads everything around a long numeral as JSON.parse does", () => {
    const rest = '"t":"\\u20ac \\ud83d\\ude00 \\"\\\\/","n":null,"b":[true,false,[],{}],"x":-0.5e1,"k y":""';
    expect(parseExact(`{"long":12345678901234567890.5,${rest}}`)).toEqual({
      long: "12345678901234567890.5",
      ...JSON.parse(`{${rest}}`),
    });
  });

  it("takes a member named __proto__ as any other, beside a long numeral too", () => {
    for (const number of ["1", "12345678901234567890.5"]) {
      const found = Object(parseExact(`{"__proto__":{"amount":5},"n":${number}}`));
      expect(Object.hasOwn(found, "__proto__")).toBe(true);
      expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
      expect(found.amount).toBeUndefined();
    }
  });

  it.each([
    ["12345678901234567890", "12345678901234567890"],
    ["-0.12345678901234567890", "-0.12345678901234567890"],
    ["1e-400", "1e-400"],
    ["[ 1e400]", ["1e400"]],
    ["1.5", 1.5],
  ])("reads %s, alone or first", (text, expected) => {
    expect(parseExact(text)).toEqual(expected);
  });

  it("takes the last of two members of one name, beside a long numeral too", () => {
    expect(parseExact('{"a":1,"a":2,"n":1}')).toEqual({ a: 2, n: 1 });
    expect(parseExact('{"a":1,"a":2,"n":12345678901234567890}')).toEqual({ a: 2, n: "12345678901234567890" });
  });

  it.each([
    "",
    "{",
    "[1,]",
    '{"a":01}',
    '{"a":+1}',
    '{"a":.5}',
    '{"a":5.}',
    '{"a":NaN}',
    '{"a":12345678901234567890',
    '{"a":12345678901234567890.}',
    '{"a":1234567890123456789e}',
    '{"a":-}',
    "[12345678901234567890] x",
    "<html>",
  ])("throws a SyntaxError at %s", (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });

  it("survives lists in lists as deep as JSON.parse does, beside a long numeral too", () => {
    const deep = `${"[".repeat(3000)}${"]".repeat(3000)}`;
    expect(JSON.stringify(parseExact(`[12345678901234567890,${deep}]`))).toBe(`["12345678901234567890",${deep}]`);
  });
});
