import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isLoopback } from "../../accounts/config-values.ts";
import { UsageError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Opened } from "../../open.ts";
import { guardedAccess, openAccess } from "./access.ts";
import { createApp, LOOPBACK_NAMES, type Stage } from "./app.ts";
import { isGuarded, readHttpConfig } from "./config.ts";
import type { Metrics } from "./metrics.ts";
import { openServer } from "./server.ts";

export interface Listen {
  host: string;
  port: number;
}

/** New connections that never cease must not keep a server from its end. */
const LONGEST_WAIT_SECONDS = 1;

export interface Running {
  /** Where it is reached, e.g. `http://127.0.0.1:3333`. */
  url: string;
  /**
   * Tells load balancers (`/readyz` 503) and goes on for `drain_seconds`; then refuses what is new and lets answers in flight
   * finish, `shutdown_seconds` at most.
   */
  stop(): Promise<void>;
}

/**
 * Serves `/mcp` and the REST endpoint over HTTP.
 * @throws UsageError (configuration): an address beyond this machine without tokens, a port that is taken, a faulty config
 */
export async function serveHttp(
  opened: Opened,
  listen: Listen,
  env: NodeJS.ProcessEnv,
  parts: { log: Log; metrics: Metrics },
): Promise<Running> {
  const { engine, http } = opened;
  const config = readHttpConfig(
    http.section,
    http.from,
    env,
    engine.accounts.map(({ id }) => id),
  );
  const guarded = isGuarded(config);
  const isLocal = isThisMachine(listen.host);
  if (!guarded && !isLocal) throw unguarded(listen.host);
  let stage: Stage = "serving";
  const { app, close } = createApp({
    engine,
    config,
    ...parts,
    access: guarded ? await guardedAccess(engine, config, parts.log) : openAccess(engine),
    hosts: hostNames(listen.host, isLocal, config.hosts),
    stage: () => stage,
  });
  const { server, exchanges } = openServer(app.fetch, config.limits, parts);
  const { address, family, port } = await listening(server, listen, guarded);
  // From here on an error is one connection's that could not be taken (no more file handles, say).
  server.on("error", (error) => parts.log.error({ error: error.message }, "a connection could not be taken"));
  const url = `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  parts.log.info({ url, guarded }, "listening");
  const stop = async () => {
    const { drainSeconds, shutdownSeconds } = config.limits;
    stage = "draining";
    exchanges.drain();
    parts.log.info({ drain_seconds: drainSeconds, shutdown_seconds: shutdownSeconds }, "shutting down");
    if (drainSeconds > 0) await sleep(drainSeconds * 1000);
    await exchanges.takeWaiting(Math.min(LONGEST_WAIT_SECONDS, shutdownSeconds));
    stage = "ending";
    const cut = await exchanges.end(shutdownSeconds);
    if (cut > 0) parts.log.warn({ answers: cut }, "answers were cut short: their time to finish was over");
    await close();
    parts.log.info({}, "stopped");
  };
  let stopped: Promise<void> | undefined;
  return {
    url,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function listening(server: Server, { host, port }: Listen, guarded: boolean): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(unbound(host, port, error)));
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === "string") return reject(unbound(host, port, new Error("no address")));
      if (guarded || isThisMachine(address.address)) return resolve(address);
      // A name may stand for any address, localhost too. No connection has been taken yet.
      server.close();
      reject(unguarded(`${host} (${address.address})`));
    });
  });
}

/**
 * The names under which it may be called: the configured ones and this machine's own, which 0.0.0.0 is not though browsers take
 * it for that. With none configured, a server that others reach may be called by any: nobody comes in without a token.
 */
function hostNames(host: string, isLocal: boolean, configured: readonly string[]): readonly string[] | undefined {
  if (isLocal) return [...LOOPBACK_NAMES, host, ...configured];
  return configured.length > 0 ? [...LOOPBACK_NAMES, ...configured] : undefined;
}

function isThisMachine(host: string): boolean {
  return isLoopback(host) || host === "::1";
}

function unguarded(host: string): UsageError {
  return new UsageError(
    "configuration",
    `http: without tokens it serves this machine only, and ${host} is open to others. Add http.tokens or http.oauth to the config (or set USAGE_MCP_HTTP_TOKEN_SHA256), or leave --host out.`,
  );
}

function unbound(host: string, port: number, error: Error): UsageError {
  const code = "code" in error ? String(error.code) : error.message;
  const why = code === "EADDRINUSE" ? "the port is taken" : code === "EACCES" ? "it is not allowed" : code;
  return new UsageError(
    "configuration",
    `http: it can't listen on ${host}:${port}, ${why}. Choose another with --host and --port.`,
  );
}
