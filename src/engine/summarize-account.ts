import type { Account } from "../accounts/account.ts";
import { describeError, UsageError } from "../errors.ts";
import { ADAPTERS, supportOf } from "../providers/index.ts";
import type { Adapter, CostDimension, Dimension, Filters, ProviderSupport, Question } from "../providers/provider.ts";
import { type Instant, type Period, writePeriod } from "../usage/period.ts";
import type { ReportType } from "../usage/report.ts";
import type { Usage } from "../usage/row.ts";
import { CostGroups } from "./cost-groups.ts";
import { FILTER_DIMENSIONS, namesOf, passes, remaining, translated } from "./filters.ts";
import { type AsOf, type CallContext, older, pages, restarting } from "./pages.ts";
import { Regrouping } from "./regroup.ts";

export interface CostQuestion {
  period: Period;
  by: readonly CostDimension[];
  filters: Filters;
  now: Instant;
}

/** What one account came to. An account that fails says so and spoils no other. */
export interface AccountCost {
  account: Account;
  status: "ok" | "partial" | "error";
  /** What was really covered. */
  period: Period;
  groups: CostGroups;
  /** When what was read was so. */
  asOf?: AsOf | undefined;
  error?: string;
  warnings: string[];
}

/** Which report the costs of a vendor stand in. */
const COST_REPORT: ReportType = "cost";

/** Streams the account's cost rows into groups. @throws UsageError only when the call was cancelled */
export async function summarizeAccount(
  context: CallContext,
  account: Account,
  asked: CostQuestion,
): Promise<AccountCost> {
  const fresh = (): AccountCost => ({
    account,
    status: "ok",
    period: asked.period,
    groups: new CostGroups(asked.by),
    warnings: [],
  });
  let result = fresh();
  try {
    await restarting(context, async (asking) => {
      result = fresh();
      await readInto(result, asking, asked);
    });
  } catch (error) {
    if (error instanceof UsageError && error.kind === "cancelled") throw error;
    context.failed(account.id, error);
    // Half a sum is no sum: what was read before the fault is not counted.
    const told = describeError(error, context.requestId);
    return { ...result, status: "error", groups: new CostGroups(asked.by), error: told };
  }
  return result;
}

async function readInto(
  result: AccountCost,
  context: CallContext,
  { period, by, filters, now }: CostQuestion,
): Promise<void> {
  const { account } = result;
  const adapter = ADAPTERS[account.provider];
  const support = supportOf(account);
  refuseWithoutCost(support, account);
  result.period = adapter.cover(period, { account, report: COST_REPORT, now });
  noteCoverage(result, period, support);
  const words = translated(filters, support);
  noteWords(result, filters, words);
  const needed = [...by, ...namesOf(filters).map((name) => FILTER_DIMENSIONS[name])];
  const question: Question = {
    account,
    report: COST_REPORT,
    period: result.period,
    dates: {},
    now,
    filters: servedOf(words, support),
    groupBy: [...new Set(needed)],
    remoteQuery: [],
  };
  const unknown = new Set<CostDimension>();
  for await (const row of costRows(result, context, adapter, question, words)) {
    for (const dimension of result.groups.add(row, account)) unknown.add(dimension);
  }
  noteGaps(result, support, filters, [...unknown]);
}

/** What is covered may be more than was asked for, where the vendor can't cut finer, or less, where it does not go back as far. */
function noteCoverage(result: AccountCost, asked: Period, { provider }: ProviderSupport): void {
  const { account, period, warnings } = result;
  const { start_date, end_date } = writePeriod(period);
  if (period.start > asked.start) {
    result.status = "partial";
    warnings.push(
      period.start >= period.end
        ? `${account.id}: ${provider} does not go back as far as this period; its cost is not in the totals.`
        : `${account.id}: ${provider} does not go back further than ${start_date}; its cost before is not in the totals.`,
    );
  } else if (period.start !== asked.start || period.end !== asked.end) {
    warnings.push(`${account.id}: ${provider} can't cut finer; its cost covers ${start_date} to ${end_date}.`);
  }
}

