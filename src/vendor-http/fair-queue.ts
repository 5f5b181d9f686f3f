/** Who waits, fairly: callers take turns, and what one caller waits for goes in the order of its coming. */
export class FairQueue<Item> {
  /** In the order of the callers' turns. */
  readonly #lines = new Map<object, Item[]>();

  add(caller: object, item: Item): void {
    const line = this.#lines.get(caller);
    if (line) line.push(item);
    else this.#lines.set(caller, [item]);
  }

  remove(caller: object, item: Item): void {
    const line = this.#lines.get(caller);
    const index = line?.indexOf(item) ?? -1;
    if (!line || index < 0) return;
    line.splice(index, 1);
    if (line.length === 0) this.#lines.delete(caller);
  }

  /** Takes the first that may go; its caller goes behind all others. */
  take(mayGo: (item: Item) => boolean): Item | undefined {
    for (const [caller, line] of this.#lines) {
      const index = line.findIndex(mayGo);
      if (index < 0) continue;
      const [item] = line.splice(index, 1);
      this.#lines.delete(caller);
      if (line.length > 0) this.#lines.set(caller, line);
      return item;
    }
    return undefined;
  }

  /** All of them as their turns come, should nobody else join. */
  *inTurn(): Generator<Item> {
    const lines = [...this.#lines.values()];
    const longest = Math.max(0, ...lines.map((line) => line.length));
    for (let round = 0; round < longest; round++) {
      for (const line of lines) {
        const item = line[round];
        if (item !== undefined) yield item;
      }
    }
  }
}
