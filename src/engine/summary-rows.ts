import type { Adapter, Filters, Question } from "../providers/provider.ts";
import type { Usage } from "../usage/row.ts";
import { namesOf, passes, remaining } from "./filters.ts";
import { pagesAhead } from "./page-ahead.ts";
import { type AsOf, type CallContext, older } from "./pages.ts";
import { Regrouping } from "./regroup.ts";

/** What pages say besides rows. */
export interface Said {
  status: "ok" | "partial" | "error";
  /** When what was read was so. */
  asOf?: AsOf | undefined;
  warnings: string[];
}

/**
 * The rows of an account's report, some at a time, told apart by what the question needs. Where another report tells it apart and
 * holds a part of it only, that part, and what the whole has more.
 * @param reading takes what the pages say besides rows
 */
export async function* summaryRows(
  reading: Said,
  context: CallContext,
  adapter: Adapter,
  question: Question,
  filters: Filters,
): AsyncGenerator<readonly Usage[]> {
  const split = adapter.split?.(question);
  if (!split) {
    yield* rowsOf(reading, context, adapter, question, filters);
    return;
  }
  const part = { ...question, report: split.report };
  const by = (question.groupBy ?? []).filter((dimension) => dimension !== split.dimension);
  const { account, report, period } = question;
  // By the day, when there is any calendar: weeks and months do not nest.
  const calendar = by.some((dimension) => dimension === "week" || dimension === "month");
  // The charges of a row stay together: cost groups tell them apart, and would count each as a row's whole cost.
  const together = by.filter((dimension) => dimension !== "charge_type");
  const rest = new Regrouping({ account, report, by: calendar ? [...together, "day"] : together, whole: period });
  for await (const rows of rowsOf(reading, context, adapter, part, filters)) {
    for (const row of rows) rest.subtract(row);
    yield rows;
  }
  // What is tied to no person passes no filter of people.
  if (filters.user_ids) return;
  for await (const rows of rowsOf(reading, context, adapter, { ...question, groupBy: by }, filters))
    for (const row of rows) rest.add(row);
  yield [...rest.rest()];
}

/** A page's rows at a time: to hand over each by itself would cost more than to sum it. */
async function* rowsOf(
  reading: Said,
  context: CallContext,
  adapter: Adapter,
  question: Question,
  filters: Filters,
): AsyncGenerator<readonly Usage[]> {
  const { account } = question;
  const { warnings } = reading;
  const warned = new Set(warnings);
  const left = remaining(filters, adapter.does?.(question).filters);
  const isFiltered = namesOf(left).length > 0;
  for await (const page of pagesAhead(context, adapter, question)) {
    const rows = page.entries.flatMap((entry) => entry.rows);
    yield isFiltered ? rows.filter((row) => passes(row, left)) : rows;
    // What is summed must not be held while the next page comes: a large summary would be busy with moving it about.
    rows.length = 0;
    page.entries = [];
    page.answers = [];
    reading.asOf = older(reading.asOf, page.asOf);
    for (const warning of page.warnings ?? []) warned.add(`${account.id}: ${warning}`);
    if (page.moved) reading.status = "partial";
    if (page.looping) {
      reading.status = "partial";
      warned.add(`${account.id}: the vendor's paging pointed back to a page already read; what follows is missing.`);
    }
  }
  reading.warnings = [...warned];
}
