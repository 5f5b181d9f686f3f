import { describe, expect, it } from "vitest";
import {
  costByOrg,
  datadogAnswers,
  engineOf,
  guardTheEdge,
  json,
  list,
  payload,
  type Reply,
  recorded,
  reply,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

const historical: Reply = () =>
  json({
    data: [
      costByOrg({
        date: "2026-08-01T00:00:00Z",
        charges: ["apm_host", "logs_indexed_15day"].map((product_name) => ({
          product_name,
          charge_type: "total",
          cost: 1,
        })),
      }),
    ],
  });

const QUERY = { start_date: "2026-08-01" };

describe("a product's name", () => {
  it("is the label that Datadog's own pages show, and its id in words where there is none", async () => {
    const { mapping } = datadogAnswers({
      historical,
      mapping: () => reply(payload("datadog/billing-dimension-mapping.json")),
    });
    expect(rowsOf(await list(engineOf(), QUERY)).map(({ product }) => product)).toEqual([
      { id: "apm_host", name: "APM Hosts" },
      { id: "logs_indexed_15day", name: "Logs Indexed 15day" },
    ]);
    expect(mapping).toEqual(["/api/v2/usage/billing_dimension_mapping?filter%5Bview%5D=all"]);
  });

  it("is a filter for product_ids, as the id is", async () => {
    datadogAnswers({ historical, mapping: () => reply(payload("datadog/billing-dimension-mapping.json")) });
    for (const product_ids of [["apm_host"], ["APM Hosts"], ["apm hosts"]]) {
      expect(rowsOf(await list(engineOf(), { ...QUERY, product_ids }))).toMatchObject([
        { product: { id: "apm_host" } },
      ]);
    }
  });

  it("is asked for once, not with every page", async () => {
    const { mapping } = datadogAnswers({ historical });
    const engine = engineOf();
    for (let page = 0; page < 3; page++) await list(engine, QUERY);
    expect(mapping).toHaveLength(1);
  });
});

describe("the labels are an ornament: without them the listing is the same, with ids in words", () => {
  it.each<[string, Reply]>([
    ["refused with the recorded 400 of a child organization", () => recorded("billing-dimension-mapping-refused")],
    ["refused with 403", () => reply(payload("datadog/error-forbidden-title.json"), 403)],
    ["failing with 500", () => reply("oops", 500)],
    ["throttled for long", () => json({ errors: ["Rate limit"] }, 429, { "x-ratelimit-reset": "600" })],
    ["answered with a list", () => json([])],
    ["answered with an object where the list is due", () => json({ data: { apm_host: "APM Hosts" } })],
    ["answered with entries of other shapes", () => json({ data: [null, 5, { id: "apm_host" }, { attributes: {} }] })],
    ["answered with null", () => json(null)],
    ["answered empty", () => json({ data: [] })],
  ])("%s", async (_, mapping) => {
    datadogAnswers({ historical, mapping });
    const answer = await list(engineOf(), QUERY);
    expect(rowsOf(answer).map(({ product }) => product)).toEqual([
      { id: "apm_host", name: "Apm Host" },
      { id: "logs_indexed_15day", name: "Logs Indexed 15day" },
    ]);
    expect(answer).toMatchObject({ is_partial_response: false, next_cursor: null });
  });
});
