import { McpServer, type ServerContext, type StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type * as z from "zod";
import type { Engine } from "../engine/engine.ts";
import type { Progress } from "../engine/pages.ts";
import { describeError, failureKind, loggable } from "../errors.ts";
import type { Log } from "../log.ts";
import { TOOLS } from "../tools/index.ts";
import { jsonSchema, type Tool } from "../tools/tool.ts";
import { VERSION } from "../version.ts";
import { serveReading } from "./mcp-reading.ts";
import { timeLimit } from "./time-limit.ts";

const INSTRUCTIONS = [
  "usage-mcp answers what a company uses and what it costs, across its vendor accounts, in one language.",
  "Order: list_accounts (which accounts there are), describe_supported_params (what each can be asked), then get_cost_summary for what it cost, get_usage_summary for how much was used, explain_cost_change for why the bill changed, forecast_cost for the running month; list_usage only when single rows are needed.",
  "net is what will be invoiced, gross (total) is before discounts and credits; estimates are named in warnings. Cost of Claude, Codex and Cursor is that of use: seats are on the invoice, not here. Times are UTC, ends of summaries exclusive. Read warnings, is_partial_response and accounts[].status before you state a number.",
  "list_usage pages: repeat the same parameters with cursor = next_cursor until it is null. data_as_of tells how old the data is; fresh: true asks the vendors again.",
].join("\n");

const READ_ONLY = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };

/** What a server's calls are part of. */
export interface Serving {
  /** The HTTP request that they came with, where there is one. */
  request?: { id: string; signal: AbortSignal; deadline: number };
  /** How long a call may take where no request limits it. */
  callSeconds?: number | undefined;
}

/** One MCP server over an engine: the same for every transport and every protocol era. */
export function createMcpServer(engine: Engine, log: Log, serving: Serving = {}): McpServer {
  const server = new McpServer(
    { name: "usage-mcp", title: "Usage and cost", version: VERSION },
    { instructions: INSTRUCTIONS, capabilities: { tools: { listChanged: false } } },
  );
  for (const tool of TOOLS) {
    server.registerTool(
      tool.name,
      {
        title: tool.title,
        description: tool.description,
        inputSchema: advertised(tool, "input"),
        outputSchema: advertised(tool, "output"),
        annotations: { title: tool.title, ...READ_ONLY },
      },
      (args, context) => callTool(engine, tool, args, context, log, serving),
    );
  }
  serveReading(server, engine, log, serving.request?.id);
  return server;
}

const advertisements = new WeakMap<z.ZodObject, StandardSchemaWithJSON<unknown, unknown>>();

/**
 * A schema that is shown to hosts and leaves checking to the tool, whose errors say what to do; answers are checked by the
 * tests, not again at every call. Converted once, whatever the number of servers.
 */
function advertised(tool: Tool, io: "input" | "output"): StandardSchemaWithJSON<unknown, unknown> {
  const schema = tool[io];
  const known = advertisements.get(schema);
  if (known) return known;
  let json: Record<string, unknown> | undefined;
  const convert = () => {
    json ??= jsonSchema(schema, io);
    return json;
  };
  const shown: StandardSchemaWithJSON<unknown, unknown> = {
    "~standard": {
      version: 1,
      vendor: "usage-mcp",
      validate: (value) => ({ value }),
      jsonSchema: { input: convert, output: convert },
    },
  };
  advertisements.set(schema, shown);
  return shown;
}

async function callTool(
  engine: Engine,
  tool: Tool,
  args: unknown,
  { mcpReq }: ServerContext,
  log: Log,
  { request, callSeconds }: Serving,
) {
  const started = performance.now();
  const about = { ...(request ? { request: request.id } : {}), tool: tool.name };
  const own = request || callSeconds === undefined ? undefined : timeLimit(callSeconds);
  const limit = request ?? own;
  const call = {
    signal: limit ? AbortSignal.any([mcpReq.signal, limit.signal]) : mcpReq.signal,
    progress: progressOf(mcpReq),
    ...(limit ? { deadline: limit.deadline } : {}),
    ...(request ? { requestId: request.id } : {}),
  };
  try {
    const answer = await tool.run(engine, args, call);
    engine.telemetry.toolCall(tool.name, "ok");
    log.debug({ ...about, ms: Math.round(performance.now() - started) }, "tool answered");
    return { content: [{ type: "text" as const, text: JSON.stringify(answer) }], structuredContent: answer };
  } catch (error) {
    const kind = failureKind(error);
    engine.telemetry.toolCall(tool.name, kind);
    engine.telemetry.failure(kind);
    const level = kind === "internal" ? "error" : "debug";
    log[level]({ ...about, ms: Math.round(performance.now() - started), ...loggable(error) }, "tool failed");
    return { content: [{ type: "text" as const, text: describeError(error, request?.id) }], isError: true };
  } finally {
    own?.end();
  }
}

/** Tells a host that asked for it, once a call takes more than one page. */
function progressOf(mcpReq: ServerContext["mcpReq"]): Progress {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => {};
  let pages = 0;
  return (message, urgent = false) => {
    pages++;
    // A host that stopped listening is no reason to fail the call.
    if (pages > 1 || urgent)
      mcpReq
        .notify({ method: "notifications/progress", params: { progressToken, progress: pages, message } })
        .catch(() => undefined);
  };
}
