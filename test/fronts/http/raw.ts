import { connect } from "node:net";

/** An answer as it came over the socket. */
export interface RawAnswer {
  /** 0 when the connection was closed without an answer. */
  status: number;
  headers: Record<string, string>;
  body: string;
  milliseconds: number;
}

export interface RawRequest {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** The bytes of a request, headers as given and nothing added but Host, Connection and the body's length. */
export function written(host: string, { method = "GET", path = "/", headers = {}, body }: RawRequest): string {
  const all = {
    Host: host,
    Connection: "close",
    ...(body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}

/** Sends bytes over a socket of their own and reads until the server closes it. */
export function sendRaw(url: string, bytes: string, patience = 10_000): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes, "latin1"));
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end of the answer within ${patience} ms: ${bytes.slice(0, 80)}`));
    }, patience);
    socket.on("data", (chunk) => chunks.push(chunk));
    // A server that refuses early may reset what still comes in; what it answered counts.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve({ ...parsed(Buffer.concat(chunks).toString("utf8")), milliseconds: performance.now() - started });
    });
  });
}

function parsed(text: string): Omit<RawAnswer, "milliseconds"> {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, Math.max(end, 0)).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, body: text.slice(end + 4) };
}
