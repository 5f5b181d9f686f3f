import { UsageError } from "../errors.ts";

/** Why a call stands still, and for how long about. */
export interface Wait {
  seconds: number;
  /** What it waits for, as it stands behind "waiting 12 s for": "Cursor's limit of 20 calls a minute". */
  reason: string;
  /** It hangs on how long others' answers take: worth a word, no reason to give up. */
  isGuess?: boolean;
}

/** On whose behalf a vendor is asked. */
export interface VendorCall {
  signal: AbortSignal;
  /** Whose turn it takes where callers take turns, by identity. Absent: its signal stands for the caller. */
  caller?: object;
  /** The caller's request, for logs. */
  requestId?: string;
  /** When the caller's time is over, by `performance.now()`. Absent: it has all the time that the vendor's limits take. */
  deadline?: number | undefined;
  /** Told when it has to wait, and every few seconds while it does. */
  waiting?(wait: Wait): void;
}

/** The vendor's seconds that a call has left; undefined: all the time. @param second milliseconds that one lasts */
export function secondsLeft({ deadline }: VendorCall, second: number): number | undefined {
  return deadline === undefined ? undefined : (deadline - performance.now()) / second;
}

/** A vendor that asks for a longer pause is not waited for by a call that has all the time: its caller decides. */
const PATIENCE_SECONDS = 90;

/** The seconds for which a call stands still at the most where a vendor asks for it. */
export function patience(call: VendorCall, second: number): number {
  return secondsLeft(call, second) ?? PATIENCE_SECONDS;
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
