import type { Dimension, ProviderSupport, ReportSupport } from "../../provider.ts";
import {
  CHARGE_FIELDS,
  MODEL_FIELDS,
  PAGING,
  PRODUCT_FIELDS,
  ROW_FIELDS,
  SORTING,
  USER_FIELDS,
} from "../../support.ts";
import { DATES, NO_DELETED_DISTINCTION, pageNotes } from "../page.ts";
import { ADMIN_KEYS } from "../wire.ts";

const EMAILS = "Ids are OpenAI's filter; an e-mail is looked up in its directory and matched on the rows.";

const COMMON = {
  ...DATES,
  ...PAGING,
  ...SORTING,
  group_by: {
    how: "native",
    note: "By the day, with product, OpenAI groups itself; the rest is summed from its rows.",
  },
  granularity: { how: "native" },
  surfaces: { how: "derived", note: "All of it is api." },
} as const;

const FILTERS = {
  product_ids: { how: "native", note: "Families of the usage API: completions, images, ..." },
  user_ids: { how: "native", note: EMAILS },
  user_id: { how: "native", note: EMAILS },
  model_ids: { how: "native", note: "Names in lower case, as OpenAI has them; fine-tuned models (ft:...) as given." },
  api_key_id: { how: "native" },
} as const;

const CALENDAR: readonly Dimension[] = ["day", "week", "month", "provider", "account"];
const EVERYWHERE: readonly Dimension[] = ["product", "surface", "metric_name", "organization"];
const USAGE_DIMENSIONS: readonly Dimension[] = [
  ...EVERYWHERE,
  "model",
  "user",
  "workspace",
  "resource",
  "token_type",
  ...CALENDAR,
];

const PLACE_FIELDS = [...PRODUCT_FIELDS, "surface", "organization", "organization.id"] as const;
const RESOURCE_FIELDS = [
  "resources",
  "resources[].id",
  "resources[].name",
  "resources[].workspace",
  "resources[].workspace.id",
  "resources[].workspace.name",
] as const;
const TOKEN_FIELDS = [
  "usage",
  "usage.requests",
  "usage.requests.total",
  "usage.tokens",
  "usage.tokens.input",
  "usage.tokens.cache_read",
  "usage.tokens.cache_write",
  "usage.tokens.output",
  "usage.tokens.total",
] as const;
const FAMILY_FIELDS = [
  ...TOKEN_FIELDS,
  "usage.quantity",
  "usage.sessions",
  "usage.sessions.distinct",
  "usage.tools",
  "usage.tools.web_search_count",
  "usage.tools.action_count",
  "unit",
] as const;

const usage: ReportSupport = {
  description:
    "All families of the usage API (completions, embeddings, images, ...) by project, user, API key and model.",
  params: { ...COMMON, ...FILTERS },
  dimensions: USAGE_DIMENSIONS,
  granularities: ["day", "hour", "minute"],
  fields: [...ROW_FIELDS, ...PLACE_FIELDS, ...MODEL_FIELDS, ...USER_FIELDS, ...RESOURCE_FIELDS, ...FAMILY_FIELDS],
};

const activity: ReportSupport = {
  ...usage,
  description: "Completions of each user and model, by the day. Codex that runs with an API key is among them.",
  granularities: ["day"],
  fields: [...ROW_FIELDS, ...PLACE_FIELDS, ...MODEL_FIELDS, ...USER_FIELDS, ...RESOURCE_FIELDS, ...TOKEN_FIELDS],
};

const COST_FILTERS = {
  product_ids: { how: "derived" },
  user_ids: { how: "derived", note: "OpenAI gives costs by user for some organizations and time ranges only." },
  user_id: { how: "derived", note: "As user_ids." },
  model_ids: { how: "derived", note: "The model that a line item names." },
  api_key_id: { how: "native" },
} as const;

const cost: ReportSupport = {
  description: "Billed cost by day, project and line item (a model and kind of tokens, or a service), in dollars.",
  params: { ...COMMON, ...COST_FILTERS, granularity: { how: "native", note: "day only." } },
  dimensions: [...EVERYWHERE, "model", "user", "workspace", "resource", "charge_type", ...CALENDAR],
  granularities: ["day"],
  // A cost has one charge, its total; what it is for is the line item.
  costKinds: true,
  fields: [
    ...ROW_FIELDS,
    ...CHARGE_FIELDS,
    ...PLACE_FIELDS,
    ...MODEL_FIELDS,
    ...USER_FIELDS,
    ...RESOURCE_FIELDS,
    "usage",
    "usage.quantity",
    "unit",
  ],
};

const { granularity: _, ...SUMMARY_COMMON } = COMMON;

const summary: ReportSupport = {
  description:
    "One row per family of usage over the whole period, and one for its cost (openai_api). The two are separate ledgers and need not reconcile; for money use the cost. Requests of searches may be among those of completions. Without vector_stores, whose bytes can't be summed over time.",
  madeFrom: { by: ["product"], per: "period" },
  params: { ...SUMMARY_COMMON, product_ids: FILTERS.product_ids, group_by: { how: "derived" } },
  dimensions: [...EVERYWHERE, "token_type", "charge_type", ...CALENDAR],
  granularities: [],
  fields: [...ROW_FIELDS, ...CHARGE_FIELDS, ...PLACE_FIELDS, ...FAMILY_FIELDS],
};

export const support: ProviderSupport = {
  provider: "openai_codex",
  key: `An Admin key of the API platform (sk-admin-..., scope api.usage.read; ${ADMIN_KEYS}). For Codex on a ChatGPT plan: a workspace's Admin key (scope codex.enterprise.analytics.read; admin.openai.com > Credentials) with \`workspace_id\`. An ordinary key reads one old endpoint of usage only.`,
  defaultReport: { plain: "activity", dated: "usage" },
  reports: {
    activity,
    cost,
    project_usage: { ...usage, description: "Usage of each project and model, by family." },
    summary,
    usage,
    user_cost: { ...cost, description: "Billed cost of each user and line item, where OpenAI splits it by user." },
    user_usage: {
      ...usage,
      description: "Usage of each user and model, of the families that know users.",
    },
  },
  refused: {
    connector_usage: "OpenAI's usage API has no connectors.",
    skill_usage: "OpenAI shows skills in its dashboard only.",
  },
  refusedParams: {
    include_deleted_users: NO_DELETED_DISTINCTION,
    user_ids: "A summary is not split by user; use report_type user_usage or user_cost.",
    user_id: "A summary is not split by user; use report_type user_usage or user_cost.",
    model_ids: "A summary is not split by model; use report_type usage or cost.",
    api_key_id: "A summary is not split by API key; use report_type usage or cost.",
    granularity: "A summary row covers the whole period; use report_type usage or cost.",
  },
  pageNotes,
  availability: "OpenAI gives no promise when usage and costs are complete; the last two or three days may still grow",
  publishedAfterHours: 72,
};
