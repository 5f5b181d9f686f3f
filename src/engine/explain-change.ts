import type { Account } from "../accounts/account.ts";
import { supportOf } from "../providers/index.ts";
import type { Filters } from "../providers/provider.ts";
import { type Amount, decimal, ZERO } from "../usage/money.ts";
import { elapsedDays } from "../usage/named-period.ts";
import { type Instant, iso, type Period, writePeriod } from "../usage/period.ts";
import { type ChangeLine, ChangeLines, LINE_DIMENSIONS } from "./change-lines.ts";
import type { RowDimension } from "./dimension.ts";
import { readMetrics } from "./metrics.ts";
import { type CallContext, older } from "./pages.ts";
import { lateCost } from "./published-late.ts";
import type { AccountSums } from "./read-account.ts";
import { comparable, type ReadPeriods, readingWarnings, readPeriods } from "./read-periods.ts";
import { untoldBy } from "./untold.ts";
import { UsageGroups } from "./usage-groups.ts";
import { type ChangeExplanation, writeChange } from "./write-change.ts";

export interface ExplainRequest {
  accounts: readonly Account[];
  period: Period;
  before: Period;
  /** All amounts are divided by the days of their period that are over. */
  perDay?: boolean;
  /** What the change is shown by: no time, and no charge type, which is one of the effects. */
  groupBy: readonly RowDimension[];
  /** In lower case. */
  filters: Filters;
  limit: number;
  /** Nothing that was kept will do. */
  fresh?: boolean;
}

/** Some vendors' cost says nothing of quantities, but their use does, by these. */
const JOINED = ["account", "product", "model"] as const satisfies readonly RowDimension[];
const TOKENS = "tokens.total";

/** What drove the change of cost between two periods, line by line, adding up exactly. @throws UsageError (question) */
export async function explainChange(
  context: CallContext,
  request: ExplainRequest,
  now: Instant,
): Promise<ChangeExplanation> {
  const { accounts, period, before, groupBy } = request;
  const answers = await Promise.all(accounts.map((account) => readLines(context, account, request, now)));
  const read: ReadPeriods<ChangeLines> = {
    now: answers.flatMap((answer) => answer.now),
    before: answers.flatMap((answer) => answer.before ?? []),
  };
  const days = { now: elapsedDays(period, now), before: elapsedDays(before, now) };
  const [own, earlier] = [linesOf(read.now), linesOf(comparable(read) ?? [])];
  const asOf = [...read.now, ...(read.before ?? [])].map((cost) => cost.asOf).reduce(older, undefined);
  const isEmpty = own.size === 0 && earlier.size === 0;
  return {
    period: writePeriod(period),
    compared_period: writePeriod(before),
    ...(request.perDay ? { compared_days: { period: days.now, compared: days.before } } : {}),
    ...writeChange(
      request.perDay ? byDay(own, days.now) : own,
      request.perDay ? byDay(earlier, days.before) : earlier,
      request.limit,
    ),
    accounts: read.now.map((cost, index) => writeAccount(cost, read.before?.[index], before)),
    ...(asOf ? { data_as_of: iso(asOf.at) } : {}),
    is_partial_response: [...read.now, ...(read.before ?? [])].some(({ status }) => status !== "ok"),
    warnings: [
      ...untoldBy(
        groupBy,
        accounts.map((account) => ({ account, report: "cost" })),
        "cost",
      ),
      ...readingWarnings(request, read, now, request.perDay),
      ...lateCost(read.now, period, now, true),
    ],
    ...(isEmpty ? { hint: "There is no cost in either period; see get_cost_summary for what there is." } : {}),
  };
}

/** The lines of an account in both periods, with the tokens that they are for where its cost has no quantities. */
async function readLines(
  context: CallContext,
  account: Account,
  request: ExplainRequest,
  now: Instant,
): Promise<ReadPeriods<ChangeLines>> {
  const { groupBy, filters } = request;
  const joined = isJoined(account, groupBy);
  const apart = joined ? JOINED : LINE_DIMENSIONS;
  const by = [...new Set<RowDimension>([...groupBy, ...apart])];
  const cost = { report: "cost", by, filters, now, noun: "cost" } as const;
  const usage = { report: "usage", by, filters, now, noun: "usage" } as const;
  const [lines, tokens] = await Promise.all([
    readPeriods(context, [account], cost, request, () => new ChangeLines(groupBy, apart)),
    joined && readPeriods(context, [account], usage, request, () => new UsageGroups(by, readMetrics([TOKENS], by))),
  ]);
  if (tokens) {
    join(lines.now, tokens.now, by);
    join(lines.before ?? [], tokens.before ?? [], by);
    noteTokens(lines.now, [...tokens.now, ...(tokens.before ?? [])]);
  }
  return lines;
}

