import * as z from "zod";
import { checkQuery, whole } from "../engine/check-query.ts";
import type { RowDimension } from "../engine/dimension.ts";
import { readFilters } from "../engine/filters.ts";
import { badParameter } from "../errors.ts";
import { DIMENSIONS } from "../providers/provider.ts";
import { readComparison, readPeriod } from "../usage/named-period.ts";
import { fresh } from "../usage/query.ts";
import {
  accountFields,
  chosenAccounts,
  compareFields,
  filterFields,
  MOST_GROUPS,
  periodFields,
} from "./summary-input.ts";
import { periodSchema, type Tool } from "./tool.ts";

/** Time is what is compared, and discounts are an effect. */
const LEFT_OUT = ["charge_type", "token_type", "day", "week", "month"];
const CHANGE_DIMENSIONS = DIMENSIONS.filter((dimension): dimension is RowDimension => !LEFT_OUT.includes(dimension));
const USUAL_GROUPS = 15;

export const explainChangeSchema = z.strictObject({
  ...accountFields,
  ...periodFields,
  period: periodFields.period.describe("default last_month"),
  ...compareFields,
  compare_to: compareFields.compare_to.describe("default previous_period; previous_year, or a period such as 2026-08"),
  group_by: z.array(z.enum(CHANGE_DIMENSIONS)).describe("default provider, product").optional(),
  ...filterFields,
  limit: z.number().describe("groups, default 15; the rest is summed in other").optional(),
  fresh,
});

const changed = {
  currency: z.string(),
  net: z.number(),
  gross: z.number(),
  previous: z.looseObject({ net: z.number(), gross: z.number() }),
  change: z.looseObject({ net: z.number(), percent: z.number().optional() }),
  effects: z
    .looseObject({})
    .describe("volume, price, new, gone, discounts, unknown (no quantity): they add up to change.net."),
};

const output = z.looseObject({
  period: periodSchema,
  compared_period: periodSchema,
  totals: z.array(z.looseObject(changed)),
  groups: z.array(
    z.looseObject({
      key: z.looseObject({}),
      names: z.looseObject({}).optional(),
      ...changed,
      share_of_change: z.number().optional(),
      quantity: z.looseObject({ unit: z.string(), now: z.number(), before: z.number() }).optional(),
    }),
  ),
  other: z.array(z.looseObject({ ...changed, groups: z.number() })).optional(),
  accounts: z.array(
    z.looseObject({
      integrated_account_id: z.string(),
      provider: z.string(),
      status: z.string().describe("ok, partial or error"),
      period: periodSchema,
      error: z.string().optional(),
    }),
  ),
  data_as_of: z.string().optional(),
  is_partial_response: z.boolean(),
  warnings: z.array(z.string()),
  hint: z.string().optional(),
});

export const explainCostChange: Tool = {
  name: "explain_cost_change",
  title: "Explain a change of cost",
  description:
    "Why the bill grew or fell between two periods: the change per group, largest first, split into volume (more of it), price, new, gone, and discounts (credits, included usage), adding up exactly to the total change.",
  input: explainChangeSchema,
  output,
  async run(engine, args, call) {
    const query = checkQuery(explainChangeSchema, args);
    const now = engine.clock();
    const period = readPeriod(query, now, "last_month");
    if (period.start > now) throw badParameter("period", "it lies in the future; nothing of it can be explained.");
    const explanation = await engine.explainChange(
      {
        accounts: chosenAccounts(engine, query.integrated_account_ids, query.providers),
        period,
        before: readComparison(query.compare_to ?? "previous_period", period, now),
        perDay: query.per_day ?? false,
        groupBy: [...new Set<RowDimension>(query.group_by ?? ["provider", "product"])],
        filters: readFilters(query, {}),
        limit: whole(query.limit, "limit", MOST_GROUPS) ?? USUAL_GROUPS,
        fresh: query.fresh ?? false,
      },
      call,
    );
    return { ...explanation };
  },
};
