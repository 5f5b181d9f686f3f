import { exactUnits, numeral } from "../../usage/exact-sum.ts";

/**
 * What a vendor bills, as its own answer says it: the plainest form that sums can be taken of. Amounts are whole numbers of
 * 10^-24 of the currency's unit, so that nothing is rounded before it is compared.
 */
export interface Line {
  account: string;
  provider: string;
  /** First day, `YYYY-MM-DD`; a line of a month has the first of the month. */
  day: string;
  currency: string;
  net: bigint;
  gross: bigint;
  /** Parts and views of the amount that an answer shows beside net and gross. */
  parts?: Readonly<Record<string, bigint>>;
  product?: string | undefined;
  model?: string | undefined;
  user?: string | undefined;
  surface?: string | undefined;
  resource?: string | undefined;
  workspace?: string | undefined;
  organization?: string | undefined;
  metric?: string | undefined;
  quantity?: number | undefined;
  unit?: string | undefined;
}

/** A half-open range of UTC days. */
export interface Days {
  start: string;
  end: string;
}

export const UNATTRIBUTED = "unattributed";
const HUNDRED = 100n;

/** Dollars, by their digits. */
export const dollars = exactUnits;

/** Cents, which both Claude and Cursor state, in units of 10^-24 dollars. */
export function cents(value: number | string): bigint {
  const units = exactUnits(value);
  if (units % HUNDRED !== 0n) throw new Error(`${value} cents are finer than 10^-24 dollars`);
  return units / HUNDRED;
}

/** The JSON number that an exact sum must be written as. */
export function written(units: bigint): number {
  return Number(numeral(units));
}

export function sum(values: Iterable<bigint>): bigint {
  let all = 0n;
  for (const value of values) all += value;
  return all;
}

export interface Money {
  currency: string;
  net: number;
  gross: number;
}

function exact(lines: readonly Line[]): { net: bigint; gross: bigint } {
  return { net: sum(lines.map(({ net }) => net)), gross: sum(lines.map(({ gross }) => gross)) };
}

/** Net and gross of lines in one currency. */
export function total(lines: readonly Line[]): Money {
  const [first] = lines;
  if (lines.some(({ currency }) => currency !== first?.currency)) throw new Error("currencies are never added");
  const { net, gross } = exact(lines);
  return { currency: first?.currency ?? "USD", net: written(net), gross: written(gross) };
}

/** The total with its parts by charge type. */
export function totalWithParts(lines: readonly Line[]): Record<string, unknown> {
  const types = [...new Set(lines.flatMap(({ parts }) => Object.keys(parts ?? {})))];
  const amounts = types.map((type) => [type, written(sum(lines.map(({ parts }) => parts?.[type] ?? 0n)))]);
  return { ...total(lines), ...Object.fromEntries(amounts) };
}

export type Tag = (line: Line) => string | undefined;

/** What lines can be told apart by, under the names that an answer's keys have. */
export const BY = {
  account: ({ account }) => account,
  provider: ({ provider }) => provider,
  product: ({ product }) => product,
  model: ({ model }) => model,
  user: ({ user }) => user,
  surface: ({ surface }) => surface,
  resource: ({ resource }) => resource,
  workspace: ({ workspace }) => workspace,
  organization: ({ organization }) => organization,
  metric_name: ({ metric }) => metric,
  day: ({ day }) => day,
  month: ({ day }) => day.slice(0, 7),
} satisfies Record<string, Tag>;
export type By = keyof typeof BY;

export interface Group extends Money {
  key: Record<string, string>;
}

const keyText = (by: readonly By[], line: Line) => JSON.stringify(by.map((name) => BY[name](line) ?? UNATTRIBUTED));

/** Lines by their key. What no vendor says stands under `unattributed`. */
export function split(lines: readonly Line[], by: readonly By[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const key = keyText(by, line);
    const known = groups.get(key);
    if (known) known.push(line);
    else groups.set(key, [line]);
  }
  return groups;
}

export function keyOf(by: readonly By[], text: string): Record<string, string> {
  const values: string[] = JSON.parse(text);
  return Object.fromEntries(by.map((name, index) => [name, values[index] ?? UNATTRIBUTED]));
}

/** Groups, the dearest first; of the same price, in the order of their keys. */
export function groups(lines: readonly Line[], ...by: By[]): Group[] {
  return [...split(lines, by)]
    .map(([text, members]) => ({ text, members, ...exact(members) }))
    .sort((a, b) => (a.net === b.net ? (a.text < b.text ? -1 : 1) : a.net < b.net ? 1 : -1))
    .map(({ text, members }) => ({ key: keyOf(by, text), ...total(members) }));
}

/** Every day of a range, in order. */
export function daysOf({ start, end }: Days): string[] {
  const days: string[] = [];
  for (let at = Date.parse(start); at < Date.parse(end); at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

export function within<T extends { day: string }>(lines: readonly T[], { start, end }: Days): T[] {
  return lines.filter(({ day }) => day >= start && day < end);
}
