import type { Engine } from "../../engine/engine.ts";

const MOST = 100;

/** The engine as callers see it, one for each set of accounts that somebody may use; the hundred used last are kept. */
export class Engines {
  readonly #whole: Engine;
  readonly #kept = new Map<string, Engine>();

  constructor(whole: Engine) {
    this.#whole = whole;
  }

  /** @param allowed ids of accounts, `*` for all; ids that aren't any account's give nothing */
  of(allowed: ReadonlySet<string>): Engine {
    const isAllowed = (id: string) => allowed.has("*") || allowed.has(id);
    const key = JSON.stringify(this.#whole.accounts.map(({ id }) => id).filter(isAllowed));
    const engine = this.#kept.get(key) ?? this.#whole.only(({ id }) => isAllowed(id));
    // A map is in the order of insertion: what is put in again is the newest.
    this.#kept.delete(key);
    this.#kept.set(key, engine);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
    return engine;
  }
}
