import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { support as confluent } from "../../src/providers/confluent/support.ts";
import { support as datadog } from "../../src/providers/datadog/support.ts";
import type { ProviderSupport } from "../../src/providers/provider.ts";
import { querySchema } from "../../src/usage/query.ts";
import { rowSchema } from "../../src/usage/row.ts";

/** The unified usage-metering reference, as data, and the page it was read from. */
interface Reference {
  query_params: {
    name: string;
    type: string;
    enum?: string[];
    default?: string;
    support: Record<string, string>;
  }[];
  request_params: { name: string; type: string; enum?: string[]; default?: string }[];
  row_fields: { path: string; type: string; enum?: string[]; required?: boolean; support?: string[] }[];
}

function stored(name: string): string {
  return readFileSync(new URL(`../reference/${name}`, import.meta.url), "utf8");
}

const reference: Reference = JSON.parse(stored("unified-usage.json"));
const page = stored("reference-page.txt");

/** What a JSON Schema node says, in the reference's words for types. */
interface Described {
  type: string;
  enum?: unknown[];
  default?: unknown;
  description?: unknown;
  required: boolean;
}

interface Node {
  type?: unknown;
  enum?: unknown[];
  default?: unknown;
  description?: unknown;
  items?: Node | undefined;
  properties?: Record<string, Node> | undefined;
  required?: string[] | undefined;
}

const nodeSchema: z.ZodType<Node> = z.lazy(() =>
  z.looseObject({
    type: z.unknown(),
    items: nodeSchema.optional(),
    properties: z.record(z.string(), nodeSchema).optional(),
    required: z.array(z.string()).optional(),
  }),
);

function schemaOf(schema: z.ZodType, io: "input" | "output"): Node {
  return nodeSchema.parse(z.toJSONSchema(schema, { io }));
}

function described(node: Node, required: boolean): Described {
  const type = node.type === "array" ? `${node.items?.type}[]` : String(node.type);
  const { enum: values, default: usual, description } = node;
  return {
    type,
    required,
    ...(values ? { enum: values } : {}),
    ...(usual === undefined ? {} : { default: usual }),
    ...(description === undefined ? {} : { description }),
  };
}

/** Every path below a schema: `charges[].amount`. */
function pathsBelow(node: Node, prefix = ""): Map<string, Described> {
  const found = new Map<string, Described>();
  for (const [name, member] of Object.entries(node.properties ?? {})) {
    const path = `${prefix}${name}`;
    found.set(path, described(member, node.required?.includes(name) ?? false));
    const below = member.type === "array" ? member.items : member;
    const inside = member.type === "array" ? `${path}[].` : `${path}.`;
    if (below) for (const [key, value] of pathsBelow(below, inside)) found.set(key, value);
  }
  return found;
}

/** Dates are plain strings in our schemas, and bags of anything plain objects: the type is the same, only nothing checks the rest. */
function plainType(type: string): string {
  if (type === "date-time") return "string";
  return type.startsWith("Record<") ? "object" : type;
}

const asked = pathsBelow(schemaOf(querySchema, "input"));
const row = pathsBelow(schemaOf(rowSchema, "output"));

describe("the question's schema against the reference", () => {
  it("the reference holds 19 query parameters and 7 request parameters", () => {
    expect([reference.query_params.length, reference.request_params.length]).toEqual([19, 7]);
  });

  it.each([...reference.query_params, ...reference.request_params])("$name is there, with type $type", (param) => {
    const ours = asked.get(param.name);
    expect(ours?.type).toBe(plainType(param.type));
    expect(ours?.enum).toEqual(param.enum);
    expect(ours?.default).toEqual(param.default);
  });

  it("the page's default of truto_response_format is ours, and no other parameter has a default", () => {
    const defaults = [...asked].flatMap(([name, { default: usual }]) => (usual === undefined ? [] : [[name, usual]]));
    expect(defaults).toEqual([["truto_response_format", "unified"]]);
  });

  it("there is no parameter besides these but next_cursor, the page's other name of cursor, and fresh", () => {
    const known = new Set([...reference.query_params, ...reference.request_params].map(({ name }) => name));
    expect([...asked.keys()].filter((name) => !known.has(name))).toEqual(["next_cursor", "fresh"]);
  });
});

