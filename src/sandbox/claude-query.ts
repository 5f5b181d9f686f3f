import { createHash } from "node:crypto";
import type { Day } from "./calendar.ts";
import { parseDay } from "./calendar.ts";
import { hash } from "./volume.ts";

/** An error answer, thrown from wherever it's noticed. */
export class Refused extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export function invalid(message: string): Refused {
  return new Refused(400, "invalid_request_error", message);
}

export type Version = "2023-06-01" | "2026-10-21";
export type KeyKind = "analytics" | "admin";

/** A request let in. */
export interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly version: Version;
  readonly keyKind: KeyKind;
  readonly now: Date;
}

const MOST_ENTRIES = 100;

/** @throws for a parameter that the endpoint doesn't have, or has only with (or without) brackets */
export function allow(query: URLSearchParams, single: readonly string[], lists: readonly string[]): void {
  const names = new Set([...single, "page", "limit", "beta", ...lists.map((name) => `${name}[]`)]);
  for (const name of query.keys()) {
    if (!names.has(name)) throw invalid(`${name}: Extra inputs are not permitted`);
    if (!name.endsWith("[]") && query.getAll(name).length > 1) throw invalid(`${name}: given more than once`);
  }
}

export function listOf(query: URLSearchParams, name: string): readonly string[] {
  const values = query.getAll(`${name}[]`);
  if (values.length > MOST_ENTRIES) throw invalid(`${name}: at most ${MOST_ENTRIES} entries are allowed`);
  return values;
}

export function choicesOf<T extends string>(query: URLSearchParams, name: string, choices: readonly T[]): readonly T[] {
  return listOf(query, name).map((value) => readChoice(name, value, choices));
}

export function choiceOf<T extends string>(query: URLSearchParams, name: string, choices: readonly T[]): T | undefined {
  const value = query.get(name);
  return value === null ? undefined : readChoice(name, value, choices);
}

function readChoice<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw invalid(`${name}: Input should be one of: ${choices.join(", ")}; got '${value}'`);
  return choice;
}

export function truthOf(query: URLSearchParams, name: string): boolean {
  return choiceOf(query, name, ["true", "false"]) === "true";
}

export function limitOf(query: URLSearchParams, usual: number, most: number): number {
  const text = query.get("limit");
  if (text === null) return usual;
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > most) throw invalid(`limit: must be between 1 and ${most}`);
  return limit;
}

export function dayAsked(query: URLSearchParams, name: string): Day | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const day = parseDay(text);
  if (day === undefined) throw invalid(`${name}: must be a date in YYYY-MM-DD format`);
  return day;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** Milliseconds of a time with a zone. */
export function instantAsked(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw invalid(`${name}: must be an RFC 3339 timestamp with a time zone`);
  return at;
}

/** To the second, as the vendor writes it. */
export function instantText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/**
 * Where this page starts.
 * @param watermark what the data were when the answer was made, if they may be others at the next page
 * @throws 400 for a cursor of another question, 410 for one from before the data changed
 */
export function offsetOf(call: Call, watermark = 0): number {
  const given = call.query.get("page");
  if (given === null) return 0;
  const [offset = Number.NaN, then = Number.NaN] = Buffer.from(given.replace(/^page_/, ""), "base64url")
    .toString("latin1")
    .split(".")
    .map(Number);
  if (!Number.isSafeInteger(offset) || offset < 1 || cursorTo(call, offset, then) !== given) {
    throw invalid("page: the cursor does not match the query it is used with");
  }
  if (then !== watermark) {
    throw new Refused(410, "invalid_request_error", "page: the cursor has expired; restart from the first page");
  }
  return offset;
}

/** Sealed with the question, but for the page and its size. */
export function cursorTo(call: Call, offset: number, watermark = 0): string {
  const asked = [...call.query]
    .filter(([name]) => name !== "page" && name !== "limit" && name !== "beta")
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  const seal = hash([call.path, call.keyKind, ...asked, offset, watermark].join(" "));
  return `page_${Buffer.from(`${offset}.${watermark}.${seal}`).toString("base64url")}`;
}

/** The same for the same request of a run. */
export function requestId(number: number): string {
  return `req_011C${createHash("sha256").update(`claude ${number}`).digest("base64").replace(/[+/=]/g, "").slice(0, 20)}`;
}
