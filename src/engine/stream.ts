import { describeError } from "../errors.ts";
import type { CursorCodec } from "../usage/cursor.ts";
import type { Instant } from "../usage/period.ts";
import { collect, type Ending } from "./collect.ts";
import { Collector } from "./collector.ts";
import { explained, isAmidPages, noFindings, recovering, type Started, start } from "./list.ts";
import { answer, type Item, type ListAnswer } from "./list-answer.ts";
import type { Listing } from "./listing.ts";
import type { CallContext } from "./pages.ts";

/** What is said of a stream once its rows were given. */
export interface StreamEnd {
  /** `next_cursor` is null when every row was given; else it goes on where the stream ended. */
  answer: Omit<ListAnswer, "result" | "hint">;
  hint?: string;
  /** What ended the stream before its time; a bug, too, since rows were given. */
  failure?: Error;
}

/**
 * The rows of a listing as they arrive: every vendor page is given and let go before the next is asked for, as fast as the
 * rows are taken. A failure behind the first row does not undo those given: the stream ends, as one of part, with the cursor
 * that goes on behind them.
 * @throws UsageError before the first row
 */
export async function* streamUsage(
  context: CallContext,
  listing: Listing,
  options: { now: Instant; cursors: CursorCodec },
): AsyncGenerator<Item[], StreamEnd> {
  const started = start(listing, options);
  const { findings, collector, steps, first } = await recovering(context, started, (asking) => begun(asking, started));
  let step = first;
  let given = 0;
  let ending: Ending | undefined;
  let failure: Error | undefined;
  try {
    for (;;) {
      const rows = collector.drain();
      given += rows.length;
      if (rows.length > 0) yield rows;
      ending = step.value;
      if (step.done) break;
      const next = await nextStep(() => (isAmidPages(started) ? explained(() => steps.next()) : steps.next()));
      if (next instanceof Error) {
        if (!ending) throw next;
        failure = next;
        break;
      }
      step = next;
    }
  } finally {
    // Who takes no more rows leaves the vendor's pages where they are.
    await steps.return(undefined);
  }
  const { result: _, hint, ...said } = answer(started, [], started.seal(ending), findings, 0);
  return {
    answer: {
      ...said,
      result_count: given,
      is_partial_response: said.is_partial_response || failure !== undefined,
      warnings: failure
        ? [...said.warnings, `The stream ended early: ${describeError(failure, context.requestId)}`]
        : said.warnings,
    },
    ...(given === 0 && hint !== undefined ? { hint } : {}),
    ...(failure ? { failure } : {}),
  };
}

/** Reads to the first rows, or to the end where there are none. */
async function begun(context: CallContext, started: Started) {
  const findings = noFindings();
  const collector = new Collector<Item>(started.listing.limit, Number.POSITIVE_INFINITY);
  // Pages are given as they come, and can't be taken back; of a whole nothing is given before all of it was read.
  const asking = started.plan.whole ? context : { ...context, rereads: 0 };
  const steps = collect(asking, started, findings, collector);
  for (;;) {
    const first = await steps.next();
    if (first.done || collector.count > 0) return { findings, collector, steps, first };
  }
}

/** A failure is an outcome here: rows were given, and where to go on behind them is known. */
async function nextStep<Step>(next: () => Promise<Step>): Promise<Step | Error> {
  try {
    return await next();
  } catch (error) {
    return error instanceof Error ? error : new Error("something was thrown that is no error", { cause: error });
  }
}
