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
}

/** How often a vendor may be asked: so many calls in any such stretch of time. */
export interface Limit {
  /** Requests that are counted together have limits of the same name. For people, too: "Cursor's limit for usage events". */
  name: string;
  calls: number;
  seconds: number;
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
  /** Header with the seconds to wait after a 429, where Retry-After is not sent. */
  resetHeader?: string;
  /** The limits that a request counts against, as far as they are known. Absent: none is; the vendor's headers tell. */
  limits?(request: VendorRequest): readonly Limit[];
  /** How many requests of the account may be on their way at once. */
  concurrency: number;
  /** Whether the vendor answers this request's ETag with 304 when nothing has changed. */
  revalidates?(request: VendorRequest): boolean;
}
