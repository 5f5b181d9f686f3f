import { type CursorState, fingerprint } from "../usage/cursor.ts";
import { type Usage, writeRow } from "../usage/row.ts";
import type { Collector } from "./collector.ts";
import { namesOf } from "./filters.ts";
import { excluded } from "./formats.ts";
import type { Item } from "./list-answer.ts";
import type { Listing } from "./listing.ts";
import { OrderedRows } from "./ordered-rows.ts";
import { type CallContext, type FetchedPage, pages } from "./pages.ts";
import type { Plan } from "./plan.ts";
import { type Findings, lets, note, type Reading, readAll } from "./read-rows.ts";
import { byStart, comparer, isBehind, placeOf } from "./sort.ts";

/** Where the answer ended: the page and the offset in it that come next, and the last row given, which may be of the page before. */
export type Ending = Pick<CursorState, "position" | "offset" | "last" | "given">;

/** A listing to be read: its question, how it is carried out, where it goes on. */
export interface Underway {
  listing: Listing;
  plan: Plan;
  resumed: CursorState | undefined;
}

/**
 * Reads a listing into a collector, step by step: a page each, or a part of what had to be read as a whole. Yields where
 * it goes on behind the step, if the vendor has to be asked for more; returns where it ended before all was given.
 */
export async function* collect(
  context: CallContext,
  { listing, plan, resumed }: Underway,
  findings: Findings,
  collector: Collector<Item>,
): AsyncGenerator<Ending | undefined, Ending | undefined> {
  const reading: Reading = { context, listing, question: plan.question, filters: plan.filters, findings };
  return yield* plan.whole
    ? collectWhole(reading, plan, resumed, collector)
    : collectPages(reading, resumed, collector);
}

/** The units of a result: rows, or in the raw format items of the vendor. Written when they are taken, not before. */
interface Units {
  length: number;
  /** Where a unit stands: its id first. */
  place(index: number): readonly string[];
  /** A digest of the ids of the first units; undefined where they have none. */
  given(count: number): string | undefined;
  /** The first unit behind a place; undefined when the units stand in no order that tells. */
  behind(place: readonly string[]): number | undefined;
  write(index: number): Item;
}

async function* collectPages(
  reading: Reading,
  resumed: CursorState | undefined,
  collector: Collector<Item>,
): AsyncGenerator<Ending | undefined, Ending | undefined> {
  const { listing, question, findings } = reading;
  // A listing that goes on somewhere can't be read again: what was given before it belongs to an older state.
  const context = resumed ? { ...reading.context, rereads: 0 } : reading.context;
  let skip = resumed ? 0 : listing.skip;
  let from = resumed;
  let last = resumed?.last;
  for await (const page of pages(context, listing.adapter, question, resumed?.position)) {
    note(page, findings);
    const units = unitsOf(page, reading);
    for (let index = from ? resumeAt(units, from, findings) : 0; index < units.length; index++) {
      if (skip > 0) skip--;
      else if (!collector.take(units.write(index))) return endingAt(page.position, index, units, last);
    }
    from = undefined;
    // Raw items have no ids: two that are alike may both be the vendor's.
    if (units.length > 0 && listing.format !== "raw") last = units.place(units.length - 1);
    const ending = page.next !== undefined && !page.looping ? endingAt(page.next, 0, units, last) : undefined;
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
  let asking = reading;
  let from: Pick<CursorState, "offset" | "last"> | undefined = resumed;
  for (;;) {
    const wanted = skip + listing.limit - collector.count;
    const ordered = new OrderedRows(listing.sort, from?.last, Math.min(wanted, HELD) + 1);
    await readAll(asking, plan, ordered);
    // What is given from here on can't be taken back.
    asking = { ...reading, context: { ...reading.context, rereads: 0 } };
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
    given: () => undefined,
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
    given: (count) => fingerprint(rows.slice(0, count).map(({ id }) => id)),
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

/** @param before the place of the last row of the pages before */
function endingAt(position: unknown, index: number, units: Units, before?: readonly string[]): Ending {
  const last = index > 0 ? units.place(index - 1) : before;
  const given = index > 0 ? units.given(index) : undefined;
  return { position, offset: index, ...(last ? { last } : {}), ...(given ? { given } : {}) };
}

const MOVED = "The vendor's data changed since the last page; ids tell whether a row was already given.";

/** Where to go on in a page that may have moved since: behind the place of the last row given. */
function resumeAt(units: Units, { offset, last, given }: CursorState, findings: Findings): number {
  if (last === undefined) return offset;
  const stands = (index: number) => units.place(index)[0] === last[0];
  const same = given === undefined || units.given(offset) === given;
  if (offset > 0 && offset <= units.length && stands(offset - 1) && same) return offset;
  const again = Array.from({ length: units.length }, (_, index) => index).find(stands);
  // The page before was given whole; where its last row is on this one, which of the others are as well can't be told.
  if (offset === 0) {
    if (again !== undefined) findings.warnings.add(MOVED);
    return offset;
  }
  findings.warnings.add(MOVED);
  return units.behind(last) ?? (again === undefined ? offset : again + 1);
}
