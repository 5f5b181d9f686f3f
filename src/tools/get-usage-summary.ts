import * as z from "zod";
import { checkQuery, whole } from "../engine/check-query.ts";
import { readFilters } from "../engine/filters.ts";
import { MOST_CHARACTERS } from "../engine/fitting.ts";
import { nameOf } from "../engine/metrics.ts";
import type { UsageDimension } from "../engine/usage-groups.ts";
import { DIMENSIONS } from "../providers/provider.ts";
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

/** Kinds of charges and of tokens are no values of a row: tokens are metrics of their own. */
const USAGE_DIMENSIONS = DIMENSIONS.filter(
  (dimension): dimension is UsageDimension => dimension !== "charge_type" && dimension !== "token_type",
);
const USUAL_METRICS = ["tokens.total", "requests.total"];

export const usageSummarySchema = z.strictObject({
  ...accountFields,
  ...periodFields,
  metrics: z
    .array(z.string())
    .describe(
      "default tokens.total, requests.total; also users, tokens.input, .output, .cache_read, .cache_write, code.lines_added, code.commits, sessions.distinct, quantity (by unit), any number of a row's usage",
    )
    .optional(),
  ratios: z
    .array(z.string())
    .describe("cost_per_user, cost_per_request, cost_per_million_tokens, cache_hit_share, acceptance_rate")
    .optional(),
  group_by: z.array(z.enum(USAGE_DIMENSIONS)).describe("default provider").optional(),
  ...filterFields,
  ...compareFields,
  sort_by: z.string().describe("a metric (default the first), change or a dimension of group_by").optional(),
  sort_order: z.enum(SORT_ORDERS).optional(),
  limit: z.number().describe("groups, default 40").optional(),
  fresh,
});

const measured = {
  values: z.looseObject({}),
  ratios: z.looseObject({}).describe("Each with value, numerator and denominator.").optional(),
  rows: z.number(),
  previous: z.looseObject({ values: z.looseObject({}) }).optional(),
  change: z.looseObject({ values: z.looseObject({}), percent: z.looseObject({}) }).optional(),
};

const output = z.looseObject({
  period: periodSchema,
  compared_period: periodSchema.optional(),
  totals: z.looseObject(measured),
  groups: z.array(z.looseObject({ key: z.looseObject({}), names: z.looseObject({}).optional(), ...measured })),
  other: z.looseObject({ groups: z.number(), ...measured }).optional(),
  accounts: z.array(
    z.looseObject({
      integrated_account_id: z.string(),
      provider: z.string(),
      status: z.string().describe("ok, partial or error"),
      period: periodSchema.optional(),
      reports: z.array(z.string()),
      error: z.string().optional(),
    }),
  ),
  data_as_of: z.string().optional(),
  is_partial_response: z.boolean(),
  warnings: z.array(z.string()),
  hint: z.string().optional(),
});

export const getUsageSummary: Tool = {
  name: "get_usage_summary",
  title: "Get a usage summary",
  description:
    "How much was used: exact sums of tokens, requests, lines, commits, sessions, quantities and different people, over any accounts and period, by group, with changes; and ratios such as cost per user, each with its numerator and denominator. For money use get_cost_summary.",
  input: usageSummarySchema,
  output,
  async run(engine, args, call) {
    const query = checkQuery(usageSummarySchema, args);
    const groupBy: UsageDimension[] = [...new Set(query.group_by ?? ["provider" as const])];
    const ratios = query.ratios ?? [];
    const metrics = query.metrics?.map(nameOf) ?? (ratios.length > 0 ? [] : USUAL_METRICS);
    const now = engine.clock();
    const period = readPeriod(query, now);
    const sortBy = query.sort_by === undefined ? undefined : nameOf(query.sort_by);
    checkSort(sortBy, [...metrics, ...groupBy, "change"], query.compare_to !== undefined);
    const summary = await engine.summarizeUsage(
      {
        accounts: chosenAccounts(engine, query.integrated_account_ids, query.providers),
        period,
        before: query.compare_to === undefined ? undefined : readComparison(query.compare_to, period, now),
        perDay: perDayOf(query),
        metrics,
        ratios,
        groupBy,
        filters: readFilters(query, {}),
        sortBy,
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
