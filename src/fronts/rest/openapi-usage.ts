import { jsonSchema } from "../../tools/tool.ts";
import { metaQuery } from "./meta.ts";
import { json, LIMITED, type RefusalStatus, refusals, response } from "./openapi-responses.ts";
import { refTo } from "./openapi-schemas.ts";
import { type JsonSchema, type Parameter, usageParameters } from "./parameters.ts";

export const ANY_REFUSAL: readonly RefusalStatus[] = [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504];

/** `GET /unified/usage-metering/usage`. */
export function usageOperation(): JsonSchema {
  return {
    operationId: "listUsage",
    tags: ["usage"],
    summary: "List usage and cost rows of one account",
    description:
      "Unified rows of one vendor account, by page: repeat the request with next_cursor until it is null. What an account's reports support, meta/list tells; a parameter is never ignored: what a report lacks is refused with 400.",
    parameters: usageParameters().map(parameter),
    responses: {
      200: response("The rows, in the format that was asked for.", LIMITED, {
        ...json(
          {
            anyOf: [
              refTo("UnifiedPage"),
              refTo("NormalizedPage"),
              refTo("DebugPage"),
              refTo("StreamedPage"),
              refTo("RawPage"),
            ],
          },
          { example: EXAMPLE },
        ),
        "application/x-ndjson": {
          schema: {
            anyOf: [refTo("Usage"), refTo("StreamEnd")],
            description:
              "Of one line: truto_response_format=stream and Accept: application/x-ndjson give a row a line, and at the end the one line that has a next_cursor: what an envelope says.",
          },
        },
      }),
      ...refusals(ANY_REFUSAL),
    },
  };
}

/** `GET /unified/usage-metering/usage/meta/list`. */
export function metaOperation(): JsonSchema {
  const parameters = Object.entries(metaQuery.shape).map(([name, shape]) => {
    const { $schema: _, description = "", ...schema } = jsonSchema(shape, "input");
    return { name, in: "query", description, schema };
  });
  return {
    operationId: "describeUsage",
    tags: ["usage"],
    summary: "Describe what usage can be asked for",
    description:
      "The endpoint's parameters, rows and envelope as JSON Schema, and per provider of the caller's accounts which report supports which parameter, dimension and field.",
    parameters,
    responses: {
      200: response("Schemas and support.", LIMITED, json(refTo("Meta"))),
      ...refusals([400, 401, 403, 404, 429, 500, 503]),
    },
  };
}

/** `GET /integrated-account/{id}/capabilities`. */
export function capabilitiesOperation(): JsonSchema {
  return {
    operationId: "getCapabilities",
    tags: ["usage"],
    summary: "What one account can be asked",
    parameters: [
      { name: "id", in: "path", required: true, description: "An integrated_account_id.", schema: { type: "string" } },
    ],
    responses: {
      200: response("The account's reports and unified models.", LIMITED, json(refTo("Capabilities"))),
      ...refusals([401, 403, 404, 429, 500, 503]),
    },
  };
}

/** Lists as `name=a&name=b`, objects as `name[key]=value`; the other ways in which clients write them are taken too. */
export function parameter({ name, description, example, schema }: Parameter): JsonSchema {
  const type = schema["type"];
  const way =
    type === "array"
      ? { style: "form", explode: true }
      : type === "object"
        ? { style: "deepObject", explode: true }
        : {};
  const told =
    type === "array"
      ? `${description} Written ${name}=a&${name}=b, ${name}[]=a&${name}[]=b or ${name}[0]=a&${name}[1]=b.`
      : description;
  return { name, in: "query", description: told, ...way, schema, ...(example === undefined ? {} : { example }) };
}

const EXAMPLE = {
  result: [
    {
      id: "KAFKA_STORAGE:lkc-x1y2z3:2026-10-01",
      start_date: "2026-10-01T00:00:00Z",
      end_date: "2026-10-02T00:00:00Z",
      metric_name: "KAFKA_STORAGE",
      product: { id: "KAFKA", name: "Kafka" },
      charges: [
        { type: "total", amount: 12.5, currency: "USD" },
        { type: "net", amount: 10, currency: "USD" },
      ],
      usage: { quantity: 125 },
      unit: "GB",
    },
  ],
  next_cursor: null,
  prev_cursor: null,
  result_count: 1,
  is_partial_response: false,
  integrated_account_id: "62f44730-dd91-461e-bd6a-aedd9e0ad79d",
  provider: "confluent",
  report_type: "cost",
  period: { start_date: "2026-10-01T00:00:00Z", end_date: "2026-10-02T00:00:00Z" },
  warnings: [],
};
