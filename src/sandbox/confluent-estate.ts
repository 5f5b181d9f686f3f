import type { Rhythm } from "./volume.ts";

export interface Environment {
  readonly id: string;
  readonly display_name: string;
}

export interface Resource {
  readonly id: string;
  readonly display_name: string;
  readonly environment: { readonly id: string } | null;
}

/** One thing that is metered, and what a day of it costs. */
export interface Meter {
  readonly product: string;
  readonly lineType: string;
  readonly resource?: Resource;
  readonly network?: string;
  readonly unit: string;
  /** Nano-dollars a unit: finer than the `price` that is shown, which is why price x quantity misses the amount. */
  readonly price: number;
  /** Thousandths of a unit on the first day of history. */
  readonly quantity: number;
  readonly rhythm: Rhythm;
  readonly peak?: number;
  /** Basis points off. */
  readonly discount?: number;
  readonly offer?: string;
  readonly tierDimensions?: Readonly<Record<string, string>>;
  /** The first `upTo` thousandths of a unit a day cost `price`, the rest `beyond`: two rows alike but for price. */
  readonly tier?: { readonly upTo: number; readonly beyond: number };
}

const PRODUCTION: Environment = { id: "env-7q2k9m", display_name: "production" };
const STAGING: Environment = { id: "env-x81vzp", display_name: "staging" };
const ANALYTICS: Environment = { id: "env-p03jdw", display_name: "analytics" };

export const ENVIRONMENTS: readonly Environment[] = [PRODUCTION, STAGING, ANALYTICS];

const TELEMETRY = resource("lkc-9vmt3x", "prod-telemetry", PRODUCTION);
const ORDERS = resource("lkc-k2qr80", "prod-orders", PRODUCTION);
const STAGE = resource("lkc-0dzw6n", "staging-shared", STAGING);
const LAKE = resource("lkc-5hjp7y", "analytics-lake", ANALYTICS);
/** Its environment is not known to the vendor's billing. */
const LINK: Resource = { id: "link-r4ct1s", display_name: "telemetry-to-lake", environment: null };

