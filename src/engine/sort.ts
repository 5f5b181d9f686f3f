import { badParameter } from "../errors.ts";
import type { ReportSupport } from "../providers/provider.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import { type Amount, decimal } from "../usage/money.ts";
import type { Query, Sort } from "../usage/query.ts";
import { billed, CHARGE_TYPES, type Usage } from "../usage/row.ts";
import { NUMBER_PATHS, valueAt } from "./fields.ts";

type Key = string | Amount | undefined;

/** Names for sort_by, and where each is in a row. */
const TEXT_KEYS: Readonly<Record<string, string>> = {
  id: "id",
  start_date: "start_date",
  end_date: "end_date",
  product: "product.id",
  organization: "organization.id",
  resource: "resources.id",
  workspace: "resources.workspace.id",
  metric_name: "metric_name",
  model: "model.id",
  surface: "surface",
  user: "user.email",
};
const DATES = ["id", "start_date", "end_date"];
const MONEY = ["net", "gross"];

/** @throws UsageError (question) naming what the report's rows can be sorted by */
export function readSort(query: Query, served: ReportSupport): Sort | undefined {
  if (query.sort_by === undefined) {
    if (query.sort_order !== undefined)
      throw badParameter("sort_order", "says which way, but not by what; add sort_by.");
    return undefined;
  }
  const by = query.sort_by
    .toLowerCase()
    .replace(/^usage\./, "")
    .replace(/^charges\./, "");
  const known = sortKeys(served);
  if (!known.includes(by)) {
    throw badParameter(
      "sort_by",
      `these rows can't be sorted by ${shown(query.sort_by)}; they can by ${listed(known)}.${didYouMean(by, known)}`,
    );
  }
  return { by, order: query.sort_order ?? (by in TEXT_KEYS ? "asc" : "desc") };
}

/** What sort_by takes for a report. */
export function sortKeys(served: ReportSupport): string[] {
  const fields = new Set(served.fields);
  const money = fields.has("charges") ? [...MONEY, ...CHARGE_TYPES.filter((type) => type !== "net")] : [];
  const texts = Object.keys(TEXT_KEYS).filter(
    (key) => DATES.includes(key) || served.dimensions.some((dimension) => dimension === key),
  );
  // Numbers only: a sort by `tokens` as a whole, or by a flag, would leave the rows as they are.
  const counts = [...fields]
    .filter((field) => field.startsWith("usage.") && NUMBER_PATHS.has(field))
    .map((field) => field.slice("usage.".length));
  return [...texts, ...money, ...counts];
}

/** Orders rows: by the key, rows without it last, equals by start and id, so that the order never depends on the vendor's. */
export function comparer(sort: Sort): (a: Usage, b: Usage) => number {
  return (a, b) => compareKeys(keyOf(a, sort.by), keyOf(b, sort.by), sort.order) || byStart(a, b);
}

/** A row's place in the order, as texts that a cursor can carry: its id, its start, what it is sorted by. */
export function placeOf(row: Usage, sort: Sort | undefined): string[] {
  const key = sort ? keyOf(row, sort.by) : undefined;
  return [row.id, row.start_date ?? "", ...(key === undefined ? [] : [String(key)])];
}

/** Whether a row comes after a place, wherever the row that was given there is now. */
export function isBehind(row: Usage, [id = "", start = "", key]: readonly string[], sort: Sort | undefined): boolean {
  const there = key === undefined || !sort || sort.by in TEXT_KEYS ? key : decimal(key);
  const byKey = sort ? compareKeys(keyOf(row, sort.by), there, sort.order) : 0;
  return (byKey || compareText(row.start_date ?? "", start) || compareText(row.id, id)) > 0;
}

function keyOf(row: Usage, by: string): Key {
  const path = TEXT_KEYS[by];
  if (path !== undefined) {
    const value = valueAt(row, path);
    return typeof value === "string" ? value : undefined;
  }
  if (by === "net" || by === "gross") return billed(row)?.[by];
  const charge = row.charges?.find(({ type }) => type === by);
  if (charge) return charge.amount;
  const count = valueAt(row.usage, by);
  return typeof count === "number" ? decimal(count) : undefined;
}

function compareKeys(x: Key, y: Key, order: Sort["order"]): number {
  if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
  const ascending = typeof x === "string" || typeof y === "string" ? compareText(String(x), String(y)) : x.compare(y);
  return order === "asc" ? ascending : -ascending;
}

export function byStart(a: Usage, b: Usage): number {
  return compareText(a.start_date ?? "", b.start_date ?? "") || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
