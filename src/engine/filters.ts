import { badParameter } from "../errors.ts";
import type { Dimension, FilterName, Filters, ProviderSupport } from "../providers/provider.ts";
import type { Query, QueryParam } from "../usage/query.ts";
import type { Usage } from "../usage/row.ts";

/** What a row must show for the engine to filter it. */
export const FILTER_DIMENSIONS = {
  product_ids: "product",
  user_ids: "user",
  model_ids: "model",
  surfaces: "surface",
  api_key_ids: "resource",
} as const satisfies Record<FilterName, Dimension>;

/** What callers know a filter by, where it has another name. */
const PARAMETERS: Partial<Record<FilterName, QueryParam>> = { api_key_ids: "api_key_id" };

const NAMES = Object.keys(FILTER_DIMENSIONS) as FilterName[];

/** The filters of a query, in the vendor's own words where it has other ones: `code` is `claude_code`. */
export function readFilters(
  query: Partial<Pick<Query, "product_ids" | "user_ids" | "user_id" | "model_ids" | "surfaces" | "api_key_id">>,
  { aliases }: Pick<ProviderSupport, "aliases">,
): Filters {
  const given: Record<FilterName, readonly string[] | undefined> = {
    product_ids: query.product_ids,
    user_ids: query.user_ids ?? (query.user_id === undefined ? undefined : [query.user_id]),
    model_ids: query.model_ids,
    surfaces: query.surfaces,
    api_key_ids: query.api_key_id === undefined ? undefined : [query.api_key_id],
  };
  const filters: Filters = {};
  for (const name of NAMES) {
    const values = given[name]?.map((value) => value.trim());
    if (values?.includes(""))
      throw badParameter(PARAMETERS[name] ?? name, "it holds an empty value; leave it out, or say which.");
    if (values) filters[name] = [...new Set(values)];
  }
  return translated(filters, { ...(aliases ? { aliases } : {}) });
}

/** The same filters in the words of one vendor. */
export function translated(filters: Filters, { aliases }: Pick<ProviderSupport, "aliases">): Filters {
  const own: Filters = {};
  for (const name of namesOf(filters)) {
    const known = new Map(Object.entries(aliases?.[name] ?? {}));
    own[name] = (filters[name] ?? []).map((value) => known.get(value.toLowerCase()) ?? value);
  }
  return own;
}

export function namesOf(filters: Filters): FilterName[] {
  return NAMES.filter((name) => filters[name] !== undefined);
}

/** What the vendor does not filter by itself. In lower case, as `passes` compares. */
export function remaining(filters: Filters, done: readonly FilterName[] = []): Filters {
  const left: Filters = {};
  for (const name of namesOf(filters)) {
    const values = filters[name];
    if (values && !done.includes(name)) left[name] = values.map((value) => value.toLowerCase());
  }
  return left;
}

/** Whether a row has one of the values of every filter. A row that does not say passes none. */
export function passes(row: Usage, filters: Filters): boolean {
  for (const name of NAMES) {
    const wanted = filters[name];
    if (wanted && !valuesOf(row, name).some((value) => value !== undefined && wanted.includes(value.toLowerCase())))
      return false;
  }
  return true;
}

/** What a filter compares with, the value that people know first. */
export function valuesOf(row: Usage, name: FilterName): (string | undefined)[] {
  switch (name) {
    case "product_ids":
      return [row.product?.id, row.product?.name];
    case "user_ids":
      return [row.user?.email, row.user?.id];
    case "model_ids":
      return [row.model?.id];
    case "surfaces":
      return [row.surface];
    case "api_key_ids":
      return (row.resources ?? []).map(({ id }) => id);
  }
}
