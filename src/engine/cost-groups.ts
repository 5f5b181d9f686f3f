import type { Account } from "../accounts/account.ts";
import type { CostDimension } from "../providers/provider.ts";
import { type Amount, Sum, ZERO } from "../usage/money.ts";
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
  readonly #by: readonly CostDimension[];
  readonly #root: Branch = {};
  readonly #tallies: GroupTally[] = [];
  readonly #totals = new Map<string, TotalTally>();

  constructor(by: readonly CostDimension[]) {
    this.#by = by;
  }

  /** By currency and key, as they are now. */
  get groups(): Map<string, CostGroup> {
    return new Map(
      this.#tallies.map(({ key, names, ...tally }) => [
        `${tally.currency} ${JSON.stringify(Object.values(key))}`,
        { key, names, ...costOf(tally) },
      ]),
    );
  }

  /** By currency, as they are now. */
  get totals(): Map<string, CostTotal> {
    const totals = [...this.#totals].map(([currency, { charges, ...tally }]): [string, CostTotal] => {
      const sums = [...charges].map(([type, sum]): [ChargeType, Amount] => [type, sum.value()]);
      return [currency, { ...costOf(tally), charges: new Map(sums) }];
    });
    return new Map(totals);
  }

  /** @returns dimensions that the row could not say */
  add(row: Usage, account: Account): readonly CostDimension[] {
    const cost = billed(row);
    if (!cost) return NONE;
    this.#addTotal(row, cost);
    let unknown: CostDimension[] | undefined;
    let byParts = false;
    let branch = this.#root;
    for (const dimension of this.#by) {
      let value: DimensionValue | undefined;
      if (dimension === "charge_type") byParts = true;
      else {
        value = dimensionOf(row, dimension, account);
        if (!value) {
          unknown ??= [];
          unknown.push(dimension);
        }
      }
      branch = branchOf(branch, value);
    }
    if (!byParts) this.#tallyOf(branch, cost.currency).add(cost, 1);
    else for (const part of partsOf(row, cost)) this.#tallyOf(branch, cost.currency, part.type).add(part, part.rows);
    return unknown ?? NONE;
  }

  #tallyOf(branch: Branch, currency: string, type = ""): GroupTally {
    branch.tallies ??= [];
    for (const tally of branch.tallies) if (tally.currency === currency && tally.type === type) return tally;
    const tally = new GroupTally(currency, type, this.#named(branch, type));
    branch.tallies.push(tally);
    this.#tallies.push(tally);
    return tally;
  }

  /** The key of a branch's group, and what people call it. */
  #named(branch: Branch, type: string): Pick<CostGroup, "key" | "names"> {
    const values: (DimensionValue | undefined)[] = [];
    for (let at = branch; at.parent; at = at.parent) values.unshift(at.value);
    const key: Record<string, string> = {};
    const names: Record<string, string> = {};
    for (const [index, dimension] of this.#by.entries()) {
      const value = values[index];
      key[dimension] = dimension === "charge_type" ? type : (value?.id ?? UNATTRIBUTED);
      if (value?.name !== undefined && value.name !== value.id) names[dimension] = value.name;
    }
    return { key, names };
  }

  #addTotal(row: Usage, cost: Omit<Cost, "rows">): void {
    let total = this.#totals.get(cost.currency);
    if (!total) {
      total = new TotalTally(cost.currency);
      this.#totals.set(cost.currency, total);
    }
    total.add(cost, 1);
    for (const { type, amount } of row.charges ?? [])
      if (type !== "net" && type !== "total") total.charge(type, amount);
  }
}

const NONE: readonly CostDimension[] = [];

/** A cost while rows are added to it. */
class Tally {
  readonly currency: string;
  readonly net = new Sum();
  readonly gross = new Sum();
  rows = 0;

  constructor(currency: string) {
    this.currency = currency;
  }

  add({ net, gross }: Pick<Cost, "net" | "gross">, rows: number): void {
    this.net.add(net);
    this.gross.add(gross);
    this.rows += rows;
  }
}

class GroupTally extends Tally {
  /** The type of charge, where there is a group for each. */
  readonly type: string;
  readonly key: CostGroup["key"];
  readonly names: CostGroup["names"];

  constructor(currency: string, type: string, { key, names }: Pick<CostGroup, "key" | "names">) {
    super(currency);
    this.type = type;
    this.key = key;
    this.names = names;
  }
}

class TotalTally extends Tally {
  readonly charges = new Map<ChargeType, Sum>();

  charge(type: ChargeType, amount: Amount): void {
    let sum = this.charges.get(type);
    if (!sum) {
      sum = new Sum();
      this.charges.set(type, sum);
    }
    sum.add(amount);
  }
}

function costOf({ currency, net, gross, rows }: Pick<Tally, "currency" | "net" | "gross" | "rows">): Cost {
  return { currency, net: net.value(), gross: gross.value(), rows };
}

/** Where groups with the same values of the first dimensions are found: to write a key for each row would cost more than its sums. */
interface Branch {
  parent?: Branch;
  value?: DimensionValue | undefined;
  branches?: Map<string, Branch>;
  /** By currency and type of charge: few. */
  tallies?: GroupTally[];
}

function branchOf(parent: Branch, value: DimensionValue | undefined): Branch {
  const id = value?.id ?? UNATTRIBUTED;
  parent.branches ??= new Map();
  const known = parent.branches.get(id);
  if (known) {
    // Its first row may not have named it.
    if (value?.name !== undefined && known.value?.name === undefined) known.value = value;
    return known;
  }
  const made: Branch = { parent, value };
  parent.branches.set(id, made);
  return made;
}

/** What kind of money an amount is. Where these make up the row, its other charges are views of them. */
const KINDS: readonly ChargeType[] = ["on_demand", "committed", "included", "usage_based"];

/**
 * A row's amount by charge type. A discount or credit changes net and is no part of gross; what a plan includes has value but no
 * price; all others count in both. What no part explains is the row's remainder, so that the parts add up to the row.
 */
export function partsOf(
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
