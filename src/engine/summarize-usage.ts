import type { Account } from "../accounts/account.ts";
import { badParameter } from "../errors.ts";
import { supportOf } from "../providers/index.ts";
import type { Filters } from "../providers/provider.ts";
import { listed } from "../suggest.ts";
import { elapsedDays } from "../usage/named-period.ts";
import { type Instant, iso, type Period, writePeriod } from "../usage/period.ts";
import { existingHint } from "./existing.ts";
import { namesOf } from "./filters.ts";
import { type Metric, QUANTITY, readMetrics, reportsOf } from "./metrics.ts";
import { type CallContext, older } from "./pages.ts";
import { metricsOf, readRatios } from "./ratios.ts";
import type { AccountSums, Sums } from "./read-account.ts";
import { comparable, type ReadPeriods, readingWarnings } from "./read-periods.ts";
import { type AccountPlan, type AccountUsage, readingsOf, readUsage } from "./read-usage.ts";
import { HOLES } from "./series.ts";
import { untoldBy } from "./untold.ts";
import type { UsageDimension } from "./usage-groups.ts";
import { alignedSide, fillSide, type Side, sideOf } from "./usage-side.ts";
import { type UsageSummary, writeUsage } from "./write-usage.ts";

export interface UsageSummaryRequest {
  accounts: readonly Account[];
  period: Period;
  /** The period to compare with. */
  before?: Period | undefined;
  /** Changes are shown by the day, too. */
  perDay?: boolean;
  /** Row paths under `usage`, `users`, or `quantity:unit`. */
  metrics: readonly string[];
  ratios: readonly string[];
  groupBy: readonly UsageDimension[];
  /** In lower case. */
  filters: Filters;
  sortBy?: string | undefined;
  sortOrder?: "asc" | "desc" | undefined;
  limit: number;
  /** Characters of JSON that the groups may have; fewer are shown where they have more. */
  most?: number | undefined;
  /** Nothing that was kept will do. */
  fresh?: boolean;
}

/**
 * Use of accounts over a half-open period, by group. Each metric is read from one report of an account, and all accounts at
 * once; each one's fault is its own. @throws UsageError (question): metrics that can't be added, that no account has
 */
export async function summarizeUsage(
  context: CallContext,
  request: UsageSummaryRequest,
  now: Instant,
): Promise<UsageSummary> {
  const { accounts, period, before, groupBy, filters } = request;
  const ratios = readRatios(request.ratios);
  const shown = readMetrics(request.metrics, groupBy);
  const metrics = readMetrics([...request.metrics, ...metricsOf(ratios)], groupBy);
  const plans = accounts.map((account) => ({
    account,
    reports: reportsOf(supportOf(account), metrics, groupBy, filters),
  }));
  refuseUnknown(metrics, plans);
  const read = await Promise.all(plans.map((plan) => readUsage(context, plan, request, ratios, now)));
  const own = sideOf(read, ratios, (periods) => periods.now);
  const previous: Side | undefined =
    before &&
    alignedSide(
      sideOf(read, ratios, (periods) => comparable(periods) ?? []),
      groupBy,
      period,
      before,
    );
  const isEmpty = own.groups.size === 0;
  const isFilled = isEmpty || fillSide(own, groupBy, period, now);
  const days = before && request.perDay && { days: elapsedDays(period, now), before: elapsedDays(before, now) };
  const { cut, ...numbers } = writeUsage({ own, previous, metrics: shown, ratios, request, ...(days ? { days } : {}) });
  return {
    period: writePeriod(period),
    ...(before ? { compared_period: writePeriod(before) } : {}),
    ...numbers,
    accounts: read.map(writeAccount),
    ...dataAsOf(read),
    is_partial_response: read.some((account) => readings(account).some(({ status }) => status !== "ok")),
    warnings: [
      ...untoldBy(
        groupBy,
        plans.flatMap(({ account, reports }) => [...reports.keys()].map((report) => ({ account, report }))),
        "usage",
      ),
      ...warningsOf(read, request, shown, now),
      ...(isFilled ? [] : [HOLES]),
      ...cut,
    ],
    ...(isEmpty ? { hint: await hintOf(context, plans, request, now) } : {}),
  };
}

function readings(account: AccountUsage): AccountSums<Sums>[] {
  return readingsOf(account).flatMap(({ now, before = [] }) => [...now, ...before]);
}

