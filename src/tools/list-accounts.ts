import * as z from "zod";
import { checkQuery } from "../engine/check-query.ts";
import type { Tool } from "./tool.ts";

const input = z.strictObject({});

const output = z.looseObject({
  accounts: z.array(
    z.looseObject({
      integrated_account_id: z.string(),
      provider: z.string(),
      name: z.string(),
      report_types: z.array(z.string()),
      default_report_type: z.string().optional(),
    }),
  ),
});

export const listAccounts: Tool = {
  name: "list_accounts",
  title: "List vendor accounts",
  description:
    "The vendor accounts that can be asked about, with the reports each serves. Call first: the other tools take integrated_account_id from here.",
  input,
  output,
  async run(engine, args) {
    checkQuery(input, args);
    return { accounts: await engine.listAccounts() };
  },
};
