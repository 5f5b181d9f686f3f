import { Agent } from "undici";

const HEADERS_TIMEOUT = 30_000;
const BODY_TIMEOUT = 60_000;
const CONNECT_TIMEOUT = 10_000;

/** Connections to vendors: kept and reused, a few to each host, none waiting for ever. */
export function openDispatcher(): Agent {
  return new Agent({
    headersTimeout: HEADERS_TIMEOUT,
    bodyTimeout: BODY_TIMEOUT,
    connect: { timeout: CONNECT_TIMEOUT },
    connections: 8,
  });
}
