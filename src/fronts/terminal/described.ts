import * as z from "zod";

/** What tables show of an answer of describe_supported_params; the overview has names only, the details all of it. */
const param = z.looseObject({ support: z.string(), note: z.string().optional(), page: z.string().optional() });

const report = z.looseObject({
  report_type: z.string(),
  description: z.string(),
  params: z.record(z.string(), param).optional(),
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
  unavailable_reports: z.record(z.string(), z.string()),
  availability: z.string(),
});

export const described = z.looseObject({ providers: z.array(provider), request_params: z.array(z.string()) });

export type DescribedProvider = z.infer<typeof provider>;
export type DescribedReport = z.infer<typeof report>;

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
  return providers.flatMap(({ provider, reports }) =>
    reports.flatMap(({ report_type, params = {} }) =>
      Object.entries(params).map(([parameter, { support, note, page }]) => ({
        provider,
        report_type,
        parameter,
        support,
        ...(note === undefined ? {} : { note }),
        ...(page === undefined ? {} : { page }),
      })),
    ),
  );
}
