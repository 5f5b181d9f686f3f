import { UNATTRIBUTED } from "./lines.ts";

/** What a vendor counts of models' use. `input` is what was not read from a cache and not written to one. */
export interface Tokens {
  account: string;
  provider: string;
  day: string;
  product?: string | undefined;
  model?: string | undefined;
  user?: string | undefined;
  input?: number | undefined;
  output?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
  requests?: number | undefined;
}

export type Count = "input" | "output" | "cacheRead" | "cacheWrite" | "requests";

/** A sum over the rows that say; none does: undefined. */
export function count(rows: readonly Tokens[], what: Count): number | undefined {
  const known = rows.flatMap((row) => row[what] ?? []);
  return known.length === 0 ? undefined : known.reduce((all, value) => all + value, 0);
}

export function allTokens(rows: readonly Tokens[]): number {
  return (["input", "output", "cacheRead", "cacheWrite"] as const).reduce(
    (all, kind) => all + (count(rows, kind) ?? 0),
    0,
  );
}

export function tokensBy(rows: readonly Tokens[], by: "provider" | "model" | "user" | "day" | "account") {
  const groups = new Map<string, Tokens[]>();
  for (const row of rows) {
    const key = row[by] ?? UNATTRIBUTED;
    const known = groups.get(key);
    if (known) known.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
