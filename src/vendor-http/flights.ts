import { UsageError } from "../errors.ts";
import type { Instant } from "../usage/period.ts";
import type { Connection } from "./connection.ts";
import { calledOff, type VendorCall, type Wait } from "./vendor-call.ts";

/** Begins what the waiting callers share, under a signal of its own: it ends when nobody waits any more. */
export type Begin<Answer> = (call: VendorCall) => Promise<Answer>;

interface Waiter {
  call: VendorCall;
  connection: Connection;
  leave(error: UsageError): void;
}

interface Flight<Answer> {
  /** When it began. */
  at: Instant;
  answer: Promise<Answer>;
  waiters: Set<Waiter>;
  controller: AbortController;
}

/**
 * Calls on their way, shared: who asks what is being asked waits for the same answer. Each caller leaves for itself when it is
 * called off or its time won't do; with the last one the call ends.
 */
export class Flights<Answer> {
  readonly #flights = new Map<string, Flight<Answer>>();
  readonly #clock: () => Instant;

  constructor(clock: () => Instant) {
    this.#clock = clock;
  }

  /** @param notBefore a call that began earlier will not do */
  share(
    name: string,
    connection: Connection,
    call: VendorCall,
    notBefore: Instant,
    begin: Begin<Answer>,
  ): Promise<Answer> {
    const known = this.#flights.get(name);
    const flight = known && known.at >= notBefore ? known : this.#begin(name, call, begin);
    return this.#join(name, flight, connection, call);
  }

  #begin(name: string, { requestId }: VendorCall, begin: Begin<Answer>): Flight<Answer> {
    const controller = new AbortController();
    const waiters = new Set<Waiter>();
    const waiting = (wait: Wait) => {
      for (const waiter of waiters) tell(waiter, wait);
    };
    const about = requestId === undefined ? {} : { requestId };
    const flight = {
      at: this.#clock(),
      answer: begin({ signal: controller.signal, waiting, ...about }),
      waiters,
      controller,
    };
    this.#flights.set(name, flight);
    const landed = () => this.#forget(name, flight);
    flight.answer.then(landed, landed);
    return flight;
  }

  #join(name: string, flight: Flight<Answer>, connection: Connection, call: VendorCall): Promise<Answer> {
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
      const waiter: Waiter = { call, connection, leave };
      flight.waiters.add(waiter);
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
    });
  }

  #forget(name: string, flight: Flight<Answer>): void {
    if (this.#flights.get(name) === flight) this.#flights.delete(name);
  }
}

/** Who can't wait so long leaves now, rather than to wait in vain. */
function tell({ call, connection, leave }: Waiter, wait: Wait): void {
  const left = call.deadline === undefined ? Number.POSITIVE_INFINITY : (call.deadline - performance.now()) / 1000;
  if (wait.seconds <= left) {
    call.waiting?.(wait);
    return;
  }
  const { provider, account } = connection;
  const seconds = Math.ceil(wait.seconds);
  leave(
    new UsageError(
      "unavailable",
      `${provider} account '${account}': it would take ${seconds} s of waiting for ${wait.reason}, and this call has ${Math.max(0, Math.floor(left))} s left. Ask again in ${seconds} s, or for a shorter period.`,
      { provider, integrated_account_id: account, retry_after: wait.seconds },
    ),
  );
}
