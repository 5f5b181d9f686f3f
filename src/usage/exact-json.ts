import { parse } from "lossless-json";

// What a double may not hold: a numeral of 16 or more characters, or one with an exponent of three digits.
const LONG_NUMERAL = /(?:^|[:,[])\s*(-?\d(?:[\d.eE+-]{15,}|[\d.]*[eE][+-]?\d{3,}))/g;
/** An exponent of three digits: what is rare in it is looked for first, then whether a numeral stands before it. */
const LONG_EXPONENT = /\d[eE][+-]?\d{3}(?<=(?:^|[:,[\s])-?\d[\d.]*[eE][+-]?\d{3})/;
/** A numeral of so many characters has as many digits and points in a row, unless its exponent is long, too. */
const LONG_RUN = 16;

/**
 * JSON.parse that never loses a digit. A number whose shortest spelling as a double is not the number that was sent
 * (more than 15-17 digits) comes back as the string of its digits, which `decimal()` reads; all others are plain numbers.
 * Bodies in which doubles hold every numeral, nearly all, take the engine's own parser.
 * @throws SyntaxError as JSON.parse does
 */
export function parseExact(text: string): unknown {
  if (!hasLongRun(text) && !LONG_EXPONENT.test(text)) return JSON.parse(text);
  for (const [, numeral = ""] of text.matchAll(LONG_NUMERAL)) {
    if (typeof exactNumber(numeral) === "string")
      return parse(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
  }
  return JSON.parse(text);
}

/**
 * Whether so many digits and points stand in a row anywhere: looks at every so manieth character only, and from there back, in a
 * tenth of the time that a regular expression takes for a large body, which is nearly all texts and short numerals.
 */
function hasLongRun(text: string): boolean {
  for (let at = LONG_RUN - 1; at < text.length; at += LONG_RUN) {
    if (!isOfNumeral(text.charCodeAt(at))) continue;
    let [from, to] = [at, at + 1];
    while (from > 0 && isOfNumeral(text.charCodeAt(from - 1))) from--;
    while (to < text.length && isOfNumeral(text.charCodeAt(to))) to++;
    if (to - from >= LONG_RUN) return true;
    at = to - 1;
  }
  return false;
}

/** A digit or the point. */
function isOfNumeral(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46;
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
