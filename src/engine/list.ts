import type { Question } from "../providers/provider.ts";
import { type CursorCodec, type CursorState, fingerprint } from "../usage/cursor.ts";
import { type Instant, iso, writePeriod } from "../usage/period.ts";
import type { ReportType } from "../usage/report.ts";
import { type Usage, writeRow } from "../usage/row.ts";
import { Collector } from "./collector.ts";
import { type Debug, debugOf, type Entities, excluded, keyedBy, normalized } from "./formats.ts";
import type { Listing } from "./listing.ts";
import { OrderedRows } from "./ordered-rows.ts";
import { type CallContext, type FetchedPage, pages } from "./pages.ts";
import { Regrouping } from "./regroup.ts";
import { byStart, comparer, isBehind, placeOf } from "./sort.ts";

type Item = Record<string, unknown>;

export interface ListAnswer {
  result: Item[] | Record<string, Item>;
  next_cursor: string | null;
  result_count: number;
  integrated_account_id: string;
  provider: string;
  report_type: ReportType;
  /** What was really covered: UTC, half-open. */
  period: { start_date: string; end_date: string };
  is_partial_response: boolean;
  warnings: string[];
  /** On an empty result: why, and what there is. */
  hint?: string;
  /** In the normalized format: what rows refer to by id. */
  entities?: Entities;
  debug?: Debug | null;
}

export interface ListOptions {
  now: Instant;
  cursors: CursorCodec;
  /** Characters of JSON that the rows may fill: an agent's context is small. At least one row is given. */
  budget: number;
}

/** The units of a result: rows, or in the raw format items of the vendor. Written when they are taken, not before. */
interface Units {
  length: number;
  /** Where a unit stands: its id first. */
  place(index: number): readonly string[];
  /** The first unit behind a place; undefined when the units stand in no order that tells. */
  behind(place: readonly string[]): number | undefined;
  write(index: number): Item;
}

/** Where the answer ended: the page and the offset in it that come next. */
type Ending = Pick<CursorState, "position" | "offset" | "last">;

/** Gathers what the pages of one call say besides rows. */
interface Findings {
  warnings: Set<string>;
  /** Product ids met, for the hint when a filter matched none. */
  products: Set<string>;
  looping: boolean;
  page?: FetchedPage;
}

/**
 * One page of rows. Read from the vendor page by page until the limit or the budget is reached; where order or sums need
 * all rows (sort_by, group_by, summed reports), to the end first. The cursor resumes at any row.
 */
export async function listUsage(context: CallContext, listing: Listing, options: ListOptions): Promise<ListAnswer> {
  const scope = { account: listing.account.id, query: listing.fingerprint };
  const resumed = listing.cursor === undefined ? undefined : options.cursors.read(scope, listing.cursor, options.now);
  const question: Question = {
    account: listing.account,
    report: listing.served.madeFrom?.report ?? listing.report,
    period: resumed?.period ?? listing.adapter.readPeriod(listing.dates, options.now),
    now: resumed?.now ?? options.now,
    remoteQuery: listing.remoteQuery,
  };
  const findings: Findings = { warnings: new Set(), products: new Set(), looping: false };
  const collector = new Collector<Item>(listing.limit, options.budget);
  const whole = listing.sort !== undefined || listing.groupBy.length > 0 || listing.served.madeFrom !== undefined;
  const ending = whole
    ? await collectWhole(context, listing, question, resumed, collector, findings)
    : await collectPages(context, listing, question, resumed, collector, findings);
  if (ending && listing.byNumber && !collector.full) {
    findings.warnings.add(
      "The page ended by its size before page_size was reached; the next page number would pass rows over. Go on with next_cursor.",
    );
  }
  const next = ending && options.cursors.write(scope, { now: question.now, period: question.period, ...ending });
  return answer(listing, question, collector.taken, next ?? null, findings, options.budget);
}

async function collectPages(
  context: CallContext,
  listing: Listing,
  question: Question,
  resumed: CursorState | undefined,
  collector: Collector<Item>,
  findings: Findings,
): Promise<Ending | undefined> {
  let skip = listing.skip;
  let from = resumed;
  for await (const page of pages(context, listing.adapter, question, resumed?.position)) {
    note(page, findings);
    const units = unitsOf(page, listing, findings);
    for (let index = from ? resumeAt(units, from, findings) : 0; index < units.length; index++) {
      if (skip > 0) skip--;
      else if (!collector.take(units.write(index))) return endingAt(page.position, index, units);
    }
    from = undefined;
    if (collector.full && page.next !== undefined && !page.looping) return { position: page.next, offset: 0 };
  }
  return undefined;
}

async function collectWhole(
  context: CallContext,
  listing: Listing,
  question: Question,
  resumed: CursorState | undefined,
  collector: Collector<Item>,
  findings: Findings,
): Promise<Ending | undefined> {
  const ordered = new OrderedRows(listing.sort, resumed?.last, (resumed ? 0 : listing.skip) + listing.limit + 1);
  await readAll(context, listing, question, findings, ordered);
  if (resumed && !ordered.stands(resumed.offset)) findings.warnings.add(MOVED);
  const units = rowUnits(ordered.rows(), listing);
  for (let index = resumed ? 0 : listing.skip; index < units.length; index++) {
    if (collector.take(units.write(index))) continue;
    return { ...endingAt(null, index, units), offset: ordered.before + index };
  }
  return undefined;
}

