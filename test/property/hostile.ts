import fc from "fast-check";

/** What means harm, or is merely odd: every kind of JSON, and what JSON.parse makes of numbers beyond a double's. */

const TEXTS = [
  "",
  " ",
  "\u0000",
  "\ud800",
  "\u202eevil",
  "💸".repeat(300),
  "x".repeat(100_000),
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "NaN",
  "-0",
  "1e309",
  "null",
  "[object Object]",
  "../../../etc/passwd",
  "http://169.254.169.254/latest",
  "\r\nhost: evil.example",
  "%00%0d%0a",
  "' or 1=1 --",
  "<script>alert(1)</script>",
  "$" + "{HOME}",
  "*",
  ",",
  "İ",
  "\u212a",
  "a\u0301",
] as const;

const NUMBERS = [
  0,
  -0,
  -1,
  0.5,
  1e-7,
  2 ** 53,
  1e21,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
] as const;

function nested(levels: number): unknown {
  let value: unknown = "end";
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

const STRUCTURES: readonly unknown[] = [
  [],
  {},
  [[]],
  [null],
  [[["2026-10-13"]]],
  nested(30),
  nested(3000),
  Array.from({ length: 3000 }, (_, index) => `id-${index}`),
  JSON.parse('{"__proto__":{"polluted":true}}'),
  JSON.parse('[{"__proto__":{"polluted":true}}]'),
  { constructor: { prototype: { polluted: true } } },
  { toString: "text" },
  { toString: null, valueOf: null },
  [{ toString: 1 }],
  { toJSON: "text" },
  { length: 1e9 },
  JSON.parse('{"then":true}'),
  { 0: "product" },
];

export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...TEXTS),
  fc.constantFrom<unknown>(...NUMBERS),
  fc.constantFrom(...STRUCTURES),
  fc.constantFrom<unknown>(null, true, false),
  fc.array(fc.constantFrom<unknown>(...TEXTS, ...NUMBERS, null), { maxLength: 4 }),
  fc.string({ unit: "binary" }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Short periods, some at the edges of calendars, and of how far back the vendors go and how late they publish. */
export const DATES: readonly (readonly [start: string, end: string])[] = [
  ["2026-10-13", "2026-10-14"],
  ["2026-10-13", "2026-10-15"],
  ["2026-10-13T09:00:00Z", "2026-10-13T11:00:00Z"],
  ["2026-10-13T23:30:00+02:00", "2026-10-14T00:30:00.5+02:00"],
  ["2026-10-31", "2026-11-02"],
  ["2026-11-20", "2026-11-22"],
  ["2026-11-22", "2026-11-24"],
  ["2026-11-23T08:59:59.999Z", "2026-11-23T09:00:00Z"],
  ["2026-11-23", "2026-11-23"],
  ["2026-11-30", "2026-12-02"],
  ["2025-11-22", "2025-11-24"],
  ["2025-12-31", "2026-01-02"],
  ["2024-02-29", "2024-03-01"],
  ["2000-01-01", "2000-01-02"],
  ["2100-12-30", "2100-12-31"],
  ["2026-10-15", "2026-10-13"],
];

export const ODD_DATES = [
  "2026-02-30",
  "2026-02-29",
  "2026-13-01",
  "2026-00-00",
  "1999-12-31",
  "2101-01-01",
  "20266-10-01",
  "275760-09-13",
  "+002026-10-13",
  "-2026-10-13",
  "2026-10-13T24:00:00Z",
  "2026-10-13T23:59:60Z",
  "2026-10-13T00:00:00+99:00",
  "2026-10-13T00:00",
  "２０２６-10-13",
  "Tue, 13 Oct 2026 00:00:00 GMT",
  "1796000000",
  "2026-W42",
  "2026-Q5",
  "2026-10",
  "yesterday",
  "2026-10-13; drop",
] as const;

/** Cursors that were given for other questions: whole, cut, flipped in a character, joined, of another version. */
export function spoiltCursor(given: readonly string[]): fc.Arbitrary<string> {
  const one = fc.constantFrom("", ...given);
  const at = fc.nat(400);
  return fc.oneof(
    one,
    fc.tuple(one, at).map(([cursor, length]) => cursor.slice(0, length % (cursor.length + 1))),
    fc.tuple(one, at).map(([cursor, index]) => flipped(cursor, index % Math.max(1, cursor.length))),
    fc.tuple(one, one).map(([a, b]) => a + b),
    one.map((cursor) => cursor.replace(/^u\d+/, "u1")),
    one.map((cursor) => `${cursor}=`),
    fc.base64String(),
  );
}

function flipped(cursor: string, index: number): string {
  const other = cursor[index] === "A" ? "B" : "A";
  return cursor.slice(0, index) + other + cursor.slice(index + 1);
}
