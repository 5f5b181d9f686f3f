/** What the support tables of the three APIs share; each has its own in its folder. */
import type { ProviderSupport } from "../provider.ts";
import { PAGING, ROW_FIELDS } from "../support.ts";
import { PRODUCT_ALIASES } from "./products.ts";

export const PAGES = {
  ...PAGING,
  limit: {
    how: "native",
    note: "1 to 1,000 rows a page; where the vendor counts time buckets, its largest page is read.",
  },
  cursor: { how: "native" },
} as const;

export const DATES = {
  start_date: { how: "native", note: "Inclusive, UTC. Default: the last 7 complete days." },
  end_date: {
    how: "native",
    note: "Exclusive, UTC. Default: today's midnight. Time buckets that are touched come whole.",
  },
  date: { how: "derived", note: "That one UTC day." },
} as const;

export const DAY_DATES = {
  start_date: {
    how: "derived",
    note: "Inclusive; the UTC day is used. One call a day. Default: the latest day published.",
  },
  end_date: { how: "derived", note: "Exclusive; a time of day later than midnight rounds up to the next day." },
  date: { how: "native", note: "That one UTC day." },
  granularity: { how: "native", note: "day only." },
} as const;

/** Filters, as more than one report takes them. */
export const USERS = { how: "native", note: "Claude's ids (user_...); e-mails are looked for in the rows." } as const;
export const PRODUCTS = {
  how: "native",
  note: "Ids or names; code, cli, office, chrome, slack and api are understood.",
} as const;

const PRODUCT_FIELDS = ["product", "product.id", "product.name"] as const;
export const USER_FIELDS = ["user", "user.id", "user.email", "user.name"] as const;
export const MODEL_FIELDS = ["model", "model.id", "model.provider"] as const;
export const TOKEN_FIELDS = [
  "usage",
  "usage.quantity",
  "unit",
  "usage.tokens",
  "usage.tokens.input",
  "usage.tokens.output",
  "usage.tokens.cache_read",
  "usage.tokens.cache_write",
  "usage.tokens.cache_write_ephemeral_5m",
  "usage.tokens.cache_write_ephemeral_1h",
  "usage.tokens.total",
  "usage.tools",
  "usage.tools.web_search_count",
] as const;
export const ORGANIZATION_FIELDS = ["organization", "organization.id"] as const;
export const RESOURCE_FIELDS = [
  "resources",
  "resources[].id",
  "resources[].workspace",
  "resources[].workspace.id",
] as const;
export const REQUEST_FIELDS = ["usage", "usage.requests", "usage.requests.total"] as const;
export const COMMON_FIELDS = [...ROW_FIELDS, ...PRODUCT_FIELDS] as const;

/** The rows' own time, and dimensions that every row has. */
export const EVERYWHERE = ["metric_name", "day", "week", "month", "provider", "account"] as const;

/** What does not depend on the kind of key. */
export const COMMON = {
  provider: "claude",
  defaultReport: { plain: "activity", dated: "usage" },
  pageNotes: {
    start_date:
      "Inclusive usage period start. Accepts YYYY-MM-DD or RFC3339 date-time. For daily activity-style views, the date portion is used.",
    end_date:
      "Exclusive usage period end. Accepts YYYY-MM-DD or RFC3339 date-time. Defaults to a recent completed period when omitted.",
  },
  aliases: { product_ids: PRODUCT_ALIASES, surfaces: PRODUCT_ALIASES },
} as const satisfies Partial<ProviderSupport>;
