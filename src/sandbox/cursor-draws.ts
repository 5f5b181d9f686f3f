import { hash } from "./volume.ts";

/** A run of numbers that depends on its name only. */
export class Draws {
  #state: number;

  constructor(name: string) {
    this.#state = hash(name);
  }

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    return this.#next() % n;
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** `percent` times in a hundred. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  uuid(): string {
    const digits = Array.from({ length: 4 }, () => this.#next().toString(16).padStart(8, "0")).join("");
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
  }

  letters(length: number): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    return Array.from({ length }, () => alphabet.charAt(this.below(alphabet.length))).join("");
  }

  /** Splitmix: unsigned, 32 bits. */
  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}
