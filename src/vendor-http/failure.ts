import { type ErrorDetails, UsageError } from "../errors.ts";
import type { Connection, Refusal, VendorAnswer, VendorRequest } from "./connection.ts";
import { redacted, redactedJson } from "./redaction.ts";
import { saysRetry, secondsToWait } from "./retry-after.ts";
import type { Wait } from "./vendor-call.ts";

/** What the vendor answered. */
export interface Told {
  status: number;
  /** In lower case. */
  headers: Readonly<Record<string, string>>;
  text: string;
  /** After throttling, the seconds for which it is not asked again, where it or its limit says how long. */
  pause: number | undefined;
}

/** The vendor answered with an error: its own words, what they mean, what to do next. */
export function refused(connection: Connection, request: VendorRequest, told: Told): UsageError {
  const { status, headers, text } = told;
  const words = vendorWords(connection, text);
  const wait = told.pause ?? secondsToWait(connection, status, headers);
  const usual = usualRefusal(status, connection, request, wait);
  const { kind, advice } = connection.refusal(status, words, request) ?? usual;
  const said = words === "" ? `HTTP ${status}` : `HTTP ${status}, "${words}"`;
  const comesBack = wait !== undefined && (kind === "unavailable" || saysRetry(connection, headers) === true);
  return new UsageError(
    kind,
    `${subject(connection, request)} was refused: ${said}${requestIdOf(connection, headers, (id) => ` (request id ${id})`)}. ${advice}`,
    {
      ...details(connection, told),
      ...(words === "" ? {} : { words }),
      body: refusalBody(connection, text),
      ...(comesBack ? { retry_after: wait } : {}),
    },
  );
}

/** An answer with a status of success that is no JSON. */
export function garbled(connection: Connection, request: VendorRequest, told: Told): UsageError {
  const { status, headers, text } = told;
  const id = requestIdOf(connection, headers, (known) => `, request id ${known}`);
  return new UsageError(
    "unavailable",
    `${subject(connection, request)} was answered with ${bodyShape(text, headers)} instead of JSON (HTTP ${status}${id}). A proxy may stand in between, or the answer was cut short; try again.`,
    details(connection, told),
  );
}

/** No answer at all, or one that broke off. */
export function unreachable(connection: Connection, request: VendorRequest, error: unknown): UsageError {
  const host = new URL(connection.baseUrl).host;
  return new UsageError(
    "unavailable",
    `${subject(connection, request)} got no whole answer from ${host} (${reason(error)}). Check the network, a proxy, or the vendor's status page, then try again.`,
    { provider: connection.provider, integrated_account_id: connection.account },
    { cause: error },
  );
}

/** An answer that would not end. */
export function tooLarge(connection: Connection, request: VendorRequest, error: Error): UsageError {
  return new UsageError(
    "unavailable",
    `${subject(connection, request)} was answered with a body that is ${error.message}, which is not read. Ask for a shorter period, or a smaller page.`,
    { provider: connection.provider, integrated_account_id: connection.account },
    { cause: error },
  );
}

/** A wait is longer than a call has time. @param left seconds that it has; undefined where nothing limits it but patience */
export function wontWait({ provider, account }: Connection, wait: Wait, left?: number): UsageError {
  const seconds = Math.ceil(wait.seconds);
  const limit = left === undefined ? "" : `, and this call has ${Math.max(0, Math.floor(left))} s left`;
  return new UsageError(
    "unavailable",
    `${provider} account '${account}': it would take ${seconds} s of waiting for ${wait.reason}${limit}. Ask again in ${seconds} s, or for a shorter period.`,
    { provider, integrated_account_id: account, retry_after: wait.seconds },
  );
}

/** A call's time was over before anything was asked. */
export function noTimeLeft({ provider, account }: Connection): UsageError {
  return new UsageError(
    "unavailable",
    `${provider} account '${account}': it was not asked, this call had no time left. Ask again, or for a shorter period.`,
    { provider, integrated_account_id: account },
  );
}

/** An answer that can't be read as its contract says: what was found, and where it stood. */
export function unreadable(connection: Connection, error: UsageError, answer: VendorAnswer | undefined): UsageError {
  const { provider, account } = connection;
  const id = answer ? requestIdOf(connection, answer.headers, (known) => `, request id ${known}`) : "";
  const where = answer ? ` (${answer.method} ${new URL(answer.url).pathname}, HTTP ${answer.status}${id})` : "";
  return new UsageError(
    error.kind,
    `${provider} account '${account}'${where}: ${redacted(error.message, connection)}`,
    {
      ...error.details,
      ...(answer ? details(connection, answer) : { provider, integrated_account_id: account }),
    },
    { cause: error },
  );
}

function usualRefusal(
  status: number,
  connection: Connection,
  request: VendorRequest,
  wait: number | undefined,
): Refusal {
  const again = wait === undefined ? undefined : `in ${Math.ceil(wait)} s`;
  if (status === 401 || status === 403)
    return { kind: "credentials", advice: "Check the account's key and its permissions." };
  if (status === 404)
    return { kind: "credentials", advice: "Check the account's base_url and that its plan has this API." };
  if (status === 410)
    return {
      kind: "unavailable",
      advice: "Its data was refreshed meanwhile; ask again from the start, without cursor.",
    };
  if (status === 429)
    return {
      kind: "unavailable",
      advice: `It throttles; try again ${again ?? "in a minute"}.${limitOf(connection, request)}`,
    };
  if (status >= 500 || status === 408)
    return { kind: "unavailable", advice: `The vendor has a fault; try again ${again ?? "later"}.` };
  if (status === 409 && connection.hasSdkRetries)
    return { kind: "unavailable", advice: `Another request was in the way; try again ${again ?? "later"}.` };
  if (status < 300)
    return { kind: "unavailable", advice: "This is an error, though its status says success; try again later." };
  if (status === 304)
    return { kind: "unavailable", advice: "Nothing was asked that this could answer; a proxy may stand in between." };
  if (status < 400)
    return {
      kind: "credentials",
      advice: "It redirects elsewhere, which is not followed with credentials; check base_url.",
    };
  return { kind: "question", advice: "Change the parameter that it names." };
}

/** What the vendor publishes: whoever else uses the same key takes of it, too. */
function limitOf(connection: Connection, request: VendorRequest): string {
  const { name, rate } = connection.limit(request);
  if (!rate) return "";
  const stretch = rate.seconds === 60 ? "a minute" : `in ${rate.seconds} s`;
  return ` ${name} is ${rate.calls} calls ${stretch}, of all that use it together.`;
}

/** Which call an error is about. */
function subject({ provider, account }: Connection, { method, path }: VendorRequest): string {
  return `${provider} account '${account}': ${method} ${path}`;
}

function details(connection: Connection, { status, headers }: Pick<Told, "status" | "headers">): ErrorDetails {
  const requestId = headers[connection.requestIdHeader];
  return {
    provider: connection.provider,
    integrated_account_id: connection.account,
    status,
    ...(requestId ? { request_id: redacted(requestId, connection) } : {}),
  };
}

function requestIdOf(connection: Connection, headers: Told["headers"], phrase: (id: string) => string): string {
  const requestId = headers[connection.requestIdHeader];
  return requestId ? phrase(redacted(requestId, connection).slice(0, 100)) : "";
}

function bodyShape(text: string, headers: Told["headers"]): string {
  if (text === "") return "nothing";
  return /^\s*</.test(text)
    ? "a web page"
    : `${text.length} characters of ${headers["content-type"] ?? "an unnamed type"}`;
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
