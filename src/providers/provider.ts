/**
 * The adapter's contract: what a vendor's folder must offer. An adapter does two things only: turn (question, position)
 * into a vendor request, and turn the vendor's answer into (rows, next position). Paging, filtering, sorting, limits,
 * cursors, formats, sums, retries and errors exist once, in `engine/` and `vendor-http/`, for all vendors; what a vendor
 * does itself of a question (a filter on its wire, an order) its adapter says with `does`.
 *
 * To add a vendor: read `docs/adding-a-vendor.md`, then the folder of a vendor that is there. Every folder has the same files:
 *   support.ts  what it serves: reports, parameters, dimensions, fields (data; the validator, describe and the README read it)
 *   wire.ts     the vendor's words: hosts, headers, payload shapes, error bodies
 *   map.ts      a vendor item -> Usage rows
 *   adapter.ts  the questions below
 * A vendor with several APIs has a folder with the same four files for each, and an `adapter.ts` that chooses by account.
 */
import type { Account, ProviderId } from "../accounts/account.ts";
import type { Amount } from "../usage/money.ts";
import type { Instant, Period } from "../usage/period.ts";
import type { Granularity, QueryParam, Sort } from "../usage/query.ts";
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
  "token_type",
  "day",
  "week",
  "month",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What cost is grouped by in summaries: kinds of tokens are a view of usage. */
export type CostDimension = Exclude<Dimension, "token_type">;
export const COST_DIMENSIONS = DIMENSIONS.filter((dimension): dimension is CostDimension => dimension !== "token_type");

/** `native`: the vendor does it. `derived`: we do it on the rows, exactly. A parameter that is not listed is an error. */
export interface ParamSupport {
  how: "native" | "derived";
  /** How this provider reads it, where that needs saying. */
  note?: string;
}

export interface ReportSupport {
  description: string;
  /**
   * A report that the vendor does not have, made of other rows: summed by these dimensions, per bucket (a day, or the
   * granularity asked for) or over the whole period. `group_by` takes the place of `by`.
   */
  madeFrom?: { by: readonly Dimension[]; per: "bucket" | "period" };
  /** Its rows are moments, such as single requests: summed, they go into buckets of a day, or of the granularity asked for. */
  moments?: true;
  /** group_by charge_type tells apart what the cost is for, which metric_name says, and not the charges of a row. */
  costKinds?: true;
  params: Partial<Record<QueryParam, ParamSupport>>;
  /** What group_by takes. */
  dimensions: readonly Dimension[];
  /** What granularity takes; empty when the vendor has one bucket size only. */
  granularities: readonly Granularity[];
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
  /** Other words for the values of a filter, in lower case, and the vendor's own: `code` is `claude_code`. */
  aliases?: Partial<Record<FilterName, Readonly<Record<string, string>>>>;
  /** How old data is when it arrives and how far it goes back, in a sentence: said when an answer is empty. */
  availability: string;
  /**
   * How many hours after its end a day's cost is taken as complete: what comes later is small, or rare. A forecast counts no
   * later day as known. Absent: 24.
   */
  publishedAfterHours?: number;
}

/** A row passes that has one of the values, for every filter that is given. As the caller wrote them, aliases resolved. */
export interface Filters {
  product_ids?: readonly string[];
  user_ids?: readonly string[];
  model_ids?: readonly string[];
  surfaces?: readonly string[];
  api_key_ids?: readonly string[];
}
export type FilterName = keyof Filters;

/** A question at the vendor's door: checked, with its period resolved. */
export interface Question {
  account: Account;
  report: ReportType;
  period: Period;
  /** The dates as they were asked, for a report whose default is more than a period. Empty in a summary. */
  dates: RequestedDates;
  /** What counts as now for the whole listing. */
  now: Instant;
  filters: Filters;
  /**
   * What the rows must be told apart by: rows may be finer, never coarser where the vendor can. Absent: by what the vendor
   * usually tells. Filters that the adapter leaves to the engine must show in the rows, too.
   */
  groupBy?: readonly Dimension[];
  granularity?: Granularity;
  sort?: Sort;
  includeDeletedUsers?: boolean;
  /** How many rows are wanted at the most, where that is known: for the size of the vendor's pages. */
  wanted?: number;
  /**
   * Its rows are only summed, and never seen: they need no ids and no remote_data, and instants within a day may stand as that
   * day. They have the same sums by every dimension.
   */
  sumsOnly?: true;
  /** The vendor's own parameters, flattened to names and values, none of them reserved. */
  remoteQuery: readonly (readonly [string, string])[];
}

/** What the vendor does of a question by itself; the engine does the rest on the rows. */
export interface Done {
  /** Only rows that pass these filters come. */
  filters?: readonly FilterName[];
  /** There is one row a group and bucket, for the groups asked for, and what the vendor leaves out stands in a row without them. */
  groupBy?: boolean;
  /** Rows come in the order asked for, over all pages. */
  sort?: boolean;
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
  /** What the vendor says it covered, where that is known only from its answer (a billing cycle). */
  covered?: Period;
  /** How old the vendor says its data is, where it does: what came later is not in it. */
  refreshed?: Instant;
  /**
   * The vendor's data changed between the page before and this one, so that rows may have passed from one to the other: a sum
   * is read again, and where that does not help, or rows are listed, the answer is one of part. `warnings` say what may be missing.
   */
  moved?: true;
}

