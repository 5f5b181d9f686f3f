import * as z from "zod";
import type { Vendors } from "./ask.ts";
import { type Days, dollars, type Line } from "./lines.ts";
import type { Tokens } from "./tokens.ts";

const row = z.looseObject({
  start_time: z.number(),
  actor: z.looseObject({ user_id: z.string(), email: z.string().nullable() }).nullable(),
  totals: z.looseObject({
    threads: z.number(),
    turns: z.number(),
    cost_usd: z.number().nullish(),
    uncached_text_input_tokens: z.number().nullable(),
    cached_text_input_tokens: z.number().nullable(),
    text_output_tokens: z.number().nullable(),
  }),
  code_attribution: z
    .looseObject({
      lines_of_code: z.looseObject({ added: z.number(), removed: z.number() }),
      commits: z.looseObject({ with_codex_contribution: z.number() }).nullable(),
    })
    .nullable(),
});
const page = z.looseObject({ data: z.array(row), has_more: z.boolean(), next_page: z.string().nullish() });
export type CodexRow = z.infer<typeof row> & { day: string; user: string | undefined };

/** The workspace's daily usage, one row a person and day. */
export async function codexRows(vendors: Vendors, { start, end }: Days): Promise<CodexRow[]> {
  const headers = { authorization: `Bearer ${vendors.credential("codex", "api_key")}` };
  const path = `/v1/analytics/codex/workspaces/${vendors.account("codex").workspace_id}/usage?start_time=${Date.parse(start) / 1000}&end_time=${Date.parse(end) / 1000}&limit=2000`;
  const rows: CodexRow[] = [];
  for (let next: string | null | undefined = ""; next !== null && next !== undefined; ) {
    const answer: z.infer<typeof page> = page.parse(
      await vendors.ask("codex", `${path}${next && `&page=${encodeURIComponent(next)}`}`, { headers }),
    );
    for (const found of answer.data)
      rows.push({
        ...found,
        day: new Date(found.start_time * 1000).toISOString().slice(0, 10),
        user: found.actor ? (found.actor.email?.toLowerCase() ?? found.actor.user_id) : undefined,
      });
    next = answer.has_more ? answer.next_page : null;
  }
  return rows;
}

/** What is billed in dollars. Credits are no money, and OpenAI's estimate of them is no bill. */
export async function codexLines(vendors: Vendors, days: Days): Promise<Line[]> {
  return (await codexRows(vendors, days)).flatMap(({ day, user, totals: { cost_usd } }): Line[] => {
    if (cost_usd === null || cost_usd === undefined) return [];
    const amount = dollars(cost_usd);
    return [
      {
        account: "codex",
        provider: "openai_codex",
        day,
        currency: "USD",
        net: amount,
        gross: amount,
        parts: { usage_based: amount },
        product: "codex",
        user,
      },
    ];
  });
}

export async function codexTokens(vendors: Vendors, days: Days): Promise<Tokens[]> {
  return (await codexRows(vendors, days)).map(({ day, user, totals }) => ({
    account: "codex",
    provider: "openai_codex",
    day,
    user,
    input: totals.uncached_text_input_tokens ?? undefined,
    cacheRead: totals.cached_text_input_tokens ?? undefined,
    output: totals.text_output_tokens ?? undefined,
  }));
}
