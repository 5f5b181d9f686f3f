import { COMPANY } from "./company.ts";
import type { Rhythm } from "./volume.ts";

export interface Organization {
  readonly name: string;
  readonly publicId: string;
  /** Percent of the root organization's base cost; what it lacks is in `without`. */
  readonly share: number;
  readonly without: readonly string[];
}

/** The root organization: it answers for all when no split is asked for. */
export const ROOT = { name: COMPANY.name, publicId: "tdwr4r0o7k9x2m5c" } as const;

/** The shares are of 100 together. */
export const ORGANIZATIONS: readonly Organization[] = [
  { name: "Tidewater Production", publicId: "q3v8zk1nfy6hw0da", share: 66, without: [] },
  { name: "Tidewater Fleet 🤖⚓ ロボット艦隊", publicId: "b7m2xs9ce4ju5tgp", share: 25, without: ["rum"] },
  { name: "Tidewater Staging", publicId: "h5d0wr8lo3ia6nvy", share: 9, without: ["siem", "network_device"] },
];

/** How a product's cost is told: not every one comes as committed, on_demand and total. */
export type Telling = "parts_and_total" | "committed_twice" | "on_demand_alone" | "total_alone";

export interface Product {
  readonly name: string;
  /** What the vendor's own pages call it; undefined: its mapping leaves the product out. */
  readonly label: string | undefined;
  /** Micro-dollars a day for all organizations, on the first day of history. */
  readonly daily: number;
  /** Percent of `daily` that is bought ahead; the commitment stays as it is while usage grows. */
  readonly committed: number;
  readonly rhythm: Rhythm;
  readonly peak?: number;
  readonly aggregation?: "sum" | "average";
  readonly telling: Telling;
}

export const PRODUCTS: readonly Product[] = [
  product("infra_host", "Infra Hosts", 118_410_000, 80, "steady", {
    aggregation: "average",
    telling: "committed_twice",
  }),
  product("apm_host", "APM Hosts", 64_730_000, 75, "steady", { aggregation: "average" }),
  product("infra_container", "Containers", 9_862_500, 0, "working_week"),
  product("timeseries", "Custom Metrics", 38_245_000, 40, "working_week", { peak: 9, aggregation: "average" }),
  product("logs_ingested", "Ingested Logs", 21_318_400, 30, "working_week", { peak: 8, aggregation: "sum" }),
  product("logs_indexed_15day", "Indexed Logs (15 Day Retention)", 57_904_250, 50, "working_week", {
    peak: 8,
    aggregation: "sum",
  }),
  product("ingested_spans", "Ingested Spans", 7_511_830, 0, "working_week", { peak: 3, aggregation: "sum" }),
  product("rum", "RUM Sessions", 6_040_000, 0, "working_week"),
  product("synthetics_api_tests", "Synthetics API Tests", 5_184_000, 0, "steady", { telling: "on_demand_alone" }),
  product("synthetics_browser_checks", "Synthetics Browser Tests", 8_640_000, 0, "steady"),
  product("dbm_host", "Database Monitoring Hosts", 16_876_710, 60, "steady", { aggregation: "average" }),
  product("serverless_infra", "Serverless Workload Monitoring", 4_390_000, 0, "working_week"),
  product("network_device", undefined, 5_260_270, 0, "steady"),
  product("siem", "Cloud SIEM", 0, 0, "constant", { aggregation: "sum", telling: "total_alone" }),
];

function product(
  name: string,
  label: string | undefined,
  daily: number,
  committed: number,
  rhythm: Rhythm,
  more: Partial<Pick<Product, "peak" | "aggregation" | "telling">> = {},
): Product {
  return { name, label, daily, committed, rhythm, telling: "parts_and_total", ...more };
}
