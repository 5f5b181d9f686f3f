import type * as z from "zod";
import type { Engine } from "../engine/engine.ts";

/**
 * A prompt: a standing question, which steers an agent through the tools. One file each, its arguments beside its text. It
 * holds nothing that the tools don't say themselves: a host without prompts loses only the wording.
 */
export interface Prompt {
  name: string;
  title: string;
  description: string;
  /** Texts only, since the protocol's arguments are; checked when the prompt is written. */
  input: z.ZodObject;
  /** By argument, where values are known: all that this caller could give, likeliest first. */
  values: Readonly<Record<string, (engine: Engine) => readonly string[]>>;
  /**
   * @param engine as the caller sees it: their accounts, and today
   * @param args the arguments as they came; checked here, once
   * @throws UsageError (question): an argument, with what to give instead
   */
  write(engine: Engine, args: unknown): Promise<string>;
}
