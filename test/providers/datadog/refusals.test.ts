import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import {
  call,
  datadogAnswers,
  edge,
  engineOf,
  failure,
  guardTheEdge,
  json,
  list,
  payload,
  type Reply,
  recorded,
  reply,
  SECRETS,
  serve,
} from "../edge.ts";

guardTheEdge();

async function refusal(historical: Reply): Promise<unknown> {
  datadogAnswers({ historical });
  return failure(list(engineOf(), { start_date: "2026-08-01" }));
}

describe("Datadog's refusals", () => {
  it.each<[string, Reply, string]>([
    ["the non-parent 400 as strings", () => reply(payload("datadog/error-non-parent-strings.json"), 400), "parent"],
    ["the recorded non-parent 400 of estimated_cost", () => recorded("estimated-cost-refused"), "parent"],
    [
      "the non-parent 400 as JSON:API objects",
      () =>
        reply(payload("datadog/error-non-parent-objects.json"), 400, { "content-type": "application/vnd.api+json" }),
      "parent",
    ],
    ["the recorded non-parent 400 of the labels", () => recorded("billing-dimension-mapping-refused"), "parent"],
    ["403 as strings", () => reply(payload("datadog/error-forbidden-strings.json"), 403), "billing_read"],
    ["403 as objects", () => reply(payload("datadog/error-forbidden-title.json"), 403), "billing_read"],
    ["401", () => json({ errors: ["Unauthorized"] }, 401), "datadoghq.com"],
  ])("%s is the credentials' fault, and says what to do", async (_, historical, advice) => {
    const error = await refusal(historical);
    expect(error).toMatchObject({
      name: "UsageError",
      kind: "credentials",
      details: { provider: "datadog", integrated_account_id: "datadog" },
    });
    expect(String(error)).toContain(advice);
    for (const secret of SECRETS) expect(String(error)).not.toContain(secret);
  });

  it.each([
    ["strings", "datadog/error-non-parent-strings.json"],
    ["objects", "datadog/error-non-parent-objects.json"],
  ])("are quoted in the vendor's own words: %s", async (_, name) => {
    expect(String(await refusal(() => reply(payload(name), 400)))).toContain(
      '"API called with non-parent org keys. Data is only available at the root level org"',
    );
  });

  it("an ordinary 400 is the question's fault, in the vendor's words", async () => {
    const error = await refusal(() => reply(payload("datadog/error-start-after-end.json"), 400));
    expect(error).toMatchObject({ kind: "question", details: { status: 400 } });
    expect(String(error)).toContain("start_hr [YYYY-MM-DDThh] must be before end_hr [YYYY-MM-DDThh]");
  });

  it("a wrong site is named, since keys work on one only", async () => {
    serve("https://api.us5.datadoghq.com", "/api/v2/usage/historical_cost", () => json({ errors: ["Forbidden"] }, 403));
    serve("https://api.us5.datadoghq.com", "/api/v2/usage/billing_dimension_mapping", () => json({ data: [] }));
    const credentials = { api_key: SECRETS[0], application_key: SECRETS[1] };
    const engine = engineOf([{ id: "dd5", provider: "datadog", site: "us5.datadoghq.com", credentials }]);
    expect(String(await failure(list(engine, { start_date: "2026-08-01" })))).toContain("us5.datadoghq.com");
  });

  it("in a summary stand with their account and spoil no other account", async () => {
    datadogAnswers({ historical: () => reply(payload("datadog/error-non-parent-strings.json"), 400) });
    serve("https://api.datadoghq.eu", "/api/v2/usage/historical_cost", () => recorded("multiorg-cost"));
    serve("https://api.datadoghq.eu", "/api/v2/usage/billing_dimension_mapping", () => json({ data: [] }));
    const credentials = { api_key: SECRETS[0], application_key: SECRETS[1] };
    const engine = engineOf([
      { id: "us", provider: "datadog", credentials },
      { id: "eu", provider: "datadog", site: "datadoghq.eu", credentials },
    ]);
    const summary = await getCostSummary.run(engine, { period: "2022-04" }, call());
    expect(summary).toMatchObject({
      totals: [{ currency: "USD", net: 73.17, gross: 73.17, rows: 2 }],
      accounts: [
        { integrated_account_id: "us", status: "error", error: expect.stringContaining("non-parent") },
        { integrated_account_id: "eu", status: "ok", net: 73.17 },
      ],
      is_partial_response: true,
    });
    expect(JSON.stringify(summary["warnings"])).toContain("us");
    expect(edge.listHandlers().length).toBeGreaterThan(0);
  });

  it("of estimated_cost after historical_cost was read leave no half sum behind", async () => {
    datadogAnswers({
      historical: () => recorded("multiorg-cost"),
      estimated: () => reply(payload("datadog/error-forbidden-strings.json"), 403),
    });
    const now = Date.UTC(2022, 4, 20);
    const summary = await getCostSummary.run(
      engineOf(undefined, { now }),
      { start_date: "2022-04-01", end_date: "2022-06-01" },
      call(),
    );
    expect(summary).toMatchObject({
      totals: [],
      groups: [],
      accounts: [{ status: "error" }],
      is_partial_response: true,
    });
  });
});

describe("an account reaches its own site only", () => {
  it.each([
    [undefined, "api.datadoghq.com"],
    ["datadoghq.eu", "api.datadoghq.eu"],
    ["us3.datadoghq.com", "api.us3.datadoghq.com"],
    ["ap2.datadoghq.com", "api.ap2.datadoghq.com"],
    ["uk1.datadoghq.com", "api.uk1.datadoghq.com"],
    ["us2.ddog-gov.com", "api.us2.ddog-gov.com"],
  ])("site %s is %s", async (site, host) => {
    const asked = serve(`https://${host}`, "/api/v2/usage/historical_cost", () => json({ data: [] }));
    serve(`https://${host}`, "/api/v2/usage/billing_dimension_mapping", () => json({ data: [] }));
    const credentials = { api_key: SECRETS[0], application_key: SECRETS[1] };
    await list(engineOf([{ id: "dd", provider: "datadog", ...(site ? { site } : {}), credentials }]), {
      start_date: "2026-08-01",
    });
    expect(asked).toHaveLength(1);
  });
});
