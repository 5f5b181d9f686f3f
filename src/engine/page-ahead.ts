import type { Adapter, Question } from "../providers/provider.ts";
import type { Period } from "../usage/period.ts";
import { type CallContext, connectionOf, type FetchedPage, pages } from "./pages.ts";

/**
 * The pages of a question whose rows are summed: their order does not matter, as long as it is always the same. The parts of
 * the period that the vendor can be asked for apart are read side by side, as many as it takes calls at once; of what can't be
 * parted, the next page is fetched while one is worked on. No more pages than that are held.
 */
export async function* pagesAhead(
  context: CallContext,
  adapter: Adapter,
  question: Question,
): AsyncGenerator<FetchedPage> {
  const { signal } = context;
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  const chains = new Chains(context, controller.signal, adapter, question);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    for (let page = await chains.take(); page; page = await chains.take()) yield page;
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (chains.isReading) controller.abort(signal.reason);
    await chains.settled();
  }
}

/** The pages of one part of the period. */
interface Chain {
  pages: AsyncGenerator<FetchedPage>;
  next: Promise<IteratorResult<FetchedPage>>;
  /** Whether the page that was fetched last was kept from an earlier question. */
  isKept: boolean;
}

/**
 * Reads parts side by side. Pages are taken from them in turns, not as they happen to arrive, so that nothing that is said or
 * summed depends on how long answers take.
 */
class Chains {
  readonly #context: CallContext;
  readonly #adapter: Adapter;
  readonly #question: Question;
  readonly #parts: Period[];
  readonly #reading: Chain[] = [];
  /** Its page is being worked on, and its next one not fetched yet: while others are, that would only hold one page more. */
  #due: Chain | undefined;

  /** @param signal ends what is on its way */
  constructor(context: CallContext, signal: AbortSignal, adapter: Adapter, question: Question) {
    // Whose turn it is at the vendor goes by caller, and this is still one.
    const caller = context.caller ?? context.signal;
    this.#context = { ...context, signal, caller, counted: { rows: 0, pages: 0 } };
    this.#adapter = adapter;
    this.#question = question;
    this.#parts = [...(adapter.parts?.(question) ?? [question.period])];
    const { concurrency } = connectionOf(adapter, question);
    for (const period of this.#parts.splice(0, concurrency)) this.#reading.push(this.#begin(period));
  }

  get isReading(): boolean {
    return this.#reading.length > 0;
  }

  /** The next page; undefined when all parts are read. @throws UsageError, in the turn of the part that failed */
  async take(): Promise<FetchedPage | undefined> {
    if (this.#due) fetchNext(this.#due);
    this.#due = undefined;
    for (let chain = this.#reading[0]; chain; chain = this.#reading[0]) {
      const { done, value } = await this.#next(chain);
      this.#reading.shift();
      chain.next = NO_PAGE;
      if (!done) {
        if (this.#reading.length === 0) fetchNext(chain);
        else this.#due = chain;
        this.#reading.push(chain);
        return value;
      }
      const [part] = this.#parts.splice(0, 1);
      if (part) this.#reading.push(this.#begin(part));
    }
    return undefined;
  }

  /** Resolves when nothing is on its way any more. What it would have said is not heard. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#reading.map(({ next }) => next));
  }

  #begin(period: Period): Chain {
    const took = (isKept: boolean) => {
      chain.isKept = isKept;
      this.#context.took?.(isKept);
    };
    const own = pages({ ...this.#context, took }, this.#adapter, { ...this.#question, period });
    const chain: Chain = { pages: own, next: NO_PAGE, isKept: false };
    fetchNext(chain);
    return chain;
  }

  async #next(chain: Chain): Promise<IteratorResult<FetchedPage>> {
    try {
      return await chain.next;
    } catch (error) {
      // Whether what was kept led astray is told by the answers that came last: those of the part that failed.
      this.#context.took?.(chain.isKept);
      throw error;
    }
  }
}

const NO_PAGE: Promise<IteratorResult<FetchedPage>> = Promise.resolve({ done: true, value: undefined });

function fetchNext(chain: Chain): void {
  chain.next = chain.pages.next();
  // A fault is told in its turn, which may be later.
  chain.next.catch(() => {});
}
