import * as z from "zod";
import type { Vendors } from "./ask.ts";
import { type Days, dollars, type Line } from "./lines.ts";
import type { Tokens } from "./tokens.ts";

const dimension = z.string().nullish();
const pageOf = <T extends z.ZodType>(result: T) =>
  z.looseObject({
    data: z.array(z.looseObject({ start_time: z.number(), results: z.array(result) })),
    has_more: z.boolean(),
    next_page: z.string().nullish(),
  });
const costPage = pageOf(
  z.looseObject({
    amount: z.looseObject({ value: z.union([z.string(), z.number()]), currency: z.string() }),
    line_item: dimension,
    project_id: dimension,
    user_id: dimension,
    quantity: z.number().nullish(),
    quantity_unit: dimension,
  }),
);
const tokenPage = pageOf(
  z.looseObject({
    input_tokens: z.number(),
    input_cached_tokens: z.number().nullish(),
    input_cache_write_tokens: z.number().nullish(),
    output_tokens: z.number().optional(),
    num_model_requests: z.number(),
    model: dimension,
  }),
);
const userList = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), email: z.string().nullish() })),
  has_more: z.boolean(),
  last_id: z.string().nullable(),
});

/** A zero as Decimal128 writes it. */
const ZERO_DECIMAL = /^0E-\d+$/;

async function ask(vendors: Vendors, path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${vendors.credential("openai", "api_key")}` };
  return vendors.ask("openai", `/v1/organization/${path}`, { headers });
}

async function pages<T extends { has_more: boolean; next_page?: string | null | undefined }>(
  vendors: Vendors,
  path: string,
  read: (answer: unknown) => T,
): Promise<T[]> {
  const all: T[] = [];
  for (let next: string | null | undefined = ""; next !== null && next !== undefined; ) {
    const page: T = read(await ask(vendors, `${path}${next && `&page=${encodeURIComponent(next)}`}`));
    all.push(page);
    next = page.has_more ? page.next_page : null;
  }
  return all;
}

const seconds = (day: string) => Date.parse(day) / 1000;
const dayOf = (time: number) => new Date(time * 1000).toISOString().slice(0, 10);
const range = ({ start, end }: Days, limit: number) =>
  `start_time=${seconds(start)}&end_time=${seconds(end)}&bucket_width=1d&limit=${limit}`;

/** `costs`: dollars, as numbers or as long decimals. */
export async function openaiLines(
  vendors: Vendors,
  days: Days,
  ...by: ("line_item" | "project_id" | "user_id")[]
): Promise<Line[]> {
  const path = `costs?${range(days, 180)}${by.map((name) => `&group_by=${name}`).join("")}`;
  const emails = by.includes("user_id") ? await directory(vendors) : new Map<string, string>();
  const found = await pages(vendors, path, (answer) => costPage.parse(answer));
  return found.flatMap(({ data }) =>
    data.flatMap(({ start_time, results }) =>
      results.map(({ amount, line_item, project_id, user_id, quantity, quantity_unit }): Line => {
        const value = ZERO_DECIMAL.test(String(amount.value)) ? 0n : dollars(amount.value);
        return {
          account: "openai",
          provider: "openai_codex",
          day: dayOf(start_time),
          currency: amount.currency.toUpperCase(),
          net: value,
          gross: value,
          metric: line_item ?? undefined,
          model: modelOf(line_item),
          workspace: project_id ?? undefined,
          user: user_id ? (emails.get(user_id) ?? user_id) : undefined,
          quantity: quantity ?? undefined,
          unit: quantity_unit ?? undefined,
        };
      }),
    ),
  );
}

/** `gpt-5.5, cached input`: the model stands before the last comma; a tool's line has none. */
function modelOf(lineItem: string | null | undefined): string | undefined {
  const comma = lineItem?.lastIndexOf(", ") ?? -1;
  return comma === -1 ? undefined : lineItem?.slice(0, comma);
}

/** E-mails, in lower case, by user id. */
async function directory(vendors: Vendors): Promise<Map<string, string>> {
  const emails = new Map<string, string>();
  for (let after: string | null = ""; after !== null; ) {
    const page: z.infer<typeof userList> = userList.parse(
      await ask(vendors, `users?limit=100${after && `&after=${after}`}`),
    );
    for (const { id, email } of page.data) if (email) emails.set(id, email.toLowerCase());
    after = page.has_more ? page.last_id : null;
  }
  return emails;
}

/** The families that tokens go through. Only completions have a cache, and an output. */
const TOKEN_FAMILIES = ["completions", "embeddings", "moderations"];

/** `input_tokens` hold what was read from the cache and written to it. */
export async function openaiTokens(vendors: Vendors, days: Days): Promise<Tokens[]> {
  const all: Tokens[] = [];
  for (const family of TOKEN_FAMILIES) {
    const path = `usage/${family}?${range(days, 31)}&group_by=model`;
    for (const { data } of await pages(vendors, path, (answer) => tokenPage.parse(answer)))
      for (const { start_time, results } of data)
        for (const result of results) {
          const [read, write] = [result.input_cached_tokens ?? 0, result.input_cache_write_tokens ?? 0];
          all.push({
            account: "openai",
            provider: "openai_codex",
            day: dayOf(start_time),
            model: result.model ?? undefined,
            input: result.input_tokens - read - write,
            output: result.output_tokens ?? 0,
            cacheRead: read,
            cacheWrite: write,
            requests: result.num_model_requests,
          });
        }
  }
  return all;
}

/** What else is asked of models: pictures, speech, and searches, each a family of its own. */
const OTHER_FAMILIES = {
  images: "num_model_requests",
  audio_speeches: "num_model_requests",
  audio_transcriptions: "num_model_requests",
};

export async function openaiOtherRequests(vendors: Vendors, days: Days): Promise<number> {
  const counts = await Promise.all(
    Object.entries(OTHER_FAMILIES).map(([family, field]) => familyCount(vendors, days, family, field)),
  );
  return counts.reduce((all, value) => all + value, 0);
}

/** A family's own count, summed over a range: `num_requests` of `file_search_calls`. */
async function familyCount(vendors: Vendors, days: Days, family: string, field: string): Promise<number> {
  const counted = pageOf(z.looseObject({ [field]: z.number() }));
  const found = await pages(vendors, `usage/${family}?${range(days, 31)}`, (answer) => counted.parse(answer));
  const values = found.flatMap(({ data }) => data.flatMap(({ results }) => results.map((result) => result[field])));
  return values.reduce<number>((all, value) => all + Number(value), 0);
}

/** People named in a range's use of the token families, by e-mail or id. */
export async function openaiUsers(vendors: Vendors, days: Days): Promise<Set<string>> {
  const emails = await directory(vendors);
  const people = pageOf(z.looseObject({ user_id: dimension }));
  const users = new Set<string>();
  for (const family of [...TOKEN_FAMILIES, ...Object.keys(OTHER_FAMILIES)]) {
    const path = `usage/${family}?${range(days, 31)}&group_by=user_id`;
    for (const { data } of await pages(vendors, path, (answer) => people.parse(answer)))
      for (const { user_id } of data.flatMap(({ results }) => results))
        if (user_id) users.add(emails.get(user_id) ?? user_id);
  }
  return users;
}
