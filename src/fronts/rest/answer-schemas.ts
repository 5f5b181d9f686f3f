import * as z from "zod";
import { PROVIDERS } from "../../accounts/account.ts";
import { periodSchema } from "../../tools/tool.ts";
import { REPORT_TYPES } from "../../usage/report.ts";
import { rowSchema } from "../../usage/row.ts";
import { errorEnvelope } from "./error-schema.ts";

/** What the REST endpoint answers, as zod schemas: the documents are made of them, and the tests hold real answers to them. */
export const usageRow = rowSchema.describe(
  "One fact of use or cost, in the same words for every vendor. Absent means unknown. Vendors grow: more members may come.",
);

const { product, model, user, organization, resources: _, ...plain } = rowSchema.shape;
const resource = z.looseObject({ id: z.string().optional(), name: z.string().optional() });

/** What rows refer to by id in the normalized format. */
const entities = z
  .looseObject({
    products: z.record(z.string(), product.unwrap()),
    models: z.record(z.string(), model.unwrap()),
    users: z.record(z.string(), user.unwrap()),
    organizations: z.record(z.string(), organization.unwrap()),
    resources: z.record(z.string(), resource.extend({ workspace_id: z.string().optional() })),
    workspaces: z.record(z.string(), resource),
  })
  .describe("What the rows refer to, by the ids they use.");

export const normalizedRow = z
  .looseObject({
    ...plain,
    product_id: z.string().optional(),
    model_id: z.string().optional(),
    user_id: z.string().optional(),
    organization_id: z.string().optional(),
    resource_ids: z.array(z.string()).optional(),
  })
  .describe("A row of the normalized format: what it shares with others is in entities.");

const debug = z
  .looseObject({
    requestUrl: z.string(),
    requestOptions: z.looseObject({}),
    data: z.unknown().describe("The vendor's answer, as it came."),
    responseHeaders: z.looseObject({}),
    nextCursor: z.string().nullable(),
    isLooping: z.boolean(),
    isEmptyResult: z.boolean(),
    resultCount: z.number().meta({ type: "integer" }),
  })
  .nullable()
  .describe("The last vendor call of the page, secrets blanked; null when no vendor was asked.");

/** Everything an answer says besides its rows. */
const envelope = {
  next_cursor: z.string().nullable().describe("Pass as next_cursor for the next page; null at the end."),
  prev_cursor: z.null().describe("Pages are read forwards only."),
  result_count: z.number().meta({ type: "integer" }).describe("How many rows this answer holds."),
  is_partial_response: z.boolean().describe("Something is missing from the answer: warnings say what."),
  integrated_account_id: z.string(),
  provider: z.enum(PROVIDERS),
  report_type: z.enum(REPORT_TYPES),
  period: periodSchema.describe("What was covered: UTC, end exclusive."),
  data_as_of: z
    .string()
    .describe(
      "When the oldest of it was so that may still change: when the vendor was asked, or how old it says its data is. Absent when no vendor was asked.",
    )
    .optional(),
  warnings: z.array(z.string()).describe("What a reader of these rows must know."),
  hint: z.string().describe("On an empty result: why, and what there is.").optional(),
};

const KEYED = "An array of rows, or with truto_key_by an object of them.";

/** `result` as every format has it: a list, or by the field that truto_key_by names. */
function rowsOf(row: z.ZodType) {
  return z.union([z.array(row), z.record(z.string(), row)]).describe(KEYED);
}

export const unifiedPage = z
  .looseObject({ result: rowsOf(usageRow), ...envelope })
  .describe("A page of rows in the unified model.");

export const rawPage = z
  .looseObject({ result: rowsOf(z.looseObject({})), ...envelope })
  .describe("A page of the vendor's own items (raw), or of rows that lack what truto_exclude_fields names.");

export const normalizedPage = z
  .looseObject({ result: rowsOf(normalizedRow), entities, ...envelope })
  .describe("A page of rows with what they share lifted out.");

export const debugPage = z
  .looseObject({ result: rowsOf(usageRow), debug, ...envelope })
  .describe("A page of rows in the unified model, and the vendor call behind it.");

const broken = errorEnvelope
  .describe("What ended the stream before its time; next_cursor goes on behind the last row.")
  .optional();

export const streamedPage = z
  .looseObject({ result: rowsOf(usageRow), error: broken, ...envelope })
  .describe("Every row, sent as it arrives; what is said of them comes behind them.");

export const streamEnd = z
  .looseObject({ error: broken, ...envelope })
  .describe(
    "The last line of a stream of lines, the one with a next_cursor: a reader who met it has every row before it, and where that is null every row there is.",
  );

/** What any page says, whatever its format. */
export const anyEnvelope = z.looseObject({
  result: rowsOf(z.looseObject({})),
  ...envelope,
  entities: entities.optional(),
  debug: debug.optional(),
  error: broken,
});
