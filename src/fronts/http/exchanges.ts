import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

/** Turns of the event loop without a new connection, after which none is taken to wait. */
const QUIET_TURNS = 3;

/** The requests that a server is answering, so that it can let them finish and then end. */
export class Exchanges {
  readonly #server: Server;
  readonly #open = new Set<ServerResponse>();
  #draining = false;
  #ending = false;
  #taken = 0;

  constructor(server: Server) {
    this.#server = server;
    server.prependListener("request", (_request, response) => this.#begin(response));
    server.on("connection", (socket) => {
      this.#taken++;
      socket.once("close", () => this.#gone(socket));
    });
  }

  /** Responses of a connection that are not finished, in the order of their requests. */
  on(socket: Socket): ServerResponse[] {
    return [...this.#open].filter((response) => response.req.socket === socket);
  }

  /** Whether it is this side that something is waited for: a request is answered, and the client has read all so far. */
  isAwaited(socket: Socket): boolean {
    return socket.writableLength === 0 && this.on(socket).length > 0;
  }

  /** From now on every answer is its connection's last: clients and proxies go on elsewhere. */
  drain(): void {
    this.#draining = true;
    // Answers behind another on the same connection would be lost if that one closed it.
    const last = new Map([...this.#open].map((response) => [response.req.socket, response]));
    for (const response of last.values()) closeAfter(response);
  }

  /**
   * Resolves once every connection that waited is taken, or the seconds are over. Node takes one each turn, so that under load
   * some that asked long ago still wait; the system would reset them with the listener's end.
   */
  async takeWaiting(seconds: number): Promise<void> {
    const latest = performance.now() + seconds * 1000;
    for (let quiet = 0; quiet < QUIET_TURNS && performance.now() < latest; ) {
      const before = this.#taken;
      await turn();
      quiet = this.#taken === before ? quiet + 1 : 0;
    }
  }

  /**
   * Takes no new connection; those that answer nothing are closed now, the others when they are done or their time is over.
   * @returns how many answers were cut short
   */
  end(seconds: number): Promise<number> {
    this.drain();
    this.#ending = true;
    return new Promise((resolve) => {
      let cut = 0;
      const timer = setTimeout(() => {
        cut = this.#open.size;
        this.#server.closeAllConnections();
      }, seconds * 1000);
      this.#server.close(() => {
        clearTimeout(timer);
        resolve(cut);
      });
      this.#closeIdle();
    });
  }

  #begin(response: ServerResponse): void {
    this.#open.add(response);
    if (this.#draining) closeAfter(response);
    response.once("close", () => {
      this.#open.delete(response);
      if (this.#ending) setImmediate(() => this.#closeIdle());
    });
  }

  /** A connection on which nobody has asked anything, or only begun to, holds nothing up. */
  #closeIdle(): void {
    if (this.#open.size === 0) this.#server.closeAllConnections();
    else this.#server.closeIdleConnections();
  }

  /** Node tells the response whose turn it was; those of pipelined requests behind it would never learn. */
  #gone(socket: Socket): void {
    for (const response of this.on(socket)) {
      if (response.socket !== null) continue;
      response.destroy();
      response.emit("close");
    }
  }
}

function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
