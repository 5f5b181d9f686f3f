import { AbortError } from "p-retry";
import { AnswerCache, type Lasting } from "../cache/answer-cache.ts";
import type { KeptAnswer, Key } from "../cache/kept-answer.ts";
import { type FailureKind, failureKind, UsageError } from "../errors.ts";
import type { Log } from "../log.ts";
import { NO_TELEMETRY, type Telemetry } from "../telemetry.ts";
import { parseExact } from "../usage/exact-json.ts";
import type { Instant } from "../usage/period.ts";
import type { Turn } from "./account-queue.ts";
import { type Bounds, USUAL_BOUNDS } from "./bounds.ts";
import type { Connection, VendorAnswer, VendorRequest } from "./connection.ts";
import { Flights } from "./flights.ts";
import { Pacer, type PacerOptions } from "./pacer.ts";
import { readAnswer, unanswered } from "./read-answer.ts";
import { withoutSecrets } from "./redaction.ts";
import { insist } from "./retry.ts";
import { address, type RawAnswer, Transport } from "./transport.ts";
import { calledOff, type VendorCall, type Wish } from "./vendor-call.ts";

export interface VendorHttpOptions {
  telemetry?: Telemetry;
  /** What is now, for what is kept. */
  clock?: () => Instant;
  /** Absent: nothing is kept. */
  cache?: AnswerCache;
  pace?: PacerOptions;
  /** Absent: the usual ones. */
  bounds?: Partial<Bounds>;
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
  readonly #transport: Transport;
  readonly #second: number;

  constructor(log: Log, options: VendorHttpOptions = {}) {
    const { telemetry = NO_TELEMETRY, clock = Date.now, pace = {}, bounds } = options;
    this.#log = log;
    this.#telemetry = telemetry;
    this.#clock = clock;
    this.#cache = options.cache ?? new AnswerCache([], clock, { openSeconds: 0 });
    this.#second = pace.second ?? 1000;
    this.#pacer = new Pacer(telemetry, { second: this.#second });
    this.#flights = new Flights(clock, this.#second);
    this.#transport = new Transport({ ...USUAL_BOUNDS, ...bounds });
  }

  /** @throws UsageError (credentials, unavailable, vendor_data, question, cancelled) */
  async ask(connection: Connection, request: VendorRequest, call: VendorCall, wish: Wish = {}): Promise<VendorAnswer> {
    if (call.signal.aborted) throw calledOff(call.signal);
    const key = this.#cache.keyOf(connection, request);
    const kept = await this.#cache.find(key, wish);
    const isGood = kept !== undefined && this.#cache.isGood(kept, wish);
    this.#telemetry.cache("answers", connection.provider, isGood);
    if (isGood) return { ...kept, kept: true, body: parsed(kept.raw) };
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
    const { provider, account } = connection;
    try {
      const url = address(connection, request);
      return await insist(() => this.#once(url, connection, request, call, kept), {
        call,
        second: this.#second,
        reason: `another try at ${provider} account '${account}', which has a fault`,
        again: (error, seconds, attempt) => {
          this.#telemetry.vendorRetry(provider);
          // After throttling the next turn waits, and counts that itself.
          if (error.details.status !== 429) this.#telemetry.vendorWait(provider, seconds);
          const said = { ...about(connection, request, call, error), seconds, attempt };
          this.#log.info(said, "vendor call failed, trying again");
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

  async #once(
    url: URL,
    connection: Connection,
    request: VendorRequest,
    call: VendorCall,
    kept: KeptAnswer | undefined,
  ): Promise<VendorAnswer> {
    const turn = await this.#turn(connection, request, call);
    const at = this.#clock();
    const known = connection.revalidates?.(request) ? kept?.headers["etag"] : undefined;
    const { answer, pause } = await this.#exchange(url, connection, request, call, turn, known);
    const { status, headers, raw } = answer;
    const told = { url: url.href, method: request.method, at, settled: false, kept: false };
    if (status === 304 && kept && known !== undefined)
      return { ...told, status: kept.status, headers: kept.headers, raw: kept.raw, body: parsed(kept.raw) };
    return { ...told, ...answer, body: readAnswer(connection, request, { status, headers, text: textOf(raw), pause }) };
  }

  /** A pause that is longer than the call has patience for is its end. */
  async #turn(connection: Connection, request: VendorRequest, call: VendorCall): Promise<Turn> {
    try {
      return await this.#pacer.turn(connection, request, call);
    } catch (error) {
      throw new AbortError(error instanceof Error ? error : String(error));
    }
  }

  async #exchange(
    url: URL,
    connection: Connection,
    request: VendorRequest,
    call: VendorCall,
    turn: Turn,
    etag: string | undefined,
  ): Promise<{ answer: RawAnswer; pause: number | undefined }> {
    const { signal } = call;
    const { provider } = connection;
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    let answer: RawAnswer;
    try {
      const told = await this.#transport.exchange(url, requestInit(connection, request, etag), signal);
      answer = withoutSecrets(told, connection);
    } catch (error) {
      turn.done(undefined);
      const isCancelled = signal.aborted && failureKind(calledOff(signal)) === "cancelled";
      if (!isCancelled) this.#telemetry.vendorCall(provider, "none", seconds());
      if (signal.aborted) throw new AbortError(error instanceof Error ? error : String(error));
      throw unanswered(connection, request, error);
    }
    const { status, headers, raw } = answer;
    const pause = turn.done(status, headers);
    this.#telemetry.vendorCall(provider, status, seconds());
    const took = { status, bytes: raw.length, ms: Math.round(1000 * seconds()) };
    this.#log.debug({ ...about(connection, request, call), ...took }, "vendor call");
    return { answer, pause };
  }
}

/** What a log says of a call: whose it was, and under which ids both sides find it. */
function about({ provider, account }: Connection, { method, path }: VendorRequest, call: VendorCall, error?: unknown) {
  const { status, request_id } = error instanceof UsageError ? error.details : {};
  return { request: call.requestId, provider, account, method, path, status, vendor_request: request_id };
}

/** The vendor's own words, without its secrets. About a question they may quote it, and that may hold anything. */
function wordsOf(error: unknown): { kind: FailureKind; error?: string } {
  if (!(error instanceof UsageError) || error.kind === "question") return { kind: failureKind(error) };
  return { kind: error.kind, error: error.message };
}

function requestInit(connection: Connection, request: VendorRequest, etag: string | undefined): RequestInit {
  const { method, body } = request;
  const headers = connection.headers();
  if (etag !== undefined) headers["if-none-match"] = etag;
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** A body that was parsed before. */
function parsed(raw: Buffer): unknown {
  return parseExact(textOf(raw));
}

/** As a decoder reads it, without a byte order mark. */
function textOf(raw: Buffer): string {
  return new TextDecoder().decode(raw);
}
