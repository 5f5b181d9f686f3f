import { table } from "table";
import { styled } from "./output.ts";
import { plainText } from "./plain-text.ts";

/** A column of a table for people: its heading and its cells, top to bottom. */
export interface Column {
  heading: string;
  cells: readonly string[];
  /** Numbers stand right-aligned, with their decimal points in line. */
  numeric?: boolean;
  /** May be left out where the terminal is too narrow; those that stand last go first. */
  optional?: boolean;
}

const GAP = 2;
const NARROWEST = 10;
const LINES = {
  bodyLeft: "",
  bodyRight: "",
  bodyJoin: "  ",
  joinLeft: "",
  joinRight: "",
  joinBody: "─",
  joinJoin: "  ",
};

/** Columns that hold anything. */
export function filledColumns(columns: readonly Column[]): Column[] {
  return columns.filter(({ cells }) => cells.some((cell) => cell !== ""));
}

/**
 * An aligned table with a trailing newline; an empty text when it has no columns. Cells are vendors' text: they are made
 * plain here, so no table can carry an escape sequence.
 * @param width wraps text cells so that the lines fit; without it every row is one line
 */
export function textTable(columns: readonly Column[], width?: number): string {
  if (columns.length === 0) return "";
  const drawn = columns.map(drawnColumn);
  const widths = fittedWidths(drawn, width);
  const rows = Array.from({ length: Math.max(...drawn.map(({ cells }) => cells.length)) }, (_, index) =>
    drawn.map(({ cells }) => cells[index] ?? ""),
  );
  const heads = drawn.map(({ heading }) => styled("bold", heading, process.stdout));
  const text = table([heads, ...rows], {
    border: LINES,
    columnDefault: { paddingLeft: 0, paddingRight: 0 },
    columns: drawn.map(({ numeric }, index) => ({
      alignment: numeric ? "right" : "left",
      width: widths[index] ?? NARROWEST,
      // Wrapping by words would trim the spaces behind a number, which keep its decimal point in line.
      wrapWord: !numeric,
    })),
    drawHorizontalLine: (index) => index === 1,
  });
  return text.replace(/ +$/gm, "");
}

/** The columns that fit into the width when text is wrapped, and the headings of the optional ones that don't. */
export function fittingColumns(
  columns: readonly Column[],
  width: number | undefined,
): { columns: Column[]; left: string[] } {
  const kept = [...columns];
  const left: string[] = [];
  if (width === undefined) return { columns: kept, left };
  const needed = () => totalWidth(kept.map((column) => leastWidth(drawnColumn(column))));
  while (needed() > width) {
    const last = kept.findLastIndex(({ optional }) => optional);
    if (last < 0) break;
    left.unshift(...kept.splice(last, 1).map(({ heading }) => heading));
  }
  return { columns: kept, left };
}

function drawnColumn({ heading, cells, numeric }: Column): Column {
  const plain = cells.map(plainText);
  return { heading: plainText(heading), cells: numeric ? inLine(plain) : plain, ...(numeric ? { numeric } : {}) };
}

/** Pads numbers on their right, so that the decimal points stand in line. */
function inLine(cells: readonly string[]): string[] {
  const decimals = cells.map((cell) => /\.\d*%?$|%$/.exec(cell)?.[0].length ?? 0);
  const most = Math.max(0, ...decimals);
  return cells.map((cell, index) => (cell === "" ? cell : cell + " ".repeat(most - (decimals[index] ?? 0))));
}

function fittedWidths(columns: readonly Column[], width: number | undefined): number[] {
  const widths = columns.map(naturalWidth);
  if (width === undefined) return widths;
  while (totalWidth(widths) > width) {
    let widest: number | undefined;
    for (const [index, own] of widths.entries()) {
      const column = columns[index];
      if (column && own > leastWidth(column) && (widest === undefined || own > (widths[widest] ?? 0))) widest = index;
    }
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, own) => sum + own + GAP, -GAP);
}

function naturalWidth({ heading, cells }: Column): number {
  return cells.reduce((most, cell) => Math.max(most, displayWidth(cell)), Math.max(1, displayWidth(heading)));
}

/** Numbers are never wrapped. */
function leastWidth(column: Column): number {
  const natural = naturalWidth(column);
  return column.numeric ? natural : Math.min(natural, Math.max(NARROWEST, displayWidth(column.heading)));
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}
