import { connect, type Socket } from "node:net";

/** A connection of which a test writes every byte. */
export interface Wire {
  socket: Socket;
  /** What came so far. */
  text(): string;
  /** Resolves with what came, once it matches. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with all that came, once the other side has closed the connection. */
  closed: Promise<string>;
}

export function wireTo(port: number, first = ""): Wire {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watch of watchers) watch();
  };
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    changed();
  });
  // A server that cuts a connection may reset it; what it said before counts.
  socket.on("error", () => {});
  socket.on("close", changed);
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
  if (first !== "") socket.write(first, "latin1");
  return {
    socket,
    text: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          if (pattern.test(text)) resolve(text);
          else if (socket.destroyed) reject(new Error(`closed before ${pattern}: ${text}`));
          else return;
          watchers.delete(watch);
        };
        watchers.add(watch);
        watch();
      }),
    closed,
  };
}

/** The lines of a request's head and the empty one behind them. */
export function head(...lines: string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The statuses of the answers that came over a connection, in order. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
