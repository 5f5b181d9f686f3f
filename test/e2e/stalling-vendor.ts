import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";

/** A Confluent that answers the first month and then never again. */
export interface StallingVendor {
  /** The account of it, for a config file. */
  account: { id: string; provider: "confluent"; base_url: string; credentials: Record<string, string> };
  asked(): number;
  /** Resolves once it was asked what it does not answer. */
  stalled: Promise<unknown>;
  /** Resolves once whoever asked that has gone. */
  gone: Promise<unknown>;
  close(): Promise<void>;
}

/** What makes it stall: two months. */
export const STALLING_QUESTION = { start_date: "2026-08-01", end_date: "2026-11-01" };

export async function startStallingVendor(): Promise<StallingVendor> {
  let asked = 0;
  const events = new EventEmitter();
  const [stalled, gone] = [once(events, "stalled"), once(events, "gone")];
  const server = createServer((_request, response) => {
    asked++;
    if (asked === 1) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ data: [], metadata: {} }));
      return;
    }
    response.on("close", () => events.emit("gone"));
    events.emit("stalled");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The vendor has no port.");
  return {
    account: {
      id: "confluent",
      provider: "confluent",
      base_url: `http://127.0.0.1:${address.port}`,
      credentials: { api_key: "planted-key", api_secret: "planted-secret" },
    },
    asked: () => asked,
    stalled,
    gone,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
