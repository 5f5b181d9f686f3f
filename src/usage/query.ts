import * as z from "zod";
import { REPORT_TYPES } from "./report.ts";

/**
 * The question as it is asked: the 19 query parameters and 7 request parameters of the unified usage-metering page, under
 * their names, with its types, enums and defaults. The descriptions are for a model that reads them among many: short.
 * Dates are plain strings, checked by `readInstant`, since a pattern in the schema costs a reader more than it tells.
 */
export const GRANULARITIES = ["day", "hour", "minute"] as const;
export type Granularity = (typeof GRANULARITIES)[number];
export const SORT_ORDERS = ["asc", "desc"] as const;

/** A sort_by that was read, and which way. */
export interface Sort {
  by: string;
  order: (typeof SORT_ORDERS)[number];
}

const RESPONSE_FORMATS = ["unified", "raw", "normalized", "stream", "debug"] as const;
export type ResponseFormat = (typeof RESPONSE_FORMATS)[number];

const list = (description?: string) =>
  (description ? z.array(z.string()).describe(description) : z.array(z.string())).optional();

const queryParams = {
  report_type: z.enum(REPORT_TYPES).optional(),
  start_date: z.string().describe("YYYY-MM-DD or RFC 3339, UTC").optional(),
  end_date: z.string().describe("read as the vendor does; see describe_supported_params").optional(),
  product_ids: list("ids or names"),
  user_ids: list("ids or e-mails"),
  model_ids: list(),
  surfaces: list("e.g. chat, code, api"),
  group_by: list("e.g. product, user, model"),
  granularity: z.enum(GRANULARITIES).optional(),
  sort_by: z.string().describe("e.g. net, start_date, product").optional(),
  sort_order: z.enum(SORT_ORDERS).optional(),
  include_deleted_users: z.boolean().optional(),
  limit: z.number().describe("rows, 1-10000, default 100; a page also ends at about 8,000 tokens").optional(),
  cursor: z.string().describe("next_cursor of the last answer; repeat the other parameters").optional(),
  date: z.string().describe("one day, YYYY-MM-DD").optional(),
  user_id: z.string().describe("one of user_ids").optional(),
  api_key_id: z.string().describe("one API key").optional(),
  page: z.number().describe("from 1").optional(),
  page_size: z.number().optional(),
};

const requestParams = {
  integrated_account_id: z.string().describe("from list_accounts").optional(),
  truto_response_format: z
    .enum(RESPONSE_FORMATS)
    .default("unified")
    .describe("raw: vendor items; normalized: entities lifted out; debug: with the vendor call")
    .optional(),
  truto_key_by: z.string().describe("field path; result becomes an object").optional(),
  truto_ignore_limit: z.boolean().optional(),
  truto_ignore_remote_data: z.boolean().describe("default true here").optional(),
  truto_exclude_fields: list(),
  remote_query: z.looseObject({}).describe("more parameters for the vendor, passed as they are").optional(),
};

export const QUERY_PARAMS = Object.keys(queryParams) as (keyof typeof queryParams)[];
export type QueryParam = keyof typeof queryParams;

/** The request parameters work for every provider and report. */
export const REQUEST_PARAMS = Object.keys(requestParams);

/** Not of the page: whether an answer that was kept a while ago will do. */
export const fresh = z.boolean().describe("ask the vendor even if its answer is kept").optional();

export const querySchema = z.strictObject({
  ...queryParams,
  ...requestParams,
  next_cursor: z.string().optional(),
  fresh,
});
export type Query = z.infer<typeof querySchema>;
