import { BigNumber } from "bignumber.js";

/** For writing only: the number's own digits, as it stands in the answer. */
function decimal(value: number): BigNumber | undefined {
  return Number.isFinite(value) ? new BigNumber(value) : undefined;
}

/** All digits of a JSON number, grouped by thousands: 1234.5 is `1,234.50` with two decimals at least, 1e-7 is `0.0000001`. */
export function exactNumber(value: number, leastDecimals = 0): string {
  const exact = decimal(value);
  return exact ? exact.toFormat(Math.max(leastDecimals, exact.decimalPlaces() ?? 0)) : String(value);
}

/** All digits of a JSON number without an exponent, as spreadsheets and scripts read them. */
export function plainNumber(value: number): string {
  return decimal(value)?.toFixed() ?? String(value);
}

const MOST_DECIMALS = 6;
const SMALL = 0.001;

/**
 * An amount of money for the eye: two decimals at least, six at the most. What vendors state in 18 decimals would fill a line;
 * JSON and CSV hold all digits.
 */
export function amountText(value: number): string {
  const exact = decimal(value);
  if (!exact) return String(value);
  // What is smaller than that has six digits that count, since a price of a token must not read as nothing.
  const shown = exact.abs().isLessThan(SMALL)
    ? exact.precision(MOST_DECIMALS, BigNumber.ROUND_HALF_EVEN)
    : exact.decimalPlaces(MOST_DECIMALS, BigNumber.ROUND_HALF_EVEN);
  return shown.toFormat(Math.max(2, shown.decimalPlaces() ?? 0));
}

/** An amount with its sign, for a change. */
export function signedAmount(value: number): string {
  return value > 0 ? `+${amountText(value)}` : amountText(value);
}

/** A percentage to two decimals, from percent (12.3456 is `12.35%`). */
export function percentText(percent: number): string {
  const exact = decimal(percent);
  return exact ? `${exact.toFormat(2)}%` : "";
}

/** A share to two decimals, from 0 to 1 (0.1234 is `12.34%`). */
export function shareText(share: number): string {
  const exact = decimal(share);
  return exact ? `${exact.shiftedBy(2).toFormat(2)}%` : "";
}
