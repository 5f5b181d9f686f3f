import type { Context } from "hono";
import { accepts } from "hono/accepts";
import type { Call } from "../../engine/engine.ts";
import type { Item } from "../../engine/list-answer.ts";
import type { StreamEnd } from "../../engine/stream.ts";
import { failureKind, loggable } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Query } from "../../usage/query.ts";
import type { HttpEnv } from "../http/request.ts";
import { beside, type Said } from "./envelope.ts";
import { type ErrorEnvelope, restError } from "./errors.ts";

const JSON_TYPE = "application/json";
export const LINE_TYPES = ["application/x-ndjson", "application/ndjson", "application/jsonl"];
/** Characters: what is written at a time, so that a slow reader holds up little. */
const CHUNK = 65_536;

type Rows = AsyncIterator<Item[], StreamEnd>;

/** What stands behind the rows of a stream. */
type Ending = Said & { error?: ErrorEnvelope };

/** How rows become text. */
interface Writing {
  head: string;
  row(row: Item, isFirst: boolean): string;
  tail(ending: Ending): string;
}

/** The unified envelope, its result first. */
const ENVELOPE: Writing = {
  head: '{"result":[',
  row: (row, isFirst) => `${isFirst ? "" : ","}\n${JSON.stringify(row)}`,
  tail: (ending) => `\n],${JSON.stringify(ending).slice(1)}\n`,
};

/** A row a line; the last line is the envelope without its result, by which a reader knows that nothing was cut off. */
const LINES: Writing = {
  head: "",
  row: (row) => `${JSON.stringify(row)}\n`,
  tail: (ending) => `${JSON.stringify(ending)}\n`,
};

/**
 * Every row, sent as the vendor's pages arrive: as one JSON envelope written in chunks, or a row a line where Accept asks
 * for it. The answer begins with the first rows, so that an error before them has its own status; one behind them ends the
 * envelope with `error` and the cursor that goes on. Rows are read as fast as they are taken.
 * @throws UsageError before the first row
 */
export async function streamUsage(c: Context<HttpEnv>, query: Query, call: Call, log: Log): Promise<Response> {
  const { engine } = c.get("caller");
  const type = accepts(c, { header: "Accept", supports: [JSON_TYPE, ...LINE_TYPES], default: JSON_TYPE });
  const rows: Rows = engine.streamUsage(query, call, { withRemoteData: true });
  const first = await rows.next();
  const endingOf = ({ answer, hint, failure }: StreamEnd): Ending => {
    const said = beside({ ...answer, ...(hint === undefined ? {} : { hint }) });
    if (!failure) return said;
    engine.telemetry.failure(failureKind(failure));
    log.warn({ request: call.requestId, ...loggable(failure) }, "stream ended early");
    return { ...said, error: restError(failure, call.requestId ?? "", call.signal).envelope };
  };
  const text = written(first, rows, type === JSON_TYPE ? ENVELOPE : LINES, endingOf);
  c.header("vary", "accept", { append: true });
  // Proxies that hold answers back until they are whole are asked not to.
  c.header("x-accel-buffering", "no");
  return c.body(ReadableStream.from(encoded(text)), 200, { "content-type": type });
}

async function* written(
  first: IteratorResult<Item[], StreamEnd>,
  rows: Rows,
  writing: Writing,
  endingOf: (end: StreamEnd) => Ending,
): AsyncGenerator<string> {
  let text = writing.head;
  let isFirst = true;
  try {
    let step = first;
    for (; !step.done; step = await rows.next()) {
      for (const row of step.value) {
        text += writing.row(row, isFirst);
        isFirst = false;
        if (text.length < CHUNK) continue;
        yield text;
        text = "";
      }
      // What there is goes out now: the next page may take long.
      if (text !== "") yield text;
      text = "";
    }
    yield text + writing.tail(endingOf(step.value));
  } finally {
    // For a reader who went away: the vendor's pages are left where they are.
    await rows.return?.();
  }
}

export async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}
