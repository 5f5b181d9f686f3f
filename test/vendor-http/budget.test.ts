import { describe, expect, it } from "vitest";
import type { ProviderId } from "../../src/accounts/account.ts";
import { Budget, type Counted } from "../../src/vendor-http/budget.ts";
import type { Rate } from "../../src/vendor-http/connection.ts";
import { connectTo } from "./loopback.ts";

const MINUTE = 60_000;
const TWENTY: Rate = { calls: 20, seconds: 60 };

/** A budget at a vendor that answers when it is told to; the clock is in milliseconds. */
class Desk {
  readonly budget: Budget;
  readonly #connection;

  constructor(rate: Rate | undefined, provider: ProviderId = "cursor", isConfigured = false) {
    this.budget = new Budget(
      { name: "The limit", ...(rate ? { rate } : {}), ...(isConfigured ? { isConfigured } : {}) },
      1000,
    );
    this.#connection = connectTo("http://127.0.0.1:9", provider);
  }

  land(call: Counted, now: number, status: number | undefined = 200, headers: Record<string, string> = {}): void {
    this.budget.landed(call, now, this.#connection, status, headers);
  }

  /** So many calls, each answered at once. */
  calls(count: number, now: number, status = 200, headers: Record<string, string> = {}): void {
    for (let index = 0; index < count; index++) this.land(this.budget.leave(now), now, status, headers);
  }

  /** How many calls may leave now, one after another. */
  room(now: number): number {
    let room = 0;
    while (room < 1000 && this.budget.opensAt(now, room) <= now) room++;
    return room;
  }
}

describe("a published limit", () => {
  it("is used up at once, and each call comes back a stretch after its answer", () => {
    const desk = new Desk(TWENTY);
    const flying = Array.from({ length: 20 }, (_, index) => desk.budget.leave(index));
    expect(desk.room(50)).toBe(0);
    for (const [index, call] of flying.entries()) desk.land(call, 1000 + 100 * index);
    expect(desk.budget.opensAt(5000)).toBe(1000 + MINUTE);
    expect(desk.budget.opensAt(5000, 7)).toBe(1700 + MINUTE);
    expect(desk.room(1000 + MINUTE - 1)).toBe(0);
    expect(desk.room(1000 + MINUTE)).toBe(1);
    expect(desk.room(2900 + MINUTE)).toBe(20);
  });

  it("says when a call may leave that has many ahead of it", () => {
    const desk = new Desk(TWENTY);
    expect(desk.budget.opensAt(0, 19)).toBe(0);
    expect(desk.budget.opensAt(0, 20)).toBe(MINUTE);
    expect(desk.budget.opensAt(0, 65)).toBe(3 * MINUTE);
    desk.calls(5, 0);
    expect(desk.budget.opensAt(30_000, 14)).toBe(30_000);
    // Those five come back first, then what is used now.
    expect(desk.budget.opensAt(30_000, 15)).toBe(MINUTE);
    expect(desk.budget.opensAt(30_000, 19)).toBe(MINUTE);
    expect(desk.budget.opensAt(30_000, 20)).toBe(30_000 + MINUTE);
    expect(desk.budget.opensAt(30_000, 35)).toBe(2 * MINUTE);
  });

  it("counts a call that got no answer, and none that found nothing modified", () => {
    const desk = new Desk(TWENTY);
    desk.land(desk.budget.leave(0), 0, undefined);
    expect(desk.room(1)).toBe(19);
    desk.calls(10, 1, 304);
    expect(desk.room(2)).toBe(19);
  });
});

describe("a refusal", () => {
  it("without a word of how long blocks the budget until its stretch is surely over", () => {
    const desk = new Desk(TWENTY);
    desk.calls(3, 0);
    desk.calls(1, 100, 429);
    expect(desk.budget.opensAt(200)).toBe(100 + MINUTE);
    expect(desk.budget.blockedUntil()).toBe(100 + MINUTE);
  });

  it("with a wait blocks it as long, and one at a time goes for a while after it", () => {
    const desk = new Desk(TWENTY);
    desk.calls(1, 0, 429, { "retry-after": "5" });
    expect(desk.budget.isOpen(4999)).toBe(false);
    expect(desk.budget.isOpen(5000)).toBe(true);
    const call = desk.budget.leave(5000);
    expect(desk.budget.isOpen(5001)).toBe(false);
    desk.land(call, 5500);
    expect(desk.budget.isOpen(5500)).toBe(true);
    desk.budget.leave(MINUTE);
    expect(desk.budget.isOpen(MINUTE)).toBe(true);
  });

  it("within the limit leaves the rest of it to others, and takes it back slowly", () => {
    const desk = new Desk({ calls: 60, seconds: 60 });
    desk.calls(40, 0);
    desk.calls(1, 0, 429);
    expect(desk.budget.describe()).toBe("The limit (60 calls a minute, of which 32 are left to us)");
    expect(desk.room(MINUTE)).toBe(35);
    expect(desk.room(2 * MINUTE)).toBe(38);
    for (let minute = 3; minute < 12; minute++) desk.room(minute * MINUTE);
    expect(desk.room(12 * MINUTE)).toBe(60);
    expect(desk.budget.describe()).toBe("The limit (60 calls a minute)");
  });

  it("of the first call of all takes half, however little got in", () => {
    const desk = new Desk(TWENTY);
    desk.calls(1, 0, 429);
    expect(desk.budget.describe()).toContain("of which 10 are left to us");
  });

  it("of several that were on their way together is one", () => {
    const desk = new Desk(TWENTY);
    const together = [desk.budget.leave(0), desk.budget.leave(0), desk.budget.leave(0)];
    for (const call of together) desk.land(call, 10, 429);
    expect(desk.budget.describe()).toContain("of which 10 are left to us");
  });

  it("where nothing is known blocks for a growing time, until an answer comes", () => {
    const desk = new Desk(undefined);
    let now = 0;
    const blocked: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      desk.calls(1, now, 429);
      blocked.push((desk.budget.blockedUntil() - now) / 1000);
      now = desk.budget.blockedUntil();
    }
    for (const [index, least] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      expect(blocked[index]).toBeGreaterThanOrEqual(least);
      expect(blocked[index]).toBeLessThanOrEqual(least * 1.25);
    }
    desk.calls(1, now + 1);
    desk.calls(1, now + 2, 429);
    expect(desk.budget.blockedUntil() - now).toBeLessThan(1300);
  });

  it("that asks for no wait at all is believed once, not again and again", () => {
    const desk = new Desk(TWENTY);
    const waits = [0, 1, 2].map((index) => {
      const now = index * MINUTE;
      desk.calls(1, now, 429, { "retry-after": "0" });
      return desk.budget.blockedUntil() - now;
    });
    expect(waits[0]).toBe(0);
    expect(waits[1]).toBeGreaterThanOrEqual(2000);
    expect(waits[2]).toBeGreaterThanOrEqual(4000);
  });

  it("for an absurd time is tried again after a quarter of an hour", () => {
    const desk = new Desk(TWENTY);
    desk.calls(1, 0, 429, { "retry-after": "999999999" });
    expect(desk.budget.isOpen(15 * MINUTE - 1)).toBe(false);
    expect(desk.budget.isOpen(15 * MINUTE)).toBe(true);
  });
});

