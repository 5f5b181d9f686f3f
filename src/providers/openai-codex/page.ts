/** What the unified page says of OpenAI, and what holds for all of its APIs. */
import type { ParamSupport, ProviderSupport } from "../provider.ts";

/** Word for word. */
export const pageNotes: ProviderSupport["pageNotes"] = {
  start_date: "Alias for date. Accepts YYYY-MM-DD or RFC3339 date-time; only the day portion is used.",
};

export const DATES = {
  start_date: { how: "native", note: "That one UTC day, or with end_date the first of a range. Default: yesterday." },
  end_date: {
    how: "native",
    note: "The UTC day is excluded; a time of day later than midnight rounds up to the next day. Needs start_date.",
  },
  date: { how: "native", note: "That one UTC day." },
} as const satisfies Record<string, ParamSupport>;

export const NO_DELETED_DISTINCTION =
  "OpenAI knows no such distinction: the use of deleted users is always there, under their ids.";
