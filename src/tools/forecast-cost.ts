import * as z from "zod";
import { checkQuery } from "../engine/check-query.ts";
import { fresh } from "../usage/query.ts";
import { accountFields, chosenAccounts } from "./summary-input.ts";
import { periodSchema, type Tool } from "./tool.ts";

export const forecastSchema = z.strictObject({ ...accountFields, fresh });

const range = { net: z.number(), low: z.number().optional(), high: z.number().optional() };
const toDate = { net: z.number(), gross: z.number() };

const output = z.looseObject({
  month: periodSchema,
  as_of: z.string(),
  totals: z
    .array(
      z.looseObject({
        currency: z.string(),
        month_to_date: z.looseObject(toDate),
        projection: z.looseObject(range).describe("Lows and highs of the accounts, added.").optional(),
        remaining: z.number().describe("Projection less month to date, of the accounts that have one.").optional(),
      }),
    )
    .describe("By currency."),
  accounts: z
    .array(
      z.looseObject({
        integrated_account_id: z.string(),
        provider: z.string(),
        status: z.string().describe("ok, partial or error"),
        currency: z.string().optional(),
        month_to_date: z
          .looseObject({ ...toDate, through: z.string().describe("Last day that is taken as complete.").optional() })
          .describe("As get_cost_summary has it.")
          .optional(),
        projection: z
          .looseObject({
            ...range,
            method: z
              .string()
              .describe(
                "vendor_projection: the vendor's own. weekday_mean_4w: each day not complete, as the mean of its weekday in the last 4 weeks. rest_of_month_mean_3m: as the mean of the days from this date to the end of the last 3 months. month_mean_3m: mean of the last 3 months. run_rate: mean of the days so far.",
              ),
            basis: periodSchema.describe("The days it is worked out from.").optional(),
            backtest: z
              .looseObject({ origins: z.number(), mean_absolute_percent_error: z.number().optional() })
              .describe(
                "The last months, forecast the same way as of the days around this one; low and high are the worst of it.",
              )
              .optional(),
          })
          .optional(),
        data_as_of: z.string().optional(),
        error: z.string().optional(),
      }),
    )
    .describe("One for each account and currency."),
  is_partial_response: z.boolean(),
  warnings: z.array(z.string()),
  hint: z.string().optional(),
});

export const forecastCost: Tool = {
  name: "forecast_cost",
  title: "Forecast this month's cost",
  description:
    "What the running month will cost: month to date, and apart from it a projection of net for the whole month with its method, range and back-tested error, by account and in total. The vendor's own projection where it has one, else from daily cost. For what was billed, use get_cost_summary.",
  input: forecastSchema,
  output,
  async run(engine, args, call) {
    const query = checkQuery(forecastSchema, args);
    const accounts = chosenAccounts(engine, query.integrated_account_ids, query.providers);
    return { ...(await engine.forecastCost({ accounts, fresh: query.fresh ?? false }, call)) };
  },
};
