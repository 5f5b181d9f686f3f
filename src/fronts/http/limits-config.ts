import * as z from "zod";

/** What one copy takes on. Times in seconds, sizes in bytes. */
export interface Limits {
  /** Calls of one token at a time; more are refused with 429. */
  concurrentCalls: number;
  /** Requests of one token, and of one token to one account, in ten seconds. */
  requestsPerToken: number;
  requestsPerAccount: number;
  bodyBytes: number;
  headerBytes: number;
  /** Until a request must have arrived whole. */
  requestSeconds: number;
  /** Until an answer must have been given; streams may take as long as `streamSeconds`. */
  callSeconds: number;
  streamSeconds: number;
  /** Until a connection is cut whose client asks nothing, or reads nothing of its answer; one that waits for it is left. */
  idleSeconds: number;
  connections: number;
  /** How long new requests are still answered on shutdown, for load balancers that learn of it by asking `/readyz`. */
  drainSeconds: number;
  /** What answers in flight are then given to finish. */
  shutdownSeconds: number;
}

export const USUAL_LIMITS: Limits = {
  concurrentCalls: 20,
  requestsPerToken: 500,
  requestsPerAccount: 50,
  bodyBytes: 1_048_576,
  headerBytes: 16_384,
  requestSeconds: 30,
  callSeconds: 120,
  streamSeconds: 3600,
  idleSeconds: 150,
  connections: 1000,
  drainSeconds: 0,
  shutdownSeconds: 30,
};

const count = z
  .int("must be a whole number")
  .positive("must be a number above 0")
  .max(1_000_000_000, "must be 1000000000 at most");
/** Node's timers hold 24 days; one that is longer would be over at once. */
const LONGEST = 7 * 86_400;
const duration = z.number().max(LONGEST, `must be ${LONGEST} (a week) at most`);
const seconds = duration.positive("must be a number above 0");

export const limitsShape = z.strictObject({
  concurrent_calls: count.optional(),
  requests_per_token: count.optional(),
  requests_per_account: count.optional(),
  body_bytes: count.max(268_435_456, "must be 268435456 (256 MiB) at most").optional(),
  header_bytes: count.min(1024, "must be 1024 at least").max(1_048_576, "must be 1048576 (1 MiB) at most").optional(),
  request_seconds: seconds.optional(),
  call_seconds: seconds.optional(),
  stream_seconds: seconds.optional(),
  idle_seconds: seconds.optional(),
  connections: count.optional(),
  drain_seconds: duration.nonnegative("must not be below 0").optional(),
  shutdown_seconds: seconds.optional(),
});

/** The limits that a config sets, over the usual ones. */
export function readLimits(given: z.infer<typeof limitsShape>): Limits {
  const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...USUAL_LIMITS, ...Object.fromEntries(set.map(([name, value]) => [camel(name), value])) };
}
