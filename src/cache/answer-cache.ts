import { createHmac, hkdfSync } from "node:crypto";
import type { Instant } from "../usage/period.ts";
import type { Connection, VendorAnswer, VendorRequest } from "../vendor-http/connection.ts";
import type { Wish } from "../vendor-http/vendor-call.ts";
import type { AnswerStore, KeptAnswer, Key } from "./kept-answer.ts";

/** Vendors restate what they call final, now and then: after this it is asked for again. */
const SETTLED_SECONDS = 30 * 86_400;
/** An answer that its vendor can be asked about by its ETag is worth keeping longer than it is good for. */
const REVALIDATED_SECONDS = 86_400;
/** Of another version of usage-mcp nothing is read that might mean something else. */
const VERSION = 1;

export interface CacheOptions {
  /** For how long what may still change is taken without asking. */
  openSeconds: number;
}

/** How long an answer is good. */
export interface Lasting {
  /** When what it tells becomes final. Absent: never, or nobody knows. */
  settles?: Instant | undefined;
  /** For how long what may still change is good, where that is longer than usual. */
  openSeconds?: number;
}

/** Which answers are kept, for how long, and which of them will do. */
export class AnswerCache {
  readonly #stores: readonly AnswerStore[];
  readonly #clock: () => Instant;
  readonly #openSeconds: number;
  readonly #writing = new Set<Promise<void>>();
  /** By connection, which many requests share: deriving takes longer than all else that keeping one does. */
  readonly #derived = new WeakMap<Connection, Buffer>();

  /** @param stores the nearest first; what is found in a far one is brought nearer */
  constructor(stores: readonly AnswerStore[], clock: () => Instant, { openSeconds }: CacheOptions) {
    this.#stores = stores;
    this.#clock = clock;
    this.#openSeconds = openSeconds;
  }

  keyOf(connection: Connection, { method, path, query = [], body }: VendorRequest): Key {
    const { provider, account, baseUrl } = connection;
    const derived = this.#derivedOf(connection);
    // Headers say what an account's settings ask for: an organization, an API version. Ours is no part of the question.
    const { "user-agent": _, ...headers } = connection.headers();
    const asked = JSON.stringify([VERSION, provider, account, baseUrl, headers, method, path, query, body ?? null]);
    const name = createHmac("sha256", derived.subarray(0, 32)).update(asked).digest("hex");
    return { name, secret: derived.subarray(32) };
  }

  #derivedOf(connection: Connection): Buffer {
    const known = this.#derived.get(connection);
    if (known) return known;
    const revealed = connection.credentials.map((secret) => secret.reveal());
    const derived = hkdfSync("sha256", JSON.stringify(revealed), connection.account, "usage-mcp cache", 64);
    const made = Buffer.from(derived);
    this.#derived.set(connection, made);
    return made;
  }

  /** What is kept, whether it will do or not: the nearest that will, else the newest. */
  async find(key: Key, wish: Wish = {}): Promise<KeptAnswer | undefined> {
    let newest: KeptAnswer | undefined;
    for (const [index, store] of this.#stores.entries()) {
      const found = await store.get(key);
      // Another copy may have asked since, and put it where both look.
      if (!found || (newest && found.at <= newest.at)) continue;
      newest = found;
      for (const nearer of this.#stores.slice(0, index)) this.#put(nearer, key, found);
      if (wish.fresh || this.isGood(found, wish)) break;
    }
    return newest;
  }

  /** Whether it may be taken without asking. */
  isGood({ at, settled, until }: KeptAnswer, { fresh = false, notBefore = Number.NEGATIVE_INFINITY }: Wish): boolean {
    const now = this.#clock();
    // One from the future was kept by a clock that was wrong: nobody knows how old it is.
    return !fresh && at <= now && now < until && (settled || at >= notBefore);
  }

  /** Keeps an answer that could be read. */
  keep(key: Key, { at, url, method, status, headers, raw }: VendorAnswer, lasting: Lasting): void {
    const { settles, openSeconds = this.#openSeconds } = lasting;
    const settled = settles !== undefined && at >= settles;
    const until = at + 1000 * (settled ? SETTLED_SECONDS : openSeconds);
    const answer: KeptAnswer = { at, settled, until, url, method, status, headers, raw };
    for (const store of this.#stores) this.#put(store, key, answer);
  }

  /** Resolves when all that was kept is written. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#writing);
    await Promise.all(this.#stores.map((store) => store.close()));
  }

  #secondsOf({ until, headers }: KeptAnswer): number {
    const good = (until - this.#clock()) / 1000;
    return headers["etag"] === undefined ? good : Math.max(good, REVALIDATED_SECONDS);
  }

  #put(store: AnswerStore, key: Key, answer: KeptAnswer): void {
    const seconds = this.#secondsOf(answer);
    if (seconds <= 0) return;
    const write = store.set(key, answer, seconds);
    this.#writing.add(write);
    const done = () => this.#writing.delete(write);
    write.then(done, done);
  }
}
