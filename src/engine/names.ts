import { UsageError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Adapter, Directory, Lookup, Named, Question } from "../providers/provider.ts";
import type { VendorHttp } from "../vendor-http/client.ts";
import type { Connection, VendorRequest } from "../vendor-http/connection.ts";

const NONE: Directory = new Map();
const KEPT = 3_600_000;
const KEPT_AFTER_FAILURE = 300_000;
/** A directory is small; one that never ends is not followed for ever. */
const MOST_REQUESTS = 2_000;
/** At a time: vendors throttle, and the rows wait for the names. */
const AT_A_TIME = 4;

/**
 * The names a vendor keeps apart from its usage data, fetched once an hour and account. They are an ornament: what can't
 * be had is left out, ids stand in its place and the listing goes on.
 */
export class Names {
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #kept = new Map<string, { until: number; names: Promise<Directory> }>();

  constructor(log: Log, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  of(
    call: { http: VendorHttp; signal: AbortSignal },
    { lookup }: Adapter,
    question: Question,
    connection: Connection,
  ): Promise<Directory> {
    const requests = lookup?.requests(question) ?? [];
    if (!lookup || requests.length === 0) return Promise.resolve(NONE);
    const account = question.account.id;
    const key = JSON.stringify([account, requests]);
    const kept = this.#kept.get(key);
    if (kept && kept.until > this.#clock()) return kept.names;
    const entry = { until: this.#clock() + KEPT, names: Promise.resolve(NONE) };
    entry.names = fetchNames(call, lookup, requests, connection, (error) => {
      if (error instanceof UsageError && error.kind === "cancelled") this.#kept.delete(key);
      entry.until = this.#clock() + KEPT_AFTER_FAILURE;
      const why = error instanceof Error ? error.message : "unknown";
      this.#log.warn({ account, error: why }, "names could not be fetched; ids stand for them");
    });
    this.#kept.set(key, entry);
    return entry.names;
  }
}

/** All that the requests and those they lead to tell; never throws. */
async function fetchNames(
  call: { http: VendorHttp; signal: AbortSignal },
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
      const answer = await call.http.ask(connection, request, call.signal);
      for (const [key, named] of lookup.read(request, answer)) names.set(key, { ...names.get(key), ...named });
      due.push(...(lookup.further?.(request, answer) ?? []));
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
