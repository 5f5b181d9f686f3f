/**
 * The words of the Claude Console's admin API: usage of the Messages API, cost, and Claude Code by person.
 * @see https://platform.claude.com/docs/en/manage-claude/usage-cost-api
 * @see https://docs.claude.com/en/api/admin-api/claude-code/get-claude-code-usage-report
 */
import { idFilter, MODELS, type WireFilter, type WireGroups } from "../filters.ts";
import { ORGANIZATIONS } from "../wire.ts";

export const MESSAGES = `${ORGANIZATIONS}/usage_report/messages`;
export const COST = `${ORGANIZATIONS}/cost_report`;
export const CLAUDE_CODE = `${ORGANIZATIONS}/usage_report/claude_code`;

/** The most buckets that a page may hold, by their width. Cost has days only. */
export const MOST_BUCKETS: Readonly<Record<string, number>> = { "1d": 31, "1h": 168, "1m": 1440 };

/** Cost has no filters at all; Claude Code neither. */
export const MESSAGE_FILTERS: readonly WireFilter[] = [
  MODELS,
  idFilter("user_ids", /^user_\w+$/, (id) => ["account_ids[]", id], "account_id"),
  idFilter("api_key_ids", /^apikey_\w+$/, (id) => ["api_key_ids[]", id], "api_key_id"),
];

const EVERY_ROW: WireGroups = { provider: [], account: [] };
export const MESSAGE_GROUPS: WireGroups = {
  ...EVERY_ROW,
  metric_name: [],
  model: ["model"],
  user: ["account_id"],
  resource: ["api_key_id"],
  workspace: ["workspace_id"],
};
export const USUAL_MESSAGE_GROUPS = ["model", "workspace_id", "api_key_id"];

/** A description is finer than a model or a kind of cost: the engine sums. */
export const COST_GROUPS: WireGroups = { ...EVERY_ROW, workspace: ["workspace_id"] };
export const COST_SHOWS: WireGroups = {
  ...COST_GROUPS,
  model: ["description"],
  metric_name: ["description"],
  charge_type: ["description"],
};
export const USUAL_COST_GROUPS = ["workspace_id", "description"];
