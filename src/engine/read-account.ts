import type { Account } from "../accounts/account.ts";
import { describeError, UsageError } from "../errors.ts";
import { ADAPTERS, supportOf } from "../providers/index.ts";
import type { Dimension, Filters, ProviderSupport, Question, ReportSupport } from "../providers/provider.ts";
import { type Instant, type Period, writePeriod } from "../usage/period.ts";
import type { ReportType } from "../usage/report.ts";
import type { Usage } from "../usage/row.ts";
import { FILTER_DIMENSIONS, namesOf, translated } from "./filters.ts";
import { type CallContext, restarting } from "./pages.ts";
import { type Said, summaryRows } from "./summary-rows.ts";

/** What a summary asks an account's report. */
export interface SummaryQuestion {
  report: ReportType;
  period: Period;
  /** What its rows must be told apart by. Absent: they are seen one by one, as the vendor tells them. */
  by?: readonly Dimension[];
  filters: Filters;
  now: Instant;
  /** What its rows are read for, as warnings name it: its cost, its usage. */
  noun: "cost" | "usage";
}

/** Takes rows, one by one, and keeps sums of them. */
export interface Sums {
  /** @returns dimensions that the row could not say */
  add(row: Usage, account: Account): readonly Dimension[];
}

/** What one account's report came to. An account that fails says so and spoils no other. */
export interface AccountSums<S extends Sums> extends Said {
  account: Account;
  /** What was really covered. */
  period: Period;
  sums: S;
  error?: string;
}

/**
 * Streams the rows of an account's report into sums.
 * @param empty new sums, for every time the report is read from its start
 * @throws UsageError only when the call was cancelled
 */
export async function readAccount<S extends Sums>(
  context: CallContext,
  account: Account,
  asked: SummaryQuestion,
  empty: () => S,
): Promise<AccountSums<S>> {
  const fresh = (): AccountSums<S> => ({ account, status: "ok", period: asked.period, sums: empty(), warnings: [] });
  let result = fresh();
  try {
    await restarting(context, async (asking) => {
      result = fresh();
      const unknown = new Set<Dimension>();
      for await (const rows of rowsOf(result, asking, asked, { sumsOnly: true }))
        for (const row of rows) for (const dimension of result.sums.add(row, account)) unknown.add(dimension);
      noteGaps(result, asked, [...unknown]);
    });
  } catch (error) {
    if (error instanceof UsageError && error.kind === "cancelled") throw error;
    context.failed(account.id, error);
    // Half a sum is no sum: what was read before the fault is not counted.
    return { ...result, status: "error", sums: empty(), error: describeError(error, context.requestId) };
  }
  return result;
}

/** Where the rows of an account are from, and what is said beside them. */
export type AccountReading = Omit<AccountSums<Sums>, "sums">;

/**
 * The rows of an account's report over a half-open period. What was covered, and what pages say besides rows, is written to
 * `reading` on the way. @throws UsageError
 */
export async function* accountRows(
  reading: AccountReading,
  context: CallContext,
  asked: SummaryQuestion,
): AsyncGenerator<Usage> {
  for await (const rows of rowsOf(reading, context, asked, {})) yield* rows;
}

/** The same, some at a time. */
async function* rowsOf(
  reading: AccountReading,
  context: CallContext,
  { report, period, by, filters, now, noun }: SummaryQuestion,
  purpose: Pick<Question, "sumsOnly">,
): AsyncGenerator<readonly Usage[]> {
  const { account } = reading;
  const adapter = ADAPTERS[account.provider];
  const support = supportOf(account);
  const served = servedReport(support, account, report);
  reading.period = adapter.cover(period, { account, report, now });
  noteCoverage(reading, period, support, noun);
  const words = translated(filters, support);
  noteWords(reading, filters, words);
  const question: Question = {
    account,
    report,
    period: reading.period,
    dates: {},
    now,
    filters: servedFilters(words, served),
    ...(by ? { groupBy: [...new Set([...by, ...namesOf(filters).map((name) => FILTER_DIMENSIONS[name])])] } : {}),
    remoteQuery: [],
    ...purpose,
  };
  yield* summaryRows(reading, context, adapter, question, words);
}

/** What is covered may be more than was asked for, where the vendor can't cut finer, or less, where it does not go back as far. */
function noteCoverage(
  reading: AccountReading,
  asked: Period,
  { provider }: ProviderSupport,
  noun: SummaryQuestion["noun"],
): void {
  const { account, period, warnings } = reading;
  const { start_date, end_date } = writePeriod(period);
  if (period.start > asked.start) {
    reading.status = "partial";
    warnings.push(
      period.start >= period.end
        ? `${account.id}: ${provider} does not go back as far as this period; its ${noun} is not in the totals.`
        : `${account.id}: ${provider} does not go back further than ${start_date}; its ${noun} before is not in the totals.`,
    );
  } else if (period.start !== asked.start || period.end !== asked.end) {
    warnings.push(`${account.id}: ${provider} can't cut finer; its ${noun} covers ${start_date} to ${end_date}.`);
  }
}

/** A word that is a group of its own at another vendor may stand for something else here: sums by it are to be explained. */
function noteWords({ account, warnings }: AccountReading, asked: Filters, read: Filters): void {
  for (const name of namesOf(asked)) {
    const [words = [], own = []] = [asked[name], read[name]];
    const other = words.flatMap((word, index) => (own[index] === word ? [] : [`${word} is read as ${own[index]}`]));
    if (other.length > 0) warnings.push(`${account.id}: ${name}: ${other.join(", ")}.`);
  }
}

/** The filters that the report knows: it must tell rows apart by them, where it can't by all that is asked for. */
function servedFilters(words: Filters, { params }: ReportSupport): Filters {
  const known = namesOf(words).filter((name) => name !== "api_key_ids" && params[name]);
  return Object.fromEntries(known.map((name) => [name, words[name]]));
}

function servedReport(support: ProviderSupport, account: Account, report: ReportType): ReportSupport {
  const served = support.reports[report];
  if (served) return served;
  throw new UsageError(
    "configuration",
    `${support.provider} account '${account.id}' can't serve ${report}: ${support.refused[report] ?? "its data carries none."}`,
  );
}

/** What the vendor can't tell apart is said, not hidden. */
function noteGaps(
  { account, warnings }: AccountReading,
  { report, filters, noun }: SummaryQuestion,
  unknown: readonly Dimension[],
): void {
  const support = supportOf(account);
  if (unknown.length > 0)
    warnings.push(
      `${account.id}: some of its ${noun} can't be split by ${unknown.join(", ")}; it stands under unattributed.`,
    );
  const params = support.reports[report]?.params ?? {};
  for (const name of namesOf(filters)) {
    if (name === "api_key_ids" || params[name]) continue;
    warnings.push(
      `${account.id}: ${support.provider} ${noun} can't be filtered by ${name}; none of it is counted here.`,
    );
  }
}
