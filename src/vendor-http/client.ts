import { setTimeout as sleep } from "node:timers/promises";
import pRetry, { AbortError } from "p-retry";
import type { Agent } from "undici";
import { type FailureKind, failureKind, UsageError } from "../errors.ts";
import type { Log } from "../log.ts";
import { NO_TELEMETRY, type Telemetry } from "../telemetry.ts";
import { parseExact } from "../usage/exact-json.ts";
import type { Connection, VendorAnswer, VendorRequest } from "./connection.ts";
import { refused, unreachable } from "./failure.ts";

const RETRIES = 3;
/** A longer wait is the caller's to decide: the error says how long. */
const LONGEST_WAIT_SECONDS = 20;
const MAX_BYTES = 256 * 1024 * 1024;

/** On whose behalf a vendor is asked. */
export interface VendorCall {
  signal: AbortSignal;
  /** The caller's request, for logs. */
  requestId?: string;
}

/**
 * The one way out to vendors: times out, retries what can heal, follows no redirect (it would carry the credentials to
 * another host), bounds an answer's size, and turns every failure into an error that says what to do.
 */
export class VendorHttp {
  readonly #log: Log;
  readonly #telemetry: Telemetry;
  #agent: Promise<Agent> | undefined;

  constructor(log: Log, telemetry: Telemetry = NO_TELEMETRY) {
    this.#log = log;
    this.#telemetry = telemetry;
  }

  /** @throws UsageError (credentials, unavailable, vendor_data, question, cancelled) */
  async ask(connection: Connection, request: VendorRequest, call: VendorCall): Promise<VendorAnswer> {
    const { signal } = call;
    if (signal.aborted) throw calledOff(signal);
    try {
      return await pRetry(() => this.#once(connection, request, call), {
        retries: RETRIES,
        minTimeout: 0,
        maxTimeout: 0,
        signal,
        shouldRetry: async ({ error, attemptNumber }) => {
          if (!heals(error)) return false;
          await this.#wait(connection, request, error, attemptNumber, call);
          return true;
        },
      });
    } catch (error) {
      const failure = signal.aborted ? calledOff(signal, error) : error;
      // A caller that went away is no fault; one whose time was over waited for this vendor.
      if (failureKind(failure) !== "cancelled")
        this.#log.warn({ ...about(connection, request, call, failure), ...wordsOf(failure) }, "vendor call failed");
      throw failure;
    }
  }

  async #wait(
    connection: Connection,
    request: VendorRequest,
    error: Error,
    attempt: number,
    call: VendorCall,
  ): Promise<void> {
    const asked = error instanceof UsageError ? error.details.retry_after : undefined;
    // Jitter on what the vendor leaves open; never earlier than it asked for.
    const seconds = asked ?? 0.5 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    this.#telemetry.vendorRetry(connection.provider);
    this.#telemetry.vendorWait(connection.provider, seconds);
    this.#log.info(
      { ...about(connection, request, call, error), seconds, attempt },
      "vendor call failed, trying again",
    );
    await sleep(seconds * 1000, undefined, { signal: call.signal });
  }

  async #once(connection: Connection, request: VendorRequest, call: VendorCall): Promise<VendorAnswer> {
    const { signal, requestId } = call;
    const url = address(connection, request);
    const started = performance.now();
    const init: RequestInit = { method: request.method, headers: connection.headers(), redirect: "manual", signal };
    if (request.body !== undefined) {
      init.headers = { ...connection.headers(), "content-type": "application/json" };
      init.body = JSON.stringify(request.body);
    }
    const dispatched = Object.assign(init, { dispatcher: await this.#dispatcher() });
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, dispatched);
      text = await readText(response);
    } catch (error) {
      const isCancelled = signal.aborted && failureKind(calledOff(signal)) === "cancelled";
      if (!isCancelled) this.#telemetry.vendorCall(connection.provider, "none", (performance.now() - started) / 1000);
      if (signal.aborted) throw new AbortError(error instanceof Error ? error : String(error));
      throw unreachable(connection, request, error);
    }
    const headers = Object.fromEntries(response.headers);
    this.#telemetry.vendorCall(connection.provider, response.status, (performance.now() - started) / 1000);
    this.#log.debug(
      {
        request: requestId,
        provider: connection.provider,
        account: connection.account,
        method: request.method,
        path: request.path,
        status: response.status,
        bytes: text.length,
        ms: Math.round(performance.now() - started),
      },
      "vendor call",
    );
    if (!response.ok) throw refused(connection, request, response.status, headers, text);
    return {
      url: url.href,
      method: request.method,
      status: response.status,
      headers,
      bytes: text.length,
      body: parseBody(connection, request, text, headers),
    };
  }

  /** undici is loaded with the first vendor call: a server that only lists its tools never needs it. */
  #dispatcher(): Promise<Agent> {
    this.#agent ??= import("./dispatcher.ts").then(({ openDispatcher }) => openDispatcher());
    return this.#agent;
  }
}

/** Why a call ends unanswered that was given up. Who gave it up may have said why: its time was over. */
export function calledOff({ reason }: AbortSignal, cause?: unknown): UsageError {
  return reason instanceof UsageError ? reason : new UsageError("cancelled", "The call was cancelled.", {}, { cause });
}

/** What a log says of a call that failed: whose it was, and under which ids both sides find it. */
function about(connection: Connection, request: VendorRequest, call: VendorCall, error: unknown) {
  const { status, request_id } = error instanceof UsageError ? error.details : {};
  return {
    request: call.requestId,
    provider: connection.provider,
    account: connection.account,
    method: request.method,
    path: request.path,
    status,
    vendor_request: request_id,
  };
}

/** The vendor's own words, without its secrets. About a question they may quote it, and that may hold anything. */
function wordsOf(error: unknown): { kind: FailureKind; error?: string } {
  if (!(error instanceof UsageError) || error.kind === "question") return { kind: failureKind(error) };
  return { kind: error.kind, error: error.message };
}

function heals(error: Error): boolean {
  if (!(error instanceof UsageError) || error.kind !== "unavailable" || error.details.status === 410) return false;
  return (error.details.retry_after ?? 0) <= LONGEST_WAIT_SECONDS;
}

function address(connection: Connection, request: VendorRequest): URL {
  const base = new URL(connection.baseUrl);
  const url = new URL(`${connection.baseUrl}${request.path}`);
  // Paths are ours, never a caller's; this holds should one ever slip through.
  if (url.origin !== base.origin)
    throw new UsageError("vendor_data", "A request was about to leave for a host that its account does not name.");
  for (const [name, value] of request.query ?? []) url.searchParams.append(name, value);
  return url;
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join("");
}

function parseBody(
  connection: Connection,
  request: VendorRequest,
  text: string,
  headers: Record<string, string>,
): unknown {
  try {
    return parseExact(text);
  } catch {
    // A proxy's page or a body cut short: the next try may bring the vendor's own answer. The parser's own words quote the
    // text, which may quote the credentials; they go no further.
    throw new UsageError(
      "unavailable",
      `${connection.provider} account '${connection.account}': ${request.method} ${request.path} was answered with ${describeBody(text, headers)} instead of JSON. A proxy may stand in between, or the answer was cut short; try again.`,
      { provider: connection.provider, integrated_account_id: connection.account },
    );
  }
}

function describeBody(text: string, headers: Record<string, string>): string {
  if (text === "") return "nothing";
  return /^\s*</.test(text)
    ? "a web page"
    : `${text.length} characters of ${headers["content-type"] ?? "an unnamed type"}`;
}
