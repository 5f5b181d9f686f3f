import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import {
  call,
  costByOrg,
  DATADOG_ACCOUNT,
  datadogAnswers,
  engineOf,
  failure,
  guardTheEdge,
  type Item,
  idsOf,
  json,
  list,
  payload,
  type Reply,
  recorded,
  reply,
  rowsOf,
  SECRETS,
  serve,
} from "../edge.ts";

guardTheEdge();

const AUGUST = { start_date: "2026-08-01" };
const empty: Reply = () => recorded("historical-cost-empty");

function charge(product_name: string, charge_type: string, cost: number): Item {
  return { product_name, charge_type, cost };
}

/** Three organizations, two months. By hand: August 10.10 + 20.20 + 0.05 = 30.35, September 1 + 2 = 3. */
const ESTATE = [
  costByOrg({
    date: "2026-08-01T00:00:00Z",
    public_id: "o1",
    org_name: "First",
    total_cost: 10.1,
    charges: [
      charge("infra_host", "on_demand", 0.1),
      charge("infra_host", "committed", 7),
      charge("infra_host", "total", 7.1),
      charge("rum", "on_demand", 3),
      charge("rum", "total", 3),
    ],
  }),
  costByOrg({
    date: "2026-08-01T00:00:00Z",
    public_id: "o2",
    org_name: "Second",
    total_cost: 20.2,
    charges: [
      charge("infra_host", "on_demand", 0.2),
      charge("infra_host", "committed", 20),
      charge("infra_host", "total", 20.2),
    ],
  }),
  costByOrg({
    date: "2026-08-01T00:00:00Z",
    public_id: "o3",
    org_name: "Third",
    total_cost: 0.05,
    charges: [charge("siem", "total", 0.05)],
  }),
  costByOrg({
    date: "2026-09-01T00:00:00Z",
    public_id: "o1",
    org_name: "First",
    total_cost: 3,
    charges: [charge("infra_host", "on_demand", 1), charge("rum", "on_demand", 2)],
  }),
];

const estate = () => datadogAnswers({ historical: () => json({ data: ESTATE }) });
const BOTH = { start_date: "2026-08-01", end_date: "2026-10-01" };

function usd(type: string, amount: number) {
  return { type, amount, currency: "USD" };
}

function sums(rows: readonly Item[], field: "organization" | "product" | "none"): unknown[] {
  return rows.map(({ [field]: value, start_date, charges }) => [
    String(start_date).slice(0, 7),
    ...(field === "none" ? [] : [Object(value).id]),
    charges,
  ]);
}

describe("the wire", () => {
  it("carries both keys and the documented Accept header, to the path asked for", async () => {
    const seen: Record<string, string | null>[] = [];
    datadogAnswers({
      historical: (_, { headers }) => {
        seen.push(
          Object.fromEntries(
            ["dd-api-key", "dd-application-key", "accept", "authorization"].map((name) => [name, headers.get(name)]),
          ),
        );
        return json({ data: [] });
      },
    });
    await list(engineOf(), AUGUST);
    expect(seen).toEqual([
      {
        "dd-api-key": SECRETS[0],
        "dd-application-key": SECRETS[1],
        accept: "application/json;datetime-format=rfc3339",
        authorization: null,
      },
    ]);
  });

  it.each([
    "us3.datadoghq.com",
    "us5.datadoghq.com",
    "datadoghq.eu",
    "ap1.datadoghq.com",
    "ap2.datadoghq.com",
    "uk1.datadoghq.com",
    "ddog-gov.com",
    "us2.ddog-gov.com",
  ])("goes to the account's site: %s", async (site) => {
    const asked = serve(`https://api.${site}`, "/api/v2/usage/historical_cost", () => json({ data: [] }));
    serve(`https://api.${site}`, "/api/v2/usage/billing_dimension_mapping", () => json({ data: [] }));
    await list(engineOf([{ ...DATADOG_ACCOUNT, site }]), AUGUST);
    expect(asked).toHaveLength(1);
  });

  it("asks for labels with the brackets of the name encoded", async () => {
    const calls = datadogAnswers({ historical: empty });
    await list(engineOf(), AUGUST);
    expect(calls.mapping).toHaveLength(1);
    expect(calls.mapping[0]).toMatch(/^\/api\/v2\/usage\/billing_dimension_mapping\?filter%5Bview%5D=(all|active)$/);
  });

  it("is asked again after a 429 and a 503", async () => {
    const answers = [
      json({ errors: ["Too many requests"] }, 429, { "retry-after": "0" }),
      reply("", 503, { "retry-after": "0" }),
    ];
    const calls = datadogAnswers({ historical: () => answers.shift() ?? json({ data: ESTATE }) });
    expect(rowsOf(await list(engineOf(), AUGUST))).toHaveLength(4);
    expect(calls.historical).toHaveLength(3);
    expect(new Set(calls.historical).size).toBe(1);
  });

  it("waits as long as X-RateLimit-Reset says where no Retry-After is sent: seconds from now", async () => {
    const answers = [json({ errors: ["Too many requests"] }, 429, { "x-ratelimit-reset": "0" })];
    const calls = datadogAnswers({ historical: () => answers.shift() ?? json({ data: [] }) });
    await list(engineOf(), AUGUST);
    expect(calls.historical).toHaveLength(2);
  });

  it("gives a longer wait to the caller: 47 seconds are not waited for", async () => {
    datadogAnswers({ historical: () => json({ errors: ["Too many requests"] }, 429, { "x-ratelimit-reset": "47" }) });
    expect(await failure(list(engineOf(), AUGUST))).toMatchObject({
      kind: "unavailable",
      details: { status: 429, retry_after: 47 },
      message: expect.stringContaining("47 s"),
    });
  });
});

