import * as z from "zod";
import { checkQuery } from "../../engine/check-query.ts";
import { badParameter } from "../../errors.ts";
import { shown } from "../../suggest.ts";
import type { Query } from "../../usage/query.ts";
import { restSchema } from "./parameters.ts";
import { MOST, parseQueryString } from "./query-string.ts";

/** Parameters of the platform that mean nothing here, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  truto_super_query:
    "it reads data that was synced before; here every answer comes from the vendor itself. Leave it out.",
  truto_body_passthrough:
    "it is about request bodies, and nothing is written here. For more of the vendor's parameters use remote_query.",
};

/** Lists that are also written with commas: field paths hold none, ids and names may. */
const COMMA_LISTS = ["truto_exclude_fields"];

type Kind = "text" | "number" | "boolean" | "list" | "object";

export interface RestQuery {
  query: Query;
  /** The query is only checked; the vendor is not asked. */
  checkOnly: boolean;
}

/** @param search what stands behind the `?` @throws UsageError (question) naming the parameter */
export function readRestQuery(search: string): RestQuery {
  const parsed = parseQueryString(search);
  for (const [name, value] of parsed) {
    const refused = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
    if (refused && value !== "") throw badParameter(name, refused);
  }
  const input = typedBy(restSchema, parsed);
  const { truto_skip_api_call: checkOnly = false, ...query } = checkQuery(restSchema, input);
  // Clients page by repeating what they first asked, cursor or page included, and adding next_cursor.
  if (query.next_cursor !== undefined) {
    delete query.cursor;
    delete query.page;
  }
  return { query, checkOnly };
}

/** The texts of a query string as what a schema's parameters hold; those that it does not know as they are. */
export function typedBy(schema: z.ZodObject, parsed: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const fields: Readonly<Record<string, unknown>> = schema.shape;
  const kind = (name: string) => (Object.hasOwn(fields, name) ? kindOf(fields[name]) : undefined);
  const input: Record<string, unknown> = {};
  for (const [name, value] of parsed) input[name] = typed(name, value, kind(name));
  return input;
}

function kindOf(field: unknown): Kind {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault) return kindOf(field.unwrap());
  if (field instanceof z.ZodNumber) return "number";
  if (field instanceof z.ZodBoolean) return "boolean";
  if (field instanceof z.ZodArray) return "list";
  return field instanceof z.ZodObject ? "object" : "text";
}

/** Texts as what the parameter holds. One that can't be stays text, which the schema then refuses in its own words. */
function typed(name: string, value: unknown, kind: Kind | undefined): unknown {
  if (kind === undefined || kind === "object") return value;
  if (kind === "list") return listOf(name, value);
  const text = single(name, value);
  if (kind === "number") return text !== undefined && NUMERAL.test(text) ? Number(text) : text;
  return kind === "boolean" ? (FLAGS.get(text?.toLowerCase() ?? "") ?? text) : text;
}

/** As people write numbers; a longer one is none. */
const NUMERAL = /^ *[+-]?\d{1,15}(?:\.\d{1,15})? *$/;

/** `True` is what Python makes of it. */
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

/** An empty list is written `k=` or `k[]=`; an empty value among others is a fault that the engine names. */
function listOf(name: string, value: unknown): string[] | undefined {
  const texts = valuesOf(value).map((member) => {
    if (typeof member === "string") return member;
    throw badParameter(name, `it is a list of texts, ${name}[]=a&${name}[]=b; ${shown(member)} is none.`);
  });
  const listed = COMMA_LISTS.includes(name) ? commaSeparated(name, texts) : texts;
  return listed.every((text) => text === "") ? undefined : listed;
}

function commaSeparated(name: string, texts: readonly string[]): string[] {
  const parts = texts.flatMap((text) => text.split(",", MOST + 1)).map((part) => part.trim());
  if (parts.length > MOST) throw badParameter(name, `it holds more than ${MOST} values.`);
  return [...new Set(parts)];
}

function single(name: string, value: unknown): string | undefined {
  let only: string | undefined;
  for (const member of valuesOf(value)) {
    if (member === "") continue;
    if (typeof member !== "string")
      throw badParameter(name, `it takes one value, ${name}=...; ${shown(member)} is none.`);
    if (only !== undefined && member !== only)
      throw badParameter(name, `it is given twice, as ${shown(only)} and as ${shown(member)}; give one.`);
    only = member;
  }
  return only;
}

/** One value or many; an index that is given twice holds a list of its own. */
function valuesOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value.flat() : [value];
}
