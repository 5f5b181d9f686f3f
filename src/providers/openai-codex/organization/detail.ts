/** What a question needs of the organization's APIs: which sources are read, and what their results are told apart by. */
import type { Dimension, FilterName, Question } from "../../provider.ts";
import { FAMILIES, FAMILY_FILTERS, type Family, GROUPS, type Group } from "./families.ts";
import { COSTS } from "./wire.ts";

/** What a page is asked of: a family of usage; costs have none. */
export interface Source {
  id: string;
  family?: Family;
}

/** What costs are told apart by; a line item holds model and kind of tokens. */
export type CostGroup = "project_id" | "user_id" | "api_key_id" | "line_item";
const COST_GROUPS: readonly CostGroup[] = ["project_id", "user_id", "api_key_id", "line_item"];

const USAGE_GROUP_OF: Partial<Record<Dimension, Group>> = {
  workspace: "project_id",
  user: "user_id",
  resource: "api_key_id",
  model: "model",
};

const COST_GROUP_OF: Partial<Record<Dimension, CostGroup>> = {
  workspace: "project_id",
  user: "user_id",
  resource: "api_key_id",
  model: "line_item",
  metric_name: "line_item",
  charge_type: "line_item",
};

/** The sources of a question's report, in the order in which they are read. */
export function sourcesOf(question: Question): Source[] {
  const { report } = question;
  if (isCost(question)) return [{ id: COSTS }];
  const families = FAMILIES.filter((family) => belongs(family, question)).map((family) => ({ id: family.id, family }));
  return report === "summary" && !hasFamilyFilter(question) && isWanted(question, COST_PRODUCT)
    ? [...families, { id: COSTS }]
    : families;
}

function isCost({ report }: Question): boolean {
  return report === "cost" || report === "user_cost";
}

type Product = { id: string; name: string };

export const COST_PRODUCT: Product = { id: "openai_api", name: "OpenAI API" };

/** Bytes kept would be among the question's rows, were they not summed over time. */
export function leavesOutStock(question: Question): boolean {
  return (
    !isCost(question) &&
    sumsOverTime(question) &&
    FAMILIES.some((family) => family.measure.kind === "stock" && fits(family, question))
  );
}

function belongs(family: Family, question: Question): boolean {
  return fits(family, question) && !(family.measure.kind === "stock" && sumsOverTime(question));
}

function fits(family: Family, question: Question): boolean {
  const { report } = question;
  if (report === "activity" && family.id !== "completions") return false;
  if (report === "user_usage" && !family.groups.includes("user_id")) return false;
  return isWanted(question, family) && filterNames(question).every((name) => family.filters.includes(name));
}

/** By id or name, as products are filtered everywhere. What is no product of ours is left to the engine, which says so. */
function isWanted(question: Question, product: Product): boolean {
  const { product_ids } = question.filters;
  return product_ids === undefined || !namesProducts(question) || isAmong(product, product_ids);
}

function namesProducts({ report, filters }: Question): boolean {
  const products: readonly Product[] = report === "summary" ? [...FAMILIES, COST_PRODUCT] : FAMILIES;
  return products.some((product) => isAmong(product, filters.product_ids ?? []));
}

function isAmong({ id, name }: Product, words: readonly string[]): boolean {
  return words.some((word) => [id, name].some((own) => own.toLowerCase() === word.toLowerCase()));
}

function hasFamilyFilter(question: Question): boolean {
  return filterNames(question).length > 0;
}

/** The filters of a question that not all families have, by the vendor's names. */
function filterNames({ filters, remoteQuery }: Question): string[] {
  const own = remoteQuery.map(([name]) => name.replace(/\[\d*\]$/, "")).filter((name) => FAMILY_FILTERS.has(name));
  return [
    ...own,
    ...(filters.user_ids ? ["user_ids"] : []),
    ...(filters.api_key_ids ? ["api_key_ids"] : []),
    ...(filters.model_ids ? ["models"] : []),
  ];
}

