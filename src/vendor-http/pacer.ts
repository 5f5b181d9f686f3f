import type { Telemetry } from "../telemetry.ts";
import type { Connection, VendorRequest } from "./connection.ts";
import type { VendorCall } from "./vendor-call.ts";

/** A request's place on its way to the vendor. */
export interface Turn {
  /** The vendor was asked and answered, or did not. @param headers in lower case; absent when no answer came */
  done(status: number | undefined, headers?: Readonly<Record<string, string>>): void;
}

export interface PacerOptions {
  /** Milliseconds that a vendor's second lasts: fewer where a test simulates its months. */
  second?: number;
}

/**
 * Sees to it that no account's vendor is asked more often than it takes: a budget per account and limit, shared by all calls of
 * the process, which learns from what the vendor's headers say.
 */
export class Pacer {
  constructor(_telemetry: Telemetry, _options: PacerOptions = {}) {}

  /** Resolves when the request may leave. The call is told how long that takes. */
  async turn(_connection: Connection, _request: VendorRequest, _call: VendorCall): Promise<Turn> {
    return { done() {} };
  }
}
