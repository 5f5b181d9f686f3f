import { encode } from "gpt-tokenizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { connectLegacy, connectModern, type Host } from "../e2e/hosts.ts";

const toolSchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  inputSchema: z.looseObject({ type: z.literal("object"), $schema: z.string() }),
  outputSchema: z.looseObject({ type: z.literal("object"), $schema: z.string() }),
  annotations: z.looseObject({}),
});

/** Every object anywhere in a schema, with its path. */
function* nodes(value: unknown, path = "$"): Generator<[string, Record<string, unknown>]> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* nodes(item, `${path}[${index}]`);
  else if (typeof value === "object" && value !== null) {
    yield [path, { ...value }];
    for (const [key, member] of Object.entries(value)) yield* nodes(member, `${path}.${key}`);
  }
}

/** The keywords of a schema's nodes; the names of properties are no keywords. */
function keywords(schema: unknown): Set<string> {
  return new Set([...nodes(schema)].flatMap(([path, node]) => (path.endsWith(".properties") ? [] : Object.keys(node))));
}

describe("what hosts are shown of the tools", async () => {
  const host: Host = await connectModern(["--sandbox"]);
  const tools = (await host.listTools()).map((tool) => toolSchema.parse(tool));
  let legacy: Host;
  beforeAll(async () => {
    legacy = await connectLegacy(["--sandbox"]);
  });
  afterAll(() => Promise.all([host.close(), legacy.close()]));

  it("is the golden tools/list, for both eras", async () => {
    await expect(`${JSON.stringify(tools, null, 2)}\n`).toMatchFileSnapshot("tools-list.golden.json");
    const old = (await legacy.listTools()).map((tool) => toolSchema.parse(tool));
    expect(old.map(({ name, inputSchema, outputSchema }) => ({ name, inputSchema, outputSchema }))).toEqual(
      tools.map(({ name, inputSchema, outputSchema }) => ({ name, inputSchema, outputSchema })),
    );
  });

  it.each(tools)("$name: 2020-12, root object, no $ref", ({ inputSchema, outputSchema }) => {
    for (const schema of [inputSchema, outputSchema]) {
      expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
      expect(JSON.stringify(schema)).not.toMatch(/draft-0[47]|"\$ref"|"\$defs"/);
    }
  });

  it.each(tools)("$name: no unions and no noise in the input", ({ inputSchema }) => {
    const found = keywords(inputSchema);
    for (const keyword of [
      "anyOf",
      "oneOf",
      "allOf",
      "pattern",
      "format",
      "maximum",
      "minimum",
      "exclusiveMinimum",
      "propertyNames",
    ]) {
      expect(found, keyword).not.toContain(keyword);
    }
  });

  it.each(tools)("$name: an enum holds texts only, none of them empty", ({ inputSchema }) => {
    for (const [path, node] of nodes(inputSchema)) {
      if (!Array.isArray(node["enum"])) continue;
      expect(node["type"], path).toBe("string");
      expect(
        node["enum"].every((value: unknown) => typeof value === "string" && value !== ""),
        path,
      ).toBe(true);
    }
  });

  it.each(tools)("$name: the output is loose: no closed objects, no formats", ({ outputSchema }) => {
    for (const [path, node] of nodes(outputSchema)) {
      expect(node["additionalProperties"], path).not.toBe(false);
      if (!path.endsWith(".properties")) expect(node["format"], path).toBeUndefined();
    }
  });

  it.each(tools)("$name: is read-only and says so", ({ annotations, title }) => {
    expect(annotations).toEqual({
      title,
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    });
    expect(title.length).toBeGreaterThan(3);
  });

  it.each(tools)(
    "$name: names are short, snake_case, and fit beside the server's",
    ({ name, description, inputSchema }) => {
      expect(`usage-mcp${name}`.length).toBeLessThan(60);
      expect(name).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
      expect(description.length).toBeLessThan(1024);
      const properties = z.record(z.string(), z.unknown()).parse(inputSchema["properties"]);
      for (const property of Object.keys(properties)) expect(property).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
    },
  );

  it("costs a model under 700 tokens a tool and 4,000 in all", () => {
    const sizes = tools.map(
      ({ name, description, inputSchema }) => encode(JSON.stringify({ name, description, inputSchema })).length,
    );
    expect(Math.max(...sizes)).toBeLessThan(700);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(4000);
  });
});
