/** How a question about usage or cost is asked: which endpoint, which filters and groups, what is left for the engine. */
import { badParameter } from "../../../errors.ts";
import { listed } from "../../../suggest.ts";
import type { Question } from "../../provider.ts";
import { bucketsOf, stepOf, WINDOW_DAYS } from "../dates.ts";
import { groupsDone, type WireAsked, wireFilters, wireGroups } from "../filters.ts";
import { endpointOf, isWindowReport, ORDERS, WINDOW_FILTERS, WINDOW_GROUPS, type WindowReport } from "./wire.ts";

export interface Plan {
  endpoint: WindowReport;
  byUser: boolean;
  /** Usage or cost that is asked of the report by person. */
  routed: boolean;
  asked: WireAsked;
  /** In the vendor's words. */
  groups: string[];
  /** There is one row for each group asked for. */
  grouped: boolean;
  /** The vendor's word for the order asked for, where it can be had. */
  order: string | undefined;
  /** The most days in a window. */
  days: number;
}

export function plan(question: Question): Plan {
  const { report, groupBy, granularity } = question;
  const endpoint = endpointOf(isWindowReport(report) ? report : "usage", question);
  const routed = endpoint !== report;
  const byUser = endpoint === "user_usage" || endpoint === "user_cost";
  const known = WINDOW_GROUPS[endpoint];
  const asked = wireFilters(question, WINDOW_FILTERS);
  const usual = byUser && !routed ? [] : ["product", "model"];
  const groups = wireGroups(question, known, usual, asked.show);
  // Rows by person are one a group only where people are asked for, and only they are then.
  const grouped = groupBy?.includes("user") === byUser && groupsDone(question, known, asked.show);
  return {
    endpoint,
    byUser,
    routed,
    asked,
    groups,
    grouped,
    order: grouped || groupBy === undefined ? orderOf(question, endpoint, groups) : undefined,
    days: byUser && granularity === "minute" ? 1 : WINDOW_DAYS,
  };
}

/**
 * The vendor ranks people, each by all they used. That is an order of rows only where a person has one row: in a single
 * bucket, without groups.
 */
function orderOf(question: Question, endpoint: WindowReport, groups: readonly string[]): string | undefined {
  const { sort, remoteQuery } = question;
  const order = sort && ORDERS[endpoint]?.[sort.by];
  if (!order || groups.length > 0 || remoteQuery.some(([name]) => name.startsWith("group_by"))) return undefined;
  const { start, end } = bucketsOf(question);
  return end - start <= stepOf(question) ? order : undefined;
}

/** Cost has no tokens in its rows that could be told apart afterwards: what the vendor does not group is not grouped. */
export function refuseTokenTypes(question: Question): void {
  const { groupBy = [], report } = question;
  const { endpoint, grouped, byUser } = plan(question);
  if (!groupBy.includes("token_type") || !endpoint.endsWith("cost") || grouped) return;
  const beside = ["product", "surface", "model", "charge_type", "day"];
  throw badParameter(
    "group_by",
    `token_type of ${report} can be joined with ${listed(beside)} only, as the vendor joins it; ${byUser ? "it needs user beside it" : "report_type user_cost has it by user"}.`,
  );
}