/** Whether an account's cost is to be seen beside its tokens, and both can be told apart by the same. */
function isJoined(account: Account, groupBy: readonly RowDimension[]): boolean {
  const { cost, usage } = supportOf(account).reports;
  if (!cost || !usage || cost.fields.includes("usage.quantity") || !usage.fields.includes(`usage.${TOKENS}`))
    return false;
  return [...groupBy, ...JOINED].every(
    (dimension) =>
      dimension !== "metric_name" && cost.dimensions.includes(dimension) === usage.dimensions.includes(dimension),
  );
}

/** Gives lines the tokens that stand under the same. Where the tokens can't be had, the lines have no quantity. */
function join(
  lines: readonly AccountSums<ChangeLines>[],
  tokens: readonly AccountSums<UsageGroups>[],
  by: readonly RowDimension[],
): void {
  const known = new Map<string, Amount>();
  for (const { sums, status } of tokens)
    for (const group of status === "ok" ? sums.groups.values() : []) {
      const amount = group.values.get(TOKENS);
      if (amount) known.set(JSON.stringify(by.map((dimension) => group.key[dimension])), amount);
    }
  for (const { sums } of lines) {
    for (const line of sums.lines.values()) {
      const amount = known.get(JSON.stringify(by.map((dimension) => line.values[dimension])));
      if (amount) line.quantity = { unit: "token", amount };
    }
  }
}

/**
 * Says what its effects rest on: of tokens of several kinds at several prices, a change of their mix looks like one of price. Cost
 * without its tokens has no volume and no price, and why is said.
 */
function noteTokens(lines: readonly AccountSums<ChangeLines>[], tokens: readonly AccountSums<UsageGroups>[]): void {
  const [missing] = tokens.filter(({ status }) => status !== "ok");
  const why = missing?.error === undefined ? "" : `: ${missing.error}`;
  for (const { account, status, warnings, sums } of lines) {
    if (status === "error") continue;
    if (missing)
      warnings.push(
        `${account.id}: its tokens could not be read whole in both periods, so its change is not split into volume and price${why}`,
      );
    else if ([...sums.lines.values()].some(({ quantity }) => quantity !== undefined))
      warnings.push(
        `${account.id}: its volume is tokens of all kinds together, so its price effect holds a change of their mix (input, output, cached), too, and need be no change of price.`,
      );
  }
}

function linesOf(read: readonly AccountSums<ChangeLines>[]): Map<string, ChangeLine> {
  return new Map(read.flatMap(({ sums }) => [...sums.lines]));
}

function byDay(lines: ReadonlyMap<string, ChangeLine>, days: number): Map<string, ChangeLine> {
  const over = decimal(days) ?? ZERO;
  const divide = (amount: Amount) => amount.dividedBy(over) ?? ZERO;
  return new Map(
    [...lines].map(([id, line]) => {
      const { quantity } = line;
      const daily = quantity && { ...quantity, amount: divide(quantity.amount) };
      return [id, { ...line, net: divide(line.net), gross: divide(line.gross), ...(daily ? { quantity: daily } : {}) }];
    }),
  );
}

function writeAccount(
  cost: AccountSums<ChangeLines>,
  before: AccountSums<ChangeLines> | undefined,
  asked: Period,
): ChangeExplanation["accounts"][number] {
  const { account, status, period, asOf, error } = cost;
  const earlier = before?.status ?? "ok";
  return {
    integrated_account_id: account.id,
    provider: account.provider,
    status: status === "ok" && earlier !== "ok" ? "partial" : status,
    period: writePeriod(period),
    ...(before && (before.period.start !== asked.start || before.period.end !== asked.end)
      ? { compared_period: writePeriod(before.period) }
      : {}),
    ...(asOf ? { data_as_of: iso(asOf.at) } : {}),
    ...((error ?? before?.error) === undefined ? {} : { error: error ?? before?.error ?? "" }),
  };
}