/** A word that is a group of its own at another vendor may stand for something else here: sums by it are to be explained. */
function noteWords({ account, warnings }: AccountCost, asked: Filters, read: Filters): void {
  for (const name of namesOf(asked)) {
    const [words = [], own = []] = [asked[name], read[name]];
    const other = words.flatMap((word, index) => (own[index] === word ? [] : [`${word} is read as ${own[index]}`]));
    if (other.length > 0) warnings.push(`${account.id}: ${name}: ${other.join(", ")}.`);
  }
}

/** The filters that this vendor's cost knows: it must tell rows apart by them, where it can't by all that is asked for. */
function servedOf(words: Filters, { reports }: ProviderSupport): Filters {
  const params = reports[COST_REPORT]?.params ?? {};
  const known = namesOf(words).filter((name) => name !== "api_key_ids" && params[name]);
  return Object.fromEntries(known.map((name) => [name, words[name]]));
}

function refuseWithoutCost(support: ProviderSupport, account: Account): void {
  if (support.reports[COST_REPORT]) return;
  throw new UsageError(
    "configuration",
    `${support.provider} account '${account.id}' can't serve cost: ${support.refused[COST_REPORT] ?? "its data carries none."}`,
  );
}

/**
 * The account's cost, told apart by what the question needs. Where another report tells it apart and holds a part of it only,
 * that part, and what the whole has more.
 */
async function* costRows(
  result: AccountCost,
  context: CallContext,
  adapter: Adapter,
  question: Question,
  filters: Filters,
): AsyncGenerator<Usage> {
  const split = adapter.split?.(question);
  if (!split) {
    yield* rowsOf(result, context, adapter, question, filters);
    return;
  }
  const part = { ...question, report: split.report };
  const by = (question.groupBy ?? []).filter((dimension) => dimension !== split.dimension);
  const { account, report, period } = question;
  // By the day, when there is any calendar: weeks and months do not nest.
  const calendar = by.some((dimension) => dimension === "week" || dimension === "month");
  // The charges of a row stay together: cost groups tell them apart, and would count each as a row's whole cost.
  const together = by.filter((dimension) => dimension !== "charge_type");
  const rest = new Regrouping({ account, report, by: calendar ? [...together, "day"] : together, whole: period });
  for await (const row of rowsOf(result, context, adapter, part, filters)) {
    rest.subtract(row);
    yield row;
  }
  // What is tied to no person passes no filter of people.
  if (filters.user_ids) return;
  for await (const row of rowsOf(result, context, adapter, { ...question, groupBy: by }, filters)) rest.add(row);
  yield* rest.rest();
}

async function* rowsOf(
  result: AccountCost,
  context: CallContext,
  adapter: Adapter,
  question: Question,
  filters: Filters,
): AsyncGenerator<Usage> {
  const { account, warnings } = result;
  const warned = new Set(warnings);
  const left = remaining(filters, adapter.does?.(question).filters);
  for await (const page of pages(context, adapter, question)) {
    for (const { rows } of page.entries) for (const row of rows) if (passes(row, left)) yield row;
    result.asOf = older(result.asOf, page.asOf);
    for (const warning of page.warnings ?? []) warned.add(`${account.id}: ${warning}`);
    if (page.moved) result.status = "partial";
    if (page.looping) {
      result.status = "partial";
      warned.add(`${account.id}: the vendor's paging pointed back to a page already read; cost after it is missing.`);
    }
  }
  result.warnings = [...warned];
}

/** What the vendor can't tell apart is said, not hidden. */
function noteGaps(
  result: AccountCost,
  support: ProviderSupport,
  filters: Filters,
  unknown: readonly Dimension[],
): void {
  const { account, warnings } = result;
  if (unknown.length > 0)
    warnings.push(
      `${account.id}: some of its cost can't be split by ${unknown.join(", ")}; it stands under unattributed.`,
    );
  const params = support.reports[COST_REPORT]?.params ?? {};
  for (const name of namesOf(filters)) {
    if (name === "api_key_ids" || params[name]) continue;
    warnings.push(`${account.id}: ${support.provider} cost can't be filtered by ${name}; none of it is counted here.`);
  }
}
