import type { Command } from "commander";
import * as z from "zod";
import { forecastCost, forecastSchema } from "../../tools/forecast-cost.ts";
import type { Cell } from "./csv.ts";
import { givenArguments } from "./flags.ts";
import { chosenFormat, writeCsv, writeJson, writeLines } from "./format.ts";
import { amountText, percentText } from "./numbers.ts";
import { noteAge, noteLeftOut, terminalWidth, writeData, writeNote } from "./output.ts";
import { withSession } from "./session.ts";
import { type Column, filledColumns, fittingColumns, textTable } from "./text-table.ts";

const range = z.looseObject({ net: z.number(), low: z.number().optional(), high: z.number().optional() });
const toDate = z.looseObject({ net: z.number(), gross: z.number(), through: z.string().optional() });

/** What tables show of an answer of forecast_cost, read as any client reads it: from what the tool returned. */
export const forecastAnswer = z.looseObject({
  month: z.looseObject({ start_date: z.string(), end_date: z.string() }),
  as_of: z.string(),
  totals: z.array(
    z.looseObject({
      currency: z.string(),
      month_to_date: toDate,
      projection: range.optional(),
      remaining: z.number().optional(),
    }),
  ),
  accounts: z.array(
    z.looseObject({
      integrated_account_id: z.string(),
      provider: z.string(),
      status: z.string(),
      currency: z.string().optional(),
      month_to_date: toDate.optional(),
      projection: z
        .looseObject({
          ...range.shape,
          method: z.string(),
          basis: z.looseObject({ start_date: z.string(), end_date: z.string() }).optional(),
          backtest: z
            .looseObject({ origins: z.number(), mean_absolute_percent_error: z.number().optional() })
            .optional(),
        })
        .optional(),
      data_as_of: z.string().optional(),
      error: z.string().optional(),
    }),
  ),
  is_partial_response: z.boolean(),
  warnings: z.array(z.string()),
  hint: z.string().optional(),
});
type ForecastAnswer = z.infer<typeof forecastAnswer>;
type AccountForecast = ForecastAnswer["accounts"][number];

/** `usage-mcp forecast`: accounts and totals to stdout, what a reader must know of them to stderr. Exit code 1 when no account answered. */
export async function runForecast(command: Command): Promise<void> {
  const args = givenArguments(command, forecastSchema);
  const format = chosenFormat(command);
  await withSession(command, async ({ engine, ask }) => {
    const result = await ask((call) => forecastCost.run(engine, args, call));
    const answer = forecastAnswer.parse(result);
    if (format === "json") await writeJson(result);
    else if (format === "ndjson") await writeLines(answer.accounts);
    else if (format === "csv") await writeAccounts(answer.accounts);
    else await writeTables(answer);
    if (format !== "json") writeNotes(answer, engine.clock());
    for (const { integrated_account_id: id, error } of answer.accounts) {
      if (error !== undefined) writeNote(`${id}: ${error}`, "error", "red");
    }
    if (answer.accounts.every(({ status }) => status === "error")) process.exitCode = 1;
  });
}

async function writeTables(answer: ForecastAnswer): Promise<void> {
  const width = terminalWidth();
  const tables = [accountColumns(answer), totalColumns(answer)]
    .filter((columns) => columns.length > 0)
    .map((columns) => fittingColumns(columns, width));
  await writeData(tables.map(({ columns }) => textTable(columns, width)).join("\n"));
  noteLeftOut(tables.flatMap(({ left }) => left));
}

export function accountColumns({ accounts }: ForecastAnswer): Column[] {
  const money = (heading: string, read: (account: AccountForecast) => number | undefined) =>
    amounts(heading, accounts.map(read));
  return filledColumns([
    { heading: "account", cells: accounts.map(({ integrated_account_id: id }) => id) },
    { heading: "status", cells: accounts.map(({ status }) => status), optional: true },
    { heading: "currency", cells: accounts.map(({ currency = "" }) => currency) },
    money("to date", (account) => account.month_to_date?.net),
    money("net", (account) => account.projection?.net),
    money("low", (account) => account.projection?.low),
    money("high", (account) => account.projection?.high),
    { heading: "method", cells: accounts.map(({ projection }) => projection?.method ?? ""), optional: true },
    {
      heading: "error %",
      cells: accounts.map(({ projection }) => {
        const error = projection?.backtest?.mean_absolute_percent_error;
        return error === undefined ? "" : percentText(error);
      }),
      numeric: true,
      optional: true,
    },
    { heading: "complete to", cells: accounts.map((account) => account.month_to_date?.through ?? ""), optional: true },
  ]);
}

/** A line for each currency: they are never added together. */
function totalColumns({ totals }: ForecastAnswer): Column[] {
  return filledColumns([
    { heading: "total", cells: totals.map(({ currency }) => currency) },
    amounts(
      "to date",
      totals.map((total) => total.month_to_date.net),
    ),
    amounts(
      "net",
      totals.map(({ projection }) => projection?.net),
    ),
    amounts(
      "low",
      totals.map(({ projection }) => projection?.low),
    ),
    amounts(
      "high",
      totals.map(({ projection }) => projection?.high),
    ),
    amounts(
      "remaining",
      totals.map(({ remaining }) => remaining),
    ),
  ]);
}

function amounts(heading: string, values: readonly (number | undefined)[]): Column {
  return { heading, cells: values.map((value) => (value === undefined ? "" : amountText(value))), numeric: true };
}

async function writeAccounts(accounts: readonly AccountForecast[]): Promise<void> {
  const columns = [
    ...["integrated_account_id", "provider", "status", "currency"],
    ...["month_to_date.net", "month_to_date.gross", "month_to_date.through"],
    ...["projection.net", "projection.low", "projection.high", "projection.method"],
    ...["projection.basis.start_date", "projection.basis.end_date"],
    ...["projection.backtest.origins", "projection.backtest.mean_absolute_percent_error"],
    ...["data_as_of", "error"],
  ];
  const rows = accounts.map(({ month_to_date: own, projection, ...account }): Cell[] => [
    ...[account.integrated_account_id, account.provider, account.status, account.currency],
    ...[own?.net, own?.gross, own?.through],
    ...[projection?.net, projection?.low, projection?.high, projection?.method],
    ...[projection?.basis?.start_date, projection?.basis?.end_date],
    ...[projection?.backtest?.origins, projection?.backtest?.mean_absolute_percent_error],
    ...[account.data_as_of, account.error],
  ]);
  await writeCsv(columns, rows);
}

function writeNotes({ month, accounts, warnings, hint }: ForecastAnswer, now: number): void {
  const oldest = accounts.flatMap(({ data_as_of: at }) => at ?? []).sort()[0];
  noteAge(oldest, now);
  writeNote(
    `net cost of ${month.start_date} up to ${month.end_date} (exclusive), projected; to date is what is billed so far`,
  );
  for (const warning of warnings) writeNote(warning, "warning", "yellow");
  if (hint !== undefined) writeNote(hint, "hint");
}
