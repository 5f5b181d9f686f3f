/** What a bucket's groups beyond the largest hundred amount to: its total without groups, less the groups it shows. */
import { type Amount, ZERO } from "../../../usage/money.ts";
import type { VendorAnswer } from "../../../vendor-http/connection.ts";
import { isObject, type Json, list, object, requiredAmount } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import type { Span } from "../map.ts";
import { readEnvelope, VENDOR } from "../wire.ts";
import { type RowContext, reportEntry } from "./report-map.ts";
import { MOST_GROUPS } from "./wire.ts";

/** Whether groups may have been left out of a bucket. */
export function isCut(bucket: Json): boolean {
  return Array.isArray(bucket["results"]) && bucket["results"].length >= MOST_GROUPS;
}

/**
 * One entry for each bucket that has more than it shows.
 * @param grouped the buckets as they were shown @param totals answers that hold the buckets that were cut, without groups
 */
export function remainders(
  grouped: readonly Json[],
  totals: readonly VendorAnswer[],
  spanOf: (bucket: Json) => Span,
  context: RowContext,
): { entries: Entry[]; warnings: string[] } {
  const entries: Entry[] = [];
  const warnings = new Set<string>();
  if (totals.length === 0) return { entries, warnings: [] };
  const envelopes = totals.map((answer) => readEnvelope(answer, context.endpoint));
  if (envelopes.some(({ refreshed }) => refreshed !== context.refreshed))
    warnings.add("Claude refreshed its data while it was read; small differences may come of it.");
  const whole = new Map<string, Json>();
  for (const bucket of envelopes.flatMap(({ items }) => items)) whole.set(spanOf(bucket).start_date, bucket);
  for (const bucket of grouped.filter(isCut)) {
    const total = whole.get(spanOf(bucket).start_date);
    if (!total) {
      warnings.add("Claude reports the 100 largest groups of a bucket, and did not say what lies beyond them.");
      continue;
    }
    const rest = difference(resultsOf(total), resultsOf(bucket), context);
    const { starting_at, ending_at } = bucket;
    if (rest)
      entries.push(
        reportEntry({ starting_at, ending_at, ...rest }, spanOf(bucket), {
          ...context,
          beyond: true,
        }),
      );
  }
  return { entries, warnings: [...warnings] };
}

function resultsOf(bucket: Json): Json[] {
  return list(bucket["results"], VENDOR, "data[].results").filter(isObject);
}

/** In the vendor's own shape; undefined when nothing is left. */
function difference(total: readonly Json[], shown: readonly Json[], { endpoint }: RowContext): Json | undefined {
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
        currency: total[0]?.["currency"] ?? "USD",
      }
    : {
        uncached_input_tokens: field("uncached_input_tokens").toNumber(),
        output_tokens: field("output_tokens").toNumber(),
        cache_read_input_tokens: field("cache_read_input_tokens").toNumber(),
        cache_creation: {
          ephemeral_5m_input_tokens: inside("cache_creation", "ephemeral_5m_input_tokens").toNumber(),
          ephemeral_1h_input_tokens: inside("cache_creation", "ephemeral_1h_input_tokens").toNumber(),
        },
      };
  // Requests are not counted where cost is split by its kind.
  const counted = [...total, ...shown].every(({ requests }) => requests !== null && requests !== undefined);
  if (counted) rest["requests"] = field("requests").toNumber();
  const searches = [...total, ...shown].every(({ server_tool_use }) => isObject(server_tool_use));
  if (searches && !endpoint.endsWith("cost"))
    rest["server_tool_use"] = { web_search_requests: inside("server_tool_use", "web_search_requests").toNumber() };
  return left ? rest : undefined;
}

function sum(items: readonly Json[], read: (item: Json) => Amount): Amount {
  return items.map(read).reduce((a, b) => a.plus(b), ZERO);
}
