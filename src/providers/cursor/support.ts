import type { ProviderSupport, ReportSupport } from "../provider.ts";
import { CHARGE_FIELDS, MODEL_FIELDS, PAGING, PRODUCT_FIELDS, ROW_FIELDS, SORTING, USER_FIELDS } from "../support.ts";

const DATES = {
  start_date: { how: "native", note: "Included." },
  end_date: {
    how: "native",
    note: "Included: a day without a time means to its end. Default: now.",
  },
  date: { how: "derived", note: "That one UTC day." },
} as const;

const COMMON = {
  ...DATES,
  ...PAGING,
  ...SORTING,
  product_ids: { how: "derived" },
  group_by: { how: "derived" },
} as const;

const ONE_EMAIL =
  "One e-mail or number is asked of Cursor itself; ids (user_...) and several people are matched on the rows.";
const PEOPLE = {
  user_ids: { how: "native", note: ONE_EMAIL },
  user_id: { how: "native", note: "The same as user_ids of one." },
} as const;
const PEOPLE_ON_ROWS = {
  user_ids: { how: "derived" },
  user_id: { how: "derived", note: "The same as user_ids of one." },
} as const;
/** A person is asked of Cursor itself in whatever number. */
const PEOPLE_OF_THE_TEAM = {
  user_ids: { how: "native", note: "E-mails or ids (user_...) of the team's present members." },
  user_id: { how: "native", note: "The same as user_ids of one." },
} as const;

const EVENT_FILTERS = {
  ...PEOPLE,
  model_ids: { how: "derived" },
  surfaces: { how: "derived", note: "automation and cloud_agent; requests from an editor or terminal have none." },
} as const;

const BUCKETS = { granularity: { how: "derived", note: "Events are summed into buckets." } } as const;
const DAYS = { granularity: { how: "native", note: "day only." } } as const;

const CALENDAR = ["day", "week", "month", "provider", "account"] as const;
const COST_DIMENSIONS = [
  "product",
  "surface",
  "model",
  "user",
  "resource",
  "metric_name",
  "charge_type",
  ...CALENDAR,
] as const;
const EVENT_DIMENSIONS = [...COST_DIMENSIONS, "token_type"] as const;
const DAILY_DIMENSIONS = ["product", "user", "metric_name", ...CALENDAR] as const;
const ANALYTICS_DIMENSIONS = ["product", "user", "resource", "metric_name", ...CALENDAR] as const;

const RESOURCE_FIELDS = ["resources", "resources[].id", "resources[].name"] as const;

const COST_FIELDS = [
  ...ROW_FIELDS,
  ...CHARGE_FIELDS,
  ...PRODUCT_FIELDS,
  ...MODEL_FIELDS,
  "surface",
  ...USER_FIELDS,
  "resources",
  "resources[].id",
] as const;

const EVENT_USAGE = [
  "usage",
  "usage.requests",
  "usage.requests.total",
  "usage.requests.included",
  "usage.requests.usage_based",
  "usage.requests.api_key",
  "usage.tokens",
  "usage.tokens.input",
  "usage.tokens.output",
  "usage.tokens.cache_read",
  "usage.tokens.cache_write",
  "usage.tokens.total",
  "usage.quantity",
  "unit",
] as const;

const CODE_FIELDS = [
  "usage.code",
  "usage.code.accepts",
  "usage.code.applies",
  "usage.code.rejects",
  "usage.code.lines_added",
  "usage.code.lines_removed",
  "usage.code.lines_accepted_added",
  "usage.code.lines_accepted_removed",
] as const;

const REQUEST_KINDS = [
  "usage.requests.agent",
  "usage.requests.chat",
  "usage.requests.composer",
  "usage.requests.cmdk",
  "usage.requests.bugbot",
  "usage.requests.tab_shown",
  "usage.requests.tab_accepted",
] as const;

const DAILY_USAGE = [
  "usage",
  "usage.activity",
  "usage.activity.is_active",
  ...CODE_FIELDS,
  "usage.requests",
  ...REQUEST_KINDS,
  "usage.requests.total",
  "usage.requests.included",
  "usage.requests.usage_based",
  "usage.requests.api_key",
] as const;

const activity: ReportSupport = {
  description:
    "One row per active user and UTC day: lines, accepts, requests by kind. Days without activity are left out. No tokens and no cost.",
  params: {
    ...COMMON,
    ...DAYS,
    ...PEOPLE_ON_ROWS,
    model_ids: { how: "derived", note: "Matches the model a person used most on a day, the only one that is told." },
  },
  dimensions: DAILY_DIMENSIONS,
  granularities: ["day"],
  fields: [
    ...ROW_FIELDS,
    ...PRODUCT_FIELDS,
    ...MODEL_FIELDS,
    ...USER_FIELDS,
    ...DAILY_USAGE,
    "usage.activity.client_version",
    "usage.code.file_extensions.apply_most_used",
    "usage.code.file_extensions.tab_most_used",
  ],
};

const usage: ReportSupport = {
  description:
    "One row per model request, newest first, with tokens, request units and charges; with group_by or granularity summed.",
  moments: true,
  params: { ...COMMON, ...BUCKETS, ...EVENT_FILTERS },
  dimensions: EVENT_DIMENSIONS,
  granularities: ["day", "hour", "minute"],
  fields: [...COST_FIELDS, ...EVENT_USAGE, "usage.activity", "usage.activity.max_mode"],
};

