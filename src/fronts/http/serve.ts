import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { isLoopback } from "../../accounts/config-values.ts";
import { UsageError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Opened } from "../../open.ts";
import { guardedAccess, openAccess } from "./access.ts";
import { createApp, LOOPBACK_NAMES } from "./app.ts";
import { type HttpConfig, readHttpConfig } from "./config.ts";
import type { Metrics } from "./metrics.ts";

export interface Listen {
  host: string;
  port: number;
}

export interface Running {
  /** Where it is reached, e.g. `http://127.0.0.1:3333`. */
  url: string;
  /** Refuses what is new, lets answers in flight finish, then ends. */
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
  const isGuarded = config.tokens.length > 0 || config.oauth !== undefined;
  const isLocal = isLoopback(listen.host) || listen.host === "::1";
  if (!isGuarded && !isLocal) throw unguarded(listen.host);
  let draining = false;
  const { app, close } = createApp({
    engine,
    config,
    ...parts,
    access: isGuarded ? guardedAccess(engine, config) : openAccess(engine),
    hosts: isLocal || config.hosts.length > 0 ? [...LOOPBACK_NAMES, ...config.hosts] : undefined,
    isDraining: () => draining,
  });
  const server = createServer(app.fetch, config);
  const { address, family, port } = await listening(server, listen);
  const url = `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  parts.log.info({ url, guarded: isGuarded }, "listening");
  return {
    url,
    stop: async () => {
      draining = true;
      parts.log.info({}, "shutting down");
      await ended(server, config.limits.shutdownSeconds);
      await close();
    },
  };
}

function createServer(fetch: Parameters<typeof createAdaptorServer>[0]["fetch"], { limits }: HttpConfig): Server {
  const server = createAdaptorServer({
    fetch,
    // The global Request and Response belong to the vendors' side too.
    overrideGlobalObjects: false,
    serverOptions: {
      maxHeaderSize: limits.headerBytes,
      requestTimeout: limits.requestSeconds * 1000,
      headersTimeout: Math.min(limits.requestSeconds, 10) * 1000,
      // Longer than load balancers keep theirs (60 s): the one who reuses a connection should be the one who closes it.
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1000,
    },
  }) as Server;
  server.maxConnections = limits.connections;
  server.setTimeout(limits.idleSeconds * 1000);
  return server;
}

function listening(server: Server, { host, port }: Listen): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(unbound(host, port, error)));
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(unbound(host, port, new Error("no address")));
      else resolve(address);
    });
  });
}

/** No new connections; those that answer nothing are closed now, the others when they are done or their time is over. */
function ended(server: Server, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), seconds * 1000).unref();
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
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
