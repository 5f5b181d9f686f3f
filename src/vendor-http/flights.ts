import { setMaxListeners } from "node:events";
import type { UsageError } from "../errors.ts";
import type { Instant } from "../usage/period.ts";
import type { Connection } from "./connection.ts";
import { noTimeLeft, wontWait } from "./failure.ts";
import { calledOff, secondsLeft, type VendorCall, type Wait } from "./vendor-call.ts";

/** Begins what the waiting callers share, under a signal of its own: it ends when nobody waits any more. */
export type Begin<Answer> = (call: VendorCall) => Promise<Answer>;

interface Waiter {
  call: VendorCall;
  leave(error: UsageError): void;
}

interface Flight<Answer> {
  connection: Connection;
  /** When it began. */
  at: Instant;
  answer: Promise<Answer>;
  waiters: Set<Waiter>;
  controller: AbortController;
  /** What it waits for, and until when, by `performance.now()`. */
  waits?: Omit<Wait, "seconds"> & { until: number };
}

/**
 * Calls on their way, shared: who asks what is being asked waits for the same answer. Each caller leaves for itself when it is
 * called off or its time won't do; with the last one the call ends.
 */
export class Flights<Answer> {
  readonly #flights = new Map<string, Flight<Answer>>();
  readonly #clock: () => Instant;
  readonly #second: number;

  /** @param second milliseconds that a vendor's second lasts */
  constructor(clock: () => Instant, second: number) {
    this.#clock = clock;
    this.#second = second;
  }

  /** @param notBefore a call that began earlier will not do */
  share(
    name: string,
    connection: Connection,
    call: VendorCall,
    notBefore: Instant,
    begin: Begin<Answer>,
  ): Promise<Answer> {
    if (call.signal.aborted) return Promise.reject(calledOff(call.signal));
    if ((secondsLeft(call, this.#second) ?? 1) <= 0) return Promise.reject(noTimeLeft(connection));
    const known = this.#flights.get(name);
    const flight = known && known.at >= notBefore ? known : this.#begin(name, connection, call, begin);
    return this.#join(name, flight, call);
  }

  #begin(name: string, connection: Connection, call: VendorCall, begin: Begin<Answer>): Flight<Answer> {
    const { signal, caller = signal, requestId } = call;
    const controller = new AbortController();
    const waiters = new Set<Waiter>();
    const shared: VendorCall = {
      signal: controller.signal,
      caller,
      ...(requestId === undefined ? {} : { requestId }),
      get deadline() {
        return latest(waiters);
      },
      waiting: ({ seconds, ...why }) => {
        flight.waits = { until: performance.now() + seconds * this.#second, ...why };
        for (const waiter of waiters) this.#tell(flight, waiter, { seconds, ...why });
      },
    };
    // Not before the first caller is aboard: it has to hear what the call waits for.
    const answer = Promise.resolve().then(() => begin(shared));
    const flight: Flight<Answer> = { connection, at: this.#clock(), answer, waiters, controller };
    this.#flights.set(name, flight);
    const landed = () => this.#forget(name, flight);
    answer.then(landed, landed);
    return flight;
  }

  #join(name: string, flight: Flight<Answer>, call: VendorCall): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { signal } = call;
      const part = () => {
        flight.waiters.delete(waiter);
        signal.removeEventListener("abort", onAbort);
      };
      const leave = (error: UsageError) => {
        part();
        reject(error);
        if (flight.waiters.size > 0) return;
        this.#forget(name, flight);
        flight.controller.abort(error);
      };
      const onAbort = () => leave(calledOff(signal));
      const waiter: Waiter = { call, leave };
      flight.waiters.add(waiter);
      // One caller asks many things at once: that is no leak.
      setMaxListeners(0, signal);
      signal.addEventListener("abort", onAbort, { once: true });
      flight.answer.then(
        (answer) => {
          part();
          resolve(answer);
        },
        (error: unknown) => {
          part();
          reject(error);
        },
      );
      // Who comes later waits for what is left of it.
      const { until = 0, ...why } = flight.waits ?? { reason: "" };
      const left = (until - performance.now()) / this.#second;
      if (left > 0) this.#tell(flight, waiter, { seconds: left, ...why });
    });
  }

  /** Who can't wait so long leaves now, rather than to wait in vain. */
  #tell({ connection }: Flight<Answer>, { call, leave }: Waiter, wait: Wait): void {
    const left = secondsLeft(call, this.#second);
    if (left === undefined || wait.isGuess || wait.seconds <= left) call.waiting?.(wait);
    else leave(wontWait(connection, wait, left));
  }

  #forget(name: string, flight: Flight<Answer>): void {
    if (this.#flights.get(name) === flight) this.#flights.delete(name);
  }
}

/** The call has as much time as the most patient of those who wait for it; undefined: all the time. */
function latest(waiters: ReadonlySet<Waiter>): number | undefined {
  const deadlines = [...waiters].map(({ call }) => call.deadline ?? Number.POSITIVE_INFINITY);
  const last = Math.max(...deadlines);
  return Number.isFinite(last) ? last : undefined;
}
