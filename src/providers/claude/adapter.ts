/**
 * Claude's organizations are asked through one of three APIs: the Enterprise Analytics API with an Analytics key; the newer
 * Usage and Cost Analytics API, where an account's settings say so; the Console's with an Admin key.
 */
import type { Account } from "../../accounts/account.ts";
import type { Adapter } from "../provider.ts";
import { analyticsV2, enterpriseWithV2 } from "./analytics-v2/adapter.ts";
import { consoleApi } from "./console/adapter.ts";
import { enterprise } from "./enterprise/adapter.ts";
import { support } from "./enterprise/support.ts";
import { asksV2, connect, hasAdminKey } from "./wire.ts";

function apiOf(account: Account): Adapter {
  if (asksV2(account)) return hasAdminKey(account) ? analyticsV2 : enterpriseWithV2;
  return hasAdminKey(account) ? consoleApi : enterprise;
}

const DATES = "use start_date and end_date";
const RANGE = ["starting_at", "ending_at", "date", "starting_date", "ending_date"];
const WIDTH = ["bucket_width", "time_bucket_width"];

export const claude: Adapter = {
  support,
  connect,
  reserved: {
    ...Object.fromEntries(RANGE.map((name) => [name, DATES])),
    ...Object.fromEntries(WIDTH.map((name) => [name, "use granularity"])),
    page: "use cursor",
    limit: "use limit",
    order: "use sort_order",
    order_by: "use sort_by",
    products: "use product_ids",
    models: "use model_ids",
    user_ids: "use user_ids",
    actor_ids: "use user_ids",
    account_ids: "use user_ids",
    api_key_ids: "use api_key_id",
    exclude_deleted_users: "use include_deleted_users",
  },

  supportOf: (account) => apiOf(account).support,
  readPeriod: (dates, asked) => apiOf(asked.account).readPeriod(dates, asked),
  cover: (period, asked) => apiOf(asked.account).cover(period, asked),
  does: (question) => apiOf(question.account).does?.(question) ?? {},
  split: (question) => apiOf(question.account).split?.(question),
  first: (question) => apiOf(question.account).first(question),
  parts: (question) => apiOf(question.account).parts?.(question),
  request: (question, at) => apiOf(question.account).request(question, at),
  more: (question, at, answer) => apiOf(question.account).more?.(question, at, answer),
  read: (question, at, answers, directory) => apiOf(question.account).read(question, at, answers, directory),
  settles: (question, at, answers) => apiOf(question.account).settles?.(question, at, answers),
  refused: (question, at, refusal) => apiOf(question.account).refused?.(question, at, refusal),
};
