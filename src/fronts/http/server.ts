import { randomUUID } from "node:crypto";
import { createServer, type Server, STATUS_CODES } from "node:http";
import { Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Log } from "../../log.ts";
import type { App } from "./app.ts";
import { Exchanges } from "./exchanges.ts";
import type { Limits } from "./limits-config.ts";
import type { Metrics, RefusalReason } from "./metrics.ts";

/** A request that could not be read, so that nothing behind the server has seen it. */
interface Unread {
  status: number;
  reason: RefusalReason;
  message: string;
}

/** How long the reader of a refusal has to read it before the connection is torn down. */
const LINGER_MS = 500;

/** The HTTP server under the app: what it takes on of sockets, and what it answers to those that speak no HTTP. */
export function openServer(
  fetch: App["app"]["fetch"],
  limits: Limits,
  { log, metrics }: { log: Log; metrics: Metrics },
): { server: Server; exchanges: Exchanges } {
  const listener = getRequestListener(fetch, {
    // HTTP/1.0 need not name a host; load balancers' probes don't.
    hostname: "localhost",
    // The global Request and Response belong to the vendors' side too.
    overrideGlobalObjects: false,
    errorHandler: () => {
      const unread = { status: 400, reason: "malformed", message: "The request's target or Host is no URL." } as const;
      const { body, requestId } = refused(unread, log, metrics);
      return Response.json(body, { status: unread.status, headers: { "x-request-id": requestId } });
    },
  });
  const options = {
    maxHeaderSize: limits.headerBytes,
    requestTimeout: milliseconds(limits.requestSeconds),
    headersTimeout: milliseconds(Math.min(limits.requestSeconds, 10)),
    // Longer than load balancers keep theirs (60 s): the one who reuses a connection should be the one who closes it.
    keepAliveTimeout: milliseconds(Math.min(limits.idleSeconds, 65)),
    connectionsCheckingInterval: 500,
  };
  const server = createServer(options, listener);
  server.maxConnections = limits.connections;
  server.timeout = milliseconds(limits.idleSeconds);
  const exchanges = new Exchanges(server);

  server.on("timeout", (socket) => {
    // A long call is bounded by its own time; who reads nothing, or asks nothing, has had theirs.
    if (exchanges.isAwaited(socket)) socket.setTimeout(server.timeout);
    else socket.destroy();
  });
  const answered = new WeakSet<Socket>();
  const refuse = (socket: Socket, unread: Unread) => {
    answered.add(socket);
    // The beginning of another answer can't be taken back.
    if (!socket.writable || exchanges.on(socket).some(({ headersSent }) => headersSent)) {
      socket.destroy();
      return;
    }
    socket.end(message(unread, refused(unread, log, metrics)));
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
  server.on("clientError", (error: NodeJS.ErrnoException, stream) => {
    if (!(stream instanceof Socket) || error.code === "ECONNRESET" || error.code === "EPIPE") stream.destroy();
    else if (!answered.has(stream)) refuse(stream, unreadOf(error.code, limits));
  });
  server.on("connect", (_request, stream) => {
    if (stream instanceof Socket)
      refuse(stream, { status: 405, reason: "malformed", message: "This is no proxy: CONNECT is not served." });
  });
  server.on("drop", () => {
    metrics.refused("connections");
    // Who asks nothing now makes room for the next.
    server.closeIdleConnections();
  });
  return { server, exchanges };
}

function unreadOf(code: string | undefined, limits: Limits): Unread {
  if (code === "HPE_HEADER_OVERFLOW")
    return {
      status: 431,
      reason: "size",
      message: `The request's line and headers are larger than ${limits.headerBytes} bytes.`,
    };
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW")
    return { status: 413, reason: "size", message: "The request's chunks carry too much beside its body." };
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return { status: 408, reason: "slow", message: "The request did not arrive whole in time. Send it again, faster." };
  return { status: 400, reason: "malformed", message: "The request is not well-formed HTTP/1.1." };
}

function refused({ status, reason, message: text }: Unread, log: Log, metrics: Metrics) {
  const requestId = randomUUID();
  metrics.refused(reason);
  log.info({ request: requestId, status, reason }, "request could not be read");
  return {
    requestId,
    body: { statusCode: status, error: STATUS_CODES[status] ?? "Error", message: text, request_id: requestId },
  };
}

function message({ status }: Unread, { body, requestId }: { body: { error: string }; requestId: string }): string {
  const text = JSON.stringify(body);
  return [
    `HTTP/1.1 ${status} ${body.error}`,
    "connection: close",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${requestId}`,
    "",
    text,
  ].join("\r\n");
}

function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000);
}
