import { legacyRequest, modernRequest, posted, type Sent } from "./requests.ts";

/**
 * One request that a client may send, or should not, and its answer; by MCP's own rules for Streamable HTTP.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export interface Case extends Expected {
  sent: string;
  /** What the specification says of it; where it leaves the answer open, or we differ, why. */
  rule: string;
  request: Sent;
  status: number;
}

interface Expected {
  /** Of the JSON-RPC error. */
  code?: number;
  /** Of the answer; null where the request's could not be known. */
  id?: unknown;
  /** Found in the body. */
  says?: RegExp;
}

export function answered(sent: string, rule: string, request: Sent, status: number, expected: Expected = {}): Case {
  return { sent, rule, request, status, ...expected };
}

export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
export const UNKNOWN_METHOD = -32_601;
export const INVALID_PARAMS = -32_602;
export const HEADER_MISMATCH = -32_020;
export const UNSUPPORTED_VERSION = -32_022;

/** Requests that are right, to be made wrong. */
export const ping = posted(legacyRequest("ping"));
export const list = posted(modernRequest("tools/list"));
export const call = posted(modernRequest("tools/call", { name: "list_accounts", arguments: {} }));

/** The same with other headers; one that is undefined is left out. */
export function withHeaders(request: Sent, headers: Record<string, string | undefined>): Sent {
  return { ...request, headers: { ...request.headers, ...headers } };
}

export function withBody(request: Sent, body: string | Buffer): Sent {
  return { ...request, body };
}
