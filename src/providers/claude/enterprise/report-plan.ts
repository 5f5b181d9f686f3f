/** How a question about usage or cost is asked: which endpoint, which filters and groups, what is left for the engine. */
import { badParameter } from "../../../errors.ts";
import { listed } from "../../../suggest.ts";
import type { Question } from "../../provider.ts";
import { filtersLeft, groupsDone, type WireAsked, wireFilters, wireGroups } from "../filters.ts";
import { bucketsOf, stepOf, WINDOW_DAYS } from "../periods.ts";
import { isOneWindow } from "../windows.ts";
import { endpointOf, isWindowReport, ORDERS, WINDOW_FILTERS, WINDOW_GROUPS, type WindowReport } from "./wire.ts";

export interface Plan {
  endpoint: WindowReport;
  byUser: boolean;
  asked: WireAsked;
  groups: string[];
  /** Rows come as they were asked for: what is left to do is to hand them on. */
  asIs: boolean;
  order: string | undefined;
  /** The most days in a window. */
  days: number;
}

export function plan(question: Question): Plan {
  const endpoint = endpointOf(reportOf(question), question);
  const byUser = endpoint === "user_usage" || endpoint === "user_cost";
  const asked = wireFilters(question, WINDOW_FILTERS);
  const known = WINDOW_GROUPS[endpoint];
  const groups = wireGroups(question, known, byUser && !routed(question) ? [] : ["product", "model"], asked.show);
  const summed = question.groupBy !== undefined && !isGrouped(question, endpoint, asked);
  const days = byUser && question.granularity === "minute" ? 1 : WINDOW_DAYS;
  return {
    endpoint,
    byUser,
    asked,
    groups,
    asIs: !summed && filtersLeft(question, asked).length === 0,
    order: orderOf(question, endpoint, groups),
    days,
  };
}

/** Usage or cost that is asked of the report by person. */
export function routed(question: Question): boolean {
  return endpointOf(reportOf(question), question) !== question.report;
}

function reportOf({ report }: Question): WindowReport {
  return isWindowReport(report) ? report : "usage";
}

function isGrouped(question: Question, endpoint: WindowReport, { show }: WireAsked): boolean {
  if (question.groupBy?.includes("user") !== (endpoint === "user_usage" || endpoint === "user_cost")) return false;
  return groupsDone(question, WINDOW_GROUPS[endpoint], show);
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
  return end - start <= stepOf(question) && isOneWindow(question) ? order : undefined;
}

/** Cost has no tokens in its rows that could be told apart afterwards: what the vendor does not group is not grouped. */
export function refuseTokenTypes(question: Question): void {
  const { groupBy = [], report } = question;
  const { endpoint, asked, byUser } = plan(question);
  if (!groupBy.includes("token_type") || !endpoint.endsWith("cost") || isGrouped(question, endpoint, asked)) return;
  const beside = ["product", "surface", "model", "charge_type", "day"];
  throw badParameter(
    "group_by",
    `token_type of ${report} can be joined with ${listed(beside)} only, as the vendor joins it; ${byUser ? "it needs user beside it" : "report_type user_cost has it by user"}.`,
  );
}

