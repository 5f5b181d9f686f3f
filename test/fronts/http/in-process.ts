import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { createMetrics, type Metrics } from "../../../src/fronts/http/metrics.ts";
import { type Running, serveHttp } from "../../../src/fronts/http/serve.ts";
import type { Log } from "../../../src/log.ts";
import { openEngine } from "../../../src/open.ts";
import { sha256 } from "./server.ts";

export const TOKENS = {
  agents: "token-of-agents-8f2d",
  finance: "token-of-finance-51c9",
  watcher: "token-of-watcher-77aa",
};

export interface Logged extends Record<string, unknown> {
  level: "debug" | "info" | "warn" | "error";
  message: string;
}

export interface Served extends Running {
  port: number;
  metrics: Metrics;
  logged: Logged[];
}

const served: Served[] = [];

/** Ends the servers of a test file. Call once in it. */
export function stopServersAfterwards(): void {
  afterAll(async () => {
    await Promise.all(served.splice(0).map((server) => server.stop()));
  });
}

/** A Confluent account of a loopback vendor. */
export function confluentAt(url: string, id = "confluent") {
  return {
    id,
    provider: "confluent",
    base_url: url,
    credentials: { api_key: "cc-key-s3cret", api_secret: "cc-sec-s3cret" },
  };
}

/**
 * The HTTP front in the test's own process, on a free port, with small limits that a test chooses.
 * @param http the config's section; without tokens it is open to this machine
 */
export async function serve(
  accounts: readonly { id: string }[],
  http: { guarded?: boolean; limits?: Record<string, number>; [name: string]: unknown } = {},
): Promise<Served> {
  const { guarded = false, ...section } = http;
  const ids = accounts.map(({ id }) => id);
  const tokens = [
    { name: "agents", sha256: sha256(TOKENS.agents), accounts: ["*"] },
    { name: "finance", sha256: sha256(TOKENS.finance), accounts: ids.slice(0, 1) },
    { name: "watcher", sha256: sha256(TOKENS.watcher), accounts: [] },
  ];
  const file = path.join(mkdtempSync(path.join(tmpdir(), "usage-mcp-")), "config.json");
  writeFileSync(file, JSON.stringify({ accounts, http: { ...section, ...(guarded ? { tokens } : {}) } }));
  const logged: Logged[] = [];
  const to = (level: Logged["level"]) => (fields: Record<string, unknown>, message: string) => {
    logged.push({ ...fields, level, message });
  };
  const log: Log = { debug: to("debug"), info: to("info"), warn: to("warn"), error: to("error") };
  const metrics = createMetrics();
  const opened = await openEngine({ config: file }, {}, log, metrics);
  const running = await serveHttp(opened, { host: "127.0.0.1", port: 0 }, {}, { log, metrics });
  const server = { ...running, port: Number(new URL(running.url).port), metrics, logged };
  served.push(server);
  return server;
}

export const USAGE = "/unified/usage-metering/usage";

/** What a client of the REST endpoint sends. */
export function ask(
  server: Pick<Running, "url">,
  query = "",
  token: string | undefined = undefined,
  init: RequestInit = {},
) {
  const headers = { accept: "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return fetch(`${server.url}${USAGE}${query}`, { ...init, headers: { ...headers, ...init.headers } });
}

/** One MCP message, as a 2025-era client sends it. */
export function callMcp(
  server: Pick<Running, "url">,
  message: Record<string, unknown>,
  token: string | undefined = undefined,
  init: RequestInit = {},
) {
  return fetch(`${server.url}/mcp`, {
    ...init,
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...init.headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }),
  });
}

export const LIST_TOOLS = { method: "tools/list", params: {} };

export function toolCall(name: string, args: Record<string, unknown> = {}) {
  return { method: "tools/call", params: { name, arguments: args } };
}
