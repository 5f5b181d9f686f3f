import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bounds } from "../../src/vendor-http/bounds.ts";
import type { Kind } from "./cells.ts";
import { type Answer, type Asked, type Exchange, send } from "./vendor-proxy.ts";
import type { Vendor } from "./vendors.ts";

/** What can go wrong on the way to a vendor's page, and what has to come of it. */
export interface Fault {
  name: string;
  /** What may come of it when it happens once: the page is asked for again, or the account's error says what the matter is. */
  once: readonly Kind[];
  /** And when it happens every time. */
  always: readonly Kind[];
  /** The status of the answer, which the error must name; absent where no whole answer comes. */
  status?: number;
  reply: Reply;
  /** Other than usual, for a fault that takes all the time there is. */
  bounds?: Partial<Bounds>;
  /** Absent: at every vendor. */
  happensAt?(vendor: Vendor): boolean;
  /** Absent: to every page. */
  happensTo?(vendor: Vendor, asked: Asked): boolean;
}

type Reply = (response: ServerResponse, exchange: Exchange, vendor: Vendor) => void | Promise<void>;

/** The fault as it happens at a vendor. */
export function happening(fault: Fault, vendor: Vendor): Answer {
  return (response, exchange) => fault.reply(response, exchange, vendor);
}

/** @throws when the matrix has no such fault */
export function faultNamed(name: string): Fault {
  const found = FAULTS.find((fault) => fault.name === name);
  if (!found) throw new Error(`there is no fault ${name}`);
  return found;
}

/** Sent with every answer that is whole: who reports the fault to the vendor needs it. */
export const REQUEST_ID = "req-of-the-fault-1f2e3d";

const SIGN_IN = `<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>`;
const HTML = { "content-type": "text/html" };
/** Where redirects lead to: whoever followed would reach the proxy under another host, on nobody's way. */
const OTHER_HOST = "localhost";

export const FAULTS: readonly Fault[] = [
  broken("reset before headers", (response) => {
    response.socket?.resetAndDestroy();
  }),
  broken("reset mid-body", async (response, exchange) => {
    const { status, headers, body } = await exchange.genuine();
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.write(half(body), () => response.socket?.resetAndDestroy());
  }),
  broken("closed mid-body", async (response, exchange) => {
    const { status, headers, body } = await exchange.genuine();
    // In chunks, whose end never comes.
    response.writeHead(status, headers);
    response.write(half(body), () => response.destroy());
  }),
  unreadable("truncated JSON", async (response, exchange, vendor) => {
    say(response, vendor, 200, half((await exchange.genuine()).body));
  }),
  unreadable("invalid JSON", (response, _, vendor) => say(response, vendor, 200, '{"data": [nope]}')),
  unreadable("empty body", (response, _, vendor) => say(response, vendor, 200, "")),
  unreadable("web page with 200", (response, _, vendor) => say(response, vendor, 200, SIGN_IN, HTML)),
  {
    name: "JSON as text/plain",
    once: ["healed"],
    always: ["healed"],
    reply: async (response, { genuine }) => {
      const said = await genuine();
      send(response, { ...said, headers: { ...said.headers, "content-type": "text/plain" } });
    },
  },
  { ...refusal(200, "Internal error"), name: "error body with 200", once: ["healed", "reported"] },
  {
    ...unreadable("foreign JSON with 200", (response, _, vendor) =>
      say(response, vendor, 200, '{"message":"login required"}'),
    ),
    once: ["healed", "reported"],
  },
  refusal(401, "Not with this key"),
  refusal(403, "Not with this key"),
  refusal(404, "Not found"),
  { ...refusal(408, "Timed out"), once: ["healed"] },
  { ...refusal(409, "Conflict"), once: ["healed", "reported"] },
  { ...refusal(410, "The page expired"), once: ["healed"] },
  { ...refusal(429, "Rate limit exceeded"), once: ["healed"] },
  { ...refusal(429, "Rate limit exceeded", { "retry-after": "1" }), name: "429 + Retry-After", once: ["healed"] },
  {
    ...refusal(429, "Rate limit exceeded"),
    name: "429 + own header",
    once: ["healed"],
    reply: (response, exchange, vendor) => {
      const { name = "", value = "" } = vendor.reset ?? {};
      return refusal(429, "Rate limit exceeded", { [name]: value }).reply(response, exchange, vendor);
    },
    happensAt: ({ reset }) => reset !== undefined,
  },
  { ...refusal(500, "Internal server error"), once: ["healed"] },
  {
    ...refusal(502, ""),
    name: "502 web page",
    once: ["healed"],
    reply: (response, _, vendor) => say(response, vendor, 502, SIGN_IN, HTML),
  },
  { ...refusal(503, "Unavailable", { "retry-after": "1" }), name: "503 + Retry-After", once: ["healed"] },
  { ...refusal(504, "Timed out"), once: ["healed"] },
  { ...refusal(529, "Overloaded"), once: ["healed"] },
  {
    ...refusal(307, ""),
    name: "redirect",
    reply: (response, { asked, origin }, vendor) => {
      const { port } = new URL(origin);
      say(response, vendor, 307, "", { location: `http://${OTHER_HOST}:${port}/elsewhere${asked.path}` });
    },
  },
];

/** The vendor gives the page again that it gave before: its paging stands still. */
export const REPEATED_PAGE: Fault = {
  name: "repeated page",
  once: ["healed", "partial", "reported"],
  always: ["partial", "reported"],
  reply: async (response, { before }) => send(response, await before()),
  happensAt: ({ name }) => name !== "datadog",
  happensTo: (vendor, asked) => vendor.goesOn(asked),
};

/** How long is waited for an answer that does not come: longer than one that does takes on a busy machine. */
const IMPATIENT: Partial<Bounds> = { headersMs: 3000, bodyMs: 3000, attemptMs: 3000 };

/** What takes all the time there is. */
export const SLOW: readonly Fault[] = [
  // No headers come.
  { ...broken("hang", () => {}), bounds: IMPATIENT },
  {
    ...broken("hang mid-body", async (response, exchange) => {
      const { status, headers, body } = await exchange.genuine();
      response.writeHead(status, headers);
      response.write(half(body));
    }),
    bounds: IMPATIENT,
  },
  {
    // A character at a time: never silent, and never done.
    ...broken("slow drip", async (response, exchange) => {
      const { status, headers, body } = await exchange.genuine();
      response.writeHead(status, headers);
      for (const character of body) {
        if (response.destroyed) return;
        response.write(character);
        await sleep(20);
      }
    }),
    bounds: IMPATIENT,
  },
];

/** No whole answer comes. */
function broken(name: string, reply: Reply): Fault {
  return { name, once: ["healed"], always: ["reported"], reply };
}

/** A whole answer that can't be read. */
function unreadable(name: string, reply: Reply): Fault {
  return { ...broken(name, reply), status: 200 };
}

/** The vendor's own error body. */
function refusal(status: number, words: string, headers: Readonly<Record<string, string>> = {}): Fault {
  return {
    name: `${status}`,
    once: ["reported"],
    always: ["reported"],
    status,
    reply: (response, _, vendor) =>
      say(response, vendor, status, JSON.stringify(vendor.refusal(status, words)), headers),
  };
}

function say(
  response: ServerResponse,
  { requestId }: Vendor,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(response, {
    status,
    headers: { "content-type": "application/json", [requestId]: REQUEST_ID, ...headers },
    body,
  });
}

function half(body: string): string {
  return body.slice(0, Math.floor(body.length / 2));
}
