import type { Adapter, Page, Question } from "../providers/provider.ts";
import type { VendorHttp } from "../vendor-http/client.ts";
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
}

export interface FetchedPage extends Page<unknown> {
  position: unknown;
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
  let position = from ?? adapter.first(question);
  if (position === undefined || question.period.start >= question.period.end) return;
  const names = context.names.of(context, adapter, question.account, connection);
  let rows = 0;
  while (position !== undefined) {
    seen.add(JSON.stringify(position));
    const { answers, looping } = await fetchWhole(context, adapter, question, connection, position);
    const page = adapter.read(question, position, answers, await names);
    for (const entry of page.entries) rows += entry.rows.length;
    context.progress(`${question.account.id}: ${rows} rows in ${seen.size} ${seen.size === 1 ? "page" : "pages"}`);
    const repeats = looping || (page.next !== undefined && seen.has(JSON.stringify(page.next)));
    yield { ...page, position, answers, connection, looping: repeats };
    position = repeats ? undefined : page.next;
  }
}

/** The answers of one page: several where the vendor splits what must be seen whole. */
async function fetchWhole(
  context: CallContext,
  adapter: Adapter,
  question: Question,
  connection: Connection,
  position: unknown,
) {
  const answers: VendorAnswer[] = [];
  const seen = new Set<string>();
  let request = adapter.request(question, position);
  for (;;) {
    seen.add(JSON.stringify(request));
    const answer = await context.http.ask(connection, request, context.signal);
    answers.push(answer);
    const more = adapter.more?.(question, position, answer);
    if (!more) return { answers, looping: false };
    if (seen.has(JSON.stringify(more))) return { answers, looping: true };
    context.progress(`${question.account.id}: ${answers.length} vendor pages so far`);
    request = more;
  }
}
