import * as z from "zod";

/** What tables show of an answer of get_cost_summary, read as any client reads it: from what the tool returned. */
const money = { currency: z.string(), net: z.number(), gross: z.number() };
const period = z.looseObject({ start_date: z.string(), end_date: z.string() });
const texts = z.record(z.string(), z.string());

const costGroup = z.looseObject({
  key: texts,
  names: texts.optional(),
  ...money,
  share: z.number().optional(),
  rows: z.number(),
  previous: z.looseObject({ net: z.number(), gross: z.number() }).optional(),
  change: z.looseObject({ net: z.number(), percent: z.number().optional() }).optional(),
  per_day: z.looseObject({ net: z.number(), previous_net: z.number(), change: z.number() }).optional(),
});

export const costAnswer = z.looseObject({
  period,
  compared_period: period.optional(),
  totals: z.array(z.looseObject({ ...money, rows: z.number() })),
  groups: z.array(costGroup),
  other: z
    .array(z.looseObject({ ...money, groups: z.number(), rows: z.number(), share: z.number().optional() }))
    .optional(),
  accounts: z.array(
    z.looseObject({
      integrated_account_id: z.string(),
      provider: z.string(),
      status: z.string(),
      period,
      net: z.number().optional(),
      gross: z.number().optional(),
      currency: z.string().optional(),
      totals: z.array(z.looseObject(money)).optional(),
      error: z.string().optional(),
    }),
  ),
  data_as_of: z.string().optional(),
  is_partial_response: z.boolean(),
  warnings: z.array(z.string()),
  hint: z.string().optional(),
});

export type CostGroup = z.infer<typeof costGroup>;
export type CostAnswer = z.infer<typeof costAnswer>;
