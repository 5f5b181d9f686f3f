import * as z from "zod";
import type { Account } from "../accounts/account.ts";
import type { Engine } from "../engine/engine.ts";
import { badParameter } from "../errors.ts";
import { shown } from "../suggest.ts";
import { readPeriod } from "../usage/named-period.ts";
import { addMonths, type Instant, isoDay, isoMonth, type Period } from "../usage/period.ts";

/** The arguments that several prompts take, what they may be, and how they are read. */

export const periodArgument = (usual: string) =>
  z
    .string()
    .describe(`${usual} (default), this_month, last_7_days, 2026-10, 2026-Q3, 2026 or a range 2026-10-01/2026-10-15`)
    .optional();

export const accountArgument = z.string().describe("one account of list_accounts; default: all").optional();

const NAMED = ["last_month", "this_month", "last_30_days", "last_7_days"];
const MONTHS_OFFERED = 24;

/** The running month and those before it, newest first. */
export function knownMonths(engine: Engine): string[] {
  const now = engine.clock();
  return Array.from({ length: MONTHS_OFFERED }, (_, back) => isoMonth(addMonths(now, -back)));
}

/** Names, months, the quarters that these months begin, and years. */
export function knownPeriods(engine: Engine): string[] {
  const months = knownMonths(engine);
  const quarters = months.flatMap((month) => {
    const [year, number] = month.split("-");
    return (Number(number) - 1) % 3 === 0 ? [`${year}-Q${(Number(number) + 2) / 3}`] : [];
  });
  return [...NAMED, ...months, ...quarters, ...new Set(months.map((month) => month.slice(0, 4)))];
}

export function knownAccounts(engine: Engine): string[] {
  return engine.accounts.map(({ id }) => id);
}

/** The one account that is named, or all of the caller's. @throws UsageError (question) when there is none */
export function readAccounts(engine: Engine, id: string | undefined): readonly Account[] {
  return id === undefined && engine.accounts.length > 0 ? engine.accounts : [engine.account(id, "account")];
}

/** @throws UsageError (question): not a period, or one that lies ahead */
export function readBegunPeriod(text: string | undefined, now: Instant, usual: string): Period {
  const period = readPeriod({ period: text }, now, usual);
  refuseFuture(period, "period", text ?? usual, now);
  return period;
}

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** @throws UsageError (question): not a month, or one that lies ahead */
export function readMonth(text: string | undefined, now: Instant): Period {
  const month = text ?? "last_month";
  if (month !== "this_month" && month !== "last_month" && !MONTH.test(month))
    throw badParameter(
      "month",
      `${shown(month)} is not a month; give YYYY-MM, e.g. 2026-10, this_month or last_month.`,
    );
  const period = readPeriod({ period: month }, now);
  refuseFuture(period, "month", month, now);
  return period;
}

export function refuseFuture(period: Period, parameter: string, text: string, now: Instant): void {
  if (period.start >= now)
    throw badParameter(parameter, `${shown(text)} lies ahead; today is ${isoDay(now)}, so give one that has begun.`);
}
