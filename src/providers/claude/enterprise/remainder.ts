/**
 * A bucket holds its 100 largest groups and says nothing of the rest. Where that may have cut something off, the same buckets
 * are asked for without groups: what they have more stands in a row of its own, so that sums do not depend on groups.
 */
import { type Amount, ZERO } from "../../../usage/money.ts";
import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import { drift, type Json, object, requiredAmount, requiredText } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import type { Span } from "../map.ts";
import { type Envelope, groupsAsked, objects, overlap, type Pair, VENDOR } from "../wire.ts";
import { type RowContext, reportEntry } from "./map.ts";
import { MOST_GROUPS } from "./wire.ts";

/** The request for the totals of buckets that were cut, or for the next page of totals; undefined when nothing is missing. */
export function totalsRequest(
  path: string,
  answer: VendorAnswer,
  { items, next }: Pick<Envelope, "items" | "next">,
): VendorRequest | undefined {
  const groups = groupsAsked(answer);
  const asked = [...new URL(answer.url).searchParams].filter(([name]) => name !== "group_by[]" && name !== "page");
  if (groups.length === 0) {
    return next === undefined ? undefined : { method: "GET", path, query: [...asked, ["page", next]] };
  }
  const cut = items.filter(isCut);
  const [from, to] = [cut[0], cut.at(-1)];
  // What overlaps has no remainder.
  if (!from || !to || overlap(groups).length > 0) return undefined;
  const query = asked.filter(([name]) => name !== "starting_at" && name !== "ending_at");
  const bounds: Pair[] = [
    ["starting_at", String(from["starting_at"])],
    ["ending_at", String(to["ending_at"])],
  ];
  return { method: "GET", path, query: [...bounds, ...query] };
}

/** Whether groups may have been left out of a bucket. */
function isCut(bucket: Json): boolean {
  return Array.isArray(bucket["results"]) && bucket["results"].length >= MOST_GROUPS;
}

/**
 * One entry for each bucket that has more than it shows.
 * @param grouped the buckets as they were shown @param totals answers with the buckets that were cut, without groups
 */
export function remainders(
  grouped: readonly Json[],
  totals: readonly Envelope[],
  spanOf: (bucket: Json) => Span,
  context: RowContext,
): { entries: Entry[]; warnings: string[] } {
  const entries: Entry[] = [];
  const warnings = new Set<string>();
  if (totals.length === 0) return { entries, warnings: [] };
  const whole = new Map<string, Json>();
  for (const bucket of totals.flatMap(({ items }) => items)) whole.set(spanOf(bucket).start_date, bucket);
  for (const bucket of grouped.filter(isCut)) {
    const total = whole.get(spanOf(bucket).start_date);
    if (!total) {
      warnings.add("Claude reports the 100 largest groups of a bucket, and did not say what lies beyond them.");
      continue;
    }
    const sums = resultsOf(total, context);
    const rest = difference(sums, resultsOf(bucket, context), context);
    if (!rest) continue;
    const { rows } = reportEntry(rest, spanOf(bucket), { ...context, beyond: true });
    const { starting_at, ending_at } = bucket;
    // The vendor sent the total, not what is left of it.
    const item = { starting_at, ending_at, ...sums[0] };
    entries.push({ item, rows: rows.map((row) => ({ ...row, remote_data: item })) });
  }
  return { entries, warnings: [...warnings] };
}

function resultsOf(bucket: Json, { endpoint }: RowContext): Json[] {
  return objects(bucket["results"], `${endpoint}.data[].results`);
}

/** In the vendor's own shape; undefined when nothing is left. */
function difference(total: readonly Json[], shown: readonly Json[], { endpoint }: RowContext): Json | undefined {
  const items = [...total, ...shown];
  const sent = (name: string) => items.every((item) => item[name] !== null && item[name] !== undefined);
  let left = false;
  const less = (read: (item: Json) => Amount): Amount => {
    const rest = sum(total, read).minus(sum(shown, read));
    left ||= !rest.isZero();
    return rest;
  };
  const field = (name: string) => less((item) => requiredAmount(item[name], VENDOR, `${endpoint}.${name}`));
  const inside = (outer: string, name: string) =>
    less((item) =>
      requiredAmount(object(item[outer], VENDOR, `${endpoint}.${outer}`)[name], VENDOR, `${endpoint}.${outer}.${name}`),
    );
  const rest: Record<string, unknown> = endpoint.endsWith("cost")
    ? {
        amount: field("amount").toString(),
        list_amount: field("list_amount").toString(),
        currency: currencyOf(items, endpoint),
      }
    : {
        uncached_input_tokens: field("uncached_input_tokens").toNumber(),
        output_tokens: field("output_tokens").toNumber(),
        cache_read_input_tokens: field("cache_read_input_tokens").toNumber(),
        cache_creation: {
          ephemeral_5m_input_tokens: inside("cache_creation", "ephemeral_5m_input_tokens").toNumber(),
          ephemeral_1h_input_tokens: inside("cache_creation", "ephemeral_1h_input_tokens").toNumber(),
        },
        server_tool_use: { web_search_requests: inside("server_tool_use", "web_search_requests").toNumber() },
      };
  // Requests are not counted where cost is split by its kind.
  if (sent("requests")) rest["requests"] = field("requests").toNumber();
  return left ? rest : undefined;
}

/** Amounts of one currency can be taken from one another, others can't. */
function currencyOf(items: readonly Json[], endpoint: string): string {
  const field = `${endpoint}.currency`;
  const [currency, ...others] = new Set(items.map((item) => requiredText(item["currency"], VENDOR, field)));
  if (currency === undefined || others.length > 0) throw drift(VENDOR, field, "one currency", others[0] ?? currency);
  return currency;
}

function sum(items: readonly Json[], read: (item: Json) => Amount): Amount {
  return items.map(read).reduce((a, b) => a.plus(b), ZERO);
}
