import type { Account } from "../accounts/account.ts";
import type { CostDimension } from "../providers/provider.ts";
import { type Amount, ZERO } from "../usage/money.ts";
import { billed, type ChargeType, type Usage } from "../usage/row.ts";
import { type DimensionValue, dimensionOf, UNATTRIBUTED } from "./dimension.ts";

/** What a group, a total or an account comes to, in one currency. */
export interface Cost {
  currency: string;
  net: Amount;
  gross: Amount;
  rows: number;
}

export interface CostGroup extends Cost {
  /** By dimension, in the order asked. */
  key: Record<string, string>;
  /** Names of the key's ids, where they differ. */
  names: Record<string, string>;
}

export interface CostTotal extends Cost {
  charges: Map<ChargeType, Amount>;
}

/**
 * Sums of cost by group and in total, exact. Memory holds groups, not rows. A row's billed amount goes to one group (by
 * charge_type: to the groups of its parts, which add up to it), so groups always add up to the total.
 */
export class CostGroups {
  readonly groups = new Map<string, CostGroup>();
  readonly totals = new Map<string, CostTotal>();
  readonly #by: readonly CostDimension[];

  constructor(by: readonly CostDimension[]) {
    this.#by = by;
  }

  /** @returns dimensions that the row could not say */
  add(row: Usage, account: Account): readonly CostDimension[] {
    const cost = billed(row);
    if (!cost) return [];
    this.#addTotal(row, cost);
    const key: Record<string, string> = {};
    const names: Record<string, string> = {};
    const unknown: CostDimension[] = [];
    for (const dimension of this.#by) {
      if (dimension === "charge_type") {
        key[dimension] = "";
        continue;
      }
      const value = dimensionOf(row, dimension, account);
      if (!value) unknown.push(dimension);
      setKey(key, names, dimension, value);
    }
    if (!this.#by.includes("charge_type")) this.#addTo(key, names, cost, 1);
    else
      for (const part of partsOf(row, cost))
        this.#addTo({ ...key, charge_type: part.type }, names, { ...part, currency: cost.currency }, part.rows);
    return unknown;
  }

  #addTo(key: Record<string, string>, names: Record<string, string>, cost: Omit<Cost, "rows">, rows: number): void {
    const id = `${cost.currency} ${JSON.stringify(Object.values(key))}`;
    const group = this.groups.get(id);
    if (!group) this.groups.set(id, { key, names, currency: cost.currency, net: cost.net, gross: cost.gross, rows });
    else {
      group.net = group.net.plus(cost.net);
      group.gross = group.gross.plus(cost.gross);
      group.rows += rows;
    }
  }

  #addTotal(row: Usage, { net, gross, currency }: Omit<Cost, "rows">): void {
    let total = this.totals.get(currency);
    if (!total) {
      total = { currency, net: ZERO, gross: ZERO, rows: 0, charges: new Map() };
      this.totals.set(currency, total);
    }
    total.net = total.net.plus(net);
    total.gross = total.gross.plus(gross);
    total.rows++;
    for (const { type, amount } of row.charges ?? []) {
      if (type !== "net" && type !== "total") total.charges.set(type, (total.charges.get(type) ?? ZERO).plus(amount));
    }
  }
}

function setKey(
  key: Record<string, string>,
  names: Record<string, string>,
  dimension: CostDimension,
  value: DimensionValue | undefined,
): void {
  key[dimension] = value?.id ?? UNATTRIBUTED;
  if (value?.name !== undefined && value.name !== value.id) names[dimension] = value.name;
}

/** What kind of money an amount is. Where these make up the row, its other charges are views of them. */
const KINDS: readonly ChargeType[] = ["on_demand", "committed", "included", "usage_based"];

/**
 * A row's amount by charge type. A discount or credit changes net and is no part of gross; what a plan includes has value but no
 * price; all others count in both. What no part explains is the row's remainder, so that the parts add up to the row.
 */
function partsOf(
  row: Usage,
  { net, gross }: { net: Amount; gross: Amount },
): { type: string; net: Amount; gross: Amount; rows: number }[] {
  let [restNet, restGross] = [net, gross];
  const parts: { type: string; net: Amount; gross: Amount; rows: number }[] = [];
  const explained = () => parts.length > 0 && restNet.isZero() && restGross.isZero();
  const charges = (row.charges ?? []).filter(({ type }) => type !== "net" && type !== "total");
  const kinds = charges.filter(({ type }) => KINDS.includes(type));
  for (const { type, amount } of [...kinds, ...charges.filter((charge) => !kinds.includes(charge))]) {
    if (explained()) break;
    const part = {
      type,
      net: partOfNet(type, amount),
      gross: type === "discount" || type === "credit" ? ZERO : amount,
      rows: 1,
    };
    restNet = restNet.minus(part.net);
    restGross = restGross.minus(part.gross);
    parts.push(part);
  }
  if (!explained())
    parts.push({ type: UNATTRIBUTED, net: restNet, gross: restGross, rows: parts.length === 0 ? 1 : 0 });
  return parts;
}

function partOfNet(type: ChargeType, amount: Amount): Amount {
  if (type === "discount") return amount.abs().negated();
  return type === "included" ? ZERO : amount;
}
