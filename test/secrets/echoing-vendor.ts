import type { IncomingMessage, ServerResponse } from "node:http";
import { json, type Loopback, type Reply, startLoopback, text } from "../vendor-http/loopback.ts";

/** How a vendor misbehaves that hands back what it was sent. */
export type Echo = (said: string) => Reply;

/** The credentials of a request: as they came, and taken apart where they are encoded. */
function credentialsOf({ headers }: IncomingMessage): string[] {
  const { authorization = "" } = headers;
  const [scheme, value = ""] = authorization.split(" ");
  const basic = scheme === "Basic" ? Buffer.from(value, "base64").toString() : "";
  const own = ["x-api-key", "dd-api-key", "dd-application-key"].map((name) => String(headers[name] ?? ""));
  return [value, basic, ...basic.split(":"), ...own].filter((one) => one !== "");
}

/** A server of vendors of every kind, one for each way of misbehaving: `/7/v1/...` is asked of the seventh. */
export function startEchoingVendors(echoes: readonly Echo[]): Promise<Loopback> {
  return startLoopback((response, request) => {
    const [, number = ""] = /^\/(\d+)\//.exec(request.url ?? "") ?? [];
    const echo = echoes[Number(number)];
    if (!echo) throw new Error(`nobody is at ${request.url}`);
    echo(credentialsOf(request).join(" "))(response, request);
  });
}

/** Every vendor's shape of an error at once; each reads its own. */
function errorBody(said: string): unknown {
  return {
    error: { type: said, message: `bad key ${said}`, code: said },
    errors: [{ detail: `bad key ${said}`, title: said }, said],
    message: said,
    detail: [{ loc: [said], msg: said }],
    request_id: said,
  };
}

/** What a header can carry: the credentials came in headers themselves. */
function headersOf(said: string): Record<string, string> {
  const names = ["x-request-id", "request-id", "dd-request-id", "cf-ray", "etag", "server", "x-debug", "set-cookie"];
  return {
    ...Object.fromEntries(names.map((name) => [name, said])),
    "www-authenticate": `Bearer error="${said}"`,
    "x-ratelimit-reset": said,
    "retry-after": "0",
  };
}

const broken =
  (bytes: (said: string) => string): Echo =>
  (said) =>
  (response: ServerResponse) => {
    response.socket?.end(bytes(said), "latin1");
  };

const statuses = [400, 401, 402, 403, 404, 409, 410, 413, 422, 429, 431, 500, 502, 503];

/** Every way of failing, each with the credentials wherever they fit. */
export const ECHOES: readonly (readonly [what: string, echo: Echo])[] = [
  ...statuses.map((status): readonly [string, Echo] => [
    `status ${status}`,
    // Longer than a caller waits, so that nobody does.
    (said) =>
      json(errorBody(said), status, { ...headersOf(said), ...(status === 429 ? { "retry-after": "3600" } : {}) }),
  ]),
  [
    "a redirect",
    (said) => text("", 302, { location: `https://login.example/${encodeURIComponent(said)}?k=${encodeURI(said)}` }),
  ],
  ["a redirect that keeps the method", (said) => text(said, 307, { location: `/${encodeURIComponent(said)}` })],
  [
    "a reason phrase",
    (said) => (response) => {
      response.writeHead(403, said, headersOf(said));
      response.end(said);
    },
  ],
  ["a page of a proxy", (said) => text(`<html>${said}</html>`, 403, { "content-type": "text/html" })],
  [
    "a page of a proxy that says all is well",
    (said) => text(`<html>${said}</html>`, 200, { "content-type": "text/html" }),
  ],
  ["text that is no JSON", (said) => text(said, 200, { "content-type": `text/plain; note=${said}` })],
  ["JSON that breaks off", (said) => text(`{"data": [{"id": ${JSON.stringify(said)}, "amount": `)],
  ["an error with status 200", (said) => json(errorBody(said), 200, headersOf(said))],
  ["text where a list is due", (said) => json({ data: said, usageEvents: said, teamMembers: said })],
  ["text where an object is due", (said) => json({ data: [said], usageEvents: [said], teamMembers: [said] })],
  [
    "text where an instant is due",
    (said) => {
      const names = ["date", "start_date", "end_date", "starting_at", "ending_at", "start_time", "timestamp"];
      const entry = {
        ...Object.fromEntries(names.map((name) => [name, said])),
        attributes: { date: said },
        results: [],
      };
      return json({ data: [entry], usageEvents: [entry], pagination: { hasNextPage: false }, has_more: false });
    },
  ],
  [
    "behind much else where a number is due",
    (said) => {
      const amount = `${"x".repeat(30)}${said}`;
      const day = { start_date: "2026-10-01", end_date: "2026-10-02" };
      return json({
        data: [
          {
            ...day,
            starting_at: "2026-10-01T00:00:00Z",
            ending_at: "2026-10-02T00:00:00Z",
            start_time: 1_790_812_800,
            end_time: 1_790_899_200,
            amount,
            results: [{ amount, currency: "USD" }],
            attributes: {
              public_id: "org",
              date: "2026-10-01T00:00:00Z",
              charges: [{ product_name: "x", cost: amount }],
            },
          },
        ],
        usageEvents: [{ timestamp: "1790812800000", kind: "Usage-based", chargedCents: amount }],
        pagination: { hasNextPage: false },
        has_more: false,
      });
    },
  ],
  [
    "a next page elsewhere",
    (said) =>
      json({
        data: [],
        metadata: { next: `https://${encodeURIComponent(said)}.example/?page_token=${encodeURIComponent(said)}` },
        has_more: true,
        next_page: null,
      }),
  ],
  [
    "a connection that breaks off",
    broken((said) => `HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{"data": "${said}`),
  ],
  ["no HTTP", broken((said) => `${said}\r\n\r\n`)],
  ["a header that is none", broken((said) => `HTTP/1.1 200 OK\r\n${said}\r\n\r\n{}`)],
  ["a length that is none", broken((said) => `HTTP/1.1 200 OK\r\ncontent-length: ${said}\r\n\r\n{}`)],
  ["a chunk that is none", broken((said) => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${said}\r\n`)],
  ["packed bytes that are none", (said) => text(said, 200, { "content-encoding": "gzip" })],
];

/** A vendor that is well, but for its headers: two pages of Confluent's lines. */
export const WELL: Echo = (said) => (response, request) => {
  const line = (day: number) => ({
    id: `line-${day}`,
    start_date: `2026-10-${day}`,
    end_date: `2026-10-${day + 1}`,
    line_type: "KAFKA_STORAGE",
    product: "KAFKA",
    amount: 1.5,
  });
  json({ data: [line(11), line(12), line(13)], metadata: {} }, 200, headersOf(said))(response, request);
};
