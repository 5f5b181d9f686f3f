/**
 * The words of the Usage and Cost Analytics API (beta): two endpoints of flat rows, for Console and Enterprise organizations.
 * @see https://platform.claude.com/docs/en/manage-claude/usage-cost-analytics-api
 */
import type { ReportType } from "../../../usage/report.ts";
import { idFilter, MODELS, productFilter, type WireFilter, type WireGroups } from "../filters.ts";
import { ORGANIZATIONS } from "../wire.ts";

export type FlatReport = "usage" | "cost" | "user_usage" | "user_cost";

export function isFlatReport(report: ReportType): report is FlatReport {
  return report === "usage" || report === "cost" || report === "user_usage" || report === "user_cost";
}

/** Two endpoints serve four reports: by person is a group like others. */
export function isCost(report: ReportType): boolean {
  return report === "cost" || report === "user_cost";
}

export function isByUser(report: ReportType): boolean {
  return report === "user_usage" || report === "user_cost";
}

export function flatPath(report: ReportType): string {
  return `${ORGANIZATIONS}/analytics/${isCost(report) ? "cost" : "usage"}`;
}

/** `chat_cowork_unified` is refused where an organization does not have it; rows are looked through for it. */
const PRODUCTS = [
  "chat",
  "claude_code",
  "claude_console",
  "claude_design",
  "claude_in_chrome",
  "claude_tag",
  "cowork",
  "managed_agents_api",
  "message_batches_api",
  "messages_api",
  "office_agent",
];

/** Users and service accounts; an API key that acts by itself is asked for as a key. */
const ACTOR_ID = /^(?:user|svac)_\w+$/;

export const FILTERS: readonly WireFilter[] = [
  productFilter(PRODUCTS, (product) => ["products[]", product], "product"),
  MODELS,
  idFilter("user_ids", ACTOR_ID, (id) => ["actor_ids[]", id], "actor"),
  idFilter("api_key_ids", /^apikey_\w+$/, (id) => ["api_key_ids[]", id], "api_key_id"),
];

const USAGE_GROUPS: WireGroups = {
  provider: [],
  account: [],
  metric_name: [],
  product: ["product"],
  surface: ["product"],
  model: ["model"],
  user: ["actor"],
  resource: ["api_key_id"],
  workspace: ["workspace_id"],
  organization: ["organization_id"],
};
const COST_GROUPS: WireGroups = {
  ...USAGE_GROUPS,
  metric_name: ["cost_type"],
  charge_type: ["cost_type"],
  // Alone it leaves out what is no tokens, such as web searches.
  token_type: ["cost_type", "token_type"],
};

export function groupsOf(report: ReportType): WireGroups {
  return isCost(report) ? COST_GROUPS : USAGE_GROUPS;
}

/** The most groups of a request; kinds of cost and of tokens do not count. */
export const MOST_GROUPS = 5;
export const UNCOUNTED_GROUPS = ["cost_type", "token_type"];

/** What rows can be ranked by, and its name in sort_by. */
export function orderBy(report: ReportType, sort: string): string | undefined {
  return isCost(report) ? COST_ORDERS[sort] : USAGE_ORDERS[sort];
}
const USAGE_ORDERS: Readonly<Record<string, string>> = {
  "tokens.total": "total_tokens",
  "tokens.output": "output_tokens",
  "tokens.input": "uncached_input_tokens",
  "requests.total": "requests",
};
const COST_ORDERS: Readonly<Record<string, string>> = { net: "amount", gross: "list_amount", total: "list_amount" };
