import * as z from "zod";
import { checkQuery } from "../engine/check-query.ts";
import type { Engine } from "../engine/engine.ts";
import type { CostExportRequest } from "../engine/export-cost.ts";
import { FOCUS_VERSIONS } from "../focus/versions.ts";
import { accountFields, chosenAccounts, periodFields } from "../tools/summary-input.ts";
import { readPeriod } from "../usage/named-period.ts";
import { fresh } from "../usage/query.ts";

/** What an export is asked with, at the terminal and over REST. */
export const exportSchema = z.strictObject({
  focus: z.enum(FOCUS_VERSIONS).describe("version of the FOCUS columns, default 1.2").optional(),
  ...accountFields,
  ...periodFields,
  include_people: z.boolean().describe("name people in Tags, by e-mail").optional(),
  fresh,
});

/** @throws UsageError (question) before any vendor is asked */
export function readExport(engine: Engine, args: unknown): CostExportRequest {
  const query = checkQuery(exportSchema, args);
  return {
    version: query.focus ?? "1.2",
    accounts: chosenAccounts(engine, query.integrated_account_ids, query.providers),
    period: readPeriod(query, engine.clock()),
    withPeople: query.include_people ?? false,
    fresh: query.fresh ?? false,
  };
}
