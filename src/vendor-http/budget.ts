import type { Connection, Limit, Rate } from "./connection.ts";
import { secondsToWait, toldBudget } from "./retry-after.ts";

type Headers = Readonly<Record<string, string>>;

/** Vendors tell whole seconds, and some round them down. */
const RESET_SLACK_SECONDS = 1;
/** After a refusal the vendor is asked one at a time for so long. */
const CAREFUL_SECONDS = 60;
/** Where neither the vendor nor its limit says how long to wait: doubled with each refusal in a row, up to this. */
const LONGEST_GUESS_SECONDS = 60;
/** One header that is wrong, or absurd, must not shut an account off: after so long the vendor is asked how it is now. */
const LONGEST_BLOCK_SECONDS = 900;
/** A shorter wait that ended in another refusal was no wait at all. */
const SHORTEST_BELIEVED_SECONDS = 1;
/** Of what we got in before a refusal, what we take from then on; never less than half of what we took so far. */
const SHARE_AFTER_REFUSAL = 0.8;
/** How much of the limit we take more again after each of its stretches without a refusal. */
const RECOVERY = 0.05;

/** A call that counts against a budget, from its leaving. */
export interface Counted {
  left: number;
}

/**
 * What one account may ask of a vendor, as far as it is known: the limit as published, or as the vendor's headers tell it; a
 * refusal that asks to wait; what others, with the same key, use of it. All instants are milliseconds of one clock, passed in.
 */
export class Budget {
  readonly #limit: Limit;
  readonly #second: number;
  /** As the vendor's headers tell it, else as published. */
  #rate: Rate | undefined;
  /** How many calls of the rate we take: fewer, once others use it, too. */
  #share: number;
  #shareChanged = 0;
  #flying = 0;
  /** When those were answered that still count, the oldest first. */
  #answered: number[] = [];
  /** What the vendor's headers say is left until then. */
  #told: { remaining: number; until: number } | undefined;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #refusalsInARow = 0;

  /** @param second milliseconds that a vendor's second lasts */
  constructor(limit: Limit, second: number) {
    this.#limit = limit;
    this.#second = second;
    this.#rate = limit.rate;
    this.#share = limit.rate?.calls ?? Number.POSITIVE_INFINITY;
  }

  /** Whether a call may leave now. */
  isOpen(now: number): boolean {
    if (this.opensAt(now) > now) return false;
    const isCareful = now < this.#refusedAt + CAREFUL_SECONDS * this.#second;
    return !isCareful || this.#flying === 0;
  }

