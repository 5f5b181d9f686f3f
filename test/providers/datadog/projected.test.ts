import { describe, expect, it } from "vitest";
import { forecastCost } from "../../../src/tools/forecast-cost.ts";
import { forecastAnswer } from "../../forecast/answers.ts";
import {
  call,
  costByOrg,
  datadogAnswers,
  engineOf,
  failure,
  guardTheEdge,
  json,
  type Reply,
  recorded,
  serve,
} from "../edge.ts";

guardTheEdge();

const total = (cost: number) => [{ product_name: "infra_host", charge_type: "total", cost }];

/** Each month from 2026-07 on, to date or in the end. */
const MONTHS: Readonly<Record<string, number>> = {
  "2026-07": 100,
  "2026-08": 200,
  "2026-09": 300,
  "2026-10": 430,
  "2026-11": 40,
};

function months(url: URL): Response {
  const [from = "", to = ""] = ["start_month", "end_month"].map((name) => url.searchParams.get(name) ?? "");
  const asked = Object.entries(MONTHS).filter(([month]) => month >= from && month <= to);
  return json({
    data: asked.map(([month, cost]) => costByOrg({ date: `${month}-01T00:00:00Z`, charges: total(cost) }, month)),
  });
}

interface Projected {
  id?: string;
  date?: unknown;
  public_id?: string;
  projected_total_cost?: unknown;
}

function projected(...organizations: readonly Projected[]): Reply {
  const data = organizations.map(({ id, ...attributes }, index) => ({
    type: "projected_cost",
    id: id ?? String(index),
    attributes: { public_id: "org1", date: "2026-11-30T00:00:00Z", ...attributes },
  }));
  return () => json({ data });
}

async function forecast(reply: Reply, now = "2026-11-22T12:00:00Z") {
  const { estimated, historical } = datadogAnswers({ estimated: months, historical: months });
  const asked = serve("https://api.datadoghq.com", "/api/v2/usage/projected_cost", reply);
  const engine = engineOf(undefined, { now: Date.parse(now) });
  const answer = forecastAnswer.parse(await forecastCost.run(engine, {}, call()));
  return { ...answer, asked, others: [...estimated, ...historical], account: answer.accounts[0] };
}

describe("Datadog's own projection of the month", () => {
  it("stands for the month, with what Datadog has to date beside it, and no history is asked for", async () => {
    const { account, asked, others } = await forecast(projected({ projected_total_cost: 512 }));
    expect(asked).toEqual(["/api/v2/usage/projected_cost?view=sub-org"]);
    expect(others).toEqual(["/api/v2/usage/estimated_cost?start_month=2026-11&end_month=2026-11&view=sub-org"]);
    expect(account).toMatchObject({
      status: "ok",
      currency: "USD",
      month_to_date: { net: 40, gross: 40 },
      projection: { net: 512, method: "vendor_projection" },
    });
    expect(Object.keys(account?.projection ?? {})).toEqual(["net", "method"]);
  });

  it("is read from a recorded answer, for the month that its date lies in", async () => {
    // Of 2023-11-30, its month's last day: 270247170 for its only organization.
    const november = await forecast(() => recorded("projected-cost"), "2023-11-20T12:00:00Z");
    expect(november.account?.projection).toEqual({ net: 270247170, method: "vendor_projection" });
    expect(november.totals[0]).toMatchObject({ projection: { net: 270247170 }, remaining: 270247170 });
  });

  it("is the sum over organizations; what is sent twice counts once, and of several dates the last", async () => {
    const { account } = await forecast(
      projected(
        { id: "a", public_id: "one", projected_total_cost: 100 },
        { id: "a", public_id: "one", projected_total_cost: 100 },
        { id: "b", public_id: "two", date: "2026-11-20T00:00:00Z", projected_total_cost: 7 },
        { id: "c", public_id: "two", date: "2026-11-21T00:00:00+00:00", projected_total_cost: "20.5" },
        { id: "d", public_id: "three", date: "2026-10-31T00:00:00Z", projected_total_cost: 9000 },
      ),
    );
    expect(account?.projection?.net).toBe(120.5);
  });

  it.each([
    ["an empty answer, as before the 12th", () => json({ data: [] })],
    ["another month's", projected({ date: "2026-10-31T00:00:00Z", projected_total_cost: 9000 })],
    ["none at all", () => json({ errors: ["Not found"] }, 404)],
  ])("where there is %s, the mean of the last three months stands for it", async (_, reply) => {
    const { account, warnings, is_partial_response } = await forecast(reply, "2026-11-05T12:00:00Z");
    // (200 + 300 + 430) / 3 = 310. Tried: October (100 + 200 + 300) / 3 = 200, off by 230; September 150, off by 150; August 100.
    // In percent: 53.4884, 50, 50.
    expect(account?.projection).toEqual({
      net: 310,
      low: 80,
      high: 540,
      method: "month_mean_3m",
      basis: { start_date: "2026-08-01T00:00:00Z", end_date: "2026-11-01T00:00:00Z" },
      backtest: { origins: 3, mean_absolute_percent_error: 51.16 },
    });
    expect(warnings).toContainEqual(
      expect.stringMatching(/^datadog: Datadog projects a month from about its 12th day/),
    );
    expect(is_partial_response).toBe(false);
  });

  it.each([
    ["projected_cost.data[].attributes.projected_total_cost", projected({})],
    ["projected_cost.data[].attributes.projected_total_cost", projected({ projected_total_cost: "much" })],
    ["projected_cost.data[].attributes.date", projected({ projected_total_cost: 1, date: null })],
    ["projected_cost.data[].attributes.date", projected({ projected_total_cost: 1, date: "November" })],
    ["projected_cost.data", () => json({})],
  ])("is not guessed: %s that can't be read is named, and nothing stands for it", async (field, reply) => {
    const { account, is_partial_response } = await forecast(reply);
    expect(account).toMatchObject({ status: "partial", month_to_date: { net: 40 } });
    expect(account?.projection).toBeUndefined();
    expect(account?.error).toContain(` in ${field}, where `);
    expect(account?.error).toContain("GET /api/v2/usage/projected_cost, HTTP 200");
    expect(is_partial_response).toBe(true);
  });

  it("that is refused is an error of the account, whose month to date stands", async () => {
    const { account, totals } = await forecast(() => json({ errors: ["Forbidden"] }, 403));
    expect(account).toMatchObject({ status: "partial", error: expect.stringContaining("Forbidden") });
    expect(totals).toEqual([{ currency: "USD", month_to_date: { net: 40, gross: 40 } }]);
  });

  it("ends with the call that is called off while Datadog is asked", async () => {
    datadogAnswers({ estimated: months });
    const caller = new AbortController();
    serve("https://api.datadoghq.com", "/api/v2/usage/projected_cost", () => {
      caller.abort();
      return json({ data: [] });
    });
    const engine = engineOf(undefined, { now: Date.parse("2026-11-22T12:00:00Z") });
    expect(await failure(forecastCost.run(engine, {}, call(caller.signal)))).toMatchObject({ kind: "cancelled" });
  });
});
