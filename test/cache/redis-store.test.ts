import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../src/accounts/secret.ts";
import type { CacheConfig } from "../../src/cache/config.ts";
import { RedisStore } from "../../src/cache/redis-store.ts";
import { CONFLUENT_ACCOUNT, confluentAnswers, guardTheEdge, SECRETS } from "../providers/edge.ts";
import { amountFrom, copyOf, costsOf, listen, OTHER_ACCOUNT, type Told } from "./keeping.ts";
import { canStartRedis, freePort, hasRedis, look, redisUrl, startRedis, startRedisAt } from "./redis.ts";

guardTheEdge();

/** Memory is left out, so that what answers is Redis. */
const inRedis = (url: string): CacheConfig => ({ memoryMb: 0, openSeconds: 300, redis: new Secret(url) });

let told: Told;
let asked: string[];
beforeEach(() => {
  told = listen();
  asked = confluentAnswers(() => costsOf(asked.length));
});

/** Nobody waits for what is written: resolves when so many answers are there. */
async function untilKept(url: string, count = 1): Promise<void> {
  const server = await look(url);
  await expect.poll(server.keys).toHaveLength(count);
  await server.close();
}

/** A server that takes connections and says nothing. */
async function startMute() {
  const connections = new Set<Socket>();
  const server = createServer((socket) => connections.add(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const close = () => {
    for (const socket of connections) socket.destroy();
    server.close();
  };
  return { port: address.port, connections, close };
}

/** Milliseconds that something took, and what came of it. */
async function timed<Result>(promise: Promise<Result>): Promise<{ result: Result; ms: number }> {
  const started = performance.now();
  const result = await promise;
  return { result, ms: performance.now() - started };
}

describe.runIf(hasRedis)("answers in Redis", () => {
  let url: string;
  let server: Awaited<ReturnType<typeof look>>;
  beforeAll(async () => {
    url = await redisUrl();
    server = await look(url);
  });
  beforeEach(() => server.clear());
  afterAll(async () => {
    await server.clear();
    await server.close();
  });

  async function askedBy(accounts: readonly unknown[] = [CONFLUENT_ACCOUNT], account?: string): Promise<unknown> {
    const copy = copyOf(inRedis(url), told.log, accounts);
    const amount = await amountFrom(copy, account);
    await copy.close();
    return amount;
  }

  async function onlyKey(): Promise<string> {
    const [key, ...others] = await server.keys();
    if (!key || others.length > 0) throw new Error("there should be one key");
    return key;
  }

  it("are shared by copies: the second asks no vendor", async () => {
    const copies = [copyOf(inRedis(url), told.log), copyOf(inRedis(url), told.log)] as const;
    expect(await amountFrom(copies[0])).toBe(1);
    await copies[0].close();
    expect(await amountFrom(copies[1])).toBe(1);
    expect(await amountFrom(copies[1])).toBe(1);
    await copies[1].close();
    expect(asked).toHaveLength(1);
    expect(told.of("warn")).toEqual([]);
  });

  it("hold no process up that has nothing else to do", async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    const before = sockets();
    const store = new RedisStore(new Secret(url));
    await store.set("a", Buffer.from("value"), 60);
    expect((await store.get("a"))?.toString()).toBe("value");
    expect(sockets()).toBe(before);
    await store.remove("a");
    expect(await store.get("a")).toBeUndefined();
    await store.close();
  });

  it("end by themselves, and show nothing of the account", async () => {
    await askedBy();
    const key = await onlyKey();
    expect(key).toMatch(/^usage-mcp:1:[0-9a-f]{64}$/);
    const seconds = await server.secondsLeft(key);
    expect(seconds).toBeGreaterThan(290);
    expect(seconds).toBeLessThanOrEqual(300);
    const value = String((await server.get(key))?.toString("latin1"));
    expect(value.length).toBeGreaterThan(100);
    for (const word of [...SECRETS, "lkc-kept", "KAFKA_STORAGE", "billing"]) expect(value).not.toContain(word);
  });

  it("answer no other account: not one with the same id and another key, nor one with the same key and another id", async () => {
    await askedBy();
    const rekeyed = { ...CONFLUENT_ACCOUNT, credentials: OTHER_ACCOUNT.credentials };
    const renamed = { ...OTHER_ACCOUNT, credentials: CONFLUENT_ACCOUNT.credentials };
    expect(await askedBy([rekeyed])).toBe(2);
    expect(await askedBy([renamed], "other")).toBe(3);
    expect(await askedBy()).toBe(1);
  });

  it("don't open in another account's place", async () => {
    await askedBy();
    const mine = await onlyKey();
    await askedBy([OTHER_ACCOUNT], "other");
    const theirs = (await server.keys()).find((key) => key !== mine) ?? "";
    await server.set(theirs, (await server.get(mine)) ?? Buffer.alloc(0));
    expect(await askedBy([OTHER_ACCOUNT], "other")).toBe(3);
    expect(told.of("debug").join()).toContain("does not open");
  });

  it.each([
    ["one bit changed", (value: Buffer) => value.fill(value.readUInt8(100) ^ 1, 100, 101)],
    ["cut short", (value: Buffer) => value.subarray(0, 100)],
    ["emptied", () => Buffer.alloc(0)],
  ])("are as if they were not there, and are replaced, when damaged: %s", async (_, damage) => {
    await askedBy();
    const key = await onlyKey();
    await server.set(key, damage((await server.get(key)) ?? Buffer.alloc(0)));
    expect(await askedBy()).toBe(2);
    expect(await askedBy()).toBe(2);
    expect(told.of("warn")).toEqual([]);
  });
});

describe.runIf(canStartRedis)("a Redis that fails", () => {
  it("costs nothing but calls while it is away, and is used again when it is back", async () => {
    const first = await startRedis();
    const copy = copyOf(inRedis(first.url), told.log);
    expect(await amountFrom(copy)).toBe(1);
    await untilKept(first.url);
    expect(await amountFrom(copy)).toBe(1);
    await first.end();
    for (const amount of [2, 3, 4]) {
      const { result, ms } = await timed(amountFrom(copy));
      expect(result).toBe(amount);
      expect(ms).toBeLessThan(500);
    }
    expect(told.of("warn")).toHaveLength(1);
    await startRedisAt(first.port);
    // It was emptied; the next answer that reaches it is found again.
    let last: unknown;
    await expect
      .poll(
        async () => {
          const before = last;
          last = await amountFrom(copy);
          return last === before;
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBe(true);
    await copy.close();
  });

  it("holds an answer up for a quarter of a second at most, and not the next ones, when it hangs", async () => {
    const server = await startRedis();
    const copy = copyOf(inRedis(server.url), told.log);
    expect(await amountFrom(copy)).toBe(1);
    await untilKept(server.url);
    expect(await amountFrom(copy)).toBe(1);
    server.process.kill("SIGSTOP");
    const first = await timed(amountFrom(copy));
    expect(first.result).toBe(2);
    expect(first.ms).toBeLessThan(600);
    for (const amount of [3, 4, 5]) {
      const { result, ms } = await timed(amountFrom(copy));
      expect(result).toBe(amount);
      expect(ms).toBeLessThan(150);
    }
    await copy.close();
    expect(told.of("warn")).toEqual([expect.stringContaining("ETIMEDOUT")]);
  });

  it("holds up only the first answer when it takes connections and says nothing", async () => {
    const server = await startRedis();
    server.process.kill("SIGSTOP");
    const copy = copyOf(inRedis(server.url), told.log);
    const first = await timed(amountFrom(copy));
    expect(first.result).toBe(1);
    expect(first.ms).toBeLessThan(600);
    const second = await timed(amountFrom(copy));
    expect(second.result).toBe(2);
    expect(second.ms).toBeLessThan(150);
    await copy.close();
    expect(told.of("warn")).toHaveLength(1);
  });

  it("that takes a connection and never its password is tried again, now and then, and holds nothing up", async () => {
    const { port, connections, close } = await startMute();
    const store = new RedisStore(new Secret(`redis://:password@127.0.0.1:${port}`), { connect: 300, away: 300 });
    await expect(store.get("a")).rejects.toMatchObject({ code: "ETIMEDOUT" });
    const { result, ms } = await timed(store.get("a"));
    expect(result).toBeUndefined();
    expect(ms).toBeLessThan(100);
    await expect.poll(() => store.get("a").then(() => connections.size, String)).toBe(2);
    await store.close();
    close();
  });

  it("that gives a connection up when nobody waits for it any more is left alone, too", async () => {
    const { port, connections, close } = await startMute();
    const store = new RedisStore(new Secret(`redis://:password@127.0.0.1:${port}`));
    await expect(store.get("a")).rejects.toMatchObject({ code: "ETIMEDOUT" });
    for (const socket of connections) socket.destroy();
    await sleep(100);
    expect(await store.get("a")).toBeUndefined();
    expect(connections.size).toBe(1);
    await store.close();
    close();
  });

  it("is said to be away once, where nobody listens", async () => {
    const copy = copyOf(inRedis(`redis://127.0.0.1:${await freePort()}`), told.log);
    for (const amount of [1, 2, 3]) expect(await amountFrom(copy)).toBe(amount);
    await copy.close();
    expect(told.of("warn")).toEqual([expect.stringContaining('"store":"redis","error":"ECONNREFUSED"')]);
  });

  it("is told of by its word, and never by its password: a wrong one, none, one that is right", async () => {
    const password = "p@ss/w0rd of the tests";
    const { port } = await startRedis("--requirepass", password);
    const wrong = copyOf(inRedis(`redis://:wrong-${encodeURIComponent(password)}@127.0.0.1:${port}`), told.log);
    expect(await amountFrom(wrong)).toBe(1);
    expect(await amountFrom(wrong)).toBe(2);
    await wrong.close();
    const without = copyOf(inRedis(`redis://127.0.0.1:${port}`), told.log);
    expect(await amountFrom(without)).toBe(3);
    await without.close();
    expect(told.of("warn")).toEqual([expect.stringContaining('"WRONGPASS"'), expect.stringContaining('"NOAUTH"')]);
    const url = `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/3`;
    const right = copyOf(inRedis(url), told.log);
    expect(await amountFrom(right)).toBe(4);
    await untilKept(url);
    expect(await amountFrom(right)).toBe(4);
    await right.close();
    expect(told.lines.join()).not.toMatch(/p@ss|p%40ss|redis:\/\//);
  });

  it("that is full refuses what is new and goes on giving what it has", async () => {
    const { url } = await startRedis();
    const copy = copyOf(inRedis(url), told.log, [CONFLUENT_ACCOUNT, OTHER_ACCOUNT]);
    expect(await amountFrom(copy)).toBe(1);
    await untilKept(url);
    expect(await amountFrom(copy)).toBe(1);
    const server = await look(url);
    await server.fill();
    expect(await amountFrom(copy, "other")).toBe(2);
    await expect.poll(() => told.of("warn")).toEqual([expect.stringContaining('"OOM"')]);
    expect(await amountFrom(copy)).toBe(1);
    await copy.close();
    await server.close();
  });
});
