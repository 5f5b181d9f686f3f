import type { ProviderSupport } from "../../provider.ts";
import { NO_API_KEYS } from "../../support.ts";
import { COMMON } from "../support-parts.ts";
import { ANALYTICS_KEY } from "../wire.ts";
import { dayReports } from "./day-support.ts";
import { cost, usage, userCost, userUsage } from "./report-support.ts";

export const support: ProviderSupport = {
  ...COMMON,
  key: `${ANALYTICS_KEY.charAt(0).toUpperCase()}${ANALYTICS_KEY.slice(1)}.`,
  reports: { ...dayReports, usage, cost, user_usage: userUsage, user_cost: userCost },
  refused: {},
  refusedParams: {
    model_ids: "Its daily activity says nothing of models; usage, cost, user_usage and user_cost do.",
    user_ids: "The organization's daily summary names no people.",
    user_id: "The organization's daily summary names no people.",
    api_key_id: NO_API_KEYS,
    include_deleted_users: "Its data says which people were deleted in user_usage and user_cost only.",
  },
  availability:
    "Claude publishes activity a day after it has ended, in places up to three days later, from 2026-01-01 on; usage and cost are refreshed every four hours and go back 365 days",
};
