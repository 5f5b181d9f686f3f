import type { Agent } from "undici";
import { UsageError } from "../errors.ts";
import type { Bounds } from "./bounds.ts";
import type { Connection, VendorRequest } from "./connection.ts";

/** An answer as it came. */
export interface RawAnswer {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  raw: Buffer;
}

/** The answer took longer in all than it may. */
export class TooSlow extends Error {
  override readonly name = "TooSlow";
}

/** The answer is larger than it may be. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

/** One exchange with a vendor: bounded in time and size, following no redirect (it would carry the credentials elsewhere). */
export class Transport {
  readonly #bounds: Bounds;
  #agent: Promise<Agent> | undefined;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** @throws TooSlow, TooLarge, or whatever fetch throws: no connection, one that broke off, the signal's reason */
  async exchange(url: URL, request: RequestInit, signal: AbortSignal): Promise<RawAnswer> {
    const dispatcher = await this.#dispatcher();
    const { attemptMs } = this.#bounds;
    const controller = new AbortController();
    const onAbort = () => controller.abort(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => controller.abort(new TooSlow(`not whole after ${attemptMs / 1000} s`)), attemptMs);
    try {
      const init: RequestInit = { ...request, redirect: "manual", signal: controller.signal };
      const response = await fetch(url, Object.assign(init, { dispatcher }));
      const raw = await this.#read(response);
      return { status: response.status, headers: Object.fromEntries(response.headers), raw };
    } catch (error) {
      throw controller.signal.reason instanceof TooSlow ? controller.signal.reason : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #read(response: Response): Promise<Buffer> {
    if (response.body === null) return Buffer.alloc(0);
    const { bytes } = this.#bounds;
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.byteLength;
      if (size > bytes) throw new TooLarge(`larger than ${Math.floor(bytes / 1024 / 1024)} MiB`);
      parts.push(chunk);
    }
    return Buffer.concat(parts, size);
  }

  /** undici is loaded with the first vendor call: a server that only lists its tools never needs it. */
  #dispatcher(): Promise<Agent> {
    this.#agent ??= import("./dispatcher.ts").then(({ openDispatcher }) => openDispatcher(this.#bounds));
    return this.#agent;
  }
}

/** Where a request goes. @throws UsageError when that is another host than its account's */
export function address(connection: Connection, request: VendorRequest): URL {
  const base = new URL(connection.baseUrl);
  const url = new URL(`${connection.baseUrl}${request.path}`);
  // Paths are ours, never a caller's; this holds should one ever slip through.
  if (url.origin !== base.origin)
    throw new UsageError("vendor_data", "A request was about to leave for a host that its account does not name.");
  for (const [name, value] of request.query ?? []) url.searchParams.append(name, value);
  return url;
}
