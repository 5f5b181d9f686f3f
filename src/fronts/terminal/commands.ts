import type { Command } from "commander";
import { describeSupportedParams } from "../../tools/describe-supported-params.ts";
import { costSummarySchema } from "../../tools/get-cost-summary.ts";
import { querySchema } from "../../usage/query.ts";
import { addParameterFlags } from "./flags.ts";
import { addFormatFlag } from "./format.ts";
import { endQuietlyOnClosedPipe } from "./output.ts";

/** What a person needs to be told; the schema's own descriptions are for a model that sees types and answers. */
const HINTS: Readonly<Record<string, string>> = {
  report_type: "which view of the data",
  product_ids: "only these products, by id or name",
  user_ids: "only these people, by id or e-mail",
  model_ids: "only these models",
  surfaces: "only these surfaces, e.g. chat,api",
  granularity: "size of the time buckets",
  sort_order: "which way",
  include_deleted_users: "people who left too",
  cursor: "go on where the last answer ended; repeat its other flags",
  next_cursor: "another name of --cursor",
  user_id: "only this person",
  api_key_id: "only what this API key used",
  page: "which page of --page-size rows, from 1",
  page_size: "rows a page",
  integrated_account_id: "which account: see usage-mcp accounts",
  integrated_account_ids: "only these accounts; default all",
  providers: "only accounts of these vendors",
  provider: "which vendor",
  period: "this_month (default), last_month, last_7_days, last_30_days, 2026-10, 2026-Q3 or 2026",
  group_by: "what to sum by, e.g. product,month; see usage-mcp describe",
  compare_to: "set beside an earlier period",
  truto_response_format: "unified rows, or another form of them; stream gives every page",
  truto_key_by: "field by which rows are keyed in -o json, e.g. id",
  truto_ignore_limit: "as many rows as one answer may hold: 10000",
  truto_ignore_remote_data: "=false adds the vendor's own items, for -o json, ndjson and csv",
  fresh: "ask the vendors even if their answers are kept",
  truto_exclude_fields: "fields to leave out of the rows, e.g. charges,usage.tokens",
};

const USAGE_HINTS = {
  ...HINTS,
  end_date: "end of the period, as the vendor means it: see usage-mcp describe",
  limit: "rows, 1-10000, default 100",
};

const COST_HINTS = {
  ...HINTS,
  start_date: "start of the period, instead of --period; YYYY-MM-DD or RFC 3339, UTC",
  end_date: "end of the period, exclusive",
  group_by: "what to sum by, any number of these; default provider",
  limit: "groups, 1-1000, default 40; the rest is summed",
};

/** `usage-mcp usage|cost|accounts|describe|demo`. What they work with is read only when one of them runs. */
export function addTerminalCommands(program: Command): void {
  endQuietlyOnClosedPipe();

  const usage = program.command("usage").description("usage and cost rows of one account");
  addParameterFlags(usage, querySchema, USAGE_HINTS, "integrated_account_id");
  addFormatFlag(usage);
  usage.addHelpText("after", USAGE_EXAMPLES).action(async (_: unknown, command: Command) => {
    await (await import("./usage.ts")).runUsage(command);
  });

  const cost = program.command("cost").description("what it cost: totals, groups and changes over all accounts");
  addParameterFlags(cost, costSummarySchema, COST_HINTS, "integrated_account_ids");
  addFormatFlag(cost);
  cost.addHelpText("after", COST_EXAMPLES).action(async (_: unknown, command: Command) => {
    await (await import("./cost.ts")).runCost(command);
  });

  const accounts = program.command("accounts").description("which vendor accounts there are");
  addFormatFlag(accounts);
  accounts.addHelpText("after", ACCOUNTS_EXAMPLES).action(async (_: unknown, command: Command) => {
    await (await import("./accounts.ts")).runAccounts(command);
  });

  const describe = program.command("describe").description("what each vendor's reports can be asked");
  addParameterFlags(describe, describeSupportedParams.input, HINTS, "integrated_account_id");
  addFormatFlag(describe);
  describe.addHelpText("after", DESCRIBE_EXAMPLES).action(async (_: unknown, command: Command) => {
    await (await import("./describe.ts")).runDescribe(command);
  });

  program
    .command("demo")
    .description("see an MCP client ask it, in under a minute and without keys")
    .addHelpText("after", DEMO_EXAMPLES)
    .action(async () => {
      await (await import("./demo.ts")).runDemo();
    });
}

const LISTS = `
A <list> is separated by commas, or the flag repeated. Flags may be spelled with _ too (--start_date).
stdout carries the data only; period, warnings and what else there is to say go to stderr.`;

const USAGE_EXAMPLES = `${LISTS}

Examples:
  usage-mcp --sandbox usage -a confluent --limit 10         ten rows of this month
  usage-mcp usage -a datadog --start-date 2026-10-01        October's cost by product
  usage-mcp usage -a cursor --date 2026-10-13 --group-by user,model
  usage-mcp usage -a claude --report-type user_cost --user-ids ada@example.com --start-date 2026-10-01
  usage-mcp usage -a confluent --product-ids KAFKA,CONNECT --sort-by net
  usage-mcp usage -a confluent --group-by product,month --start-date 2026-07-01 --end-date 2026-10-01
  usage-mcp usage -a confluent --truto-response-format stream -o csv > rows.csv
  usage-mcp usage -a datadog --remote-query view=sub-org -o ndjson | jq .product.id`;

const COST_EXAMPLES = `${LISTS}

Examples:
  usage-mcp --sandbox cost                                  this month, by provider
  usage-mcp cost --period last_month --group-by provider,product --limit 10
  usage-mcp cost --period last_month --compare-to previous_period --group-by product --sort-by change
  usage-mcp cost --period last_month --group-by user --providers claude,openai_codex,cursor
  usage-mcp cost -a confluent -a datadog --period 2026-Q3 --group-by month
  usage-mcp cost --period 2026-10 --group-by account,product -o csv > october.csv`;

const ACCOUNTS_EXAMPLES = `
Examples:
  usage-mcp --config accounts.json accounts
  usage-mcp --sandbox accounts -o json`;

const DESCRIBE_EXAMPLES = `
native: the vendor does it. derived: done on the rows, exactly. unsupported: refused, with the reason.

Examples:
  usage-mcp --sandbox describe                              every vendor's reports
  usage-mcp describe --provider datadog                     each parameter, and how it is meant
  usage-mcp describe -a confluent --report-type cost -o json`;

const DEMO_EXAMPLES = `
Example:
  usage-mcp demo`;
