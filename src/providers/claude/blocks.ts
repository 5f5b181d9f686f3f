/** Counters come in blocks, by product, and in blocks of those. What is not counted is null, or not sent. */
import { count, isObject, type Json, object, optionalObject } from "../fields.ts";
import { VENDOR } from "./wire.ts";

/** Claude in Office's applications. */
export const OFFICE = ["excel", "outlook", "powerpoint", "word"];
/** Claude Code's tools. */
export const TOOLS = ["edit_tool", "multi_edit_tool", "notebook_edit_tool", "write_tool"];

/** A block of counters; empty where it is not sent: products that an organization lacks have none. */
export function inside(item: Json, name: string): Json {
  return optionalObject(item[name], VENDOR, name) ?? {};
}

/** The blocks in a block: those that are known, or null where one is not counted, and those that came since. */
export function blocksIn(block: Json, name: string, known: readonly string[]): Json[] {
  return Object.entries(block)
    .filter(([field, part]) => isObject(part) || (part !== null && known.includes(field)))
    .map(([field, part]) => object(part, VENDOR, `${name}.${field}`));
}

/** Whether a block has any of these counters. */
export function isCounted(block: Json, ...fields: readonly string[]): boolean {
  return fields.some((field) => block[field] !== null && block[field] !== undefined);
}

/** The sum of a counter over blocks; absent where none has it. */
export function total(blocks: readonly Json[], field: string): number | undefined {
  const found = blocks.map((block) => count(block[field], VENDOR, field)).filter((value) => value !== undefined);
  return found.length > 0 ? found.reduce((a, b) => a + b) : undefined;
}

/** Only what is known; undefined where nothing is. */
export function numbers<Name extends string>(
  found: Readonly<Record<Name, number | undefined>>,
): Partial<Record<Name, number>> | undefined {
  const known: Partial<Record<Name, number>> = {};
  let any = false;
  for (const name in found) {
    const value = found[name];
    if (value === undefined) continue;
    known[name] = value;
    any = true;
  }
  return any ? known : undefined;
}
