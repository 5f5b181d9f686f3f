import { createHmac } from "node:crypto";
import { afterAll } from "vitest";
import { readConfig } from "../../../src/accounts/config.ts";
import { type CacheConfig, USUAL_CACHE } from "../../../src/cache/config.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { createMetrics } from "../../../src/fronts/http/metrics.ts";
import { serveHttp } from "../../../src/fronts/http/serve.ts";
import { type Log, SILENT } from "../../../src/log.ts";
import { startSandbox } from "../../../src/sandbox/server.ts";
import { CursorCodec } from "../../../src/usage/cursor.ts";
import { NOTHING_KEPT } from "../../providers/edge.ts";

/** The HTTP front in this process, over accounts whose vendors are real servers too. */

/** A Monday: October is over and published, November runs. */
export const NOW = Date.parse("2026-11-23T09:00:00Z");
export const USAGE = "/unified/usage-metering/usage";

/** Whoever pages in a test asks faster than a client may. */
const LIMITS = { requests_per_token: 1_000_000, requests_per_account: 1_000_000, concurrent_calls: 1000 };

export interface Service {
  url: string;
  /** The endpoint itself. */
  usage: string;
  accounts: readonly string[];
}

interface Options {
  cache?: CacheConfig;
  http?: Record<string, unknown>;
  log?: Log;
  now?: () => number;
}

const closing: (() => Promise<void>)[] = [];

/** Call once in a test file. */
export function endServicesAfterwards(): void {
  afterAll(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
  });
}

/** @param accounts as a config file has them */
export async function startService(accounts: readonly unknown[], options: Options = {}): Promise<Service> {
  // What most vendors here answer changes from call to call.
  const { http = {}, log = SILENT, now = () => NOW, cache = NOTHING_KEPT } = options;
  const metrics = createMetrics();
  const cursors = new CursorCodec((account) => createHmac("sha256", "cursors of these tests").update(account).digest());
  const configured = readConfig({ accounts }, "test", {});
  const engine = new Engine({
    accounts: configured,
    cursors,
    clock: now,
    log,
    telemetry: metrics,
    cache,
    pace: { second: 0 },
  });
  const section = {
    limits: { ...LIMITS, ...Object(http["limits"]) },
    ...(http["tokens"] ? { tokens: http["tokens"] } : {}),
  };
  const running = await serveHttp(
    { engine, http: { section, from: "test" }, close: async () => {} },
    { host: "127.0.0.1", port: 0 },
    {},
    { log, metrics },
  );
  closing.push(() => running.stop());
  return { url: running.url, usage: `${running.url}${USAGE}`, accounts: configured.map(({ id }) => id) };
}

/** Over all simulated vendors, where nothing is asked for that a key or a token would be needed for. */
export async function startSandboxService(options: Options = {}): Promise<Service> {
  const sandbox = await startSandbox({ now: () => new Date(NOW) });
  closing.push(() => sandbox.close());
  return startService(sandbox.accounts, { cache: USUAL_CACHE, ...options });
}
