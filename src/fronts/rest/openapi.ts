import { MCP_PATH } from "../http/refusal.ts";
import { EXPORT_PATH, META_PATH, USAGE_PATH } from "./meta.ts";
import { exportOperation } from "./openapi-export.ts";
import { ALWAYS, HEADERS, json, LIMITED, refusals, response } from "./openapi-responses.ts";
import { componentSchemas, refTo } from "./openapi-schemas.ts";
import { capabilitiesOperation, metaOperation, usageOperation } from "./openapi-usage.ts";
import type { JsonSchema } from "./parameters.ts";

/** What differs from one server to the next. */
export interface Served {
  version: string;
  /** Whether bearer tokens are configured. */
  tokens: boolean;
  /** The authorization server whose access tokens are taken, where there is one. */
  issuer?: string | undefined;
}

const OPEN = { security: [] };

/** The OpenAPI 3.1 document of everything that is served over HTTP; made of the schemas that check questions and answers. */
export function openApiDocument(served: Served): JsonSchema {
  const schemes = securitySchemes(served);
  return {
    openapi: "3.1.1",
    info: {
      title: "usage-mcp",
      version: served.version,
      summary: "What a company uses and what it costs, across its vendor accounts.",
      description:
        "Usage and cost of Claude, OpenAI Codex, Cursor, Confluent Cloud and Datadog in one language. Times are UTC; net is what will be invoiced, total is before discounts and credits.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This server." }],
    security: Object.keys(schemes).map((name) => ({ [name]: [] })),
    tags: [
      { name: "usage", description: "The unified usage endpoint, for programs." },
      { name: "mcp", description: "The same for agents." },
      { name: "operation", description: "For those who run the server." },
    ],
    paths: {
      [USAGE_PATH]: { get: usageOperation() },
      [META_PATH]: { get: metaOperation() },
      [EXPORT_PATH]: { get: exportOperation() },
      "/integrated-account/{id}/capabilities": { get: capabilitiesOperation() },
      [MCP_PATH]: { post: mcpOperation() },
      "/openapi.json": {
        get: {
          operationId: "getOpenApi",
          tags: ["operation"],
          summary: "This document",
          ...OPEN,
          responses: {
            200: response("The OpenAPI document of this server.", ALWAYS, json({ type: "object" })),
            ...refusals([403, 503]),
          },
        },
      },
      "/healthz": {
        get: {
          operationId: "getHealth",
          tags: ["operation"],
          summary: "Whether the process lives",
          ...OPEN,
          responses: { 200: response("It does.", ALWAYS, json(STATUS)) },
        },
      },
      "/readyz": {
        get: {
          operationId: "getReadiness",
          tags: ["operation"],
          summary: "Whether requests should be sent here",
          ...OPEN,
          responses: {
            200: response("They should.", ALWAYS, json(STATUS)),
            503: response("They should not: the server is about to end.", ALWAYS, json(STATUS)),
          },
        },
      },
      "/metrics": {
        get: {
          operationId: "getMetrics",
          tags: ["operation"],
          summary: "Metrics, in the Prometheus text format",
          responses: {
            200: response("Counts by route, provider and outcome.", LIMITED, {
              "text/plain": { schema: { type: "string" } },
            }),
            ...refusals([401, 403, 429, 500, 503]),
          },
        },
      },
      ...(served.issuer === undefined ? {} : { [RESOURCE_PATH]: { get: resourceOperation() } }),
    },
    components: {
      schemas: componentSchemas(),
      headers: HEADERS,
      securitySchemes: schemes,
    },
  };
}

const STATUS = { type: "object", required: ["status"], properties: { status: { type: "string" } } };

function securitySchemes({ tokens, issuer }: Served): Record<string, JsonSchema> {
  return {
    ...(tokens
      ? { bearer: { type: "http", scheme: "bearer", description: "A token that the server's operator gave out." } }
      : {}),
    ...(issuer === undefined
      ? {}
      : {
          oauth: {
            type: "openIdConnect",
            openIdConnectUrl: `${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`,
            description:
              "An access token of this authorization server, sent as a bearer token. Scopes and audience: /.well-known/oauth-protected-resource.",
          },
        }),
  };
}

const RESOURCE_PATH = "/.well-known/oauth-protected-resource";

function resourceOperation(): JsonSchema {
  const metadata = {
    type: "object",
    required: ["resource", "authorization_servers"],
    properties: {
      resource: { type: "string" },
      authorization_servers: { type: "array", items: { type: "string" } },
      scopes_supported: { type: "array", items: { type: "string" } },
    },
  };
  return {
    operationId: "getProtectedResource",
    tags: ["operation"],
    summary: "Who gives out access tokens (RFC 9728)",
    ...OPEN,
    responses: { 200: response("The metadata of this resource.", ALWAYS, json(metadata)), ...refusals([405, 503]) },
  };
}

/** MCP has a specification of its own; here is only how it is reached. */
function mcpOperation(): JsonSchema {
  const message = {
    type: "object",
    description: "A JSON-RPC message, as the Model Context Protocol has it.",
    required: ["jsonrpc"],
    properties: { jsonrpc: { const: "2.0" } },
  };
  const refused = (description: string) => response(description, LIMITED, json(refTo("RpcError")));
  return {
    operationId: "callMcp",
    tags: ["mcp"],
    summary: "MCP Streamable HTTP",
    description:
      "The Model Context Protocol over Streamable HTTP, stateless: 2025-era clients and 2026-07-28. One message a request; Accept names application/json and text/event-stream.",
    externalDocs: { url: "https://modelcontextprotocol.io/specification" },
    requestBody: { required: true, content: json(message) },
    responses: {
      200: response("The answer, or a stream of messages that ends with it.", LIMITED, {
        ...json(message),
        "text/event-stream": { schema: { type: "string" } },
      }),
      202: response("A notification was taken.", LIMITED),
      400: refused("The message is malformed, or of a protocol version that is not spoken here."),
      406: refused("Accept names neither of the two media types."),
      413: refused("The message is too large."),
      415: refused("The message is not application/json."),
      ...refusals([401, 403, 429, 500, 503], "RpcError"),
    },
  };
}
