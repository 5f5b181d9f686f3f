import { jsonSchema } from "../../tools/tool.ts";
import { exportQuery } from "./export.ts";
import { LIMITED, refusals, response } from "./openapi-responses.ts";
import { refTo } from "./openapi-schemas.ts";
import { ANY_REFUSAL, parameter } from "./openapi-usage.ts";
import type { JsonSchema } from "./parameters.ts";

const WORDING: Record<keyof typeof exportQuery.shape, { description: string; example?: unknown }> = {
  focus: { description: "Version of the FOCUS columns; 1.2 unless given.", example: "1.2" },
  integrated_account_ids: { description: "Only these accounts. Default: all that the caller may use." },
  providers: { description: "Only accounts of these vendors." },
  period: {
    description:
      "this_month (default), last_month, last_7_days, last_30_days, a month (2026-10), a quarter (2026-Q3) or a year (2026).",
    example: "2026-10",
  },
  start_date: {
    description: "In place of period: YYYY-MM-DD or RFC 3339, UTC, inclusive.",
    example: "2026-10-01",
  },
  end_date: { description: "YYYY-MM-DD or RFC 3339, UTC, exclusive.", example: "2026-11-01" },
  include_people: { description: "Names people in Tags, by e-mail; else no charge says whose it is." },
  fresh: {
    description:
      "Asks the vendors even where their answers are kept. The request header Cache-Control: no-cache means the same.",
  },
  format: { description: "csv (default) or ndjson. Without it Accept decides.", example: "csv" },
};

/** `GET /unified/usage-metering/export`. */
export function exportOperation(): JsonSchema {
  const parameters = exportQuery.keyof().options.map((name) => {
    const { $schema: _, description: __, ...schema } = jsonSchema(exportQuery.shape[name], "input");
    return parameter({ name, schema, ...WORDING[name] });
  });
  return {
    operationId: "exportCost",
    tags: ["usage"],
    summary: "Export every charge in the columns of FOCUS",
    description:
      "The charges of all accounts over a period under the columns of the FinOps Open Cost and Usage Specification, sent as the vendors' pages arrive. No validator was run on them: nothing is said of conformance. BilledCost adds up to the net of the same period and ListCost to its gross, exactly.",
    externalDocs: { url: "https://focus.finops.org/focus-specification/" },
    parameters,
    responses: {
      200: response("The charges.", LIMITED, {
        "text/csv": {
          schema: {
            type: "string",
            description:
              "A header line and a line a charge (RFC 4180); an empty cell is unknown. Should an account fail, the others' charges are sent and the connection is broken off behind them, so that nobody takes them for all; ndjson says which account and why.",
          },
        },
        "application/x-ndjson": {
          schema: {
            anyOf: [refTo("FocusCharge"), refTo("ExportEnd")],
            description: "Of one line: a charge a line, and at the end the one line that has accounts.",
          },
        },
      }),
      ...refusals(ANY_REFUSAL),
    },
  };
}
