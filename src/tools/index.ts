import { describeSupportedParams } from "./describe-supported-params.ts";
import { getCostSummary } from "./get-cost-summary.ts";
import { listAccounts } from "./list-accounts.ts";
import { listUsage } from "./list-usage.ts";
import type { Tool } from "./tool.ts";

/** In the order an agent needs them. */
export const TOOLS: readonly Tool[] = [listAccounts, describeSupportedParams, getCostSummary, listUsage];
