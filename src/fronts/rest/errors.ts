import { STATUS_CODES } from "node:http";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { describeError, type ErrorDetails, failureKind, loggable, UsageError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { HttpEnv } from "../http/request.ts";

interface Insight {
  description: string;
  value: unknown;
}

/** The unified API's error envelope. */
export interface ErrorEnvelope {
  statusCode: number;
  error: string;
  /** What happened, where, and what to do next. */
  message: string;
  request_id: string;
  /** The vendor is the one who refuses or fails. */
  truto_is_remote_error?: true;
  /** The vendor's refusal as it came, without secrets; cut where it is long. */
  raw_response?: unknown;
  truto_error_insight?: Partial<
    Record<"missing_required_query_parameters" | "rate_limit_error" | "forbidden_error" | "remote_error", Insight>
  >;
}

interface RestError {
  status: ContentfulStatusCode;
  envelope: ErrorEnvelope;
  headers: Record<string, string>;
}

/** Refusals of a vendor that mean to our client what they mean to us. */
const PASSED_ON = [400, 401, 403, 404, 409, 422] as const;
/** Seconds; most vendors count by the minute. */
const USUAL_WAIT = 60;

/** Answers an error, and counts it. @throws what is no error of ours: a bug, which the app answers and logs */
export function answerFailure(c: Context<HttpEnv>, error: unknown, log: Log): Response {
  if (!(error instanceof UsageError)) throw error;
  const requestId = c.get("requestId");
  c.get("caller").engine.telemetry.failure(failureKind(error));
  log.debug({ request: requestId, ...loggable(error) }, "not answered");
  const { status, envelope, headers } = restError(error, requestId, c.get("signal"));
  return c.json(envelope, status, headers);
}

/**
 * An error as the endpoint answers it. Clients ask again after 429, 502 and 504: these are for what time mends, and a
 * vendor's fault that stays is never one of them.
 * @param signal the request's, which holds the error itself when its time was over
 */
export function restError(error: unknown, requestId: string, signal: AbortSignal): RestError {
  const known = error instanceof UsageError ? error : undefined;
  const details = known?.details ?? {};
  const isLate = known !== undefined && signal.aborted && signal.reason === known;
  const status = known ? statusOf(known, isLate) : 500;
  const isRemote = known?.kind === "vendor_data" || details.provider !== undefined || details.status !== undefined;
  const wait = waitOf(status, details);
  const insight = insightOf(status, details, isRemote, wait);
  return {
    status,
    envelope: {
      statusCode: status,
      error: STATUS_CODES[status] ?? "Error",
      message: describeError(error, requestId),
      request_id: requestId,
      ...(isRemote ? { truto_is_remote_error: true } : {}),
      ...(details.body === undefined ? {} : { raw_response: details.body }),
      ...(Object.keys(insight).length > 0 ? { truto_error_insight: insight } : {}),
    },
    headers: wait === undefined ? {} : { "retry-after": String(wait) },
  };
}

function statusOf({ kind, details }: UsageError, isLate: boolean): ContentfulStatusCode {
  const { status, not_found } = details;
  const passed = PASSED_ON.find((known) => known === status);
  switch (kind) {
    case "question":
      return passed ?? (not_found ? 404 : 400);
    case "credentials":
      return passed ?? 500;
    case "unavailable":
      return isLate ? 504 : status === 429 ? 429 : 502;
    case "vendor_data":
    case "configuration":
      return 500;
    // Nobody is there to read it.
    case "cancelled":
      return 408;
  }
}

/** A day, in seconds: a vendor's slip of the pen keeps nobody away for ever. */
const LONGEST_WAIT = 86_400;

/** Whole seconds: clients take a fraction, a zero or a date for nothing. */
function waitOf(status: number, { retry_after }: ErrorDetails): number | undefined {
  if (status !== 429 && (status !== 502 || retry_after === undefined)) return undefined;
  return Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(retry_after ?? USUAL_WAIT)));
}

function insightOf(
  status: number,
  { missing, parameter, provider, status: remote_status, words, request_id }: ErrorDetails,
  isRemote: boolean,
  wait: number | undefined,
): NonNullable<ErrorEnvelope["truto_error_insight"]> {
  return {
    ...(missing && parameter !== undefined
      ? {
          missing_required_query_parameters: {
            description: "Query parameters that are needed and were not given.",
            value: [parameter],
          },
        }
      : {}),
    ...(status === 429
      ? { rate_limit_error: { description: "The vendor throttles: ask again later.", value: { retry_after: wait } } }
      : {}),
    ...(isRemote && status === 403
      ? {
          forbidden_error: {
            description: "The account's credentials lack a permission; the message says what the vendor said of it.",
            value: {},
          },
        }
      : {}),
    ...(isRemote
      ? {
          remote_error: {
            description: "What the vendor answered.",
            value: { provider, status: remote_status, message: words, request_id },
          },
        }
      : {}),
  };
}
