import * as z from "zod";
import { checkQuery } from "../engine/check-query.ts";
import { querySchema } from "../usage/query.ts";
import { rowSchema } from "../usage/row.ts";
import { AGENT_BUDGET, periodSchema, STREAM_BUDGET, type Tool } from "./tool.ts";

const output = z.looseObject({
  result: z
    // Vendor items, and rows without some of their fields, have other members: hosts check what they are answered.
    .array(z.union([rowSchema, z.looseObject({})]))
    .meta({ type: ["array", "object"] })
    .describe("Usage rows; an object of rows when truto_key_by is given; vendor items when raw."),
  next_cursor: z
    .string()
    .meta({ type: ["string", "null"] })
    .describe("Pass as cursor for the next page; null at the end."),
  result_count: z.number(),
  integrated_account_id: z.string(),
  provider: z.string(),
  report_type: z.string(),
  period: periodSchema.describe("What was covered, UTC, end exclusive."),
  data_as_of: z.string().optional(),
  is_partial_response: z.boolean(),
  warnings: z.array(z.string()),
  hint: z.string().optional(),
  entities: z.looseObject({}).optional(),
  debug: z
    .looseObject({})
    .meta({ type: ["object", "null"] })
    .optional(),
});

export const listUsage: Tool = {
  name: "list_usage",
  title: "List usage rows",
  description:
    "Unified usage and cost rows of one account, by page. For totals use get_cost_summary. Dates mean what the vendor means by them; parameters a report lacks are refused, see describe_supported_params. net = invoiced, total = gross.",
  input: querySchema,
  output,
  async run(engine, args, call) {
    const query = checkQuery(querySchema, args);
    const budget = query.truto_response_format === "stream" ? STREAM_BUDGET : AGENT_BUDGET;
    return { ...(await engine.listUsage(query, call, { budget, withRemoteData: false })) };
  },
};
