import type { Dimension } from "../providers/provider.ts";
import { billed, type Usage } from "../usage/row.ts";

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
  const [byCharge, byToken] = [by.includes("charge_type"), by.includes("token_type")];
  const charges = byCharge ? chargesOf(row) : [];
  const tokens = byToken ? tokensOf(row) : [];
  if (charges.length === 0 && tokens.length === 0) return [{ row, values: {} }];
  return [...charges, ...tokens, ...(byCharge ? [] : moneyOf(row))];
}

/** One row per charge. Counts belong to none of them and are left out; so is the total of a line without a gross, a credit. */
function chargesOf(row: Usage): Part[] {
  const { usage: _usage, unit: _unit, charges = [], ...rest } = row;
  const credit = billed(row)?.gross.isZero();
  const kept = credit ? charges.filter(({ type, amount }) => type !== "total" || amount.isZero()) : charges;
  return kept.map((charge) => ({ row: { ...rest, charges: [charge] }, values: { charge_type: charge.type } }));
}

/** One row per kind of token, its quantity the tokens. What else a row counts belongs to none of them and is left out. */
function tokensOf({ usage, unit: _unit, charges: _charges, ...rest }: Usage): Part[] {
  const { tokens } = usage ?? {};
  if (!tokens) return [];
  const split = tokens.cache_write_ephemeral_5m !== undefined || tokens.cache_write_ephemeral_1h !== undefined;
  return TOKEN_KINDS.flatMap((kind): Part[] => {
    const tokensOfKind = kind === "cache_write" && split ? undefined : tokens[kind];
    if (tokensOfKind === undefined) return [];
    return [
      {
        row: {
          ...rest,
          metric_name: `tokens.${kind}`,
          usage: { tokens: { [kind]: tokensOfKind }, quantity: tokensOfKind },
          unit: "token",
        },
        values: { token_type: kind },
      },
    ];
  });
}

/** Money has no kind of token, and is never dropped: it stands beside the tokens, without a kind. */
function moneyOf({ usage: _usage, unit: _unit, ...row }: Usage): Part[] {
  return row.charges ? [{ row, values: {} }] : [];
}
