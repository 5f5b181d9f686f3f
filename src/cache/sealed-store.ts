import type { Log } from "../log.ts";
import type { AnswerStore, KeptAnswer, Key } from "./kept-answer.ts";
import { seal, unseal } from "./sealed.ts";

/** Bytes under names, outside of the process. Any of it may fail. */
export interface ByteStore {
  /** Nothing larger is worth keeping there, in bytes. */
  readonly largest: number;
  get(name: string): Promise<Buffer | undefined>;
  set(name: string, bytes: Buffer, seconds: number): Promise<void>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Bodies, in bytes, that wait to be written: a slow disk must not fill the memory. */
const MOST_WAITING = 64 * 1024 * 1024;
/** Whoever is away stays away for a while; to say so once is enough. */
const QUIET_MS = 60_000;

/** Answers kept outside of the process: nobody reads or changes them there, and what fails there is told to the log only. */
export class SealedStore implements AnswerStore {
  readonly #store: string;
  readonly #open: () => Promise<ByteStore>;
  readonly #log: Log;
  #bytes: Promise<ByteStore> | undefined;
  #waiting = 0;
  #quietUntil = Number.NEGATIVE_INFINITY;

  /** @param store what the log calls it */
  constructor(store: string, open: () => Promise<ByteStore>, log: Log) {
    this.#store = store;
    this.#open = open;
    this.#log = log;
  }

  async get(key: Key): Promise<KeptAnswer | undefined> {
    const { name } = key;
    try {
      const bytes = await this.#opened();
      const sealed = await bytes.get(name);
      if (!sealed) return undefined;
      const answer = await unseal(key, sealed);
      if (answer) return answer;
      this.#log.debug({ store: this.#store, name }, "a kept answer does not open; it is removed");
      await bytes.remove(name);
    } catch (error) {
      this.#failed(error);
    }
    return undefined;
  }

  async set(key: Key, answer: KeptAnswer, seconds: number): Promise<void> {
    const { name } = key;
    const size = answer.raw.length;
    if (this.#waiting + size > MOST_WAITING) {
      this.#log.debug({ store: this.#store, name }, "an answer is not kept: too many wait to be written");
      return;
    }
    this.#waiting += size;
    try {
      const [bytes, sealed] = await Promise.all([this.#opened(), seal(key, answer)]);
      if (sealed.length <= bytes.largest) await bytes.set(name, sealed, seconds);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#waiting -= size;
    }
  }

  async close(): Promise<void> {
    try {
      await (await this.#bytes)?.close();
    } catch (error) {
      this.#failed(error);
    }
  }

  #opened(): Promise<ByteStore> {
    this.#bytes ??= this.#open();
    return this.#bytes;
  }

  #failed(error: unknown): void {
    const about = { store: this.#store, error: reasonOf(error) };
    const now = performance.now();
    if (now < this.#quietUntil) {
      this.#log.debug(about, "kept answers can't be had");
      return;
    }
    this.#quietUntil = now + QUIET_MS;
    this.#log.warn(about, "kept answers can't be had; the vendors are asked instead");
  }
}

/** ECONNREFUSED, WRONGPASS, ENOSPC: a code, or the word that a server's refusal begins with. Messages may quote a URL with its password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if ("code" in error && typeof error.code === "string") return error.code;
  return /^[A-Z]{2,}\b/.exec(error.message)?.[0] ?? error.name;
}
