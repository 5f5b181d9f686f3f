import { once } from "node:events";
import type { Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import * as z from "zod";
import { checkQuery } from "../../engine/check-query.ts";
import type { ExportEnd } from "../../engine/export-cost.ts";
import type { FocusCharge } from "../../focus/charge.ts";
import { focusColumns, focusValues } from "../../focus/columns.ts";
import type { FocusVersion } from "../../focus/versions.ts";
import { focusLine } from "../../focus/write.ts";
import type { Log } from "../../log.ts";
import { exportSchema, readExport } from "../export-query.ts";
import { refusal } from "../http/refusal.ts";
import type { HttpEnv } from "../http/request.ts";
import { csvText } from "../terminal/csv.ts";
import { answerFailure } from "./errors.ts";
import { EXPORT_PATH } from "./meta.ts";
import { typedBy } from "./query.ts";
import { parseQueryString } from "./query-string.ts";
import { encoded, LINE_TYPES } from "./stream.ts";
import { searchOf, wantsFresh } from "./usage.ts";

const METHODS = "GET, HEAD, OPTIONS";
const CSV_TYPE = "text/csv";
const TYPES = { csv: CSV_TYPE, ndjson: LINE_TYPES[0] ?? CSV_TYPE };

export const exportQuery = z.strictObject({ ...exportSchema.shape, format: z.enum(["csv", "ndjson"]).optional() });

type Charges = AsyncIterator<FocusCharge[], ExportEnd>;

/** How charges become text. */
interface Writing {
  head: string;
  charges(batch: readonly FocusCharge[]): string;
  /** Undefined where the format has no place to say that charges are missing. */
  tail(end: ExportEnd): string | undefined;
}

/** `GET /unified/usage-metering/export`: every charge, sent as the vendors' pages arrive. */
export function exportRoute(app: Hono<HttpEnv>, log: Log): void {
  app.get(EXPORT_PATH, (c) => answerExport(c, log));
  app.options(EXPORT_PATH, (c) => c.body(null, 204, { allow: METHODS }));
  app.all(EXPORT_PATH, (c) =>
    refusal(c, 405, `${c.req.method} is not for this path: charges are only read, with GET.`, { allow: METHODS }),
  );
}

/** The answer begins with the first charges, so that an error before them has its own status. */
async function answerExport(c: Context<HttpEnv>, log: Log): Promise<Response> {
  const { engine } = c.get("caller");
  const call = { signal: c.get("signal"), deadline: c.get("deadline"), requestId: c.get("requestId") };
  try {
    const asked = checkQuery(exportQuery, typedBy(exportQuery, parseQueryString(searchOf(c.req.url))));
    const { format, ...args } = asked;
    const request = readExport(engine, { ...args, fresh: args.fresh ?? wantsFresh(c) });
    const type = format
      ? TYPES[format]
      : accepts(c, { header: "Accept", supports: [CSV_TYPE, ...LINE_TYPES], default: CSV_TYPE });
    const headers = {
      "content-type": type === CSV_TYPE ? `${CSV_TYPE}; charset=utf-8; header=present` : type,
      vary: "accept",
      // Proxies that hold answers back until they are whole are asked not to.
      "x-accel-buffering": "no",
    };
    // HEAD wants no charges: what they are asked with is checked, as far as that needs no vendor.
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const charges: Charges = engine.exportCost(request, call);
    const first = await charges.next();
    const text = written(c, first, charges, type === CSV_TYPE ? csv(request.version) : lines(request.version));
    return c.body(ReadableStream.from(encoded(text)), 200, headers);
  } catch (error) {
    return answerFailure(c, error, log);
  }
}

/** A header and a line a charge, and nothing behind them. */
function csv(version: FocusVersion): Writing {
  const row = (charge: FocusCharge) => focusValues(charge).map((value) => value ?? undefined);
  return {
    head: csvText([focusColumns(version)]),
    charges: (batch) => csvText(batch.map(row)),
    tail: ({ accounts }) => (accounts.some(({ error }) => error !== undefined) ? undefined : ""),
  };
}

/** A charge a line; the last line says what became of the accounts. */
function lines(version: FocusVersion): Writing {
  const columns = focusColumns(version);
  return {
    head: "",
    charges: (batch) => batch.map((charge) => focusLine(columns, focusValues(charge))).join(""),
    tail: (end) => `${JSON.stringify(end)}\n`,
  };
}

async function* written(
  c: Context<HttpEnv>,
  first: IteratorResult<FocusCharge[], ExportEnd>,
  charges: Charges,
  writing: Writing,
): AsyncGenerator<string> {
  try {
    if (writing.head !== "") yield writing.head;
    let step = first;
    for (; !step.done; step = await charges.next()) yield writing.charges(step.value);
    const tail = writing.tail(step.value);
    if (tail === undefined) await breakOff(c);
    else if (tail !== "") yield tail;
  } finally {
    // For a reader who went away: the vendor's pages are left where they are.
    await charges.return?.();
  }
}

/** Closes the connection behind what was written, without HTTP's own end: a client knows then that it has not got the whole. */
async function breakOff(c: Context<HttpEnv>): Promise<void> {
  const { outgoing } = c.env;
  if (outgoing.closed || !outgoing.socket) return;
  const closed = once(outgoing, "close");
  outgoing.socket.destroySoon();
  await closed;
}
