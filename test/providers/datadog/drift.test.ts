import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import { describeDrift, type Kind } from "../drift.ts";
import {
  call,
  costByOrg,
  datadogAnswers,
  engineOf,
  failure,
  guardTheEdge,
  json,
  list,
  listWithin,
  payload,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

function asking(query: Query) {
  return (body: unknown) => {
    datadogAnswers({ historical: () => json(body) });
    return list(engineOf(), query);
  };
}

function stored(name: string): unknown {
  return JSON.parse(payload(`datadog/${name}.json`));
}

const free = (...names: string[]) => Object.fromEntries(names.map((name): [string, Kind] => [name, "free"]));

const ENTRY: Record<string, Kind> = {
  data: "list!",
  "data[]": "object!",
  "data[].type": "free",
  // Opaque: it tells entries that are sent twice from parts of one month.
  "data[].id": "text?",
  "data[].attributes": "object!",
  "data[].attributes.date": "day!",
  "data[].attributes.public_id": "text?",
  "data[].attributes.org_name": "free",
  "data[].attributes.total_cost": "free",
  "data[].attributes.charges": "list!",
  "data[].attributes.charges[]": "object!",
  "data[].attributes.charges[].product_name": "text!",
  "data[].attributes.charges[].charge_type": "text!",
  "data[].attributes.charges[].cost": "number!",
};

describeDrift("the recorded costs", {
  body: stored("cost-by-org"),
  ask: asking({ start_date: "2022-04-01" }),
  fields: ENTRY,
});

describeDrift("the documented costs", {
  body: stored("docs-example"),
  ask: asking({ start_date: "2024-10-01" }),
  fields: {
    ...ENTRY,
    "data[].attributes.account_public_id": "text?",
    ...free("data[].attributes.account_name", "data[].attributes.region"),
    "data[].attributes.charges[].last_aggregation_function": "free",
  },
});

describeDrift("a summary of the recorded costs", {
  body: stored("cost-by-org"),
  ask: asking({ start_date: "2022-04-01", report_type: "summary" }),
  fields: {
    ...ENTRY,
    // What the parts come to is the same here: 0 + 72 + 1.17.
    "data[].attributes.total_cost": "number?",
  },
});

describe("labels are an ornament", () => {
  it.each([{}, { data: null }, { data: [{}] }, { data: [5] }, { errors: ["Forbidden"] }, []])(
    "without which products have their ids' names: %j",
    async (labels) => {
      datadogAnswers({ historical: () => json(stored("cost-by-org")), mapping: () => json(labels) });
      const rows = rowsOf(await listWithin(20_000, engineOf(), { start_date: "2022-04-01" }));
      expect(rows.map(({ product }) => product)).toEqual([
        { id: "infra_host", name: "Infra Host" },
        { id: "synthetics_api_tests", name: "Synthetics Api Tests" },
      ]);
    },
  );
});

describe("an error that is sent with status 200", () => {
  it.each([
    { errors: ["try later"] },
    { errors: [{ title: "Bad Request", detail: "try later" }] },
    { errors: [{ title: "try later" }] },
    { errors: ["try later"], data: [] },
  ])("is no month without costs: %j", async (body) => {
    datadogAnswers({ historical: () => json(body) });
    expect(await failure(listWithin(2_000, engineOf(), { start_date: "2026-08-01" }))).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("try later"),
    });
  });

  it.each([{ message: "login required" }, { error: "login required" }, { errors: [] }])(
    "in a shape that is not Datadog's names what is missing: %j",
    async (body) => {
      datadogAnswers({ historical: () => json(body) });
      expect(await failure(listWithin(2_000, engineOf(), { start_date: "2026-08-01" }))).toMatchObject({
        kind: "vendor_data",
        message: expect.stringContaining("historical_cost.data"),
      });
    },
  );
});

describe("a month that lists nothing it is made up of", () => {
  const paid = costByOrg({ date: "2026-08-01", charges: [{ product_name: "rum", charge_type: "total", cost: 10 }] });
  const ask = (attributes: Record<string, unknown>) => {
    const empty = { id: "empty", attributes: { date: "2026-08-01", public_id: "org2", ...attributes } };
    datadogAnswers({ historical: () => json({ data: [paid, empty] }) });
    return list(engineOf(), { start_date: "2026-08-01" });
  };

  it.each([{}, { charges: null }, { charges: [] }])("has no row where it comes to nothing: %j", async (charges) => {
    expect(rowsOf(await ask({ total_cost: 0, ...charges }))).toMatchObject([{ charges: [{ amount: 10 }] }]);
  });

  it.each([
    {},
    { charges: null },
    { charges: "none", total_cost: 0 },
    { total_cost: 5 },
    { charges: null, total_cost: 5 },
    { charges: [], total_cost: 5 },
  ])("is an error where it comes to something, or does not say: %j", async (attributes) => {
    expect(await failure(ask(attributes))).toMatchObject({
      kind: "vendor_data",
      message: expect.stringContaining("attributes.charges"),
    });
  });
});

describe("entries", () => {
  const charges = [{ product_name: "rum", charge_type: "total", cost: 10 }];

  it("that are sent twice without an id are one", async () => {
    const { id: _, ...entry } = Object(costByOrg({ date: "2026-08-01", charges }));
    datadogAnswers({ historical: () => json({ data: [entry, entry] }) });
    const summary = await getCostSummary.run(engineOf(), { period: "2026-08" }, call());
    expect(summary).toMatchObject({ totals: [{ net: 10, rows: 1 }] });
  });

  it("without an id that hold other charges are parts of one month", async () => {
    const part = (product_name: string) => {
      const { id: _, ...entry } = Object(
        costByOrg({ date: "2026-08-01", charges: [{ product_name, charge_type: "total", cost: 10 }] }),
      );
      return entry;
    };
    datadogAnswers({ historical: () => json({ data: [part("rum"), part("siem")] }) });
    const summary = await getCostSummary.run(engineOf(), { period: "2026-08" }, call());
    expect(summary).toMatchObject({ totals: [{ net: 20, rows: 2 }] });
  });

  it("of months that were not asked for are left out, and said", async () => {
    const data = ["2026-07-01", "2026-08-01"].map((date) => costByOrg({ date, charges }, date));
    datadogAnswers({ historical: () => json({ data }) });
    const answer = await list(engineOf(), { start_date: "2026-08-01" });
    expect(rowsOf(answer)).toHaveLength(1);
    expect(answer.warnings).toEqual([expect.stringMatching(/2026-07.*not asked for/)]);
  });
});
