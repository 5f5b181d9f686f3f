import type { Account } from "../accounts/account.ts";
import { UsageError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Adapter } from "../providers/provider.ts";
import type { VendorHttp } from "../vendor-http/client.ts";
import type { Connection } from "../vendor-http/connection.ts";

type NameMap = ReadonlyMap<string, string>;

const NONE: NameMap = new Map();
const KEPT = 3_600_000;
const KEPT_AFTER_FAILURE = 300_000;

/**
 * The names a vendor keeps apart from its usage data, fetched once an hour and account. They are an ornament: when they
 * can't be had, ids stand in their place and the listing goes on.
 */
export class Names {
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #kept = new Map<string, { until: number; names: Promise<NameMap> }>();

  constructor(log: Log, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  of(
    call: { http: VendorHttp; signal: AbortSignal },
    adapter: Adapter,
    account: Account,
    connection: Connection,
  ): Promise<NameMap> {
    const { lookup } = adapter;
    if (!lookup) return Promise.resolve(NONE);
    const kept = this.#kept.get(account.id);
    if (kept && kept.until > this.#clock()) return kept.names;
    const entry = { until: this.#clock() + KEPT, names: Promise.resolve(NONE) };
    entry.names = call.http
      .ask(connection, lookup.request(account), call.signal)
      .then((answer) => lookup.read(answer))
      .catch((error: unknown) => {
        if (error instanceof UsageError && error.kind === "cancelled") this.#kept.delete(account.id);
        entry.until = this.#clock() + KEPT_AFTER_FAILURE;
        const why = error instanceof Error ? error.message : "unknown";
        this.#log.warn({ account: account.id, error: why }, "names could not be fetched; ids stand for them");
        return NONE;
      });
    this.#kept.set(account.id, entry);
    return entry.names;
  }
}
