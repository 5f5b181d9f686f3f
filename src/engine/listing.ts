import type { Account } from "../accounts/account.ts";
import { badParameter } from "../errors.ts";
import { ADAPTERS, supportOf } from "../providers/index.ts";
import type {
  Adapter,
  Dimension,
  Filters,
  ProviderSupport,
  ReportSupport,
  RequestedDates,
} from "../providers/provider.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import { fingerprint } from "../usage/cursor.ts";
import { type Granularity, QUERY_PARAMS, type Query, type ResponseFormat, type Sort } from "../usage/query.ts";
import type { ReportType } from "../usage/report.ts";
import { whole } from "./check-query.ts";
import { checkFieldPath } from "./fields.ts";
import { readFilters } from "./filters.ts";
import { readRemoteQuery } from "./remote-query.ts";
import { readSort } from "./sort.ts";

const MAX_LIMIT = 10_000;
const DEFAULT_LIMIT = 100;

/** A listing as it will be carried out: every parameter checked against what the account's report supports. */
export interface Listing {
  account: Account;
  adapter: Adapter;
  support: ProviderSupport;
  report: ReportType;
  served: ReportSupport;
  dates: RequestedDates;
  filters: Filters;
  groupBy: readonly Dimension[];
  granularity?: Granularity;
  includeDeletedUsers?: boolean;
  sort?: Sort;
  limit: number;
  /** Rows to pass over first (`page`). */
  skip: number;
  /** The page was asked for by its number. */
  byNumber: boolean;
  format: ResponseFormat;
  keyBy?: string;
  exclude: readonly string[];
  withRemoteData: boolean;
  remoteQuery: readonly (readonly [string, string])[];
  cursor?: string;
  /** Digest of all that decides which rows come in which order. */
  fingerprint: string;
}

/** What a front makes of a query that does not say. */
export interface ListingDefaults {
  withRemoteData: boolean;
  /** Rows are given as they come, every one, however many there are, unless the query says how many. */
  everything?: boolean;
}

/**
 * Reads a checked query against an account. No parameter is ignored: each is native, derived, or an error that names it,
 * says why, and what there is instead.
 * @throws UsageError (question)
 */
export function readListing(query: Query, account: Account, defaults: ListingDefaults): Listing {
  const adapter = ADAPTERS[account.provider];
  const support = supportOf(account);
  const report = readReport(query, support);
  const served = support.reports[report];
  if (!served) throw refusedReport(report, support, account);
  checkSupport(query, support, report, served);
  if (query.user_id !== undefined && query.user_ids !== undefined)
    throw badParameter("user_id", "it is user_ids of one; give one of the two.");
  const filters = readFilters(query, support);
  const { granularity, include_deleted_users } = query;
  const groupBy = readGroupBy(query.group_by ?? [], served, `${account.name}, report_type ${report},`);
  const sort = readSort(query, served);
  const format = query.truto_response_format ?? "unified";
  const remoteQuery = readRemoteQuery(query.remote_query ?? {}, adapter);
  const dates = { start_date: query.start_date, end_date: query.end_date, date: query.date };
  const cursor = query.next_cursor ?? query.cursor;
  if (query.next_cursor !== undefined && query.cursor !== undefined && query.next_cursor !== query.cursor) {
    throw badParameter("cursor", "cursor and next_cursor are two names of the same thing and differ; give one.");
  }
  if (defaults.everything && query.truto_key_by !== undefined) {
    throw badParameter(
      "truto_key_by",
      "a stream gives its rows one by one, as a list: whether two share a key is known only behind the last. Leave it out, or ask for pages.",
    );
  }
  if (format === "raw" && query.truto_exclude_fields) {
    throw badParameter(
      "truto_exclude_fields",
      "raw gives the vendor's items untouched; leave fields out of unified rows.",
    );
  }
  if (format === "raw" && (sort || groupBy.length > 0 || served.madeFrom)) {
    throw badParameter(
      "truto_response_format",
      "raw gives the vendor's items untouched; sort_by, group_by and summed reports work on unified rows only.",
    );
  }
  return {
    account,
    adapter,
    support,
    report,
    served,
    dates,
    filters,
    groupBy,
    ...(granularity === undefined ? {} : { granularity }),
    ...(include_deleted_users === undefined ? {} : { includeDeletedUsers: include_deleted_users }),
    ...(sort ? { sort } : {}),
    ...readExtent(query, cursor, defaults.everything ? EVERYTHING : format === "stream" ? UP_TO_MOST : ONE_PAGE),
    byNumber: query.page !== undefined,
    format,
    ...(query.truto_key_by === undefined ? {} : { keyBy: checkFieldPath(query.truto_key_by, "truto_key_by") }),
    exclude: (query.truto_exclude_fields ?? []).map((path) => checkFieldPath(path, "truto_exclude_fields")),
    withRemoteData:
      query.truto_ignore_remote_data === undefined ? defaults.withRemoteData : !query.truto_ignore_remote_data,
    remoteQuery,
    ...(cursor === undefined ? {} : { cursor }),
    fingerprint: fingerprint([
      report,
      dates,
      filters,
      groupBy,
      granularity,
      include_deleted_users,
      sort,
      remoteQuery,
      format === "raw",
    ]),
  };
}

