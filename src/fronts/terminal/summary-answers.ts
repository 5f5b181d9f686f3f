import * as z from "zod";

/** What tables show of the answers of get_usage_summary and explain_cost_change, read as any client reads them. */

const period = z.looseObject({ start_date: z.string(), end_date: z.string() });
const texts = z.record(z.string(), z.string());
const numbers = z.record(z.string(), z.number());

const said = {
  period,
  compared_period: period.optional(),
  accounts: z.array(
    z.looseObject({
      integrated_account_id: z.string(),
      provider: z.string(),
      status: z.string(),
      period: period.optional(),
      error: z.string().optional(),
    }),
  ),
  data_as_of: z.string().optional(),
  is_partial_response: z.boolean(),
  warnings: z.array(z.string()),
  hint: z.string().optional(),
};

const measured = {
  values: numbers,
  ratios: z
    .record(
      z.string(),
      z.looseObject({
        value: z.number().optional(),
        numerator: z.number(),
        denominator: z.number(),
        currency: z.string().optional(),
      }),
    )
    .optional(),
  rows: z.number(),
  previous: z.looseObject({ values: numbers }).optional(),
  change: z.looseObject({ values: numbers, percent: numbers }).optional(),
};

export const usageSummaryAnswer = z.looseObject({
  ...said,
  totals: z.looseObject(measured),
  groups: z.array(z.looseObject({ key: texts, names: texts.optional(), ...measured })),
  other: z.looseObject({ groups: z.number(), ...measured }).optional(),
});
export type UsageSummaryAnswer = z.infer<typeof usageSummaryAnswer>;

const changed = {
  currency: z.string(),
  net: z.number(),
  previous: z.looseObject({ net: z.number() }),
  change: z.looseObject({ net: z.number(), percent: z.number().optional() }),
  effects: numbers,
  share_of_change: z.number().optional(),
};

export const changeAnswer = z.looseObject({
  ...said,
  totals: z.array(z.looseObject(changed)),
  groups: z.array(z.looseObject({ key: texts, names: texts.optional(), ...changed })),
  other: z.array(z.looseObject({ ...changed, groups: z.number() })).optional(),
});
export type ChangeAnswer = z.infer<typeof changeAnswer>;

/** What both say beside their numbers. */
export type Said = Pick<ChangeAnswer, keyof typeof said>;
