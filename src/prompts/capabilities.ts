import type { Account } from "../accounts/account.ts";
import type { DescribedReport } from "../engine/describe.ts";
import type { Engine } from "../engine/engine.ts";
import type { ReportType } from "../usage/report.ts";

/** What an account can be asked, as far as a prompt's steps depend on it. */
export interface Capabilities {
  account: Account;
  reports: readonly ReportType[];
  /** What its cost can be told apart by, in one report or another. */
  costDimensions: readonly string[];
  /** It has a report of who did what. */
  tellsActivity: boolean;
  /** Of the metrics that a review shows, those that it has. */
  metrics: readonly string[];
}

const COST: readonly ReportType[] = ["cost", "user_cost"];
const USE: readonly ReportType[] = ["usage", "activity", "user_usage"];
const REVIEWED = ["requests.total", "tokens.total", "code.lines_added", "quantity"];

/** From the same support table that checks queries. */
export function capabilitiesOf(engine: Engine, accounts: readonly Account[]): Promise<Capabilities[]> {
  return Promise.all(
    accounts.map(async (account) => {
      const described = await engine.describe({ integrated_account_id: account.id });
      const reports = described.flatMap((provider) => provider.reports);
      const of = (types: readonly ReportType[]) => reports.filter(({ report_type }) => types.includes(report_type));
      return {
        account,
        reports: reports.map(({ report_type }) => report_type),
        costDimensions: of(COST).flatMap(({ group_by }) => group_by),
        tellsActivity: of(["activity"]).some(tellsUsers),
        metrics: metricsOf(of(USE)),
      };
    }),
  );
}

function metricsOf(reports: readonly DescribedReport[]): string[] {
  const fields = reports.flatMap((report) => report.fields ?? []);
  const counted = REVIEWED.filter((metric) => fields.includes(`usage.${metric}`));
  return reports.some(tellsUsers) ? ["users", ...counted] : counted;
}

function tellsUsers({ group_by }: DescribedReport): boolean {
  return group_by.includes("user");
}
