import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { endServersAfterwards, json, type Loopback, startLoopback } from "../vendor-http/loopback.ts";
import { emptyFolder, filesIn } from "./keeping.ts";
import { canStartRedis, freePort, hasRedis, look, redisUrl, startRedis } from "./redis.ts";

/** The command as it is built: what is bundled wrongly fails here only. */
const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

endServersAfterwards();

let vendor: Loopback;
beforeEach(async () => {
  vendor = await startLoopback(json({ api_version: "billing/v1", kind: "CostList", metadata: {}, data: [] }));
});

function configWith(cache: unknown): string {
  const file = path.join(emptyFolder(), "config.json");
  const credentials = { api_key: "cc-key", api_secret: "cc-secret" };
  const accounts = [{ id: "confluent", provider: "confluent", base_url: vendor.url, credentials }];
  writeFileSync(file, JSON.stringify({ accounts, cache }));
  return file;
}

function start(cache: unknown, args: readonly string[]) {
  const env = { PATH: process.env["PATH"], USAGE_MCP_LOG: "warn" };
  const child = spawn(process.execPath, [CLI, "--config", configWith(cache), ...args], { env, stdio: "pipe" });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += String(data);
  });
  child.stderr.on("data", (data) => {
    stderr += String(data);
  });
  const ended = once(child, "close").then(([code]) => ({ code, stdout, stderr }));
  return { child, ended };
}

/** A question of one command, which ends by itself. */
async function ask(cache: unknown): Promise<string> {
  const { code, stdout, stderr } = await start(cache, ["cost", "--period", "last_month", "-o", "json"]).ended;
  expect({ code, stderr: stderr.replace(/^\{.*"store":"redis".*\n/gm, "") }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

describe("the built command", () => {
  it("finds in its folder what the one before it was answered, down to the time of it", async () => {
    const folder = path.join(emptyFolder(), "cache");
    const first = await ask({ folder });
    expect(filesIn(folder).answers).toHaveLength(1);
    expect(await ask({ folder })).toBe(first);
    expect(vendor.asked).toHaveLength(1);
  });

  it.runIf(hasRedis)("finds in Redis what the one before it was answered, and ends", async () => {
    const url = await redisUrl();
    const first = await ask({ redis_url: url });
    expect(await ask({ redis_url: url })).toBe(first);
    expect(vendor.asked).toHaveLength(1);
    const server = await look(url);
    await server.clear();
    await server.close();
  });

  it.runIf(canStartRedis)("ends, and answers, without Redis: nobody listens, or it hangs", async () => {
    const hanging = await startRedis();
    hanging.process.kill("SIGSTOP");
    for (const redis_url of [`redis://127.0.0.1:${await freePort()}`, hanging.url]) await ask({ redis_url });
    expect(vendor.asked).toHaveLength(2);
  });

  it("opens neither before the first question, and ends with its input though Redis holds the connection", async () => {
    const connections = new Set<Socket>();
    // A server that takes connections and says nothing.
    const redis = createServer((socket) => connections.add(socket)).listen(0, "127.0.0.1");
    await once(redis, "listening");
    const address = redis.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    const folder = path.join(emptyFolder(), "cache");
    const { child, ended } = start({ folder, redis_url: `redis://127.0.0.1:${address.port}` }, ["stdio"]);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const call = async (id: number, method: string, params: object) => {
      send({ id, method, params });
      return String((await lines.next()).value);
    };
    const clientInfo = { name: "test", version: "1" };
    await call(1, "initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
    send({ method: "notifications/initialized" });
    expect(await call(2, "tools/list", {})).toContain("get_cost_summary");
    expect(connections.size).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    const answer = await call(3, "tools/call", { name: "get_cost_summary", arguments: { period: "last_month" } });
    expect(answer).toContain('"is_partial_response":false');
    expect(connections.size).toBe(1);
    child.stdin.end();
    expect(await ended).toMatchObject({ code: 0 });
    expect(filesIn(folder).answers).toHaveLength(1);
    for (const socket of connections) socket.destroy();
    redis.close();
  });
});