describe("the labels of products", () => {
  const august = () =>
    json({
      data: [
        costByOrg({ date: "2026-08-01", charges: [charge("apm_host", "total", 1), charge("infra_host", "total", 2)] }),
      ],
    });
  const products = async (mapping: Reply) => {
    datadogAnswers({ historical: august, mapping });
    return rowsOf(await list(engineOf(), AUGUST)).map(({ product }) => product);
  };
  const HUMANISED = [
    { id: "apm_host", name: "Apm Host" },
    { id: "infra_host", name: "Infra Host" },
  ];

  it("are billing_dimension_mapping's in_app_label; a product without one is humanised", async () => {
    expect(await products(() => reply(payload("datadog/billing-dimension-mapping.json")))).toEqual([
      { id: "apm_host", name: "APM Hosts" },
      { id: "infra_host", name: "Infra Host" },
    ]);
  });

  it("stand in a summary beside the ids", async () => {
    datadogAnswers({ historical: august, mapping: () => reply(payload("datadog/billing-dimension-mapping.json")) });
    expect(await getCostSummary.run(engineOf(), { period: "2026-08", group_by: ["product"] }, call())).toMatchObject({
      groups: [
        { key: { product: "infra_host" }, names: { product: "Infra Host" }, net: 2 },
        { key: { product: "apm_host" }, names: { product: "APM Hosts" }, net: 1 },
      ],
    });
  });

  it.each<[string, Reply]>([
    ["a 400 for a child organization's keys", () => recorded("billing-dimension-mapping-refused")],
    ["a 403", () => reply(payload("datadog/error-forbidden-title.json"), 403)],
    ["a 404", () => json({ errors: ["Not found"] }, 404)],
    ["a 500", () => json({ errors: ["Internal"] }, 500)],
    ["a 429 that asks for a minute", () => json({ errors: ["slow"] }, 429, { "retry-after": "60" })],
  ])("are humanised ids, and the listing works, when they are refused: %s", async (_, mapping) => {
    expect(await products(mapping)).toEqual(HUMANISED);
  });

  it.each([
    ["data that is an object", '{"data":{"id":"apm_host"}}'],
    ["a list", "[]"],
    ["null", "null"],
    ["a text", '"soon"'],
    ["data that is a text", '{"data":"none"}'],
  ])("are humanised ids, and the listing works, when their answer can't be read: %s", async (_, body) => {
    expect(await products(() => reply(body))).toEqual(HUMANISED);
  });

  it.each([
    ["no data", "{}"],
    ["null data", '{"data":null}'],
    [
      "entries of another shape",
      '{"data":[null,5,{"id":"apm_host"},{"id":"apm_host","attributes":{"in_app_label":null}}]}',
    ],
    ["a label that is empty", '{"data":[{"id":"apm_host","attributes":{"in_app_label":""}}]}'],
  ])("are humanised ids where the answer holds none: %s", async (_, body) => {
    expect(await products(() => reply(body))).toEqual(HUMANISED);
  });
});

