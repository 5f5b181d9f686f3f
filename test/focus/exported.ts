import type { Engine } from "../../src/engine/engine.ts";
import type { CostExportRequest, ExportEnd } from "../../src/engine/export-cost.ts";
import { focusColumns, focusValues } from "../../src/focus/columns.ts";
import { exactSum, numeral } from "../usage/exact-sum.ts";

/** A charge as it is written: every number by its digits. */
export type Charge = Readonly<Record<string, string | null>>;

export interface Exported {
  charges: Charge[];
  end: ExportEnd;
}

export const OCTOBER = { start: Date.UTC(2026, 9, 1), end: Date.UTC(2026, 10, 1) };

/** All that an engine exports: October 2026 of every account, unless told otherwise. */
export async function exported(engine: Engine, request: Partial<CostExportRequest> = {}): Promise<Exported> {
  const { version = "1.2" } = request;
  const columns = focusColumns(version);
  const charges: Charge[] = [];
  const batches = engine.exportCost(
    { accounts: engine.accounts, period: OCTOBER, version, withPeople: false, ...request },
    { signal: new AbortController().signal },
  );
  let step = await batches.next();
  for (; !step.done; step = await batches.next()) {
    for (const charge of step.value) {
      const values = focusValues(charge);
      charges.push(Object.fromEntries(columns.map((name, index) => [name, values[index]?.toString() ?? null])));
    }
  }
  return { charges, end: step.value };
}

/** The exact sum of a column, by account and currency. */
export function sums(charges: readonly Charge[], column: string): Record<string, string> {
  const amounts = new Map<string, string[]>();
  for (const charge of charges) {
    const key = `${charge["x_Account"]} ${charge["BillingCurrency"]}`;
    const known = amounts.get(key);
    if (known) known.push(charge[column] ?? "");
    else amounts.set(key, [charge[column] ?? ""]);
  }
  return Object.fromEntries([...amounts].map(([key, digits]) => [key, numeral(exactSum(digits))]));
}
