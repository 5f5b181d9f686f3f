import { once } from "node:events";
import { createServer, type IncomingMessage, request as requestOf, type Server, type ServerResponse } from "node:http";

/** What a vendor was asked. */
export interface Asked {
  method: string;
  /** Below the account's base URL, with its query. */
  path: string;
  body: string;
  headers: Readonly<Record<string, string>>;
}

/** What the vendor itself says to it. */
export interface Genuine {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface Exchange {
  asked: Asked;
  /** Which of the requests it is, in the order in which each was first asked, from 0. */
  index: number;
  /** How often it was asked, this time included. */
  time: number;
  genuine(): Promise<Genuine>;
  /** What the vendor says to the request before this one: the page that was read before. */
  before(): Promise<Genuine>;
  /** Where the proxy listens. */
  origin: string;
}

/** Answers in the vendor's place. */
export type Answer = (response: ServerResponse, exchange: Exchange) => void | Promise<void>;

/** One account's way to its vendor. */
export interface WayOptions {
  /** The base URL of the vendor itself. */
  upstream: string;
  /** The request as the vendor gets it: one whose largest page is smaller. */
  narrow?(asked: Asked): Asked;
  /** Requests for names only are never disturbed, and not counted. */
  isNames?(asked: Asked): boolean;
  /** Who answers; nobody but the vendor when absent. */
  disturb?(exchange: Exchange): Answer | undefined;
}

export interface Way {
  /** For the account's base_url. */
  url: string;
  /** Every request but those for names, as it came. */
  asked: Asked[];
  options: WayOptions;
}

interface Open extends Way {
  /** How often each request was asked, in the order of first times. */
  times: Map<string, { asked: Asked; times: number }>;
}

/**
 * Stands in front of the simulated vendors, over real sockets, and passes everything through untouched but for the requests that
 * are to be disturbed. Each account of a test has a way of its own through it.
 */
export class VendorProxy {
  readonly #server: Server;
  readonly #ways = new Map<string, Open>();
  /** The simulated vendors' clock stands still: what one said once it says again. */
  readonly #said = new Map<string, Promise<Genuine>>();
  #origin = "";
  /** Requests that belong to no account's way: nobody may ever send one. */
  readonly strays: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<VendorProxy> {
    const proxy = new VendorProxy();
    proxy.#origin = await listen(proxy.#server);
    return proxy;
  }

  open(options: WayOptions): Way {
    const name = `way-${this.#ways.size}`;
    const way: Open = { url: `${this.#origin}/${name}`, asked: [], options, times: new Map() };
    this.#ways.set(name, way);
    return way;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = "", path = ""] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? "") ?? [];
    const way = this.#ways.get(name);
    if (!way) {
      this.strays.push(`${request.headers.host}${request.url}`);
      response.end("{}");
      return;
    }
    const came: Asked = {
      method: request.method ?? "GET",
      path,
      body: await textOf(request),
      headers: Object.fromEntries(
        Object.entries(request.headers).flatMap(([header, value]) =>
          typeof value === "string" && !NOT_PASSED.has(header) ? [[header, value]] : [],
        ),
      ),
    };
    const asked = way.options.narrow?.(came) ?? came;
    const genuine = () => this.#genuine(way.options.upstream, asked);
    if (way.options.isNames?.(asked)) return send(response, await genuine());
    way.asked.push(asked);
    const key = keyOf(asked);
    const known = way.times.get(key) ?? { asked, times: 0 };
    known.times++;
    way.times.set(key, known);
    const index = [...way.times.keys()].indexOf(key);
    const before = [...way.times.values()][index - 1]?.asked ?? asked;
    const exchange: Exchange = {
      asked,
      index,
      time: known.times,
      genuine,
      before: () => this.#genuine(way.options.upstream, before),
      origin: this.#origin,
    };
    const instead = way.options.disturb?.(exchange);
    if (instead) await instead(response, exchange);
    else send(response, await genuine());
  }

  #genuine(upstream: string, { method, path, body, headers }: Asked): Promise<Genuine> {
    const key = JSON.stringify([upstream, method, path, body, headers["authorization"], headers["x-api-key"]]);
    const said = this.#said.get(key) ?? ask(`${upstream}${path}`, method, headers, body);
    this.#said.set(key, said);
    return said;
  }
}

/** Of a connection, not of a request; and what would make an answer depend on what the asker has. */
const NOT_PASSED = new Set(["connection", "content-length", "transfer-encoding", "if-none-match"]);

function keyOf({ method, path, body }: Asked): string {
  return `${method} ${path} ${body}`;
}

export function send(response: ServerResponse, { status, headers, body }: Genuine): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** With the host as the account names it: vendors write it into their links. */
function ask(url: string, method: string, headers: Asked["headers"], body: string): Promise<Genuine> {
  return new Promise((resolve, reject) => {
    const sent = requestOf(url, { method, headers, agent: false }, (response) => {
      const { connection: _, date: _d, "content-length": _l, ...kept } = response.headers;
      const said = Object.entries(kept).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
      textOf(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(said), body: text }),
        reject,
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}
