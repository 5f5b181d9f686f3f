import { failure, isFailure } from "./openai-failure.ts";
import type { Span } from "./openai-usage.ts";
import type { SandboxRequest, SandboxResponse } from "./vendor.ts";
import { hash } from "./volume.ts";

interface Width {
  readonly seconds: number;
  readonly usual: number;
  readonly most: number;
}

/** What one endpoint takes. */
export interface Terms {
  readonly widths: Readonly<Record<string, Width>>;
  readonly filters: readonly string[];
  readonly groupings: readonly string[];
}

export interface Question {
  readonly groupBy: readonly string[];
  /** By parameter; a row has to be in all. */
  readonly filters: ReadonlyMap<string, ReadonlySet<string>>;
  readonly buckets: readonly Bucket[];
  /** Unix seconds where the next page starts. */
  readonly next: string | null;
}

export interface Bucket {
  /** Unix seconds. */
  readonly start: number;
  readonly end: number;
  /** Ends where the data ends. */
  readonly span: Span;
}

export interface Page {
  readonly object: "page";
  readonly data: readonly {
    readonly object: "bucket";
    readonly start_time: number;
    readonly end_time: number;
    readonly results: readonly unknown[];
  }[];
  readonly has_more: boolean;
  readonly next_page: string | null;
}

const DAY_SECONDS = 86_400;

export const DAILY: Width = { seconds: DAY_SECONDS, usual: 7, most: 31 };
export const HOURLY: Width = { seconds: 3_600, usual: 24, most: 168 };
export const MINUTELY: Width = { seconds: 60, usual: 60, most: 1_440 };

export function page(asked: Question, results: (span: Span) => readonly unknown[]): SandboxResponse {
  const body: Page = {
    object: "page",
    data: asked.buckets.map(({ start, end, span }) => ({
      object: "bucket",
      start_time: start,
      end_time: end,
      results: results(span),
    })),
    has_more: asked.next !== null,
    next_page: asked.next,
  };
  return { status: 200, body };
}

export function readQuestion(request: SandboxRequest, terms: Terms): Question | SandboxResponse {
  const query = parameters(request.url);
  const known = ["start_time", "end_time", "bucket_width", "limit", "page", "group_by", ...terms.filters];
  for (const name of query.keys()) {
    if (!known.includes(name)) return failure(400, `Unknown parameter: '${name}'.`, name, "unknown_parameter");
  }
  const groupBy = query.get("group_by") ?? [];
  const strange = groupBy.find((value) => !terms.groupings.includes(value));
  if (strange !== undefined) return invalid("group_by", strange, terms.groupings);
  const filters = readFilters(query, terms);
  if (isFailure(filters)) return filters;
  const cut = readBuckets(request, query, terms);
  return isFailure(cut) ? cut : { groupBy, filters, ...cut };
}

/** Every parameter's values, whether it was sent as `name=a&name=b` or as `name[]=a&name[]=b`. */
function parameters({ searchParams }: URL): ReadonlyMap<string, readonly string[]> {
  const query = new Map<string, string[]>();
  for (const [written, value] of searchParams) {
    const name = written.endsWith("[]") ? written.slice(0, -2) : written;
    query.set(name, [...(query.get(name) ?? []), value]);
  }
  return query;
}

type Query = ReturnType<typeof parameters>;

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  batch: ["true", "false"],
  sources: ["image.generation", "image.edit", "image.variation"],
  sizes: ["256x256", "512x512", "1024x1024", "1792x1792", "1024x1792"],
  context_levels: ["low", "medium", "high"],
};

function readFilters(query: Query, terms: Terms): Map<string, ReadonlySet<string>> | SandboxResponse {
  const filters = new Map<string, ReadonlySet<string>>();
  for (const name of terms.filters) {
    const values = query.get(name);
    if (values === undefined) continue;
    const allowed = ALLOWED[name];
    const strange = values.find((value) => allowed !== undefined && !allowed.includes(value));
    if (allowed !== undefined && strange !== undefined) return invalid(name, strange, allowed);
    filters.set(name, new Set(values));
  }
  return filters;
}

