import * as z from "zod";
import { UsageError } from "../../errors.ts";
import { COMPANY, employedOn } from "../../sandbox/company.ts";
import { isoDay } from "../../usage/period.ts";
import { rowSchema } from "../../usage/row.ts";
import { accountListColumns } from "./accounts.ts";
import { type CostAnswer, costAnswer } from "./cost-answer.ts";
import { accountColumns, groupColumns, totalColumns } from "./cost-columns.ts";
import { DemoClient } from "./demo-client.ts";
import { groupColumns as changeColumns } from "./explain.ts";
import { forecastAnswer, accountColumns as forecastColumns } from "./forecast.ts";
import { Narration } from "./narration.ts";
import { amountText, percentText, signedAmount } from "./numbers.ts";
import { rowColumns } from "./row-columns.ts";
import { groupColumns as usageColumns } from "./summary.ts";
import { changeAnswer, usageSummaryAnswer } from "./summary-answers.ts";
import type { Column } from "./text-table.ts";

const accountsAnswer = z.looseObject({
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
type Accounts = z.infer<typeof accountsAnswer>["accounts"];

const rowsAnswer = z.looseObject({ result: z.array(rowSchema), next_cursor: z.string().nullable() });

const ROWS_A_PAGE = 4;
const GROUPS_SHOWN = 8;

/**
 * `usage-mcp demo`: a real client starts this same command as a server with simulated vendors and asks it as an agent
 * would, each call shown above its answer.
 * @throws UsageError when a call does not answer as it should
 */
export async function runDemo(): Promise<void> {
  const started = performance.now();
  const narration = new Narration();
  await introduce(narration);
  const client = await DemoClient.start();
  try {
    await narration.say(
      `Connected to ${client.server} after ${Math.round(performance.now() - started)} ms. Its tools: ${(await client.toolNames()).join(", ")}.`,
    );
    const accounts = await showAccounts(client, narration);
    const cost = await showCost(client, narration);
    await showPeople(client, narration);
    await showUse(client, narration);
    await showChange(client, narration);
    await showForecast(client, narration);
    await showRows(client, narration, accounts, cost.period.start_date.slice(0, 10));
    await showRefusal(client, narration, accounts);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      "unavailable",
      `The demo ended early: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    await client.close();
  }
  await showConnecting(narration);
}

async function introduce(narration: Narration): Promise<void> {
  const today = isoDay(Date.now());
  await narration.heading("usage-mcp");
  await narration.say(
    "An MCP server that answers what a company uses and what it costs, over all its vendor accounts, in one language. An agent (Claude, or any MCP host) calls its tools; you ask the agent.",
  );
  await narration.say(
    `This demo starts the server as a host does and asks it as an agent does. The vendors behind it are simulated, the accounts of ${COMPANY.name}, an invented company of ${employedOn(today).length} people; the client, the server, the adapters and their HTTP are the real ones. No keys, and nothing leaves this machine.`,
  );
}

async function showAccounts(client: DemoClient, narration: Narration): Promise<Accounts> {
  await narration.heading('1. "Which accounts can you see?"');
  await narration.call("list_accounts", {});
  const { structured } = await client.ask("list_accounts", {});
  const { accounts } = accountsAnswer.parse(structured);
  await narration.table(accountListColumns(accounts));
  return accounts;
}

async function showCost(client: DemoClient, narration: Narration): Promise<CostAnswer> {
  await narration.heading('2. "What did last month cost, and where did it go?"');
  const args = { period: "last_month", group_by: ["provider", "product"], limit: GROUPS_SHOWN };
  await narration.call("get_cost_summary", args);
  const { structured, milliseconds } = await client.ask("get_cost_summary", args);
  const answer = costAnswer.parse(structured);
  const [failed] = answer.accounts.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (failed !== undefined) throw new UsageError("unavailable", `The demo's own vendors failed: ${failed}`);
  await narration.table(groupColumns(answer));
  await narration.table(without(totalColumns(answer), "rows"));
  await narration.table(accountColumns(answer));
  await sayWarnings(narration, answer);
  const totals = answer.totals.map(({ currency, net }) => `${amountText(net)} ${currency}`).join(" and ");
  await narration.say(
    `All accounts were asked at once; the answer took ${milliseconds} ms: ${totals} net. net is what will be invoiced, gross is before discounts and credits. Sums are exact decimals, and currencies are never added together.`,
  );
  return answer;
}

/** Vendors that tell who used them. */
const AI_PROVIDERS = ["claude", "openai_codex", "cursor"];

async function showPeople(client: DemoClient, narration: Narration): Promise<void> {
  await narration.heading('3. "What did each person cost across Claude, Codex and Cursor?"');
  const args = { period: "last_month", providers: AI_PROVIDERS, group_by: ["user"], limit: GROUPS_SHOWN };
  await narration.call("get_cost_summary", args);
  const { structured } = await client.ask("get_cost_summary", args);
  const answer = costAnswer.parse(structured);
  await narration.table(without(groupColumns(answer), "rows"));
  await narration.say(
    "A person is one group whatever the vendor calls them: rows are joined by e-mail. What belongs to nobody, such as API keys, shared agents and reviews, stands under unattributed, so the groups add up to the bill.",
  );
  const person = answer.groups.find(({ key }) => key["user"]?.includes("@"))?.key["user"];
  if (person === undefined) throw new UsageError("unavailable", "The demo expected people in the cost of AI vendors.");
  const one = { period: "last_month", user_ids: [person], group_by: ["account", "model"], limit: GROUPS_SHOWN };
  await narration.call("get_cost_summary", one);
  const single = costAnswer.parse((await client.ask("get_cost_summary", one)).structured);
  await narration.table(without(groupColumns(single), "rows"));
}

async function showUse(client: DemoClient, narration: Narration): Promise<void> {
  await narration.heading('4. "How much did they use for it, and what does a person cost us?"');
  const args = {
    period: "last_month",
    providers: AI_PROVIDERS,
    metrics: ["tokens.total", "users"],
    ratios: ["cost_per_user", "cache_hit_share"],
  };
  await narration.call("get_usage_summary", args);
  const answer = usageSummaryAnswer.parse((await client.ask("get_usage_summary", args)).structured);
  await narration.table(usageColumns(answer));
  await narration.say(
    "Who is at two vendors counts once in the total. Each ratio comes with its numerator and denominator; what can't be added, such as distinct counts of several days, is refused with the reason.",
  );
}

async function showChange(client: DemoClient, narration: Narration): Promise<void> {
  await narration.heading('5. "Why is it not what it was the month before?"');
  const args = { period: "last_month", group_by: ["provider", "product"], limit: GROUPS_SHOWN };
  await narration.call("explain_cost_change", args);
  const answer = changeAnswer.parse((await client.ask("explain_cost_change", args)).structured);
  const shown = answer.groups.map(({ names: _, ...group }) => group);
  const left = ["before", "now", "change %", "new", "gone"];
  await narration.table(without(changeColumns({ ...answer, groups: shown }), ...left));
  for (const { currency, net, previous, change } of answer.totals)
    await narration.say(
      `Net went from ${amountText(previous.net)} to ${amountText(net)} ${currency}, ${signedAmount(change.net)}${change.percent === undefined ? "" : ` (${percentText(change.percent)})`}. volume is more of the same at the earlier price, price what it costs more or less now, discounts what credits and discounts take off, unknown what has no quantity. They add up to each change exactly.`,
    );
}

async function showForecast(client: DemoClient, narration: Narration): Promise<void> {
  await narration.heading('6. "Where will this month end?"');
  await narration.call("forecast_cost", {});
  const answer = forecastAnswer.parse((await client.ask("forecast_cost", {})).structured);
  await narration.table(without(forecastColumns(answer), "status", "currency", "complete to"));
  for (const { currency, month_to_date, projection } of answer.totals)
    await narration.say(
      `${amountText(month_to_date.net)} ${currency} so far${projection ? `, ${amountText(projection.net)} expected for the month` : ""}. A projection never stands among actual cost, names its method, and says how far off it was in past months (error %).`,
    );
}

async function showRows(client: DemoClient, narration: Narration, accounts: Accounts, start: string): Promise<void> {
  await narration.heading('7. "Show me the lines behind it."');
  const id = accountOf(accounts, "confluent");
  const args = { integrated_account_id: id, start_date: start, limit: ROWS_A_PAGE };
  await narration.call("list_usage", args);
  const first = rowsAnswer.parse((await client.ask("list_usage", args)).structured);
  await showPage(narration, first.result);
  if (first.next_cursor === null) return narration.say("That is all there is.");
  await narration.say("The answer came with a next_cursor. The same question with it goes on behind the last row:");
  await narration.call("list_usage", { ...args, cursor: `${first.next_cursor.slice(0, 12)}...` });
  const answer = await client.ask("list_usage", { ...args, cursor: first.next_cursor });
  await showPage(narration, rowsAnswer.parse(answer.structured).result);
}

async function showPage(narration: Narration, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  const { columns } = rowColumns(rows);
  await narration.table(without(columns, "workspace", "discount", "currency"));
}

/** The columns that a line of 100 has room for. */
function without(columns: readonly Column[], ...headings: string[]): Column[] {
  return columns.filter(({ heading }) => !headings.some((left) => heading === left || heading.startsWith(`${left} `)));
}

async function showRefusal(client: DemoClient, narration: Narration, accounts: Accounts): Promise<void> {
  await narration.heading('8. "And by user, on Datadog?"');
  const args = { integrated_account_id: accountOf(accounts, "datadog"), user_ids: ["ada@example.com"] };
  await narration.call("list_usage", args);
  const { isError, text } = await client.call("list_usage", args);
  if (!isError) throw new UsageError("unavailable", "The demo expected a refusal of user_ids and got rows.");
  await narration.refusal(text);
  await narration.say(
    "A parameter is never silently ignored: the vendor does it, usage-mcp does it exactly on the rows, or the answer is an error that says why and what there is instead.",
  );
}

async function showConnecting(narration: Narration): Promise<void> {
  await narration.heading("Connect it");
  await narration.say(
    "Claude Desktop: Settings > Developer > Edit Config, add this to claude_desktop_config.json and restart it. The same works in any host that reads mcpServers.",
  );
  await narration.block(JSON.stringify({ mcpServers: { usage: startCommand() } }, undefined, 2));
  await narration.say(
    'With your own accounts: take "--sandbox" out, and set the vendors\' keys as "env", or write them down in a file and add "--config", "/path/accounts.json". In the terminal, the same answers: usage-mcp --sandbox cost --period last_month --group-by product.',
  );
}

/** How a host starts this very command: from the registry when it is installed as a package, else from where it lies. */
function startCommand(): { command: string; args: string[] } {
  const script = process.argv[1] ?? "usage-mcp";
  if (/[\\/]node_modules[\\/]/.test(script)) return { command: "npx", args: ["-y", "usage-mcp", "--sandbox"] };
  return { command: process.execPath, args: [script, "--sandbox"] };
}

async function sayWarnings(narration: Narration, { warnings }: CostAnswer): Promise<void> {
  for (const warning of warnings) await narration.say(`Warning in the answer: ${warning}`);
}

function accountOf(accounts: Accounts, provider: string): string {
  const account = accounts.find((candidate) => candidate.provider === provider);
  if (account) return account.integrated_account_id;
  throw new UsageError("configuration", `The sandbox holds no ${provider} account.`);
}
