import type { Telemetry } from "../../telemetry.ts";

export interface RequestOutcome {
  method: string;
  route: string;
  status: number;
  seconds: number;
}

/** What `/metrics` shows: counts of what went in and out, by route, provider and outcome; no account, person or secret. */
export interface Metrics extends Telemetry {
  readonly contentType: string;
  /** Begins a request; the returned function ends it. */
  request(): (outcome: RequestOutcome) => void;
  /** The Prometheus text format. */
  text(): Promise<string>;
}

export function createMetrics(): Metrics {
  return {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    request: () => () => {},
    text: async () => "",
    vendorCall() {},
    vendorRetry() {},
    vendorWait() {},
    cache() {},
  };
}
