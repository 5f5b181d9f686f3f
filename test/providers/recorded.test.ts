import { describe, expect, it } from "vitest";
import * as z from "zod";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import {
  call,
  confluentAnswers,
  confluentEngine,
  datadogAnswers,
  engineOf,
  guardTheEdge,
  json,
  list,
  payload,
  recorded,
  reply,
  rowsOf,
} from "./edge.ts";

guardTheEdge();

const summarySchema = z.looseObject({
  totals: z.array(z.looseObject({ currency: z.string(), net: z.number(), gross: z.number() })),
  groups: z.array(z.looseObject({ key: z.record(z.string(), z.string()), net: z.number(), gross: z.number() })),
});

describe("Datadog's recorded exchanges, through list_usage and get_cost_summary", () => {
  const multiOrg = () =>
    datadogAnswers({
      historical: () => recorded("multiorg-cost"),
      mapping: () => recorded("billing-dimension-mapping-refused"),
    });
  const projected = () =>
    datadogAnswers({
      historical: () => recorded("projected-cost"),
      mapping: () => json({ errors: ["Forbidden"] }, 403),
    });

  it("multi-org: two rows, 1.17 + 72 = 73.17, and the charge that came twice added up", async () => {
    const asked = multiOrg();
    const answer = await list(engineOf(), { start_date: "2022-04-01" });
    const common = {
      start_date: "2022-04-01T00:00:00Z",
      end_date: "2022-05-01T00:00:00Z",
      organization: { id: "fasjyydbcgwwc2uc", name: "RQ Dummy Tests" },
    };
    expect(rowsOf(answer)).toEqual([
      {
        ...common,
        id: "datadog:fasjyydbcgwwc2uc:2022-04:infra_host",
        metric_name: "infra_host",
        product: { id: "infra_host", name: "Infra Host" },
        charges: [
          { type: "committed", amount: 1.17, currency: "USD" },
          { type: "total", amount: 1.17, currency: "USD" },
        ],
      },
      {
        ...common,
        id: "datadog:fasjyydbcgwwc2uc:2022-04:synthetics_api_tests",
        metric_name: "synthetics_api_tests",
        product: { id: "synthetics_api_tests", name: "Synthetics Api Tests" },
        charges: [
          { type: "on_demand", amount: 72, currency: "USD" },
          { type: "total", amount: 72, currency: "USD" },
        ],
      },
    ]);
    expect(asked.historical).toEqual([
      "/api/v2/usage/historical_cost?start_month=2022-04&end_month=2022-04&view=sub-org",
    ]);
    expect(asked.estimated).toEqual([]);
  });

  it("multi-org: the summary's total is 73.17 in two products", async () => {
    multiOrg();
    const summary = summarySchema.parse(
      await getCostSummary.run(engineOf(), { period: "2022-04", group_by: ["product"] }, call()),
    );
    expect(summary.totals).toEqual([
      { currency: "USD", net: 73.17, gross: 73.17, committed: 1.17, on_demand: 72, rows: 2 },
    ]);
    expect(summary.groups.map(({ key, net }) => [key["product"], net])).toEqual([
      ["synthetics_api_tests", 72],
      ["infra_host", 1.17],
    ]);
  });

  it("51 products of the projected exchange: 153 charges are 51 rows, and 270,247,171.451923 in all", async () => {
    projected();
    const answer = await list(engineOf(), { start_date: "2023-11-01" });
    const rows = rowsOf(answer);
    expect(rows).toHaveLength(51);
    expect(
      rows.every((row) => row["start_date"] === "2023-11-01T00:00:00Z" && row["end_date"] === "2023-12-01T00:00:00Z"),
    ).toBe(true);
    expect(rows[0]).toMatchObject({
      id: "datadog:yB5yjZ:2023-11:apm_host",
      organization: { id: "yB5yjZ", name: "Datadog れお 🍻☀️😎🏖️ データドッグ" },
      charges: [
        { type: "on_demand", amount: 3621671.999987, currency: "USD" },
        { type: "committed", amount: 0, currency: "USD" },
        { type: "total", amount: 3621671.999987, currency: "USD" },
      ],
    });
    projected();
    const summary = summarySchema.parse(
      await getCostSummary.run(engineOf(), { period: "2023-11", group_by: ["organization"] }, call()),
    );
    // Added up apart from this code, over the decimals of the recorded text: once for `total`, once for projected_on_demand.
    expect(summary.totals).toEqual([
      {
        currency: "USD",
        net: 270247171.451923,
        gross: 270247171.451923,
        committed: 0,
        on_demand: 270247171.451923,
        rows: 51,
      },
    ]);
    expect(summary.groups).toHaveLength(1);
  });

  it("a month that historical_cost has nothing of, older than the last, is empty and not asked as an estimate", async () => {
    const asked = datadogAnswers({ historical: () => recorded("historical-cost-empty") });
    const answer = await list(engineOf(), { start_date: "2022-09-01" });
    expect(answer.result).toEqual([]);
    expect(answer.hint).toMatch(/holds nothing for this period.*15 months/);
    expect(asked.historical).toHaveLength(1);
  });

  it.each(["2022-04-99", "2022-04-xx", "April 2022"])(
    "a date that can't be read (%s) is an error, not a month without cost",
    async (date) => {
      const item = {
        type: "cost_by_org",
        id: "x",
        attributes: { public_id: "o", date, charges: [{ charge_type: "total", cost: 5, product_name: "logs" }] },
      };
      datadogAnswers({ historical: () => json({ data: [item] }) });
      await expect(list(engineOf(), { start_date: "2022-04-01" })).rejects.toMatchObject({
        kind: "vendor_data",
        message: expect.stringContaining("attributes.date"),
      });
    },
  );

  it("keys of a child organization are told so, as a fault of the credentials", async () => {
    datadogAnswers({ historical: () => recorded("estimated-cost-refused") });
    await expect(list(engineOf(), { start_date: "2022-09-01" })).rejects.toMatchObject({
      kind: "credentials",
      message: expect.stringMatching(/datadog account 'datadog'.*non-parent org keys.*parent \(root\) organization/),
    });
  });
});

