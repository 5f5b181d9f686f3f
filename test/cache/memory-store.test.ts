import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Key } from "../../src/cache/kept-answer.ts";
import { MemoryStore } from "../../src/cache/memory-store.ts";
import { answerOf } from "./keeping.ts";

const MIB = 1024 * 1024;

const keyOf = (index: number): Key => ({ name: index.toString(16).padStart(64, "0"), secret: Buffer.alloc(32) });

/** How many of the first `count` answers are there. */
async function held(store: MemoryStore, count: number): Promise<number> {
  const found = await Promise.all(Array.from({ length: count }, (_, index) => store.get(keyOf(index))));
  return found.filter((answer) => answer !== undefined).length;
}

describe("answers in memory", () => {
  it.each([
    ["large bodies", 100_000, {}, 200],
    ["small ones", 100, {}, 20_000],
    ["headers larger than the body", 100, { "content-security-policy": "x".repeat(50_000) }, 400],
  ])("take no more than they may: %s", async (_, size, headers, count) => {
    const store = new MemoryStore(8 * MIB);
    for (let index = 0; index < count; index++)
      await store.set(keyOf(index), answerOf(randomBytes(size), { headers }), 60);
    const each = size + Object.entries(headers).flat().join("").length;
    const there = await held(store, count);
    expect(there).toBeLessThan(count);
    expect(there * each).toBeLessThanOrEqual(8 * MIB);
    expect(await store.get(keyOf(count - 1))).toBeDefined();
  });

  it("give way to others when they were least lately used", async () => {
    const store = new MemoryStore(MIB);
    for (let index = 0; index < 3; index++) await store.set(keyOf(index), answerOf(randomBytes(MIB / 4 - 4096)), 60);
    await store.get(keyOf(0));
    for (let index = 3; index < 5; index++) await store.set(keyOf(index), answerOf(randomBytes(MIB / 4 - 4096)), 60);
    expect(await store.get(keyOf(0))).toBeDefined();
    expect(await store.get(keyOf(1))).toBeUndefined();
  });

  it("are none that would push out most others", async () => {
    const store = new MemoryStore(MIB);
    await store.set(keyOf(0), answerOf("small"), 60);
    await store.set(keyOf(1), answerOf(randomBytes(MIB / 2)), 60);
    expect(await store.get(keyOf(0))).toBeDefined();
    expect(await store.get(keyOf(1))).toBeUndefined();
  });

  it("hold nothing besides: a body that is a piece of a larger buffer is taken out of it", async () => {
    const store = new MemoryStore(8 * MIB);
    const large = Buffer.alloc(4 * MIB, "x");
    await store.set(keyOf(0), { ...answerOf(""), raw: large.subarray(0, 1000) }, 60);
    const kept = await store.get(keyOf(0));
    expect(kept?.raw.toString()).toBe("x".repeat(1000));
    expect(kept?.raw.buffer.byteLength).toBe(1000);
  });

  it("are packed: many times as much fits as there is room for, and comes out as it went in", async () => {
    const store = new MemoryStore(MIB);
    const bodyOf = (index: number) =>
      JSON.stringify(Array.from({ length: 2_000 }, (_, row) => ({ row, index, name: "storage" })));
    for (let index = 0; index < 40; index++) await store.set(keyOf(index), answerOf(bodyOf(index)), 60);
    expect(40 * bodyOf(0).length).toBeGreaterThan(3 * MIB);
    for (let index = 0; index < 40; index++)
      expect((await store.get(keyOf(index)))?.raw.toString()).toBe(bodyOf(index));
  });

  it("are there before they are packed, and when they were too large as they came", async () => {
    const store = new MemoryStore(MIB);
    const writing = store.set(keyOf(0), answerOf("x".repeat(100_000)), 60);
    expect((await store.get(keyOf(0)))?.raw.length).toBe(100_000);
    await writing;
    expect((await store.get(keyOf(0)))?.raw.length).toBe(100_000);
    await store.set(keyOf(1), answerOf("x".repeat(MIB)), 60);
    expect((await store.get(keyOf(1)))?.raw.length).toBe(MIB);
  });

  it("give way to a newer one of the same name, though that is packed sooner", async () => {
    const store = new MemoryStore(8 * MIB);
    const first = store.set(keyOf(0), answerOf("1".repeat(4 * MIB)), 60);
    const second = store.set(keyOf(0), answerOf("2".repeat(10_000)), 60);
    await Promise.all([first, second]);
    expect((await store.get(keyOf(0)))?.raw.toString().slice(0, 3)).toBe("222");
  });

  it("are forgotten when their time is over, which nothing waits for", async () => {
    const store = new MemoryStore(MIB);
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    await store.set(keyOf(0), answerOf("short"), 0.02);
    await store.set(keyOf(1), answerOf("long"), 60);
    expect(timers()).toBe(before);
    await expect.poll(() => store.get(keyOf(0))).toBeUndefined();
    expect(await store.get(keyOf(1))).toBeDefined();
  });
});
