import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import { expect } from "vitest";
import * as z from "zod";
import { openApiDocument } from "../../../src/fronts/rest/openapi.ts";

/** The OpenAPI document, as far as tests walk in it. */
const nodeSchema = z.looseObject({});
type Node = z.infer<typeof nodeSchema>;

const responseSchema = z.looseObject({
  headers: z.record(z.string(), z.unknown()),
  content: z.record(z.string(), z.looseObject({ schema: nodeSchema })).optional(),
});
const parameterSchema = z.looseObject({
  name: z.string(),
  in: z.string(),
  description: z.string(),
  style: z.string().optional(),
  explode: z.boolean().optional(),
  schema: nodeSchema,
  example: z.unknown().optional(),
});
const operationSchema = z.looseObject({
  operationId: z.string(),
  parameters: z.array(parameterSchema).optional(),
  responses: z.record(z.string(), responseSchema),
});
export const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({
    schemas: z.record(z.string(), nodeSchema),
    headers: z.record(z.string(), z.looseObject({ schema: nodeSchema })),
  }),
});

/** That of a server with bearer tokens. */
export const document = documentSchema.parse(openApiDocument({ version: "1.2.3", tokens: true }));

const provider = new AjvJsonSchemaValidator();
const validators = new Map<string, (value: unknown) => string | undefined>();

/** What a JSON Schema of the document finds wrong with a value, by the rules of 2020-12; undefined: nothing. */
export function faultOf(value: unknown, schema: Node): string | undefined {
  const key = JSON.stringify(schema);
  let validate = validators.get(key);
  if (!validate) {
    const check = provider.getValidator({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      ...schema,
      ...{ components: document.components },
    });
    validate = (candidate) => check(candidate).errorMessage;
    validators.set(key, validate);
  }
  return validate(value);
}

export function named(name: string): Node {
  return { $ref: `#/components/schemas/${name}` };
}

/** Holds an answer to what the document says of its path, status and media type; gives its body, parsed where it is JSON. */
export async function expectDocumented(response: Response, path: string, method = "get"): Promise<unknown> {
  const about = `${method} ${path} ${response.status}`;
  const described = document.paths[path]?.[method]?.responses[String(response.status)];
  if (!described) throw new Error(`the document has no ${about}: ${await response.text()}`);
  const known = Object.keys(document.components.headers).filter((name) => response.headers.has(name));
  expect(Object.keys(described.headers), about).toEqual(expect.arrayContaining(known));
  for (const name of known) {
    const schema = document.components.headers[name]?.schema ?? {};
    const text = response.headers.get(name) ?? "";
    expect(faultOf(schema["type"] === "integer" ? Number(text) : text, schema), `${about} ${name}: ${text}`).toBe(
      undefined,
    );
  }
  expect(response.headers.has("x-request-id"), about).toBe(true);
  const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
  const text = await response.text();
  const content = described.content?.[type];
  if (!content) throw new Error(`the document has no ${type} for ${about}: ${text.slice(0, 200)}`);
  if (type === "application/x-ndjson") {
    const lines: unknown[] = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const line of lines) expect(faultOf(line, content.schema), about).toBe(undefined);
    return lines;
  }
  const body: unknown = type === "application/json" ? JSON.parse(text) : text;
  expect(faultOf(body, content.schema), `${about}: ${text.slice(0, 300)}`).toBe(undefined);
  return body;
}

/** Every path below a schema, with its type. */
export function fieldsBelow(node: Node, prefix = ""): Map<string, { type: string; required: boolean }> {
  const found = new Map<string, { type: string; required: boolean }>();
  const members = z.record(z.string(), z.looseObject({ type: z.unknown() })).parse(node["properties"] ?? {});
  for (const [name, member] of Object.entries(members)) {
    const path = `${prefix}${name}`;
    const items = z.looseObject({ type: z.string() }).optional().parse(member["items"]);
    const required = z.array(z.string()).parse(node["required"] ?? []);
    found.set(path, { type: items ? `${items.type}[]` : String(member.type), required: required.includes(name) });
    for (const [below, type] of fieldsBelow(items ?? member, items ? `${path}[].` : `${path}.`)) found.set(below, type);
  }
  return found;
}

/** The paths of the values in a JSON value that the reference would list: `charges[].amount`. Bags end a path. */
export function pathsOf(value: unknown, bags: readonly string[], prefix = ""): Set<string> {
  const found = new Set<string>();
  if (typeof value !== "object" || value === null) return found;
  for (const [name, member] of Object.entries(value)) {
    const path = `${prefix}${name}`;
    found.add(path);
    if (bags.includes(path)) continue;
    const inside = Array.isArray(member) ? member.flatMap((item) => [...pathsOf(item, bags, `${path}[].`)]) : [];
    for (const below of Array.isArray(member) ? inside : pathsOf(member, bags, `${path}.`)) found.add(below);
  }
  return found;
}
