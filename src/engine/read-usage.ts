import type { Account } from "../accounts/account.ts";
import type { Filters } from "../providers/provider.ts";
import type { Instant, Period } from "../usage/period.ts";
import type { ReportType } from "../usage/report.ts";
import { CostGroups } from "./cost-groups.ts";
import { type Metric, USERS } from "./metrics.ts";
import type { CallContext } from "./pages.ts";
import type { Ratio } from "./ratios.ts";
import type { Sums } from "./read-account.ts";
import { type ReadPeriods, readPeriods } from "./read-periods.ts";
import { type UsageDimension, UsageGroups } from "./usage-groups.ts";

/** What one account is asked: metrics by the report they are read from. */
export interface AccountPlan {
  account: Account;
  reports: ReadonlyMap<ReportType, readonly Metric[]>;
}

/** What one account came to, by report; its cost where a ratio needs it. */
export interface AccountUsage extends AccountPlan {
  usage: ReadPeriods<UsageGroups>[];
  cost?: ReadPeriods<CostGroups> | undefined;
}

/** What is asked of every account. */
export interface UsageQuestion {
  period: Period;
  before?: Period | undefined;
  groupBy: readonly UsageDimension[];
  filters: Filters;
}

/** Reads all that an account is asked, its reports side by side. */
export async function readUsage(
  context: CallContext,
  plan: AccountPlan,
  request: UsageQuestion,
  ratios: readonly Ratio[],
  now: Instant,
): Promise<AccountUsage> {
  const { account, reports } = plan;
  const { groupBy, filters } = request;
  const usage = [...reports].map(([report, metrics]) => {
    const by = metrics.some(({ name }) => name === USERS) ? [...groupBy, "user" as const] : groupBy;
    const asked = { report, by, filters, now, noun: "usage" } as const;
    return readPeriods(context, [account], asked, request, () => new UsageGroups(groupBy, metrics));
  });
  const isPriced = ratios.some((ratio) => ratio.over === "cost" && has(plan, ratio));
  const asked = { report: "cost", by: groupBy, filters, now, noun: "cost" } as const;
  const cost = isPriced ? readPeriods(context, [account], asked, request, () => new CostGroups(groupBy)) : undefined;
  const [read, priced] = await Promise.all([Promise.all(usage), cost]);
  return { ...plan, usage: read, cost: priced };
}

/** Whether an account has what a ratio divides by: only then its cost counts for it. */
export function has({ reports }: AccountPlan, { under }: Ratio): boolean {
  const names = [...reports.values()].flat().map(({ name }) => name);
  return under.every((metric) => names.includes(metric));
}

/** All that was read of an account. */
export function readingsOf({ usage, cost }: AccountUsage): ReadPeriods<Sums>[] {
  return cost ? [...usage, cost] : [...usage];
}
