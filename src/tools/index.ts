import { describeSupportedParams } from "./describe-supported-params.ts";
import { explainCostChange } from "./explain-cost-change.ts";
import { forecastCost } from "./forecast-cost.ts";
import { getCostSummary } from "./get-cost-summary.ts";
import { getUsageSummary } from "./get-usage-summary.ts";
import { listAccounts } from "./list-accounts.ts";
import { listUsage } from "./list-usage.ts";
import type { Tool } from "./tool.ts";

/** In the order an agent needs them. */
export const TOOLS: readonly Tool[] = [
  listAccounts,
  describeSupportedParams,
  getCostSummary,
  getUsageSummary,
  explainCostChange,
  forecastCost,
  listUsage,
];