describe("the row's schema against the reference", () => {
  it("the reference holds 88 row fields", () => {
    expect(reference.row_fields).toHaveLength(88);
  });

  it.each(reference.row_fields)("$path is there, with type $type", (field) => {
    const ours = row.get(field.path);
    expect(ours?.type).toBe(plainType(field.type));
    expect(ours?.enum).toEqual(field.enum);
    if (field.required) expect(ours?.required).toBe(true);
  });

  it("there is no field besides these but the object that the page's file_extensions fields stand in", () => {
    const known = new Set(reference.row_fields.map(({ path }) => path));
    expect([...row.keys()].filter((path) => !known.has(path))).toEqual(["usage.code.file_extensions"]);
  });
});

/** The page's words under each field, read from its response body: a field's line, marks, then a sentence or none. */
function pageDescriptions(): Map<string, string> {
  const lines = page.slice(page.indexOf("List of Usage")).split("\n");
  const isField = (line: string) =>
    /^[a-z_0-9]+(?:string|number|boolean|object|object\[\]|Record<.*>)(?: · .*)?$/.test(line);
  const isMark = (line: string) =>
    /^(?:|required·|\d+ supported|\d+ properties|supported|Claude|OpenAI Codex|Confluent|Cursor|Datadog)$/.test(line);
  const found = new Map<string, string>();
  let at = 0;
  for (const { path, type } of reference.row_fields) {
    const name = path.split(/[.[\]]+/).at(-1) ?? "";
    const heading = type === "date-time" ? `${name}string · date-time` : `${name}${type}`;
    at = lines.indexOf(heading, at) + 1;
    if (at === 0) throw new Error(`the page has no line ${heading} where ${path} should stand`);
    let next = at;
    while (isMark(lines[next] ?? "end")) next++;
    const words = lines[next] ?? "";
    if (!isField(words) && words !== "Possible values:") found.set(path, words);
  }
  return found;
}

describe("the row's descriptions against the page", () => {
  const words = pageDescriptions();

  it("the page describes 36 fields", () => {
    // Counted by hand on the page, from "Unique identifier for the usage." to "Display name of the user.".
    expect(words.size).toBe(36);
    expect(words.get("id")).toBe("Unique identifier for the usage.");
    expect(words.get("usage.tokens.input")).toBeUndefined();
    expect(words.get("user.name")).toBe("Display name of the user.");
  });

  it.each(reference.row_fields.map(({ path }) => ({ path, words: words.get(path) })))(
    "$path is described as on the page",
    ({ path, words: due }) => {
      expect(row.get(path)?.description).toBe(due);
    },
  );
});

describe.each<[string, ProviderSupport]>([
  ["datadog", datadog],
  ["confluent", confluent],
])("what %s supports against the reference", (provider, support) => {
  it("its notes on parameters are the page's, word for word", () => {
    const notes = reference.query_params.flatMap(({ name, support: notes }) =>
      notes[provider] ? [[name, notes[provider]]] : [],
    );
    expect(support.pageNotes).toEqual(Object.fromEntries(notes));
  });

  it("its cost rows carry the fields that the page says it fills, and of those with a list of providers no others", () => {
    const listed = reference.row_fields.filter((field) => field.support !== undefined);
    const due = listed.filter((field) => field.support?.includes(provider)).map(({ path }) => path);
    const fields = support.reports.cost?.fields ?? [];
    expect(listed.map(({ path }) => path).filter((path) => fields.includes(path))).toEqual(due);
  });

  it("all its row fields are fields of the reference", () => {
    const known = reference.row_fields.map(({ path }) => path);
    const fields = Object.values(support.reports).flatMap((report) => report.fields);
    expect(fields.filter((path) => !known.includes(path))).toEqual([]);
  });

  it("each of the nine report types is either served or refused with a reason", () => {
    const types = reference.query_params.find(({ name }) => name === "report_type")?.enum ?? [];
    const decided = [...Object.keys(support.reports), ...Object.keys(support.refused)];
    expect(decided.sort()).toEqual([...types].sort());
  });

  it("each query parameter is served by a report or refused with a reason", () => {
    const served = Object.values(support.reports).flatMap((report) => Object.keys(report.params));
    const undecided = reference.query_params
      .map(({ name }) => name)
      .filter((name) => name !== "report_type" && !served.includes(name) && !(name in support.refusedParams));
    expect(undecided).toEqual([]);
  });
});