function readBuckets(
  request: SandboxRequest,
  query: Query,
  terms: Terms,
): Pick<Question, "buckets" | "next"> | SandboxResponse {
  const asked = query.get("bucket_width")?.at(-1) ?? "1d";
  const width = terms.widths[asked];
  if (width === undefined) return invalid("bucket_width", asked, Object.keys(terms.widths));
  const given = query.get("start_time")?.at(-1);
  if (given === undefined) {
    return failure(400, "Missing required parameter: 'start_time'.", "start_time", "missing_required_parameter");
  }
  const start = whole(given);
  if (start === undefined) return notWhole("start_time", given);
  const until = query.get("end_time")?.at(-1);
  const end = until === undefined ? undefined : whole(until);
  if (until !== undefined && end === undefined) return notWhole("end_time", until);
  if (end !== undefined && end <= start) {
    return failure(400, "Invalid 'end_time': must be after 'start_time'.", "end_time", "invalid_value");
  }
  const limit = readLimit(query.get("limit")?.at(-1), width);
  if (typeof limit !== "number") return limit;
  const cursor = query.get("page")?.at(-1);
  const seal = sealOf(request.url.pathname, query);
  const from = cursor === undefined ? start : readCursor(cursor, seal);
  if (from === undefined) return failure(400, "Invalid 'page': not a cursor of this query.", "page", "invalid_value");
  const now = Math.floor(request.now.getTime() / 60_000) * 60;
  // There is no bucket that has not begun.
  const last = Math.min(end ?? Number.POSITIVE_INFINITY, now);
  const buckets: Bucket[] = [];
  let at = from;
  for (; at < last && buckets.length < limit; ) {
    const next = (Math.floor(at / width.seconds) + 1) * width.seconds;
    buckets.push(bucket(at, Math.min(next, end ?? next), now));
    at = next;
  }
  return { buckets, next: at < last ? writeCursor(at, seal) : null };
}

function bucket(start: number, end: number, now: number): Bucket {
  const day = Math.floor(start / DAY_SECONDS);
  const midnight = day * DAY_SECONDS;
  return { start, end, span: { day, from: start - midnight, to: Math.min(end, now) - midnight } };
}

function readLimit(text: string | undefined, { usual, most }: Width): number | SandboxResponse {
  if (text === undefined) return usual;
  const limit = whole(text);
  if (limit === undefined) return notWhole("limit", text);
  if (limit > most) {
    const message = `Invalid 'limit': integer above maximum value. Expected a value <= ${most}, but got ${limit} instead.`;
    return failure(400, message, "limit", "integer_above_max_value");
  }
  if (limit < 1) {
    const message = `Invalid 'limit': integer below minimum value. Expected a value >= 1, but got ${limit} instead.`;
    return failure(400, message, "limit", "integer_below_min_value");
  }
  return limit;
}

/** Of the path and all parameters but those that may change from page to page. */
function sealOf(path: string, query: Query): number {
  const kept = [...query].filter(([name]) => name !== "page" && name !== "limit").sort(([a], [b]) => (a < b ? -1 : 1));
  return hash(JSON.stringify([path, kept]));
}

/** Base64 with its padding, as the vendor's: a client has to encode it. */
function writeCursor(at: number, seal: number): string {
  const bytes = Buffer.alloc(20);
  bytes.writeBigUInt64BE(BigInt(at), 0);
  bytes.writeUInt32BE(seal, 8);
  bytes.writeBigUInt64BE(BigInt(hash(`${at} ${seal}`)), 12);
  return `page_${bytes.toString("base64")}`;
}

function readCursor(text: string, seal: number): number | undefined {
  const bytes = Buffer.from(text.slice("page_".length), "base64");
  if (bytes.length !== 20) return undefined;
  const at = Number(bytes.readBigUInt64BE(0));
  return Number.isSafeInteger(at) && writeCursor(at, seal) === text ? at : undefined;
}

function whole(text: string): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function notWhole(name: string, value: string): SandboxResponse {
  const message = `Invalid type for '${name}': expected an integer, but got '${value}' instead.`;
  return failure(400, message, name, "invalid_type");
}

function invalid(name: string, value: string, allowed: readonly string[]): SandboxResponse {
  const listed = allowed.map((each) => `'${each}'`).join(", ");
  const message = `Invalid value: '${value}'. Supported values are: ${listed}.`;
  return failure(400, message, name, "invalid_value");
}
