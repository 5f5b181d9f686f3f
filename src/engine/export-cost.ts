import type { Account } from "../accounts/account.ts";
import { describeError, UsageError } from "../errors.ts";
import { type FocusCharge, focusCharges } from "../focus/charge.ts";
import type { FocusVersion } from "../focus/versions.ts";
import { ADAPTERS, supportOf } from "../providers/index.ts";
import type { Dimension } from "../providers/provider.ts";
import { type Instant, iso, type Period, splitMonths, writePeriod } from "../usage/period.ts";
import type { Usage } from "../usage/row.ts";
import { type AsOf, type CallContext, older, restarting } from "./pages.ts";
import { type AccountReading, accountRows, type SummaryQuestion } from "./read-account.ts";

export interface CostExportRequest {
  accounts: readonly Account[];
  period: Period;
  version: FocusVersion;
  /** Whether people are named. */
  withPeople: boolean;
  /** Nothing that was kept will do. */
  fresh?: boolean;
}

/** What became of an account. */
export interface ExportedAccount {
  integrated_account_id: string;
  provider: string;
  status: "ok" | "partial" | "error";
  /** What was really covered. */
  period: { start_date: string; end_date: string };
  /** How many charges were given. With an error, they are not all there are. */
  charges: number;
  error?: string;
}

/** What is said of an export once its charges were given. */
export interface ExportEnd {
  focus: FocusVersion;
  period: { start_date: string; end_date: string };
  result_count: number;
  accounts: ExportedAccount[];
  /** When the oldest of it was so that may still change. */
  data_as_of?: string;
  is_partial_response: boolean;
  warnings: string[];
}

/** How many charges are given at a time. */
const BATCH = 500;

/**
 * Every charge of the accounts' costs over a half-open period, in the terms of FOCUS, as the vendors' pages arrive: one account
 * after the other, month by month, so that memory does not grow with the period. An account that fails spoils no other: what
 * it gave before cannot be taken back, and the end says so.
 * @throws UsageError when the call was cancelled, or no account gave anything and one failed
 */
export async function* exportCost(
  context: CallContext,
  request: CostExportRequest,
  now: Instant,
): AsyncGenerator<FocusCharge[], ExportEnd> {
  const { accounts, period, version } = request;
  const ended: Exported[] = [];
  let failure: unknown;
  for (const account of accounts) {
    const exported: Exported = { account, status: "ok", period, charges: 0, warnings: new Set() };
    ended.push(exported);
    try {
      yield* accountCharges(context, exported, request, now);
    } catch (error) {
      if (error instanceof UsageError && error.kind === "cancelled") throw error;
      context.failed(account.id, error);
      failure ??= error;
      exported.status = "error";
      exported.error = describeError(error, context.requestId);
    }
  }
  const count = ended.reduce((sum, { charges }) => sum + charges, 0);
  if (count === 0 && failure !== undefined && ended.every(({ status }) => status === "error")) throw failure;
  const asOf = ended.map((exported) => exported.asOf).reduce(older, undefined);
  return {
    focus: version,
    period: writePeriod(period),
    result_count: count,
    accounts: ended.map(writeExported),
    ...(asOf ? { data_as_of: iso(asOf.at) } : {}),
    is_partial_response: ended.some(({ status }) => status !== "ok"),
    warnings: warningsOf(ended, period, now),
  };
}

interface Exported {
  account: Account;
  status: ExportedAccount["status"];
  period: Period;
  charges: number;
  warnings: Set<string>;
  asOf?: AsOf | undefined;
  error?: string;
}

