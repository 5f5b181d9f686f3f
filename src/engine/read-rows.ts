import type { FilterName, Filters, Question } from "../providers/provider.ts";
import type { Period } from "../usage/period.ts";
import type { Usage } from "../usage/row.ts";
import { namesOf, passes, remaining, valuesOf } from "./filters.ts";
import type { Listing } from "./listing.ts";
import type { OrderedRows } from "./ordered-rows.ts";
import { type AsOf, type CallContext, type FetchedPage, older, pages } from "./pages.ts";
import type { Plan } from "./plan.ts";
import { type Grouping, Regrouping } from "./regroup.ts";

/** Gathers what the pages of one call say besides rows. */
export interface Findings {
  warnings: Set<string>;
  /** Values met of what is filtered by, for the hint when a filter matched none. */
  met: Map<FilterName, Set<string>>;
  looping: boolean;
  /** The vendor's data changed between two pages: rows may be missing. */
  moved?: true;
  covered?: Period;
  /** When what was read was so. */
  asOf?: AsOf | undefined;
  page?: FetchedPage;
}

/** One reading of a listing: what is asked of the vendor, what it does itself, what is left to do here. */
export interface Reading {
  context: CallContext;
  listing: Listing;
  question: Question;
  /** Filters that the vendor does not carry out. */
  filters: Filters;
  findings: Findings;
}

/** Gives all rows of the period to `ordered`, summed where the listing sums. */
export async function readAll(reading: Reading, { grouping, split }: Plan, ordered: OrderedRows): Promise<void> {
  if (!grouping) {
    for await (const row of passingRows(reading)) ordered.add(row);
    return;
  }
  const groups = new Regrouping(grouping);
  if (split) await readSplit(reading, grouping, split, groups);
  else for await (const row of passingRows(reading)) groups.add(row);
  for (const row of groups.rows()) ordered.add(row);
}

/** The rows that can be told apart, and beside them what the whole has more: no amount depends on what is grouped by. */
async function readSplit(
  reading: Reading,
  grouping: Grouping,
  { report, dimension }: NonNullable<Plan["split"]>,
  groups: Regrouping,
): Promise<void> {
  const by = grouping.by.filter((other) => other !== dimension);
  const rest = new Regrouping({ ...grouping, by });
  for await (const row of passingRows(asking(reading, { report }))) {
    groups.add(row);
    rest.subtract(row);
  }
  for await (const row of passingRows(asking(reading, { groupBy: by }))) rest.add(row);
  for (const row of rest.rest()) groups.add(row);
}

/** The same reading of another question; what its vendor does of it may differ. */
function asking(reading: Reading, change: Partial<Question>): Reading {
  const question = { ...reading.question, ...change };
  const done = reading.listing.adapter.does?.(question) ?? {};
  return { ...reading, question, filters: remaining(question.filters, done.filters) };
}

async function* passingRows({ context, listing, question, filters, findings }: Reading): AsyncGenerator<Usage> {
  for await (const page of pages(context, listing.adapter, question)) {
    note(page, findings);
    for (const { rows } of page.entries) {
      for (const row of rows) if (lets(row, filters, findings)) yield row;
    }
  }
}

/** Keeps what a page says besides its rows. */
export function note(page: FetchedPage, findings: Findings): void {
  for (const warning of page.warnings ?? []) findings.warnings.add(warning);
  findings.page = page;
  findings.asOf = older(findings.asOf, page.asOf);
  if (page.covered) findings.covered = page.covered;
  if (page.moved) findings.moved = true;
  if (!page.looping) return;
  findings.looping = true;
  findings.warnings.add(
    "The vendor's paging pointed back to a page already read; it was not followed, so rows after it are missing.",
  );
}

const MOST_MET = 100;

/** Whether a row passes; keeps what it shows of what is filtered by. */
export function lets(row: Usage, filters: Filters, { met }: Findings): boolean {
  for (const name of namesOf(filters)) {
    const known = met.get(name) ?? new Set();
    const [value] = valuesOf(row, name).filter((candidate) => candidate !== undefined);
    if (value !== undefined && known.size < MOST_MET) known.add(value);
    met.set(name, known);
  }
  return passes(row, filters);
}