  /** When a call may leave that has so many others ahead of it. */
  opensAt(now: number, ahead = 0): number {
    this.#forget(now);
    let start = Math.max(now, this.#blockedUntil);
    if (this.#told) {
      // What is left is the vendor's own count; what it will be afterwards is not known.
      if (ahead >= this.#told.remaining) start = Math.max(start, this.#told.until);
      if (!this.#limit.isConfigured) return start;
    }
    if (!this.#rate) return start;
    const used = this.#flying + this.#answered.length;
    // A slot that was used is free again a stretch after its answer: the vendor counted it before, at some time on its way.
    const stretch = this.#rate.seconds * this.#second;
    const free = this.#share - used;
    if (ahead < free) return start;
    let slot = ahead - free;
    let rounds = 1;
    while (slot >= used && slot >= this.#share) {
      slot -= this.#share;
      rounds++;
    }
    const since = slot < this.#answered.length ? (this.#answered[slot] ?? now) : now;
    return Math.max(start, since + rounds * stretch);
  }

  /** How long the vendor wants not to be asked at all. */
  blockedUntil(): number {
    return this.#blockedUntil;
  }

  leave(now: number): Counted {
    this.#flying++;
    if (this.#told) this.#told.remaining--;
    return { left: now };
  }

  /**
   * @param status undefined when no answer came: the vendor may have counted it all the same
   * @returns after a refusal the seconds of the pause, where the vendor or its limit says how long
   */
  landed(
    call: Counted,
    now: number,
    connection: Connection,
    status: number | undefined,
    headers: Headers = {},
  ): number | undefined {
    this.#flying--;
    // "Not modified" counts against no limit.
    if (this.#rate && status !== 304) this.#answered.push(now);
    if (status === undefined) return undefined;
    this.#listen(now, connection, headers);
    if (status === 429) return this.#refused(call, now, secondsToWait(connection, status, headers));
    if (call.left >= this.#refusedAt) this.#refusalsInARow = 0;
    return undefined;
  }

  /** For people: what is waited for. */
  describe(): string {
    const { name } = this.#limit;
    if (!this.#rate) return name;
    const { calls, seconds } = this.#rate;
    const shared = this.#share < calls ? `, of which ${this.#share} are left to us` : "";
    return `${name} (${calls} calls ${seconds === 60 ? "a minute" : `in ${seconds} s`}${shared})`;
  }

  #listen(now: number, connection: Connection, headers: Headers): void {
    const told = toldBudget(connection, headers);
    if (!told) return;
    if (told.rate && !this.#limit.isConfigured && this.#differs(told.rate)) {
      this.#rate = told.rate;
      this.#share = told.rate.calls;
    }
    const until = now + Math.min(told.reset + RESET_SLACK_SECONDS, LONGEST_BLOCK_SECONDS) * this.#second;
    // Those on their way may not be in the vendor's count yet, and answers overtake each other: of two counts, the smaller.
    const remaining = Math.max(0, told.remaining - this.#flying);
    const isSameStretch = this.#told && until < this.#told.until + (1 + RESET_SLACK_SECONDS) * this.#second;
    this.#told = {
      until,
      remaining: this.#told && isSameStretch ? Math.min(this.#told.remaining, remaining) : remaining,
    };
  }

  #refused({ left }: Counted, now: number, asked: number | undefined): number | undefined {
    // Several that were on their way together are refused together: that is one refusal.
    const isNew = left >= this.#refusedAt;
    if (isNew) {
      this.#refusalsInARow++;
      this.#shrink(now);
      this.#refusedAt = now;
    }
    const pause = asked ?? this.#rate?.seconds;
    const isHollow = pause !== undefined && pause < SHORTEST_BELIEVED_SECONDS && this.#refusalsInARow > 1;
    const seconds = pause === undefined || isHollow ? this.#guess() : Math.min(pause, LONGEST_BLOCK_SECONDS);
    this.#blockedUntil = Math.max(this.#blockedUntil, now + seconds * this.#second);
    return pause;
  }

  #differs({ calls, seconds }: Rate): boolean {
    return calls !== this.#rate?.calls || seconds !== this.#rate.seconds;
  }

  /** With jitter, so that several processes don't come back together. */
  #guess(): number {
    return Math.min(LONGEST_GUESS_SECONDS, 2 ** (this.#refusalsInARow - 1)) * (1 + Math.random() / 4);
  }

  /** Refused within the limit: somebody else uses it, too. */
  #shrink(now: number): void {
    if (!this.#rate || this.#told) return;
    const gotIn = this.#answered.length + this.#flying - 1;
    const share = Math.floor(Math.max(this.#share / 2, Math.min(gotIn, this.#share) * SHARE_AFTER_REFUSAL));
    this.#share = Math.max(1, share);
    this.#shareChanged = now;
  }

  #forget(now: number): void {
    if (this.#told && now >= this.#told.until) {
      // The vendor's stretch is over: what was counted in it is not counted any more.
      this.#told = undefined;
      if (!this.#limit.isConfigured) this.#answered = [];
    }
    if (!this.#rate) return;
    const stretch = this.#rate.seconds * this.#second;
    while (this.#answered[0] !== undefined && this.#answered[0] + stretch <= now) this.#answered.shift();
    if (this.#share < this.#rate.calls && now >= this.#shareChanged + stretch) {
      this.#share = Math.min(this.#rate.calls, this.#share + Math.max(1, Math.floor(this.#rate.calls * RECOVERY)));
      this.#shareChanged = now;
    }
  }
}
