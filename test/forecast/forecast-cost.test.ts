import { describe, expect, it } from "vitest";
import { forecastCost } from "../../src/tools/forecast-cost.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { billing, daysFrom, type Line, nextDay } from "../engine/confluent-lines.ts";
import {
  CONFLUENT_ACCOUNT,
  call,
  confluentAnswers,
  confluentEngine,
  costByOrg,
  DATADOG_ACCOUNT,
  datadogAnswers,
  edge,
  engineOf,
  failure,
  guardTheEdge,
  json,
  serve,
} from "../providers/edge.ts";
import { costAnswer, forecastAnswer } from "./answers.ts";

guardTheEdge();

const at = (day: string) => Date.parse(`${day}T12:00:00Z`);

function line(day: string, amount: number, more: Partial<Line> = {}): Line {
  const gross = { original_amount: amount + 1, discount_amount: 1, amount };
  return {
    start_date: day,
    end_date: nextDay(day),
    granularity: "DAILY",
    line_type: "KAFKA_STORAGE",
    product: "KAFKA",
    ...gross,
    ...more,
  };
}

/** Net 10 a day and gross 11, from 1 July on, up to and with the last day that is published. */
function tenADay(last: string): Line[] {
  return daysFrom("2026-07-01", 200)
    .filter((day) => day <= last)
    .map((day) => line(day, 10));
}

async function forecast(now: string, args: Record<string, unknown> = {}) {
  return forecastAnswer.parse(await forecastCost.run(confluentEngine(at(now)), args, call()));
}

