import { openLog } from "../../log.ts";
import { type OpenOptions, openEngine } from "../../open.ts";
import { createMetrics } from "./metrics.ts";
import { type Listen, serveHttp } from "./serve.ts";

/** `usage-mcp http`: serves until it is told to stop (SIGTERM, SIGINT), then lets answers in flight finish. */
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
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await running.stop();
  await opened.close();
}
