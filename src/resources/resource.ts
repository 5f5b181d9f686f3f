import type { Engine } from "../engine/engine.ts";

/** Something to read beside the tools. It tells nothing that a tool could not be asked for, or that its answers don't say. */
export interface Resource {
  uri: string;
  name: string;
  title: string;
  description: string;
  mimeType: string;
  /** @param engine as the caller sees it */
  read(engine: Engine): Promise<string>;
}

/** A family of resources, told apart by the one variable of its address. */
export interface ResourceFamily {
  /** RFC 6570, with one variable. */
  uriTemplate: string;
  variable: string;
  name: string;
  title: string;
  description: string;
  mimeType: string;
  /** What the variable can be. */
  values: readonly string[];
  /** @throws UsageError (question, not_found) naming what there is */
  read(engine: Engine, value: string): Promise<string>;
}

export const MARKDOWN = "text/markdown";
export const JSON_TYPE = "application/json";
export const JSON_SCHEMA = "application/schema+json";
