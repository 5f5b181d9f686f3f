/**
 * What of a question's filters and groups a vendor endpoint does by itself. A filter goes on the wire only when the endpoint
 * is known to take every value of it; else the engine passes the rows, and they are grouped so that they show what it looks at.
 */
import type { Dimension, FilterName, Filters, Question } from "../provider.ts";
import { wantedProducts } from "./products.ts";
import type { Pair } from "./wire.ts";

/** The vendor takes 100 values, in places for all filters together. */
export const MOST_VALUES = 90;

/** A filter as an endpoint takes it. */
export interface WireFilter {
  names: readonly FilterName[];
  values(filters: Filters): readonly string[] | undefined;
  takes(value: string): boolean;
  pair(value: string): Pair;
  /** The group by which rows show what is filtered by; absent where they show it anyway. */
  group?: string;
}

export interface WireAsked {
  pairs: Pair[];
  /** Filters that are on the wire. */
  done: FilterName[];
  /** Groups that rows must have for the filters that are not. */
  show: string[];
  /** No value is left to be looked for. */
  nothing: boolean;
}

export function wireFilters({ filters }: Question, known: readonly WireFilter[]): WireAsked {
  const asked: WireAsked = { pairs: [], done: [], show: [], nothing: false };
  for (const { names, values, takes, pair, group } of known) {
    const wanted = values(filters);
    if (!wanted) continue;
    if (wanted.length === 0) asked.nothing = true;
    if (wanted.length > 0 && wanted.length <= MOST_VALUES && wanted.every(takes)) {
      asked.pairs.push(...wanted.map(pair));
      asked.done.push(...names.filter((name) => filters[name] !== undefined));
    } else if (group !== undefined) asked.show.push(group);
  }
  return asked;
}

/** Filters that are not on the wire, for the engine. */
export function filtersLeft({ filters }: Question, { done }: WireAsked): FilterName[] {
  const names: FilterName[] = ["product_ids", "user_ids", "model_ids", "surfaces", "api_key_ids"];
  return names.filter((name) => filters[name] !== undefined && !done.includes(name));
}

/** @param products those that the endpoint's filter takes, in our spelling @param group the group that shows them */
export function productFilter(
  products: readonly string[],
  pair: (product: string) => Pair,
  group?: string,
): WireFilter {
  return {
    names: ["product_ids", "surfaces"],
    values: wantedProducts,
    takes: (value) => products.includes(value),
    pair,
    ...(group === undefined ? {} : { group }),
  };
}

/** Ids of a certain form; others (e-mails) are left to the engine. */
export function idFilter(name: FilterName, form: RegExp, pair: (value: string) => Pair, group?: string): WireFilter {
  return {
    names: [name],
    values: (filters) => filters[name],
    takes: (value) => form.test(value),
    pair,
    ...(group === undefined ? {} : { group }),
  };
}

export const MODELS: WireFilter = {
  names: ["model_ids"],
  values: ({ model_ids }) => model_ids?.map((model) => model.trim().toLowerCase()),
  takes: () => true,
  pair: (model) => ["models[]", model],
  group: "model",
};

/** The vendor's words for dimensions. An empty list: every row of the report has it as it is, without a group. */
export type WireGroups = Partial<Record<Dimension, readonly string[]>>;

/** The groups that go on the wire: those asked for, or the usual ones, and those that filters must see. */
export function wireGroups(
  { groupBy }: Question,
  known: WireGroups,
  usual: readonly string[],
  show: readonly string[],
): string[] {
  const asked = groupBy ? groupBy.flatMap((dimension) => known[dimension] ?? []) : usual;
  return [...new Set([...asked, ...show])];
}

/** Whether the wire's groups are just those asked for: then there is one row a group and bucket. */
export function groupsDone(
  { groupBy, granularity = "day", remoteQuery }: Question,
  known: WireGroups,
  show: readonly string[],
): boolean {
  if (groupBy === undefined || remoteQuery.some(([name]) => name.startsWith("group_by"))) return false;
  const asked = new Set(groupBy.flatMap((dimension) => known[dimension] ?? []));
  return (
    groupBy.every((dimension) => (dimension === "day" ? granularity === "day" : known[dimension] !== undefined)) &&
    show.every((group) => asked.has(group))
  );
}

/** The size of pages that are counted in rows: what is wanted, where that is known. */
export function rowLimit({ wanted }: Question, most: number): number {
  return wanted === undefined ? most : Math.min(Math.max(1, wanted), most);
}
