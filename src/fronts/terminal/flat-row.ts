import { FIELD_PATHS, valueAt } from "../../engine/fields.ts";
import { CHARGE_TYPES } from "../../usage/row.ts";
import type { Cell } from "./csv.ts";

type Item = Readonly<Record<string, unknown>>;

const CHARGE_COLUMNS = [...CHARGE_TYPES.map((type) => `charges.${type}`), "charges.currency"];

/**
 * The columns of every unified row, in the schema's order, the same for every vendor and page. `charges` and `resources`
 * hold the whole list, as JSON, where the columns beside them can't say all of it.
 */
export const ROW_COLUMNS: readonly string[] = FIELD_PATHS.flatMap((path) => {
  if (path === "remote_data" || path.startsWith("charges[]")) return [];
  if (path === "charges") return [...CHARGE_COLUMNS, "charges"];
  const isLeaf = !FIELD_PATHS.some((other) => other.startsWith(`${path}.`));
  return isLeaf || path === "resources" ? [path.replaceAll("[]", "")] : [];
});

/** A unified row as the cells of {@link ROW_COLUMNS}. */
export function flatRow(row: Item): Cell[] {
  const charges = chargeCells(row["charges"]);
  return ROW_COLUMNS.map((column) => {
    if (charges.has(column)) return charges.get(column);
    if (column === "resources") return several(row["resources"]);
    return column === "charges" || column.startsWith("charges.") ? undefined : cell(valueAt(row, column));
  });
}

/** One column a charge type, where each comes once and in one currency; else the list alone, so that nothing is half said. */
function chargeCells(charges: unknown): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  if (!Array.isArray(charges) || charges.length === 0) return cells;
  for (const charge of charges) {
    const [type, amount, currency] = ["type", "amount", "currency"].map((name) => valueAt(charge, name));
    const column = `charges.${String(type)}`;
    const known = cells.get("charges.currency");
    const fits =
      CHARGE_COLUMNS.includes(column) &&
      !cells.has(column) &&
      typeof amount === "number" &&
      typeof currency === "string" &&
      (known === undefined || known === currency);
    if (!fits) return new Map([["charges", JSON.stringify(charges)]]);
    cells.set(column, amount);
    cells.set("charges.currency", currency);
  }
  return cells;
}

function several(list: unknown): Cell {
  return Array.isArray(list) && list.length > 1 ? JSON.stringify(list) : undefined;
}

/** Items of any shape (a vendor's own, in the raw format): the paths of all their values, in the order they are met. */
export function flatItems(items: readonly Item[]): { columns: string[]; rows: Cell[][] } {
  const flat = items.map((item) => new Map(leaves(item, "")));
  const columns = [...new Set(flat.flatMap((row) => [...row.keys()]))];
  return { columns, rows: flat.map((row) => columns.map((column) => row.get(column))) };
}

function leaves(item: Item, prefix: string): [string, Cell][] {
  return Object.entries(item).flatMap(([name, value]): [string, Cell][] => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const members = isItem(value) ? leaves(value, path) : [];
    return members.length > 0 ? members : [[path, cell(value)]];
  });
}

/** Lists and bags stay whole, as JSON. */
function cell(value: unknown): Cell {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

function isItem(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
