import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../src/accounts/config.ts";
import { Engine, type EngineParts } from "../../src/engine/engine.ts";
import type { ListAnswer } from "../../src/engine/list-answer.ts";
import { UsageError } from "../../src/errors.ts";
import { SILENT } from "../../src/log.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { cursorCodec } from "../providers/edge.ts";
import { exactSum } from "../usage/exact-sum.ts";
import { type Fault, happening } from "./faults.ts";
import { VendorProxy, type Way, type WayOptions } from "./vendor-proxy.ts";
import { accountAt, narrowed, VENDORS, type Vendor } from "./vendors.ts";

/** A Monday: October is over and published, November runs. */
const NOW = Date.parse("2026-11-23T09:00:00Z");
/** Milliseconds of a vendor's second here. */
const SECOND = 2;
/** Nothing may take longer, whatever the vendor does. */
const LIMIT_SECONDS = 30;

/** A row as an answer has it. */
export type Row = Readonly<Record<string, unknown>>;

export type Mode = "once" | "always";
export type Kind = "healed" | "partial" | "reported" | "internal" | "hung";

export interface Cell {
  vendor: Vendor;
  fault: Fault;
  /** Which vendor page it happens to, from 0. */
  page: number;
  mode: Mode;
}

/** What came of a listing. */
export interface Outcome {
  kind: Kind;
  /** Vendor calls more than undisturbed. */
  calls: number;
  /** Rows of the undisturbed listing that are missing; rows that are there more often than in it, by id or by content. */
  lost: number;
  doubled: number;
  /** What it cost, against the undisturbed. */
  money: "same" | "other" | "none";
  /** What its rows cost, each counted once by its id, in units of 10^-24. */
  distinct?: bigint;
  error?: UsageError;
}

/** What came of a summary over this account and another one, to which nothing happened. */
export interface SummaryOutcome {
  kind: Kind;
  /** The account's own part of it. */
  own: Row;
  answer: Row;
}

export interface Measured {
  cell: Cell;
  listing: Outcome;
  summary?: SummaryOutcome;
}

/** An account's undisturbed answers. */
export interface Baseline {
  rows: readonly Row[];
  /** The rows as they are written: where another listing reads the same, nothing is to be compared. */
  text: string;
  /** What they cost, each counted once by its id, in units of 10^-24. */
  distinct: bigint;
  pages: number;
  calls: number;
  /** Of the summary: over both accounts, and over each alone. */
  totals?: { both: unknown; own: unknown; other: unknown; pages: number };
}

/** The account beside it in summaries, to which nothing ever happens; of a vendor whose months are few calls. */
const OTHER = "the other account";
const BESIDE = "datadog";
const BESIDE_DATADOG = "console";

interface EngineOptions {
  cached?: boolean;
  bounds?: EngineParts["bounds"];
}

/** The simulated vendors behind their proxy, and what comes of a question when one of its pages goes wrong. */
export class FaultLab {
  readonly #sandbox: Sandbox;
  readonly proxy: VendorProxy;
  readonly #baselines = new Map<Vendor, Promise<Baseline>>();

  private constructor(sandbox: Sandbox, proxy: VendorProxy) {
    this.#sandbox = sandbox;
    this.proxy = proxy;
  }

  static async start(): Promise<FaultLab> {
    return new FaultLab(await startSandbox({ now: () => new Date(NOW) }), await VendorProxy.start());
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.#sandbox.close();
  }

  /** The vendor's account, and its way. */
  way(vendor: Vendor, disturb?: WayOptions["disturb"]): Way {
    return this.proxy.open({
      upstream: this.#upstreamOf(vendor),
      narrow: (asked) => narrowed(vendor, asked),
      ...namesOf(vendor),
      ...(disturb ? { disturb } : {}),
    });
  }

