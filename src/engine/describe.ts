import type { Account, ProviderId } from "../accounts/account.ts";
import type { ParamSupport, ProviderSupport, ReportSupport } from "../providers/provider.ts";
import { QUERY_PARAMS, type QueryParam } from "../usage/query.ts";
import { REPORT_TYPES, type ReportType } from "../usage/report.ts";
import { sortKeys } from "./sort.ts";

/** `unsupported` comes with the reason where there is one. `page` is the unified page's own note, word for word. */
export interface DescribedParam {
  support: ParamSupport["how"] | "unsupported";
  note?: string;
  page?: string;
}

export interface DescribedReport {
  report_type: ReportType;
  description: string;
  params: Partial<Record<QueryParam, DescribedParam>>;
  group_by: readonly string[];
  sort_by: readonly string[];
  granularity: readonly string[];
  fields: readonly string[];
}

export interface DescribedProvider {
  provider: ProviderId;
  integrated_account_ids: string[];
  default_report_type: { plain: ReportType; with_dates: ReportType };
  reports: (DescribedReport | OverviewReport)[];
  unavailable_reports: Partial<Record<ReportType, string>>;
  availability: string;
}

/** The short form, for an overview of all providers. */
export interface OverviewReport {
  report_type: ReportType;
  description: string;
  native: string[];
  derived: string[];
  group_by: readonly string[];
}

/** What a provider's reports support: from the same table that checks queries. */
export function describeProvider(
  support: ProviderSupport,
  accounts: readonly Account[],
  options: { report?: ReportType | undefined; detailed: boolean },
): DescribedProvider {
  const served = REPORT_TYPES.flatMap((type) => {
    const report = options.report === undefined || options.report === type ? support.reports[type] : undefined;
    return report ? [options.detailed ? detailed(type, report, support) : overview(type, report)] : [];
  });
  const refused = Object.entries(support.refused).filter(
    ([type]) => options.report === undefined || options.report === type,
  );
  return {
    provider: support.provider,
    integrated_account_ids: accounts.map(({ id }) => id),
    default_report_type: { plain: support.defaultReport.plain, with_dates: support.defaultReport.dated },
    reports: served,
    unavailable_reports: options.detailed
      ? Object.fromEntries(refused)
      : Object.fromEntries(refused.map(([type]) => [type, "unsupported"])),
    availability: support.availability,
  };
}

function overview(report_type: ReportType, { description, params, dimensions }: ReportSupport): OverviewReport {
  const having = (how: ParamSupport["how"]) =>
    Object.entries(params).flatMap(([name, param]) => (param.how === how ? [name] : []));
  return { report_type, description, native: having("native"), derived: having("derived"), group_by: dimensions };
}

function detailed(report_type: ReportType, report: ReportSupport, support: ProviderSupport): DescribedReport {
  const params: Partial<Record<QueryParam, DescribedParam>> = {};
  for (const name of QUERY_PARAMS) params[name] = describeParam(name, report, support);
  return {
    report_type,
    description: report.description,
    params,
    group_by: report.dimensions,
    sort_by: sortKeys(report),
    granularity: report.granularities,
    fields: report.fields,
  };
}

/** One cell of the support matrix. */
function describeParam(name: QueryParam, report: ReportSupport, support: ProviderSupport): DescribedParam {
  if (name === "report_type") return { support: "derived", note: `One of ${Object.keys(support.reports).join(", ")}.` };
  const param = report.params[name];
  const page = support.pageNotes[name];
  const note = param ? param.note : support.refusedParams[name];
  return { support: param?.how ?? "unsupported", ...(note ? { note } : {}), ...(page ? { page } : {}) };
}
