import { type McpServer, ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Engine } from "../engine/engine.ts";
import { describeError, failureKind, loggable, UsageError } from "../errors.ts";
import type { Log } from "../log.ts";

/** The most that the protocol lets an answer suggest. */
const MOST_SUGGESTIONS = 100;

/** Params that are none of these are invalid params; by its own schemas the SDK would call them an internal error. */
const named = z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.string()).optional() });
const located = z.looseObject({ uri: z.string() });
const typed = z.looseObject({
  ref: z.discriminatedUnion("type", [
    z.looseObject({ type: z.literal("ref/prompt"), name: z.string() }),
    z.looseObject({ type: z.literal("ref/resource"), uri: z.string() }),
  ]),
  argument: z.looseObject({ name: z.string(), value: z.string() }),
});

const prompts = () => import("../prompts/catalogue.ts");
const resources = () => import("../resources/catalogue.ts");

/**
 * What hosts can read besides the tools: prompts, resources, and suggestions for their arguments. All of it is loaded when it is
 * first asked for, which most hosts that use the tools never do; hence handlers of our own, since the SDK's registration
 * wants everything at hand when a server starts.
 */
export function serveReading(server: McpServer, engine: Engine, log: Log, requestId: string | undefined): void {
  const { server: protocol } = server;
  const answering = <Answer>(method: string, answer: () => Promise<Answer>, uri?: string): Promise<Answer> =>
    answer().catch((error: unknown) => {
      const kind = failureKind(error);
      engine.telemetry.failure(kind);
      const request = requestId === undefined ? {} : { request: requestId };
      log[kind === "internal" ? "error" : "debug"]({ ...request, method, ...loggable(error) }, "reading failed");
      throw refusal(error, requestId, uri);
    });

  // None of it changes while a copy runs.
  protocol.registerCapabilities({
    prompts: { listChanged: false },
    resources: { listChanged: false },
    completions: {},
  });
  protocol.setRequestHandler("prompts/list", ({ method }) =>
    answering(method, async () => ({ prompts: (await prompts()).listPrompts() })),
  );
  protocol.setRequestHandler("prompts/get", { params: named }, (params) =>
    answering("prompts/get", async () => {
      const { description, text } = await (await prompts()).writePrompt(engine, params.name, params.arguments ?? {});
      return { description, messages: [{ role: "user" as const, content: { type: "text" as const, text } }] };
    }),
  );
  protocol.setRequestHandler("resources/list", ({ method }) =>
    answering(method, async () => ({ resources: (await resources()).listResources(engine) })),
  );
  protocol.setRequestHandler("resources/templates/list", ({ method }) =>
    answering(method, async () => ({ resourceTemplates: (await resources()).listResourceTemplates() })),
  );
  protocol.setRequestHandler("resources/read", { params: located }, ({ uri }) =>
    answering("resources/read", async () => ({ contents: [await (await resources()).readResource(engine, uri)] }), uri),
  );
  protocol.setRequestHandler("completion/complete", { params: typed }, ({ ref, argument }) =>
    answering("completion/complete", async () => {
      const values =
        ref.type === "ref/prompt"
          ? (await prompts()).promptValues(engine, ref.name, argument.name)
          : (await resources()).resourceValues(ref.uri, argument.name);
      return { completion: suggested(values, argument.value) };
    }),
  );
}

/** Values that begin with what was typed; where none does, those that hold it. */
function suggested(values: readonly string[], typed: string) {
  const wanted = typed.trim().toLowerCase();
  const beginning = values.filter((value) => value.toLowerCase().startsWith(wanted));
  const found = beginning.length > 0 ? beginning : values.filter((value) => value.toLowerCase().includes(wanted));
  const shown = found.slice(0, MOST_SUGGESTIONS);
  return { values: shown, total: found.length, hasMore: found.length > shown.length };
}

/** @param uri of the resource that was asked for */
function refusal(error: unknown, requestId: string | undefined, uri: string | undefined): ProtocolError {
  const message = describeError(error, requestId);
  if (!(error instanceof UsageError && error.kind === "question"))
    return new ProtocolError(ProtocolErrorCode.InternalError, message);
  if (uri !== undefined && error.details.not_found) return new ResourceNotFoundError(uri, message);
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}