  #upstreamOf(vendor: Vendor): string {
    const found = this.#sandbox.accounts.find(({ id }) => id === vendor.sandbox);
    if (!found) throw new Error(`the sandbox has no ${vendor.sandbox}`);
    return found.base_url;
  }

  engine(accounts: readonly { vendor: Vendor; way: Way; id?: string }[], options: EngineOptions = {}): Engine {
    const { cached = false, bounds } = options;
    const configured = accounts.map(({ vendor, way, id }) =>
      accountAt(vendor, this.#sandbox.accounts, way.url, id ?? vendor.name),
    );
    return new Engine({
      accounts: readConfig({ accounts: configured }, "test", {}),
      cursors: cursorCodec(),
      clock: () => NOW,
      log: SILENT,
      cache: cached ? { memoryMb: 16, openSeconds: 300 } : { memoryMb: 0, openSeconds: 0 },
      pace: { second: SECOND },
      ...(bounds ? { bounds } : {}),
    });
  }

  baseline(vendor: Vendor): Promise<Baseline> {
    const known = this.#baselines.get(vendor) ?? this.#undisturbed(vendor);
    this.#baselines.set(vendor, known);
    return known;
  }

  async #undisturbed(vendor: Vendor): Promise<Baseline> {
    const way = this.way(vendor);
    const rows = rowsOf(await whole(this.engine([{ vendor, way }]), vendor));
    const listed = {
      rows,
      text: JSON.stringify(rows),
      distinct: distinctMoneyOf(rows),
      pages: new Set(way.asked.map((asked) => JSON.stringify(asked))).size,
      calls: way.asked.length,
    };
    if (!vendor.summary) return listed;
    const before = way.asked.length;
    const both = await this.#summary(vendor, way);
    const pages = way.asked.length - before;
    const own = await this.#summary(vendor, way, { ids: [vendor.name] });
    const other = await this.#summary(vendor, way, { ids: [OTHER] });
    return { ...listed, totals: { both: both["totals"], own: own["totals"], other: other["totals"], pages } };
  }

  /** Over both accounts, or those named. */
  async #summary(
    vendor: Vendor,
    way: Way,
    { ids, bounds }: { ids?: string[]; bounds?: EngineParts["bounds"] } = {},
  ): Promise<Record<string, unknown>> {
    const name = vendor.name === BESIDE ? BESIDE_DATADOG : BESIDE;
    const other = VENDORS.find((one) => one.name === name);
    if (!other || !vendor.summary) throw new Error("there is another vendor, and cost");
    const beside = this.proxy.open({ upstream: this.#upstreamOf(other), ...namesOf(other) });
    const accounts = [
      { vendor, way },
      { vendor: other, way: beside, id: OTHER },
    ];
    const engine = this.engine(accounts, bounds ? { bounds } : {});
    const query = { ...vendor.summary, ...(ids ? { integrated_account_ids: ids } : {}) };
    return getCostSummary.run(engine, query, { signal: new AbortController().signal });
  }

  async measure(cell: Cell): Promise<Measured | undefined> {
    const baseline = await this.baseline(cell.vendor);
    let happened = 0;
    const disturb: WayOptions["disturb"] = (exchange) => {
      const { vendor, fault, page, mode } = cell;
      if (exchange.index !== page || (mode === "once" && exchange.time > 1)) return undefined;
      if (fault.happensAt?.(vendor) === false || fault.happensTo?.(vendor, exchange.asked) === false) return undefined;
      happened++;
      return happening(fault, vendor);
    };
    const way = this.way(cell.vendor, disturb);
    const { bounds } = cell.fault;
    const patient = bounds ? { bounds } : {};
    const engine = this.engine([{ vendor: cell.vendor, way }], patient);
    const listing = await outcomeOf(whole(engine, cell.vendor), baseline, way);
    if (happened === 0) return undefined;
    // On the first page, and on the last what happens always: the listing says of each page whether it heals.
    const pages = baseline.totals?.pages ?? 0;
    if (cell.page !== 0 && (cell.mode === "once" || cell.page !== pages - 1)) return { cell, listing };
    if (pages === 0) return { cell, listing };
    // What heals with one more call heals in a summary by the same call.
    if (cell.mode === "once" && listing.kind === "healed" && listing.calls <= 1) return { cell, listing };
    const answer = await settled(this.#summary(cell.vendor, this.way(cell.vendor, disturb), patient));
    return { cell, listing, summary: summaryOutcome(answer, cell.vendor) };
  }
}

function namesOf({ isNames }: Vendor): Pick<WayOptions, "isNames"> {
  return isNames ? { isNames } : {};
}

/** The whole listing in one answer. */
export function whole(engine: Engine, vendor: Vendor): Promise<ListAnswer> {
  return engine.listUsage(
    { ...vendor.query, limit: 10_000 },
    { signal: new AbortController().signal },
    { budget: Number.POSITIVE_INFINITY, withRemoteData: false },
  );
}

export function rowsOf({ result }: ListAnswer): Row[] {
  if (!Array.isArray(result)) throw new Error("the result is not a list");
  return result;
}

const HUNG = "hung" as const;

/** What a promise comes to: its failure, or that it comes to nothing, is a finding. */
async function settled<Value extends object>(promise: Promise<Value>): Promise<Value | typeof HUNG | Error> {
  const watch = new AbortController();
  const late = sleep(LIMIT_SECONDS * 1000, HUNG, { signal: watch.signal }).catch(() => HUNG);
  const said = promise.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  const first = await Promise.race([said, late]);
  watch.abort();
  return first;
}

async function outcomeOf(listing: Promise<ListAnswer>, baseline: Baseline, way: Way): Promise<Outcome> {
  const { rows, text, distinct, calls } = baseline;
  const answer = await settled(listing);
  const nothing = { lost: 0, doubled: 0, money: "none" } as const;
  const more = way.asked.length - calls;
  if (answer === HUNG) return { kind: "hung", calls: more, ...nothing };
  if (answer instanceof UsageError) return { kind: "reported", calls: more, ...nothing, error: answer };
  if (answer instanceof Error) return { kind: "internal", calls: more, ...nothing };
  const given = rowsOf(answer);
  const kind = answer.is_partial_response ? "partial" : "healed";
  if (JSON.stringify(given) === text) return { kind, calls: more, lost: 0, doubled: 0, money: "same", distinct };
  const money = moneyOf(given) === moneyOf(rows) ? "same" : "other";
  return { kind, calls: more, ...compared(given, rows), money, distinct: distinctMoneyOf(given) };
}

/** What is billed for the rows, each counted once by its id. */
function distinctMoneyOf(rows: readonly Row[]): bigint {
  return moneyOf([...new Map(rows.map((row) => [row["id"], row])).values()]);
}

/** By id and by content: whichever says more. */
function compared(given: readonly Row[], due: readonly Row[]): { lost: number; doubled: number } {
  const byId = difference(given, due, ({ id }) => String(id));
  const byContent = difference(given, due, ({ id: _, ...content }) => JSON.stringify(content));
  return { lost: Math.max(byId.lost, byContent.lost), doubled: Math.max(byId.doubled, byContent.doubled) };
}

function difference(given: readonly Row[], due: readonly Row[], keyOf: (row: Row) => string) {
  const times = new Map<string, number>();
  for (const row of due) times.set(keyOf(row), (times.get(keyOf(row)) ?? 0) + 1);
  for (const row of given) times.set(keyOf(row), (times.get(keyOf(row)) ?? 0) - 1);
  let [lost, doubled] = [0, 0];
  for (const left of times.values()) {
    if (left > 0) lost += left;
    else doubled -= left;
  }
  return { lost, doubled };
}

/** What is billed for the rows, exactly: net, else total. */
export function moneyOf(rows: readonly Row[]): bigint {
  return exactSum(
    rows.flatMap(({ charges }) => {
      const all = Array.isArray(charges) ? charges.map(Object) : [];
      const billed = all.find(({ type }) => type === "net") ?? all.find(({ type }) => type === "total");
      return billed ? [String(billed.amount)] : [];
    }),
  );
}

function summaryOutcome(answer: Record<string, unknown> | typeof HUNG | Error, { name }: Vendor): SummaryOutcome {
  if (answer === HUNG) return { kind: "hung", own: {}, answer: {} };
  // Whatever happens to an account, a summary is answered.
  if (answer instanceof Error) return { kind: "internal", own: {}, answer: { error: answer } };
  const accounts = Array.isArray(answer["accounts"]) ? answer["accounts"].map(Object) : [];
  const own = accounts.find((account) => account["integrated_account_id"] === name);
  const kinds: Readonly<Record<string, Kind>> = { ok: "healed", partial: "partial", error: "reported" };
  return { kind: kinds[String(own?.["status"])] ?? "internal", own: own ?? {}, answer };
}
