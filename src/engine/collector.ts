/** Takes items until the limit, or until their JSON fills the budget; at least one, however large. */
export class Collector<Item> {
  readonly taken: Item[] = [];
  readonly #limit: number;
  readonly #budget: number;
  #size = 0;

  /** @param budget characters of JSON; Infinity costs nothing to check */
  constructor(limit: number, budget: number) {
    this.#limit = limit;
    this.#budget = budget;
  }

  /** @returns false when there is no room: the item comes first in the next page */
  take(item: Item): boolean {
    if (this.taken.length >= this.#limit) return false;
    if (this.#budget !== Number.POSITIVE_INFINITY) {
      const size = (JSON.stringify(item)?.length ?? 0) + 1;
      if (this.taken.length > 0 && this.#size + size > this.#budget) return false;
      this.#size += size;
    }
    this.taken.push(item);
    return true;
  }

  /** The limit is reached. (A page that ends by size is not full.) */
  get full(): boolean {
    return this.taken.length >= this.#limit;
  }
}
