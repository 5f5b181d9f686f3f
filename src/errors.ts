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
  /** What the parameter names does not exist (for this caller). */
  not_found?: boolean;
  /** The parameter was not given, and can't be left out. */
  missing?: boolean;
  provider?: string;
  integrated_account_id?: string;
  /** The vendor's HTTP status. */
  status?: number;
  /** The vendor's own words in its refusal, without secrets. */
  words?: string;
  /** The vendor's refusal as it came, parsed where it is JSON; without secrets, and cut where it is long. */
  body?: unknown;
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

/** What an operator counts errors by; `internal` is one that is not ours: a bug. */
export type FailureKind = ErrorKind | "internal";

export function failureKind(error: unknown): FailureKind {
  return error instanceof UsageError ? error.kind : "internal";
}

/**
 * What a log says of an error. An error about a question quotes it, and a question may hold anything, a secret gone astray
 * too: of those it says the kind only. The caller was told the rest.
 */
export function loggable(error: unknown): { kind: FailureKind; error?: string } {
  const kind = failureKind(error);
  if (kind === "question") return { kind };
  return { kind, error: error instanceof Error ? (error.stack ?? error.message) : typeof error };
}

/** A wrong parameter: names it, says what is expected. */
export function badParameter(parameter: string, message: string): UsageError {
  return new UsageError("question", `${parameter}: ${message}`, { parameter });
}

/** A parameter that names something which does not exist, or not for this caller: the two can't be told apart. */
export function notFound(parameter: string, message: string): UsageError {
  return new UsageError("question", `${parameter}: ${message}`, { parameter, not_found: true });
}

/**
 * The one place where an error becomes text. Errors that are not ours are bugs: they are named as such, without
 * their message, which might hold anything.
 * @param requestId told with every error that is not about the question itself, so that an operator finds it in the log
 */
export function describeError(error: unknown, requestId?: string): string {
  const asked = error instanceof UsageError && error.kind === "question" && error.details.status === undefined;
  const request = requestId === undefined || asked ? "" : ` (request ${requestId})`;
  if (error instanceof UsageError) return `${error.message}${request}`;
  const name = error instanceof Error ? error.name : typeof error;
  return `Internal error (${name}). This is a bug in usage-mcp; run again with USAGE_MCP_LOG=debug and report what it logs.${request}`;
}
