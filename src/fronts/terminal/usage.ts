import type { Command } from "commander";
import { checkQuery } from "../../engine/check-query.ts";
import type { ListAnswer } from "../../engine/list-answer.ts";
import type { OpenOptions } from "../../open.ts";
import { querySchema } from "../../usage/query.ts";
import { type Arguments, givenArguments } from "./flags.ts";
import { flatItems, flatRow, ROW_COLUMNS } from "./flat-row.ts";
import { chosenFormat, type Format, writeCsv, writeJson, writeLines } from "./format.ts";
import { nextCommand } from "./next-command.ts";
import { exactNumber } from "./numbers.ts";
import { noteAge, noteLeftOut, terminalWidth, writeData, writeNote } from "./output.ts";
import { rowColumns } from "./row-columns.ts";
import { type Session, withSession } from "./session.ts";
import { type Column, fittingColumns, textTable } from "./text-table.ts";

type Item = Record<string, unknown>;

/** `usage-mcp usage`: rows of one account to stdout, all that is said about them to stderr. */
export async function runUsage(command: Command): Promise<void> {
  const args = givenArguments(command, querySchema);
  const format = chosenFormat(command);
  await withSession(command, async (session) => {
    let last: ListAnswer | undefined;
    if (format === "ndjson" || format === "csv") {
      for await (const answer of answers(session, args)) {
        await writeRows(answer, format, args, last === undefined);
        // What is written is let go: a stream may be longer than memory.
        const written = { ...answer, result: [] };
        last = last ? joined(last, written) : written;
      }
    } else {
      for await (const answer of answers(session, args)) last = last ? joined(last, answer) : answer;
      if (last && format === "json") await writeJson(last);
      else if (last) await writeTable(last, args);
    }
    if (last && format !== "json") {
      noteAge(last.data_as_of, session.engine.clock());
      writeNotes(last, format, args, command.optsWithGlobals<OpenOptions>());
    }
  });
}

/** One page; of a stream every page, each asked for when the one before is written. */
async function* answers({ engine, ask }: Session, args: Arguments): AsyncGenerator<ListAnswer> {
  let query = checkQuery(querySchema, args);
  for (;;) {
    const answer = await ask((call) =>
      engine.listUsage(query, call, { budget: Number.POSITIVE_INFINITY, withRemoteData: false }),
    );
    yield answer;
    if (query.truto_response_format !== "stream" || answer.next_cursor === null) return;
    const { page: _, next_cursor: __, ...rest } = query;
    query = { ...rest, cursor: answer.next_cursor };
  }
}

/** Two pages of a stream as one answer. */
function joined(first: ListAnswer, second: ListAnswer): ListAnswer {
  const { hint: _, ...rest } = second;
  return {
    ...rest,
    result:
      Array.isArray(first.result) && Array.isArray(second.result)
        ? [...first.result, ...second.result]
        : { ...first.result, ...second.result },
    result_count: first.result_count + second.result_count,
    is_partial_response: first.is_partial_response || second.is_partial_response,
    ...earlier(first.data_as_of, second.data_as_of),
    warnings: [...new Set([...first.warnings, ...second.warnings])],
  };
}

function earlier(one: string | undefined, other: string | undefined): Pick<ListAnswer, "data_as_of"> {
  const [first] = [one, other].filter((at) => at !== undefined).sort();
  return first === undefined ? {} : { data_as_of: first };
}

/** Keyed or not, the rows are the members. */
function rowsOf({ result }: ListAnswer): Item[] {
  return Array.isArray(result) ? result : Object.values(result);
}

/** The raw and normalized formats have fields of their own; all others hold unified rows. */
function isUnified(args: Arguments): boolean {
  return args["truto_response_format"] !== "raw" && args["truto_response_format"] !== "normalized";
}

async function writeRows(answer: ListAnswer, format: "ndjson" | "csv", args: Arguments, first: boolean): Promise<void> {
  const rows = rowsOf(answer);
  if (format === "ndjson") return writeLines(rows);
  if (!isUnified(args)) {
    const { columns, rows: cells } = flatItems(rows);
    return writeCsv(columns.length > 0 ? columns : undefined, cells);
  }
  const remote = args["truto_ignore_remote_data"] === false;
  const columns = remote ? [...ROW_COLUMNS, "remote_data"] : ROW_COLUMNS;
  const cells = rows.map((row) => (remote ? [...flatRow(row), JSON.stringify(row["remote_data"])] : flatRow(row)));
  return writeCsv(first ? columns : undefined, cells);
}

async function writeTable(answer: ListAnswer, args: Arguments): Promise<void> {
  const width = terminalWidth();
  const rows = rowsOf(answer);
  const { columns, zero } = isUnified(args) ? rowColumns(rows) : { columns: itemColumns(rows), zero: [] };
  const fitting = fittingColumns(columns, width);
  await writeData(textTable(fitting.columns, width));
  if (zero.length > 0) writeNote(`${zero.join(", ")} (-o csv shows them)`, "all zero, not shown");
  noteLeftOut(fitting.left);
}

function itemColumns(items: readonly Item[]): Column[] {
  const { columns, rows } = flatItems(items);
  return columns.map((heading, index) => {
    const cells = rows.map((row) => row[index]);
    return {
      heading,
      cells: cells.map((value) =>
        typeof value === "number" ? exactNumber(value) : value === undefined ? "" : String(value),
      ),
      numeric: cells.every((value) => value === undefined || typeof value === "number"),
    };
  });
}

function writeNotes(answer: ListAnswer, format: Format, args: Arguments, options: OpenOptions): void {
  const { period, result_count, integrated_account_id, report_type } = answer;
  const rows = result_count === 1 ? "1 row" : `${exactNumber(result_count)} rows`;
  writeNote(
    `${rows} of ${integrated_account_id}, report ${report_type}, ${period.start_date} up to ${period.end_date} (exclusive)`,
  );
  for (const warning of answer.warnings) writeNote(warning, "warning", "yellow");
  if (answer.hint !== undefined) writeNote(answer.hint, "hint");
  const unseen = [
    ...(answer.entities ? ["entities"] : []),
    ...(answer.debug ? ["debug"] : []),
    ...(format === "table" && args["truto_ignore_remote_data"] === false ? ["remote_data"] : []),
  ];
  if (unseen.length > 0) writeNote(`${unseen.join(", ")}; -o json does`, "not in this format");
  if (answer.next_cursor !== null) writeNote(nextCommand(options, args, format, answer.next_cursor), "next page");
}
