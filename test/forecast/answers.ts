import * as z from "zod";

const range = z.looseObject({ net: z.number(), low: z.number().optional(), high: z.number().optional() });
const toDate = z.looseObject({ net: z.number(), gross: z.number(), through: z.string().optional() });

/** An answer of forecast_cost as a client reads it. */
export const forecastAnswer = z.looseObject({
  month: z.strictObject({ start_date: z.string(), end_date: z.string() }),
  as_of: z.string(),
  totals: z.array(
    z.strictObject({
      currency: z.string(),
      month_to_date: toDate,
      projection: range.optional(),
      remaining: z.number().optional(),
    }),
  ),
  accounts: z.array(
    z.looseObject({
      integrated_account_id: z.string(),
      status: z.string(),
      currency: z.string().optional(),
      month_to_date: toDate.optional(),
      projection: range
        .extend({
          method: z.string(),
          basis: z.strictObject({ start_date: z.string(), end_date: z.string() }).optional(),
          backtest: z
            .strictObject({ origins: z.number(), mean_absolute_percent_error: z.number().optional() })
            .optional(),
        })
        .optional(),
      error: z.string().optional(),
    }),
  ),
  is_partial_response: z.boolean(),
  warnings: z.array(z.string()),
  hint: z.string().optional(),
});

/** What get_cost_summary says, as far as forecasts are compared with it. */
export const costAnswer = z.looseObject({
  totals: z.array(z.looseObject({ currency: z.string(), net: z.number(), gross: z.number() })),
  groups: z.array(z.looseObject({ key: z.record(z.string(), z.string()), net: z.number() })),
});
