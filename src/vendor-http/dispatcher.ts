import { Agent } from "undici";
import type { Bounds } from "./bounds.ts";

/** Connections to vendors: kept and reused, a few to each host, none waiting for ever. */
export function openDispatcher({ connectMs, headersMs, bodyMs }: Bounds): Agent {
  return new Agent({
    headersTimeout: headersMs,
    bodyTimeout: bodyMs,
    connect: { timeout: connectMs },
    connections: 8,
  });
}
