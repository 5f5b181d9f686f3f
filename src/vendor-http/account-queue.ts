import type { UsageError } from "../errors.ts";
import { Budget, type Counted } from "./budget.ts";
import type { Connection, VendorRequest } from "./connection.ts";
import { wontWait } from "./failure.ts";
import { FairQueue } from "./fair-queue.ts";
import { calledOff, patience, type VendorCall, type Wait } from "./vendor-call.ts";

/** Who waits is told after this long, and as often again. */
const TELL_SECONDS = 5;
/** A shorter wait is not worth a word. */
const WORTH_TELLING_SECONDS = 1;
/** How much an answer that took longer or shorter weighs in how long the next is thought to take. */
const NEWEST_WEIGHT = 0.2;

/** A request's place on its way to the vendor. */
export interface Turn {
  /**
   * The vendor was asked and answered, or did not. To be called once.
   * @param headers in lower case
   * @returns after a refusal the seconds for which it is not asked again, where it or its limit says how long
   */
  done(status: number | undefined, headers?: Readonly<Record<string, string>>): number | undefined;
  /** Seconds that it waited. */
  readonly waited: number;
}

interface Waiter {
  connection: Connection;
  budget: Budget;
  go(): void;
}

/** The requests to one account's vendor: as many on their way at once, and as often, as it takes; the others wait in turns. */
export class AccountQueue {
  readonly #second: number;
  readonly #budgets = new Map<string, Budget>();
  readonly #waiting = new FairQueue<Waiter>();
  #flying = 0;
  /** Milliseconds that an answer takes about. */
  #usual = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param second milliseconds that a vendor's second lasts */
  constructor(second: number) {
    this.#second = second;
  }

  /** Resolves when the request may leave. @throws UsageError when the call is given up meanwhile, or would wait too long */
  turn(connection: Connection, request: VendorRequest, call: VendorCall): Promise<Turn> {
    const { signal } = call;
    if (signal.aborted) return Promise.reject(calledOff(signal));
    const budget = this.#budgetOf(connection, request);
    const joined = performance.now();
    return new Promise((resolve, reject) => {
      const caller = call.caller ?? signal;
      let isWaiting = true;
      const end = () => {
        isWaiting = false;
        clearInterval(telling);
        signal.removeEventListener("abort", onAbort);
        this.#waiting.remove(caller, waiter);
      };
      const giveUp = (error: unknown) => {
        end();
        reject(error);
        this.#next();
      };
      const onAbort = () => giveUp(calledOff(signal));
      const waiter: Waiter = {
        connection,
        budget,
        go: () => {
          end();
          resolve(this.#leave(connection, budget, joined));
        },
      };
      const tell = () => {
        const tooLong = this.#refusesFor(waiter, call);
        if (tooLong) {
          giveUp(tooLong);
          return;
        }
        const wait = this.#waitOf(waiter);
        if (wait.seconds > WORTH_TELLING_SECONDS) call.waiting?.(wait);
      };
      const telling = setInterval(tell, Math.max(1, TELL_SECONDS * this.#second));
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(caller, waiter);
      this.#next();
      if (isWaiting) tell();
    });
  }

  #budgetOf(connection: Connection, request: VendorRequest): Budget {
    const limit = connection.limit(request);
    const known = this.#budgets.get(limit.name);
    if (known) return known;
    const budget = new Budget(limit, this.#second);
    this.#budgets.set(limit.name, budget);
    return budget;
  }

  #leave(connection: Connection, budget: Budget, joined: number): Turn {
    const left = performance.now();
    const counted: Counted = budget.leave(left);
    this.#flying++;
    return {
      waited: this.#seconds(left - joined),
      done: (status, headers) => {
        const now = performance.now();
        this.#flying--;
        this.#usual += (now - left - this.#usual) * (this.#usual === 0 ? 1 : NEWEST_WEIGHT);
        const pause = budget.landed(counted, now, connection, status, headers);
        this.#next();
        return pause;
      },
    };
  }

  /** Lets go who may, and wakes up when the next one may. */
  #next(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    for (;;) {
      const waiter = this.#waiting.take(
        ({ budget, connection }) => this.#flying < connection.concurrency && budget.isOpen(now),
      );
      if (!waiter) break;
      waiter.go();
    }
    const later = [...this.#waiting.inTurn()].map(({ budget }) => budget.opensAt(now)).filter((at) => at > now);
    // Those that may go already wait for an answer, which lets them.
    if (later.length > 0)
      this.#timer = setTimeout(() => this.#next(), Math.max(1, Math.ceil(Math.min(...later) - now)));
  }

  /** What is left of a wait, should nobody else join. */
  #waitOf(waiter: Waiter): Wait {
    const { budget, connection } = waiter;
    let ahead = 0;
    let aheadOfBudget = 0;
    for (const other of this.#waiting.inTurn()) {
      if (other === waiter) break;
      ahead++;
      if (other.budget === budget) aheadOfBudget++;
    }
    const now = performance.now();
    const limited = budget.opensAt(now, aheadOfBudget) - now;
    const { concurrency, provider } = connection;
    const queued = Math.ceil((ahead + 1) / concurrency) * this.#usual;
    if (limited >= queued) return { seconds: this.#seconds(limited), reason: budget.describe() };
    const before = ahead + this.#flying;
    return {
      seconds: this.#seconds(queued),
      reason: `${before} ${before === 1 ? "call" : "calls"} of others before it (${provider} is asked ${concurrency} at a time)`,
      isGuess: true,
    };
  }

  /** A vendor that wants to be left alone for longer than a caller has patience for. */
  #refusesFor({ budget, connection }: Waiter, call: VendorCall): UsageError | undefined {
    const seconds = this.#seconds(budget.blockedUntil() - performance.now());
    if (seconds <= patience(call, this.#second)) return undefined;
    return wontWait(connection, { seconds, reason: budget.describe() });
  }

  #seconds(milliseconds: number): number {
    return this.#second > 0 ? milliseconds / this.#second : 0;
  }
}
