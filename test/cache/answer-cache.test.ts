import { describe, expect, it } from "vitest";
import { Secret } from "../../src/accounts/secret.ts";
import { AnswerCache } from "../../src/cache/answer-cache.ts";
import type { AnswerStore } from "../../src/cache/kept-answer.ts";
import { MemoryStore } from "../../src/cache/memory-store.ts";
import type { Connection, VendorRequest } from "../../src/vendor-http/connection.ts";
import { NOW } from "../providers/edge.ts";
import { answerOf } from "./keeping.ts";

const CONNECTION: Connection = {
  baseUrl: "https://api.example.com",
  provider: "openai_codex",
  account: "openai",
  credentials: [new Secret("key-1")],
  headers: () => ({ authorization: "Bearer key-1", "user-agent": "usage-mcp/1" }),
  errorText: () => undefined,
  refusal: () => undefined,
  requestIdHeader: "x-request-id",
  limit: () => ({ name: "the limit" }),
  concurrency: 4,
};
const REQUEST: VendorRequest = { method: "GET", path: "/v1/usage", query: [["date", "2026-11-01"]] };

const cacheOver = (...stores: readonly AnswerStore[]) => new AnswerCache(stores, () => NOW, { openSeconds: 300 });

describe("what an answer is kept under", () => {
  const { name, secret } = cacheOver().keyOf(CONNECTION, REQUEST);

  it.each<[string, Partial<Connection>, Partial<VendorRequest>]>([
    ["account", { account: "openai-2" }, {}],
    ["provider", { provider: "claude" }, {}],
    ["host", { baseUrl: "https://gateway.example.com" }, {}],
    ["credential", { credentials: [new Secret("key-2")] }, {}],
    ["organization in a header", { headers: () => ({ ...CONNECTION.headers(), "openai-organization": "org-2" }) }, {}],
    ["method", {}, { method: "POST" }],
    ["path", {}, { path: "/v1/usages" }],
    ["query", {}, { query: [["date", "2026-11-02"]] }],
    ["order of the query", {}, { query: [...(REQUEST.query ?? []), ["limit", "1"]] }],
    ["body", {}, { body: { date: "2026-11-01" } }],
  ])("is another for another %s", (_, connection, request) => {
    const key = cacheOver().keyOf({ ...CONNECTION, ...connection }, { ...REQUEST, ...request });
    expect(key.name).not.toBe(name);
  });

  it("is the same in another process, and for another version of the program", () => {
    const headers = () => ({ ...CONNECTION.headers(), "user-agent": "usage-mcp/2" });
    expect(cacheOver().keyOf({ ...CONNECTION, headers }, { ...REQUEST })).toEqual({ name, secret });
  });

  it("has a secret of its own for every account, told by neither name nor credential", () => {
    const others = [{ account: "openai-2" }, { credentials: [new Secret("key-2")] }];
    for (const other of others)
      expect(
        cacheOver()
          .keyOf({ ...CONNECTION, ...other }, REQUEST)
          .secret.equals(secret),
      ).toBe(false);
    expect(secret).toHaveLength(32);
    expect(name).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("several stores", () => {
  const key = cacheOver().keyOf(CONNECTION, REQUEST);
  const MINUTE = 60_000;
  const MIB = 1024 * 1024;
  const open = (minutesAgo: number) =>
    answerOf(`${minutesAgo}`, {
      at: NOW - minutesAgo * MINUTE,
      settled: false,
      until: NOW + (5 - minutesAgo) * MINUTE,
      headers: { etag: '"1"' },
    });

  it("give what is near, and bring nearer what is far", async () => {
    const [near, far] = [new MemoryStore(MIB), new MemoryStore(MIB)];
    await far.set(key, open(1), 60);
    const cache = cacheOver(near, far);
    expect((await cache.find(key))?.raw.toString()).toBe("1");
    await far.close();
    expect((await cache.find(key))?.raw.toString()).toBe("1");
  });

  it("are looked through for one that will do: another copy may have asked since", async () => {
    const [near, far] = [new MemoryStore(MIB), new MemoryStore(MIB)];
    await near.set(key, open(7), 60);
    await far.set(key, open(1), 60);
    expect((await cacheOver(near, far).find(key))?.raw.toString()).toBe("1");
    expect((await near.get(key))?.raw.toString()).toBe("1");
  });

  it("bring nothing nearer that is over", async () => {
    const [near, far] = [new MemoryStore(MIB), new MemoryStore(MIB)];
    await far.set(key, { ...open(5), headers: {} }, 60);
    await cacheOver(near, far).find(key);
    expect(await near.get(key)).toBeUndefined();
  });

  it("give none that was kept by a clock ahead of ours", () => {
    const cache = cacheOver();
    expect(cache.isGood(open(0), {})).toBe(true);
    expect(cache.isGood(open(-60), {})).toBe(false);
  });
});