/** A refusal by the vendor, before it becomes an error. */
export interface VendorRefusal {
  status: number;
  /** The vendor's own words. */
  words: string;
}

/** What a vendor's directory says of an id (of a person: also under the e-mail, in lower case). */
export interface Named {
  name?: string;
  id?: string;
  email?: string;
  /** The id of what it belongs to: a key's project. */
  parent?: string;
}
export type Directory = ReadonlyMap<string, Named>;

/** Names that the vendor keeps apart from its usage data. Fetched once an hour and account; what fails leaves ids as names. */
export interface Lookup {
  /** The first requests; none when the question's rows need no names. The same requests are asked once for all questions. */
  requests(question: Question): readonly VendorRequest[];
  /** Requests that an answer leads to: its next page, the keys of the projects it lists. */
  further?(request: VendorRequest, answer: VendorAnswer): readonly VendorRequest[];
  /** Keys of the directory and what stands under them. @throws when the answer can't be read: its names are then left out */
  read(request: VendorRequest, answer: VendorAnswer): Iterable<readonly [string, Named]>;
}

/** The vendor's own projection of what the running month will come to. It is no cost, and in no row. */
export interface VendorProjection {
  /** What is said when the vendor has none for this month. */
  missing: string;
  request(): VendorRequest;
  /**
   * What the month of `now` will be invoiced at, by currency, in its unit; empty when the answer holds nothing of it.
   * @throws UsageError (vendor_data) naming the field that is missing or of another type
   */
  read(answer: VendorAnswer, now: Instant): ReadonlyMap<string, Amount>;
}

export interface RequestedDates {
  start_date?: string | undefined;
  end_date?: string | undefined;
  date?: string | undefined;
}

/** What a question's dates are read for. */
export interface Asked {
  account: Account;
  report: ReportType;
  now: Instant;
}

/** Methods, not function members, so that an adapter with its own position type is an Adapter. */
export interface Adapter<Position = unknown> {
  /** What the provider serves. For a provider whose accounts differ: what the usual account serves. */
  readonly support: ProviderSupport;
  readonly lookup?: Lookup;
  /** Absent: the vendor projects nothing, and forecasts are made from its days. */
  readonly projection?: VendorProjection;
  /** Vendor parameters that remote_query must not set, in lower case, with what to use instead. */
  readonly reserved: Readonly<Record<string, string>>;

  /** What this very account serves, where its key or settings decide. Absent: `support`. */
  supportOf?(account: Account): ProviderSupport;

  /** Where and with which headers the vendor is asked, and how it words its errors. */
  connect(account: Account, now: Instant): Connection;

  /** The provider's own reading of start_date, end_date and date, and its defaults. @throws UsageError (question) */
  readPeriod(dates: RequestedDates, asked: Asked): Period;

  /**
   * The smallest period the vendor can cut that covers the one given (Datadog: whole months), without what lies further
   * back than it goes; empty when nothing is left.
   */
  cover(period: Period, asked: Asked): Period;

  /** What the vendor does of this question by itself. Absent: nothing, the engine filters, sums and sorts. */
  does?(question: Question): Done;

  /**
   * The report whose rows tell apart what this question's can't, though it holds only a part of them (Claude: usage tied to
   * people). The engine reads both; what the question's own report has more stands in rows without that dimension.
   */
  split?(question: Question): { report: ReportType; dimension: Dimension } | undefined;

  /** The first page's position; undefined when the vendor can't hold anything for this question (it lies ahead). */
  first(question: Question): Position | undefined;

  /**
   * Stretches of the period that can each be read for itself, in the order in which they are read one after another. Together
   * they are the period; asked for one of them, the vendor is sent just those requests that the whole question sends for it, so
   * that both find the same kept answers. Absent or undefined: pages follow each other.
   */
  parts?(question: Question): readonly Period[] | undefined;

  request(question: Question, position: Position): VendorRequest;

  /** The request that continues the same page, where a page must be seen whole before its rows can be read. */
  more?(question: Question, position: Position, answer: VendorAnswer): VendorRequest | undefined;

  /** @throws UsageError (vendor_data) naming the field that a number depends on and that is missing or of another type */
  read(question: Question, position: Position, answers: readonly VendorAnswer[], directory: Directory): Page<Position>;

  /**
   * When all that the page tells is final: the end of what it covers and the vendor's restatement window behind it. Answers that
   * were asked for later are kept and taken again. Absent or undefined: it may always change (the present state of things).
   */
  settles?(question: Question, position: Position, answers: readonly VendorAnswer[]): Instant | undefined;

  /**
   * The page that stands for a refusal which is no fault: a day that is not published yet (an empty page, with a warning and
   * what comes next), an endpoint that a plan lacks and another one makes up for. Undefined: it is an error.
   */
  refused?(question: Question, position: Position, refusal: VendorRefusal): Page<Position> | undefined;
}
