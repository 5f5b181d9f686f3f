import { badParameter } from "../errors.ts";
import type { CursorCodec } from "../usage/cursor.ts";
import type { Instant } from "../usage/period.ts";
import { collect, type Ending, type Underway } from "./collect.ts";
import { Collector } from "./collector.ts";
import { answer, type Item, type ListAnswer } from "./list-answer.ts";
import type { Listing } from "./listing.ts";
import { type CallContext, isExpired, restarting } from "./pages.ts";
import { planOf, questionOf } from "./plan.ts";
import type { Findings } from "./read-rows.ts";

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

/** A listing on its way. */
export interface Started extends Underway {
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
  const read = async (asking: CallContext) => {
    const findings = noFindings();
    const collector = new Collector<Item>(listing.limit, budget);
    const steps = collect(asking, started, findings, collector);
    for (;;) {
      const step = await steps.next();
      if (step.done) return { findings, collector, ending: step.value };
      const late = collector.count > 0 && performance.now() > until;
      if (late && step.value) return { findings, collector, ending: step.value };
    }
  };
  const { findings, collector, ending } = await recovering(context, started, read);
  if (ending && listing.byNumber && !collector.full) {
    findings.warnings.add(
      "The page ended by its size before page_size was reached; the next page number would pass rows over. Go on with next_cursor.",
    );
  }
  return answer(started, collector.drain(), started.seal(ending), findings, budget);
}

export function noFindings(): Findings {
  return { warnings: new Set(), met: new Map(), looping: false };
}

/**
 * Carries out a reading that has given no row yet: where the vendor's paging expires on the way, or what was kept leads
 * astray, it is begun again if it can be.
 */
export function recovering<Result>(
  context: CallContext,
  started: Started,
  read: (context: CallContext) => Promise<Result>,
): Promise<Result> {
  return isAmidPages(started) ? explained(() => restarting(context, read, false)) : restarting(context, read);
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
