import type { Command } from "commander";
import { costSummarySchema, getCostSummary } from "../../tools/get-cost-summary.ts";
import { type CostAnswer, costAnswer } from "./cost-answer.ts";
import { accountColumns, groupColumns, totalColumns } from "./cost-columns.ts";
import type { Cell } from "./csv.ts";
import { givenArguments } from "./flags.ts";
import { chosenFormat, writeCsv, writeJson, writeLines } from "./format.ts";
import { amountText, exactNumber } from "./numbers.ts";
import { noteAge, noteLeftOut, terminalWidth, writeData, writeNote } from "./output.ts";
import { withSession } from "./session.ts";
import { fittingColumns, textTable } from "./text-table.ts";

/** `usage-mcp cost`: totals and groups to stdout, what a reader must know of them to stderr. Exit code 1 when no account answered. */
export async function runCost(command: Command): Promise<void> {
  const args = givenArguments(command, costSummarySchema);
  const format = chosenFormat(command);
  await withSession(command, async ({ engine, ask }) => {
    const result = await ask((call) => getCostSummary.run(engine, args, call));
    const answer = costAnswer.parse(result);
    if (format === "json") await writeJson(result);
    else if (format === "ndjson") await writeLines(answer.groups);
    else if (format === "csv") await writeGroups(answer);
    else await writeTables(answer);
    if (format !== "json") {
      noteAge(answer.data_as_of, engine.clock());
      writeNotes(answer);
    }
    if (format === "csv" || format === "ndjson") noteOther(answer);
    noteErrors(answer);
  });
}

/** The three tables of a summary, one under the other. */
async function writeTables(answer: CostAnswer): Promise<void> {
  const width = terminalWidth();
  const tables = [groupColumns(answer), totalColumns(answer), accountColumns(answer)]
    .filter((columns) => columns.length > 0)
    .map((columns) => fittingColumns(columns, width));
  await writeData(tables.map(({ columns }) => textTable(columns, width)).join("\n"));
  noteLeftOut(tables.flatMap(({ left }) => left));
}

async function writeGroups({ groups, compared_period, compared_days }: CostAnswer): Promise<void> {
  const dimensions = Object.keys(groups[0]?.key ?? {});
  const compared = compared_period ? ["previous.net", "previous.gross", "change.net", "change.percent"] : [];
  const daily = compared_days ? ["per_day.net", "per_day.previous_net", "per_day.change"] : [];
  const columns = [
    ...dimensions.flatMap((dimension) => [dimension, `${dimension}.name`]),
    ...["currency", "net", "gross", "share", "rows"],
    ...compared,
    ...daily,
  ];
  const rows = groups.map(({ key, names, currency, net, gross, share, rows, previous, change, per_day }): Cell[] => [
    ...dimensions.flatMap((dimension) => [key[dimension], names?.[dimension]]),
    ...[currency, net, gross, share, rows],
    ...(compared_period ? [previous?.net, previous?.gross, change?.net, change?.percent] : []),
    ...(compared_days ? [per_day?.net, per_day?.previous_net, per_day?.change] : []),
  ]);
  await writeCsv(columns, rows);
}

function writeNotes({ period, compared_period, warnings, hint }: CostAnswer): void {
  const compared = compared_period
    ? `, compared with ${compared_period.start_date} up to ${compared_period.end_date}`
    : "";
  writeNote(`cost from ${period.start_date} up to ${period.end_date} (exclusive)${compared}`);
  for (const warning of warnings) writeNote(warning, "warning", "yellow");
  if (hint !== undefined) writeNote(hint, "hint");
}

/** Tables show the groups past the limit as a line; formats of groups only must not drop them unsaid. */
function noteOther({ other = [] }: CostAnswer): void {
  for (const { groups, net, gross, currency } of other) {
    const sum = `net ${amountText(net)} and gross ${amountText(gross)} ${currency}`;
    writeNote(`${exactNumber(groups)} more groups come to ${sum}; raise --limit to have them.`, "left out", "yellow");
  }
}

function noteErrors({ accounts }: CostAnswer): void {
  for (const { integrated_account_id: id, error } of accounts) {
    if (error !== undefined) writeNote(`${id}: ${error}`, "error", "red");
  }
  if (accounts.every(({ status }) => status === "error")) process.exitCode = 1;
}
