/**
 * The adapter's contract: what a vendor's folder must offer. An adapter does two things only: turn (question, position)
 * into a vendor request, and turn the vendor's answer into (rows, next position). Paging, filtering, sorting, limits,
 * cursors, formats, sums, retries and errors exist once, in `engine/` and `vendor-http/`, for all vendors.
 *
 * To add a vendor: read `docs/adding-a-vendor.md`, then the folder of a vendor that is there. Every folder has the same files:
 *   support.ts  what it serves: reports, parameters, dimensions, fields (data; the validator, describe and the README read it)
 *   wire.ts     the vendor's words: hosts, headers, payload shapes, error bodies
 *   map.ts      a vendor item -> Usage rows
 *   adapter.ts  the questions below
 */
import type { Account, ProviderId } from "../accounts/account.ts";
import type { Instant, Period } from "../usage/period.ts";
import type { GRANULARITIES, QueryParam } from "../usage/query.ts";
import type { ReportType } from "../usage/report.ts";
import type { Usage } from "../usage/row.ts";
import type { Connection, VendorAnswer, VendorRequest } from "../vendor-http/connection.ts";

/** What rows can be grouped by, in list_usage and in summaries. */
export const DIMENSIONS = [
  "provider",
  "account",
  "product",
  "surface",
  "model",
  "user",
  "organization",
  "resource",
  "workspace",
  "metric_name",
  "charge_type",
  "day",
  "week",
  "month",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** `native`: the vendor does it. `derived`: we do it on the rows, exactly. A parameter that is not listed is an error. */
export interface ParamSupport {
  how: "native" | "derived";
  /** How this provider reads it, where that needs saying. */
  note?: string;
}

export interface ReportSupport {
  description: string;
  /** A report that the vendor does not have, made of another one's rows: summed by these dimensions over the whole period. */
  madeFrom?: { report: ReportType; by: readonly Dimension[] };
  params: Partial<Record<QueryParam, ParamSupport>>;
  /** What group_by takes. */
  dimensions: readonly Dimension[];
  /** What granularity takes; empty when the vendor has one bucket size only. */
  granularities: readonly (typeof GRANULARITIES)[number][];
  /** Row field paths that its rows can carry. */
  fields: readonly string[];
}

export interface ProviderSupport {
  provider: ProviderId;
  /** The key it needs, and where it is made. For the README and for errors. */
  key: string;
  /** Which report answers when report_type is absent: without dates, and with a date range. */
  defaultReport: { plain: ReportType; dated: ReportType };
  reports: Partial<Record<ReportType, ReportSupport>>;
  /** Why the other reports can't be served. */
  refused: Partial<Record<ReportType, string>>;
  /** Why parameters that no report serves can't be. */
  refusedParams: Partial<Record<QueryParam, string>>;
  /** The unified page's own notes on parameters, word for word. */
  pageNotes: Partial<Record<QueryParam, string>>;
  /** How old data is when it arrives and how far it goes back, in a sentence: said when an answer is empty. */
  availability: string;
}

/** A question at the vendor's door: checked, with its period resolved. */
export interface Question {
  account: Account;
  report: ReportType;
  period: Period;
  /** What counts as now for the whole listing. */
  now: Instant;
  /** The vendor's own parameters, flattened to names and values, none of them reserved. */
  remoteQuery: readonly (readonly [string, string])[];
}

/** One item of the vendor, untouched, and the rows it stands for. */
export interface Entry {
  item: unknown;
  rows: Usage[];
}

export interface Page<Position> {
  /** In an order that does not change when the same page is fetched again. */
  entries: Entry[];
  /** Absent on the last page. JSON, small, without secrets and URLs: it travels in the cursor. */
  next?: Position;
  /** What a reader of the numbers must know: estimates, missing months. */
  warnings?: string[];
}

/** Names that the vendor keeps apart from its usage data. Fetched once an account; its failure leaves ids as names. */
export interface Lookup {
  request(account: Account): VendorRequest;
  /** Id to name. @throws when the answer can't be read: the names are then left out */
  read(answer: VendorAnswer): ReadonlyMap<string, string>;
}

export interface RequestedDates {
  start_date?: string | undefined;
  end_date?: string | undefined;
  date?: string | undefined;
}

/** Methods, not function members, so that an adapter with its own position type is an Adapter. */
export interface Adapter<Position = unknown> {
  readonly support: ProviderSupport;
  readonly lookup?: Lookup;
  /** Vendor parameters that remote_query must not set, in lower case, with what to use instead. */
  readonly reserved: Readonly<Record<string, string>>;

  /** Where and with which headers the vendor is asked, and how it words its errors. */
  connect(account: Account, now: Instant): Connection;

  /** The provider's own reading of start_date, end_date and date, and its defaults. @throws UsageError (question) */
  readPeriod(dates: RequestedDates, now: Instant): Period;

  /** The smallest period the vendor can cut that covers the one given (Datadog: whole months). */
  cover(period: Period): Period;

  /** The first page's position; undefined when the vendor can't hold anything for this period (it lies ahead). */
  first(question: Question): Position | undefined;

  request(question: Question, position: Position): VendorRequest;

  /** The request that continues the same page, where a page must be seen whole before its rows have ids. */
  more?(question: Question, position: Position, answer: VendorAnswer): VendorRequest | undefined;

  /** @throws UsageError (vendor_data) naming the field that a number depends on and that is missing or of another type */
  read(
    question: Question,
    position: Position,
    answers: readonly VendorAnswer[],
    names: ReadonlyMap<string, string>,
  ): Page<Position>;
}
