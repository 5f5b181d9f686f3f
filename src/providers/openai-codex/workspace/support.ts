import type { Dimension, ProviderSupport, ReportSupport } from "../../provider.ts";
import { CHARGE_FIELDS, PAGING, ROW_FIELDS, SORTING } from "../../support.ts";
import { DATES, NO_DELETED_DISTINCTION, pageNotes } from "../page.ts";

const ONE_SPLIT = "OpenAI splits a day by model or by client, never both at once.";

const COMMON = {
  ...DATES,
  ...PAGING,
  ...SORTING,
  product_ids: {
    how: "native",
    note: "codex, or chatgpt: ChatGPT, Work and Codex together, where the workspace has that endpoint.",
  },
  group_by: { how: "derived", note: ONE_SPLIT },
  granularity: { how: "native", note: "day only." },
} as const;

const FILTERS = {
  user_ids: { how: "derived", note: "Ids (UUIDs, not the platform's user-...) or e-mails." },
  user_id: { how: "derived" },
  model_ids: { how: "derived", note: ONE_SPLIT },
  surfaces: { how: "derived", note: `cli, web, ide, desktop, work, github, slack, sdk, exec, ... ${ONE_SPLIT}` },
} as const;

const CALENDAR: readonly Dimension[] = ["day", "week", "month", "provider", "account"];
const PLACES: readonly Dimension[] = ["product", "metric_name", "organization", "workspace", "resource"];

const BASE_FIELDS = [
  ...ROW_FIELDS,
  ...CHARGE_FIELDS,
  "product",
  "product.id",
  "product.name",
  "organization",
  "organization.id",
  "resources",
  "resources[].id",
  "resources[].workspace",
  "resources[].workspace.id",
  "usage",
  "usage.quantity",
  "usage.conversations",
  "usage.conversations.thread_count",
  "usage.conversations.turn_count",
  "usage.tokens",
  "usage.tokens.input",
  "usage.tokens.cache_read",
  "usage.tokens.output",
  "usage.tokens.total",
  "usage.code",
  "usage.code.commits",
  "usage.code.lines_added",
  "usage.code.lines_removed",
  "usage.code.lines_accepted_added",
  "usage.code.lines_accepted_removed",
  "unit",
] as const;

const activity: ReportSupport = {
  description: "Codex of each user by the day: threads, turns, credits, tokens, lines of code and commits.",
  params: { ...COMMON, ...FILTERS },
  dimensions: [...PLACES, "model", "surface", "user", "token_type", ...CALENDAR],
  granularities: ["day"],
  fields: [
    ...BASE_FIELDS,
    "model",
    "model.id",
    "model.provider",
    "surface",
    "user",
    "user.id",
    "user.email",
    "usage.activity",
    "usage.activity.is_active",
  ],
};

const cost: ReportSupport = {
  ...activity,
  description:
    "Codex that is billed in dollars, by user and day; seats are not in it. Credits are no money: their estimate stands beside as usage_based and is in no total. OpenAI's hourly cost log files are not read.",
  dimensions: [...PLACES, "model", "surface", "user", "charge_type", ...CALENDAR],
};

const { granularity: _, ...SUMMARY_PARAMS } = COMMON;

const summary: ReportSupport = {
  description: "The whole workspace over the period: its Codex, code reviews made, and reactions to them.",
  madeFrom: { by: ["metric_name"], per: "period" },
  params: SUMMARY_PARAMS,
  dimensions: [...PLACES, "token_type", "charge_type", ...CALENDAR],
  granularities: [],
  fields: [...BASE_FIELDS, "usage.activity", "usage.activity.is_active", "usage.code.pull_requests"],
};

const PER_USER = "A summary is of the whole workspace; use report_type activity or user_cost.";

export const support: ProviderSupport = {
  provider: "openai_codex",
  key: "An Admin key of the ChatGPT workspace with the scope codex.enterprise.analytics.read (admin.openai.com > Credentials > Admin keys), and `workspace_id`.",
  defaultReport: { plain: "activity", dated: "usage" },
  reports: {
    activity,
    cost,
    summary,
    usage: {
      ...activity,
      description: "The same, split by model; threads and what OpenAI attributes to no model apart.",
    },
    user_cost: cost,
    user_usage: activity,
  },
  refused: {
    connector_usage: "OpenAI gives a workspace's connectors in raw logs only.",
    project_usage: "A ChatGPT workspace's Codex analytics know no projects.",
    skill_usage: "OpenAI shows skills in its dashboard only.",
  },
  refusedParams: {
    include_deleted_users: NO_DELETED_DISTINCTION,
    api_key_id:
      "Codex on a ChatGPT plan uses no API keys; those of the API platform need an account with its Admin key.",
    user_ids: PER_USER,
    user_id: PER_USER,
    model_ids: PER_USER,
    surfaces: PER_USER,
    granularity: "A summary row covers the whole period; use report_type activity.",
  },
  pageNotes,
  availability: "OpenAI's Codex analytics lag by up to 12 hours and may be revised for some days",
  publishedAfterHours: 72,
};
