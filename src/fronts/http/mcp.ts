import {
  type AuthInfo,
  createMcpHandler,
  INVALID_REQUEST,
  isJsonContentType,
  PARSE_ERROR,
  readRequestBody,
} from "@modelcontextprotocol/server";
import type { Context } from "hono";
import type { Log } from "../../log.ts";
import { createMcpServer } from "../mcp-server.ts";
import type { Limits } from "./limits-config.ts";
import { refusal } from "./refusal.ts";
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
      return createMcpServer(c.get("caller").engine, log, {
        request: { id: c.get("requestId"), signal: c.get("signal"), deadline: c.get("deadline") },
      });
    },
    { onerror: (error) => log.debug({ reason: reasonOf(error) }, "MCP request refused") },
  );
  return {
    answer: async (c) => {
      const authInfo: AuthInfo = { token: "", clientId: c.get("caller").name, scopes: [] };
      asked.set(authInfo, c);
      const { method, url, raw } = c.req;
      // Without the body, which is read here, and without a signal: Node keeps a request for ever whose signal is listened to
      // by what holds the request, as the handler does. What ends the call is the signal that the server was given.
      const request = new Request(url, { method, headers: raw.headers });
      // What is not JSON, the handler refuses; and only a POST has a message.
      if (method !== "POST" || !isJsonContentType(raw.headers.get("content-type")))
        return handler.fetch(request, { authInfo });
      const parsedBody = await messageOf(c, limits.bodyBytes);
      return parsedBody instanceof Response ? parsedBody : handler.fetch(request, { authInfo, parsedBody });
    },
    close: () => handler.close(),
  };
}

/** The handler's messages quote the request, which may hold anything; their name for what was wrong with it does not. */
function reasonOf({ name, message }: Error): string {
  const [, reason = name] = /^Rejected inbound request \(([\w-]+)\): /.exec(message) ?? [];
  return reason;
}

/**
 * The one message that a request holds, parsed; or the answer that refuses it. The handler would take a batch from clients of
 * the 2025 era, which MCP gave up in 2025-06-18: a hundred calls that count as one, of which those with the same id go
 * without an answer.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
 */
async function messageOf(c: Context<HttpEnv>, mostBytes: number): Promise<unknown> {
  const faulty = (code: number, message: string) => c.json({ jsonrpc: "2.0", error: { code, message }, id: null }, 400);
  const body = await readRequestBody(c.req.raw, mostBytes).catch(() => undefined);
  if (!body) return faulty(PARSE_ERROR, "The body did not arrive whole. Send it again.");
  if (body.tooLarge) return refusal(c, 413, `The request is larger than ${mostBytes} bytes. Ask for less at once.`);
  let message: unknown;
  try {
    message = JSON.parse(body.text);
  } catch {
    return faulty(PARSE_ERROR, "The body is not JSON. Send one JSON-RPC message.");
  }
  if (Array.isArray(message))
    return faulty(INVALID_REQUEST, "JSON-RPC batches are not taken. Send each message by itself.");
  return message;
}
