import type { Day } from "./calendar.ts";
import { dayOf, parseDay } from "./calendar.ts";
import type { SandboxRequest, SandboxResponse } from "./vendor.ts";

const MS_PER_DAY = 86_400_000;
const LONGEST_RANGE_DAYS = 30;
const TOO_LONG = `Date range cannot exceed ${LONGEST_RANGE_DAYS} days`;
const NAMES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  500: "Internal Server Error",
};

/** Thrown where a question can't be answered; its text is the vendor's `message`. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  get response(): SandboxResponse {
    return { status: this.status, body: { error: NAMES[this.status], message: this.message } };
  }
}

export type Fields = Readonly<Record<string, unknown>>;

/** No body is as good as `{}`. */
export function readBody({ body }: SandboxRequest): Fields {
  let fields: unknown;
  try {
    fields = body === "" ? {} : JSON.parse(body);
  } catch {
    throw new Refusal(400, "Invalid JSON body");
  }
  if (!isFields(fields)) throw new Refusal(400, "Request body must be a JSON object");
  return fields;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A string field of a body. */
export function readText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === "string") return value;
  throw new Refusal(400, `Invalid ${name}`);
}

/** A field of a body or a query that counts from 1. */
export function readCount(value: unknown, name: string, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (value === undefined || value === null) return undefined;
  const count = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof count === "number" && Number.isSafeInteger(count) && count >= 1 && count <= most) return count;
  throw new Refusal(400, `Invalid ${name}: must be a whole number from 1${most < 10_000 ? ` to ${most}` : ""}`);
}

/** Milliseconds, both ends included. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** @param read what a field's value says, undefined for an absent one. */
export function readRange(
  fields: Fields,
  now: Date,
  defaultDays: number,
  read: (value: unknown, name: string) => number | undefined,
): Range {
  const end = read(fields["endDate"], "endDate") ?? now.getTime();
  const start = read(fields["startDate"], "startDate") ?? end - defaultDays * MS_PER_DAY;
  if (start > end) throw new Refusal(400, "startDate must be before endDate");
  if (end - start > LONGEST_RANGE_DAYS * MS_PER_DAY) throw new Refusal(400, TOO_LONG);
  return { start, end };
}

/** Days, both ends included. */
export interface Days {
  readonly first: Day;
  readonly last: Day;
}

/** The dates of the analytics: whole days, a week when none are given. */
export function readDays(query: URLSearchParams, now: Date): Days {
  const last = readDay(query.get("endDate") ?? "today", "endDate", now);
  const first = readDay(query.get("startDate") ?? "7d", "startDate", now);
  if (first > last) throw new Refusal(400, "startDate must be before endDate");
  if (last - first + 1 > LONGEST_RANGE_DAYS) throw new Refusal(400, TOO_LONG);
  return { first, last };
}

function readDay(text: string, name: string, now: Date): Day {
  return dayOf(
    new Date(text === "today" ? now : text === "yesterday" ? readMoment("1d", name, now) : readMoment(text, name, now)),
  );
}

/** `now`, `7d` for so many days ago, or an ISO date, which without a time is its first millisecond. */
export function readMoment(text: string, name: string, now: Date): number {
  if (text === "now") return now.getTime();
  const ago = /^(\d{1,4})d$/.exec(text)?.[1];
  if (ago !== undefined) return now.getTime() - Number(ago) * MS_PER_DAY;
  const at = /^\d{4}-\d{2}-\d{2}(?:T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at) || parseDay(text.slice(0, 10)) === undefined) throw new Refusal(400, `Invalid ${name}`);
  return at;
}

interface Paged<T> {
  readonly rows: readonly T[];
  readonly totalPages: number;
  /** Of the dialect that most endpoints speak. */
  readonly pagination: {
    readonly page: number;
    readonly pageSize: number;
    readonly totalUsers: number;
    readonly totalPages: number;
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
  };
}

/** A page, counted from 1. */
export function paged<T>(all: readonly T[], page: number, pageSize: number): Paged<T> {
  const totalPages = Math.ceil(all.length / pageSize);
  return {
    rows: all.slice((page - 1) * pageSize, page * pageSize),
    totalPages,
    pagination: {
      page,
      pageSize,
      totalUsers: all.length,
      totalPages,
      hasNextPage: page < totalPages,
      hasPreviousPage: page > 1,
    },
  };
}
