import { parse } from "lossless-json";

// What a double may not hold: a numeral of 16 or more characters, or one with an exponent of three digits.
const LONG_NUMERAL = /(?:^|[:,[])\s*(-?\d(?:[\d.eE+-]{15,}|[\d.]*[eE][+-]?\d{3,}))/g;
/** Finds the beginning of each of those, and of a few more, in half the time: a large body is nearly all texts and short numerals. */
const MAYBE_LONG = /[:,[\s]-?\d(?:[\d.eE+-]{15}|[\d.]*[eE][+-]?\d{3})/;
const STARTS_AS_NUMERAL = /^-?\d/;

/**
 * JSON.parse that never loses a digit. A number whose shortest spelling as a double is not the number that was sent
 * (more than 15-17 digits) comes back as the string of its digits, which `decimal()` reads; all others are plain numbers.
 * Bodies in which doubles hold every numeral, nearly all, take the engine's own parser.
 * @throws SyntaxError as JSON.parse does
 */
export function parseExact(text: string): unknown {
  if (!MAYBE_LONG.test(text) && !STARTS_AS_NUMERAL.test(text)) return JSON.parse(text);
  for (const [, numeral = ""] of text.matchAll(LONG_NUMERAL)) {
    if (typeof exactNumber(numeral) === "string")
      return parse(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
  }
  return JSON.parse(text);
}

function exactNumber(numeral: string): unknown {
  const value = Number(numeral);
  return Number.isFinite(value) && sameDigits(numeral, value) ? value : numeral;
}

function sameDigits(numeral: string, value: number): boolean {
  const shortest = String(value);
  return shortest === numeral || digits(numeral) === digits(shortest);
}

/** Significant digits and exponent, so that 1.50, 15e-1 and 1.5 compare equal. */
function digits(numeral: string): string {
  const match = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(numeral);
  if (!match) return numeral;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = all.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + (all.length - significant.length)}`;
}
