import { LRUCache } from "lru-cache";
import type { AnswerStore, KeptAnswer, Key } from "./kept-answer.ts";

/** What an answer takes besides its body, address and headers: objects, the entry itself. */
const OVERHEAD = 2_048;
const HEADER_OVERHEAD = 48;

/** Answers in memory, at most so many bytes of them: the least lately used goes first. */
export class MemoryStore implements AnswerStore {
  readonly #answers: LRUCache<string, KeptAnswer>;

  constructor(bytes: number) {
    this.#answers = new LRUCache({
      maxSize: bytes,
      // One answer must not push out all others.
      maxEntrySize: Math.max(OVERHEAD, Math.floor(bytes / 4)),
      sizeCalculation: sizeOf,
    });
  }

  async get({ name }: Key): Promise<KeptAnswer | undefined> {
    return this.#answers.get(name);
  }

  async set({ name }: Key, answer: KeptAnswer, seconds: number): Promise<void> {
    this.#answers.set(name, { ...answer, raw: ownBytes(answer.raw) }, { ttl: seconds * 1000 });
  }

  async close(): Promise<void> {
    this.#answers.clear();
  }
}

function sizeOf({ raw, url, headers }: KeptAnswer): number {
  let size = OVERHEAD + raw.length + url.length;
  for (const [name, value] of Object.entries(headers)) size += HEADER_OVERHEAD + name.length + value.length;
  return size;
}

/** A small buffer is a piece of a larger one, which would be held with it. */
function ownBytes(raw: Buffer): Buffer {
  if (raw.buffer.byteLength <= raw.length + OVERHEAD) return raw;
  const own = Buffer.allocUnsafeSlow(raw.length);
  raw.copy(own);
  return own;
}
