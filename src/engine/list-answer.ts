import type { Question } from "../providers/provider.ts";
import { listed } from "../suggest.ts";
import { iso, writePeriod } from "../usage/period.ts";
import type { ReportType } from "../usage/report.ts";
import { FILTER_DIMENSIONS, namesOf } from "./filters.ts";
import { type Debug, debugOf, type Entities, keyedBy, normalized } from "./formats.ts";
import type { Listing } from "./listing.ts";
import type { Plan } from "./plan.ts";
import type { Findings } from "./read-rows.ts";

export type Item = Record<string, unknown>;

export interface ListAnswer {
  result: Item[] | Record<string, Item>;
  next_cursor: string | null;
  result_count: number;
  integrated_account_id: string;
  provider: string;
  report_type: ReportType;
  /** What was really covered: UTC, half-open. */
  period: { start_date: string; end_date: string };
  /** When the oldest of it was so that may still change: when the vendor was asked, or how old it says its data is. */
  data_as_of?: string;
  is_partial_response: boolean;
  warnings: string[];
  /** On an empty result: why, and what there is. */
  hint?: string;
  /** In the normalized format: what rows refer to by id. */
  entities?: Entities;
  debug?: Debug | null;
}

export function answer(
  { listing, plan: { question } }: { listing: Listing; plan: Plan },
  items: Item[],
  next: string | null,
  findings: Findings,
  budget: number,
): ListAnswer {
  const { format, keyBy, account, report } = listing;
  const lifted = format === "normalized" ? normalized(items) : undefined;
  const rows = lifted ? lifted.rows : items;
  const { page } = findings;
  const [lastAnswer] = page?.answers.slice(-1) ?? [];
  const state = { nextCursor: next, isLooping: findings.looping, resultCount: rows.length };
  const call = format === "debug" && page && lastAnswer && debugOf(lastAnswer, page.connection, state, budget);
  return {
    result: keyBy === undefined ? rows : keyedBy(rows, keyBy),
    next_cursor: next,
    result_count: rows.length,
    integrated_account_id: account.id,
    provider: account.provider,
    report_type: report,
    period: writePeriod(findings.covered ?? question.period),
    ...(findings.asOf ? { data_as_of: iso(findings.asOf.at) } : {}),
    is_partial_response: findings.looping || findings.moved === true,
    warnings: [...findings.warnings],
    ...(rows.length === 0 ? { hint: emptyHint(listing, question, findings) } : {}),
    ...(lifted ? { entities: lifted.entities } : {}),
    // Null as on the unified page, where no vendor was asked: a period that lies ahead.
    ...(format === "debug" ? { debug: call || null } : {}),
  };
}

function emptyHint({ filters, support, cursor, skip }: Listing, { period, now }: Question, { met }: Findings): string {
  if (cursor !== undefined || skip > 0) return "There are no further rows.";
  for (const [name, values] of met) {
    const wanted = (filters[name] ?? []).map((value) => value.toLowerCase());
    if (values.size === 0 || [...values].some((value) => wanted.includes(value.toLowerCase()))) continue;
    return `No row matches ${name} ${listed(filters[name] ?? [])}. In this period there are: ${[...values].sort().slice(0, 60).join(", ")}.`;
  }
  if (period.start > now) return `The period begins ${iso(period.start)}, in the future; it is ${iso(now)} now.`;
  const [first, ...others] = namesOf(filters);
  if (first)
    return `The vendor holds nothing for this period with ${listed([first, ...others])} as given. Leave ${others.length > 0 ? "them" : "it"} out and group by ${FILTER_DIMENSIONS[first]} to see what there is.`;
  return `The vendor holds nothing for this period. ${support.availability}.`;
}
