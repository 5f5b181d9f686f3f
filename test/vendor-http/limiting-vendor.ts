import type { ServerResponse } from "node:http";
import { type Loopback, startLoopback } from "./loopback.ts";

/** How a vendor counts the calls that it lets in. */
export interface Counter {
  /** Counts a call that came now, or refuses it. */
  admits(now: number): boolean;
}

/** So many calls in each stretch, which begins at fixed instants: `phase` ms after the vendor was started, and so on. */
export class FixedWindow implements Counter {
  readonly #calls: number;
  readonly #ms: number;
  readonly #start: number;
  #window = Number.NaN;
  #used = 0;

  constructor(calls: number, ms: number, phase = 0) {
    this.#calls = calls;
    this.#ms = ms;
    this.#start = performance.now() + phase;
  }

  /** Milliseconds until calls are forgotten. */
  reset(now: number): number {
    return this.#ms - ((((now - this.#start) % this.#ms) + this.#ms) % this.#ms);
  }

  get remaining(): number {
    return Math.max(0, this.#calls - this.#used);
  }

  admits(now: number): boolean {
    const window = Math.floor((now - this.#start) / this.#ms);
    if (window !== this.#window) this.#used = 0;
    this.#window = window;
    // Refused calls count, too: who does not stop is not let in.
    return ++this.#used <= this.#calls;
  }
}

/** So many calls in any stretch. */
export class SlidingWindow implements Counter {
  readonly #calls: number;
  readonly #ms: number;
  #came: number[] = [];

  constructor(calls: number, ms: number) {
    this.#calls = calls;
    this.#ms = ms;
  }

  admits(now: number): boolean {
    this.#came = this.#came.filter((at) => at > now - this.#ms);
    this.#came.push(now);
    return this.#came.length <= this.#calls;
  }
}

export interface LimitingVendor extends Loopback {
  /** Calls of ours, and how many of them were refused. */
  calls: number;
  refused: number;
  /** Bodies of the calls that were let in, in order. */
  seen: unknown[];
}

export interface Limiting {
  counter: Counter;
  answer(path: string, body: Record<string, unknown>): unknown;
  /** Headers of every answer. */
  headers?(now: number): Record<string, string>;
}

/** A vendor that enforces its limit: beyond it, 429. Only paths that `isCounted` are counted. */
export async function startLimitingVendor(
  { counter, answer, headers = () => ({}) }: Limiting,
  isCounted: (path: string) => boolean = () => true,
): Promise<LimitingVendor> {
  const reply = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { "content-type": "application/json", ...headers(performance.now()) });
    response.end(JSON.stringify(body));
  };
  const loopback = await startLoopback(async (response, request) => {
    const path = new URL(request.url ?? "/", "http://vendor").pathname;
    if (isCounted(path)) {
      vendor.calls++;
      if (!counter.admits(performance.now())) {
        vendor.refused++;
        reply(response, 429, { error: "Too Many Requests", message: "Rate limit exceeded. Please try again later." });
        return;
      }
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const body = text === "" ? {} : JSON.parse(text);
    vendor.seen.push(body);
    reply(response, 200, answer(path, body));
  });
  const vendor: LimitingVendor = { ...loopback, calls: 0, refused: 0, seen: [] };
  return vendor;
}
