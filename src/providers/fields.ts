import { UsageError } from "../errors.ts";
import { shown } from "../suggest.ts";
import { type Amount, decimal } from "../usage/money.ts";

/**
 * Reads single fields of a vendor's JSON. What is absent or null stays absent; what a number depends on and is of another
 * type is an error that names the field, never a silent zero. Unknown fields are not looked at, so vendors may add them.
 */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object, or an error that names where it should have been. */
export function object(value: unknown, vendor: string, field: string): Json {
  if (isObject(value)) return value;
  throw drift(vendor, field, "an object", value);
}

/** A list; null and absent are empty (vendors send `"data": null`). */
export function list(value: unknown, vendor: string, field: string): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw drift(vendor, field, "a list", value);
}

/** Text, or a number as text (ids come both ways); empty text is absent. */
export function text(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
}

export function requiredText(value: unknown, vendor: string, field: string): string {
  const found = text(value);
  if (found !== undefined) return found;
  throw drift(vendor, field, "text", value);
}

/** An exact decimal from a JSON number or its digits as text; absent stays absent. */
export function amount(value: unknown, vendor: string, field: string): Amount | undefined {
  if (value === null || value === undefined) return undefined;
  const found = decimal(value);
  if (found !== undefined) return found;
  throw drift(vendor, field, "a number", value);
}

/** A count or quantity, as a JSON number or its digits as text; absent stays absent. */
export function count(value: unknown, vendor: string, field: string): number | undefined {
  return typeof value === "number" ? value : amount(value, vendor, field)?.toNumber();
}

export function requiredAmount(value: unknown, vendor: string, field: string): Amount {
  const found = amount(value, vendor, field);
  if (found !== undefined) return found;
  throw drift(vendor, field, "a number", value);
}

/** A field that is not what the vendor's contract says. */
export function drift(vendor: string, field: string, expected: string, value: unknown): UsageError {
  const what = value === undefined ? "nothing" : shown(value);
  return new UsageError(
    "vendor_data",
    `${vendor} sent ${what} in ${field}, where ${expected} is due. Its numbers can't be trusted until this is understood; look for a newer usage-mcp or report it.`,
  );
}
