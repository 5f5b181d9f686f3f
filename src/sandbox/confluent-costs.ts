import type { Day } from "./calendar.ts";
import { dayText, firstDay, monthOf } from "./calendar.ts";
import type { Meter, Resource } from "./confluent-estate.ts";
import { METERS } from "./confluent-estate.ts";
import { dollars } from "./vendor.ts";
import { HISTORY_START, hash, volume } from "./volume.ts";

/** A line as `/billing/v1/costs` answers it. */
export interface Cost {
  readonly id?: string;
  readonly start_date: string;
  readonly end_date: string;
  readonly granularity: "DAILY";
  readonly product: string;
  readonly line_type: string;
  readonly network_access_type?: string;
  readonly price?: number;
  readonly unit?: string;
  readonly quantity?: number;
  readonly original_amount: number;
  readonly discount_amount?: number;
  readonly amount: number;
  readonly description?: string;
  readonly tier_dimensions?: Readonly<Record<string, string>>;
  readonly resource?: Resource | null;
}

/** Micro-dollars. */
const SUPPORT_A_DAY = 32_876_700;
const QUARTERLY_CREDIT = -450_000_000;

const computed = new Map<Day, readonly Cost[]>();

/** All lines of one day, always in this order. */
export function costsOfDay(day: Day): readonly Cost[] {
  if (day < HISTORY_START) return [];
  let costs = computed.get(day);
  if (costs === undefined) {
    costs = [...METERS.flatMap((meter) => metered(meter, day)), support(day), ...credit(day)];
    computed.set(day, costs);
  }
  return costs;
}

function metered(meter: Meter, day: Day): Cost[] {
  const name = `${meter.resource?.id ?? "organization"} ${meter.lineType}`;
  const used = Math.round((meter.quantity * volume({ name, rhythm: meter.rhythm, peak: meter.peak }, day)) / 1_000_000);
  const upTo = meter.tier?.upTo ?? used;
  const dated = dates(day);
  const rows = [priced(meter, dated, Math.min(used, upTo), meter.price)];
  if (meter.tier && used > upTo) rows.push(priced(meter, dated, used - upTo, meter.tier.beyond));
  return rows;
}

/** @param quantity thousandths of a unit. @param price nano-dollars a unit. */
function priced(meter: Meter, dated: Dated, quantity: number, price: number): Cost {
  // Volumes are billed to the micro-dollar, capacity to four decimals.
  const step = meter.rhythm === "working_week" ? 1 : 100;
  const original = Math.round((price * quantity) / 1_000_000 / step) * step;
  const discount = Math.round((original * (meter.discount ?? 0)) / 10_000 / step) * step;
  return {
    ...(meter.product === "AUDIT_LOG" || meter.product === "CLUSTER_LINK"
      ? { id: lineId(meter.lineType, dated.start_date) }
      : {}),
    ...dated,
    product: meter.product,
    line_type: meter.lineType,
    ...(meter.network === undefined ? {} : { network_access_type: meter.network }),
    price: Math.round(price / 10) / 100_000_000,
    unit: meter.unit,
    quantity: quantity / 1_000,
    original_amount: dollars(original),
    discount_amount: dollars(discount),
    amount: dollars(original - discount),
    ...(meter.offer === undefined ? {} : { description: meter.offer }),
    ...(meter.tierDimensions === undefined ? {} : { tier_dimensions: meter.tierDimensions }),
    ...(meter.resource === undefined ? {} : { resource: meter.resource }),
  };
}

/** The organization's own line: no price, quantity, unit or resource, and dates with a time of day. */
function support(day: Day): Cost {
  const amount = dollars(SUPPORT_A_DAY);
  return {
    start_date: `${dayText(day)} 00:00:00`,
    end_date: `${dayText(day + 1)} 00:00:00`,
    granularity: "DAILY",
    product: "SUPPORT_CLOUD_BUSINESS",
    line_type: "SUPPORT",
    original_amount: amount,
    amount,
  };
}

/** A promotional credit on the first day of each quarter. */
function credit(day: Day): Cost[] {
  const month = monthOf(day);
  if (month % 3 !== 0 || day !== firstDay(month)) return [];
  const amount = dollars(QUARTERLY_CREDIT);
  return [
    {
      id: lineId("PROMO_CREDIT", dayText(day)),
      ...dates(day),
      product: "KAFKA",
      line_type: "PROMO_CREDIT",
      original_amount: amount,
      amount,
      description: "HARBOUR450",
      resource: null,
    },
  ];
}

type Dated = Pick<Cost, "start_date" | "end_date" | "granularity">;

function dates(day: Day): Dated {
  return { start_date: dayText(day), end_date: dayText(day + 1), granularity: "DAILY" };
}

/** Few lines carry an id: the specification promises one for all, the vendor's own answers have none. */
function lineId(lineType: string, day: string): string {
  return `dlz-${hash(`${lineType} ${day}`).toString(16).padStart(8, "0")}`;
}
