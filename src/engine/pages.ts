import { UsageError } from "../errors.ts";
import type { Adapter, Page, Question } from "../providers/provider.ts";
import { calledOff, type VendorHttp } from "../vendor-http/client.ts";
import type { Connection, VendorAnswer } from "../vendor-http/connection.ts";
import type { Names } from "./names.ts";

/** Said after every vendor answer; a host that asked for progress sees it. */
export type Progress = (message: string) => void;

/** What a call carries to the vendor: its way out, its patience, whom to tell. */
export interface CallContext {
  http: VendorHttp;
  names: Names;
  signal: AbortSignal;
  progress: Progress;
  /** The caller's request, for logs. */
  requestId?: string;
  /** Told of an account's fault that spoils no other: the answer goes on without it. */
  failed(account: string, error: unknown): void;
}

export interface FetchedPage extends Page<unknown> {
  position: unknown;
  /** None for a page that stands for a refusal. */
  answers: VendorAnswer[];
  connection: Connection;
  /** The vendor pointed back to where we have been: what follows can't be known. */
  looping: boolean;
}

/**
 * The pages of a question, one after another from `from` (or the first). Pages may hold no rows; the caller goes on.
 * A vendor whose cursor repeats is not followed: the page says so and is the last.
 */
export async function* pages(
  context: CallContext,
  adapter: Adapter,
  question: Question,
  from?: unknown,
): AsyncGenerator<FetchedPage> {
  const connection = adapter.connect(question.account, question.now);
  const seen = new Set<string>();
  if (question.period.start >= question.period.end) return;
  let position = from ?? adapter.first(question);
  if (position === undefined) return;
  const names = context.names.of(context, adapter, question, connection);
  let rows = 0;
  while (position !== undefined) {
    seen.add(JSON.stringify(position));
    const { answers, looping, instead } = await fetchWhole(context, adapter, question, connection, position);
    const directory = await names;
    // Its names may not all be there then: rows without them would stand for other people.
    if (context.signal.aborted) throw calledOff(context.signal);
    const page: Page<unknown> = instead ?? adapter.read(question, position, answers, directory);
    for (const entry of page.entries) rows += entry.rows.length;
    context.progress(`${question.account.id}: ${rows} rows in ${seen.size} ${seen.size === 1 ? "page" : "pages"}`);
    const repeats = looping || (page.next !== undefined && seen.has(JSON.stringify(page.next)));
    yield { ...page, position, answers, connection, looping: repeats };
    position = repeats ? undefined : page.next;
  }
}

interface Fetched {
  answers: VendorAnswer[];
  looping: boolean;
  /** The page that stands for the vendor's refusal. */
  instead?: Page<unknown>;
}

/** The answers of one page: several where the vendor splits what must be seen whole. */
async function fetchWhole(
  context: CallContext,
  adapter: Adapter,
  question: Question,
  connection: Connection,
  position: unknown,
): Promise<Fetched> {
  const answers: VendorAnswer[] = [];
  const seen = new Set<string>();
  let request = adapter.request(question, position);
  for (;;) {
    seen.add(JSON.stringify(request));
    let answer: VendorAnswer;
    try {
      answer = await context.http.ask(connection, request, context);
    } catch (error) {
      const instead = insteadOf(error, adapter, question, position);
      if (instead) return { answers: [], looping: false, instead };
      throw error;
    }
    answers.push(answer);
    const more = adapter.more?.(question, position, answer);
    if (!more) return { answers, looping: false };
    if (seen.has(JSON.stringify(more))) return { answers, looping: true };
    context.progress(`${question.account.id}: ${answers.length} vendor pages so far`);
    request = more;
  }
}

/** Some refusals are no faults: a day that is not published yet, an endpoint that another one makes up for. */
function insteadOf(error: unknown, adapter: Adapter, question: Question, position: unknown): Page<unknown> | undefined {
  if (!(error instanceof UsageError)) return undefined;
  const { status, words = "" } = error.details;
  if (status === undefined || status < 400 || status >= 500 || status === 429) return undefined;
  return adapter.refused?.(question, position, { status, words });
}

const ATTEMPTS = 3;

/**
 * Reads a listing again from its start when the vendor's paging expired on the way (410: its data was refreshed). Nothing of
 * what was read before counts.
 */
export async function restarting<Result>(read: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (!isExpired(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

export function isExpired(error: unknown): boolean {
  return error instanceof UsageError && error.details.status === 410;
}
