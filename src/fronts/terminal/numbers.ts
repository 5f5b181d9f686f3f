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

/** An amount of money: all its digits, two decimals at least. */
export function exactAmount(value: number): string {
  return exactNumber(value, 2);
}

/** An amount with its sign, for a change. */
export function signedAmount(value: number): string {
  return value > 0 ? `+${exactAmount(value)}` : exactAmount(value);
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