describe("Confluent's pasted rows", () => {
  const one = (name: string) => confluentAnswers(() => reply(`{"data":[${payload(`confluent/${name}.json`)}]}`));
  const dated = (start: string) => ({ start_date: start, truto_exclude_fields: ["id"] });

  it("2024: a ksqlDB line without an id keeps the vendor's amount, not price x quantity", async () => {
    one("line-ksql-2024");
    expect(rowsOf(await list(confluentEngine(), dated("2024-01-01")))).toEqual([
      {
        start_date: "2024-01-28T00:00:00Z",
        end_date: "2024-01-29T00:00:00Z",
        metric_name: "KSQL_NUM_CSUS",
        product: { id: "KSQL", name: "ksqlDB" },
        resources: [{ id: "lksqlc-zzziii", name: "test_ksqlDB_cluster", workspace: { id: "env-xxxyyy" } }],
        charges: [
          { type: "net", amount: 6.1344, currency: "USD" },
          { type: "total", amount: 6.1344, currency: "USD" },
        ],
        usage: { quantity: 24 },
        unit: "CSU-hour",
      },
    ]);
  });

  it("2026: 18.700 - 1.496 = 17.204, in the row and in the summary", async () => {
    one("line-connect-2026");
    const [row] = rowsOf(await list(confluentEngine(), dated("2026-09-01")));
    expect(row).toMatchObject({
      charges: [
        { type: "net", amount: 17.204, currency: "USD" },
        { type: "total", amount: 18.7, currency: "USD" },
        { type: "discount", amount: 1.496, currency: "USD" },
      ],
    });
    one("line-connect-2026");
    const summary = summarySchema.parse(
      await getCostSummary.run(confluentEngine(), { period: "2026-09", group_by: ["product"] }, call()),
    );
    expect(summary.totals).toEqual([{ currency: "USD", net: 17.204, gross: 18.7, discount: 1.496, rows: 1 }]);
  });

  it("the documented line keeps its own id, days and identity 149.85 - 20.85 = 129", async () => {
    const { data } = JSON.parse(payload("confluent/list-spec-example.json"));
    confluentAnswers(() => json({ data }));
    expect(rowsOf(await list(confluentEngine(), { start_date: "2022-10-01" }))).toEqual([
      {
        id: "dlz-f3a90de",
        start_date: "2022-10-12T00:00:00Z",
        end_date: "2022-10-15T00:00:00Z",
        metric_name: "KAFKA_NUM_CKUS",
        product: { id: "KAFKA", name: "Kafka" },
        resources: [{ id: "lkc-12345", name: "prod-kafka-cluster", workspace: { id: "env-123" } }],
        charges: [
          { type: "net", amount: 129, currency: "USD" },
          { type: "total", amount: 149.85, currency: "USD" },
          { type: "discount", amount: 20.85, currency: "USD" },
        ],
        usage: { quantity: 99.9 },
        unit: "GB",
      },
    ]);
  });

  it("a line of the whole organization has no resource, and its support is a platform fee beside net", async () => {
    one("line-support-org-level");
    expect(rowsOf(await list(confluentEngine(), dated("2023-01-01")))).toEqual([
      {
        start_date: "2023-01-01T00:00:00Z",
        end_date: "2023-01-02T00:00:00Z",
        metric_name: "SUPPORT",
        product: { id: "SUPPORT_PREMIER", name: "Support Premier" },
        charges: [
          { type: "net", amount: 70, currency: "USD" },
          { type: "total", amount: 70, currency: "USD" },
          { type: "platform_fee", amount: 70, currency: "USD" },
        ],
      },
    ]);
  });

  it("legacy organizations: net follows from gross and discount (1.32 and 1.32 - 0.33), the environment from where it stands", async () => {
    confluentAnswers(() => reply(payload("confluent/list-legacy.json")));
    const rows = rowsOf(await list(confluentEngine(), dated("2024-03-01")));
    expect(rows.map(({ charges, resources }) => ({ charges, resources }))).toEqual([
      {
        charges: [
          { type: "net", amount: 1.32, currency: "USD" },
          { type: "total", amount: 1.32, currency: "USD" },
        ],
        resources: [{ id: "lkc-legacy1", name: "orders", workspace: { id: "env-legacy1" } }],
      },
      {
        charges: [
          { type: "net", amount: 0.99, currency: "USD" },
          { type: "total", amount: 1.32, currency: "USD" },
          { type: "discount", amount: 0.33, currency: "USD" },
        ],
        resources: [{ id: "lkc-legacy2", name: "payments", workspace: { id: "env-legacy2" } }],
      },
    ]);
    confluentAnswers(() => reply(payload("confluent/list-legacy.json")));
    const then = confluentEngine(Date.UTC(2024, 3, 5));
    const summary = summarySchema.parse(await getCostSummary.run(then, { period: "2024-03" }, call()));
    expect(summary.totals).toMatchObject([{ net: 2.31, gross: 2.64, discount: 0.33 }]);
  });
});
