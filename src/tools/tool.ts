import * as z from "zod";
import type { Call, Engine } from "../engine/engine.ts";

/** A tool: what a model is shown, and what answers. One file each, the schema beside the handler. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  output: z.ZodObject;
  /** @param input the arguments as they came; checked here, once @throws UsageError */
  run(engine: Engine, input: unknown, call: Call): Promise<Record<string, unknown>>;
}

/**
 * A schema as hosts take it: JSON Schema 2020-12, everything inline, no pattern and no bounds noise. Objects that may grow
 * say nothing of further members.
 */
export function jsonSchema(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    override: ({ jsonSchema: node }) => {
      if (node.additionalProperties !== false) delete node.additionalProperties;
      delete node.propertyNames;
    },
  });
}

/** Characters of JSON that rows may fill in an answer to an agent: some 8,000 tokens with all that stands around them. */
export const AGENT_BUDGET = 18_000;
/** The most for an agent who asks for everything at once: hosts cut at 25,000 tokens. */
export const STREAM_BUDGET = 45_000;

export const periodSchema = z.looseObject({ start_date: z.string(), end_date: z.string() });
