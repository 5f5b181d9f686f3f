/**
 * The words of the Claude Enterprise Analytics API: its endpoints, and what each takes.
 * @see https://support.claude.com/en/articles/13703965-claude-enterprise-analytics-api-reference-guide
 */
import type { ReportType } from "../../../usage/report.ts";
import type { Question } from "../../provider.ts";
import { idFilter, MODELS, MOST_VALUES, productFilter, type WireFilter, type WireGroups } from "../filters.ts";
import { ORGANIZATIONS } from "../wire.ts";

const ANALYTICS = `${ORGANIZATIONS}/analytics`;
export const SUMMARIES = `${ANALYTICS}/summaries`;

export type DayReport = "activity" | "project_usage" | "skill_usage" | "connector_usage";
export type WindowReport = "usage" | "cost" | "user_usage" | "user_cost";

const DAY_PATHS: Readonly<Record<DayReport, string>> = {
  activity: `${ANALYTICS}/users`,
  project_usage: `${ANALYTICS}/apps/chat/projects`,
  skill_usage: `${ANALYTICS}/skills`,
  connector_usage: `${ANALYTICS}/connectors`,
};
const WINDOW_PATHS: Readonly<Record<WindowReport, string>> = {
  usage: `${ANALYTICS}/usage_report`,
  cost: `${ANALYTICS}/cost_report`,
  user_usage: `${ANALYTICS}/user_usage_report`,
  user_cost: `${ANALYTICS}/user_cost_report`,
};

export function dayPath(report: DayReport): string {
  return DAY_PATHS[report];
}

export function windowPath(report: WindowReport): string {
  return WINDOW_PATHS[report];
}

export function isDayReport(report: ReportType): report is DayReport {
  return Object.hasOwn(DAY_PATHS, report);
}

export function isWindowReport(report: ReportType): report is WindowReport {
  return Object.hasOwn(WINDOW_PATHS, report);
}

/** Ids that user filters take; people are looked for by e-mail, too, and those are not taken. */
const USER_ID = /^user_\w+$/;

/**
 * Products that filters take everywhere. `chat_cowork_unified` is refused where an organization does not have it, `other`
 * and `cc_security_autopatch` come in rows only: rows are looked through for them.
 */
const DAY_PRODUCTS = ["chat", "claude_code", "cowork", "office_agent"];
const WINDOW_PRODUCTS = [...DAY_PRODUCTS, "claude_in_chrome", "claude_design", "claude_tag"];
/** The products of developers' organizations: never in a Claude Enterprise answer. */
export const FOREIGN_PRODUCTS = ["claude_console", "managed_agents_api", "message_batches_api", "messages_api"];

const BY_USER = idFilter("user_ids", USER_ID, (id) => ["filter[]", `user_id:${id}`], "user_id");
const BY_PRODUCT = productFilter(DAY_PRODUCTS, (product) => ["filter[]", `product:${product}`], "product");

export const DAY_FILTERS: Readonly<Record<DayReport, readonly WireFilter[]>> = {
  // Its rows are people already, and carry all products side by side.
  activity: [idFilter("user_ids", USER_ID, (id) => ["filter[]", `user_id:${id}`])],
  project_usage: [BY_USER],
  skill_usage: [BY_PRODUCT, BY_USER],
  connector_usage: [BY_PRODUCT, BY_USER],
};

const EVERY_ROW: WireGroups = { provider: [], account: [], metric_name: [] };
const ENTITY: WireGroups = { ...EVERY_ROW, resource: [], user: ["user_id"] };
export const DAY_GROUPS: Readonly<Record<DayReport, WireGroups>> = {
  activity: { ...EVERY_ROW, user: [], product: [], surface: [] },
  // The whole report is chat's.
  project_usage: { ...ENTITY, product: [], surface: [] },
  skill_usage: { ...ENTITY, product: ["product"], surface: ["product"] },
  connector_usage: { ...ENTITY, product: ["product"], surface: ["product"] },
};

export const WINDOW_FILTERS: readonly WireFilter[] = [
  productFilter(WINDOW_PRODUCTS, (product) => ["products[]", spelled(product)], "product"),
  MODELS,
  // Rows that are filtered by another word for a user are asked of the endpoint that names them.
  idFilter("user_ids", USER_ID, (id) => ["user_ids[]", id]),
];

function spelled(product: string): string {
  return product === "claude_tag" ? "claude-tag" : product;
}

const USAGE_GROUPS: WireGroups = {
  provider: [],
  account: [],
  organization: [],
  metric_name: [],
  product: ["product"],
  surface: ["product"],
  model: ["model"],
};
const COST_GROUPS: WireGroups = {
  ...USAGE_GROUPS,
  metric_name: ["cost_type"],
  charge_type: ["cost_type"],
  // Alone it leaves out what is no tokens, such as web searches.
  token_type: ["cost_type", "token_type"],
};
export const WINDOW_GROUPS: Readonly<Record<WindowReport, WireGroups>> = {
  usage: USAGE_GROUPS,
  cost: COST_GROUPS,
  user_usage: { ...USAGE_GROUPS, user: [] },
  user_cost: { ...COST_GROUPS, user: [] },
};

/** The most buckets that a page may hold, by their width. */
export const MOST_BUCKETS: Readonly<Record<string, number>> = { "1d": 31, "1h": 168, "1m": 256 };
/** The most groups that a bucket holds; the rest is left out without a word. */
export const MOST_GROUPS = 100;

/** What people can be ranked by, and its name in sort_by. */
export const ORDERS: Readonly<Partial<Record<WindowReport, Readonly<Record<string, string>>>>> = {
  user_usage: {
    "tokens.total": "total_tokens",
    "tokens.output": "output_tokens",
    "tokens.input": "uncached_input_tokens",
    "requests.total": "requests",
  },
  user_cost: { net: "amount", gross: "list_amount", total: "list_amount" },
};

/**
 * The endpoint that answers: usage and cost of people looked for by e-mail, or told apart, are asked of the reports that name
 * them; whoever is looked for is a person, so that nothing is left out.
 */
export function endpointOf(report: WindowReport, { filters, groupBy }: Question): WindowReport {
  const { user_ids } = filters;
  if (user_ids === undefined || report === "user_usage" || report === "user_cost") return report;
  if (user_ids.every((id) => USER_ID.test(id)) && user_ids.length <= MOST_VALUES && !groupBy?.includes("user"))
    return report;
  return report === "usage" ? "user_usage" : "user_cost";
}
