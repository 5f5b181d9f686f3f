import { stringify } from "qs";
import * as z from "zod";

/** Clients of the unified API, as far as a server sees them: what they put on the wire, and when they stop. */

export type Row = Record<string, unknown>;

const pageSchema = z.looseObject({
  result: z.array(z.record(z.string(), z.unknown())),
  next_cursor: z.string().nullable(),
});

export interface Paged {
  rows: Row[];
  /** How many rows each page held. */
  sizes: number[];
  /** The addresses asked, behind the host. */
  asked: string[];
}

class ClientError extends Error {
  readonly statusCode: number;
  readonly data: unknown;

  constructor(statusCode: number, data: unknown) {
    super(`HTTP ${statusCode}: ${JSON.stringify(data)}`);
    this.statusCode = statusCode;
    this.data = data;
  }
}

/** Lists are indexed, brackets percent-encoded, the first page is asked for with an empty cursor; ends where next_cursor is falsy. */
export async function pageAsTypeScript(usage: string, options: Record<string, unknown>): Promise<Paged> {
  return page(
    usage,
    (cursor) => stringify({ ...options, next_cursor: cursor }),
    (_rows, next) => !next,
  );
}

/** Lists are written with empty brackets; ends at an empty page, whatever its cursor says. */
export async function pageAsPython(usage: string, options: Record<string, unknown>): Promise<Paged> {
  return page(
    usage,
    (cursor) =>
      stringify(
        { ...options, ...(cursor ? { next_cursor: cursor } : {}) },
        { arrayFormat: "brackets", encodeValuesOnly: true },
      ),
    (rows, next) => rows.length === 0 || !next,
  );
}

async function page(
  usage: string,
  search: (cursor: string) => string,
  ends: (rows: readonly Row[], next: string | null) => boolean,
): Promise<Paged> {
  const paged: Paged = { rows: [], sizes: [], asked: [] };
  let cursor = "";
  for (;;) {
    const url = `${usage}?${search(cursor)}`;
    paged.asked.push(url.slice(new URL(url).origin.length));
    const { result, next_cursor } = pageSchema.parse(await request(url));
    paged.rows.push(...result);
    paged.sizes.push(result.length);
    if (ends(result, next_cursor)) return paged;
    cursor = next_cursor ?? "";
  }
}

/** With the headers of the TypeScript client, which takes what is not called JSON for a file. @throws ClientError */
async function request(url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: "application/json", authorization: "Bearer some.token", "user-agent": "truto-ts-sdk/2.0.12" },
  });
  if (!response.headers.get("content-type")?.includes("json")) throw new Error("a client takes this for a file");
  const body: unknown = await response.json();
  if (!response.ok) throw new ClientError(response.status, body);
  return body;
}
