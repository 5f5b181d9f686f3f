import * as z from "zod";
import { monthsOf, type Vendors } from "./ask.ts";
import { cents, type Days, type Line, sum } from "./lines.ts";
import type { Tokens } from "./tokens.ts";

const ROOT = "/v1/organizations/analytics";
const dimension = z.string().nullish();
const money = { amount: z.string(), list_amount: z.string(), currency: z.string() };
const tokens = {
  uncached_input_tokens: z.number(),
  output_tokens: z.number(),
  cache_read_input_tokens: z.number(),
  cache_creation: z.looseObject({ ephemeral_5m_input_tokens: z.number(), ephemeral_1h_input_tokens: z.number() }),
  requests: z.number(),
};
const actor = z.looseObject({ user_id: z.string(), email: z.string().nullish(), email_address: z.string().nullish() });

const buckets = <T extends z.ZodRawShape>(shape: T) =>
  z.looseObject({
    data: z.array(
      z.looseObject({
        starting_at: z.string(),
        results: z.array(z.looseObject({ product: dimension, model: dimension, ...shape })),
      }),
    ),
    next_page: z.string().nullable(),
  });
const costPage = buckets(money);
const usagePage = buckets(tokens);
const personCosts = z.looseObject({
  data: z.array(z.looseObject({ actor, product: dimension, ...money })),
  next_page: z.string().nullable(),
});
const personUsage = z.looseObject({
  data: z.array(z.looseObject({ actor })),
  next_page: z.string().nullable(),
});
const activityPage = z.looseObject({
  data: z.array(
    z.looseObject({
      claude_code_metrics: z.looseObject({
        core_metrics: z.looseObject({
          commit_count: z.number(),
          lines_of_code: z.looseObject({ added_count: z.number(), removed_count: z.number() }),
          pull_request_count: z.number(),
        }),
        tool_actions: z.record(z.string(), z.looseObject({ accepted_count: z.number(), rejected_count: z.number() })),
      }),
    }),
  ),
  next_page: z.string().nullable(),
});
export type ClaudeActivity = z.infer<typeof activityPage>["data"][number];

/** Of one report over one range, page after page. */
async function pages<T extends { next_page: string | null }>(
  vendors: Vendors,
  path: string,
  read: (answer: unknown) => T,
): Promise<T[]> {
  const headers = { "x-api-key": vendors.credential("claude", "api_key"), "anthropic-version": "2023-06-01" };
  const all: T[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const page: T = read(
      await vendors.ask("claude", `${ROOT}/${path}${next ? `&page=${encodeURIComponent(next)}` : ""}`, { headers }),
    );
    all.push(page);
    next = page.next_page;
  }
  return all;
}

type ClaudeDimension = "product" | "model";

/** At most 31 days at a time. */
function reportPath(report: string, { start, end }: Days, by: readonly ClaudeDimension[], limit: number): string {
  const grouped = by.map((name) => `&group_by[]=${name}`).join("");
  return `${report}?starting_at=${start}T00:00:00Z&ending_at=${end}T00:00:00Z&limit=${limit}${grouped}`;
}

/** `cost_report`: decimal strings in cents, by the day. `amount` is after discounts, `list_amount` before. */
export async function claudeLines(vendors: Vendors, days: Days, ...by: ClaudeDimension[]): Promise<Line[]> {
  const lines: Line[] = [];
  for (const month of monthsOf(days.start, days.end)) {
    const path = reportPath("cost_report", month, by, 31);
    for (const { data } of await pages(vendors, path, (answer) => costPage.parse(answer)))
      for (const { starting_at, results } of data)
        for (const { product, model, ...result } of results) {
          const surface = product ? productOf(product) : undefined;
          // Where the vendor names no product, the row is of Claude as such.
          const named = { surface, product: surface ?? "claude", model: model ?? undefined };
          lines.push({ ...amounts(result), ...named, day: starting_at.slice(0, 10) });
        }
  }
  return lines;
}

/** The Claude that works in Slack has three spellings, by year and API. */
function productOf(product: string): string {
  return ["claude-tag", "claude-in-slack"].includes(product) ? "claude_tag" : product;
}

function amounts({ amount, list_amount, currency }: { amount: string; list_amount: string; currency: string }) {
  const [net, gross] = [cents(amount), cents(list_amount)];
  return {
    account: "claude",
    provider: "claude",
    currency,
    net,
    gross,
    parts: { ...(net === gross ? {} : { discount: gross - net }) },
  };
}

/** One who was deleted has an id and no e-mail. */
function personOf(who: z.infer<typeof actor>): string {
  return (who.email_address ?? who.email)?.toLowerCase() ?? who.user_id;
}

/** Who is in `user_usage_report`. */
export async function claudeUsers(vendors: Vendors, days: Days): Promise<string[]> {
  const path = reportPath("user_usage_report", days, [], 100);
  const found = await pages(vendors, path, (answer) => personUsage.parse(answer));
  return found.flatMap(({ data }) => data.map((row) => personOf(row.actor)));
}

/** `user_cost_report` of a month, and what the organization's own report has more, which is tied to nobody. */
export async function claudePeople(vendors: Vendors, days: Days): Promise<Line[]> {
  const all: Line[] = [];
  for (const month of monthsOf(days.start, days.end)) {
    const found = await pages(vendors, reportPath("user_cost_report", month, [], 100), (answer) =>
      personCosts.parse(answer),
    );
    const lines = found.flatMap(({ data }) =>
      data.map(({ actor: who, ...result }): Line => {
        return { ...amounts(result), day: month.start, user: personOf(who) };
      }),
    );
    const whole = await claudeLines(vendors, month);
    const rest = (side: "net" | "gross") => sum(whole.map((line) => line[side])) - sum(lines.map((line) => line[side]));
    const nobody = { account: "claude", provider: "claude", currency: "USD", day: month.start };
    all.push(...lines, { ...nobody, net: rest("net"), gross: rest("gross") });
  }
  return all;
}

/** `usage_report`: input without the cache; what is written to the cache lives five minutes or an hour. */
export async function claudeTokens(vendors: Vendors, days: Days, ...by: ClaudeDimension[]): Promise<Tokens[]> {
  const all: Tokens[] = [];
  for (const month of monthsOf(days.start, days.end)) {
    const found = await pages(vendors, reportPath("usage_report", month, by, 31), (answer) => usagePage.parse(answer));
    for (const { data } of found)
      for (const { starting_at, results } of data)
        for (const { product, model, requests, cache_creation, ...result } of results)
          all.push({
            account: "claude",
            provider: "claude",
            day: starting_at.slice(0, 10),
            product: product ?? undefined,
            model: model ?? undefined,
            input: result.uncached_input_tokens,
            output: result.output_tokens,
            cacheRead: result.cache_read_input_tokens,
            cacheWrite: cache_creation.ephemeral_5m_input_tokens + cache_creation.ephemeral_1h_input_tokens,
            requests,
          });
  }
  return all;
}

/** `users`: one row a person over the whole range, counters summed. */
export async function claudeActivity(vendors: Vendors, { start, end }: Days): Promise<ClaudeActivity[]> {
  const path = `users?starting_date=${start}&ending_date=${end}&limit=1000`;
  const found = await pages(vendors, path, (answer) => activityPage.parse(answer));
  return found.flatMap(({ data }) => data);
}
