import type { Day } from "./calendar.ts";
import { hash } from "./volume.ts";

/** Whole numbers from 0 up to but not with `among`, the same row of them for the same name and day. */
export type Dice = (among: number) => number;

/** Mulberry32: one hash a day, and then cheap draws. */
export function dice(name: string, day: Day): Dice {
  let state = hash(`${name}@${day}`);
  return (among) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % among;
  };
}
