import type { CostAnswer, CostGroup } from "./cost-answer.ts";
import { amountText, exactNumber, percentText, shareText, signedAmount } from "./numbers.ts";
import { rowDate } from "./row-date.ts";
import { named } from "./summary-notes.ts";
import { type Column, filledColumns } from "./text-table.ts";

const MONEY_FIELDS = ["currency", "net", "gross", "rows"];

/** The groups: a column for each dimension, then what it comes to; the groups past the limit stand last, as one. */
export function groupColumns({ groups, other = [], totals }: CostAnswer): Column[] {
  const [first] = groups;
  if (!first) return [];
  const dimensions = Object.keys(first.key);
  const more = other.map(({ groups: count }) => `(${exactNumber(count)} more groups)`);
  const blank = other.map(() => "");
  const single = onlyCurrency(totals);
  const change = (read: (group: CostGroup) => string) => [...groups.map(read), ...blank];
  return filledColumns([
    ...dimensions.map((dimension, index) => ({
      heading: dimension,
      cells: [...groups.map((group) => named(group, dimension)), ...(index === 0 ? more : blank)],
    })),
    ...(single === undefined
      ? [{ heading: "currency", cells: [...groups, ...other].map(({ currency }) => currency) }]
      : []),
    ...moneyColumns([...groups, ...other], single),
    {
      heading: "share",
      cells: [...groups, ...other].map(({ share }) => (share === undefined ? "" : shareText(share))),
      numeric: true,
    },
    {
      heading: "previous net",
      cells: change(({ previous }) => (previous ? amountText(previous.net) : "")),
      numeric: true,
    },
    {
      heading: "change",
      cells: change((group) => (group.change ? signedAmount(group.change.net) : "")),
      numeric: true,
    },
    {
      heading: "change %",
      cells: change(({ change: by }) => (by ? relative(by) : "")),
      numeric: true,
    },
    {
      heading: "net a day",
      cells: change(({ per_day: daily }) => (daily ? amountText(daily.net) : "")),
      numeric: true,
    },
    {
      heading: "change a day",
      cells: change(({ per_day: daily }) => (daily ? signedAmount(daily.change) : "")),
      numeric: true,
    },
  ]);
}

function relative({ net, percent }: NonNullable<CostGroup["change"]>): string {
  if (percent !== undefined) return percentText(percent);
  return net === 0 ? "" : "new";
}

/** A line for each currency: they are never added together. */
export function totalColumns({ totals }: CostAnswer): Column[] {
  const parts = [...new Set(totals.flatMap(Object.keys))].filter((name) => !MONEY_FIELDS.includes(name));
  return filledColumns([
    { heading: "total", cells: totals.map(({ currency }) => currency) },
    ...moneyColumns(totals, ""),
    ...parts.map((part) => ({
      heading: part,
      cells: totals.map((total) => (typeof total[part] === "number" ? amountText(total[part]) : "")),
      numeric: true,
      optional: true,
    })),
    { heading: "rows", cells: totals.map(({ rows }) => exactNumber(rows)), numeric: true, optional: true },
  ]);
}

/** A line for each account, or for each currency of it. */
export function accountColumns({ accounts }: CostAnswer): Column[] {
  const lines = accounts.flatMap(({ totals, ...account }) =>
    totals ? totals.map((total) => ({ ...account, ...total })) : [account],
  );
  const amount = (value: number | undefined) => (value === undefined ? "" : amountText(value));
  return filledColumns([
    { heading: "account", cells: lines.map(({ integrated_account_id: id }) => id) },
    { heading: "provider", cells: lines.map(({ provider }) => provider) },
    { heading: "status", cells: lines.map(({ status }) => status) },
    { heading: "covered", cells: lines.map(({ period }) => rowDate(period.start_date, period.end_date)) },
    { heading: "net", cells: lines.map(({ net }) => amount(net)), numeric: true },
    { heading: "gross", cells: lines.map(({ gross }) => amount(gross)), numeric: true },
    { heading: "currency", cells: lines.map(({ currency }) => currency ?? "") },
  ]);
}

/** @param currency stands in the headings when it is the only one */
function moneyColumns(amounts: readonly { net: number; gross: number }[], currency: string | undefined): Column[] {
  const unit = currency ? ` ${currency}` : "";
  return [
    { heading: `net${unit}`, cells: amounts.map(({ net }) => amountText(net)), numeric: true },
    { heading: `gross${unit}`, cells: amounts.map(({ gross }) => amountText(gross)), numeric: true, optional: true },
  ];
}

function onlyCurrency(totals: CostAnswer["totals"]): string | undefined {
  const [first, second] = totals;
  return first && !second ? first.currency : undefined;
}
