import type { Day } from "./calendar.ts";
import { dayOf } from "./calendar.ts";
import type { Member } from "./claude-estate.ts";
import type { Dimension, Fact } from "./claude-ledger.ts";
import { COMPONENTS, total } from "./claude-ledger.ts";

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const WIDTHS = { "1m": MINUTE, "1h": HOUR, "1d": DAY } as const;
export type Width = keyof typeof WIDTHS;
export const WIDTH_NAMES: readonly Width[] = ["1m", "1h", "1d"];

const REFRESHED_EVERY = 4 * HOUR;

/** The reports' data end here: they're refreshed every four hours. */
export function refreshedAt(now: Date): number {
  return Math.floor(now.getTime() / REFRESHED_EVERY) * REFRESHED_EVERY;
}

/** Milliseconds, the end excluded. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Cut {
  readonly dimensions: readonly Dimension[];
  /** By whoever the use is attributed to, a member or else an API key, or by which of the two it is. */
  readonly by?: "actor" | "actor_type" | undefined;
  /** Of a bucket; absent: one for the whole range. */
  readonly width: number | undefined;
}

/** The sum of the facts that the cut doesn't tell apart. */
export interface Group {
  readonly key: string;
  /** Its start, or the range's. */
  readonly bucket: number;
  readonly values: Readonly<Partial<Record<string, string | null>>>;
  /** Where the cut is by actor: one of the two, or neither. */
  readonly member: Member | undefined;
  readonly apiKey: string | null;
  /** Where the cut is by actor or by type. */
  readonly actorType: "user_actor" | "api_actor" | null;
  requests: number;
  searches: number;
  readonly tokens: number[];
  readonly list: number[];
  readonly net: number[];
}

/** In no order. */
export function groupsOf(
  factsOf: (day: Day) => readonly Fact[],
  accepts: (fact: Fact) => boolean,
  range: Range,
  cut: Cut,
): Group[] {
  const groups = new Map<string, Group>();
  const last = dayOf(new Date(range.to - 1));
  for (let day = dayOf(new Date(range.from)); day <= last; day++) {
    for (const fact of factsOf(day)) {
      if (fact.at < range.from || fact.at >= range.to || !accepts(fact)) continue;
      const bucket = cut.width === undefined ? range.from : fact.at - (fact.at % cut.width);
      let key = `${bucket}`;
      for (const name of cut.dimensions) key += `|${fact.dimensions[name] ?? ""}`;
      if (cut.by === "actor") key += `|${fact.member?.id ?? fact.dimensions.api_key_id ?? ""}`;
      if (cut.by === "actor_type") key += `|${actorTypeOf(fact) ?? ""}`;
      let group = groups.get(key);
      if (group === undefined) {
        group = emptyGroup(key, bucket, fact, cut);
        groups.set(key, group);
      }
      group.requests += fact.requests;
      group.searches += fact.searches;
      addTo(group.tokens, fact.tokens);
      addTo(group.list, fact.list);
      addTo(group.net, fact.net);
    }
  }
  return [...groups.values()];
}

function emptyGroup(key: string, bucket: number, fact: Fact, cut: Cut): Group {
  return {
    key,
    bucket,
    values: Object.fromEntries(cut.dimensions.map((name) => [name, fact.dimensions[name]])),
    member: cut.by === "actor" ? fact.member : undefined,
    apiKey: cut.by === "actor" && fact.member === undefined ? fact.dimensions.api_key_id : null,
    actorType: cut.by === undefined ? null : actorTypeOf(fact),
    requests: 0,
    searches: 0,
    tokens: [0, 0, 0, 0, 0],
    list: [0, 0, 0, 0, 0, 0, 0],
    net: [0, 0, 0, 0, 0, 0, 0],
  };
}

export function actorTypeOf(fact: Fact): Group["actorType"] {
  return fact.member !== undefined ? "user_actor" : fact.dimensions.api_key_id !== null ? "api_actor" : null;
}

function addTo(sums: number[], amounts: readonly number[]): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (amounts[i] ?? 0);
}

type Metric = (group: Group) => number;

export const METRICS = {
  total_tokens: (group) => total(group.tokens),
  uncached_input_tokens: (group) => group.tokens[0] ?? 0,
  output_tokens: (group) => group.tokens[1] ?? 0,
  requests: (group) => group.requests,
  amount: (group) => total(group.net),
  list_amount: (group) => total(group.list),
} as const satisfies Record<string, Metric>;
export type MetricName = keyof typeof METRICS;

/** Ties by the key, so that pages never overlap. */
export function byMetric(name: MetricName, order: "asc" | "desc" = "desc"): (a: Group, b: Group) => number {
  const metric = METRICS[name];
  const sign = order === "asc" ? 1 : -1;
  return (a, b) => sign * (metric(a) - metric(b)) || (a.key < b.key ? -1 : 1);
}

/** The tokens, searches and requests of a usage row. */
export function usageOf(group: Group) {
  const [input = 0, output = 0, read = 0, write5m = 0, write1h = 0] = group.tokens;
  return {
    uncached_input_tokens: input,
    cache_creation: { ephemeral_1h_input_tokens: write1h, ephemeral_5m_input_tokens: write5m },
    cache_read_input_tokens: read,
    output_tokens: output,
    requests: group.requests,
    server_tool_use: { web_search_requests: group.searches },
  };
}

export interface CostRow {
  readonly cost_type: string | null;
  readonly token_type: string | null;
  readonly amount: string;
  readonly list_amount: string;
  readonly currency: "USD";
  readonly requests: number | null;
}

/**
 * One row, or one a component with cost: by token type alone only tokens' cost is there, by both everything is.
 */
export function costsOf(group: Group, byCostType: boolean, byTokenType: boolean): CostRow[] {
  if (!byCostType && !byTokenType) {
    const money = { amount: centsText(total(group.net)), list_amount: centsText(total(group.list)) };
    return [{ cost_type: null, token_type: null, ...money, currency: "USD", requests: group.requests }];
  }
  const parts = new Map<string, { cost_type: string; token_type: string | null; net: number; list: number }>();
  for (const [i, { cost_type, token_type }] of COMPONENTS.entries()) {
    const list = group.list[i] ?? 0;
    if (list === 0 || (!byCostType && token_type === null)) continue;
    const key = byTokenType && token_type !== null ? token_type : cost_type;
    const part = parts.get(key) ?? { cost_type, token_type: byTokenType ? token_type : null, net: 0, list: 0 };
    part.net += group.net[i] ?? 0;
    part.list += list;
    parts.set(key, part);
  }
  return [...parts.values()].map(({ cost_type, token_type, net, list }) => ({
    cost_type,
    token_type,
    amount: centsText(net),
    list_amount: centsText(list),
    currency: "USD",
    requests: null,
  }));
}

/** Fractional cents with all six decimals, from millionths. */
export function centsText(millionths: number): string {
  return `${Math.floor(millionths / 1_000_000)}.${String(millionths % 1_000_000).padStart(6, "0")}`;
}
