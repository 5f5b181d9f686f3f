import type { Row } from "../usage/row.ts";

/** Drops the index signature of a loose object: what is known by name. */
type Named<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
type TokenKind = keyof Named<NonNullable<NonNullable<Row["usage"]>["tokens"]>>;

/** Every kind of tokens that a row can count, by its field path. */
export const TOKENS: Readonly<Record<`tokens.${TokenKind}`, string>> = {
  "tokens.input":
    "uncached input: what the model read that came from no cache. OpenAI's input_tokens hold cached ones, which are taken out here.",
  "tokens.output": "what the model wrote, its reasoning included where the vendor counts it as output.",
  "tokens.cache_read": "input that was read from the cache, at a lower price.",
  "tokens.cache_write": "input that was written to the cache, in all. Claude splits it by how long it is kept.",
  "tokens.cache_write_ephemeral_5m": "the part of cache_write that is kept for five minutes (Claude).",
  "tokens.cache_write_ephemeral_1h": "the part of cache_write that is kept for an hour (Claude), at a higher price.",
  "tokens.total": "input + cache_read + cache_write + output, for every vendor. Each token is counted once.",
};
