import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants } from "node:zlib";
import { LRUCache } from "lru-cache";
import type { AnswerStore, KeptAnswer, Key } from "./kept-answer.ts";

const zip = promisify(brotliCompress);
const unzip = promisify(brotliDecompress);

/** What an answer takes besides its body, address and headers: objects, the entry itself. */
const OVERHEAD = 2_048;
const HEADER_OVERHEAD = 48;
/** Smaller bodies are not worth the packing. */
const WORTH_PACKING = 4_096;
/** Most packed answers come in one piece: each further one would have to be taken from the thread that packs. */
const CHUNK = 131_072;
/** Half the time of gzip at its fastest, and smaller. */
const PACKING = {
  chunkSize: CHUNK,
  params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 },
};

interface Held {
  about: Omit<KeptAnswer, "raw">;
  body: Buffer;
  isPacked: boolean;
}

/**
 * Answers in memory, at most so many bytes of them: the least lately used goes first. Bodies are packed (vendors' JSON to a tenth or
 * less), beside the work of the process: a year of a large team's usage events would not fit otherwise.
 */
export class MemoryStore implements AnswerStore {
  readonly #answers: LRUCache<string, Held>;
  readonly #largest: number;

  constructor(bytes: number) {
    // One answer must not push out all others.
    this.#largest = Math.max(OVERHEAD, Math.floor(bytes / 4));
    this.#answers = new LRUCache({ maxSize: bytes, maxEntrySize: this.#largest, sizeCalculation: sizeOf });
  }

  async get({ name }: Key): Promise<KeptAnswer | undefined> {
    const held = this.#answers.get(name);
    return held && { ...held.about, raw: held.isPacked ? await unzip(held.body) : held.body };
  }

  /** It is there at once; resolves when it is packed. */
  async set({ name }: Key, { raw, ...about }: KeptAnswer, seconds: number): Promise<void> {
    const lasting = { ttl: seconds * 1000 };
    const held: Held = { about, body: ownBytes(raw), isPacked: false };
    this.#answers.set(name, held, lasting);
    if (raw.length < WORTH_PACKING) return;
    const packed: Held = { about, body: ownBytes(await zip(raw, PACKING)), isPacked: true };
    const there = this.#answers.peek(name);
    // Pushed out meanwhile, or another is there: unless it was only too large as it came.
    if (there === held || (there === undefined && sizeOf(held) > this.#largest))
      this.#answers.set(name, packed, lasting);
  }

  async close(): Promise<void> {
    this.#answers.clear();
  }
}

function sizeOf({ body, about: { url, headers } }: Held): number {
  let size = OVERHEAD + body.length + url.length;
  for (const [name, value] of Object.entries(headers)) size += HEADER_OVERHEAD + name.length + value.length;
  return size;
}

/** A small buffer is a piece of a larger one, which would be held with it. */
function ownBytes(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength <= bytes.length + OVERHEAD) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