describe("refusals", () => {
  const NON_PARENT = /datadog account 'datadog'.*non-parent org keys.*parent \(root\)/s;

  it.each<[string, Reply]>([
    ["strings", () => recorded("estimated-cost-refused")],
    ["objects", () => recorded("billing-dimension-mapping-refused")],
    ["strings again", () => reply(payload("datadog/error-non-parent-strings.json"), 400)],
    [
      "objects as vnd.api+json",
      () =>
        reply(payload("datadog/error-non-parent-objects.json"), 400, { "content-type": "application/vnd.api+json" }),
    ],
  ])("a child organization's keys, 400 with %s, are a fault of the credentials", async (_, historical) => {
    const calls = datadogAnswers({ historical });
    const error = await failure(list(engineOf(), AUGUST));
    expect(error).toMatchObject({ name: "UsageError", kind: "credentials", details: { status: 400 } });
    expect(String(error)).toMatch(NON_PARENT);
    expect(calls.historical).toHaveLength(1);
  });

  it.each([
    [401, '{"errors":["Unauthorized"]}', "Unauthorized"],
    [403, payload("datadog/error-forbidden-strings.json"), "Forbidden"],
    [403, payload("datadog/error-forbidden-title.json"), "Forbidden"],
    [403, "", "HTTP 403"],
    [401, "<html>no</html>", "HTTP 401"],
  ])(
    "%i %s is a fault of the credentials that names the account, the site and both permissions",
    async (status, body, words) => {
      const calls = datadogAnswers({ historical: () => reply(body, status) });
      const engine = engineOf([{ ...DATADOG_ACCOUNT, id: "dd-prod" }]);
      const error = await failure(list(engine, AUGUST));
      expect(error).toMatchObject({
        kind: "credentials",
        details: { provider: "datadog", integrated_account_id: "dd-prod", status },
      });
      for (const word of [words, "dd-prod", "datadoghq.com", "usage_read", "billing_read"])
        expect(String(error)).toContain(word);
      for (const secret of SECRETS) expect(String(error)).not.toContain(secret);
      expect(calls.historical).toHaveLength(1);
    },
  );

  it("any other 400 is a fault of the question, in Datadog's words", async () => {
    datadogAnswers({ historical: () => reply(payload("datadog/error-start-after-end.json"), 400) });
    const error = await failure(list(engineOf(), AUGUST));
    expect(error).toMatchObject({ kind: "question", details: { status: 400 } });
    expect(String(error)).toContain("must be before end_hr");
  });

  it("in a summary the account is named with its error, and nothing is summed", async () => {
    datadogAnswers({ historical: () => recorded("estimated-cost-refused") });
    expect(await getCostSummary.run(engineOf(), { period: "2026-08" }, call())).toMatchObject({
      totals: [],
      groups: [],
      accounts: [{ integrated_account_id: "datadog", status: "error", error: expect.stringMatching(NON_PARENT) }],
      is_partial_response: true,
    });
  });

  it("a refused estimate after a good historical answer gives no half of a sum", async () => {
    datadogAnswers({
      historical: () => json({ data: ESTATE }),
      estimated: () => reply(payload("datadog/error-forbidden-strings.json"), 403),
    });
    const args = { start_date: "2026-08-01", end_date: "2026-12-01" };
    expect(await getCostSummary.run(engineOf(), args, call())).toMatchObject({
      totals: [],
      accounts: [{ status: "error" }],
      is_partial_response: true,
    });
  });
});

