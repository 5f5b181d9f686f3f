/**
 * Every error that a person can act on. The kind says who can mend it; the message says what happened, where, and what
 * to do next. Thrown anywhere, turned into text once, at the edge (a tool result, a line on stderr, an HTTP body).
 */
export type ErrorKind =
  /** The question is wrong: a parameter, a date, an account that does not exist. The caller mends it. */
  | "question"
  /** The configuration is wrong: the file, a variable, a credential's shape. The operator mends it. */
  | "configuration"
  /** The vendor refuses the credentials: wrong key, missing permission, wrong site. The operator mends it. */
  | "credentials"
  /** The vendor cannot answer now: throttled, down, unreachable, too slow. Time mends it. */
  | "unavailable"
  /** The vendor answered something that cannot be read as its contract says. Only a new version mends it. */
  | "vendor_data"
  /** The caller went away. Nobody mends it. */
  | "cancelled";

export interface ErrorDetails {
  /** Which parameter is wrong, under its unified name. */
  parameter?: string;
  provider?: string;
  integrated_account_id?: string;
  /** The vendor's HTTP status. */
  status?: number;
  /** The vendor's own words in its refusal, without secrets. */
  words?: string;
  /** The vendor's request id, for its support. */
  request_id?: string;
  /** Seconds after which the vendor said to come back. */
  retry_after?: number;
}

export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.details = details;
  }
}

/** A wrong parameter: names it, says what is expected. */
export function badParameter(parameter: string, message: string): UsageError {
  return new UsageError("question", `${parameter}: ${message}`, { parameter });
}

/**
 * The one place where an error becomes text. Errors that are not ours are bugs: they are named as such, without
 * their message, which might hold anything.
 */
export function describeError(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  const name = error instanceof Error ? error.name : typeof error;
  return `Internal error (${name}). This is a bug in usage-mcp; run again with USAGE_MCP_LOG=debug and report what it logs.`;
}
