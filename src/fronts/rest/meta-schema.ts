import * as z from "zod";
import { PROVIDERS } from "../../accounts/account.ts";
import { QUERY_PARAMS } from "../../usage/query.ts";
import { REPORT_TYPES } from "../../usage/report.ts";

const report = z.enum(REPORT_TYPES);
const support = z
  .enum(["native", "derived", "unsupported"])
  .describe("native: the vendor does it; derived: it is done on the rows, exactly; unsupported: it is refused.");
const note = z.string().optional();

export const paramSupport = z
  .looseObject({
    page: z.string().describe("The unified page's own note.").optional(),
    support: support.optional(),
    note,
    by_report: z
      .array(z.looseObject({ support, note, report_types: z.array(report) }))
      .describe("In place of support, where reports differ.")
      .optional(),
  })
  .describe("The same for every report, or told apart by report.");

const provider = z.looseObject({
  provider: z.enum(PROVIDERS),
  integrated_account_ids: z.array(z.string()).describe("The caller's accounts that are served in this way."),
  default_report_type: z.looseObject({ plain: report, with_dates: report }),
  reports: z.array(
    z.looseObject({
      report_type: report,
      description: z.string(),
      group_by: z.array(z.string()).describe("The dimensions that group_by takes."),
      sort_by: z.array(z.string()),
      granularity: z.array(z.string()),
      fields: z.array(z.string()).describe("The fields that its rows can carry, as paths."),
    }),
  ),
  unavailable_reports: z.record(z.string(), z.string()).describe("The other reports, and why it can't serve them."),
  availability: z.string().describe("How old its data is, and how far it goes back."),
  params: z
    .looseObject(Object.fromEntries(QUERY_PARAMS.map((name) => [name, paramSupport])))
    .describe("By query parameter."),
});

const account = {
  integrated_account_id: z.string(),
  provider: z.enum(PROVIDERS),
  name: z.string(),
  report_types: z.array(report),
  default_report_type: report,
};

/** What is answered of one account. */
export const capabilities = z
  .looseObject({ ...account, unified_models: z.record(z.string(), z.record(z.string(), z.array(z.string()))) })
  .describe("One of the caller's accounts, and the unified models it can be asked in.");

const jsonSchemaText = z.looseObject({});

/** What `meta/list` answers. */
export const metaAnswer = z
  .looseObject({
    method: z.literal("list"),
    query_schema: jsonSchemaText.describe("JSON Schema of the query: every parameter."),
    schema: jsonSchemaText.describe("JSON Schema of a row."),
    envelope_schema: jsonSchemaText.describe("JSON Schema of an answer, whatever its format."),
    request_params: z.array(z.string()).describe("The parameters that every provider and report takes."),
    accounts: z.array(z.looseObject(account)).describe("The caller's accounts, as far as they were asked for."),
    providers: z.array(provider).describe("What their vendors serve."),
  })
  .describe("What the endpoint can be asked, and what it answers.");
