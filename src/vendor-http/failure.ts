import { UsageError } from "../errors.ts";
import type { Connection, Refusal, VendorAnswer, VendorRequest } from "./connection.ts";
import { redacted, redactedJson } from "./redaction.ts";

/** The vendor answered with an error status: its own words, what they mean, what to do next. */
export function refused(
  connection: Connection,
  request: VendorRequest,
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
): UsageError {
  const words = vendorWords(connection, text);
  const { kind, advice } = connection.refusal(status, words, request) ?? usualRefusal(status, connection, headers);
  const requestId = headers[connection.requestIdHeader];
  const wait = status === 429 || status === 503 ? secondsToWait(headers, connection.resetHeader) : undefined;
  const said = words === "" ? `HTTP ${status}` : `HTTP ${status}, "${words}"`;
  const id = requestId ? ` (request id ${redacted(requestId, connection).slice(0, 100)})` : "";
  return new UsageError(
    kind,
    `${connection.provider} account '${connection.account}': ${request.method} ${request.path} was refused: ${said}${id}. ${advice}`,
    {
      provider: connection.provider,
      integrated_account_id: connection.account,
      status,
      ...(words === "" ? {} : { words }),
      body: refusalBody(connection, text),
      ...(requestId ? { request_id: redacted(requestId, connection) } : {}),
      ...(wait === undefined ? {} : { retry_after: wait }),
    },
  );
}

/** No answer at all, or one that broke off. */
export function unreachable(connection: Connection, request: VendorRequest, error: unknown): UsageError {
  const host = new URL(connection.baseUrl).host;
  return new UsageError(
    "unavailable",
    `${connection.provider} account '${connection.account}': ${request.method} ${request.path} got no whole answer from ${host} (${reason(error)}). Check the network, a proxy, or the vendor's status page, then try again.`,
    { provider: connection.provider, integrated_account_id: connection.account },
    { cause: error },
  );
}

/** An answer that can't be read as its contract says: what was found, and where it stood. */
export function unreadable(connection: Connection, error: UsageError, answer: VendorAnswer | undefined): UsageError {
  const { provider, account, requestIdHeader } = connection;
  const requestId = answer?.headers[requestIdHeader];
  const id = requestId ? `, request id ${redacted(requestId, connection).slice(0, 100)}` : "";
  const where = answer ? ` (${answer.method} ${new URL(answer.url).pathname}, HTTP ${answer.status}${id})` : "";
  return new UsageError(
    error.kind,
    `${provider} account '${account}'${where}: ${redacted(error.message, connection)}`,
    {
      ...error.details,
      provider,
      integrated_account_id: account,
      ...(answer ? { status: answer.status } : {}),
      ...(requestId ? { request_id: redacted(requestId, connection) } : {}),
    },
    { cause: error },
  );
}

function usualRefusal(status: number, connection: Connection, headers: Readonly<Record<string, string>>): Refusal {
  if (status === 401 || status === 403)
    return { kind: "credentials", advice: "Check the account's key and its permissions." };
  if (status === 404)
    return { kind: "credentials", advice: "Check the account's base_url and that its plan has this API." };
  if (status === 410)
    return {
      kind: "unavailable",
      advice: "Its data was refreshed meanwhile; ask again from the start, without cursor.",
    };
  if (status === 429) {
    const seconds = secondsToWait(headers, connection.resetHeader);
    return {
      kind: "unavailable",
      advice:
        seconds === undefined
          ? "It throttles; try again in a minute."
          : `It throttles; try again in ${Math.ceil(seconds)} s.`,
    };
  }
  if (status >= 500 || status === 408) {
    const seconds = status === 503 ? secondsToWait(headers, connection.resetHeader) : undefined;
    const when = seconds === undefined ? "later" : `in ${Math.ceil(seconds)} s`;
    return { kind: "unavailable", advice: `The vendor has a fault; try again ${when}.` };
  }
  if (status >= 300 && status < 400)
    return {
      kind: "credentials",
      advice: "It redirects elsewhere, which is not followed with credentials; check base_url.",
    };
  return { kind: "question", advice: "Change the parameter that it names." };
}

/** Retry-After (seconds or an HTTP date), else the vendor's own header of relative seconds. */
function secondsToWait(headers: Readonly<Record<string, string>>, resetHeader: string | undefined): number | undefined {
  const after = headers["retry-after"]?.trim();
  if (after) {
    const seconds = Number(after);
    if (Number.isFinite(seconds) && seconds >= 0) return seconds;
    const date = Date.parse(after);
    if (!Number.isNaN(date)) return Math.max(0, (date - Date.now()) / 1000);
  }
  const reset = resetHeader === undefined ? undefined : headers[resetHeader];
  const seconds = reset === undefined || reset.trim() === "" ? Number.NaN : Number(reset);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

const LONGEST_BODY = 4096;

/** A refusal as it came, for who asks for it whole. */
function refusalBody(connection: Connection, text: string): unknown {
  if (text.length > LONGEST_BODY) return redacted(text, connection).slice(0, LONGEST_BODY);
  try {
    return redactedJson(JSON.parse(text), connection);
  } catch {
    return redacted(text, connection);
  }
}

/** The vendor's words, on one line, cut; nothing when it isn't its error shape (a proxy's page says nothing useful). */
function vendorWords(connection: Connection, text: string): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return "";
  }
  const words = redacted(connection.errorText(body) ?? "", connection)
    .replace(/\s+/g, " ")
    .trim();
  return words.length > 300 ? `${words.slice(0, 297)}...` : words;
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error) return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
  return "unknown";
}
