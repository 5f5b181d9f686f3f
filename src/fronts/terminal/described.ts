import * as z from "zod";

/** What tables show of an answer of describe_supported_params; the overview has names only, the details all of it. */
const cell = { support: z.string(), note: z.string().optional() };
const param = z.object({
  page: z.string().optional(),
  /** The same for all reports, or a cell for some. */
  support: z.string().optional(),
  note: z.string().optional(),
  by_report: z.array(z.object({ ...cell, report_types: z.array(z.string()) })).optional(),
});

const report = z.looseObject({
  report_type: z.string(),
  description: z.string(),
  group_by: z.array(z.string()),
  sort_by: z.array(z.string()).optional(),
  granularity: z.array(z.string()).optional(),
  fields: z.array(z.string()).optional(),
});

const provider = z.looseObject({
  provider: z.string(),
  integrated_account_ids: z.array(z.string()),
  default_report_type: z.looseObject({ plain: z.string(), with_dates: z.string() }),
  reports: z.array(report),
  params: z.record(z.string(), param).optional(),
  unavailable_reports: z.record(z.string(), z.string()),
  availability: z.string(),
});

export const described = z.looseObject({ providers: z.array(provider), request_params: z.array(z.string()) });

export type DescribedProvider = z.infer<typeof provider>;
export type DescribedReport = z.infer<typeof report>;
export type DescribedParam = z.infer<typeof param>;

/** One cell of the matrix, as a line. */
export interface DescribedLine {
  provider: string;
  report_type: string;
  parameter: string;
  support: string;
  note?: string | undefined;
  /** The unified page's own note. */
  page?: string | undefined;
}

/** The matrix of details as lines: provider, report, parameter. */
export function describedLines(providers: readonly DescribedProvider[]): DescribedLine[] {
  return providers.flatMap(({ provider, reports, params = {} }) =>
    reports.flatMap(({ report_type }) =>
      Object.entries(params).map(([parameter, param]) => ({
        provider,
        report_type,
        parameter,
        ...cellOf(param, report_type),
        ...(param.page === undefined ? {} : { page: param.page }),
      })),
    ),
  );
}

/** What a parameter is for a report. */
export function cellOf({ by_report, ...param }: DescribedParam, report: string): { support: string; note?: string } {
  const { support = "unsupported", note } =
    by_report?.find(({ report_types }) => report_types.includes(report)) ?? param;
  return { support, ...(note === undefined ? {} : { note }) };
}
