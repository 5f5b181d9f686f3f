import type { Sort } from "../usage/query.ts";
import type { Usage } from "../usage/row.ts";
import { byStart, comparer, isBehind, placeOf } from "./sort.ts";

/** Rows kept beyond those that can be given: how often they are sorted, against what they fill. */
const SLACK = 2_000;

/**
 * The first rows of an order, from a place on. Only as many are kept as can be given, so that memory stays flat however
 * many pass by; and going on behind a place, not after a count, neither doubles nor loses a row when others move.
 */
export class OrderedRows {
  /** How many rows stood before the place, or at it. */
  before = 0;
  readonly #sort: Sort | undefined;
  readonly #place: readonly string[] | undefined;
  readonly #most: number;
  readonly #order: (a: Usage, b: Usage) => number;
  #kept: Usage[] = [];
  #placeIsHeld = false;

  constructor(sort: Sort | undefined, place: readonly string[] | undefined, most: number) {
    this.#sort = sort;
    this.#place = place;
    this.#most = most;
    this.#order = sort ? comparer(sort) : byStart;
  }

  add(row: Usage): void {
    if (this.#place && !isBehind(row, this.#place, this.#sort)) {
      this.before++;
      this.#placeIsHeld ||= placeOf(row, this.#sort).join("\n") === this.#place.join("\n");
      return;
    }
    this.#kept.push(row);
    if (this.#kept.length > this.#most + SLACK) this.#kept = this.rows();
  }

  /** Whether the rows before the place are as many as were given, and the last of them is still there. */
  stands(given: number): boolean {
    return this.before === given && this.#placeIsHeld;
  }

  rows(): Usage[] {
    return this.#kept.sort(this.#order).slice(0, this.#most);
  }
}