function readReport(query: Query, support: ProviderSupport): ReportType {
  if (query.report_type) return query.report_type;
  const dated = query.start_date !== undefined || query.end_date !== undefined || query.date !== undefined;
  return dated ? support.defaultReport.dated : support.defaultReport.plain;
}

function refusedReport(report: ReportType, support: ProviderSupport, account: Account) {
  const offered = Object.keys(support.reports);
  return badParameter(
    "report_type",
    `${support.provider} account ${account.id} can't serve ${report}: ${support.refused[report] ?? "its data does not carry it."} It serves ${listed(offered)}.`,
  );
}

function checkSupport(query: Query, support: ProviderSupport, report: ReportType, served: ReportSupport): void {
  for (const name of QUERY_PARAMS) {
    if (name === "report_type" || query[name] === undefined || served.params[name]) continue;
    const why = support.refusedParams[name] ?? "";
    throw badParameter(
      name,
      `${support.provider} does not support it for report_type ${report}. ${why} It supports ${listed(Object.keys(served.params))}.`.replace(
        / {2,}/g,
        " ",
      ),
    );
  }
  const { granularity } = query;
  if (granularity !== undefined && !served.granularities.includes(granularity)) {
    throw badParameter(
      "granularity",
      `${support.provider} has no ${granularity} buckets for report_type ${report}; it has ${listed(served.granularities)}.`,
    );
  }
}

function readGroupBy(names: readonly string[], served: Pick<ReportSupport, "dimensions">, whose: string): Dimension[] {
  const dimensions = names.map((name) => {
    const dimension = served.dimensions.find((known) => known === name.toLowerCase());
    if (dimension) return dimension;
    throw badParameter(
      "group_by",
      `${whose} can't be grouped by ${shown(name)}; it can by ${listed(served.dimensions)}.${didYouMean(name, served.dimensions)}`,
    );
  });
  return [...new Set(dimensions)];
}

/** How many rows are given when the query does not say, and how many when it says that limits don't count. */
interface Extent {
  usual: number;
  most: number;
}

const ONE_PAGE: Extent = { usual: DEFAULT_LIMIT, most: MAX_LIMIT };
const UP_TO_MOST: Extent = { usual: MAX_LIMIT, most: MAX_LIMIT };
const EVERYTHING: Extent = { usual: Number.POSITIVE_INFINITY, most: Number.POSITIVE_INFINITY };

/** limit, page and page_size: how many rows, after how many. */
function readExtent(
  query: Query,
  cursor: string | undefined,
  { usual, most }: Extent,
): { limit: number; skip: number } {
  const limit = whole(query.limit, "limit", MAX_LIMIT);
  const size = whole(query.page_size, "page_size", MAX_LIMIT);
  const page = whole(query.page, "page", 1_000_000);
  if (page !== undefined && cursor !== undefined)
    throw badParameter("page", "a cursor already says where to go on; give one of the two.");
  const ignored = query.truto_ignore_limit === true;
  const pageSize = size ?? limit ?? usual;
  const before = (page ?? 1) - 1;
  if (before > 0 && pageSize === Number.POSITIVE_INFINITY)
    throw badParameter("page", "a stream gives every row as one page; add page_size, or leave page out.");
  return {
    limit: ignored ? most : Math.min(limit ?? pageSize, pageSize),
    skip: before === 0 ? 0 : before * pageSize,
  };
}
