import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SILENT } from "../../../src/log.ts";
import { iso } from "../../../src/usage/period.ts";
import { endServersAfterwards, secretsIn } from "../../vendor-http/loopback.ts";
import { ask, rowsOf, search } from "./ask.ts";
import { endServicesAfterwards, NOW, type Service, startService } from "./service.ts";
import { AUTUMN, costs, gate, lines, linesOf, monthOf, startConfluent, startCursor, type Vendor } from "./vendors.ts";

endServersAfterwards();
endServicesAfterwards();

const STREAM = { ...AUTUMN, truto_response_format: "stream" };
const LINES = { headers: { accept: "application/x-ndjson" } };

/** Months that the vendor refuses, or leaves without an answer. */
let refused: string[] = [];
let held: { month: string; until: Promise<void> } | undefined;
let vendor: Vendor;
let service: Service;

beforeAll(async () => {
  vendor = await startConfluent(async (url) => {
    if (refused.includes(monthOf(url))) return Response.json({ errors: [{ detail: "not you" }] }, { status: 403 });
    if (held?.month === monthOf(url)) await held.until;
    return costs(url);
  });
  service = await startService([vendor.account]);
});
beforeEach(() => {
  refused = [];
  held = undefined;
  vendor.asked.length = 0;
});

type Body = Record<string, unknown>;

function streamUrl(query: Body = {}): string {
  return `${service.usage}?${search({ ...STREAM, ...query })}`;
}

/** A stream of lines: its rows, and the last line. */
async function linesOfStream(url: string): Promise<{ rows: Body[]; end: Body }> {
  const response = await fetch(url, LINES);
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const text = await response.text();
  expect(text.endsWith("\n")).toBe(true);
  const parsed = text
    .trimEnd()
    .split("\n")
    .map((line): Body => JSON.parse(line));
  return { rows: parsed.slice(0, -1), end: parsed.at(-1) ?? {} };
}

async function everyRow(): Promise<Body[]> {
  return rowsOf(await ask(service.usage, { ...AUTUMN, limit: 10_000 }));
}

