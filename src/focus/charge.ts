import type { Account } from "../accounts/account.ts";
import { fingerprint } from "../usage/cursor.ts";
import type { Amount } from "../usage/money.ts";
import type { Period } from "../usage/period.ts";
import type { Usage } from "../usage/row.ts";
import { type CategoryCost, categoryCosts } from "./category.ts";
import { consumedOf, type Measured, pricedOf } from "./quantities.ts";
import { type ChargeTimes, chargeTimes } from "./times.ts";
import type { FocusVersion } from "./versions.ts";

/** What a column holds: an exact number, a text, or nothing that is known. */
export type FocusValue = Amount | string | null;

/** One charge of a row, with all that its columns are read from. */
export interface FocusCharge extends CategoryCost, ExportScope {
  row: Usage;
  times: ChargeTimes;
  consumed: Measured | undefined;
  priced: Measured | undefined;
  rowId: string;
}

/** What a row is exported as. */
export interface ExportScope {
  version: FocusVersion;
  account: Account;
  /** Whether people are named. */
  withPeople: boolean;
}

/**
 * The charges of a row: one for each category that it holds; none where it says nothing of money.
 * @param covered stands for the dates of a row that has none
 */
export function focusCharges(row: Usage, scope: ExportScope, covered: Period): FocusCharge[] {
  const costs = categoryCosts(row);
  if (costs.length === 0) return [];
  const times = chargeTimes(row, covered);
  const rowId = rowIdOf(row, scope.withPeople);
  return costs.map((cost) => ({
    ...scope,
    ...cost,
    row,
    times,
    rowId,
    consumed: cost.category === "Usage" ? consumedOf(row) : undefined,
    priced: cost.category === "Usage" || cost.category === "Purchase" ? pricedOf(row) : undefined,
  }));
}

/** The row's own id; a digest of it where it would tell a person who is not to be named. */
function rowIdOf({ id, user }: Usage, withPeople: boolean): string {
  const names = [user?.id, user?.email, user?.name];
  const tells = !withPeople && names.some((name) => name !== undefined && name !== "" && id.includes(name));
  return tells ? fingerprint(id) : id;
}
