import * as z from "zod";
import type { Engine } from "../engine/engine.ts";
import { notFound } from "../errors.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import { jsonSchema } from "../tools/tool.ts";
import { PROMPTS } from "./index.ts";
import type { Prompt } from "./prompt.ts";

/** An argument as hosts are shown it. */
interface ShownArgument {
  name: string;
  description?: string | undefined;
  required: boolean;
}

export function listPrompts() {
  return PROMPTS.map(({ name, title, description, input }) => ({
    name,
    title,
    description,
    arguments: argumentsOf(input),
  }));
}

/** @throws UsageError (question): no such prompt, or an argument */
export async function writePrompt(engine: Engine, name: string, args: unknown) {
  const prompt = promptOf(name);
  return { description: prompt.description, text: await prompt.write(engine, args) };
}

/** What an argument can be; nothing for one whose values can't be known. @throws UsageError (question): no such prompt or argument */
export function promptValues(engine: Engine, name: string, argument: string): readonly string[] {
  const { input, values } = promptOf(name);
  const known = Object.keys(input.shape);
  if (!known.includes(argument))
    throw notFound(
      "argument",
      `${name} has no argument ${shown(argument)}; it has ${listed(known)}.${didYouMean(argument, known)}`,
    );
  return values[argument]?.(engine) ?? [];
}

function promptOf(name: string): Prompt {
  const prompt = PROMPTS.find((one) => one.name === name);
  if (prompt) return prompt;
  const names = PROMPTS.map((one) => one.name);
  throw notFound("name", `there is no prompt ${shown(name)}; there are ${listed(names)}.${didYouMean(name, names)}`);
}

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })),
  required: z.array(z.string()).default([]),
});

function argumentsOf(input: z.ZodObject): ShownArgument[] {
  const { properties, required } = objectSchema.parse(jsonSchema(input, "input"));
  return Object.entries(properties).map(([name, { description }]) => ({
    name,
    description,
    required: required.includes(name),
  }));
}
