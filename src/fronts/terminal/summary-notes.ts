import { noteAge, noteLeftOut, terminalWidth, writeData, writeNote } from "./output.ts";
import type { Said } from "./summary-answers.ts";
import { type Column, fittingColumns, textTable } from "./text-table.ts";

/** Tables one under the other; those without columns are left out. */
export async function writeTables(tables: readonly Column[][]): Promise<void> {
  const width = terminalWidth();
  const fitting = tables.filter((columns) => columns.length > 0).map((columns) => fittingColumns(columns, width));
  await writeData(fitting.map(({ columns }) => textTable(columns, width)).join("\n"));
  noteLeftOut(fitting.flatMap(({ left }) => left));
}

/** What a reader must know of a summary, to stderr. Exit code 1 when no account answered. */
export function writeSaid(said: Said, what: string, now: number, isWhole: boolean): void {
  const { period, compared_period, data_as_of, warnings, hint, accounts } = said;
  if (!isWhole) {
    noteAge(data_as_of, now);
    const compared = compared_period
      ? `, compared with ${compared_period.start_date} up to ${compared_period.end_date}`
      : "";
    writeNote(`${what} from ${period.start_date} up to ${period.end_date} (exclusive)${compared}`);
    for (const warning of warnings) writeNote(warning, "warning", "yellow");
    if (hint !== undefined) writeNote(hint, "hint");
  }
  for (const { integrated_account_id: id, error } of accounts)
    if (error !== undefined) writeNote(`${id}: ${error}`, "error", "red");
  if (accounts.every(({ status }) => status === "error")) process.exitCode = 1;
}

/** `Kafka (KAFKA)`: what people call it and what filters take; one of them where they are the same word. */
export function named(
  { key, names }: { key: Readonly<Record<string, string>>; names?: Readonly<Record<string, string>> | undefined },
  dimension: string,
): string {
  const id = key[dimension] ?? "";
  const name = names?.[dimension];
  if (name === undefined) return id;
  const letters = (text: string) => text.toLowerCase().replace(/[\s_-]/g, "");
  return letters(name) === letters(id) ? id : `${name} (${id})`;
}
