import * as z from "zod";
import { checkQuery, whole } from "../engine/check-query.ts";
import { readFilters } from "../engine/filters.ts";
import { MOST_CHARACTERS } from "../engine/fitting.ts";
import { COST_DIMENSIONS, type CostDimension } from "../providers/provider.ts";
import { readComparison, readPeriod } from "../usage/named-period.ts";
import { fresh, SORT_ORDERS } from "../usage/query.ts";
import {
  accountFields,
  checkSort,
  chosenAccounts,
  compareFields,
  filterFields,
  MOST_GROUPS,
  perDayOf,
  periodFields,
  usualLimit,
} from "./summary-input.ts";
import { periodSchema, type Tool } from "./tool.ts";

export const costSummarySchema = z.strictObject({
  ...accountFields,
  ...periodFields,
  group_by: z.array(z.enum(COST_DIMENSIONS)).describe("any number; default provider").optional(),
  ...filterFields,
  ...compareFields,
  sort_by: z.string().describe("net (default), gross, change or a dimension of group_by").optional(),
  sort_order: z.enum(SORT_ORDERS).optional(),
  limit: z.number().describe("groups, 1-1000, default 40; the rest is summed in other").optional(),
  fresh,
});

const money = { currency: z.string(), net: z.number(), gross: z.number() };

const output = z.looseObject({
  period: periodSchema,
  compared_period: periodSchema.optional(),
  compared_days: z.looseObject({ period: z.number(), compared: z.number() }).optional(),
  totals: z.array(z.looseObject(money)).describe("By currency: net (invoiced), gross, and the parts by charge type."),
  groups: z.array(
    z.looseObject({
      key: z.looseObject({}),
      names: z.looseObject({}).optional(),
      ...money,
      share: z.number().optional(),
      rows: z.number(),
      previous: z.looseObject({ net: z.number(), gross: z.number() }).optional(),
      change: z.looseObject({ net: z.number(), percent: z.number().optional() }).optional(),
    }),
  ),
  other: z.array(z.looseObject({ ...money, groups: z.number(), rows: z.number() })).optional(),
  people: z
    .looseObject({ people: z.number(), service_accounts: z.number(), rows_without_person: z.number() })
    .describe("When grouped by user.")
    .optional(),
  accounts: z.array(
    z.looseObject({
      integrated_account_id: z.string(),
      provider: z.string(),
      status: z.string().describe("ok, partial or error"),
      period: periodSchema.describe("What was really covered."),
      net: z.number().optional(),
      gross: z.number().optional(),
      currency: z.string().optional(),
      data_as_of: z.string().optional(),
      error: z.string().optional(),
    }),
  ),
  data_as_of: z
    .string()
    .describe("The oldest of accounts: when its vendor was asked, or how old it says its data is.")
    .optional(),
  is_partial_response: z.boolean(),
  warnings: z.array(z.string()),
  hint: z.string().optional(),
});

const MEASURES = ["net", "gross", "change"];

export const getCostSummary: Tool = {
  name: "get_cost_summary",
  title: "Get a cost summary",
  description:
    "What it cost: exact totals over any accounts and period, by group, with shares and, with compare_to, changes. net = what is invoiced, gross = before discounts and credits; currencies are never added. What a vendor can't split stands under 'unattributed'; an account that fails is named, the others count.",
  input: costSummarySchema,
  output,
  async run(engine, args, call) {
    const query = checkQuery(costSummarySchema, args);
    const groupBy: CostDimension[] = query.group_by ?? ["provider"];
    const now = engine.clock();
    const period = readPeriod(query, now);
    checkSort(query.sort_by, [...MEASURES, ...groupBy], query.compare_to !== undefined);
    const summary = await engine.summarizeCost(
      {
        accounts: chosenAccounts(engine, query.integrated_account_ids, query.providers),
        period,
        groupBy: [...new Set(groupBy)],
        filters: readFilters(query, {}),
        before: query.compare_to === undefined ? undefined : readComparison(query.compare_to, period, now),
        perDay: perDayOf(query),
        sortBy: query.sort_by,
        sortOrder: query.sort_order,
        limit: whole(query.limit, "limit", MOST_GROUPS) ?? usualLimit(groupBy),
        most: query.limit === undefined ? MOST_CHARACTERS : undefined,
        fresh: query.fresh ?? false,
      },
      call,
    );
    return { ...summary };
  },
};
