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
  start_date: { how: "native", note: "The UTC day is included. Default: the first day of the current month." },
  end_date: {
    how: "native",
    note: "The UTC day is excluded; a time of day later than midnight rounds up to the next day. Default: the end of the month of start_date.",
  },
  date: { how: "derived", note: "That one UTC day." },
  granularity: { how: "native", note: "day only." },
} as const;

const COMMON = {
  ...DATES,
  ...PAGING,
  ...SORTING,
  product_ids: { how: "derived" },
  group_by: { how: "derived" },
} as const;

const LINE_FIELDS = [
  ...ROW_FIELDS,
  ...CHARGE_FIELDS,
  "product",
  "product.id",
  "product.name",
  "resources",
  "resources[].id",
  "resources[].name",
  "resources[].workspace",
  "resources[].workspace.id",
  "usage",
  "usage.quantity",
  "unit",
] as const;

const lines: Omit<ReportSupport, "description"> = {
  params: COMMON,
  dimensions: [
    "product",
    "resource",
    "workspace",
    "metric_name",
    "charge_type",
    "day",
    "week",
    "month",
    "provider",
    "account",
  ],
  granularities: ["day"],
  fields: LINE_FIELDS,
};

const { granularity: _, ...SUMMARY_PARAMS } = COMMON;

const summary: ReportSupport = {
  description: "One row per product over the whole period: its lines summed.",
  madeFrom: { by: ["product"], per: "period" },
  params: SUMMARY_PARAMS,
  dimensions: lines.dimensions,
  granularities: [],
  fields: [...ROW_FIELDS, ...CHARGE_FIELDS, "product", "product.id", "product.name", "usage", "usage.quantity", "unit"],
};

export const support: ProviderSupport = {
  provider: "confluent",
  key: "A Cloud API key (scope Cloud resource management, not a Kafka cluster key) whose owner holds OrganizationAdmin or BillingAdmin (confluent.cloud > API keys).",
  defaultReport: { plain: "cost", dated: "cost" },
  reports: {
    cost: { description: "Billing lines by day, resource and line type, with gross, discount and net.", ...lines },
    usage: { description: "The same lines as cost: they carry quantity and unit.", ...lines },
    summary,
  },
  refused: {
    activity: "Confluent has no per-user activity.",
    connector_usage:
      "That is an AI assistants' view, not Kafka connectors; those are the product CONNECT in report_type cost.",
    project_usage:
      "Confluent has environments, not projects: group_by workspace with report_type cost gives cost by environment.",
    skill_usage: "That is an AI assistants' view; Confluent has none.",
    user_cost: "Confluent's billing lines name no users.",
    user_usage: "Confluent's billing lines name no users.",
  },
  refusedParams: {
    user_ids: NO_PEOPLE,
    user_id: NO_PEOPLE,
    include_deleted_users: NO_PEOPLE,
    model_ids: NO_MODELS,
    surfaces: NO_SURFACES,
    api_key_id: NO_API_KEYS,
    granularity: "A summary row covers the whole period; use report_type cost.",
  },
  pageNotes: {
    start_date: "If not specified, it defaults to the start of the current month.",
    end_date:
      "If not specified, it defaults to the end of the current month or the end of the month specified in the start date.",
  },
  availability: "Confluent's billing lines arrive up to 72 hours late and are kept for one year",
  publishedAfterHours: 72,
};