describe("filters and order", () => {
  it.each([
    [["infra_host"], ["datadog:o1:2026-08:infra_host", "datadog:o2:2026-08:infra_host"]],
    [["INFRA_HOST"], ["datadog:o1:2026-08:infra_host", "datadog:o2:2026-08:infra_host"]],
    [
      ["rum", "siem"],
      ["datadog:o1:2026-08:rum", "datadog:o3:2026-08:siem"],
    ],
    [["Infra Host"], ["datadog:o1:2026-08:infra_host", "datadog:o2:2026-08:infra_host"]],
  ])("product_ids %o", async (product_ids, ids) => {
    estate();
    expect(idsOf(await list(engineOf(), { ...AUGUST, product_ids }))).toEqual(ids);
  });

  it("product_ids take the label of the mapping too", async () => {
    datadogAnswers({
      historical: () => json({ data: [costByOrg({ date: "2026-08-01", charges: [charge("apm_host", "total", 1)] })] }),
      mapping: () => reply(payload("datadog/billing-dimension-mapping.json")),
    });
    expect(idsOf(await list(engineOf(), { ...AUGUST, product_ids: ["APM Hosts"] }))).toEqual([
      "datadog:org1:2026-08:apm_host",
    ]);
  });

  it("product_ids that match nothing say what there is", async () => {
    estate();
    const answer = await list(engineOf(), { ...AUGUST, product_ids: ["infra"] });
    expect(answer).toMatchObject({ result: [], hint: expect.stringContaining("infra_host, rum, siem") });
  });

  it("product_ids filter a summary: 7.1 + 20.2 = 27.3", async () => {
    estate();
    expect(
      await getCostSummary.run(engineOf(), { period: "2026-08", product_ids: ["infra_host"] }, call()),
    ).toMatchObject({
      totals: [{ net: 27.3, rows: 2, on_demand: 0.3, committed: 27 }],
    });
  });

  it("without an order rows stand by month, organization and product", async () => {
    datadogAnswers({ historical: () => json({ data: [...ESTATE].reverse() }) });
    expect(idsOf(await list(engineOf(), BOTH))).toEqual([
      "datadog:o1:2026-08:infra_host",
      "datadog:o1:2026-08:rum",
      "datadog:o2:2026-08:infra_host",
      "datadog:o3:2026-08:siem",
      "datadog:o1:2026-09:infra_host",
      "datadog:o1:2026-09:rum",
    ]);
  });

  const DEAREST_FIRST = [
    "datadog:o2:2026-08:infra_host",
    "datadog:o1:2026-08:infra_host",
    "datadog:o1:2026-08:rum",
    "datadog:o3:2026-08:siem",
  ];
  it.each([
    [{ sort_by: "total" }, DEAREST_FIRST],
    [{ sort_by: "net" }, DEAREST_FIRST],
    [{ sort_by: "total", sort_order: "asc" as const }, [...DEAREST_FIRST].reverse()],
    [{ sort_by: "total", limit: 2 }, DEAREST_FIRST.slice(0, 2)],
    [{ sort_by: "total", page_size: 3, page: 2 }, DEAREST_FIRST.slice(3)],
  ])("%o", async (query, ids) => {
    estate();
    expect(idsOf(await list(engineOf(), { ...AUGUST, ...query }))).toEqual(ids);
  });
});

describe("group_by", () => {
  it("organization: each one's month, products summed", async () => {
    estate();
    const rows = rowsOf(await list(engineOf(), { ...BOTH, group_by: ["organization"] }));
    expect(
      rows.map(({ start_date, end_date, organization, charges }) => [start_date, end_date, organization, charges]),
    ).toEqual(
      expect.arrayContaining([
        [
          "2026-08-01T00:00:00Z",
          "2026-09-01T00:00:00Z",
          { id: "o1", name: "First" },
          expect.arrayContaining([usd("on_demand", 3.1), usd("committed", 7), usd("total", 10.1)]),
        ],
        [
          "2026-08-01T00:00:00Z",
          "2026-09-01T00:00:00Z",
          { id: "o2", name: "Second" },
          expect.arrayContaining([usd("on_demand", 0.2), usd("committed", 20), usd("total", 20.2)]),
        ],
        ["2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z", { id: "o3", name: "Third" }, [usd("total", 0.05)]],
        [
          "2026-09-01T00:00:00Z",
          "2026-10-01T00:00:00Z",
          { id: "o1", name: "First" },
          expect.arrayContaining([usd("on_demand", 3), usd("total", 3)]),
        ],
      ]),
    );
    expect(rows).toHaveLength(4);
  });

  it("product: each one's month over all organizations", async () => {
    estate();
    const rows = rowsOf(await list(engineOf(), { ...AUGUST, group_by: ["product"] }));
    expect(sums(rows, "product")).toEqual(
      expect.arrayContaining([
        [
          "2026-08",
          "infra_host",
          expect.arrayContaining([usd("on_demand", 0.3), usd("committed", 27), usd("total", 27.3)]),
        ],
        ["2026-08", "rum", expect.arrayContaining([usd("on_demand", 3), usd("total", 3)])],
        ["2026-08", "siem", [usd("total", 0.05)]],
      ]),
    );
    expect(rows).toHaveLength(3);
    expect(rows.every((row) => row["organization"] === undefined)).toBe(true);
  });

  it("charge_type: one charge a row, on_demand 3.3, committed 27, total 30.35", async () => {
    estate();
    const rows = rowsOf(await list(engineOf(), { ...AUGUST, group_by: ["charge_type"] }));
    expect(sums(rows, "none")).toEqual(
      expect.arrayContaining([
        ["2026-08", [usd("on_demand", 3.3)]],
        ["2026-08", [usd("committed", 27)]],
        ["2026-08", [usd("total", 30.35)]],
      ]),
    );
    expect(rows).toHaveLength(3);
  });

  it("ids of groups are unique, and hold whatever the window", async () => {
    estate();
    const wide = idsOf(await list(engineOf(), { ...BOTH, group_by: ["product", "organization"] }));
    estate();
    const narrow = idsOf(await list(engineOf(), { ...AUGUST, group_by: ["product", "organization"] }));
    expect(new Set(wide).size).toBe(6);
    expect(narrow).toHaveLength(4);
    expect(wide).toEqual(expect.arrayContaining(narrow));
  });

  it.each([
    ["provider"],
    ["product"],
    ["organization"],
    ["month"],
    ["charge_type"],
    ["product", "organization"],
    ["user"],
  ])("a summary is 33.35 whatever it is grouped by: %s %s", async (...group_by) => {
    estate();
    const args = { start_date: "2026-08-01", end_date: "2026-10-01", group_by: group_by.filter(Boolean) };
    const { totals, groups } = await getCostSummary.run(engineOf(), args, call());
    expect(totals).toEqual([{ currency: "USD", net: 33.35, gross: 33.35, on_demand: 6.3, committed: 27, rows: 6 }]);
    const cents = (Array.isArray(groups) ? groups : []).map(({ net }) => Math.round(net * 100));
    expect(cents.reduce((all, part) => all + part, 0)).toBe(3335);
  });

  it("charge_type in a summary: what no part explains, the 0.05 of a bare total, stands as unattributed", async () => {
    estate();
    const { groups } = await getCostSummary.run(engineOf(), { period: "2026-08", group_by: ["charge_type"] }, call());
    expect(groups).toMatchObject([
      { key: { charge_type: "committed" }, net: 27 },
      { key: { charge_type: "on_demand" }, net: 3.3 },
      { key: { charge_type: "unattributed" }, net: 0.05 },
    ]);
  });
});

