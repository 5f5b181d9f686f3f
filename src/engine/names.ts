import { UsageError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Adapter, Directory, Lookup, Named, Question } from "../providers/provider.ts";
import { NO_TELEMETRY, type Telemetry } from "../telemetry.ts";
import type { VendorHttp } from "../vendor-http/client.ts";
import type { Connection, VendorRequest } from "../vendor-http/connection.ts";
import type { VendorCall } from "../vendor-http/vendor-call.ts";

const NONE: Directory = new Map();
const KEPT = 3_600_000;
const KEPT_AFTER_FAILURE = 300_000;
/** A directory is small; one that never ends is not followed for ever. */
const MOST_REQUESTS = 2_000;
/** At a time: vendors throttle, and the rows wait for the names. */
const AT_A_TIME = 4;

interface Kept {
  until: number;
  /** Undefined when the call that fetched them was given up. */
  names: Promise<Directory | undefined>;
}

/**
 * The names a vendor keeps apart from its usage data, fetched once an hour and account. They are an ornament: what can't
 * be had is left out, ids stand in its place and the listing goes on.
 */
export class Names {
  readonly #log: Log;
  readonly #telemetry: Telemetry;
  readonly #clock: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(log: Log, clock: () => number, telemetry: Telemetry = NO_TELEMETRY) {
    this.#log = log;
    this.#telemetry = telemetry;
    this.#clock = clock;
  }

  of(
    call: VendorCall & { http: VendorHttp },
    adapter: Adapter,
    question: Question,
    connection: Connection,
  ): Promise<Directory> {
    const { lookup } = adapter;
    const requests = lookup?.requests(question) ?? [];
    if (!lookup || requests.length === 0) return Promise.resolve(NONE);
    const account = question.account.id;
    const key = JSON.stringify([account, requests]);
    const kept = this.#kept.get(key);
    const hit = kept !== undefined && kept.until > this.#clock();
    this.#telemetry.cache("names", question.account.provider, hit);
    // Who asked first may have gone away before all names were there: whoever still waits asks again.
    if (hit)
      return untilAborted(kept.names, call.signal).then((names) => {
        if (names) return names;
        return call.signal.aborted ? NONE : this.of(call, adapter, question, connection);
      });
    const entry: Kept = { until: this.#clock() + KEPT, names: Promise.resolve(NONE) };
    const fetched = fetchNames(call, lookup, requests, connection, (error) => {
      if (error instanceof UsageError && error.kind === "cancelled") return;
      // Who asks later may have the time that this call did not.
      const { retry_after = Number.POSITIVE_INFINITY } = error instanceof UsageError ? error.details : {};
      entry.until = Math.min(entry.until, this.#clock() + Math.min(KEPT_AFTER_FAILURE, 1000 * retry_after));
      const why = error instanceof Error ? error.message : "unknown";
      this.#log.warn({ account, error: why }, "names could not be fetched; ids stand for them");
    });
    entry.names = fetched.then((names) => {
      if (!call.signal.aborted) return names;
      this.#kept.delete(key);
      return undefined;
    });
    this.#kept.set(key, entry);
    return fetched;
  }
}

/** What comes of a promise that never fails; nothing, once the one who waits for it is called off: another call's takes its own time. */
function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  return new Promise((resolve) => {
    const giveUp = () => resolve(undefined);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    void promise.then((result) => {
      signal.removeEventListener("abort", giveUp);
      resolve(result);
    });
  });
}

/** All that the requests and those they lead to tell; never throws. */
async function fetchNames(
  call: VendorCall & { http: VendorHttp },
  lookup: Lookup,
  first: readonly VendorRequest[],
  connection: Connection,
  failed: (error: unknown) => void,
): Promise<Directory> {
  const names = new Map<string, Named>();
  const seen = new Set<string>();
  const due = [...first];
  const one = async (request: VendorRequest) => {
    try {
      const answer = await call.http.ask(connection, request, call);
      for (const [key, named] of lookup.read(request, answer)) names.set(key, { ...names.get(key), ...named });
      due.push(...(lookup.further?.(request, answer) ?? []));
      call.http.keep(answer, { openSeconds: KEPT / 1000 });
    } catch (error) {
      failed(error);
    }
  };
  while (due.length > 0 && !call.signal.aborted && seen.size < MOST_REQUESTS) {
    const now = due.splice(0, AT_A_TIME).filter((request) => !seen.has(JSON.stringify(request)));
    for (const request of now) seen.add(JSON.stringify(request));
    await Promise.all(now.map(one));
  }
  return names;
}
