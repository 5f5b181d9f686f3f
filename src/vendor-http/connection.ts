import type { Secret } from "../accounts/secret.ts";
import type { ErrorKind } from "../errors.ts";
import type { Instant } from "../usage/period.ts";

/** One request to a vendor, below its account's base URL. */
export interface VendorRequest {
  method: "GET" | "POST";
  /** Begins with a slash. */
  path: string;
  query?: readonly (readonly [string, string])[];
  /** Sent as JSON. */
  body?: unknown;
}

export interface VendorAnswer {
  /** As it was sent; it never holds a secret, since those travel in headers. */
  url: string;
  method: string;
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Parsed JSON; numbers beyond a double's digits as strings. */
  body: unknown;
  /** The body as it came, in bytes: what is kept. */
  raw: Buffer;
  /** When the vendor was asked: what it says was so then. */
  at: Instant;
  /** It was asked for after all that it tells had become final; it can't change any more. */
  settled: boolean;
  /** It was kept from an earlier question. */
  kept: boolean;
}

/** A budget of calls at a vendor: requests that are counted together have limits of the same name. */
export interface Limit {
  /** For people, too: "Cursor's limit for usage events". */
  name: string;
  /** So many calls in any such stretch of time. Absent: it is not published; the vendor's headers and refusals tell. */
  rate?: Rate;
  /** The rate is the operator's: the vendor's headers may narrow it, and don't replace it. */
  isConfigured?: boolean;
}

export interface Rate {
  calls: number;
  seconds: number;
}

/**
 * How a vendor tells of its limits: by x-ratelimit-limit, -remaining, -reset (seconds from now) and -period (seconds), also
 * spelled without x-.
 */
export interface RateHeaders {
  /** Which of the two it means by the wait after a 429, where it sends both. */
  waitBy: "retry-after" | "reset";
}

/** What a vendor's refusal means, and what to do about it. */
export interface Refusal {
  kind: ErrorKind;
  /** A sentence or two: what to do next. */
  advice: string;
}

/** How one account's vendor is reached. */
export interface Connection {
  /** No trailing slash. */
  baseUrl: string;
  /** Names of the vendor and account, for errors and logs. */
  provider: string;
  account: string;
  /** What must never be seen in a text, wherever a vendor hands it back. */
  credentials: readonly Secret[];
  /** Reveals the credentials: called when a request is sent, never kept. */
  headers(): Record<string, string>;
  /** The vendor's own words in an error body, if it has its shape. */
  errorText(body: unknown): string | undefined;
  refusal(status: number, words: string, request: VendorRequest): Refusal | undefined;
  /** Header that carries the vendor's request id. */
  requestIdHeader: string;
  /** Absent: it documents none; headers of these names, if there are any, are somebody else's. */
  rateHeaders?: RateHeaders;
  /** Its own SDKs try again after 409, and after whatever x-should-retry says: true or false. */
  hasSdkRetries?: true;
  /** What a request counts against. */
  limit(request: VendorRequest): Limit;
  /** How many requests of the account may be on their way at once. */
  concurrency: number;
  /** Whether the vendor answers this request's ETag with 304 when nothing has changed, which then counts against no limit. */
  revalidates?(request: VendorRequest): boolean;
}
