import { type AuthInfo, createMcpHandler } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import type { Log } from "../../log.ts";
import { createMcpServer } from "../mcp-server.ts";
import type { Limits } from "./config.ts";
import type { HttpEnv } from "./request.ts";

export interface McpRoute {
  answer(c: Context<HttpEnv>): Promise<Response>;
  /** Ends the exchanges that are still open. */
  close(): Promise<void>;
}

/**
 * `/mcp`: Streamable HTTP for 2025-era and 2026-07-28 clients. Stateless: each request is answered by a server of its own, so
 * any copy answers any request.
 */
export function mcpRoute(limits: Limits, log: Log): McpRoute {
  // By what the handler hands through; the token itself stays at the door.
  const asked = new WeakMap<AuthInfo, Context<HttpEnv>>();
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const c = authInfo && asked.get(authInfo);
      if (!c) throw new Error("A request reached MCP past the door.");
      return createMcpServer(c.get("caller").engine, log, { id: c.get("requestId"), signal: c.get("signal") });
    },
    {
      maxRequestBodySize: limits.bodyBytes,
      onerror: (error) => log.debug({ error: error.message }, "MCP request refused"),
    },
  );
  return {
    answer: (c) => {
      const authInfo: AuthInfo = { token: "", clientId: c.get("caller").name, scopes: [] };
      asked.set(authInfo, c);
      return handler.fetch(c.req.raw, { authInfo });
    },
    close: () => handler.close(),
  };
}