async function* accountCharges(
  context: CallContext,
  exported: Exported,
  { period, version, withPeople }: CostExportRequest,
  now: Instant,
): AsyncGenerator<FocusCharge[]> {
  const { account } = exported;
  const scope = { version, account, withPeople };
  let covered: Period | undefined;
  let batch: FocusCharge[] = [];
  for (const month of splitMonths(period)) {
    const question = questionOf(account, month, withPeople, now);
    const reading: AccountReading = { account, status: "ok", period: month, warnings: [] };
    try {
      for await (const row of rowsOf(context, reading, question)) {
        batch.push(...focusCharges(row, scope, reading.period));
        if (batch.length < BATCH) continue;
        exported.charges += batch.length;
        yield batch;
        batch = [];
      }
    } finally {
      covered = joined(covered, reading.period);
      exported.period = covered;
      if (reading.status === "partial") exported.status = "partial";
      exported.asOf = older(exported.asOf, reading.asOf);
      for (const warning of reading.warnings) exported.warnings.add(warning);
    }
  }
  exported.charges += batch.length;
  if (batch.length > 0) yield batch;
}

/** The rows of a month. Until the first is given, what the vendor changes on the way is read again. */
async function* rowsOf(
  context: CallContext,
  reading: AccountReading,
  question: SummaryQuestion,
): AsyncGenerator<Usage> {
  const { rows, first } = await restarting(context, async (asking) => {
    Object.assign(reading, { status: "ok", asOf: undefined, warnings: [] });
    const own = { ...asking };
    const rows = accountRows(reading, own, question);
    const first = await rows.next();
    own.rereads = 0;
    return { rows, first };
  });
  if (first.done) return;
  yield first.value;
  yield* rows;
}

/** What a charge is told apart by. */
const CHARGE = [
  ...["product", "surface", "model", "resource", "workspace", "organization"],
  ...["metric_name", "charge_type", "day"],
] as const satisfies readonly Dimension[];
/** Kinds of tokens, where the vendor joins them to nothing else. */
const TOKENS = [
  "product",
  "surface",
  "model",
  "charge_type",
  "day",
  "token_type",
] as const satisfies readonly Dimension[];

/**
 * The question whose rows say the most of each charge. A vendor whose costs are sums of single requests is asked for these:
 * they have ids and tokens. Others tell their costs apart by all that a charge names; by kinds of tokens only where the vendor
 * itself does, since a cost that is not split so can't be split afterwards.
 */
function questionOf(account: Account, period: Period, withPeople: boolean, now: Instant): SummaryQuestion {
  const { reports } = supportOf(account);
  const asked = { report: "cost", period, filters: {}, now, noun: "cost" } as const;
  if (reports.usage?.moments && reports.usage.fields.includes("charges")) return { ...asked, report: "usage" };
  const known = reports.cost?.dimensions ?? [];
  const told = (wanted: readonly Dimension[]) => wanted.filter((dimension) => known.includes(dimension));
  // Organizations give way to people: Claude joins five dimensions at once, no more.
  const all = withPeople ? [...CHARGE.filter((dimension) => dimension !== "organization"), "user" as const] : CHARGE;
  const joinsTokens = (groupBy: readonly Dimension[]) => {
    const question = { account, report: asked.report, period, dates: {}, now, filters: {}, remoteQuery: [], groupBy };
    return groupBy.includes("token_type") && ADAPTERS[account.provider].does?.(question).groupBy === true;
  };
  const finer = [told([...all, "token_type"]), ...(withPeople ? [] : [told(TOKENS)])].find(joinsTokens);
  return { ...asked, by: finer ?? told(all) };
}

function joined(one: Period | undefined, other: Period): Period {
  if (!one || one.start >= one.end) return other;
  if (other.start >= other.end) return one;
  return { start: Math.min(one.start, other.start), end: Math.max(one.end, other.end) };
}

function warningsOf(ended: readonly Exported[], period: Period, now: Instant): string[] {
  const isOpen = period.start <= now && period.end > now;
  const failed = ended.filter(({ status }) => status === "error").map(({ account }) => account.id);
  return [
    ...(failed.length > 0 ? [`The charges of ${failed.join(", ")} are not all here; see accounts.`] : []),
    ...(isOpen ? ["The period is not over: charges are to date."] : []),
    ...ended.flatMap(({ warnings }) => [...warnings]),
  ];
}

function writeExported({ account, status, period, charges, error }: Exported): ExportedAccount {
  return {
    integrated_account_id: account.id,
    provider: account.provider,
    status,
    period: writePeriod(period),
    charges,
    ...(error === undefined ? {} : { error }),
  };
}
