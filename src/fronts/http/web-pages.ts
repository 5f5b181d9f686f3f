import { validateOriginHeader } from "@modelcontextprotocol/server";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/**
 * Lets MCP clients that are web pages of the configured origins read what they are answered; the browser's question
 * beforehand, which holds no token, is answered here.
 */
export function forWebPages(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: (origin) => (validateOriginHeader(origin, [...origins]).ok ? origin : null),
    allowMethods: ["GET", "POST", "DELETE"],
    allowHeaders: [
      "accept",
      "authorization",
      "content-type",
      "last-event-id",
      "mcp-method",
      "mcp-name",
      "mcp-protocol-version",
      "mcp-session-id",
      "x-request-id",
    ],
    exposeHeaders: [
      "mcp-protocol-version",
      "mcp-session-id",
      "ratelimit-limit",
      "ratelimit-remaining",
      "ratelimit-reset",
      "retry-after",
      "www-authenticate",
      "x-request-id",
    ],
    maxAge: 600,
  });
}
