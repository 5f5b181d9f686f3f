import { expect } from "vitest";
import type { Raw } from "./raw/raw.ts";

/** What a person asks, the one call that a good agent makes of it, and what must come back. */
export interface Question {
  question: string;
  tool: string;
  arguments: Record<string, unknown>;
  /**
   * The members of the answer that the question is about, worked out from the vendors' raw payloads. Lists have exactly
   * these entries in this order; objects may have more members than those named; `undefined` must be absent. Of a
   * question that can't be answered, `refused`: a RegExp of the words that tell the agent why.
   */
  expected(raw: Raw): Promise<Record<string, unknown>> | Record<string, unknown>;
  /** What must be true of the answer's own numbers. @throws when it is not */
  holds?(answer: Record<string, unknown>): void;
}

export const OCTOBER = { start: "2026-10-01", end: "2026-11-01" };
export const SEPTEMBER = { start: "2026-09-01", end: "2026-10-01" };
export const AUGUST = { start: "2026-08-01", end: "2026-09-01" };
export const THIRD_QUARTER = { start: "2026-07-01", end: "2026-10-01" };
export const SECOND_QUARTER = { start: "2026-04-01", end: "2026-07-01" };
export const NOVEMBER = { start: "2026-11-01", end: "2026-12-01" };

/** As answers write periods. */
export function period({ start, end }: { start: string; end: string }) {
  return { start_date: `${start}T00:00:00Z`, end_date: `${end}T00:00:00Z` };
}

/** A list of texts among which is one that matches. */
export function saying(words: RegExp): unknown {
  return expect.arrayContaining([expect.stringMatching(words)]);
}
