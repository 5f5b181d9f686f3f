import { UsageError } from "../errors.ts";
import type { Adapter, Directory, Entry, Page, Question } from "../providers/provider.ts";
import type { Instant } from "../usage/period.ts";
import type { VendorHttp } from "../vendor-http/client.ts";
import type { Connection, VendorAnswer } from "../vendor-http/connection.ts";
import { unreadable } from "../vendor-http/failure.ts";
import { calledOff, type VendorCall, type Wish } from "../vendor-http/vendor-call.ts";
import type { Names } from "./names.ts";

/**
 * Said after every vendor answer, and while the vendor's limits make the call wait (`urgent`: it is worth saying however short
 * the call is so far); a host that asked for progress sees it.
 */
export type Progress = (message: string, urgent?: boolean) => void;

/** What a call carries to the vendor: its way out, its patience, whom to tell. */
export interface CallContext extends VendorCall {
  http: VendorHttp;
  names: Names;
  progress: Progress;
  /** Nothing that was kept will do. */
  fresh: boolean;
  /** Nothing that was kept earlier will do, but for what can't change any more. */
  notBefore?: Instant;
  /** Nothing was given yet: should the vendor's data change on the way, it is read again, so many times at the most. */
  rereads?: number;
  /** Told of a page's answers, so far, before they are read: whether any of them was kept. Where that led to may not be there any more. */
  took?(isKept: boolean): void;
  /** What was read so far, where several parts of a question tell their progress together. */
  counted?: { rows: number; pages: number };
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
  /** What was so when: undefined for a page that no vendor was asked for. */
  asOf?: AsOf;
}

/** When what a page tells was so. */
export interface AsOf {
  at: Instant;
  /** It can't change any more. */
  settled: boolean;
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
  if (question.period.start >= question.period.end) return;
  let position = from ?? adapter.first(question);
  if (position === undefined) return;
  const reader = new PageReader(context, adapter, question);
  while (position !== undefined) {
    // Not held here: while the next one is fetched, a page whose rows were read is no use to anybody.
    yield await reader.read(position);
    position = reader.next;
  }
}

/** Reads page after page, and knows where it has been. */
class PageReader {
  /** The position of the page that follows the last one read; undefined behind the last. */
  next: unknown;
  readonly #context: CallContext;
  readonly #adapter: Adapter;
  readonly #question: Question;
  readonly #connection: Connection;
  readonly #names: Promise<Directory>;
  readonly #seen = new Set<string>();
  readonly #wish: Wish;
  readonly #counted: NonNullable<CallContext["counted"]>;
  /** The page before, to the byte. */
  #before: Buffer | undefined;

  constructor(context: CallContext, adapter: Adapter, question: Question) {
    this.#context = context;
    this.#adapter = adapter;
    this.#question = question;
    this.#connection = connectionOf(adapter, question);
    this.#names = context.names.of(context, adapter, question, this.#connection);
    this.#counted = context.counted ?? { rows: 0, pages: 0 };
    this.#wish = { fresh: context.fresh };
    if (context.notBefore !== undefined) this.#wish.notBefore = context.notBefore;
  }

  async read(position: unknown): Promise<FetchedPage> {
    const [context, adapter, question, connection] = [this.#context, this.#adapter, this.#question, this.#connection];
    this.#seen.add(JSON.stringify(position));
    const fetched = await fetchWhole(context, adapter, question, connection, position, this.#wish);
    const { answers, looping, instead } = fetched;
    const directory = await this.#names;
    // Its names may not all be there then: rows without them would stand for other people.
    if (context.signal.aborted) throw calledOff(context.signal);
    const page =
      instead ?? reading(connection, answers.at(-1), () => adapter.read(question, position, answers, directory));
    const settles = adapter.settles?.(question, position, answers);
    const repeats = looping || (page.next !== undefined && this.#seen.has(JSON.stringify(page.next)));
    // What leads back to where it came from may be right the next time.
    if (!repeats) for (const answer of answers) context.http.keep(answer, { settles });
    if (isWorthRereading(context, page.moved === true, repeats)) throw new Moved(answers, settles);
    const asOf = asOfPage(page, answers);
    // A vendor whose paging stands still sends the page before once more: its rows would be counted twice.
    const entries = repeats && isSame(this.#before, answers[0]?.raw) ? [] : page.entries;
    this.#count(entries);
    this.#before = answers[0]?.raw;
    this.next = repeats ? undefined : page.next;
    return { ...page, entries, position, answers, connection, looping: repeats, ...(asOf ? { asOf } : {}) };
  }

  #count(entries: readonly Entry[]): void {
    const counted = this.#counted;
    counted.pages++;
    for (const entry of entries) counted.rows += entry.rows.length;
    const read = `${counted.rows} rows in ${counted.pages} ${counted.pages === 1 ? "page" : "pages"}`;
    this.#context.progress(`${this.#question.account.id}: ${read}`);
  }
}

/** A limit that is configured takes the place of all that the vendor publishes. */
export function connectionOf(adapter: Adapter, { account, now }: Pick<Question, "account" | "now">): Connection {
  const connection = adapter.connect(account, now);
  const { callsPerMinute } = account;
  if (callsPerMinute === undefined) return connection;
  const rate = { calls: callsPerMinute, seconds: 60 };
  return { ...connection, limit: (request) => ({ ...connection.limit(request), rate, isConfigured: true }) };
}

/** Data comes to rest after a while; paging that leads back twice is the vendor's way. */
function isWorthRereading({ rereads = 0 }: CallContext, moved: boolean, repeats: boolean): boolean {
  return (moved && rereads > 0) || (repeats && rereads === ATTEMPTS - 1);
}

/** To the byte. */
function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one !== undefined && other !== undefined && one.equals(other);
}

/** Of two, when the older was so that may still change; of what can't change any more, the older. */
export function older(one: AsOf | undefined, other: AsOf | undefined): AsOf | undefined {
  if (!one || !other) return one ?? other;
  if (one.settled !== other.settled) return one.settled ? other : one;
  return one.at <= other.at ? one : other;
}

/** @throws UsageError (vendor_data): also where it stood, for whoever has to report it */
function reading<Result>(connection: Connection, answer: VendorAnswer | undefined, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError) || error.kind !== "vendor_data") throw error;
    throw unreadable(connection, error, answer);
  }
}

