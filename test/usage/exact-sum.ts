/**
 * The other way of computing: decimals as whole numbers of 10^-24 in a BigInt. Shares nothing with the code under test.
 */
const PLACES = 24;

/** A decimal numeral, or a number by its shortest digits, in units of 10^-24. @throws when it has finer digits */
export function exactUnits(value: number | string): bigint {
  const match = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(String(value));
  if (!match) throw new Error(`${value} is no decimal`);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = PLACES - fraction.length + Number(exponent);
  const digits = BigInt(`${whole}${fraction}`);
  const scale = 10n ** BigInt(Math.abs(shift));
  if (shift < 0 && digits % scale !== 0n) throw new Error(`${value} is finer than 10^-${PLACES}`);
  const scaled = shift < 0 ? digits / scale : digits * scale;
  return sign === "-" ? -scaled : scaled;
}

/** Back to a plain decimal numeral. */
export function numeral(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(PLACES + 1, "0");
  const fraction = digits.slice(-PLACES).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -PLACES)}${fraction === "" ? "" : `.${fraction}`}`;
}

export function exactSum(values: Iterable<number | string>): bigint {
  let sum = 0n;
  for (const value of values) sum += exactUnits(value);
  return sum;
}
