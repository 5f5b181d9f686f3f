import { UsageError } from "../errors.ts";

/** Why a call stands still, and for how long about. */
export interface Wait {
  seconds: number;
  /** What it waits for, as it stands behind "waiting 12 s for": "Cursor's limit of 20 calls a minute". */
  reason: string;
}

/** On whose behalf a vendor is asked. */
export interface VendorCall {
  signal: AbortSignal;
  /** The caller's request, for logs. */
  requestId?: string;
  /** When the caller's time is over, by `performance.now()`. Absent: it has all the time that the vendor's limits take. */
  deadline?: number;
  /** Told when it has to wait, and every few seconds while it does. */
  waiting?(wait: Wait): void;
}

/** Which answers will do. */
export interface Wish {
  /** None that was kept: the vendor is to be asked. */
  fresh?: boolean;
  /**
   * None that may still change and was given earlier than this. The pages of a listing must not get older on the way, or rows
   * that moved from page to page between two readings would be doubled or lost.
   */
  notBefore?: number;
}

/** Why a call ends unanswered that was given up. Who gave it up may have said why: its time was over. */
export function calledOff({ reason }: AbortSignal, cause?: unknown): UsageError {
  return reason instanceof UsageError ? reason : new UsageError("cancelled", "The call was cancelled.", {}, { cause });
}
