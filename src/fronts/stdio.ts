import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Engine } from "../engine/engine.ts";
import type { Log } from "../log.ts";
import { createMcpServer } from "./mcp-server.ts";

/** Serves MCP over stdin and stdout, to 2025-era and 2026-07-28 clients alike, until stdin ends. */
export function serveOverStdio(engine: Engine, log: Log, callSeconds?: number): void {
  serveStdio(() => createMcpServer(engine, log, { callSeconds }), {
    onerror: (error) => log.warn({ error: error.message }, "transport error"),
  });
}
