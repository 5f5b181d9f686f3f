import type { Dimension, Filters, Question } from "../providers/provider.ts";
import { type CursorState, fingerprint } from "../usage/cursor.ts";
import type { Instant } from "../usage/period.ts";
import type { ReportType } from "../usage/report.ts";
import { namesOf, remaining } from "./filters.ts";
import type { Listing } from "./listing.ts";
import type { Grouping } from "./regroup.ts";

/** The listing as a question to its vendor; a resumed one keeps its period and its now. */
export function questionOf(listing: Listing, resumed: CursorState | undefined, now: Instant): Question {
  const { account, adapter, report, dates, groupBy, granularity, sort, includeDeletedUsers } = listing;
  return {
    account,
    report,
    period: resumed?.period ?? adapter.readPeriod(dates, { account, report, now }),
    dates,
    now: resumed?.now ?? now,
    filters: listing.filters,
    ...(groupBy.length > 0 ? { groupBy } : {}),
    ...(granularity === undefined ? {} : { granularity }),
    ...(sort ? { sort } : {}),
    ...(includeDeletedUsers === undefined ? {} : { includeDeletedUsers }),
    remoteQuery: listing.remoteQuery,
  };
}

export interface Plan {
  question: Question;
  /** Filters that the vendor does not carry out. */
  filters: Filters;
  /** All rows must be read before the first can be given. */
  whole: boolean;
  /** Rows are summed. */
  grouping?: Grouping;
  /** The report that tells apart what this one's rows can't. */
  split?: { report: ReportType; dimension: Dimension };
}

/** What the vendor does of a question and what is left to be done on its rows. */
export function planOf(listing: Listing, asked: Question): Plan {
  const { account, adapter, report, served, groupBy, granularity, sort } = listing;
  const split = adapter.split?.(asked);
  // What is not tied to a person passes no filter of people: the split rows are all there is.
  const question = split && asked.filters.user_ids ? { ...asked, report: split.report } : asked;
  const done = adapter.does?.(question) ?? {};
  const filters = remaining(question.filters, done.filters);
  const derivedBuckets = granularity !== undefined && served.params.granularity?.how === "derived";
  const summed = !done.groupBy && (groupBy.length > 0 || served.madeFrom !== undefined || derivedBuckets);
  const whole = served.madeFrom?.per === "period" && !derivedBuckets ? { whole: question.period } : {};
  const bucket = derivedBuckets ? granularity : served.moments && "day";
  const grouping: Grouping = {
    account,
    report,
    by: groupBy.length > 0 ? groupBy : (served.madeFrom?.by ?? []),
    ...whole,
    ...(bucket ? { bucket } : {}),
    ...narrowing(asked),
    ...(served.costKinds ? { costKinds: served.costKinds } : {}),
  };
  const sorted = sort !== undefined && !(done.sort && !summed);
  const apart = split && question === asked && summed ? { split } : {};
  const needsAll = summed || sorted;
  const counted = needsAll || namesOf(filters).length > 0 || listing.limit === Number.POSITIVE_INFINITY;
  return {
    question: counted ? question : { ...question, wanted: listing.skip + listing.limit },
    filters,
    whole: needsAll,
    ...(summed ? { grouping } : {}),
    ...apart,
  };
}

/** Whatever lets fewer or other rows into a sum. */
function narrowing({ filters, includeDeletedUsers, remoteQuery }: Question): Pick<Grouping, "narrowed"> {
  if (namesOf(filters).length === 0 && includeDeletedUsers === undefined && remoteQuery.length === 0) return {};
  return { narrowed: fingerprint([filters, includeDeletedUsers, remoteQuery]) };
}
