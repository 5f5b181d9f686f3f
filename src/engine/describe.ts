import type { Account, ProviderId } from "../accounts/account.ts";
import type { ParamSupport, ProviderSupport, ReportSupport } from "../providers/provider.ts";
import { QUERY_PARAMS, type QueryParam } from "../usage/query.ts";
import { REPORT_TYPES, type ReportType } from "../usage/report.ts";
import { sortKeys } from "./sort.ts";

/** One cell of the support matrix. `unsupported` comes with the reason where there is one. */
export interface DescribedCell {
  support: ParamSupport["how"] | "unsupported";
  note?: string;
}

/** One line of it: the same for all reports, or told apart by report. `page` is the unified page's own note, word for word. */
export type DescribedParam = { page?: string } & (
  | DescribedCell
  | { by_report: (DescribedCell & { report_types: ReportType[] })[] }
);

export interface DescribedReport {
  report_type: ReportType;
  description: string;
  group_by: readonly string[];
  /** With the details only, like all that follows. */
  sort_by?: readonly string[];
  granularity?: readonly string[];
  fields?: readonly string[];
}

export interface DescribedProvider {
  provider: ProviderId;
  integrated_account_ids: string[];
  default_report_type: { plain: ReportType; with_dates: ReportType };
  reports: DescribedReport[];
  unavailable_reports: Partial<Record<ReportType, string>>;
  availability: string;
  /** In an overview: names of parameters, with the reports that have them where not all do. */
  native?: string[];
  derived?: string[];
  /** With the details. */
  params?: Partial<Record<QueryParam, DescribedParam>>;
}

/** What a provider's reports support: from the same table that checks queries. */
export function describeProvider(
  support: ProviderSupport,
  accounts: readonly Account[],
  { report, detailed }: { report?: ReportType | undefined; detailed: boolean },
): DescribedProvider {
  const types = REPORT_TYPES.filter((type) => support.reports[type] && (report === undefined || report === type));
  const refused = Object.entries(support.refused).filter(([type]) => report === undefined || report === type);
  return {
    provider: support.provider,
    integrated_account_ids: accounts.map(({ id }) => id),
    default_report_type: { plain: support.defaultReport.plain, with_dates: support.defaultReport.dated },
    reports: types.flatMap((type) => describeReport(type, support.reports[type], detailed)),
    unavailable_reports: detailed
      ? Object.fromEntries(refused)
      : Object.fromEntries(refused.map(([type]) => [type, "unsupported"])),
    availability: support.availability,
    ...(detailed ? { params: describeParams(types, support) } : overview(types, support)),
  };
}

function describeReport(
  report_type: ReportType,
  report: ReportSupport | undefined,
  detailed: boolean,
): DescribedReport[] {
  if (!report) return [];
  const { description, dimensions, granularities, fields } = report;
  const short = { report_type, description, group_by: dimensions };
  return [detailed ? { ...short, sort_by: sortKeys(report), granularity: granularities, fields } : short];
}

function overview(
  types: readonly ReportType[],
  { reports }: ProviderSupport,
): Pick<DescribedProvider, "native" | "derived"> {
  const named = (how: ParamSupport["how"]) =>
    QUERY_PARAMS.flatMap((name) => {
      const having = types.filter((type) => reports[type]?.params[name]?.how === how);
      if (having.length === 0) return [];
      return [having.length === types.length ? name : `${name} (${having.join(", ")})`];
    });
  return { native: named("native"), derived: named("derived") };
}

function describeParams(
  types: readonly ReportType[],
  support: ProviderSupport,
): Partial<Record<QueryParam, DescribedParam>> {
  const params: Partial<Record<QueryParam, DescribedParam>> = {};
  for (const name of QUERY_PARAMS) {
    const page = support.pageNotes[name];
    params[name] = { ...(page ? { page } : {}), ...describeParam(name, types, support) };
  }
  return params;
}

function describeParam(name: QueryParam, types: readonly ReportType[], support: ProviderSupport): DescribedParam {
  if (name === "report_type") return { support: "derived", note: `One of ${Object.keys(support.reports).join(", ")}.` };
  const cells = new Map<string, DescribedCell & { report_types: ReportType[] }>();
  for (const type of types) {
    const cell = describeCell(name, support.reports[type], support);
    const key = JSON.stringify(cell);
    const known = cells.get(key);
    if (known) known.report_types.push(type);
    else cells.set(key, { ...cell, report_types: [type] });
  }
  const [first, ...others] = cells.values();
  if (!first) return { support: "unsupported" };
  const { report_types: _, ...everywhere } = first;
  return others.length === 0 ? everywhere : { by_report: [first, ...others] };
}

function describeCell(name: QueryParam, report: ReportSupport | undefined, support: ProviderSupport): DescribedCell {
  const param = report?.params[name];
  const note = param ? param.note : support.refusedParams[name];
  return { support: param?.how ?? "unsupported", ...(note ? { note } : {}) };
}