describe("forecast_cost", () => {
  it("sets a projection beside the month to date, which is what get_cost_summary says", async () => {
    confluentAnswers(billing(() => [...tenADay("2026-11-20"), line("2026-11-21", 3.25)]));
    const answer = await forecast("2026-11-22");
    const { totals } = costAnswer.parse(
      await getCostSummary.run(confluentEngine(at("2026-11-22")), { period: "this_month" }, call()),
    );
    expect(answer.month).toEqual({ start_date: "2026-11-01T00:00:00Z", end_date: "2026-12-01T00:00:00Z" });
    expect(answer.as_of).toBe("2026-11-22T12:00:00Z");
    const [total] = answer.totals;
    expect(total?.month_to_date).toEqual({ net: totals[0]?.net, gross: totals[0]?.gross });
    expect(total?.month_to_date).toEqual({ net: 203.25, gross: 224.25 });
    // 72 hours before noon of the 22nd is noon of the 19th: the 18th is the last day that is complete. The 19th and 20th are there
    // at what is expected of them; the 21st, in part.
    expect(total?.projection).toEqual({ net: 300, low: 300, high: 300 });
    expect(total?.remaining).toBe(96.75);
    expect(answer.accounts).toEqual([
      {
        integrated_account_id: "confluent",
        provider: "confluent",
        status: "ok",
        currency: "USD",
        month_to_date: { net: 203.25, gross: 224.25, through: "2026-11-18" },
        projection: {
          net: 300,
          low: 300,
          high: 300,
          method: "weekday_mean_4w",
          basis: { start_date: "2026-10-22T00:00:00Z", end_date: "2026-11-19T00:00:00Z" },
          backtest: { origins: 21, mean_absolute_percent_error: 0 },
        },
        data_as_of: "2026-11-22T12:00:00Z",
      },
    ]);
    expect(answer.is_partial_response).toBe(false);
    expect(answer.warnings).toEqual([]);
  });

  it.each([
    ["the first day, of which nothing is there", "2026-11-01", "2026-10-29", 0, 300, "2026-10-28"],
    ["the last day", "2026-11-30", "2026-11-27", 270, 300, "2026-11-26"],
    ["the first of a month of 31 days", "2026-12-01", "2026-11-28", 0, 310, "2026-11-27"],
    ["the last day of October", "2026-10-31", "2026-10-28", 280, 310, "2026-10-27"],
  ])("forecasts on %s", async (_, now, published, toDate, net, through) => {
    confluentAnswers(billing(() => tenADay(published)));
    const { accounts } = await forecast(now);
    expect(accounts[0]?.month_to_date).toMatchObject({ net: toDate, through });
    expect(accounts[0]?.projection).toMatchObject({ net, method: "weekday_mean_4w" });
  });

  it("expects a monthly fee again that last month had, and says so; one that is there counts once", async () => {
    const fee = (month: string, end: string) =>
      line(`${month}-01`, 500, { end_date: end, line_type: "SUPPORT", product: "SUPPORT_CLOUD_BASIC" });
    const days = tenADay("2026-11-18");
    confluentAnswers(billing(() => [...days, fee("2026-10", "2026-11-01")]));
    const due = await forecast("2026-11-22");
    expect(due.accounts[0]?.projection?.net).toBe(800);
    expect(due.warnings).toEqual([
      "confluent: its projection holds 500 of fees that last month had and this one has not yet.",
    ]);
    edge.resetHandlers();
    confluentAnswers(billing(() => [...days, fee("2026-10", "2026-11-01"), fee("2026-11", "2026-12-01")]));
    const charged = await forecast("2026-11-22");
    expect(charged.accounts[0]?.month_to_date?.net).toBe(680);
    expect(charged.accounts[0]?.projection?.net).toBe(800);
    expect(charged.warnings).toEqual([]);
  });

  it("carries few days on, and says what that is worth", async () => {
    confluentAnswers(billing(() => daysFrom("2026-11-11", 8).map((day) => line(day, 10))));
    const { accounts, warnings } = await forecast("2026-11-22");
    // Eight days from the 11th to the 18th, and twelve more.
    expect(accounts[0]?.projection).toEqual({
      net: 200,
      method: "run_rate",
      basis: { start_date: "2026-11-11T00:00:00Z", end_date: "2026-11-19T00:00:00Z" },
    });
    expect(warnings).toEqual([
      "confluent: there are less than two complete weeks to forecast from; its days so far are carried on.",
      "confluent: the last months are too few to say how far off run_rate may be, so it has no range.",
    ]);
  });

  it("gives the reason where there is nothing to forecast from", async () => {
    confluentAnswers(billing(() => []));
    const { accounts, totals, warnings, hint } = await forecast("2026-11-22");
    expect(totals).toEqual([]);
    expect(accounts).toEqual([
      { integrated_account_id: "confluent", provider: "confluent", status: "ok", data_as_of: "2026-11-22T12:00:00Z" },
    ]);
    expect(warnings).toEqual(["confluent: no projection, it has no cost in this month or the 4 before."]);
    expect(hint).toMatch(/^No account holds cost for this month or those before/);
  });

  it("keeps the month to date where the history can't be read, and has no projection then", async () => {
    const lines = billing(() => tenADay("2026-11-18"));
    confluentAnswers((url) =>
      (url.searchParams.get("start_date") ?? "") < "2026-11" ? json({ message: "gone fishing" }, 403) : lines(url),
    );
    const answer = await forecast("2026-11-22");
    expect(answer.totals).toEqual([{ currency: "USD", month_to_date: { net: 180, gross: 198 } }]);
    expect(answer.accounts[0]).toMatchObject({ status: "partial", month_to_date: { net: 180, gross: 198 } });
    expect(answer.accounts[0]?.error).toMatch(/^its history: .*gone fishing/);
    expect(answer.accounts[0]?.projection).toBeUndefined();
    expect(answer.is_partial_response).toBe(true);
    expect(answer.warnings).toEqual([
      "confluent: in month_to_date only; the total's projection and remaining leave it out.",
    ]);
  });

  it("names an account that fails, and forecasts the others", async () => {
    confluentAnswers(billing(() => tenADay("2026-11-18")));
    datadogAnswers({ estimated: () => json({ errors: ["Forbidden"] }, 403) });
    const engine = engineOf([CONFLUENT_ACCOUNT, DATADOG_ACCOUNT], { now: at("2026-11-22") });
    const answer = forecastAnswer.parse(await forecastCost.run(engine, {}, call()));
    expect(answer.accounts.map(({ integrated_account_id: id, status }) => [id, status])).toEqual([
      ["confluent", "ok"],
      ["datadog", "error"],
    ]);
    expect(answer.accounts[1]?.error).toContain("Forbidden");
    expect(answer.totals[0]?.projection?.net).toBe(300);
    expect(answer.is_partial_response).toBe(true);
    expect(answer.warnings[0]).toBe("The totals leave out datadog, which could not be read; see accounts.");
  });

  it("adds ranges up, and a projection without one as it is", async () => {
    // Before October a day cost half as much: October's forecasts were off, and so there is a range.
    confluentAnswers(
      billing(() => tenADay("2026-11-18").map((own) => (own.start_date < "2026-10" ? line(own.start_date, 5) : own))),
    );
    datadogAnswers({
      estimated: () =>
        json({
          data: [
            costByOrg({
              date: "2026-11-21T00:00:00Z",
              charges: [{ product_name: "p", charge_type: "total", cost: 40 }],
            }),
          ],
        }),
    });
    serve("https://api.datadoghq.com", "/api/v2/usage/projected_cost", () =>
      json({
        data: [
          {
            type: "projected_cost",
            id: "1",
            attributes: { public_id: "org1", projected_total_cost: 60, date: "2026-11-30T00:00:00Z" },
          },
        ],
      }),
    );
    const engine = engineOf([CONFLUENT_ACCOUNT, DATADOG_ACCOUNT], { now: at("2026-11-22") });
    const { totals, accounts, warnings } = forecastAnswer.parse(await forecastCost.run(engine, {}, call()));
    const [confluent, datadog] = accounts;
    expect(datadog?.projection).toEqual({ net: 60, method: "vendor_projection" });
    const { low = Number.NaN, high = Number.NaN } = confluent?.projection ?? {};
    expect(high).toBeGreaterThan(300);
    expect(totals).toEqual([
      {
        currency: "USD",
        month_to_date: { net: 220, gross: 238 },
        projection: { net: 360, low: low + 60, high: high + 60 },
        remaining: 140,
      },
    ]);
    expect(warnings[0]).toBe("datadog: without a range; low and high hold its net.");
  });

  it("ends with the call that is called off", async () => {
    confluentAnswers(billing(() => tenADay("2026-11-18")));
    const gone = forecastCost.run(confluentEngine(), {}, call(AbortSignal.abort()));
    expect(await failure(gone)).toMatchObject({ kind: "cancelled" });
  });

  it("refuses accounts, vendors and parameters that there are not", async () => {
    const engine = confluentEngine();
    const words = async (args: unknown) => String(await failure(forecastCost.run(engine, args, call())));
    expect(await words({ integrated_account_ids: ["confluence"] })).toContain("Did you mean 'confluent'?");
    expect(await words({ providers: ["cursor"] })).toContain("no account is of cursor");
    expect(await words({ period: "2026-12" })).toContain("period");
    expect(await words({ fresh: "yes" })).toContain("fresh");
  });
});
