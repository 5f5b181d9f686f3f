import type { Log } from "../log.ts";
import type { Instant } from "../usage/period.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { CacheConfig } from "./config.ts";
import type { AnswerStore } from "./kept-answer.ts";
import { MemoryStore } from "./memory-store.ts";
import { SealedStore } from "./sealed-store.ts";

const MIB = 1024 * 1024;

/**
 * The cache that a configuration asks for: memory, then the folder, then Redis. What writes to a disk or a server is loaded and
 * opened with the first answer that is looked for there.
 */
export function openCache(config: CacheConfig, clock: () => Instant, log: Log): AnswerCache {
  const { memoryMb, openSeconds, folder, redis } = config;
  const stores: AnswerStore[] = [];
  if (memoryMb > 0) stores.push(new MemoryStore(memoryMb * MIB));
  if (folder) {
    const open = async () => {
      const { DiskStore } = await import("./disk-store.ts");
      return new DiskStore(folder.path, folder.mb * MIB, log);
    };
    stores.push(new SealedStore("folder", open, log));
  }
  if (redis) {
    const open = async () => {
      const { RedisStore } = await import("./redis-store.ts");
      return new RedisStore(redis);
    };
    stores.push(new SealedStore("redis", open, log));
  }
  return new AnswerCache(stores, clock, { openSeconds });
}
