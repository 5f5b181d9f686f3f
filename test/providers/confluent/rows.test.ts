import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import {
  call,
  confluentAnswers,
  confluentEngine,
  costList,
  failure,
  guardTheEdge,
  type Item,
  json,
  list,
  listWithin,
  payload,
  reply,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

function usd(type: string, amount: number) {
  return { type, amount, currency: "USD" };
}

function stored(name: string): Item {
  return JSON.parse(payload(`confluent/${name}.json`));
}

/** A line of 2026-09-01 with an id. */
function line(fields: Item): Item {
  return { id: "line-1", start_date: "2026-09-01", end_date: "2026-09-02", granularity: "DAILY", ...fields };
}

async function rowsOfLines(...lines: readonly unknown[]): Promise<Item[]> {
  confluentAnswers(() => costList(lines));
  return rowsOf(await list(confluentEngine(), { start_date: "2026-09-01" }));
}

async function rowOf(fields: Item): Promise<Item> {
  const [row] = await rowsOfLines(line(fields));
  if (!row) throw new Error("there is a row");
  return row;
}

/** The sums of a summary over lines, grouped as told. */
async function summaryOf(group_by: string[], ...lines: readonly unknown[]): Promise<Item> {
  confluentAnswers(() => costList(lines));
  return getCostSummary.run(confluentEngine(), { period: "2026-09", group_by }, call());
}

describe("lines as they were seen, whole", () => {
  it("2024, ksqlDB: no id, and an amount that price x quantity (6.133272) is not", async () => {
    confluentAnswers(() => costList([stored("line-ksql-2024")]));
    const query = { start_date: "2024-01-01", end_date: "2024-01-31" };
    expect((await list(confluentEngine(), query)).result).toEqual([
      {
        // The digest of its days, product, line type, resource, environment, access, unit: computed apart, in Python.
        id: "confluent:32d694af65865bd059ed3b9dcd32a4a2",
        start_date: "2024-01-28T00:00:00Z",
        end_date: "2024-01-29T00:00:00Z",
        metric_name: "KSQL_NUM_CSUS",
        product: { id: "KSQL", name: "ksqlDB" },
        charges: [usd("net", 6.1344), usd("total", 6.1344)],
        resources: [{ id: "lksqlc-zzziii", name: "test_ksqlDB_cluster", workspace: { id: "env-xxxyyy" } }],
        usage: { quantity: 24 },
        unit: "CSU-hour",
      },
    ]);
  });

  it("2026, Connect: 18.700 - 1.496 = 17.204", async () => {
    confluentAnswers(() => reply(`{"data":[${payload("confluent/line-connect-2026.json")}]}`));
    expect((await list(confluentEngine(), { start_date: "2026-09-01" })).result).toEqual([
      {
        id: "confluent:eed20f982e184204c77a89e906477c22",
        start_date: "2026-09-01T00:00:00Z",
        end_date: "2026-09-02T00:00:00Z",
        metric_name: "CONNECT_NUM_TASKS",
        product: { id: "CONNECT", name: "Connect" },
        charges: [usd("net", 17.204), usd("total", 18.7), usd("discount", 1.496)],
        resources: [{ id: "lcc-0xj5g0p", name: "bq-sink-silver-prod", workspace: { id: "env-m62nqq" } }],
        usage: { quantity: 96 },
        unit: "Task-hour",
      },
    ]);
  });

  it("the specification's list: its id, three days in one line, 149.85 - 20.85 = 129", async () => {
    confluentAnswers((url) =>
      url.searchParams.has("page_token") ? costList([]) : reply(payload("confluent/list-spec-example.json")),
    );
    expect((await list(confluentEngine(), { start_date: "2022-10-01" })).result).toEqual([
      {
        id: "dlz-f3a90de",
        start_date: "2022-10-12T00:00:00Z",
        end_date: "2022-10-15T00:00:00Z",
        metric_name: "KAFKA_NUM_CKUS",
        product: { id: "KAFKA", name: "Kafka" },
        charges: [usd("net", 129), usd("total", 149.85), usd("discount", 20.85)],
        resources: [{ id: "lkc-12345", name: "prod-kafka-cluster", workspace: { id: "env-123" } }],
        usage: { quantity: 99.9 },
        unit: "GB",
      },
    ]);
  });

  it("a line of the whole organization: no resource, price, quantity or unit, days with a time behind", async () => {
    confluentAnswers(() => costList([stored("line-support-org-level")]));
    expect((await list(confluentEngine(), { start_date: "2023-01-01" })).result).toEqual([
      {
        id: "confluent:1635c0e79428d01c80b341512f457a99",
        start_date: "2023-01-01T00:00:00Z",
        end_date: "2023-01-02T00:00:00Z",
        metric_name: "SUPPORT",
        product: { id: "SUPPORT_PREMIER", name: "Support Premier" },
        charges: [usd("net", 70), usd("total", 70), usd("platform_fee", 70)],
      },
    ]);
  });

  it("a legacy organization: no amount, the environment as text or at the top", async () => {
    confluentAnswers(() => reply(payload("confluent/list-legacy.json")));
    const kafka = {
      metric_name: "KAFKA_STORAGE",
      product: { id: "KAFKA", name: "Kafka" },
      usage: { quantity: 12000 },
      unit: "GB-hour",
    };
    expect((await list(confluentEngine(), { start_date: "2024-03-01" })).result).toEqual([
      {
        id: "confluent:419b2856979d1ce3b612b5d48a3a5789",
        start_date: "2024-03-04T00:00:00Z",
        end_date: "2024-03-05T00:00:00Z",
        ...kafka,
        charges: [usd("net", 1.32), usd("total", 1.32)],
        resources: [{ id: "lkc-legacy1", name: "orders", workspace: { id: "env-legacy1" } }],
      },
      {
        id: "confluent:ffab17db4e6445780f2b78de38de9008",
        start_date: "2024-03-05T00:00:00Z",
        end_date: "2024-03-06T00:00:00Z",
        ...kafka,
        charges: [usd("net", 0.99), usd("total", 1.32), usd("discount", 0.33)],
        resources: [{ id: "lkc-legacy2", name: "payments", workspace: { id: "env-legacy2" } }],
      },
    ]);
  });

  it("remote_data is the line, untouched", async () => {
    const whole = line({ amount: 1, network_access_type: "PNI", tier_dimensions: { b: "2", a: "1" }, unheard_of: [1] });
    confluentAnswers(() => costList([whole]));
    const [row] = rowsOf(await list(confluentEngine(), { start_date: "2026-09-01" }, { withRemoteData: true }));
    expect(row?.["remote_data"]).toEqual(whole);
  });
});

describe("the charges of a line", () => {
  it.each<[string, Item, unknown]>([
    ["net and total", { amount: 5, original_amount: 5 }, [usd("net", 5), usd("total", 5)]],
    ["net alone, where there is no original amount", { amount: 5 }, [usd("net", 5)]],
    [
      "no discount where it is zero",
      { amount: 5, original_amount: 5, discount_amount: 0 },
      [usd("net", 5), usd("total", 5)],
    ],
    [
      "a promotion of 100 %",
      { amount: 0, original_amount: 25, discount_amount: 25 },
      [usd("net", 0), usd("total", 25), usd("discount", 25)],
    ],
    [
      "a promotion of 100 % without a discount named",
      { amount: 0, original_amount: 25 },
      [usd("net", 0), usd("total", 25)],
    ],
    [
      "a promo credit, its sign as delivered",
      { line_type: "PROMO_CREDIT", amount: -100.5, original_amount: -100.5, description: "KAFKA101" },
      [usd("net", -100.5), usd("total", -100.5), usd("credit", -100.5)],
    ],
    [
      "a promo credit delivered without a minus",
      { line_type: "PROMO_CREDIT", amount: 7 },
      [usd("net", 7), usd("credit", 7)],
    ],
    [
      "support, by its line type",
      { line_type: "SUPPORT", amount: 70, original_amount: 100, discount_amount: 30 },
      [usd("net", 70), usd("total", 100), usd("discount", 30), usd("platform_fee", 70)],
    ],
    [
      "support, by its product",
      { product: "SUPPORT_CLOUD_BUSINESS", amount: 9 },
      [usd("net", 9), usd("platform_fee", 9)],
    ],
    [
      "amounts as text",
      { amount: "17.204", original_amount: "18.700", discount_amount: "1.496" },
      [usd("net", 17.204), usd("total", 18.7), usd("discount", 1.496)],
    ],
    [
      "amounts of null are absent",
      { amount: null, original_amount: 4, discount_amount: null },
      [usd("net", 4), usd("total", 4)],
    ],
    [
      "net where only the discount is beside the original: 0.3 - 0.1",
      { original_amount: 0.3, discount_amount: 0.1 },
      [usd("net", 0.2), usd("total", 0.3), usd("discount", 0.1)],
    ],
    [
      "net as quantity x price where nothing else is there: 24 x 0.255553",
      { quantity: 24, price: 0.255553 },
      [usd("net", 6.133272)],
    ],
    ["price x quantity never in place of an amount", { quantity: 24, price: 99, amount: 1 }, [usd("net", 1)]],
    ["a negative line", { amount: -3.21, original_amount: -3.21 }, [usd("net", -3.21), usd("total", -3.21)]],
    [
      "more digits than a double holds, rounded once",
      { amount: "0.1000000000000000055511151231257827" },
      [usd("net", 0.1)],
    ],
  ])("%s", async (_, fields, charges) => {
    expect((await rowOf(fields))["charges"]).toEqual(charges);
  });

  it("are left out where no amount can be known, and the answer says so", async () => {
    confluentAnswers(() => costList([line({ quantity: 5, unit: "GB" })]));
    const answer = await list(confluentEngine(), { start_date: "2026-09-01" });
    const [row] = rowsOf(answer);
    expect(row).toMatchObject({ usage: { quantity: 5 } });
    expect(row).not.toHaveProperty("charges");
    expect(answer.warnings.join(" ")).toMatch(/without any amount/);
  });
});

describe("the resource of a line", () => {
  it.each<[string, Item, unknown]>([
    [
      "whole",
      { resource: { id: "lkc-1", display_name: "orders", environment: { id: "env-1" } } },
      [{ id: "lkc-1", name: "orders", workspace: { id: "env-1" } }],
    ],
    ["null", { resource: null }, undefined],
    ["absent", {}, undefined],
    ["empty", { resource: {} }, undefined],
    ["with an environment of null", { resource: { id: "lkc-1", environment: null } }, [{ id: "lkc-1" }]],
    ["with an environment without an id", { resource: { id: "lkc-1", environment: {} } }, [{ id: "lkc-1" }]],
    [
      "without a name",
      { resource: { id: "lkc-1", environment: { id: "env-1" } } },
      [{ id: "lkc-1", workspace: { id: "env-1" } }],
    ],
    ["of a name only", { resource: { display_name: "orders" } }, [{ name: "orders" }]],
    [
      "legacy: environment as text",
      { resource: { id: "lkc-1", environment: "env-1" } },
      [{ id: "lkc-1", workspace: { id: "env-1" } }],
    ],
    [
      "legacy: environment at the top",
      { resource: { id: "lkc-1" }, environment: { id: "env-2" } },
      [{ id: "lkc-1", workspace: { id: "env-2" } }],
    ],
    [
      "legacy: the top's id before the text inside",
      { resource: { id: "lkc-1", environment: "env-text" }, environment: { id: "env-2" } },
      [{ id: "lkc-1", workspace: { id: "env-2" } }],
    ],
    [
      "an object inside before the top's",
      { resource: { id: "lkc-1", environment: { id: "env-1" } }, environment: { id: "env-2" } },
      [{ id: "lkc-1", workspace: { id: "env-1" } }],
    ],
  ])("%s", async (_, fields, resources) => {
    expect((await rowOf({ amount: 1, ...fields }))["resources"]).toEqual(resources);
  });
});

describe("the product of a line", () => {
  it.each([
    ["KAFKA", "Kafka"],
    ["CONNECT", "Connect"],
    ["KSQL", "ksqlDB"],
    ["FLINK", "Flink"],
    ["STREAM_GOVERNANCE", "Stream Governance"],
    ["CLUSTER_LINK", "Cluster Linking"],
    ["AUDIT_LOG", "Audit Log"],
    ["CUSTOM_CONNECT", "Custom Connectors"],
    ["TABLEFLOW", "Tableflow"],
    ["USM", "Unified Stream Manager"],
    ["SUPPORT_CLOUD_BASIC", "Support (Basic)"],
    ["SUPPORT_CLOUD_DEVELOPER", "Support (Developer)"],
    ["SUPPORT_CLOUD_BUSINESS", "Support (Business)"],
    ["SUPPORT_CLOUD_PREMIER", "Support (Premier)"],
    ["SUPPORT_PREMIER", "Support Premier"],
    ["QUANTUM_STREAMS", "Quantum Streams"],
  ])("%s is %s", async (id, name) => {
    expect((await rowOf({ amount: 1, product: id }))["product"]).toEqual({ id, name });
  });

  // One line type of each beginning in the specification, and the product that it says.
  it.each([
    ["KAFKA_STORAGE", "KAFKA"],
    ["KAFKA_STREAMS", "KAFKA"],
    ["KAFKA_NUM_CKU", "KAFKA"],
    ["KSQL_NUM_CSUS", "KSQL"],
    ["CONNECT_CAPACITY", "CONNECT"],
    ["CONNECT_NUM_RECORDS", "CONNECT"],
    ["CUSTOM_CONNECT_NUM_TASKS", "CUSTOM_CONNECT"],
    ["CUSTOM_CONNECT_PLUGIN", "CUSTOM_CONNECT"],
    ["CLUSTER_LINKING_PER_LINK", "CLUSTER_LINK"],
    ["AUDIT_LOG_READ", "AUDIT_LOG"],
    ["GOVERNANCE_BASE", "STREAM_GOVERNANCE"],
    ["SCHEMA_REGISTRY", "STREAM_GOVERNANCE"],
    ["NUM_RULES", "STREAM_GOVERNANCE"],
    ["FLINK_NUM_CFUS", "FLINK"],
    ["TABLEFLOW_STORAGE", "TABLEFLOW"],
    ["USM_CONNECTED_NODE", "USM"],
  ])("is told by the line type %s where it is absent: %s", async (line_type, id) => {
    expect(await rowOf({ amount: 1, line_type })).toMatchObject({ metric_name: line_type, product: { id } });
  });

  it.each(["PROMO_CREDIT", "SOMETHING_NEW"])("stays unknown where nothing says it: %s", async (line_type) => {
    expect(await rowOf({ amount: 1, line_type })).not.toHaveProperty("product");
  });
});

describe("quantity and unit", () => {
  it.each<[string, Item, Item]>([
    ["as sent", { quantity: 99.9, unit: "GB" }, { usage: { quantity: 99.9 }, unit: "GB" }],
    ["a quantity of zero is a quantity", { quantity: 0, unit: "GB" }, { usage: { quantity: 0 }, unit: "GB" }],
    ["as text", { quantity: "96.0", unit: "Task-hour" }, { usage: { quantity: 96 }, unit: "Task-hour" }],
  ])("%s", async (_, fields, due) => {
    expect(await rowOf({ amount: 1, ...fields })).toMatchObject(due);
  });

  it.each<[string, Item]>([
    ["null", { quantity: null, unit: null }],
    ["absent", {}],
    ["an empty unit", { unit: "" }],
  ])("are left out when they are not there: %s", async (_, fields) => {
    const row = await rowOf({ amount: 1, ...fields });
    expect(row).not.toHaveProperty("usage");
    expect(row).not.toHaveProperty("unit");
  });
});

describe("what a number depends on and is not as the contract says is an error that names the field", () => {
  it.each<[string, unknown]>([
    ["amount", "n/a"],
    ["amount", "NaN"],
    ["amount", ""],
    ["amount", true],
    ["amount", { value: 5, currency: "USD" }],
    ["original_amount", "1,234.50"],
    ["original_amount", [5]],
    ["discount_amount", "10%"],
    ["quantity", "many"],
    ["quantity", false],
    ["quantity", "NaN"],
    ["start_date", 20260901],
    ["start_date", "01.09.2026"],
    ["start_date", null],
    ["end_date", undefined],
  ])("%s = %j", async (field, value) => {
    const error = await failure(rowOf({ amount: 1, original_amount: 1, [field]: value }));
    expect(error).toMatchObject({ name: "UsageError", kind: "vendor_data" });
    expect(String(error)).toContain(`CostList.data[].${field}`);
  });

  it.each([
    ["amount", '{"start_date":"2026-09-01","end_date":"2026-09-02","amount":1e999}'],
    ["quantity", '{"start_date":"2026-09-01","end_date":"2026-09-02","amount":1,"quantity":1e999}'],
  ])("a %s beyond any number, which JSON would write as null", async (field, text) => {
    confluentAnswers(() => reply(`{"data":[${text}]}`));
    const error = await failure(list(confluentEngine(), { start_date: "2026-09-01" }));
    expect(error).toMatchObject({ name: "UsageError", kind: "vendor_data" });
    expect(String(error)).toContain(`CostList.data[].${field}`);
  });

  it.each([
    ['{"data":{}}', "CostList.data"],
    ['{"data":"none"}', "CostList.data"],
    ['{"data":[null]}', "CostList.data[]"],
    ['{"data":[["line"]]}', "CostList.data[]"],
    ["{}", "CostList.data"],
    ["[]", "CostList"],
    ["null", "CostList"],
    ['"ok"', "CostList"],
  ])("the body %s", async (body, field) => {
    confluentAnswers(() => reply(body));
    const error = await failure(list(confluentEngine(), { start_date: "2026-09-01" }));
    expect(error).toMatchObject({ name: "UsageError", kind: "vendor_data" });
    expect(String(error)).toContain(field);
  });

  it.each([
    '{"errors":[{"status":"500","detail":"internal"}]}',
    '{"data":[],"errors":[{"title":"internal"}]}',
    '{"error_code":500,"message":"internal"}',
  ])("an error sent with status 200 is no month without costs: %s", async (body) => {
    confluentAnswers(() => reply(body));
    const error = await failure(listWithin(2_000, confluentEngine(), { start_date: "2026-09-01" }));
    expect(error).toMatchObject({ kind: "unavailable", message: expect.stringContaining("internal") });
  });

  it.each([
    '{"data":null}',
    '{"data":[]}',
    '{"data":[],"metadata":null}',
    '{"data":null,"metadata":{"next":null}}',
    '{"api_version":"v9","kind":"Other","data":[],"metadata":{"next":""}}',
  ])("but an empty answer is none: %s", async (body) => {
    confluentAnswers(() => reply(body));
    const answer = await list(confluentEngine(), { start_date: "2026-09-01" });
    expect(answer).toMatchObject({ result: [], next_cursor: null, is_partial_response: false });
    expect(answer.hint).toMatch(/nothing/);
  });
});

describe("sums of lines, worked out by hand", () => {
  const connect = stored("line-connect-2026");
  const ksql = { ...stored("line-ksql-2024"), start_date: "2026-09-03", end_date: "2026-09-04" };
  const support = line({ id: "s", product: "SUPPORT_PREMIER", line_type: "SUPPORT", amount: 70, original_amount: 70 });
  const promo = line({ id: "p", line_type: "PROMO_CREDIT", amount: -10, original_amount: -10 });
  const free = line({ id: "f", product: "FLINK", amount: 0, original_amount: 25, discount_amount: 25 });
  const all = [connect, ksql, support, promo, free];
  // net: 17.204 + 6.1344 + 70 - 10 + 0; gross: 18.7 + 6.1344 + 70 + 25; 119.8344 - 26.496 - 10 = 83.3384.
  const totals = [
    { currency: "USD", net: 83.3384, gross: 119.8344, discount: 26.496, credit: -10, platform_fee: 70, rows: 5 },
  ];

  it.each([[["product"]], [["charge_type"]], [["workspace", "day"]], [["week"]], [["user", "model"]]])(
    "the total is the same by %j: gross - discount + credit = net",
    async (group_by) => {
      expect((await summaryOf(group_by, ...all))["totals"]).toEqual(totals);
    },
  );

  it("by product, with what has none as unattributed", async () => {
    const { groups } = await summaryOf(["product"], ...all);
    expect(groups).toMatchObject([
      { key: { product: "SUPPORT_PREMIER" }, net: 70, gross: 70, rows: 1 },
      { key: { product: "CONNECT" }, net: 17.204, gross: 18.7, rows: 1 },
      { key: { product: "KSQL" }, net: 6.1344, gross: 6.1344, rows: 1 },
      { key: { product: "FLINK" }, net: 0, gross: 25, rows: 1 },
      { key: { product: "unattributed" }, net: -10, gross: 0, rows: 1 },
    ]);
  });

  it("report_type summary is one row a product over the whole period", async () => {
    const twice = [{ ...connect, start_date: "2026-10-02", end_date: "2026-10-03" }, connect];
    confluentAnswers((url) =>
      costList(
        twice.filter(
          (entry) => String(entry["start_date"]).slice(0, 7) === url.searchParams.get("start_date")?.slice(0, 7),
        ),
      ),
    );
    const query = { report_type: "summary", start_date: "2026-09-01", end_date: "2026-11-01" } as const;
    expect(rowsOf(await list(confluentEngine(), { ...query, truto_exclude_fields: ["id"] }))).toEqual([
      {
        start_date: "2026-09-01T00:00:00Z",
        end_date: "2026-11-01T00:00:00Z",
        metric_name: "CONNECT_NUM_TASKS",
        product: { id: "CONNECT", name: "Connect" },
        charges: [usd("net", 34.408), usd("total", 37.4), usd("discount", 2.992)],
        usage: { quantity: 192 },
        unit: "Task-hour",
      },
    ]);
  });

  it("a quantity of two units is not summed", async () => {
    confluentAnswers(() =>
      costList([
        line({ id: "a", product: "KAFKA", amount: 1, quantity: 5, unit: "GB" }),
        line({ id: "b", product: "KAFKA", amount: 2, quantity: 7, unit: "GB-hour" }),
      ]),
    );
    const [row] = rowsOf(await list(confluentEngine(), { start_date: "2026-09-01", report_type: "summary" }));
    expect(row).toMatchObject({ charges: [usd("net", 3)] });
    expect(row).not.toHaveProperty("usage");
    expect(row).not.toHaveProperty("unit");
  });

  it("report_type usage has the rows of report_type cost", async () => {
    confluentAnswers(() => costList(all));
    const [cost, usage] = [
      await list(confluentEngine(), { start_date: "2026-09-01", report_type: "cost" }),
      await list(confluentEngine(), { start_date: "2026-09-01", report_type: "usage" }),
    ];
    expect(usage.result).toEqual(cost.result);
    expect([cost.report_type, usage.report_type]).toEqual(["cost", "usage"]);
  });

  it("a tenth, 3000 times, is 300", async () => {
    const tenths = Array.from({ length: 3000 }, (_, index) =>
      line({ id: `t${index}`, amount: 0.1, original_amount: 0.1 }),
    );
    confluentAnswers(() => json({ data: tenths }));
    const { totals: sums } = await getCostSummary.run(confluentEngine(), { period: "2026-09" }, call());
    expect(sums).toEqual([{ currency: "USD", net: 300, gross: 300, rows: 3000 }]);
  });
});
