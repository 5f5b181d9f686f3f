import { setTimeout as sleep } from "node:timers/promises";
import { createClient, ErrorReply, RESP_TYPES } from "@redis/client";
import type { Secret } from "../accounts/secret.ts";
import type { ByteStore } from "./sealed-store.ts";

const PREFIX = "usage-mcp:1:";
/** How long an answer waits for Redis; a vendor is asked then. */
const GET_MS = 250;
/** Nobody waits for what is written. */
const SET_MS = 1_000;
const CONNECT_MS = 5_000;
const AWAY_MS = 5_000;
/** What takes longer to send than a vendor's call would is not worth sending. */
const LARGEST = 4 * 1024 * 1024;

export interface RedisPatience {
  /** Milliseconds until a connection must be there, its password taken. */
  connect?: number;
  /** Milliseconds for which a server that is away, or too slow, is left alone. */
  away?: number;
}

interface Connection {
  client: ReturnType<typeof clientOf>;
  since: number;
  ready: Promise<unknown>;
  isReady: boolean;
}

/**
 * Answers in a Redis (or Valkey) server, shared by all who use it. There is no timer and no queue behind it: whoever needs the
 * server and finds no connection begins one, so that a process that has nothing else to do can end.
 */
export class RedisStore implements ByteStore {
  readonly largest = LARGEST;
  readonly #url: Secret;
  readonly #patience: Required<RedisPatience>;
  #connection: Connection | undefined;
  #awayUntil = Number.NEGATIVE_INFINITY;

  constructor(url: Secret, { connect = CONNECT_MS, away = AWAY_MS }: RedisPatience = {}) {
    this.#url = url;
    this.#patience = { connect, away };
  }

  async get(name: string): Promise<Buffer | undefined> {
    const found = await this.#ask(GET_MS, (client) => client.get(PREFIX + name));
    return found ?? undefined;
  }

  async set(name: string, bytes: Buffer, seconds: number): Promise<void> {
    const expiration = { type: "EX", value: Math.max(1, Math.ceil(seconds)) } as const;
    await this.#ask(SET_MS, (client) => client.set(PREFIX + name, bytes, { expiration }));
  }

  async remove(name: string): Promise<void> {
    await this.#ask(SET_MS, (client) => client.del(PREFIX + name));
  }

  async close(): Promise<void> {
    this.#awayUntil = Number.POSITIVE_INFINITY;
    this.#connection?.client.destroy();
    this.#connection = undefined;
  }

  /** What a command gives; undefined while the server is away. @throws when it fails, once for all that the same failure spoils */
  async #ask<Given>(
    milliseconds: number,
    command: (client: Connection["client"]) => Promise<Given>,
  ): Promise<Given | undefined> {
    const now = performance.now();
    if (now < this.#awayUntil) return undefined;
    this.#connection ??= this.#connect(now);
    const connection = this.#connection;
    // It began for an earlier answer: what that waited for it need not be waited for again.
    const left = connection.isReady ? milliseconds : connection.since + milliseconds - now;
    if (left <= 0) {
      // The library waits for ever for a server that takes a connection and never answers to the password.
      if (now - connection.since > this.#patience.connect) this.#drop(connection);
      return undefined;
    }
    try {
      return await within(
        left,
        connection.ready.then(() => command(connection.client)),
      );
    } catch (error) {
      // A server that refuses a command answers others; a connection that is not there yet may be soon.
      const isUsable = error instanceof ErrorReply || (error instanceof Late && !connection.isReady);
      if (!isUsable) this.#drop(connection);
      throw error;
    }
  }

  #connect(since: number): Connection {
    const client = clientOf(this.#url, this.#patience.connect);
    // Each command fails with the same, and says so; without a listener it would end the process.
    client.on("error", () => {});
    client.on("terminated", () => {
      // One that broke off is begun again at once: servers close what is idle, and restart.
      if (!connection.isReady) this.#drop(connection);
      else if (this.#connection === connection) this.#connection = undefined;
    });
    client.unref();
    const ready = client.connect().then(() => {
      connection.isReady = true;
    });
    const connection: Connection = { client, since, ready, isReady: false };
    return connection;
  }

  #drop(connection: Connection): void {
    this.#awayUntil = Math.max(this.#awayUntil, performance.now() + this.#patience.away);
    connection.client.destroy();
    if (this.#connection === connection) this.#connection = undefined;
  }
}

/** RESP 2 and nothing but what is asked for: every server and proxy understands it. */
function clientOf(url: Secret, connectTimeout: number) {
  return createClient({
    url: url.reveal(),
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled",
    socket: { connectTimeout, reconnectStrategy: false },
  }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}

class Late extends Error {
  readonly code = "ETIMEDOUT";
}

/** Holds the process up while it waits, since connections don't. @throws Late */
async function within<Result>(milliseconds: number, promise: Promise<Result>): Promise<Result> {
  const over = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: over.signal }).then(() => {
    throw new Late();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}
