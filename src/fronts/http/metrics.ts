import type { Attributes, Meter } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import type { Telemetry } from "../../telemetry.ts";
import { VERSION } from "../../version.ts";

export interface RequestOutcome {
  method: string;
  route: string;
  status: number;
  seconds: number;
}

/** Why a request was turned away before it reached what it asked for. */
export type RefusalReason =
  | "auth"
  | "host"
  | "origin"
  | "rate"
  | "concurrency"
  | "connections"
  | "draining"
  | "size"
  | "slow"
  | "malformed";

/** What `/metrics` shows: counts of what went in and out, by route, provider and outcome; no account, person or secret. */
export interface Metrics extends Telemetry {
  readonly contentType: string;
  /** Begins a request; the returned function ends it. */
  request(): (outcome: RequestOutcome) => void;
  refused(reason: RefusalReason): void;
  /** The Prometheus text format. */
  text(): Promise<string>;
}

/** Collected when it is asked for: there is no server, no timer and no global provider behind it. */
class OnDemand extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

/** Seconds. From what is answered out of memory to a call that takes all the time it is given. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const VENDOR_BUCKETS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Each call has meters of its own. Labels come from short lists: methods, routes, statuses, providers, tools, kinds. */
export function createMetrics(): Metrics {
  const reader = new OnDemand();
  const meter = new MeterProvider({ readers: [reader] }).getMeter("usage-mcp");
  const counter = (name: string, description: string) => meter.createCounter(`usage_mcp_${name}`, { description });
  const histogram = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(`usage_mcp_${name}`, { description, advice: { explicitBucketBoundaries } });

  const requests = counter("http_requests_total", "HTTP requests answered; status 499: the client went away before.");
  const durations = histogram(
    "http_request_duration_seconds",
    "From the head of a request to the end of its answer.",
    REQUEST_BUCKETS,
  );
  const inFlight = meter.createUpDownCounter("usage_mcp_http_requests_in_flight", {
    description: "HTTP requests being answered.",
  });
  const refusals = counter("refused_total", "Requests turned away at the door, by reason.");
  const toolCalls = counter("tool_calls_total", "MCP tool calls, by what came of them: ok, or a kind of error.");
  const errors = counter("errors_total", "Errors answered to callers, by kind; internal: a bug.");
  const vendorRequests = counter("vendor_requests_total", "Requests to vendors; status none: no whole answer came.");
  const vendorDurations = histogram(
    "vendor_request_duration_seconds",
    "From a request to a vendor to the end of its answer.",
    VENDOR_BUCKETS,
  );
  const retries = counter("vendor_retries_total", "Requests to vendors that were sent again.");
  const waits = counter("vendor_wait_seconds_total", "Time waited before vendors were asked again.");
  const caches = counter("cache_total", "Look-ups in what is kept, by outcome: hit or miss.");
  observeProcess(meter);

  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  return {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    request: () => {
      inFlight.add(1);
      return ({ method, route, status, seconds }) => {
        inFlight.add(-1);
        const known = METHODS.includes(method) ? method : "other";
        requests.add(1, { method: known, route, status });
        durations.record(seconds, { method: known, route });
      };
    },
    refused: (reason) => refusals.add(1, { reason }),
    toolCall: (tool, outcome) => toolCalls.add(1, { tool, outcome }),
    failure: (kind) => errors.add(1, { kind }),
    vendorCall: (provider, status, seconds) => {
      vendorRequests.add(1, { provider, status });
      vendorDurations.record(seconds, { provider });
    },
    vendorRetry: (provider) => retries.add(1, { provider }),
    vendorWait: (provider, seconds) => waits.add(seconds, { provider }),
    cache: (cache, provider, hit) => caches.add(1, { cache, outcome: hit ? "hit" : "miss", provider }),
    text: async () => {
      const { resourceMetrics, errors: faults } = await reader.collect();
      if (faults.length > 0) throw new AggregateError(faults, "Metrics could not be collected.");
      return serializer.serialize(resourceMetrics);
    },
  };
}

/** Under the names that Prometheus' own client libraries give them, so that usual dashboards find them. */
function observeProcess(meter: Meter): void {
  const gauge = (name: string, description: string, read: () => number, attributes: Attributes = {}) =>
    meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read(), attributes));
  meter
    .createObservableCounter("process_cpu_seconds_total", { description: "CPU time of the process, user and system." })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe((user + system) / 1e6);
    });
  gauge("process_resident_memory_bytes", "Resident memory of the process.", () => process.memoryUsage.rss());
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge("process_start_time_seconds", "When the process started, in seconds since the Unix epoch.", () => startedAt);
  gauge("usage_mcp_build_info", "Always 1; the version is in its label.", () => 1, { version: VERSION });
}
