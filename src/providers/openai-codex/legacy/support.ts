import type { ProviderSupport, ReportSupport } from "../../provider.ts";
import { PAGING, ROW_FIELDS, SORTING } from "../../support.ts";
import { DATES, NO_DELETED_DISTINCTION, pageNotes } from "../page.ts";
import { ADMIN_KEYS } from "../wire.ts";

const usage: ReportSupport = {
  description:
    "What the key's organization used, by day, project, API key, user and model: one call a day of the range. OpenAI no longer fills it for every organization.",
  params: {
    ...DATES,
    end_date: { how: "derived", note: `${DATES.end_date.note} One call a day.` },
    ...PAGING,
    ...SORTING,
    product_ids: { how: "derived", note: "completions, dalle, whisper, tts, ..." },
    user_ids: {
      how: "derived",
      note: "One id (user-...) is OpenAI's own filter; e-mails, any number, are matched on the rows.",
    },
    user_id: { how: "native", note: "An id (user-...); an e-mail is matched on the rows." },
    model_ids: { how: "derived" },
    api_key_id: { how: "derived" },
    group_by: { how: "derived" },
    granularity: { how: "native", note: "day only." },
  },
  dimensions: [
    "product",
    "metric_name",
    "model",
    "user",
    "organization",
    "workspace",
    "resource",
    "token_type",
    "day",
    "week",
    "month",
    "provider",
    "account",
  ],
  granularities: ["day"],
  fields: [
    ...ROW_FIELDS,
    "product",
    "product.id",
    "product.name",
    "model",
    "model.id",
    "model.provider",
    "user",
    "user.id",
    "user.email",
    "organization",
    "organization.id",
    "organization.name",
    "resources",
    "resources[].id",
    "resources[].name",
    "resources[].workspace",
    "resources[].workspace.id",
    "resources[].workspace.name",
    "usage",
    "usage.requests",
    "usage.requests.total",
    "usage.tokens",
    "usage.tokens.input",
    "usage.tokens.cache_read",
    "usage.tokens.output",
    "usage.tokens.total",
    "usage.quantity",
    "unit",
  ],
};

const ADMIN_KEY = `needs an Admin key (sk-admin-..., from ${ADMIN_KEYS}) with the scope api.usage.read.`;

export const support: ProviderSupport = {
  provider: "openai_codex",
  key: "An ordinary API key (sk-...).",
  defaultReport: { plain: "activity", dated: "usage" },
  reports: { activity: usage, usage, user_usage: usage },
  refused: {
    connector_usage: "OpenAI's usage has no connectors.",
    cost: `cost ${ADMIN_KEY}`,
    project_usage: `usage by project ${ADMIN_KEY} (Here, group_by workspace with report_type usage.)`,
    skill_usage: "OpenAI shows skills in its dashboard only.",
    summary: `a summary ${ADMIN_KEY}`,
    user_cost: `cost by user ${ADMIN_KEY}`,
  },
  refusedParams: {
    include_deleted_users: NO_DELETED_DISTINCTION,
    surfaces: "The old usage endpoint tells no surfaces.",
  },
  pageNotes,
  availability:
    "OpenAI's old usage endpoint gives days of UTC, and for many organizations nothing at all: an empty answer proves nothing. An Admin key (sk-admin-...) has the usage API of today",
  publishedAfterHours: 72,
};
