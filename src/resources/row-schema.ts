import { jsonSchema } from "../tools/tool.ts";
import { rowSchema } from "../usage/row.ts";
import { JSON_SCHEMA, type Resource } from "./resource.ts";

export const rowSchemaResource: Resource = {
  uri: "usage://schema/row",
  name: "row_schema",
  title: "Schema of a usage row",
  description: "JSON Schema (2020-12) of the unified row that list_usage answers, the same for every vendor.",
  mimeType: JSON_SCHEMA,
  async read() {
    return JSON.stringify(jsonSchema(rowSchema, "output"));
  },
};