/** Reads until the text holds something. */
async function readUntil(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  holds: (text: string) => boolean,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  while (!holds(text)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended: ${text.slice(-200)}`);
    text += decoder.decode(value, { stream: true });
  }
  return text;
}

describe("a stream", () => {
  it("is one JSON envelope of every row, with what is said of them behind", async () => {
    const { status, headers, body } = await ask(service.usage, STREAM);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("content-length")).toBeNull();
    expect(headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
    expect(body).toEqual({
      result: await everyRow(),
      next_cursor: null,
      prev_cursor: null,
      result_count: lines.length,
      is_partial_response: false,
      integrated_account_id: "confluent",
      provider: "confluent",
      report_type: "cost",
      period: { start_date: "2026-09-01T00:00:00Z", end_date: "2026-12-01T00:00:00Z" },
      data_as_of: iso(NOW),
      warnings: [],
    });
  });

  it("is a row a line where Accept asks for it, and the last line says that it was all", async () => {
    const { rows, end } = await linesOfStream(streamUrl());
    expect(rows).toEqual(await everyRow());
    const { result: _, ...said } = (await ask(service.usage, STREAM)).body;
    expect(end).toEqual(said);
    expect(end).not.toHaveProperty("id");
  });

  it.each([
    ["application/json", "application/json"],
    ["*/*", "application/json"],
    ["application/*", "application/json"],
    ["text/html, application/xhtml+xml, */*;q=0.8", "application/json"],
    ["application/json, application/x-ndjson", "application/json"],
    ["application/json;q=0.5, application/x-ndjson", "application/x-ndjson"],
    ["application/x-ndjson, application/json;q=0.9, */*;q=0.1", "application/x-ndjson"],
    ["application/x-ndjson;q=0, */*", "application/json"],
    ["application/jsonl", "application/jsonl"],
    ["application/ndjson", "application/ndjson"],
  ])("for Accept: %s is %s", async (accept, type) => {
    const response = await fetch(streamUrl({ limit: 1 }), { headers: { accept } });
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("vary")).toBe("accept");
    await response.text();
  });

  it.each([
    ["envelope", {}],
    ["lines", LINES],
  ])("gives its first rows before the vendor has answered its last page: %s", async (_what, init) => {
    const { opened, open } = gate();
    held = { month: "2026-11", until: opened };
    const response = await fetch(streamUrl(), init);
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    const wanted = linesOf("2026-09") + linesOf("2026-10");
    const early = await readUntil(reader, (text) => text.split('"remote_data"').length > wanted);
    expect(early).not.toContain("next_cursor");
    const askedOfNovember = () => vendor.asked.filter(({ url }) => url.includes("start_date=2026-11"));
    await expect.poll(askedOfNovember).toHaveLength(1);
    expect(vendor.open()).toBe(1);
    open();
    const whole = early + (await readUntil(reader, (text) => text.includes('"warnings"')));
    expect(whole.split('"remote_data"')).toHaveLength(lines.length + 1);
  });

  it.each([
    [{ limit: 7 }, 7],
    [{ page_size: 20 }, 20],
    [{ page_size: 20, page: 3 }, 20],
    [{ limit: 7, truto_ignore_limit: true }, 150],
    [{ page: 1 }, 150],
    [{ product_ids: "FLINK" }, lines.filter(({ product }) => product === "FLINK").length],
    [{ sort_by: "net" }, 150],
    [{ truto_key_by: "" }, 150],
  ])("with %o holds %i rows", async (query, count) => {
    const { body } = await ask(service.usage, { ...STREAM, ...query });
    expect(rowsOf({ status: 200, body })).toHaveLength(count);
    expect(body).toMatchObject({
      result_count: count,
      next_cursor: count < 50 && !("product_ids" in query) ? expect.any(String) : null,
    });
  });

  it("goes on from a page's cursor, and a page from a stream's", async () => {
    const whole = await everyRow();
    const page = await ask(service.usage, { ...AUTUMN, limit: 33 });
    const { rows, end } = await linesOfStream(streamUrl({ next_cursor: page.body["next_cursor"], limit: 33 }));
    expect(rows).toEqual(whole.slice(33, 66));
    const rest = await ask(service.usage, { ...AUTUMN, next_cursor: end["next_cursor"] });
    expect(rowsOf(rest)).toEqual(whole.slice(66));
  });

  it("of nothing is an envelope that says why", async () => {
    const nothing = { start_date: "2026-12-05", end_date: "2026-12-06" };
    const { body } = await ask(service.usage, { ...STREAM, ...nothing });
    expect(body).toMatchObject({
      result: [],
      next_cursor: null,
      result_count: 0,
      hint: expect.stringContaining("in the future"),
    });
    expect(await linesOfStream(streamUrl(nothing))).toMatchObject({ rows: [], end: { result_count: 0 } });
  });

  it("leaves out what it is told to", async () => {
    const { rows } = await linesOfStream(
      streamUrl({ truto_ignore_remote_data: true, truto_exclude_fields: "charges,usage" }),
    );
    for (const name of ["remote_data", "charges", "usage"]) expect(rows[0]).not.toHaveProperty(name);
  });

  it.each([
    [{ truto_key_by: "id" }, /^truto_key_by: a stream gives its rows one by one/],
    [{ page: 2 }, /^page: a stream gives every row as one page; add page_size/],
    [{ limit: "ten" }, /^limit: must be a number/],
    [{ next_cursor: "u2.forged" }, /^cursor: it is damaged/],
  ])("with %o is refused before anything is asked", async (query, message) => {
    const { status, body } = await ask(service.usage, { ...STREAM, ...query }, LINES);
    expect([status, body["message"]]).toEqual([400, expect.stringMatching(message)]);
    expect(vendor.asked).toEqual([]);
  });
});

describe("a stream in an order that the vendor does not keep", () => {
  it("gives more rows than are held at a time, each once and in order", { timeout: 60_000 }, async () => {
    const total = 25_000;
    const cursor = await startCursor(total);
    const brief = await startService([cursor.account]);
    const query = { report_type: "usage", start_date: "2026-10-01", end_date: "2026-10-28", sort_by: "start_date" };
    const { rows, end } = await linesOfStream(
      `${brief.usage}?${search({ ...query, truto_response_format: "stream", truto_ignore_remote_data: true })}`,
    );
    const starts = rows.map(({ start_date }) => String(start_date));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(total);
    expect(starts).toEqual([...starts].sort());
    expect(end).toMatchObject({ result_count: total, next_cursor: null, warnings: [] });
  });
});

describe("a stream in an order that the vendor does not keep, which fails", () => {
  it("while rows beyond those held are read for goes on behind them: nothing lost, nothing doubled", {
    timeout: 60_000,
  }, async () => {
    const total = 21_500;
    let refusing = true;
    // The first 22 pages are read for the rows that can be held, the next 22 for those behind them.
    const cursor = await startCursor(total, (page) => refusing && page > 30);
    const { usage } = await startService([cursor.account]);
    const query = {
      report_type: "usage",
      start_date: "2026-10-01",
      end_date: "2026-10-28",
      sort_by: "start_date",
      truto_response_format: "stream",
      truto_ignore_remote_data: true,
    };
    const { rows, end } = await linesOfStream(`${usage}?${search(query)}`);
    expect(rows).toHaveLength(20_000);
    expect(end).toMatchObject({
      next_cursor: expect.any(String),
      result_count: 20_000,
      is_partial_response: true,
      error: { statusCode: 403 },
    });
    refusing = false;
    const rest = await linesOfStream(`${usage}?${search({ ...query, next_cursor: end["next_cursor"] })}`);
    expect(rest.end).toMatchObject({ result_count: 1500, next_cursor: null, is_partial_response: false, warnings: [] });
    const all = [...rows, ...rest.rows];
    expect(new Set(all.map(({ id }) => id)).size).toBe(total);
    const starts = all.map(({ start_date }) => String(start_date));
    expect(starts).toEqual([...starts].sort());
  });
});

describe("a stream that fails", () => {
  it("before its first row is an error with its status", async () => {
    refused = ["2026-09"];
    for (const init of [{}, LINES]) {
      const { status, headers, body } = await ask(service.usage, STREAM, init);
      expect([status, headers.get("content-type")]).toEqual([403, "application/json"]);
      expect(body).toMatchObject({ statusCode: 403, truto_is_remote_error: true });
    }
  });

  it.each([
    ["envelope", async (query: Body = {}) => splitBody((await ask(service.usage, { ...STREAM, ...query })).body)],
    ["lines", (query: Body = {}) => linesOfStream(streamUrl(query))],
  ])(
    "behind its first row ends validly, says so, and is gone on with: nothing lost, nothing doubled: %s",
    async (_what, read) => {
      const whole = await everyRow();
      refused = ["2026-10"];
      const { rows, end } = await read();
      expect(rows).toEqual(whole.slice(0, linesOf("2026-09")));
      expect(end).toMatchObject({
        next_cursor: expect.stringMatching(/^u2\./),
        result_count: rows.length,
        is_partial_response: true,
        warnings: [expect.stringMatching(/^The stream ended early: .*403/)],
        error: {
          statusCode: 403,
          error: "Forbidden",
          message: expect.stringContaining("not you"),
          truto_is_remote_error: true,
        },
      });
      expect(secretsIn(JSON.stringify(end))).toEqual([]);

      // Still refused: now nothing was given before, and the error has its own status.
      const again = await ask(service.usage, { ...STREAM, next_cursor: end["next_cursor"] });
      expect(again).toMatchObject({ status: 403, body: { statusCode: 403 } });

      refused = [];
      const rest = await read({ next_cursor: end["next_cursor"] });
      expect([...rows, ...rest.rows]).toEqual(whole);
      expect(rest.end).toMatchObject({ next_cursor: null, is_partial_response: false, warnings: [] });
      expect(rest.end).not.toHaveProperty("error");
    },
  );

  it("since its time is over says that, and goes on from there", async () => {
    const brief = await startService([vendor.account], { http: { limits: { stream_seconds: 1 } } });
    const whole = await everyRow();
    const { opened, open } = gate();
    held = { month: "2026-11", until: opened };
    const { rows, end } = splitBody((await ask(brief.usage, STREAM)).body);
    expect(end).toMatchObject({
      is_partial_response: true,
      error: { statusCode: 504, message: expect.stringMatching(/within 1 s/) },
    });
    expect(end["error"]).not.toHaveProperty("truto_is_remote_error");
    open();
    await vendor.idle();
    held = undefined;
    const rest = await ask(brief.usage, { ...AUTUMN, limit: 1000, next_cursor: end["next_cursor"] });
    expect([...rows, ...rowsOf(rest)]).toEqual(whole);
  });

  it("by what is not as the vendor's contract says ends the same way", async () => {
    const odd = await startConfluent((url) =>
      monthOf(url) === "2026-09" ? costs(url) : Response.json({ data: [{ start_date: "no day" }] }),
    );
    const { usage } = await startService([odd.account]);
    const { rows, end } = splitBody((await ask(usage, STREAM)).body);
    expect(rows).toHaveLength(linesOf("2026-09"));
    expect(end).toMatchObject({
      next_cursor: expect.any(String),
      error: { statusCode: 500, truto_is_remote_error: true },
    });
  });

  it("by a bug ends the same way, and tells nothing of its cause", async () => {
    let failing = false;
    const debug = (_fields: object, message: string) => {
      if (failing && message === "vendor call") throw new TypeError("something s3cret");
    };
    const { usage } = await startService([vendor.account], { log: { ...SILENT, debug } });
    const whole = await everyRow();
    const { opened, open } = gate();
    held = { month: "2026-10", until: opened };
    const response = await fetch(`${usage}?${search(STREAM)}`, LINES);
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    const early = await readUntil(reader, (text) => text.includes("2026-09"));
    failing = true;
    open();
    const text = early + (await readUntil(reader, (read) => read.includes('"warnings"')));
    const parsed = text
      .trimEnd()
      .split("\n")
      .map((line): Body => JSON.parse(line));
    const { error, next_cursor } = parsed.at(-1) ?? {};
    expect(error).toMatchObject({ statusCode: 500, message: expect.stringMatching(/^Internal error \(TypeError\)/) });
    expect(text).not.toContain("s3cret");
    failing = false;
    const rest = await ask(usage, { ...AUTUMN, limit: 1000, next_cursor });
    expect([...parsed.slice(0, -1), ...rowsOf(rest)]).toEqual(whole);
  });
});

function splitBody({ result, ...end }: Body): { rows: Body[]; end: Body } {
  return { rows: rowsOf({ status: 200, body: { result } }), end };
}

describe("a reader", () => {
  it("who goes away ends the vendor call", async () => {
    held = { month: "2026-11", until: gate().opened };
    const reading = new AbortController();
    const response = await fetch(streamUrl(), { signal: reading.signal });
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    await readUntil(reader, (text) => text.includes("2026-10"));
    await vendor.reached(3);
    expect(vendor.open()).toBe(1);
    reading.abort();
    await vendor.idle();
    expect(vendor.open()).toBe(0);
  });

  it("who does not read holds the vendor's pages back, and gets every row when it does", {
    timeout: 30_000,
  }, async () => {
    const total = 40_000;
    const cursor = await startCursor(total);
    const { usage } = await startService([cursor.account]);
    const query = search({
      truto_response_format: "stream",
      report_type: "usage",
      start_date: "2026-10-01",
      end_date: "2026-10-28",
    });
    const text = await new Promise<string>((resolve, reject) => {
      get(`${usage}?${query}`, LINES, async (response) => {
        const asked = () => cursor.asked.filter(({ method }) => method === "POST").length;
        await cursor.reached(2);
        // Until sockets are full, and then for as long as nothing happens.
        for (let before = -1; before !== asked(); ) {
          before = asked();
          await sleep(300);
        }
        expect(asked()).toBeLessThan(20);
        expect(asked()).toBeLessThan(total / 1000);
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
        response.on("error", reject);
      }).on("error", reject);
    });
    const parsed = text
      .trimEnd()
      .split("\n")
      .map((line): Body => JSON.parse(line));
    expect(parsed.at(-1)).toMatchObject({ result_count: total, next_cursor: null });
    expect(new Set(parsed.slice(0, -1).map(({ id }) => id)).size).toBe(total);
  });

  it("who does not read and goes away leaves nothing behind", async () => {
    const cursor = await startCursor(40_000);
    const { usage } = await startService([cursor.account]);
    const query = search({
      truto_response_format: "stream",
      report_type: "usage",
      start_date: "2026-10-01",
      end_date: "2026-10-28",
    });
    await new Promise<void>((resolve, reject) => {
      get(`${usage}?${query}`, (response) => {
        cursor.reached(5).then(() => response.destroy(), reject);
        response.on("close", resolve);
      }).on("error", reject);
    });
    await cursor.idle();
    const asked = cursor.asked.length;
    await sleep(500);
    expect(cursor.asked).toHaveLength(asked);
  });
});
