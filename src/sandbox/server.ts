import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { confluent } from "./confluent.ts";
import { cursor } from "./cursor.ts";
import { datadog } from "./datadog.ts";
import { openai } from "./openai.ts";
import type { SandboxAccount, SandboxResponse, SimulatedVendor } from "./vendor.ts";

/** A further vendor joins here. */
const VENDORS: readonly SimulatedVendor[] = [claude, openai, codex, cursor, confluent, datadog];

/** No vendor's API is sent more than a small JSON question. */
const MOST_BODY_BYTES = 1_048_576;

export interface Sandbox {
  /** What a config file would say of the simulated vendors; the credentials are made up and open nothing else. */
  readonly accounts: readonly SandboxAccount[];
  /** Ends the servers and every connection to them. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts the simulated vendors, each a real HTTP server on loopback. None of them keeps the process alive.
 * @param options.now where the vendors' data ends; asked anew for every request.
 */
export async function startSandbox(options: { now: () => Date }): Promise<Sandbox> {
  const running: { readonly server: Server; readonly account: SandboxAccount }[] = [];
  const close = async () => {
    await Promise.all(running.map(({ server }) => stop(server)));
  };
  try {
    for (const vendor of VENDORS) {
      const server = serve(vendor, options.now);
      const account = vendor.account(`http://127.0.0.1:${await listen(server)}`);
      running.push({ server, account });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { accounts: running.map(({ account }) => account), close };
}

function serve(vendor: SimulatedVendor, now: () => Date): Server {
  let number = 0;
  const server = createServer((request, response) => {
    number += 1;
    answer(vendor, request, now, number).then(
      (answered) => send(response, answered),
      () => send(response, { status: 500, body: { errors: [{ status: "500", detail: "The sandbox failed." }] } }),
    );
  });
  server.on("connection", (socket) => socket.unref());
  return server;
}

async function answer(
  vendor: SimulatedVendor,
  request: IncomingMessage,
  now: () => Date,
  number: number,
): Promise<SandboxResponse> {
  const body = await readBody(request);
  const address = `http://${request.headers.host ?? ""}${request.url ?? "/"}`;
  if (body === undefined || !URL.canParse(address)) {
    return { status: 400, body: { errors: [{ status: "400", detail: "Not a request this server can read." }] } };
  }
  return vendor.handle({
    method: request.method ?? "GET",
    url: new URL(address),
    headers: request.headers,
    body,
    number,
    now: now(),
  });
}

/** Undefined when the body is longer than any API's question. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    // Read on to the end even so: leaving would cut the connection before the answer.
    if (bytes <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MOST_BODY_BYTES ? Buffer.concat(chunks).toString("utf8") : undefined;
}

function send(response: ServerResponse, { status, headers, body }: SandboxResponse): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** The port that the system chose. */
function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.removeListener("error", reject);
      server.unref();
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("The sandbox has no port."));
      else resolve(address.port);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Its only error is that the server is closed already.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
