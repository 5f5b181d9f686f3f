/** Usage and cost, of the organization and by person; what is told day by day is in day-support.ts. */
import type { ProviderSupport, ReportSupport } from "../../provider.ts";
import { CHARGE_FIELDS, NO_API_KEYS, SORTING } from "../../support.ts";
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
  TOKEN_FIELDS,
  USER_FIELDS,
  USERS,
} from "../support.ts";
import { ANALYTICS_KEY } from "../wire.ts";
import { dayReports } from "./day-support.ts";

const REPORT = {
  ...DATES,
  ...PAGES,
  ...SORTING,
  granularity: { how: "native" },
  product_ids: PRODUCTS,
  surfaces: PRODUCTS,
  model_ids: { how: "native" },
  user_ids: USERS,
  user_id: USERS,
} as const;

const BY_USER = {
  ...REPORT,
  sort_by: {
    how: "native",
    note: "By the vendor where a person has one row (one day, no group_by); else all rows of the period are read first.",
  },
  include_deleted_users: { how: "native", note: "Default: they are included." },
} as const;

const GROUPS = {
  how: "native",
  note: "product (the same as surface) and model by the vendor; the rest on the rows.",
} as const;
const COST_GROUPS = {
  how: "native",
  note: "product (the same as surface), model, charge_type and token_type by the vendor; the rest on the rows. charge_type is tokens, web_search or code_execution.",
} as const;

const DIMENSIONS = ["product", "surface", "model", "user", "token_type", "organization", ...EVERYWHERE] as const;
const GRANULARITIES = ["day", "hour", "minute"] as const;
const BUCKET_FIELDS = [
  ...COMMON_FIELDS,
  "surface",
  ...MODEL_FIELDS,
  ...USER_FIELDS,
  ...ORGANIZATION_FIELDS,
  "updated_at",
] as const;

const usage: ReportSupport = {
  description: "Tokens by day, hour or minute, product and model, of the whole organization.",
  params: {
    ...REPORT,
    group_by: { how: "native", note: `${GROUPS.note} user: usage that is tied to no person stands apart.` },
  },
  dimensions: DIMENSIONS,
  granularities: GRANULARITIES,
  fields: [...BUCKET_FIELDS, ...TOKEN_FIELDS, ...REQUEST_FIELDS],
};

const cost: ReportSupport = {
  description:
    "Cost by day, hour or minute, product and model: net, and total before discounts. Before credits. Seats are not in it: on seat-based plans it is what goes beyond them.",
  params: {
    ...REPORT,
    group_by: { how: "native", note: `${COST_GROUPS.note} user: cost that is tied to no person stands apart.` },
  },
  dimensions: ["charge_type", ...DIMENSIONS],
  costKinds: true,
  granularities: GRANULARITIES,
  fields: [...BUCKET_FIELDS, ...CHARGE_FIELDS, ...REQUEST_FIELDS],
};

const userUsage: ReportSupport = {
  ...usage,
  description: "Tokens by person and day, hour or minute. Only usage tied to a person: usage has all of it.",
  params: { ...BY_USER, group_by: GROUPS },
};

const userCost: ReportSupport = {
  ...cost,
  description: "Cost by person and day, hour or minute. Only cost tied to a person: cost has all of it.",
  params: { ...BY_USER, group_by: COST_GROUPS },
};

export const support: ProviderSupport = {
  ...COMMON,
  key: `${ANALYTICS_KEY.charAt(0).toUpperCase()}${ANALYTICS_KEY.slice(1)}.`,
  reports: { ...dayReports, usage, cost, user_usage: userUsage, user_cost: userCost },
  refused: {},
  refusedParams: {
    model_ids: "Its daily activity says nothing of models; usage, cost, user_usage and user_cost do.",
    user_ids: "The organization's daily summary names no people.",
    user_id: "The organization's daily summary names no people.",
    api_key_id: NO_API_KEYS,
    include_deleted_users: "Its data says which people were deleted in user_usage and user_cost only.",
  },
  availability:
    "Claude publishes activity a day after it has ended, in places up to three days later, from 2026-01-01 on; usage and cost are refreshed every four hours and go back 365 days",
  publishedAfterHours: 24,
};
