import type { Instant } from "../usage/period.ts";

/** A vendor's answer as it is kept: what it said, and when. */
export interface KeptAnswer {
  at: Instant;
  /** It was asked for after all that it tells had become final. */
  settled: boolean;
  /** Until then it is taken without asking. */
  until: Instant;
  url: string;
  method: string;
  status: number;
  headers: Readonly<Record<string, string>>;
  raw: Buffer;
}

/** Under what an answer is kept. */
export interface Key {
  /** A digest of account, credentials and request, 64 hexadecimal digits: it tells nobody which they are, and is another for every account. */
  name: string;
  /** 32 bytes derived (one way) from the account's credentials: what is written down is sealed with it. */
  secret: Buffer;
}

/**
 * Where answers are kept. Losing one costs a call, nothing else: a store that can't be reached, or holds something broken,
 * says so in the log and knows nothing.
 */
export interface AnswerStore {
  get(key: Key): Promise<KeptAnswer | undefined>;
  /** @param seconds after which it may be forgotten */
  set(key: Key, answer: KeptAnswer, seconds: number): Promise<void>;
  /** Resolves when all that was set is written. */
  close(): Promise<void>;
}