/** @throws UsageError (question) naming the accounts that have some of what was asked */
function refuseUnknown(metrics: readonly Metric[], plans: readonly AccountPlan[]): void {
  const known = new Set(plans.flatMap(({ reports }) => [...reports.values()].flat().map(({ name }) => name)));
  const missing = metrics.map(({ name }) => name).filter((name) => !known.has(name));
  if (missing.length === 0) return;
  const offered = plans.map(({ account }) => {
    const fields = Object.values(supportOf(account).reports).flatMap((report) => report.fields);
    const own = new Set(fields.filter((field) => /^usage\.[^.]+(\.|$)/.test(field)).map((field) => field.slice(6)));
    return `${account.id} has ${own.size === 0 ? "none" : listed([...own], 8)}`;
  });
  throw badParameter("metrics", `no account that was asked has ${listed(missing)}: ${offered.join("; ")}.`);
}

function warningsOf(
  accounts: readonly AccountUsage[],
  request: UsageSummaryRequest,
  metrics: readonly Metric[],
  now: Instant,
): string[] {
  const read = accounts.flatMap(readingsOf);
  const isRead = (periods: ReadPeriods<Sums>): periods is Required<ReadPeriods<Sums>> => periods.before !== undefined;
  // As one reading: what holds for all is said once.
  const all = {
    now: read.flatMap((periods) => periods.now),
    before: read.filter(isRead).flatMap(({ before }) => before),
  };
  const warnings = new Set(readingWarnings(request, all, now, request.perDay));
  for (const { account, reports } of accounts) {
    const own = [...reports.values()].flat().map(({ name }) => name);
    const missing = metrics.map(({ name }) => name).filter((name) => !own.includes(name));
    if (missing.length > 0)
      warnings.add(`${account.id}: ${account.provider} has no ${listed(missing)}; none of it is counted for it.`);
    for (const [report, read] of reports) {
      const usual = (metric: Metric) => [...reportsOf(supportOf(account), [metric], [], {}).keys()];
      const moved = read.filter((metric) => !usual(metric).includes(report));
      if (moved.length > 0)
        warnings.add(
          `${account.id}: to tell it apart as asked, ${listed(moved.map(({ name }) => name))} is read from ${report}, which counts other things than ${listed(moved.flatMap(usual))}, from which it is read otherwise.`,
        );
    }
  }
  for (const { name, note } of metrics) if (note) warnings.add(`${name}: ${note}.`);
  return [...warnings];
}

function dataAsOf(read: readonly AccountUsage[]): { data_as_of?: string } {
  const asOf = read
    .flatMap(readings)
    .map((sums) => sums.asOf)
    .reduce(older, undefined);
  return asOf ? { data_as_of: iso(asOf.at) } : {};
}

function writeAccount(account: AccountUsage): UsageSummary["accounts"][number] {
  const own = readingsOf(account).flatMap(({ now }) => now);
  const failed = own.filter(({ status }) => status === "error");
  const asOf = own.map((sums) => sums.asOf).reduce(older, undefined);
  const [first] = own;
  const status =
    own.length > 0 && failed.length === own.length
      ? "error"
      : own.some((sums) => sums.status !== "ok")
        ? "partial"
        : "ok";
  return {
    integrated_account_id: account.account.id,
    provider: account.account.provider,
    status,
    ...(first ? { period: writePeriod(first.period) } : {}),
    reports: [...account.reports.keys(), ...(account.cost ? ["cost"] : [])],
    ...(asOf ? { data_as_of: iso(asOf.at) } : {}),
    ...(failed.length > 0 ? { error: [...new Set(failed.map(({ error = "" }) => error))].join(" ") } : {}),
  };
}

async function hintOf(
  context: CallContext,
  plans: readonly AccountPlan[],
  request: UsageSummaryRequest,
  now: Instant,
): Promise<string> {
  const { period, filters } = request;
  if (period.start > now) return `The period begins ${iso(period.start)}, in the future; it is ${iso(now)} now.`;
  if (namesOf(filters).length > 0)
    return existingHint("usage", filters, async (dimension) => {
      const open = { ...request, filters: {}, groupBy: [dimension], before: undefined };
      const read = await Promise.all(plans.map((plan) => readUsage(context, plan, open, [], now)));
      return [...sideOf(read, [], (periods) => periods.now).groups.values()].map(({ key }) => key[dimension] ?? "");
    });
  if (request.metrics.some((name) => name.startsWith(`${QUANTITY}:`)))
    return "No account holds such a quantity for this period; metrics: quantity shows each by its unit.";
  return "No account holds such usage for this period; vendors publish with a delay, and keep 12 to 15 months.";
}
