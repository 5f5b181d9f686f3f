import { json } from "../providers/edge.ts";

/** A Confluent cost line as the vendor sends it. */
export interface Line {
  id?: string;
  start_date: string;
  end_date: string;
  granularity: "DAILY";
  line_type: string;
  product?: string;
  amount?: number;
  original_amount?: number;
  discount_amount?: number;
  price?: number;
  quantity?: number;
  unit?: string;
  description?: string;
  network_access_type?: string;
  resource?: { id?: string; display_name?: string; environment?: { id: string } };
}

export function nextDay(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

/** `count` days from a first one. */
export function daysFrom(first: string, count: number): string[] {
  const days: string[] = [];
  for (let day = first; days.length < count; day = nextDay(day)) days.push(day);
  return days;
}

/** Whole millionths as the JSON number that people write: 1500000 is 1.5. */
export function fromMicro(micro: number): number {
  const size = Math.abs(micro);
  return Number(`${micro < 0 ? "-" : ""}${Math.floor(size / 1e6)}.${String(size % 1e6).padStart(6, "0")}`);
}

/** A generator of whole numbers below `bound`, the same ones in every run. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Confluent itself, over lines: those whose day lies in [start_date, end_date), by vendor pages of `pageSize`. */
export function billing(lines: () => readonly Line[], pageSize = 10_000): (url: URL) => Response {
  return (url) => {
    const [start = "", end = ""] = ["start_date", "end_date"].map((name) => url.searchParams.get(name) ?? "");
    const found = lines().filter((line) => line.start_date >= start && line.start_date < end);
    const from = Number(url.searchParams.get("page_token") ?? 0);
    const more = from + pageSize < found.length;
    const next = `https://api.confluent.cloud/billing/v1/costs?page_token=${from + pageSize}`;
    return json({
      api_version: "billing/v1",
      kind: "CostList",
      metadata: more ? { next } : {},
      data: found.slice(from, from + pageSize),
    });
  };
}

const KINDS = [
  ["KAFKA", "KAFKA_STORAGE"],
  ["KAFKA", "KAFKA_NUM_CKU"],
  ["CONNECT", "CONNECT_CAPACITY"],
  ["FLINK", "FLINK_NUM_CFUS"],
] as const;

/** 150 lines over three months, in no order: several products, resources and environments, with gross, discount and net. */
export function threeMonths(): Line[] {
  const next = numbers(7);
  const days = [...daysFrom("2026-09-01", 30), ...daysFrom("2026-10-01", 31), ...daysFrom("2026-11-01", 20)];
  return Array.from({ length: 150 }, (_, index): Line => {
    const day = days[next(days.length)] ?? "2026-10-01";
    const [product, line_type] = KINDS[next(KINDS.length)] ?? KINDS[0];
    const gross = next(50) * 1_000_000 + next(1_000_000);
    const discount = next(3) === 0 ? Math.floor(gross / 7) : 0;
    const cluster = next(4);
    return {
      id: `line-${String((index * 37) % 150).padStart(3, "0")}`,
      start_date: day,
      end_date: nextDay(day),
      granularity: "DAILY",
      line_type,
      product,
      amount: fromMicro(gross - discount),
      original_amount: fromMicro(gross),
      discount_amount: fromMicro(discount),
      price: 0.25,
      quantity: 1 + next(1000),
      unit: "GB-hour",
      resource: { id: `lkc-${cluster}`, display_name: `cluster ${cluster}`, environment: { id: `env-${cluster % 2}` } },
    };
  });
}