const userUsage: ReportSupport = {
  description: "One row per user over the period: daily activity summed.",
  madeFrom: { by: ["user"], per: "period" },
  params: { ...COMMON, ...PEOPLE_ON_ROWS },
  dimensions: DAILY_DIMENSIONS,
  granularities: [],
  fields: [...ROW_FIELDS, ...PRODUCT_FIELDS, ...USER_FIELDS, ...DAILY_USAGE],
};

const cost: ReportSupport = {
  description:
    "One row per UTC day: net is invoiced on demand, total is the value of all requests, included is what the plan covers. Seats are not in it.",
  moments: true,
  madeFrom: { by: [], per: "bucket" },
  params: { ...COMMON, ...BUCKETS, ...EVENT_FILTERS },
  dimensions: COST_DIMENSIONS,
  granularities: ["day", "hour", "minute"],
  fields: COST_FIELDS,
};

const userCost: ReportSupport = {
  description:
    "One row per user: without dates the current billing cycle as Cursor sums it; with dates the charges of that period's requests.",
  moments: true,
  madeFrom: { by: ["user"], per: "period" },
  params: {
    ...COMMON,
    start_date: {
      how: "native",
      note: "Included. Without any date: the current billing cycle, or the month to date with other group_by.",
    },
    ...EVENT_FILTERS,
  },
  dimensions: EVENT_DIMENSIONS,
  granularities: [],
  fields: [...COST_FIELDS, ...EVENT_USAGE],
};

const summary: ReportSupport = {
  description:
    "One row for the team over the period: charges, tokens and requests of usage events, code and kinds of requests of daily activity.",
  moments: true,
  madeFrom: { by: [], per: "period" },
  params: { ...COMMON, ...PEOPLE_ON_ROWS },
  dimensions: EVENT_DIMENSIONS,
  granularities: [],
  fields: [
    ...COST_FIELDS,
    ...EVENT_USAGE,
    "usage.activity",
    "usage.activity.is_active",
    ...CODE_FIELDS,
    ...REQUEST_KINDS,
  ],
};

const skillUsage: ReportSupport = {
  description: "Enterprise: how often each skill was used, per UTC day; by person with group_by user or user_ids.",
  params: { ...COMMON, ...DAYS, ...PEOPLE_OF_THE_TEAM },
  dimensions: ANALYTICS_DIMENSIONS,
  granularities: ["day"],
  fields: [
    ...ROW_FIELDS,
    ...PRODUCT_FIELDS,
    ...USER_FIELDS,
    ...RESOURCE_FIELDS,
    "usage",
    "usage.tools",
    "usage.tools.skills_used_count",
  ],
};

const connectorUsage: ReportSupport = {
  description:
    "Enterprise: how often each MCP tool was called, its server as workspace, per UTC day; by person with group_by user or user_ids.",
  params: { ...COMMON, ...DAYS, ...PEOPLE_OF_THE_TEAM },
  dimensions: [...ANALYTICS_DIMENSIONS, "workspace"],
  granularities: ["day"],
  fields: [
    ...ROW_FIELDS,
    ...PRODUCT_FIELDS,
    ...USER_FIELDS,
    ...RESOURCE_FIELDS,
    "resources[].workspace",
    "resources[].workspace.id",
    "resources[].workspace.name",
    "usage",
    "usage.tools",
    "usage.tools.action_count",
  ],
};

const projectUsage: ReportSupport = {
  description: "Enterprise: commits per repository, and how many of their lines AI wrote.",
  moments: true,
  madeFrom: { by: ["resource"], per: "period" },
  params: {
    ...COMMON,
    user_ids: {
      how: "native",
      note: "One e-mail, id (user_...) or number is asked of Cursor itself; several are matched on the rows.",
    },
    user_id: { how: "native", note: "The same as user_ids of one." },
    surfaces: { how: "derived", note: "Where a commit was made: ide, cli or cloud." },
  },
  dimensions: [...ANALYTICS_DIMENSIONS, "surface"],
  granularities: [],
  fields: [
    ...ROW_FIELDS,
    ...PRODUCT_FIELDS,
    ...USER_FIELDS,
    ...RESOURCE_FIELDS,
    "surface",
    "usage",
    "usage.code",
    "usage.code.commits",
    "usage.code.lines_added",
    "usage.code.lines_removed",
    "usage.code.lines_accepted_added",
    "usage.code.lines_accepted_removed",
  ],
};

export const support: ProviderSupport = {
  provider: "cursor",
  key: "A team API key with the scope admin:*, made by a team admin (cursor.com/dashboard > API Keys); not an organization's key. Cursor documents these APIs for Enterprise teams.",
  defaultReport: { plain: "activity", dated: "usage" },
  reports: {
    activity,
    usage,
    user_usage: userUsage,
    cost,
    user_cost: userCost,
    summary,
    skill_usage: skillUsage,
    connector_usage: connectorUsage,
    project_usage: projectUsage,
  },
  refused: {},
  refusedParams: {
    include_deleted_users:
      "Cursor has no such switch: usage of people who left the team always comes, though it may lack their e-mail.",
    api_key_id: "Cursor's usage is not split by API key; its service accounts are found by user_ids.",
    granularity: "These rows cover the whole period; use report_type usage or cost, or group_by day.",
    model_ids: "These rows name no models; use report_type usage or cost.",
    surfaces: "These rows name no surfaces; use report_type usage or cost.",
  },
  pageNotes: {
    start_date: "Inclusive range start (ISO 8601). Mapped to Cursor startDate epoch ms.",
    end_date: "Inclusive range end (ISO 8601). Mapped to Cursor endDate epoch ms.",
  },
  availability:
    "Cursor adds usage up hourly and restates the last hours, so wait an hour or two for the newest; how far back it keeps it is not documented",
  publishedAfterHours: 2,
};
