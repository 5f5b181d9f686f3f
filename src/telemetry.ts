import type { FailureKind } from "./errors.ts";

/**
 * What happens on the way to an answer that an operator counts. The real one feeds /metrics; everywhere else nothing counts.
 * Providers, statuses and outcomes only: never an account, a person or a secret.
 */
export interface Telemetry {
  /** @param status the vendor's HTTP status, or "none" when no whole answer came */
  vendorCall(provider: string, status: number | "none", seconds: number): void;
  vendorRetry(provider: string): void;
  /** Waited before a vendor is asked again. */
  vendorWait(provider: string, seconds: number): void;
  /** Something kept was there (`hit`) or had to be fetched. */
  cache(name: string, provider: string, hit: boolean): void;
  /** A tool was called. @param outcome "ok", or what kind of error it answered */
  toolCall(tool: string, outcome: "ok" | FailureKind): void;
  /** A caller was answered an error, whatever the front. */
  failure(kind: FailureKind): void;
}

export const NO_TELEMETRY: Telemetry = {
  vendorCall() {},
  vendorRetry() {},
  vendorWait() {},
  cache() {},
  toolCall() {},
  failure() {},
};
