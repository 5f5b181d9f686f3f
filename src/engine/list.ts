import { badParameter } from "../errors.ts";
import type { Question } from "../providers/provider.ts";
import { listed } from "../suggest.ts";
import { type CursorCodec, type CursorState, fingerprint } from "../usage/cursor.ts";
import { type Instant, iso, writePeriod } from "../usage/period.ts";
import type { ReportType } from "../usage/report.ts";
import { type Usage, writeRow } from "../usage/row.ts";
import { Collector } from "./collector.ts";
import { FILTER_DIMENSIONS, namesOf } from "./filters.ts";
import { type Debug, debugOf, type Entities, excluded, keyedBy, normalized } from "./formats.ts";
import type { Listing } from "./listing.ts";
import { OrderedRows } from "./ordered-rows.ts";
import { type CallContext, type FetchedPage, isExpired, pages, restarting } from "./pages.ts";
import { type Plan, planOf, questionOf } from "./plan.ts";
import { type Findings, lets, note, type Reading, readAll } from "./read-rows.ts";
import { byStart, comparer, isBehind, placeOf } from "./sort.ts";

export type Item = Record<string, unknown>;

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

/** How much a front wants in a page, and with what. */
export interface PageOptions {
  /** Characters of JSON that the rows may fill: an agent's context is small. At least one row is given. */
  budget: number;
  /** Milliseconds after which no further vendor page is begun: clients give up on slow answers. */
  patience?: number;
  withRemoteData: boolean;
}

interface ListOptions extends Pick<PageOptions, "budget" | "patience"> {
  now: Instant;
  cursors: CursorCodec;
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
export type Ending = Pick<CursorState, "position" | "offset" | "last">;

/** A listing on its way: its question, how it is carried out, where it goes on. */
export interface Started {
  listing: Listing;
  plan: Plan;
  resumed: CursorState | undefined;
  /** Seals an ending as the cursor that goes on there. */
  seal(ending: Ending | undefined): string | null;
}

/** @throws UsageError (question): a cursor that is not this listing's */
export function start(listing: Listing, { now, cursors }: Pick<ListOptions, "now" | "cursors">): Started {
  const scope = { account: listing.account.id, query: listing.fingerprint };
  const resumed = listing.cursor === undefined ? undefined : cursors.read(scope, listing.cursor, now);
  const plan = planOf(listing, questionOf(listing, resumed, now));
  const { now: began, period } = plan.question;
  const seal = (ending: Ending | undefined) =>
    ending ? cursors.write(scope, { now: began, period, ...ending }) : null;
  return { listing, plan, resumed, seal };
}

/**
 * One page of rows. Read from the vendor page by page until the limit or the budget is reached; where order or sums need
 * all rows (sort_by, group_by, summed reports) and the vendor does not see to them, to the end first. The cursor resumes at
 * any row.
 */
export async function listUsage(context: CallContext, listing: Listing, options: ListOptions): Promise<ListAnswer> {
  const { budget, patience = Number.POSITIVE_INFINITY } = options;
  const started = start(listing, options);
  const until = performance.now() + patience;
  const read = async () => {
    const findings = noFindings();
    const collector = new Collector<Item>(listing.limit, budget);
    const steps = collect(context, started, findings, collector);
    for (;;) {
      const step = await steps.next();
      if (step.done) return { findings, collector, ending: step.value };
      const late = collector.count > 0 && performance.now() > until;
      if (late && step.value) return { findings, collector, ending: step.value };
    }
  };
  const { findings, collector, ending } = await recovering(started, read);
  if (ending && listing.byNumber && !collector.full) {
    findings.warnings.add(
      "The page ended by its size before page_size was reached; the next page number would pass rows over. Go on with next_cursor.",
    );
  }
  return answer(started, collector.drain(), started.seal(ending), findings, budget);
}

/**
 * Reads a listing into a collector, step by step: a page each, or a part of what had to be read as a whole. Yields where
 * it goes on behind the step, if the vendor has to be asked for more; returns where it ended before all was given.
 */
export async function* collect(
  context: CallContext,
  { listing, plan, resumed }: Started,
  findings: Findings,
  collector: Collector<Item>,
): AsyncGenerator<Ending | undefined, Ending | undefined> {
  const reading: Reading = { context, listing, question: plan.question, filters: plan.filters, findings };
  return yield* plan.whole
    ? collectWhole(reading, plan, resumed, collector)
    : collectPages(reading, resumed, collector);
}

export function noFindings(): Findings {
  return { warnings: new Set(), met: new Map(), looping: false };
}

/** Carries out a reading that has given no row yet: where the vendor's paging expires on the way, it is begun again if it can be. */
export function recovering<Result>(started: Started, read: () => Promise<Result>): Promise<Result> {
  return isAmidPages(started) ? explained(read) : restarting(read);
}

/** Whether a cursor goes on from within the vendor's paging. A whole is read from its start for every page. */
export function isAmidPages({ resumed, plan }: Started): boolean {
  return resumed !== undefined && !plan.whole;
}

/** A vendor's paging that expired can't be gone on with: rows already given can't be told from new ones. */
export async function explained<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!isExpired(error)) throw error;
    throw badParameter(
      "cursor",
      "it has expired at the vendor, whose data was refreshed meanwhile. Leave it out to start again; ids tell which rows were already given.",
    );
  }
}

