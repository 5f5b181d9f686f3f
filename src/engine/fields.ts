import * as z from "zod";
import { badParameter } from "../errors.ts";
import { didYouMean, shown } from "../suggest.ts";
import { rowSchema } from "../usage/row.ts";

/** The paths of all fields of a row, as the unified page writes them: `charges[].amount`, `usage.tokens.input`. */
export const FIELD_PATHS: readonly string[] = pathsOf(rowSchema, "");

/** Those of them that are numbers. */
export const NUMBER_PATHS: ReadonlySet<string> = new Set(
  pathsOf(rowSchema, "", (field) => field instanceof z.ZodNumber),
);

function pathsOf(schema: unknown, prefix: string, wanted = (_field: unknown) => true): string[] {
  if (schema instanceof z.ZodOptional) return pathsOf(schema.unwrap(), prefix, wanted);
  if (schema instanceof z.ZodArray) return pathsOf(schema.unwrap(), prefix === "" ? "" : `${prefix}[]`, wanted);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([name, member]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const field = member instanceof z.ZodOptional ? member.unwrap() : member;
    return [...(wanted(field) ? [path] : []), ...pathsOf(member, path, wanted)];
  });
}

/** @returns the path without array marks. @throws UsageError (question) when rows have no such field */
export function checkFieldPath(path: string, parameter: string): string {
  const plain = path.replaceAll("[]", "");
  const known = FIELD_PATHS.map((name) => name.replaceAll("[]", ""));
  if (known.includes(plain)) return plain;
  throw badParameter(parameter, `rows have no field ${shown(path)}.${didYouMean(plain, known)}`);
}

/** The value at a path; through a list, that of its first item. */
export function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split(".")) {
    if (Array.isArray(found)) found = found[0];
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

/** A copy without the field at the path; through a list, without it in every item. What is left empty goes too. */
export function without(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => without(item, path));
  const members = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    if (key !== name) return [[key, member]];
    const left = rest.length === 0 ? undefined : without(member, rest);
    return isEmpty(left) ? [] : [[key, left]];
  });
  return Object.fromEntries(members);
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0)
  );
}
