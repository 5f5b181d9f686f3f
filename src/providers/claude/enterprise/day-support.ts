/** What is told day by day: people, the organization, projects, skills, connectors. */
import type { ReportSupport } from "../../provider.ts";
import { CHARGE_FIELDS, SORTING } from "../../support.ts";
import { COMMON_FIELDS, DAY_DATES, EVERYWHERE, PAGES, PRODUCTS, USERS } from "../support.ts";

const USER_IDS_ONLY = { how: "native", note: "Claude's ids (user_...) only: these rows know no e-mails." } as const;
const PRODUCTS_IN_ROWS = { ...PRODUCTS, how: "derived" } as const;

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

export const dayReports = {
  activity,
  summary: {
    description: "How many people were active on a day, in the week and month before it, in all and by product; seats.",
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
} as const satisfies Record<string, ReportSupport>;