async function* collectPages(
  reading: Reading,
  resumed: CursorState | undefined,
  collector: Collector<Item>,
): AsyncGenerator<Ending | undefined, Ending | undefined> {
  const { context, listing, question, findings } = reading;
  let skip = resumed ? 0 : listing.skip;
  let from = resumed;
  for await (const page of pages(context, listing.adapter, question, resumed?.position)) {
    note(page, findings);
    const units = unitsOf(page, reading);
    for (let index = from ? resumeAt(units, from, findings) : 0; index < units.length; index++) {
      if (skip > 0) skip--;
      else if (!collector.take(units.write(index))) return endingAt(page.position, index, units);
    }
    from = undefined;
    const ending = page.next !== undefined && !page.looping ? { position: page.next, offset: 0 } : undefined;
    if (collector.full && ending) return ending;
    // Rows still to be passed over are counted from the first page: no cursor can stand for them.
    yield skip > 0 ? undefined : ending;
  }
  return undefined;
}

/** Rows of a whole that are given at a time. */
const STEP = 500;
/** Rows of a whole that are held: memory must not grow with the answer. Those beyond are found by reading again. */
const HELD = 20_000;

async function* collectWhole(
  reading: Reading,
  plan: Plan,
  resumed: CursorState | undefined,
  collector: Collector<Item>,
): AsyncGenerator<Ending | undefined, Ending | undefined> {
  const { listing, findings } = reading;
  let skip = resumed ? 0 : listing.skip;
  let from: Pick<CursorState, "offset" | "last"> | undefined = resumed;
  for (;;) {
    const wanted = skip + listing.limit - collector.count;
    const ordered = new OrderedRows(listing.sort, from?.last, Math.min(wanted, HELD) + 1);
    await readAll(reading, plan, ordered);
    if (from && !ordered.stands(from.offset)) findings.warnings.add(MOVED);
    const units = rowUnits(ordered.rows(), listing);
    const endsAt = (index: number) => ({ ...endingAt(null, index, units), offset: ordered.before + index });
    const given = Math.min(units.length, HELD);
    for (let index = 0; index < given; index++) {
      if (skip > 0) skip--;
      else if (!collector.take(units.write(index))) return endsAt(index);
      // What is held is given without asking anybody: nothing to wait for, nothing that could fail.
      if (index % STEP === STEP - 1 && skip === 0) yield undefined;
    }
    if (units.length <= HELD) return undefined;
    const ending = endsAt(given);
    if (collector.full) return ending;
    yield skip > 0 ? undefined : ending;
    from = ending;
  }
}

function unitsOf(page: FetchedPage, { listing, filters, findings }: Reading): Units {
  const wanted = (row: Usage) => lets(row, filters, findings);
  if (listing.format !== "raw") return rowUnits(page.entries.flatMap(({ rows }) => rows).filter(wanted), listing);
  // An item is given whole when any row it stands for passes: raw items are never cut.
  const filtered = namesOf(filters).length > 0;
  const items = page.entries.filter(({ rows }) => !filtered || rows.filter(wanted).length > 0).map(({ item }) => item);
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

export function answer(
  { listing, plan: { question } }: Pick<Started, "listing" | "plan">,
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
    period: writePeriod(findings.covered ?? question.period),
    is_partial_response: findings.looping,
    warnings: [...findings.warnings],
    ...(rows.length === 0 ? { hint: emptyHint(listing, question, findings) } : {}),
    ...(lifted ? { entities: lifted.entities } : {}),
    // Null as on the unified page, where no vendor was asked: a period that lies ahead.
    ...(format === "debug" ? { debug: call || null } : {}),
  };
}

function emptyHint({ filters, support, cursor, skip }: Listing, { period, now }: Question, { met }: Findings): string {
  if (cursor !== undefined || skip > 0) return "There are no further rows.";
  for (const [name, values] of met) {
    const wanted = (filters[name] ?? []).map((value) => value.toLowerCase());
    if (values.size === 0 || [...values].some((value) => wanted.includes(value.toLowerCase()))) continue;
    return `No row matches ${name} ${listed(filters[name] ?? [])}. In this period there are: ${[...values].sort().slice(0, 60).join(", ")}.`;
  }
  if (period.start > now) return `The period begins ${iso(period.start)}, in the future; it is ${iso(now)} now.`;
  const [first, ...others] = namesOf(filters);
  if (first)
    return `The vendor holds nothing for this period with ${listed([first, ...others])} as given. Leave ${others.length > 0 ? "them" : "it"} out and group by ${FILTER_DIMENSIONS[first]} to see what there is.`;
  return `The vendor holds nothing for this period. ${support.availability}.`;
}
