import { STATUS_CODES } from "node:http";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { HttpEnv } from "./request.ts";

/** Where MCP is spoken: refusals there are JSON-RPC errors, elsewhere the REST error envelope. */
export const MCP_PATH = "/mcp";

/** A request refused before anything was asked: what is wrong with it, and what to do. */
export function refusal(
  c: Context<HttpEnv>,
  status: ContentfulStatusCode,
  message: string,
  headers: Record<string, string> = {},
): Response {
  const body =
    c.req.path === MCP_PATH
      ? { jsonrpc: "2.0", error: { code: -32_000, message }, id: null }
      : { statusCode: status, error: STATUS_CODES[status] ?? "Error", message, request_id: c.get("requestId") };
  return c.json(body, status, headers);
}
