import type { Telemetry } from "../telemetry.ts";
import { AccountQueue, type Turn } from "./account-queue.ts";
import type { Connection, VendorRequest } from "./connection.ts";
import type { VendorCall } from "./vendor-call.ts";

/** What passes until a turn is given that nobody has to wait for. */
const WORTH_COUNTING_SECONDS = 0.01;

export interface PacerOptions {
  /** Milliseconds that a vendor's second lasts: fewer where a test simulates its months, none where nothing is waited for. */
  second?: number;
}

/**
 * Sees to it that no account's vendor is asked more often than it takes: budgets per account, shared by all calls of the
 * process, which learn from what the vendor's headers and refusals say.
 *
 * Libraries for this (p-queue, bottleneck, rate-limiter-flexible) were looked at: they read no vendor's headers and can't say
 * how long a wait will be.
 */
export class Pacer {
  readonly #telemetry: Telemetry;
  readonly #second: number;
  readonly #accounts = new Map<string, AccountQueue>();

  constructor(telemetry: Telemetry, { second = 1000 }: PacerOptions = {}) {
    this.#telemetry = telemetry;
    this.#second = second;
  }

  /** Resolves when the request may leave. The call is told how long that takes. @throws UsageError (cancelled, unavailable) */
  async turn(connection: Connection, request: VendorRequest, call: VendorCall): Promise<Turn> {
    const { provider, account } = connection;
    const key = JSON.stringify([provider, account]);
    const queue = this.#accounts.get(key) ?? new AccountQueue(this.#second);
    this.#accounts.set(key, queue);
    const turn = await queue.turn(connection, request, call);
    if (turn.waited > WORTH_COUNTING_SECONDS) this.#telemetry.vendorWait(provider, turn.waited);
    return turn;
  }
}
