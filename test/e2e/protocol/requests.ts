import { type IncomingMessage, request } from "node:http";
import * as z from "zod";

/** One MCP request over HTTP, as a client of an era words it; what is wrong with it, a test adds. */
export interface McpRequest {
  headers: Record<string, string>;
  message: Record<string, unknown>;
}

export const ACCEPTED = "application/json, text/event-stream";
const COMMON = { "content-type": "application/json", accept: ACCEPTED };

/** What every request of the 2026 era tells of its client. */
export const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** 2025-11-25: one header, and a plain message. */
export function legacyRequest(method: string, params?: Record<string, unknown>, id: unknown = 1): McpRequest {
  return {
    headers: { ...COMMON, "mcp-protocol-version": "2025-11-25" },
    message: { jsonrpc: "2.0", id, method, ...(params ? { params } : {}) },
  };
}

/** 2026-07-28: headers that mirror the message, and an envelope in it. */
export function modernRequest(method: string, params: Record<string, unknown> = {}, id: unknown = 1): McpRequest {
  const { name } = params;
  return {
    headers: {
      ...COMMON,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof name === "string" ? { "mcp-name": name } : {}),
    },
    message: { jsonrpc: "2.0", id, method, params: { _meta: ENVELOPE, ...params } },
  };
}

/** Any HTTP request, right or wrong. A header that is undefined is not sent. */
export interface Sent {
  method?: string;
  headers?: Record<string, string | undefined>;
  body?: string | Buffer;
}

export interface Received {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** The JSON-RPC messages of the body: one, or those of its events. */
  messages: z.infer<typeof messageSchema>[];
}

const messageSchema = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  error: z.looseObject({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
  result: z.looseObject({}).optional(),
});

/** Sends over a connection of its own, nothing added but what HTTP needs. */
export async function send(url: string, { method = "POST", headers = {}, body }: Sent): Promise<Received> {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(new URL("/mcp", url), { method, headers: given, agent: false }, resolve);
    sent.on("error", reject);
    sent.end(body);
  });
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) text += chunk;
  const { statusCode: status = 0, headers: received } = response;
  return { status, headers: received, body: text, messages: messagesIn(received["content-type"], text) };
}

function messagesIn(type: string | undefined, text: string): Received["messages"] {
  if (text === "") return [];
  const parts =
    type === "text/event-stream"
      ? text.split("\n").flatMap((line) => (line.startsWith("data: ") ? [line.slice("data: ".length)] : []))
      : [text];
  return parts.map((part) => messageSchema.parse(JSON.parse(part)));
}

export function posted({ headers, message }: McpRequest): Sent {
  return { headers, body: JSON.stringify(message) };
}
