import { constants } from "node:os";
import { failureKind, loggable } from "../../errors.ts";
import { type Log, openLog } from "../../log.ts";
import { type OpenOptions, openEngine } from "../../open.ts";
import type { Telemetry } from "../../telemetry.ts";
import { createMetrics } from "./metrics.ts";
import { type Listen, serveHttp } from "./serve.ts";

/** How long answers in flight have after an exception that nobody caught. */
const LAST_SECONDS = 5;

/**
 * `usage-mcp http`: serves until it is told to stop (SIGTERM, SIGINT), then lets answers in flight finish and exits with 0. A
 * second signal ends it at once.
 */
export async function runHttp(options: OpenOptions & Listen): Promise<void> {
  const { host, port, ...open } = options;
  const log = await openLog(process.env["USAGE_MCP_LOG"] ?? "info");
  const metrics = createMetrics();
  const opened = await openEngine(open, process.env, log, metrics);
  const running = await serveHttp(opened, { host, port }, process.env, { log, metrics }).catch(
    async (error: unknown) => {
      await opened.close();
      throw error;
    },
  );
  process.stderr.write(`usage-mcp listens on ${running.url}\n`);
  await Promise.race([signalled(), broken(log, metrics)]);
  await running.stop();
  await opened.close();
  // Connections to vendors that are kept open hold nothing up.
  process.exit();
}

/** Resolves with the first signal to stop. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let isFirst = true;
    const stop = (signal: "SIGTERM" | "SIGINT") => {
      if (!isFirst) process.exit(128 + constants.signals[signal]);
      isFirst = false;
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}

/**
 * Resolves with an exception that nobody caught: what it left behind is unknown, so the process ends, with 1, for whoever
 * watches it to start another. A promise that nobody waited for concerns one request; it is told of, and all goes on.
 */
function broken(log: Log, telemetry: Telemetry): Promise<void> {
  const note = (error: unknown, message: string) => {
    telemetry.failure(failureKind(error));
    log.error(loggable(error), message);
  };
  process.on("unhandledRejection", (reason) => note(reason, "a promise failed that nobody waited for"));
  return new Promise((resolve) => {
    process.on("uncaughtException", (error) => {
      note(error, "an exception that nobody caught; shutting down");
      if (process.exitCode === 1) process.exit();
      process.exitCode = 1;
      setTimeout(() => process.exit(), LAST_SECONDS * 1000).unref();
      resolve();
    });
  });
}
