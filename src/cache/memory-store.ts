import { LRUCache } from "lru-cache";
import type { AnswerStore, KeptAnswer, Key } from "./kept-answer.ts";

/** What an answer takes besides its body: headers, address, the entry itself. */
const OVERHEAD = 2_048;

/** Answers in memory, at most so many bytes of them: the least lately used goes first. */
export class MemoryStore implements AnswerStore {
  readonly #answers: LRUCache<string, KeptAnswer>;

  constructor(bytes: number) {
    this.#answers = new LRUCache({
      maxSize: bytes,
      // One answer must not push out all others.
      maxEntrySize: Math.max(OVERHEAD, Math.floor(bytes / 4)),
      sizeCalculation: ({ raw }) => raw.length + OVERHEAD,
    });
  }

  async get({ name }: Key): Promise<KeptAnswer | undefined> {
    return this.#answers.get(name);
  }

  async set({ name }: Key, answer: KeptAnswer, seconds: number): Promise<void> {
    this.#answers.set(name, answer, { ttl: seconds * 1000 });
  }

  async close(): Promise<void> {
    this.#answers.clear();
  }
}
