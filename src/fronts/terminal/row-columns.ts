import { FIELD_PATHS, valueAt } from "../../engine/fields.ts";
import { CHARGE_TYPES } from "../../usage/row.ts";
import { amountText, exactNumber } from "./numbers.ts";
import { rowDate } from "./row-date.ts";
import { type Column, filledColumns } from "./text-table.ts";

type Item = Readonly<Record<string, unknown>>;

const TEXTS: readonly (readonly [heading: string, read: (row: Item) => string])[] = [
  ["date", (row) => rowDate(text(row, "start_date") ?? text(row, "created_at"), text(row, "end_date"))],
  ["product", (row) => text(row, "product.name") ?? text(row, "product.id") ?? ""],
  ["model", (row) => text(row, "model.id") ?? ""],
  ["surface", (row) => text(row, "surface") ?? ""],
  ["user", (row) => text(row, "user.email") ?? text(row, "user.name") ?? text(row, "user.id") ?? ""],
  ["organization", (row) => text(row, "organization.name") ?? text(row, "organization.id") ?? ""],
  ["resource", (row) => ofResources(row, (resource) => text(resource, "name") ?? text(resource, "id"))],
  [
    "workspace",
    (row) => ofResources(row, (resource) => text(resource, "workspace.name") ?? text(resource, "workspace.id")),
  ],
  ["metric", (row) => text(row, "metric_name") ?? ""],
];

const QUANTITY = "usage.quantity";
const COUNTS = FIELD_PATHS.filter((path) => path.startsWith("usage.") && path !== QUANTITY);
/** net first, then gross, then what they are made of. */
const CHARGES = ["net", "total", ...CHARGE_TYPES.filter((type) => type !== "net" && type !== "total")];

/** Unified rows as columns for people: those that hold anything, with all digits. Fields that are zero throughout are left out. */
export function rowColumns(rows: readonly Item[]): { columns: Column[]; zero: string[] } {
  const texts = TEXTS.map(([heading, read]): Column => ({ heading, cells: rows.map(read) }));
  const unit: Column = { heading: "unit", cells: rows.map((row) => text(row, "unit") ?? "") };
  const counts = filledColumns(COUNTS.map((path) => countColumn(rows, path, path.slice("usage.".length), true)));
  const isZero = ({ cells }: Column) => cells.every((cell) => ["", "0", "false"].includes(cell));
  const charges = CHARGES.map(
    (type): Column => ({
      heading: type === "total" ? "gross" : type,
      cells: rows.map((row) => amounts(row, type)),
      numeric: true,
    }),
  );
  const currency: Column = { heading: "currency", cells: rows.map(currencies) };
  return {
    columns: filledColumns([
      ...texts,
      countColumn(rows, QUANTITY, "quantity", false),
      unit,
      ...charges,
      currency,
      ...counts.filter((column) => !isZero(column)),
    ]),
    zero: counts.filter(isZero).map(({ heading }) => heading),
  };
}

function countColumn(rows: readonly Item[], path: string, heading: string, optional: boolean): Column {
  const cells = rows.map((row) => {
    const value = valueAt(row, path);
    return typeof value === "number"
      ? exactNumber(value)
      : typeof value === "string" || typeof value === "boolean"
        ? String(value)
        : "";
  });
  return { heading, cells, numeric: true, optional };
}

function chargesOf(row: Item): Item[] {
  const charges = row["charges"];
  return Array.isArray(charges) ? charges.filter(isItem) : [];
}

function amounts(row: Item, type: string): string {
  return chargesOf(row)
    .flatMap((charge) => (charge["type"] === type && typeof charge["amount"] === "number" ? [charge["amount"]] : []))
    .map(amountText)
    .join(" + ");
}

function currencies(row: Item): string {
  return [...new Set(chargesOf(row).flatMap((charge) => text(charge, "currency") ?? []))].join(" + ");
}

function ofResources(row: Item, read: (resource: Item) => string | undefined): string {
  const resources = row["resources"];
  const found = Array.isArray(resources) ? resources.filter(isItem).flatMap((resource) => read(resource) ?? []) : [];
  return [...new Set(found)].join(", ");
}

function text(item: Item, path: string): string | undefined {
  const value = valueAt(item, path);
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

function isItem(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
