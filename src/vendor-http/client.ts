import { setTimeout as sleep } from "node:timers/promises";
import pRetry, { AbortError } from "p-retry";
import type { Agent } from "undici";
import { AnswerCache, type Lasting } from "../cache/answer-cache.ts";
import type { KeptAnswer, Key } from "../cache/kept-answer.ts";
import { type FailureKind, failureKind, UsageError } from "../errors.ts";
import type { Log } from "../log.ts";
import { NO_TELEMETRY, type Telemetry } from "../telemetry.ts";
import { parseExact } from "../usage/exact-json.ts";
import type { Instant } from "../usage/period.ts";
import type { Connection, VendorAnswer, VendorRequest } from "./connection.ts";
import { refused, unreachable } from "./failure.ts";
import { Flights } from "./flights.ts";
import { Pacer, type PacerOptions } from "./pacer.ts";
import { calledOff, type VendorCall, type Wish } from "./vendor-call.ts";

const RETRIES = 3;
/** A longer wait is the caller's to decide: the error says how long. */
const LONGEST_WAIT_SECONDS = 20;
const MAX_BYTES = 256 * 1024 * 1024;

export interface VendorHttpOptions {
  telemetry?: Telemetry;
  /** What is now, for what is kept. */
  clock?: () => Instant;
  /** Absent: nothing is kept. */
  cache?: AnswerCache;
  pace?: PacerOptions;
}

/**
 * The one way out to vendors: takes what is kept, shares what is on its way, paces, times out, retries what can heal, follows
 * no redirect (it would carry the credentials to another host), bounds an answer's size, and turns every failure into an error
 * that says what to do.
 */
export class VendorHttp {
  readonly #log: Log;
  readonly #telemetry: Telemetry;
  readonly #clock: () => Instant;
  readonly #cache: AnswerCache;
  readonly #pacer: Pacer;
  readonly #flights: Flights<VendorAnswer>;
  /** Answers that are not kept yet: only what could be read will be. */
  readonly #unread = new WeakMap<VendorAnswer, Key>();
  #agent: Promise<Agent> | undefined;

  constructor(log: Log, options: VendorHttpOptions = {}) {
    const { telemetry = NO_TELEMETRY, clock = Date.now, pace } = options;
    this.#log = log;
    this.#telemetry = telemetry;
    this.#clock = clock;
    this.#cache = options.cache ?? new AnswerCache([], clock, { openSeconds: 0 });
    this.#pacer = new Pacer(telemetry, pace);
    this.#flights = new Flights(clock);
  }

  /** @throws UsageError (credentials, unavailable, vendor_data, question, cancelled) */
  async ask(connection: Connection, request: VendorRequest, call: VendorCall, wish: Wish = {}): Promise<VendorAnswer> {
    if (call.signal.aborted) throw calledOff(call.signal);
    const key = this.#cache.keyOf(connection, request);
    const kept = await this.#cache.find(key);
    const isGood = kept !== undefined && this.#cache.isGood(kept, wish);
    this.#telemetry.cache("answers", connection.provider, isGood);
    if (isGood) return { ...kept, body: parsed(kept.raw) };
    if (call.signal.aborted) throw calledOff(call.signal);
    const { notBefore = Number.NEGATIVE_INFINITY } = wish;
    return this.#flights.share(key.name, connection, call, notBefore, async (shared) => {
      const answer = await this.#insist(connection, request, shared, kept);
      this.#unread.set(answer, key);
      return answer;
    });
  }

  /** Keeps an answer of the vendor, once it could be read: what is broken must not last. */
  keep(answer: VendorAnswer, lasting: Lasting): void {
    const key = this.#unread.get(answer);
    if (!key) return;
    this.#unread.delete(answer);
    this.#cache.keep(key, answer, lasting);
  }

  /** Resolves when all that was kept is written. */
  close(): Promise<void> {
    return this.#cache.close();
  }

  /** Asks until there is an answer, or none can be hoped for. */
  async #insist(
    connection: Connection,
    request: VendorRequest,
    call: VendorCall,
    kept: KeptAnswer | undefined,
  ): Promise<VendorAnswer> {
    const { signal } = call;
    try {
      return await pRetry(() => this.#once(connection, request, call, kept), {
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

  async #once(
    connection: Connection,
    request: VendorRequest,
    call: VendorCall,
    kept: KeptAnswer | undefined,
  ): Promise<VendorAnswer> {
    const { signal, requestId } = call;
    const url = address(connection, request);
    const turn = await this.#pacer.turn(connection, request, call);
    const at = this.#clock();
    const started = performance.now();
    const known = connection.revalidates?.(request) ? kept?.headers["etag"] : undefined;
    const init: RequestInit = { method: request.method, redirect: "manual", signal };
    init.headers = { ...connection.headers(), ...(known === undefined ? {} : { "if-none-match": known }) };
    if (request.body !== undefined) {
      init.headers = { ...init.headers, "content-type": "application/json" };
      init.body = JSON.stringify(request.body);
    }
    let response: Response;
    let raw: Buffer;
    try {
      const dispatched = Object.assign(init, { dispatcher: await this.#dispatcher() });
      response = await fetch(url, dispatched);
      raw = await readBody(response);
    } catch (error) {
      turn.done(undefined);
      const isCancelled = signal.aborted && failureKind(calledOff(signal)) === "cancelled";
      if (!isCancelled) this.#telemetry.vendorCall(connection.provider, "none", (performance.now() - started) / 1000);
      if (signal.aborted) throw new AbortError(error instanceof Error ? error : String(error));
      throw unreachable(connection, request, error);
    }
    const { status } = response;
    const headers = Object.fromEntries(response.headers);
    turn.done(status, headers);
    this.#telemetry.vendorCall(connection.provider, status, (performance.now() - started) / 1000);
    this.#log.debug(
      {
        request: requestId,
        provider: connection.provider,
        account: connection.account,
        method: request.method,
        path: request.path,
        status,
        bytes: raw.length,
        ms: Math.round(performance.now() - started),
      },
      "vendor call",
    );
    const told = { url: url.href, method: request.method, at, settled: false };
    if (status === 304 && kept && known !== undefined)
      return { ...told, status: kept.status, headers: kept.headers, raw: kept.raw, body: parsed(kept.raw) };
    const text = textOf(raw);
    if (!response.ok) throw refused(connection, request, status, headers, text);
    return { ...told, status, headers, raw, body: parseBody(connection, request, text, headers) };
  }

  /** undici is loaded with the first vendor call: a server that only lists its tools never needs it. */
  #dispatcher(): Promise<Agent> {
    this.#agent ??= import("./dispatcher.ts").then(({ openDispatcher }) => openDispatcher());
    return this.#agent;
  }
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

async function readBody(response: Response): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
    parts.push(chunk);
  }
  return Buffer.concat(parts, size);
}

/** A body that was parsed before. */
function parsed(raw: Buffer): unknown {
  return parseExact(textOf(raw));
}

/** As a decoder reads it, without a byte order mark. */
function textOf(raw: Buffer): string {
  return new TextDecoder().decode(raw);
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
