import { UsageError } from "../errors.ts";

/** The time that a call has: its end, and what ends the call then. */
export interface TimeLimit {
  /** By `performance.now()`. */
  deadline: number;
  /** Aborted when time is over (the reason says so), or by `end`. */
  signal: AbortSignal;
  /** The call is over, or nobody waits for it any more. */
  end(): void;
}

export function timeLimit(seconds: number): TimeLimit {
  const controller = new AbortController();
  const late = () =>
    controller.abort(
      new UsageError(
        "unavailable",
        `There was no whole answer within ${seconds} s. Ask for a shorter period, fewer accounts, or a smaller page.`,
      ),
    );
  const timer = setTimeout(late, seconds * 1000).unref();
  const end = () => {
    clearTimeout(timer);
    controller.abort();
  };
  return { deadline: performance.now() + seconds * 1000, signal: controller.signal, end };
}
