import * as z from "zod";
import { jsonSchema } from "../../tools/tool.ts";
import { querySchema } from "../../usage/query.ts";

/** The query parameters of the endpoint: the question's, and what only a client of the unified API asks for. */
export const restSchema = z.strictObject({ ...querySchema.shape, truto_skip_api_call: z.boolean().optional() });

export type JsonSchema = Record<string, unknown>;

interface Wording {
  /** For programs' authors: the unified page's words first, then what holds here. Models read shorter ones, in `querySchema`. */
  description: string;
  example?: unknown;
}

const VENDORS_READING = "Each vendor reads it in its own way, which meta/list tells.";

const WORDING: Record<keyof typeof restSchema.shape, Wording> = {
  report_type: {
    description:
      "Usage view to retrieve. Defaults to activity unless a date range is supplied. Which reports an account serves, and its defaults, meta/list tells.",
    example: "cost",
  },
  start_date: {
    description: `The start date for the usage data. YYYY-MM-DD or RFC 3339, UTC. ${VENDORS_READING}`,
    example: "2026-10-01",
  },
  end_date: {
    description: `The end date for the usage data. YYYY-MM-DD or RFC 3339, UTC. ${VENDORS_READING} The answer's period says what was covered.`,
    example: "2026-11-01",
  },
  product_ids: {
    description: "Filter usage to specific unified product IDs or source product identifiers. Names will do, too.",
  },
  user_ids: { description: "Filter usage to specific source user IDs. E-mail addresses will do, too." },
  model_ids: { description: "Filter usage to specific AI model IDs." },
  surfaces: {
    description: "Filter usage to specific product surfaces such as chat, api, cli, composer, or code.",
  },
  group_by: {
    description:
      "Generic dimensions to group by, such as product, surface, model, user, charge_type, or token_type when supported by the provider.",
    example: ["model", "user"],
  },
  granularity: {
    description: "Time bucket size for bucketed usage or cost reports when supported by the provider.",
  },
  sort_by: { description: "Metric or dimension to sort by when supported by the provider.", example: "net" },
  sort_order: { description: "Sort direction." },
  include_deleted_users: {
    description: "Whether deleted users should be included when the provider supports that distinction.",
  },
  limit: {
    description:
      "Maximum number of records to return. A whole number from 1 to 10,000; 100 unless given, and all in a stream.",
    example: 100,
  },
  cursor: {
    description:
      "Pagination cursor from the previous response. next_cursor is the same, and wins where both are given.",
  },
  date: {
    description: "Day to retrieve OpenAI usage for, in YYYY-MM-DD format. Defaults to yesterday.",
    example: "2026-11-22",
  },
  user_id: { description: "Filter usage to a specific OpenAI user ID. The same as user_ids of one." },
  api_key_id: { description: "Filter usage to a specific OpenAI API key ID." },
  page: {
    description: "Number of the page, from 1, as an alternative to the cursor. next_cursor wins where both are given.",
    example: 1,
  },
  page_size: { description: "Records in a page, a whole number from 1 to 10,000.", example: 100 },
  integrated_account_id: {
    description:
      "The ID of the integrated account to use for the request. Required unless the caller may use one account only. One that the caller may not use is answered as one that does not exist.",
    example: "62f44730-dd91-461e-bd6a-aedd9e0ad79d",
  },
  truto_response_format: {
    description: [
      "The format of the response.",
      "- unified: rows in the unified model.",
      "- raw: the vendor's items, untouched.",
      "- normalized: the unified rows with products, models, users, organizations, resources and workspaces lifted out into entities, referred to by id.",
      "- stream: every row, sent as it arrives: one JSON envelope written in chunks, or a row a line when Accept asks for application/x-ndjson.",
      "- debug: the unified result beside the vendor call behind it, secrets blanked.",
    ].join("\n"),
    example: "unified",
  },
  truto_key_by: {
    description:
      "A field, as a path, whose value becomes the key of each row: result is then an object instead of an array. Refused where rows would be lost, since they lack the field or share its value.",
    example: "id",
  },
  truto_ignore_limit: { description: "Ignores the limit query parameter." },
  truto_ignore_remote_data: { description: "Excludes the remote_data attribute from the response." },
  truto_exclude_fields: {
    description:
      "Array of fields to exclude from the response, as paths. Rows then lack them, id too. Commas between them will do.",
    example: ["id", "name"],
  },
  remote_query: {
    description:
      "Query parameters to pass to the underlying API without any transformations. A list reaches it as name[]=a&name[]=b, however it was written. Those that would change who is asked, as whom, or for which period and page are refused.",
    example: { foo: "bar" },
  },
  next_cursor: {
    description:
      "next_cursor of the previous response, for the next page; repeat the other parameters. Empty: the first page.",
  },
  fresh: {
    description:
      "Asks the vendor even where its answer is kept from a while ago; data_as_of says how old an answer is. The request header Cache-Control: no-cache means the same.",
  },
  truto_skip_api_call: {
    description:
      "Checks the request, without asking the vendor: the answer is one without rows, or says what is wrong.",
  },
};

/** A query parameter of the endpoint. */
export interface Parameter extends Wording {
  name: string;
  /** Of its value, once decoded. */
  schema: JsonSchema;
}

/** Every query parameter of the endpoint: its type, values and default as the schema that checks queries has them. */
export function usageParameters(): Parameter[] {
  return restSchema.keyof().options.map((name) => {
    const { $schema: _, description: __, ...schema } = jsonSchema(restSchema.shape[name], "input");
    const open = schema["type"] === "object" ? { additionalProperties: true } : {};
    return { name, schema: { ...schema, ...open }, ...WORDING[name] };
  });
}

/** The parameters as the schema of one object. */
export function usageQuerySchema(): JsonSchema {
  const { properties: _, ...rest } = jsonSchema(restSchema, "input");
  const properties = usageParameters().map(({ name, schema, description, example }) => [
    name,
    { ...schema, description, ...(example === undefined ? {} : { examples: [example] }) },
  ]);
  return { ...rest, properties: Object.fromEntries(properties) };
}
