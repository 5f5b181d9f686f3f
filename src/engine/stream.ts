import { UsageError } from "../errors.ts";
import type { CursorCodec } from "../usage/cursor.ts";
import type { Instant } from "../usage/period.ts";
import { Collector } from "./collector.ts";
import { answer, collect, type Ending, explained, type Item, type ListAnswer, noFindings, start } from "./list.ts";
import type { Listing } from "./listing.ts";
import type { CallContext } from "./pages.ts";

/** What is said of a stream once its rows were given. */
export interface StreamEnd {
  /** `next_cursor` is null when every row was given; else it goes on where the stream ended. */
  answer: Omit<ListAnswer, "result" | "hint">;
  hint?: string;
  /** What ended the stream before its time. */
  failure?: UsageError;
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
  const findings = noFindings();
  const collector = new Collector<Item>(listing.limit, Number.POSITIVE_INFINITY);
  const steps = collect(context, started, findings, collector);
  let given = 0;
  let ending: Ending | undefined;
  let failure: UsageError | undefined;
  for (;;) {
    const step = await nextStep(() => (started.resumed ? explained(() => steps.next()) : steps.next()));
    if (step instanceof UsageError) {
      if (given === 0 || !ending) throw step;
      failure = step;
      break;
    }
    const rows = collector.drain();
    given += rows.length;
    if (rows.length > 0) yield rows;
    ending = step.value;
    if (step.done) break;
  }
  const { result: _, hint, ...said } = answer(started, [], started.seal(ending), findings, 0);
  return {
    answer: {
      ...said,
      result_count: given,
      is_partial_response: said.is_partial_response || failure !== undefined,
      warnings: failure ? [...said.warnings, `The stream ended early: ${failure.message}`] : said.warnings,
    },
    ...(given === 0 && hint !== undefined ? { hint } : {}),
    ...(failure ? { failure } : {}),
  };
}

/** A failure that a person can act on is an outcome here; anything else is a bug and goes on up. */
async function nextStep<Step>(next: () => Promise<Step>): Promise<Step | UsageError> {
  try {
    return await next();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}
