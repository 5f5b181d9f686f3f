import * as z from "zod";
import {
  debugPage,
  normalizedPage,
  normalizedRow,
  rawPage,
  streamEnd,
  streamedPage,
  unifiedPage,
  usageRow,
} from "./answer-schemas.ts";
import { errorEnvelope, rpcError } from "./error-schema.ts";
import { exportEnd, focusCharge } from "./export-schemas.ts";
import { capabilities, metaAnswer, paramSupport } from "./meta-schema.ts";
import type { JsonSchema } from "./parameters.ts";

/** The schemas that have a name in the document; wherever one stands inside another, it is referred to. */
const NAMED = {
  Usage: usageRow,
  NormalizedUsage: normalizedRow,
  UnifiedPage: unifiedPage,
  RawPage: rawPage,
  NormalizedPage: normalizedPage,
  DebugPage: debugPage,
  StreamedPage: streamedPage,
  StreamEnd: streamEnd,
  FocusCharge: focusCharge,
  ExportEnd: exportEnd,
  Meta: metaAnswer,
  Capabilities: capabilities,
  ParamSupport: paramSupport,
  Error: errorEnvelope,
  RpcError: rpcError,
} satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof NAMED;

export function refTo(name: SchemaName): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** `components.schemas`: made of the zod schemas that the answers are held to. */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    target: "draft-2020-12",
    io: "output",
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ jsonSchema: node }) => {
      // Any further member is what says nothing says, too.
      if (typeof node.additionalProperties === "object" && Object.keys(node.additionalProperties).length === 0)
        delete node.additionalProperties;
      delete node.propertyNames;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
  );
}