/** Everything the company runs in Confluent Cloud, in the order its rows come in. */
export const METERS: readonly Meter[] = [
  kafka(TELEMETRY, "PRIVATE_LINK", "KAFKA_NUM_CKUS", "CKU-hour", 1_527_777_384, 96_000, "constant", { discount: 1000 }),
  kafka(TELEMETRY, "PRIVATE_LINK", "KAFKA_NETWORK_WRITE", "GB", 46_212_837, 310_420, "working_week", { peak: 7 }),
  kafka(TELEMETRY, "PRIVATE_LINK", "KAFKA_NETWORK_READ", "GB", 46_212_837, 742_310, "working_week", { peak: 9 }),
  kafka(TELEMETRY, "PRIVATE_LINK", "KAFKA_STORAGE", "GB-hour", 109_589, 168_400_000, "steady"),
  kafka(ORDERS, "INTERNET", "KAFKA_BASE", "Hour", 1_498_611_042, 24_000, "constant"),
  kafka(ORDERS, "INTERNET", "KAFKA_PARTITION", "Partition-hour", 1_531_250, 4_920_000, "steady"),
  kafka(ORDERS, "INTERNET", "KAFKA_NETWORK_WRITE", "GB", 51_333_341, 96_240, "working_week"),
  kafka(ORDERS, "INTERNET", "KAFKA_NETWORK_READ", "GB", 51_333_341, 188_730, "working_week"),
  kafka(ORDERS, "INTERNET", "KAFKA_STORAGE", "GB-hour", 109_589, 44_300_000, "steady"),
  kafka(ORDERS, "INTERNET", "KAFKA_REST_PRODUCE", "GB", 80_017_361, 7_480, "working_week"),
  kafka(STAGE, "INTERNET", "KAFKA_BASE", "Hour", 140_012_731, 24_000, "constant"),
  kafka(STAGE, "INTERNET", "KAFKA_PARTITION", "Partition-hour", 4_012_346, 620_000, "steady"),
  kafka(STAGE, "INTERNET", "KAFKA_NETWORK_WRITE", "GB", 50_113_772, 22_610, "working_week"),
  kafka(STAGE, "INTERNET", "KAFKA_NETWORK_READ", "GB", 50_113_772, 31_940, "working_week"),
  kafka(STAGE, "INTERNET", "KAFKA_STORAGE", "GB-hour", 109_589, 6_100_000, "steady"),
  kafka(LAKE, "PEERED_VPC", "KAFKA_BASE", "Hour", 1_498_611_042, 24_000, "constant"),
  kafka(LAKE, "PEERED_VPC", "KAFKA_NETWORK_WRITE", "GB", 43_287_911, 398_200, "working_week", {
    peak: 8,
    tier: { upTo: 300_000, beyond: 28_731_446 },
    tierDimensions: { provider: "aws", region: "eu-north-1" },
  }),
  kafka(LAKE, "PEERED_VPC", "KAFKA_NETWORK_READ", "GB", 43_287_911, 521_650, "working_week", {
    peak: 8,
    tier: { upTo: 400_000, beyond: 28_731_446 },
    tierDimensions: { provider: "aws", region: "eu-north-1" },
  }),
  kafka(LAKE, "PEERED_VPC", "KAFKA_STORAGE", "GB-hour", 109_589, 233_800_000, "steady"),
  kafka(LAKE, "PEERED_VPC", "KAFKA_STREAMS", "GB", 12_345_679, 88_310, "working_week", { peak: 6 }),
  ...connector("lcc-0xj5g0", "telemetry-s3-sink", PRODUCTION, "S3_SINK", 4, 286_410, { peak: 7 }),
  ...connector("lcc-m7d2kq", "orders-postgres-cdc", PRODUCTION, "PostgresCdcSourceV2", 2, 41_870),
  ...connector("lcc-w31v9r", "fleet-bigquery-sink", PRODUCTION, "BigQueryStorageSink", 4, 124_660, { peak: 7 }),
  ...connector("lcc-t8h4xb", "erp-oracle-cdc", PRODUCTION, "OracleCdcSource", 1, 12_090),
  ...connector("lcc-g6n0ys", "lake-opensearch-sink", ANALYTICS, "OpenSearchSink", 3, 97_540, { peak: 5 }),
  ...connector("lcc-2zq8fe", "staging-datagen", STAGING, "DatagenSource", 1, 3_310),
  ...connector("lcc-c5l7wa", "harbour-ais-source", PRODUCTION, undefined, 2, 18_920),
  flink("lfcp-8rk6wm", "fleet-enrichment", PRODUCTION, 212_400),
  flink("lfcp-d1y3oz", "anomaly-windows", ANALYTICS, 134_700),
  ksql("lksqlc-4n8p2j", "dock-occupancy", PRODUCTION, 96_000),
  ksql("lksqlc-q7x5vh", "staging-ksqldb", STAGING, 24_000),
  ...governance("lsrc-6w9k3d", PRODUCTION, 33_333_814, {}),
  ...governance("lsrc-z0b4tg", STAGING, 33_333_814, { discount: 10_000, offer: "STAGINGFREE" }),
  linking("CLUSTER_LINKING_PER_LINK", "Hour", 500_012_346, 24_000, "constant"),
  linking("CLUSTER_LINKING_WRITE", "GB", 25_011_574, 301_440, "working_week", 8),
  linking("CLUSTER_LINKING_READ", "GB", 25_011_574, 299_870, "working_week", 8),
  tableflow("TABLEFLOW_NUM_TOPICS", "Topic-hour", 100_023_148, 144_000, "constant"),
  tableflow("TABLEFLOW_DATA_PROCESSED", "GB", 40_017_593, 162_800, "working_week"),
  tableflow("TABLEFLOW_STORAGE", "GB-hour", 54_795, 92_600_000, "steady"),
  {
    product: "AUDIT_LOG",
    lineType: "AUDIT_LOG_READ",
    unit: "GB",
    price: 48_611_283,
    quantity: 9_270,
    rhythm: "working_week",
  },
];