describe("the vendor's own count", () => {
  const told = (remaining: number, reset: number) => ({
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(reset),
  });

  it("is kept to until its stretch is over, a second of rounding included", () => {
    const desk = new Desk(undefined, "confluent");
    desk.calls(1, 0, 200, told(2, 10));
    expect(desk.room(0)).toBe(2);
    desk.budget.leave(1);
    desk.budget.leave(1);
    expect(desk.budget.opensAt(2)).toBe(11_000);
    expect(desk.room(11_000)).toBe(1000);
  });

  it("is not raised by an answer that was overtaken", () => {
    const desk = new Desk(undefined, "confluent");
    const [first, second] = [desk.budget.leave(0), desk.budget.leave(0)];
    desk.land(second, 10, 200, told(3, 10));
    // The first may not be in that count yet.
    expect(desk.room(10)).toBe(2);
    desk.land(first, 20, 200, told(4, 10));
    expect(desk.room(20)).toBe(2);
  });

  it("begins anew with the next stretch", () => {
    const desk = new Desk(undefined, "confluent");
    desk.calls(1, 0, 200, told(0, 2));
    desk.calls(1, 3500, 200, told(9, 60));
    expect(desk.room(3500)).toBe(9);
  });

  it("and limit replace what was known", () => {
    const desk = new Desk({ calls: 10, seconds: 30 }, "datadog");
    const headers = { ...told(99, 20), "x-ratelimit-limit": "100", "x-ratelimit-period": "60" };
    desk.calls(1, 0, 200, headers);
    expect(desk.room(0)).toBe(99);
    expect(desk.budget.describe()).toBe("The limit (100 calls a minute)");
    // Its stretch is over: all of it is free again.
    expect(desk.room(21_000)).toBe(100);
  });

  it("with an absurd reset blocks nobody for longer than a quarter of an hour", () => {
    const desk = new Desk(undefined, "confluent");
    desk.calls(1, 0, 200, told(0, 80_000));
    expect(desk.budget.opensAt(0)).toBe(15 * MINUTE);
  });

  it("and limit leave a configured one as it is; both are kept to", () => {
    const desk = new Desk({ calls: 2, seconds: 60 }, "datadog", true);
    const limit = { "x-ratelimit-limit": "100", "x-ratelimit-period": "60" };
    desk.calls(1, 0, 200, { ...told(99, 20), ...limit });
    expect(desk.room(0)).toBe(1);
    expect(desk.budget.describe()).toBe("The limit (2 calls a minute)");
    // The vendor's stretch is over, ours is not.
    expect(desk.room(21_000)).toBe(1);
    desk.calls(1, 21_000, 200, { ...told(0, 20), ...limit });
    expect(desk.budget.opensAt(21_000)).toBe(MINUTE);
    expect(desk.room(MINUTE)).toBe(1);
  });
});
