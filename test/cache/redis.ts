import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, RESP_TYPES } from "@redis/client";
import { afterAll } from "vitest";
import { emptyFolder } from "./keeping.ts";

const GIVEN = process.env["USAGE_MCP_TEST_REDIS_URL"];

/** Whether a test can start servers of its own, to end them. */
export const canStartRedis = spawnSync("redis-server", ["--version"]).status === 0;
export const hasRedis = canStartRedis || GIVEN !== undefined;
if (!canStartRedis)
  console.warn(
    hasRedis
      ? "No redis-server on the PATH: what happens when Redis fails is not tested."
      : "Neither redis-server on the PATH nor USAGE_MCP_TEST_REDIS_URL: Redis is not tested.",
  );

export interface RedisServer {
  url: string;
  port: number;
  process: ChildProcess;
  end(): Promise<void>;
}

const running: RedisServer[] = [];
afterAll(async () => {
  await Promise.all(running.map((server) => server.end()));
});

/** A server on loopback that writes nothing down and ends with the test file. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  return startRedisAt(await freePort(), ...settings);
}

export async function startRedisAt(port: number, ...settings: readonly string[]): Promise<RedisServer> {
  const usual = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", [...usual, ...settings], {
    cwd: emptyFolder(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (data) => {
    said += String(data);
  });
  for (let tries = 0; !said.includes("Ready to accept connections"); tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`redis-server does not start: ${said}`);
    await sleep(50);
  }
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const server = { url: `redis://127.0.0.1:${port}`, port, process: child, end };
  running.push(server);
  return server;
}

/** The server that the environment names, else one of the test's own. */
export async function redisUrl(): Promise<string> {
  return GIVEN ?? (await startRedis()).url;
}

/** Looks into a server beside the cache. */
export async function look(url: string) {
  const client = createClient({ url, RESP: 2 }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  await client.connect();
  return {
    keys: async () => (await client.keys("usage-mcp:*")).map(String).sort(),
    secondsLeft: (key: string) => client.ttl(key),
    get: (key: string) => client.get(key),
    set: (key: string, value: Buffer) => client.set(key, value, { expiration: "KEEPTTL" }),
    clear: async () => {
      for (const key of await client.keys("usage-mcp:*")) await client.del(key);
    },
    /** Nothing more goes in. */
    fill: () => client.configSet("maxmemory", "1"),
    close: () => client.close(),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
