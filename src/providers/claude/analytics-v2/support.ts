import type { ProviderSupport, ReportSupport } from "../../provider.ts";
import { CHARGE_FIELDS, SORTING } from "../../support.ts";
import { support as enterprise } from "../enterprise/support.ts";
import {
  COMMON,
  COMMON_FIELDS,
  DATES,
  EVERYWHERE,
  MODEL_FIELDS,
  ORGANIZATION_FIELDS,
  PAGES,
  PRODUCTS,
  REQUEST_FIELDS,
  RESOURCE_FIELDS,
  TOKEN_FIELDS,
  USER_FIELDS,
} from "../support.ts";
import { ADMIN_KEY, ANALYTICS_KEY } from "../wire.ts";

const USERS = {
  how: "native",
  note: "Claude's ids (user_..., svac_... of a service account); e-mails are looked for in the rows.",
} as const;
const PARAMS = {
  ...DATES,
  ...PAGES,
  ...SORTING,
  sort_by: {
    how: "native",
    note: "tokens, requests and amounts by the vendor within 31 days; else all rows of the period are read first.",
  },
  granularity: { how: "native" },
  product_ids: PRODUCTS,
  surfaces: PRODUCTS,
  model_ids: { how: "native" },
  user_ids: USERS,
  user_id: USERS,
  api_key_id: { how: "native", note: "apikey_...; whoever used it." },
  group_by: {
    how: "native",
    note: "Five dimensions at once; surface is the same as product, week and month are summed here.",
  },
} as const;
const BY_USER = {
  ...PARAMS,
  include_deleted_users: { how: "native", note: "Default: they are included." },
} as const;

const usage: ReportSupport = {
  description: "Tokens by day, hour or minute, product and model, of the whole organization.",
  params: PARAMS,
  dimensions: [
    "product",
    "surface",
    "model",
    "user",
    "resource",
    "workspace",
    "organization",
    "token_type",
    ...EVERYWHERE,
  ],
  granularities: ["day", "hour", "minute"],
  fields: [
    ...COMMON_FIELDS,
    "surface",
    ...MODEL_FIELDS,
    ...USER_FIELDS,
    ...ORGANIZATION_FIELDS,
    ...RESOURCE_FIELDS,
    "updated_at",
    ...TOKEN_FIELDS,
    ...REQUEST_FIELDS,
  ],
};

const cost: ReportSupport = {
  ...usage,
  description:
    "Cost by day, hour or minute, product and model: net, and total before discounts. Before credits. Seats are not in it: on seat-based plans it is what goes beyond them.",
  dimensions: ["charge_type", ...usage.dimensions],
  costKinds: true,
  fields: [
    ...COMMON_FIELDS,
    "surface",
    ...MODEL_FIELDS,
    ...USER_FIELDS,
    ...ORGANIZATION_FIELDS,
    ...RESOURCE_FIELDS,
    "updated_at",
    ...CHARGE_FIELDS,
    ...REQUEST_FIELDS,
  ],
};

const reports = {
  usage,
  cost,
  user_usage: {
    ...usage,
    description: "Tokens by person and day, hour or minute. Only usage tied to a person: usage has all of it.",
    params: BY_USER,
  },
  user_cost: {
    ...cost,
    description: "Cost by person and day, hour or minute. Only cost tied to a person: cost has all of it.",
    params: BY_USER,
  },
} as const;

const ENTERPRISE_ONLY =
  "The Enterprise Analytics API has it, which an Admin key does not open: it takes an Analytics key.";

/** With an Admin key. */
export const support: ProviderSupport = {
  ...COMMON,
  defaultReport: { plain: "usage", dated: "usage" },
  key: `${ADMIN_KEY.charAt(0).toUpperCase()}${ADMIN_KEY.slice(1)}, or ${ANALYTICS_KEY}.`,
  reports,
  refused: {
    activity: ENTERPRISE_ONLY,
    summary: ENTERPRISE_ONLY,
    project_usage: ENTERPRISE_ONLY,
    skill_usage: ENTERPRISE_ONLY,
    connector_usage: ENTERPRISE_ONLY,
  },
  refusedParams: { include_deleted_users: "It works in user_usage and user_cost." },
  availability: "Claude refreshes usage and cost every four hours and keeps them for 365 days",
  publishedAfterHours: 24,
};

/** With an Analytics key: the other reports come from the Enterprise Analytics API. */
export const mixedSupport: ProviderSupport = { ...enterprise, reports: { ...enterprise.reports, ...reports } };