describe("report_type summary", () => {
  it("is one row of an organization's month, its total the stated total_cost", async () => {
    estate();
    const rows = rowsOf(await list(engineOf(), { ...BOTH, report_type: "summary" }));
    expect(rows.map(({ id, charges }) => [id, charges])).toEqual([
      ["datadog:o1:2026-08:_all", [usd("on_demand", 3.1), usd("committed", 7), usd("total", 10.1)]],
      ["datadog:o2:2026-08:_all", [usd("on_demand", 0.2), usd("committed", 20), usd("total", 20.2)]],
      ["datadog:o3:2026-08:_all", [usd("total", 0.05)]],
      ["datadog:o1:2026-09:_all", [usd("on_demand", 3), usd("total", 3)]],
    ]);
    expect(rows.every((row) => row["product"] === undefined)).toBe(true);
  });

  it("takes total_cost over the docs example's parts: 2500, not 2600", async () => {
    datadogAnswers({ historical: () => reply(payload("datadog/docs-example.json")) });
    expect(rowsOf(await list(engineOf(), { start_date: "2024-10-01", report_type: "summary" }))).toMatchObject([
      {
        id: "datadog:bbhogefuga:2024-10:_all",
        charges: [usd("on_demand", 100), usd("committed", 2500), usd("total", 2500)],
      },
    ]);
  });

  it("sums the products where no total_cost is stated", async () => {
    datadogAnswers({
      historical: () =>
        json({
          data: [
            costByOrg({
              date: "2026-08-01",
              charges: [charge("a", "on_demand", 0.1), charge("b", "total", 0.2), charge("c", "committed", 0.3)],
            }),
          ],
        }),
    });
    expect(rowsOf(await list(engineOf(), { ...AUGUST, report_type: "summary" }))).toMatchObject([
      { charges: [usd("on_demand", 0.1), usd("committed", 0.3), usd("total", 0.6)] },
    ]);
  });

  it("has an error that names total_cost where that is no number", async () => {
    datadogAnswers({
      historical: () => json({ data: [costByOrg({ date: "2026-08-01", total_cost: "a lot", charges: [] })] }),
    });
    const error = await failure(list(engineOf(), { ...AUGUST, report_type: "summary" }));
    expect(error).toMatchObject({ kind: "vendor_data", message: expect.stringContaining("attributes.total_cost") });
  });

  it("refuses product_ids, since a row stands for all products", async () => {
    const error = await failure(list(engineOf(), { ...AUGUST, report_type: "summary", product_ids: ["rum"] }));
    expect(error).toMatchObject({ kind: "question", details: { parameter: "product_ids" } });
  });
});
