import type { Account } from "../accounts/account.ts";
import { describeError, UsageError } from "../errors.ts";
import { adapterOf } from "../providers/index.ts";
import type { Adapter, Dimension, Question } from "../providers/provider.ts";
import { type Instant, type Period, writePeriod } from "../usage/period.ts";
import type { ReportType } from "../usage/report.ts";
import type { Usage } from "../usage/row.ts";
import { CostGroups } from "./cost-groups.ts";
import { type CallContext, pages } from "./pages.ts";

/** Filters of a summary: a row passes that has one of the values, for every filter that is given. Lower case. */
export interface CostFilters {
  product_ids?: readonly string[] | undefined;
  user_ids?: readonly string[] | undefined;
  model_ids?: readonly string[] | undefined;
  surfaces?: readonly string[] | undefined;
}

export interface CostQuestion {
  period: Period;
  by: readonly Dimension[];
  filters: CostFilters;
  now: Instant;
}

/** What one account came to. An account that fails says so and spoils no other. */
export interface AccountCost {
  account: Account;
  status: "ok" | "partial" | "error";
  /** What was really covered. */
  period: Period;
  groups: CostGroups;
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
  const result: AccountCost = {
    account,
    status: "ok",
    period: asked.period,
    groups: new CostGroups(asked.by),
    warnings: [],
  };
  try {
    await readInto(result, context, account, asked);
  } catch (error) {
    if (error instanceof UsageError && error.kind === "cancelled") throw error;
    // Half a sum is no sum: what was read before the fault is not counted.
    return { ...result, status: "error", groups: new CostGroups(asked.by), error: describeError(error) };
  }
  return result;
}

async function readInto(
  result: AccountCost,
  context: CallContext,
  account: Account,
  { period, filters, now }: CostQuestion,
): Promise<void> {
  const adapter = adapterOf(account.provider);
  result.period = adapter.cover(period);
  if (result.period.start !== period.start || result.period.end !== period.end) {
    const { start_date, end_date } = writePeriod(result.period);
    result.warnings.push(
      `${account.id}: ${adapter.support.provider} can't cut finer; its cost covers ${start_date} to ${end_date}.`,
    );
  }
  const question: Question = { account, report: COST_REPORT, period: result.period, now, remoteQuery: [] };
  const unknown = new Set<Dimension>();
  for await (const page of pages(context, adapter, question)) {
    for (const { rows } of page.entries) {
      for (const row of rows) {
        if (passes(row, filters)) for (const dimension of result.groups.add(row, account)) unknown.add(dimension);
      }
    }
    for (const warning of page.warnings ?? []) result.warnings.push(`${account.id}: ${warning}`);
    if (page.looping) {
      result.status = "partial";
      result.warnings.push(
        `${account.id}: the vendor's paging pointed back to a page already read; cost after it is missing.`,
      );
    }
  }
  noteGaps(result, adapter, filters, [...unknown]);
}

/** What the vendor can't tell apart is said, not hidden. */
function noteGaps(
  result: AccountCost,
  { support }: Adapter,
  filters: CostFilters,
  unknown: readonly Dimension[],
): void {
  const { account, warnings } = result;
  if (unknown.length > 0)
    warnings.push(
      `${account.id}: some of its cost can't be split by ${unknown.join(", ")}; it stands under unattributed.`,
    );
  const fields = support.reports[COST_REPORT]?.fields ?? [];
  const blind = FILTER_FIELDS.filter(([name, field]) => filters[name] && !fields.includes(field));
  for (const [name] of blind)
    warnings.push(`${account.id}: ${support.provider} cost can't be filtered by ${name}; none of it is counted here.`);
}

const FILTER_FIELDS = [
  ["product_ids", "product"],
  ["user_ids", "user"],
  ["model_ids", "model"],
  ["surfaces", "surface"],
] as const;

function passes(row: Usage, { product_ids, user_ids, model_ids, surfaces }: CostFilters): boolean {
  return (
    holds(product_ids, row.product?.id, row.product?.name) &&
    holds(user_ids, row.user?.id, row.user?.email) &&
    holds(model_ids, row.model?.id) &&
    holds(surfaces, row.surface)
  );
}

function holds(wanted: readonly string[] | undefined, ...values: (string | undefined)[]): boolean {
  return !wanted || values.some((value) => value !== undefined && wanted.includes(value.toLowerCase()));
}
