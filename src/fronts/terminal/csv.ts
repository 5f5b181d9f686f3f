import { stringify } from "csv-stringify/sync";
import { Amount } from "../../usage/money.ts";
import { plainNumber } from "./numbers.ts";
import { cellText } from "./plain-text.ts";

/** What a cell can hold; undefined is an empty cell. */
export type Cell = string | number | boolean | Amount | undefined;

/**
 * CSV lines, RFC 4180. A text cell that a spreadsheet would run as a formula gets an apostrophe in front; numbers keep
 * all their digits and are never touched.
 */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return stringify(
    rows.map((row) => row.map((cell) => (typeof cell === "string" ? cellText(cell) : cell))),
    { escape_formulas: true, cast: { number: plainNumber, boolean: String, object: exactDigits } },
  );
}

/** An amount is a number, too: its minus is no formula. */
function exactDigits(value: object) {
  const digits = value instanceof Amount ? value.toString() : String(value);
  return value instanceof Amount && digits.startsWith("-") ? { value: digits, escape_formulas: false } : digits;
}
