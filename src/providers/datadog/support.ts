import type { ProviderSupport, ReportSupport } from "../provider.ts";
import {
  CHARGE_FIELDS,
  NO_API_KEYS,
  NO_MODELS,
  NO_PEOPLE,
  NO_SURFACES,
  PAGING,
  ROW_FIELDS,
  SORTING,
} from "../support.ts";

const DATES = {
  start_date: { how: "native", note: "Floored to its month. Default: the current month." },
  end_date: {
    how: "native",
    note: "Its month is included; the first instant of a month later than start_date stands for the month before. Default: the month of start_date.",
  },
} as const;

const cost: ReportSupport = {
  description: "Cost by organization, month and product: historical where published, else Datadog's estimate.",
  params: { ...DATES, ...PAGING, ...SORTING, product_ids: { how: "derived" }, group_by: { how: "derived" } },
  dimensions: ["product", "organization", "metric_name", "charge_type", "month", "provider", "account"],
  granularities: [],
  fields: [
    ...ROW_FIELDS,
    ...CHARGE_FIELDS,
    "organization",
    "organization.id",
    "organization.name",
    "product",
    "product.id",
    "product.name",
  ],
};

const summary: ReportSupport = {
  description: "One row per organization and month: its total cost as Datadog states it.",
  params: { ...DATES, ...PAGING, ...SORTING, group_by: { how: "derived" } },
  dimensions: ["organization", "charge_type", "month", "provider", "account"],
  granularities: [],
  fields: [...ROW_FIELDS, ...CHARGE_FIELDS, "organization", "organization.id", "organization.name"],
};

const MONTHS_ONLY = "Datadog states cost by the month; it has no finer bucket.";

export const support: ProviderSupport = {
  provider: "datadog",
  key: "An API key and an application key of the parent organization, with usage_read and billing_read (Organization Settings > API Keys, Application Keys). Set `site` unless it is datadoghq.com.",
  defaultReport: { plain: "cost", dated: "cost" },
  reports: { cost, summary },
  refused: {
    activity: "Datadog has no per-user activity.",
    connector_usage: "That is an AI assistants' view; Datadog has none.",
    project_usage: "Datadog's cost is split by product and organization, not by project.",
    skill_usage: "That is an AI assistants' view; Datadog has none.",
    usage: "The unified page gives Datadog costs only.",
    user_cost: "Datadog has no user split of cost.",
    user_usage: "Datadog has no user split of usage.",
  },
  refusedParams: {
    user_ids: NO_PEOPLE,
    user_id: NO_PEOPLE,
    include_deleted_users: NO_PEOPLE,
    model_ids: NO_MODELS,
    surfaces: NO_SURFACES,
    api_key_id: NO_API_KEYS,
    granularity: MONTHS_ONLY,
    date: `${MONTHS_ONLY} Use start_date.`,
    product_ids: "A summary row covers all products of an organization; use report_type cost.",
  },
  pageNotes: {
    start_date:
      "If not specified, it defaults to the start of the current month. Only supports maximum resolution of a month.",
    end_date:
      "If not specified, it defaults to the end of the current month or the end of the month specified in the start date. Only supports maximum resolution of a month.",
  },
  availability:
    "Datadog's cost arrives up to 72 hours late (an estimate until about the 16th of the next month) and is kept for 15 months",
  publishedAfterHours: 72,
};