/** Gives all rows of the period to `ordered`, summed where the listing sums. */
async function readAll(
  context: CallContext,
  listing: Listing,
  question: Question,
  findings: Findings,
  ordered: OrderedRows,
): Promise<void> {
  const { groupBy, served, account } = listing;
  const by = groupBy.length > 0 ? groupBy : (served.madeFrom?.by ?? []);
  const whole = served.madeFrom ? { whole: question.period } : {};
  const groups = by.length > 0 ? new Regrouping({ account, by, ...whole }) : undefined;
  for await (const page of pages(context, listing.adapter, question)) {
    note(page, findings);
    for (const { rows } of page.entries) {
      for (const row of rows) {
        if (passes(row, listing, findings)) (groups ?? ordered).add(row);
      }
    }
  }
  for (const row of groups?.rows() ?? []) ordered.add(row);
}

function note(page: FetchedPage, findings: Findings): void {
  for (const warning of page.warnings ?? []) findings.warnings.add(warning);
  findings.page = page;
  if (!page.looping) return;
  findings.looping = true;
  findings.warnings.add(
    "The vendor's paging pointed back to a page already read; it was not followed, so rows after it are missing.",
  );
}

function unitsOf(page: FetchedPage, listing: Listing, findings: Findings): Units {
  const wanted = (row: Usage) => passes(row, listing, findings);
  if (listing.format !== "raw") return rowUnits(page.entries.flatMap(({ rows }) => rows).filter(wanted), listing);
  // An item is given whole when any row it stands for passes: raw items are never cut.
  const items = page.entries
    .filter(({ rows }) => !listing.productIds || rows.filter(wanted).length > 0)
    .map(({ item }) => item);
  return {
    length: items.length,
    place: (index) => [fingerprint(items[index])],
    behind: () => undefined,
    write: (index) => ({ ...Object(items[index]) }),
  };
}

function rowUnits(rows: readonly Usage[], { withRemoteData, exclude, sort }: Listing): Units {
  return {
    length: rows.length,
    place: (index) => {
      const row = rows[index];
      return row ? placeOf(row, sort) : [];
    },
    behind: (place) => {
      const order = sort ? comparer(sort) : byStart;
      const ordered = rows.every((row, index) => index === 0 || order(rows[index - 1] ?? row, row) <= 0);
      if (!ordered) return undefined;
      const first = rows.findIndex((row) => isBehind(row, place, sort));
      return first < 0 ? rows.length : first;
    },
    write: (index) => {
      const row = rows[index];
      const written: Item = row ? writeRow(row, withRemoteData) : {};
      return excluded(written, exclude);
    },
  };
}

function passes(row: Usage, { productIds }: Listing, findings: Findings): boolean {
  if (!productIds) return true;
  if (row.product && findings.products.size < 100) findings.products.add(row.product.id);
  const [id, name] = [row.product?.id.toLowerCase(), row.product?.name?.toLowerCase()];
  return productIds.some((wanted) => [id, name].includes(wanted.toLowerCase()));
}

function endingAt(position: unknown, index: number, units: Units): Ending {
  return { position, offset: index, ...(index > 0 ? { last: units.place(index - 1) } : {}) };
}

const MOVED = "The vendor's data changed since the last page; ids tell whether a row was already given.";

/** Where to go on in a page that may have moved since: behind the place of the last row given. */
function resumeAt(units: Units, { offset, last }: CursorState, findings: Findings): number {
  const stands = (index: number) => units.place(index)[0] === last?.[0];
  if (last === undefined || (offset <= units.length && stands(offset - 1))) return offset;
  findings.warnings.add(MOVED);
  const behind = units.behind(last);
  if (behind !== undefined) return behind;
  for (let index = 0; index < units.length; index++) if (stands(index)) return index + 1;
  return offset;
}

function answer(
  listing: Listing,
  question: Question,
  items: Item[],
  next: string | null,
  findings: Findings,
  budget: number,
): ListAnswer {
  const { format, keyBy, account, report } = listing;
  const lifted = format === "normalized" ? normalized(items) : undefined;
  const rows = lifted ? lifted.rows : items;
  const { page } = findings;
  const [lastAnswer] = page?.answers.slice(-1) ?? [];
  const state = { nextCursor: next, isLooping: findings.looping, resultCount: rows.length };
  const call = format === "debug" && page && lastAnswer && debugOf(lastAnswer, page.connection, state, budget);
  return {
    result: keyBy === undefined ? rows : keyedBy(rows, keyBy),
    next_cursor: next,
    result_count: rows.length,
    integrated_account_id: account.id,
    provider: account.provider,
    report_type: report,
    period: writePeriod(question.period),
    is_partial_response: findings.looping,
    warnings: [...findings.warnings],
    ...(rows.length === 0 ? { hint: emptyHint(listing, question, findings) } : {}),
    ...(lifted ? { entities: lifted.entities } : {}),
    // Null as on the unified page, where no vendor was asked: a period that lies ahead.
    ...(format === "debug" ? { debug: call || null } : {}),
  };
}

function emptyHint(
  { productIds, adapter, cursor, skip }: Listing,
  { period, now }: Question,
  { products }: Findings,
): string {
  if (cursor !== undefined || skip > 0) return "There are no further rows.";
  if (productIds && products.size > 0)
    return `No row matches product_ids ${productIds.join(", ")}. Products in this period: ${[...products].sort().slice(0, 60).join(", ")}.`;
  if (period.start > now) return `The period begins ${iso(period.start)}, in the future; it is ${iso(now)} now.`;
  return `The vendor holds nothing for this period. ${adapter.support.availability}.`;
}
