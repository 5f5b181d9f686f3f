import type { Dimension } from "../providers/provider.ts";
import type { Usage } from "../usage/row.ts";

/** A row, or what stands in it for one value of charge_type or token_type. */
export interface Part {
  row: Usage;
  values: { charge_type?: string; token_type?: string };
}

/** Every kind of token once: `cache_write` only where it is not split by its lifetime, `total` never. */
const TOKEN_KINDS = [
  "input",
  "output",
  "cache_read",
  "cache_write_ephemeral_5m",
  "cache_write_ephemeral_1h",
  "cache_write",
] as const;

/** The row as it is, or its charges and tokens apart, where rows are told apart by them. */
export function partsOf(row: Usage, by: readonly Dimension[]): Part[] {
  const parts = by.includes("charge_type") ? byCharge(row) : [{ row, values: {} }];
  return by.includes("token_type") ? parts.flatMap(byToken) : parts;
}

/** One row per charge. Counts belong to none of them and are left out. */
function byCharge(row: Usage): Part[] {
  const { usage: _usage, unit: _unit, charges = [], ...rest } = row;
  if (charges.length === 0) return [{ row, values: {} }];
  return charges.map((charge) => ({ row: { ...rest, charges: [charge] }, values: { charge_type: charge.type } }));
}

/** One row per kind of token, its quantity the tokens. What else a row counts or charges belongs to none of them. */
function byToken({ row, values }: Part): Part[] {
  const { tokens } = row.usage ?? {};
  if (!tokens) return [{ row, values }];
  const { usage: _usage, unit: _unit, charges: _charges, ...rest } = row;
  const split = tokens.cache_write_ephemeral_5m !== undefined || tokens.cache_write_ephemeral_1h !== undefined;
  return TOKEN_KINDS.flatMap((kind): Part[] => {
    const tokensOfKind = kind === "cache_write" && split ? undefined : tokens[kind];
    if (tokensOfKind === undefined) return [];
    const usage = { tokens: { [kind]: tokensOfKind }, quantity: tokensOfKind };
    return [
      {
        row: { ...rest, metric_name: `tokens.${kind}`, usage, unit: "token" },
        values: { ...values, token_type: kind },
      },
    ];
  });
}
