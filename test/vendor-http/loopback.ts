import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { inspect } from "node:util";
import { afterAll } from "vitest";
import type { ProviderId } from "../../src/accounts/account.ts";
import { readConfig } from "../../src/accounts/config.ts";
import { describeError, UsageError } from "../../src/errors.ts";
import { type Log, SILENT } from "../../src/log.ts";
import { ADAPTERS } from "../../src/providers/index.ts";
import { VendorHttp, type VendorHttpOptions } from "../../src/vendor-http/client.ts";
import type { Connection, VendorAnswer, VendorRequest } from "../../src/vendor-http/connection.ts";
import type { Wait } from "../../src/vendor-http/vendor-call.ts";

/** How a loopback vendor answers one request: the first reply the first, the last one all that follow. */
export type Reply = (response: ServerResponse, request: IncomingMessage) => void;

export interface Loopback {
  url: string;
  port: number;
  /** The requests as they came, with the instant of each. */
  asked: { at: number; method: string; url: string; headers: IncomingMessage["headers"] }[];
  /** Requests that are neither answered in full nor given up by the client. */
  open(): number;
  /** Resolves when the n-th request is there. */
  reached(count: number): Promise<void>;
  /** Resolves when no request is open. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const running: Loopback[] = [];

/** Ends the servers of a test file. Call once in it. */
export function endServersAfterwards(): void {
  afterAll(async () => {
    await Promise.all(running.splice(0).map((server) => server.close()));
  });
}

export async function startLoopback(...replies: readonly Reply[]): Promise<Loopback> {
  const asked: Loopback["asked"] = [];
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watch of watchers) watch();
  };
  let open = 0;
  const server = createServer((request, response) => {
    asked.push({
      at: performance.now(),
      method: request.method ?? "",
      url: request.url ?? "",
      headers: request.headers,
    });
    open++;
    response.on("close", () => {
      open--;
      changed();
    });
    changed();
    const reply = replies[asked.length - 1] ?? replies.at(-1);
    reply?.(response, request);
  });
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const watch = () => {
        if (!holds()) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
      watch();
    });
  const port = await listen(server);
  const loopback: Loopback = {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    open: () => open,
    reached: (count) => until(() => asked.length >= count),
    idle: () => until(() => open === 0),
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
  running.push(loopback);
  return loopback;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

/** A port where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

export const ok = { fine: true } as const;

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return text(JSON.stringify(body), status, { "content-type": "application/json", ...headers });
}

export function text(body: string, status = 200, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** A length is promised, part of it sent, and the connection ended. */
export const brokenOff: Reply = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"data": [1, 2', () => response.destroy());
};

export const reset: Reply = (response) => {
  response.socket?.resetAndDestroy();
};

export const silence: Reply = () => {};

/** Headers and the beginning of a body, then nothing. */
export const stalled: Reply = (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"data": [');
};

export const SECRETS = {
  datadog: { api_key: "dd-key-s3cret", application_key: "dd-app-s3cret" },
  confluent: { api_key: "cc-key-s3cret", api_secret: "cc-sec-s3cret" },
} as const;
export type Vendor = keyof typeof SECRETS;
export const VENDORS = ["datadog", "confluent"] as const satisfies readonly Vendor[];

const basic = Buffer.from(`${SECRETS.confluent.api_key}:${SECRETS.confluent.api_secret}`).toString("base64");
/** Every spelling in which the credentials travel. */
const SPELLINGS = [...Object.values(SECRETS.datadog), ...Object.values(SECRETS.confluent), basic];

export const REQUESTS: Readonly<Record<Vendor, VendorRequest>> = {
  datadog: { method: "GET", path: "/api/v2/usage/historical_cost", query: [["start_month", "2026-10"]] },
  confluent: { method: "GET", path: "/billing/v1/costs", query: [["start_date", "2026-10-01"]] },
};

const NOW = Date.UTC(2026, 10, 23, 9);

/** The connection that the vendor's own adapter makes, led to a loopback server. */
export function connectTo(baseUrl: string, vendor: ProviderId = "confluent"): Connection {
  const credentials = vendor === "datadog" || vendor === "confluent" ? SECRETS[vendor] : { api_key: "sk-admin-s3cret" };
  const account = { id: `my-${vendor}`, provider: vendor, base_url: baseUrl, credentials };
  const [configured] = readConfig({ accounts: [account] }, "test", {});
  if (!configured) throw new Error("there is an account");
  return ADAPTERS[vendor].connect(configured, NOW);
}

/** One request of each vendor, so far as a test needs no more than its rules. */
const ANY_REQUEST: VendorRequest = { method: "GET", path: "/anything" };

export interface Asking extends VendorHttpOptions {
  vendor?: ProviderId;
  request?: VendorRequest;
  signal?: AbortSignal;
  /** Milliseconds from now. */
  deadline?: number;
  waiting?(wait: Wait): void;
  log?: Log;
}

export function ask(baseUrl: string, options: Asking = {}): Promise<VendorAnswer> {
  const { vendor = "confluent", log = SILENT, deadline, waiting, signal, request, ...http } = options;
  const asked = request ?? (vendor === "datadog" || vendor === "confluent" ? REQUESTS[vendor] : ANY_REQUEST);
  return new VendorHttp(log, http).ask(connectTo(baseUrl, vendor), asked, {
    signal: signal ?? new AbortController().signal,
    ...(waiting ? { waiting } : {}),
    ...(deadline === undefined ? {} : { deadline: performance.now() + deadline }),
  });
}

/** The error of a call that must fail, which must be one of ours. */
export async function refusalOf(call: Promise<unknown>): Promise<UsageError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("it should have failed");
}

/** The secrets that a text holds: none, one hopes. */
export function secretsIn(said: string): string[] {
  return SPELLINGS.filter((secret) => said.includes(secret));
}

/** All that a log, a front or a debugger could make of an error. */
export function everythingSaidBy(error: unknown): string {
  const said: string[] = [describeError(error), inspect(error, { depth: 20, showHidden: true })];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    said.push(String(cause), cause.message, cause.stack ?? "", JSON.stringify(cause));
  }
  return said.join("\n");
}
