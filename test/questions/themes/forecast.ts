import { expect } from "vitest";
import { NOVEMBER, OCTOBER, period, type Question } from "../question.ts";
import { datadogProjection } from "../raw/datadog.ts";
import { daysOf, type Line, total, within, written } from "../raw/lines.ts";

const FORECAST = "forecast_cost";

export const FORECASTS: readonly Question[] = [
  {
    question: "Where will November end up at Datadog?",
    tool: FORECAST,
    arguments: { providers: ["datadog"] },
    async expected(raw) {
      const { net, gross } = total(await raw.bill(NOVEMBER, "datadog"));
      const projected = await datadogProjection(raw.vendors);
      const projection = { net: written(projected) };
      return {
        month: period(NOVEMBER),
        totals: [{ currency: "USD", month_to_date: { net, gross }, projection }],
        accounts: [
          {
            integrated_account_id: "datadog",
            month_to_date: { net, gross },
            projection: { ...projection, method: "vendor_projection" },
          },
        ],
      };
    },
  },
  {
    question: "What have Claude and our infrastructure cost this month, and what is still to come?",
    tool: FORECAST,
    arguments: { providers: ["claude", "confluent", "datadog"] },
    async expected(raw) {
      const accounts = ["claude", "confluent", "datadog"] as const;
      const lines = await raw.bill(NOVEMBER, ...accounts);
      const toDate = (own: typeof lines) => {
        const { net, gross } = total(own);
        return { net, gross };
      };
      return {
        as_of: "2026-11-23T09:00:00Z",
        totals: [{ currency: "USD", month_to_date: toDate(lines) }],
        accounts: accounts.map((account) => ({
          integrated_account_id: account,
          month_to_date: toDate(lines.filter((line) => line.account === account)),
        })),
      };
    },
  },
  {
    question: "Where will Claude end up in November, if the rest of it goes like the last four weeks?",
    tool: FORECAST,
    arguments: { integrated_account_ids: ["claude"] },
    async expected(raw) {
      const lines = [...(await raw.bill(OCTOBER, "claude")), ...(await raw.bill(NOVEMBER, "claude"))];
      const month_to_date = { net: netOf(within(lines, NOVEMBER)), through: "2026-11-21" };
      const projection = { net: expect.closeTo(projected(lines), 2), method: "weekday_mean_4w", basis: period(BASIS) };
      return {
        totals: [{ currency: "USD", projection: { net: expect.closeTo(projected(lines), 2) } }],
        accounts: [{ integrated_account_id: "claude", month_to_date, projection }],
      };
    },
  },
];

/** The last four weeks that Claude, a day late, has published whole: up to Saturday the 21st. */
const BASIS = { start: "2026-10-25", end: "2026-11-22" };
const netOf = (lines: readonly Line[]) => total(lines).net;

/** Days that are over as they are; each other one as the mean of its weekday, or what it has come to if that is more. */
function projected(lines: readonly Line[]): number {
  const weekday = (day: string) => new Date(day).getUTCDay();
  const onDay = (day: string) => netOf(lines.filter((line) => line.day === day));
  return daysOf(NOVEMBER).reduce((all, day) => {
    if (day < BASIS.end) return all + onDay(day);
    const alike = daysOf(BASIS).filter((other) => weekday(other) === weekday(day));
    const mean = alike.reduce((sum, other) => sum + onDay(other), 0) / alike.length;
    return all + Math.max(mean, onDay(day));
  }, 0);
}
