import { setTimeout as sleep } from "node:timers/promises";
import pRetry, { AbortError } from "p-retry";
import { UsageError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { saysRetry } from "./retry-after.ts";
import { TooSlow } from "./transport.ts";
import { patience, type VendorCall } from "./vendor-call.ts";

/** How often an error of a kind is tried again. Throttling is five tries in all, each after the pause that the vendor asks for. */
const TRIES_AGAIN = { throttled: 4, slow: 1, fault: 3 };
type Trouble = keyof typeof TRIES_AGAIN;

const FIRST_PAUSE_SECONDS = 0.5;
const LONGEST_PAUSE_SECONDS = 8;
const WORTH_TELLING_SECONDS = 1;

export interface Insistence {
  /** For people: "waiting 12 s for ...". */
  reason: string;
  call: VendorCall;
  /** Milliseconds that a vendor's second lasts. */
  second: number;
  /** Told before each further try. @param attempt which one failed, from 1 */
  again(error: UsageError, seconds: number, attempt: number): void;
}

/**
 * Tries until there is an answer, or none can be hoped for in the time that the call has.
 * @param once throws what can heal as it is, what can't in p-retry's AbortError; a 429 it lets everybody of the account wait for
 */
export function insist<Answer>(once: () => Promise<Answer>, insistence: Insistence): Promise<Answer> {
  const { reason, call, second, again } = insistence;
  const left = { ...TRIES_AGAIN };
  return pRetry(once, {
    retries: TRIES_AGAIN.throttled + TRIES_AGAIN.slow + TRIES_AGAIN.fault,
    minTimeout: 0,
    maxTimeout: 0,
    signal: call.signal,
    shouldRetry: async ({ error, attemptNumber }) => {
      // Anything else is a fault of ours.
      if (!(error instanceof UsageError)) return false;
      const trouble = troubleOf(error);
      if (left[trouble] === 0) return false;
      left[trouble]--;
      const seconds = error.details.retry_after ?? ownPause(TRIES_AGAIN[trouble] - left[trouble]);
      if (seconds > patience(call, second)) return false;
      again(error, seconds, attemptNumber);
      // Its next turn comes after the pause.
      if (trouble === "throttled") return true;
      if (seconds > WORTH_TELLING_SECONDS) call.waiting?.({ seconds, reason });
      await sleep(seconds * second, undefined, { signal: call.signal });
      return true;
    },
  });
}

/** No further try mends these, whatever the vendor says. */
const HOPELESS = [401, 403, 410];

/** A refusal as `insist` takes it. @param headers in lower case */
export function judged(error: UsageError, connection: Connection, headers: Readonly<Record<string, string>>): Error {
  const { status } = error.details;
  if (status !== undefined && HOPELESS.includes(status)) return new AbortError(error);
  const isWorthIt = saysRetry(connection, headers) ?? error.kind === "unavailable";
  return isWorthIt ? error : new AbortError(error);
}

function troubleOf({ cause, details }: UsageError): Trouble {
  if (cause instanceof TooSlow) return "slow";
  return details.status === 429 ? "throttled" : "fault";
}

/** Growing, with jitter, so that those who failed together don't come back together. */
function ownPause(attempt: number): number {
  const longest = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempt - 1));
  return longest * (0.5 + Math.random() / 2);
}
