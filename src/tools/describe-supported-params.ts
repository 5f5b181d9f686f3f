import * as z from "zod";
import { PROVIDERS } from "../accounts/account.ts";
import { checkQuery } from "../engine/check-query.ts";
import { REQUEST_PARAMS } from "../usage/query.ts";
import { REPORT_TYPES } from "../usage/report.ts";
import type { Tool } from "./tool.ts";

const input = z.strictObject({
  provider: z.enum(PROVIDERS).optional(),
  integrated_account_id: z.string().optional(),
  report_type: z.enum(REPORT_TYPES).optional(),
});

const output = z.looseObject({
  providers: z.array(
    z.looseObject({
      provider: z.string(),
      integrated_account_ids: z.array(z.string()),
      default_report_type: z.looseObject({ plain: z.string(), with_dates: z.string() }),
      reports: z.array(z.looseObject({ report_type: z.string(), description: z.string() })),
      unavailable_reports: z.looseObject({}),
      availability: z.string(),
    }),
  ),
  request_params: z.array(z.string()).describe("Taken by every provider and report."),
});

export const describeSupportedParams: Tool = {
  name: "describe_supported_params",
  title: "Describe supported parameters",
  description:
    "Which reports, parameters, group_by dimensions, sort keys and row fields each provider offers. Per parameter: native (the vendor does it), derived (done on the rows, exactly) or unsupported, with notes. Without arguments a short overview; name a provider or account for the details.",
  input,
  output,
  async run(engine, args) {
    return { providers: await engine.describe(checkQuery(input, args)), request_params: REQUEST_PARAMS };
  },
};
