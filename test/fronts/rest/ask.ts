import * as z from "zod";

/** An answer of the endpoint, read as any client can. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const bodySchema = z.record(z.string(), z.unknown());

export function search(query: Record<string, unknown>): string {
  const texts = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return new URLSearchParams(texts).toString();
}

/** @param query as a query string, or as names and values */
export async function ask(
  usage: string,
  query: string | Record<string, unknown> = "",
  init: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(`${usage}?${typeof query === "string" ? query : search(query)}`, init);
  return { status: response.status, headers: response.headers, body: bodySchema.parse(await response.json()) };
}

export function rowsOf({ status, body }: Pick<Answer, "status" | "body">): Record<string, unknown>[] {
  if (status !== 200) throw new Error(`HTTP ${status}: ${JSON.stringify(body)}`);
  return z.array(bodySchema).parse(body["result"]);
}
