import type { Account } from "../accounts/account.ts";
import { supportOf } from "../providers/index.ts";
import type { Dimension } from "../providers/provider.ts";
import { listed } from "../suggest.ts";
import type { ReportType } from "../usage/report.ts";

/**
 * Says of dimensions that none of the reports tells rows apart by, that all of it stands under unattributed, and what there is
 * instead: no total depends on what is grouped by, so it is no error.
 */
export function untoldBy(
  by: readonly Dimension[],
  asked: readonly { account: Account; report: ReportType }[],
  noun: "cost" | "usage",
): string[] {
  const told = new Set(asked.flatMap(({ account, report }) => supportOf(account).reports[report]?.dimensions ?? []));
  // Where no account has such a report, each one says so itself.
  const missing = told.size === 0 ? [] : by.filter((dimension) => !told.has(dimension));
  if (missing.length === 0) return [];
  return [
    `No account that was asked tells its ${noun} apart by ${listed(missing)}: all of it stands under unattributed. It can be grouped by ${listed([...told])}.`,
  ];
}
