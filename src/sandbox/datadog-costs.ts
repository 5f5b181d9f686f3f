import type { Day, Month } from "./calendar.ts";
import { firstDay, lastDay, monthOf } from "./calendar.ts";
import type { Organization, Product } from "./datadog-estate.ts";
import { PRODUCTS } from "./datadog-estate.ts";
import { dollars } from "./vendor.ts";
import { HISTORY_START, volume } from "./volume.ts";

export interface Charge {
  readonly product_name: string;
  readonly charge_type: string;
  readonly cost: number;
  readonly last_aggregation_function?: string;
}

/** A product's cost over some days. Micro-dollars. */
export interface Amount {
  readonly product: Product;
  readonly committed: number;
  readonly onDemand: number;
}

/**
 * The running total of each product the organizations have, from the first of the day's month up to and with the day.
 * On a month's last day it is what the month's bill says.
 */
export function monthToDate(organizations: readonly Organization[], day: Day): readonly Amount[] {
  return PRODUCTS.flatMap((product) => {
    const having = organizations.filter((organization) => !organization.without.includes(product.name));
    if (having.length === 0) return [];
    const parts = having.map((organization) => at(running(organization, product, monthOf(day)), day));
    return [
      {
        product,
        committed: parts.reduce((sum, part) => sum + part.committed, 0),
        onDemand: parts.reduce((sum, part) => sum + part.onDemand, 0),
      },
    ];
  });
}

/**
 * The amounts as the vendor tells them, with a prefix on the charge types that are parts (`projected_`). Two entries of
 * one product and charge type don't stand side by side.
 */
export function chargesOf(amounts: readonly Amount[], prefix = ""): readonly Charge[] {
  const charges: Charge[] = [];
  const late: Charge[] = [];
  for (const { product, committed, onDemand } of amounts) {
    const charge = (type: string, micros: number): Charge => ({
      product_name: product.name,
      charge_type: type,
      cost: dollars(micros),
      ...(product.aggregation === undefined ? {} : { last_aggregation_function: product.aggregation }),
    });
    const total = charge("total", committed + onDemand);
    const secondPlan = product.telling === "committed_twice" ? Math.round(committed / 3) : 0;
    if (secondPlan > 0) late.push(charge(`${prefix}committed`, secondPlan));
    if (product.telling === "total_alone") charges.push(total);
    else if (product.telling === "on_demand_alone") charges.push(charge(`${prefix}on_demand`, committed + onDemand));
    else
      charges.push(charge(`${prefix}committed`, committed - secondPlan), charge(`${prefix}on_demand`, onDemand), total);
  }
  return [...charges, ...late];
}

export function totalOf(amounts: readonly Amount[]): number {
  return amounts.reduce((sum, { committed, onDemand }) => sum + committed + onDemand, 0);
}

type Parts = Omit<Amount, "product">;

const computed = new Map<string, readonly Parts[]>();

/** Running totals of a whole month, by day of the month. */
function running(organization: Organization, product: Product, month: Month): readonly Parts[] {
  const key = `${organization.publicId} ${product.name} ${month}`;
  const known = computed.get(key);
  if (known) return known;
  const totals: Parts[] = [];
  let committed = 0;
  let onDemand = 0;
  for (let day = firstDay(month); day <= lastDay(month); day++) {
    const cost = costOfDay(organization, product, day);
    committed += cost.committed;
    onDemand += cost.onDemand;
    totals.push({ committed, onDemand });
  }
  computed.set(key, totals);
  return totals;
}

function at(totals: readonly Parts[], day: Day): Parts {
  return totals[day - firstDay(monthOf(day))] ?? { committed: 0, onDemand: 0 };
}

function costOfDay(organization: Organization, product: Product, day: Day): Parts {
  if (day < HISTORY_START) return { committed: 0, onDemand: 0 };
  const base = Math.round((product.daily * organization.share) / 100);
  const name = `${organization.publicId} ${product.name}`;
  const used = Math.round((base * volume({ name, rhythm: product.rhythm, peak: product.peak }, day)) / 1_000_000);
  const committed = Math.min(used, Math.round((base * product.committed) / 100));
  return { committed, onDemand: used - committed };
}