/** Its rows are summed over more than one bucket: what is no flow can't be among them. */
function sumsOverTime({ report, groupBy = [], granularity = "day" }: Question): boolean {
  return (
    report === "summary" ||
    groupBy.includes("week") ||
    groupBy.includes("month") ||
    (groupBy.includes("day") && granularity !== "day")
  );
}

/** Its rows are summed over families: a request must be counted in one of them only. */
function sumsOverFamilies(question: Question): boolean {
  return question.groupBy !== undefined && !tellsFamilies(question) && sourcesOf(question).length > 1;
}

/** A summary has a total over families, too, even where its groups tell them apart. */
export function countsOnce(question: Question): boolean {
  return sumsOverFamilies(question) || (question.sumsOnly === true && sourcesOf(question).length > 1);
}

/** Every family has a metric of its own. */
function tellsFamilies({ groupBy = [] }: Question): boolean {
  return groupBy.includes("product") || groupBy.includes("metric_name");
}

/** OpenAI filters by user id; an e-mail is matched on the rows, with the directory's help. */
export function emailsOf({ filters }: Question): string[] {
  return (filters.user_ids ?? []).filter((user) => user.includes("@"));
}

/** What a family's results are told apart by. */
export function groupsOf(question: Question, family: Family): Group[] {
  const wanted = new Set<Group>(wantedGroups(question));
  if (emailsOf(question).length > 0) wanted.add("user_id");
  return GROUPS.filter((group) => wanted.has(group) && family.groups.includes(group));
}

function wantedGroups({ report, groupBy }: Question): Group[] {
  if (groupBy && report !== "summary") return groupBy.flatMap((dimension) => USAGE_GROUP_OF[dimension] ?? []);
  switch (report) {
    case "activity":
    case "user_usage":
      return ["user_id", "model"];
    case "project_usage":
      return ["project_id", "model"];
    case "summary":
      return [];
    default:
      return ["project_id", "user_id", "api_key_id", "model"];
  }
}

export function costGroupsOf({ report, groupBy, filters }: Question): CostGroup[] {
  if (report === "summary") return [];
  const usual: CostGroup[] = report === "user_cost" ? ["user_id", "line_item"] : ["project_id", "line_item"];
  const wanted = new Set(groupBy ? groupBy.flatMap((dimension) => COST_GROUP_OF[dimension] ?? []) : usual);
  if (filters.user_ids) wanted.add("user_id");
  if (filters.model_ids) wanted.add("line_item");
  return COST_GROUPS.filter((group) => wanted.has(group));
}

/** The filters that OpenAI applies itself, or that choosing families does. */
export function nativeFilters(question: Question): FilterName[] {
  const { report } = question;
  if (isCost(question)) return ["api_key_ids"];
  const products: FilterName[] = namesProducts(question) ? ["product_ids"] : [];
  if (report === "summary") return products;
  return [...products, "model_ids", "api_key_ids", ...(emailsOf(question).length > 0 ? [] : ["user_ids" as const])];
}

const CONSTANT: readonly Dimension[] = ["provider", "account", "organization", "surface"];

/** OpenAI gives one row a group and bucket by itself: what its rows are told apart by is what was asked for. */
export function groupsNatively(question: Question): boolean {
  const { report, groupBy, granularity = "day", filters } = question;
  if (groupBy === undefined || report === "summary") return false;
  const costs = isCost(question);
  if (costs && (filters.user_ids || filters.model_ids || filters.product_ids)) return false;
  if (!costs && (sumsOverFamilies(question) || emailsOf(question).length > 0)) return false;
  const groups: readonly Dimension[] = costs
    ? ["product", "workspace", "user", "resource", "metric_name", "charge_type"]
    : ["product", "workspace", "user", "resource", "metric_name", "model"];
  return groupBy.every(
    (dimension) =>
      groups.includes(dimension) || CONSTANT.includes(dimension) || (dimension === "day" && granularity === "day"),
  );
}