/** What a page tells was so when its oldest part was that may still change; the vendor may say itself how old its data is. */
function asOfPage({ refreshed }: Page<unknown>, answers: readonly VendorAnswer[]): AsOf | undefined {
  const open = answers.filter(({ settled }) => !settled);
  const oldest = (open.length > 0 ? open : answers).map(({ at }) => at);
  if (oldest.length === 0) return undefined;
  const settled = open.length === 0;
  const told = refreshed === undefined || settled ? [] : [refreshed];
  return { at: Math.min(...oldest, ...told), settled };
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
  wish: Wish,
): Promise<Fetched> {
  const answers: VendorAnswer[] = [];
  const seen = new Set<string>();
  let request = adapter.request(question, position);
  for (;;) {
    seen.add(JSON.stringify(request));
    let answer: VendorAnswer;
    try {
      answer = await context.http.ask(connection, request, context, wish);
    } catch (error) {
      const instead = insteadOf(error, adapter, question, position);
      if (instead) return { answers: [], looping: false, instead };
      throw error;
    }
    answers.push(answer);
    context.took?.(answers.some(({ kept }) => kept));
    if (!answer.settled) wish.notBefore = Math.max(answer.at, wish.notBefore ?? answer.at);
    const more = reading(connection, answer, () => adapter.more?.(question, position, answer));
    if (!more) return { answers, looping: false };
    if (seen.has(JSON.stringify(more))) {
      if (isSame(answers.at(-2)?.raw, answer.raw)) answers.pop();
      return { answers, looping: true };
    }
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

/** The vendor's data changed while its pages were read: what was read before does not go with what follows. */
class Moved extends Error {
  /** What will do when it is read again. Where the data had been final, what was kept of it is not to be trusted. */
  readonly wish: Pick<CallContext, "fresh"> | Pick<CallContext, "notBefore">;

  constructor(answers: readonly VendorAnswer[], settles: Instant | undefined) {
    super("the vendor's data changed while it was read");
    const latest = Math.max(...answers.map(({ at }) => at));
    this.wish = settles !== undefined && latest >= settles ? { fresh: true } : { notBefore: latest + 1 };
  }
}

/**
 * Reads a listing again from its start when the vendor's paging expired on the way (410: its data was refreshed), or what was
 * kept led astray; then everything is asked anew. Where the vendor's data changed on the way, all is that may still change.
 * Nothing of what was read before counts.
 * @param isFromStart false where it goes on from a place within the vendor's paging: once that has expired, it has for good
 */
export async function restarting<Result>(
  context: CallContext,
  read: (context: CallContext) => Promise<Result>,
  isFromStart = true,
): Promise<Result> {
  let asking = context;
  for (let attempt = 1; ; attempt++) {
    let isKept = false;
    let isLastKept = false;
    const took = (isNowKept: boolean) => {
      isLastKept = isNowKept;
      isKept ||= isLastKept;
    };
    try {
      return await read({ ...asking, rereads: ATTEMPTS - attempt, took });
    } catch (error) {
      const expired = isExpired(error) ? isFromStart || isKept : mayBeOutdated(error, isKept, isLastKept);
      if (attempt === ATTEMPTS || !(expired || error instanceof Moved)) throw error;
      asking = { ...asking, ...(error instanceof Moved ? error.wish : { fresh: true }) };
    }
  }
}

/**
 * What was kept may have led to a page that its vendor has forgotten, or be of a form that is read otherwise by now. What was
 * asked just now and can't be read is no fault of the pages before it: to ask for them all again would mend nothing.
 */
function mayBeOutdated(error: unknown, isKept: boolean, isLastKept: boolean): boolean {
  if (!(error instanceof UsageError)) return false;
  return (error.kind === "question" && isKept) || (error.kind === "vendor_data" && isLastKept);
}

export function isExpired(error: unknown): boolean {
  return error instanceof UsageError && error.details.status === 410;
}
