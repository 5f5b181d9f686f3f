import type { ProviderSupport, ReportSupport } from "../../provider.ts";
import { CHARGE_FIELDS, NO_API_KEYS, SORTING } from "../../support.ts";
import {
  COMMON,
  COMMON_FIELDS,
  DATES,
  DAY_DATES,
  EVERYWHERE,
  MODEL_FIELDS,
  ORGANIZATION_FIELDS,
  PAGES,
  REQUEST_FIELDS,
  TOKEN_FIELDS,
  USER_FIELDS,
} from "../support-parts.ts";
import { ANALYTICS_KEY } from "../wire.ts";

const USERS = { how: "native", note: "Claude's ids (user_...); e-mails are looked for in the rows." } as const;
const USER_IDS_ONLY = { how: "native", note: "Claude's ids (user_...) only: these rows know no e-mails." } as const;
const PRODUCTS = { how: "native", note: "Ids or names; code, cli, office, chrome and slack are understood." } as const;
const PRODUCTS_IN_ROWS = { ...PRODUCTS, how: "derived" } as const;

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
  description: "Cost by day, hour or minute, product and model: net, and total before discounts. Before credits.",
  params: {
    ...REPORT,
    group_by: { how: "native", note: `${COST_GROUPS.note} user: cost that is tied to no person stands apart.` },
  },
  dimensions: ["charge_type", ...DIMENSIONS],
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

const activity: ReportSupport = {
  description: "What each person did on a day: conversations, code, sessions, tools.",
  params: {
    ...DAY_DATES,
    ...PAGES,
    ...SORTING,
    product_ids: { ...PRODUCTS_IN_ROWS, note: "A person's day then has a row for each product." },
    surfaces: { ...PRODUCTS_IN_ROWS, note: "A person's day then has a row for each product." },
    user_ids: USERS,
    user_id: USERS,
    group_by: { how: "derived", note: "Distinct counts can't be added and are left out." },
  },
  dimensions: ["user", "product", "surface", ...EVERYWHERE],
  granularities: ["day"],
  fields: [
    ...COMMON_FIELDS,
    "surface",
    "user",
    "user.id",
    "user.email",
    "usage",
    "usage.activity",
    "usage.activity.is_active",
    "usage.conversations",
    "usage.conversations.distinct",
    "usage.conversations.message_count",
    "usage.conversations.thinking_message_count",
    "usage.conversations.shared_viewed_count",
    "usage.code",
    "usage.code.commits",
    "usage.code.pull_requests",
    "usage.code.lines_added",
    "usage.code.lines_removed",
    "usage.code.accepts",
    "usage.code.rejects",
    "usage.code.tool_actions",
    "usage.sessions",
    "usage.sessions.distinct",
    "usage.sessions.dispatch_turns",
    "usage.tools",
    "usage.tools.web_search_count",
    "usage.tools.action_count",
    "usage.tools.connectors_used_count",
    "usage.tools.skills_used_count",
    "usage.tools.distinct_connectors_used_count",
    "usage.tools.distinct_skills_used_count",
  ],
};

const ENTITY = {
  ...DAY_DATES,
  ...PAGES,
  ...SORTING,
  product_ids: PRODUCTS,
  surfaces: PRODUCTS,
  user_ids: USER_IDS_ONLY,
  user_id: USER_IDS_ONLY,
  group_by: { how: "native", note: "Distinct people can't be added: where rows are summed they are left out." },
} as const;

const ENTITY_DIMENSIONS = ["resource", "product", "surface", "user", ...EVERYWHERE] as const;
const ENTITY_FIELDS = [
  ...COMMON_FIELDS,
  "surface",
  "user",
  "user.id",
  "resources",
  "resources[].id",
  "resources[].name",
  "usage",
  "usage.quantity",
  "unit",
  "usage.conversations",
  "usage.conversations.distinct",
] as const;
const USE_FIELDS = [...ENTITY_FIELDS, "usage.sessions", "usage.sessions.distinct", "usage.tools"] as const;

export const support: ProviderSupport = {
  ...COMMON,
  key: `${ANALYTICS_KEY.charAt(0).toUpperCase()}${ANALYTICS_KEY.slice(1)}.`,
  reports: {
    activity,
    summary: {
      description:
        "How many people were active on a day, in the week and month before it, in all and by product; seats.",
      params: {
        ...DAY_DATES,
        start_date: { how: "native", note: "Inclusive; the UTC day is used. Default: the latest day published." },
        ...PAGES,
        limit: { how: "derived" },
        ...SORTING,
        product_ids: PRODUCTS_IN_ROWS,
        surfaces: PRODUCTS_IN_ROWS,
        group_by: { how: "derived", note: "Distinct people can't be added: rows stay one a day, product and counter." },
      },
      dimensions: ["product", "surface", "metric_name", "day", "provider", "account"],
      granularities: ["day"],
      fields: [...COMMON_FIELDS, "surface", "usage", "usage.quantity", "unit"],
    },
    project_usage: {
      description: "Conversations, messages and people of each chat project on a day.",
      params: { ...ENTITY, product_ids: PRODUCTS_IN_ROWS, surfaces: PRODUCTS_IN_ROWS },
      dimensions: ENTITY_DIMENSIONS,
      granularities: ["day"],
      fields: [...ENTITY_FIELDS, "usage.conversations.message_count", "created_at"],
    },
    skill_usage: {
      description: "Uses of each skill on a day, with what its overage is estimated to have cost.",
      params: ENTITY,
      dimensions: ENTITY_DIMENSIONS,
      granularities: ["day"],
      fields: [...USE_FIELDS, "usage.tools.skills_used_count", ...CHARGE_FIELDS],
    },
    connector_usage: {
      description: "Calls and people of each connector on a day.",
      params: ENTITY,
      dimensions: ENTITY_DIMENSIONS,
      granularities: ["day"],
      fields: [...USE_FIELDS, "usage.tools.action_count"],
    },
    usage,
    cost,
    user_usage: userUsage,
    user_cost: userCost,
  },
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
};
