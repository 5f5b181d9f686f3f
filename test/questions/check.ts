import { encode } from "gpt-tokenizer";
import { expect } from "vitest";
import type { Answer } from "../e2e/hosts.ts";

/** What an agent can take in of one answer. */
export const MOST_TOKENS = 8000;

/** Compares an answer with what was worked out apart from it. @returns its size in tokens */
export function check({ text, structured, isError }: Answer, wanted: Record<string, unknown>): number {
  const tokens = encode(text).length;
  expect(tokens).toBeLessThanOrEqual(MOST_TOKENS);
  if (wanted["refused"] instanceof RegExp) {
    expect(isError).toBe(true);
    expect(text).toMatch(wanted["refused"]);
    return tokens;
  }
  expect(isError, text).toBe(false);
  const entries = Object.entries(wanted);
  expect(structured).toMatchObject(Object.fromEntries(entries.filter(([, value]) => value !== undefined)));
  for (const [name, value] of entries) if (value === undefined) expect(structured, name).not.toHaveProperty(name);
  return tokens;
}

/** Lines of a table: how large each answer is. */
export function sized(tokens: number, question: string): string {
  return `${String(tokens).padStart(5)}  ${question}`;
}