function resource(id: string, name: string, environment: Environment): Resource {
  return { id, display_name: name, environment: { id: environment.id } };
}

function kafka(
  cluster: Resource,
  network: string,
  lineType: string,
  unit: string,
  price: number,
  quantity: number,
  rhythm: Rhythm,
  more: Pick<Meter, "peak" | "discount" | "tier" | "tierDimensions"> = {},
): Meter {
  return { product: "KAFKA", lineType, resource: cluster, network, unit, price, quantity, rhythm, ...more };
}

/** Tasks by the hour, throughput by the GB. Without a `type` it is the company's own plug-in. */
function connector(
  id: string,
  name: string,
  environment: Environment,
  type: string | undefined,
  tasks: number,
  throughput: number,
  more: Pick<Meter, "peak"> = {},
): Meter[] {
  const prefix = type === undefined ? "CUSTOM_CONNECT" : "CONNECT";
  const shared = { product: prefix, resource: resource(id, name, environment), discount: 800 };
  const tier = { provider: "aws", region: "eu-north-1", ...(type === undefined ? {} : { connector_type: type }) };
  return [
    {
      ...shared,
      lineType: `${prefix}_NUM_TASKS`,
      unit: "Task-hour",
      price: 194_791_667,
      quantity: tasks * 24_000,
      rhythm: "constant",
      tierDimensions: tier,
    },
    {
      ...shared,
      ...more,
      lineType: `${prefix}_THROUGHPUT`,
      unit: "GB",
      price: 25_019_676,
      quantity: throughput,
      rhythm: "working_week",
    },
  ];
}

function flink(id: string, name: string, environment: Environment, quantity: number): Meter {
  const pool = resource(id, name, environment);
  const price = 210_034_722;
  return {
    product: "FLINK",
    lineType: "FLINK_NUM_CFUS",
    resource: pool,
    unit: "CFU-hour",
    price,
    quantity,
    rhythm: "working_week",
  };
}

function ksql(id: string, name: string, environment: Environment, quantity: number): Meter {
  const cluster = resource(id, name, environment);
  const shared = { product: "KSQL", lineType: "KSQL_NUM_CSUS", network: "INTERNET", unit: "CSU-hour" };
  return { ...shared, resource: cluster, price: 255_600_000, quantity, rhythm: "constant" };
}

function governance(
  id: string,
  environment: Environment,
  price: number,
  more: Pick<Meter, "discount" | "offer">,
): Meter[] {
  const shared = {
    product: "STREAM_GOVERNANCE",
    resource: resource(id, "Stream Governance Package", environment),
    price,
    ...more,
  };
  return [
    { ...shared, lineType: "GOVERNANCE_BASE", unit: "Hour", price: price * 30, quantity: 24_000, rhythm: "constant" },
    {
      ...shared,
      lineType: "SCHEMA_REGISTRY",
      unit: "Schema-hour",
      price: 2_013_889,
      quantity: 3_120_000,
      rhythm: "steady",
    },
    { ...shared, lineType: "NUM_RULES", unit: "Rule-hour", quantity: 192_000, rhythm: "constant" },
  ];
}

function linking(
  lineType: string,
  unit: string,
  price: number,
  quantity: number,
  rhythm: Rhythm,
  peak?: number,
): Meter {
  const line = { product: "CLUSTER_LINK", lineType, resource: LINK, network: "MULTI", unit, price, quantity, rhythm };
  return peak === undefined ? line : { ...line, peak };
}

function tableflow(lineType: string, unit: string, price: number, quantity: number, rhythm: Rhythm): Meter {
  return { product: "TABLEFLOW", lineType, resource: LAKE, unit, price, quantity, rhythm };
}
