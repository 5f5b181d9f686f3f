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

/** A list that the vendor may leave out: null and absent are empty. What holds an answer's items is a {@link requiredList}. */
export function list(value: unknown, vendor: string, field: string): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw drift(vendor, field, "a list", value);
}

/** A list that must be there: without it, an error sent with status 200 would pass for nothing at all. */
export function requiredList(value: unknown, vendor: string, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw drift(vendor, field, "a list", value);
}

/** Text, or a number as text (ids come both ways); empty text is absent. What is of another type is absent, too. */
export function text(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
}

/** As {@link text}; another type than text or a number is an error: an identity or a name must not get lost in silence. */
export function optionalText(value: unknown, vendor: string, field: string): string | undefined {
  if (value === null || value === undefined || typeof value === "string" || typeof value === "number")
    return text(value);
  throw drift(vendor, field, "text", value);
}

/** Yes or no; absent stays absent. */
export function flag(value: unknown, vendor: string, field: string): boolean | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "boolean") return value;
  throw drift(vendor, field, "true or false", value);
}

/** An object that may be left out. */
export function optionalObject(value: unknown, vendor: string, field: string): Json | undefined {
  return value === null || value === undefined ? undefined : object(value, vendor, field);
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
