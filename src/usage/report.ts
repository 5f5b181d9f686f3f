/** The nine usage views of the unified page. Which provider serves which is in its support table. */
export const REPORT_TYPES = [
  "activity",
  "connector_usage",
  "cost",
  "project_usage",
  "skill_usage",
  "summary",
  "usage",
  "user_cost",
  "user_usage",
] as const;
export type ReportType = (typeof REPORT_TYPES)[number];
