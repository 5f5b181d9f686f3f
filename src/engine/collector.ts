/** Takes items until the limit, or until their JSON fills the budget; at least one, however large. */
export class Collector<Item> {
  readonly #limit: number;
  readonly #budget: number;
  #taken: Item[] = [];
  #size = 0;
  #count = 0;

  /** @param budget characters of JSON; Infinity costs nothing to check */
  constructor(limit: number, budget: number) {
    this.#limit = limit;
    this.#budget = budget;
  }

  /** @returns false when there is no room: the item comes first in the next page */
  take(item: Item): boolean {
    if (this.full) return false;
    if (this.#budget !== Number.POSITIVE_INFINITY) {
      const size = (JSON.stringify(item)?.length ?? 0) + 1;
      if (this.#count > 0 && this.#size + size > this.#budget) return false;
      this.#size += size;
    }
    this.#taken.push(item);
    this.#count++;
    return true;
  }

  /** How many were taken so far. */
  get count(): number {
    return this.#count;
  }

  /** Hands over what was taken since the last time and lets go of it; it still counts. */
  drain(): Item[] {
    const taken = this.#taken;
    this.#taken = [];
    return taken;
  }

  /** The limit is reached. (A page that ends by size is not full.) */
  get full(): boolean {
    return this.#count >= this.#limit;
  }
}
