import type { Filters } from "../providers/provider.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import { UNATTRIBUTED } from "./dimension.ts";
import { FILTER_DIMENSIONS, namesOf } from "./filters.ts";

type FilterDimension = "product" | "user" | "model" | "surface";

const MOST = 15;

/**
 * What there is, when nothing passed the filters.
 * @param ask the values of a dimension without any filter, the largest first
 */
export async function existingHint(
  noun: "cost" | "usage",
  filters: Filters,
  ask: (dimension: FilterDimension) => Promise<readonly string[]>,
): Promise<string> {
  const sentences = [`No ${noun} matches the filters.`];
  for (const name of namesOf(filters)) {
    if (name === "api_key_ids") continue;
    const values = (await ask(FILTER_DIMENSIONS[name])).filter((value) => value !== UNATTRIBUTED);
    const given = filters[name] ?? [];
    const missing = given.filter((value) => !values.some((known) => known.toLowerCase() === value.toLowerCase()));
    const there = values.length === 0 ? "nothing can be told apart by it" : `there is ${listed(values, MOST)}`;
    const [first = ""] = missing;
    sentences.push(
      `${name}: ${missing.length === 0 ? "each is there, but not with the other filters" : `${listed(missing.map(shown), 5)} is not there; ${there}`}.${didYouMean(first, values)}`,
    );
  }
  return sentences.join(" ");
}
