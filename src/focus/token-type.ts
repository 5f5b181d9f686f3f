import type { Usage } from "../usage/row.ts";

/** What stands at the end of a metric's name for a kind of tokens, and its unified name. */
const KINDS: ReadonlyMap<string, string> = new Map([
  // Claude: tokens.uncached_input_tokens, tokens.cache_creation.ephemeral_5m_input_tokens
  ["uncached input", "input"],
  ["cache read input", "cache_read"],
  ["ephemeral 5m input", "cache_write_ephemeral_5m"],
  ["ephemeral 1h input", "cache_write_ephemeral_1h"],
  // OpenAI: `gpt-5.5, cached input`, spelled input_tokens too
  ["input", "input"],
  ["cached input", "cache_read"],
  ["output", "output"],
]);

/** The kind of tokens that a row's cost is of, where its metric says so. */
export function tokenTypeOf({ metric_name, model }: Usage): string | null {
  if (metric_name === undefined || !model) return null;
  const [word = ""] = metric_name.split(/, |\./).slice(-1);
  return KINDS.get(word.replaceAll("_", " ").replace(/ tokens$/, "")) ?? null;
}
