import type { Instant } from "../usage/period.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { CacheConfig } from "./config.ts";
import { MemoryStore } from "./memory-store.ts";

const MIB = 1024 * 1024;

/** The cache that a configuration asks for. */
export function openCache({ memoryMb, openSeconds }: CacheConfig, clock: () => Instant): AnswerCache {
  const memory = memoryMb > 0 ? [new MemoryStore(memoryMb * MIB)] : [];
  return new AnswerCache(memory, clock, { openSeconds });
}
