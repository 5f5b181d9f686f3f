import * as z from "zod";

const insight = z.looseObject({ description: z.string(), value: z.unknown() }).optional();

/** The error envelope of every route but `/mcp`. */
export const errorEnvelope = z
  .looseObject({
    statusCode: z.number().meta({ type: "integer" }).describe("The HTTP status."),
    error: z.string().describe("Its name."),
    message: z.string().describe("What happened, where, and what to do next."),
    request_id: z.string().describe("Of the x-request-id header: the server's log tells more under it."),
    truto_is_remote_error: z.literal(true).describe("The vendor refused or failed, not this server.").optional(),
    raw_response: z.unknown().describe("The vendor's refusal, as JSON where it is JSON.").optional(),
    truto_error_insight: z
      .looseObject({
        missing_required_query_parameters: insight,
        rate_limit_error: insight,
        forbidden_error: insight,
        remote_error: insight,
      })
      .describe("What kind of error it is, for programs.")
      .optional(),
  })
  .describe("What went wrong, and who can mend it.");

/** How MCP refuses: JSON-RPC, whatever the request was. */
export const rpcError = z
  .looseObject({
    jsonrpc: z.literal("2.0"),
    error: z.looseObject({ code: z.number().meta({ type: "integer" }), message: z.string() }),
    id: z.union([z.string(), z.number()]).nullable(),
  })
  .describe("A JSON-RPC error.");
