import type { Command } from "commander";
import { describeSupportedParams } from "../../tools/describe-supported-params.ts";
import { explainChangeSchema } from "../../tools/explain-cost-change.ts";
import { forecastSchema } from "../../tools/forecast-cost.ts";
import { costSummarySchema } from "../../tools/get-cost-summary.ts";
import { usageSummarySchema } from "../../tools/get-usage-summary.ts";
import { querySchema } from "../../usage/query.ts";
import { exportSchema } from "../export-query.ts";
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
  compare_to: "set beside another period: previous_period, previous_year, or one such as 2026-08",
  per_day: "changes by the day, too: for periods of unequal length",
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

const SUMMARY_HINTS = {
  ...COST_HINTS,
  metrics: "what to sum, e.g. tokens.input,users,code.commits; default tokens.total,requests.total",
  ratios: "cost_per_user, cost_per_request, cost_per_million_tokens, cache_hit_share, acceptance_rate",
};

const EXPLAIN_HINTS = {
  ...COST_HINTS,
  period: "last_month (default), this_month, last_7_days, last_30_days, 2026-10, 2026-Q3 or 2026",
  compare_to: "previous_period (default), previous_year, or a period such as 2026-08",
  group_by: "what to show the change by, any number of these; default provider,product",
  limit: "groups, 1-1000, default 15; the rest is summed",
};

const EXPORT_HINTS = { ...COST_HINTS, include_people: "name people in Tags, by e-mail" };

/** `usage-mcp usage|cost|summary|explain|forecast|export|accounts|describe|demo`. What they work with is read only when one of them runs. */
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

  const summary = program
    .command("summary")
    .description("how much was used: tokens, requests, code, people; and ratios");
  addParameterFlags(summary, usageSummarySchema, SUMMARY_HINTS, "integrated_account_ids");
  addFormatFlag(summary);
  summary.addHelpText("after", SUMMARY_EXAMPLES).action(async (_: unknown, command: Command) => {
    await (await import("./summary.ts")).runSummary(command);
  });

  const explain = program.command("explain").description("why the bill grew or fell, part by part");
  addParameterFlags(explain, explainChangeSchema, EXPLAIN_HINTS, "integrated_account_ids");
  addFormatFlag(explain);
  explain.addHelpText("after", EXPLAIN_EXAMPLES).action(async (_: unknown, command: Command) => {
    await (await import("./explain.ts")).runExplain(command);
  });

  const forecast = program.command("forecast").description("what this month will come to, and how sure that is");
  addParameterFlags(forecast, forecastSchema, HINTS, "integrated_account_ids");
  addFormatFlag(forecast);
  forecast.addHelpText("after", FORECAST_EXAMPLES).action(async (_: unknown, command: Command) => {
    await (await import("./forecast.ts")).runForecast(command);
  });

  const exporting = program.command("export").description("every charge in the columns of FOCUS, for FinOps tools");
  addParameterFlags(exporting, exportSchema, EXPORT_HINTS, "integrated_account_ids");
  addFormatFlag(exporting, ["csv", "ndjson"]);
  exporting.addHelpText("after", EXPORT_EXAMPLES).action(async (_: unknown, command: Command) => {
    await (await import("./export.ts")).runExport(command);
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

const SUMMARY_EXAMPLES = `${LISTS}

Examples:
  usage-mcp --sandbox summary --period last_month           tokens and requests by provider
  usage-mcp summary --metrics users,code.commits --group-by product --period 2026-10
  usage-mcp summary --ratios cost_per_user,cache_hit_share --group-by model --compare-to previous_period
  usage-mcp summary -a confluent --metrics quantity --group-by resource -o csv`;

const EXPLAIN_EXAMPLES = `${LISTS}

volume is more or less of the same at the earlier price, price what it costs more or less now, discounts what credits, discounts
and included usage take off. The effects add up to the change.

Examples:
  usage-mcp --sandbox explain                               last month against the month before
  usage-mcp explain --period 2026-10 --compare-to 2026-08 --group-by product
  usage-mcp explain --period this_month --per-day --providers cursor --group-by model
  usage-mcp explain -a confluent --group-by resource -o csv > why.csv`;

const FORECAST_EXAMPLES = `${LISTS}

net is the projection for the whole month, between low and high; error % is how far off such forecasts of past months were.

Examples:
  usage-mcp --sandbox forecast                              this month, every account
  usage-mcp forecast --providers claude,cursor
  usage-mcp forecast -a datadog -o json | jq .totals`;

const EXPORT_EXAMPLES = `${LISTS}

The columns are those of the FinOps Open Cost and Usage Specification; no validator was run on them, so that nothing is
said of conformance. BilledCost adds up to the net of usage-mcp cost, ListCost to its gross.

Examples:
  usage-mcp --sandbox export --period last_month > october.csv
  usage-mcp export --focus 1.4 --period 2026-10 -a datadog -a confluent
  usage-mcp export --providers claude,cursor --start-date 2026-10-01 --end-date 2026-10-03 --include-people
  usage-mcp export --period 2026-10 -a openai -o ndjson | jq .BilledCost`;

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
