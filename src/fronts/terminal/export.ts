import type { Command } from "commander";
import type { Call, Engine } from "../../engine/engine.ts";
import type { CostExportRequest, ExportEnd } from "../../engine/export-cost.ts";
import { focusColumns, focusValues } from "../../focus/columns.ts";
import { focusLine } from "../../focus/write.ts";
import { exportSchema, readExport } from "../export-query.ts";
import { givenArguments } from "./flags.ts";
import { chosenFormat, writeCsv } from "./format.ts";
import { exactNumber } from "./numbers.ts";
import { noteAge, writeData, writeNote } from "./output.ts";
import { jsonText } from "./plain-text.ts";
import { withSession } from "./session.ts";

/**
 * `usage-mcp export`: charges to stdout as they arrive, what is said of them to stderr. Exit code 1 when an account failed:
 * what is written is then not all there is.
 */
export async function runExport(command: Command): Promise<void> {
  const args = givenArguments(command, exportSchema);
  const isCsv = chosenFormat(command) === "csv";
  await withSession(command, async ({ engine, ask }) => {
    const request = readExport(engine, args);
    const end = await ask((call) => writeCharges(engine, request, call, isCsv));
    noteAge(end.data_as_of, engine.clock());
    noteEnd(end);
  });
}

async function writeCharges(
  engine: Engine,
  request: CostExportRequest,
  call: Call,
  isCsv: boolean,
): Promise<ExportEnd> {
  const columns = focusColumns(request.version);
  const batches = engine.exportCost(request, call);
  let step = await batches.next();
  if (isCsv) await writeCsv(columns, []);
  // A batch is written, and let go, before the next is asked for.
  for (; !step.done; step = await batches.next()) {
    const rows = step.value.map(focusValues);
    if (isCsv)
      await writeCsv(
        undefined,
        rows.map((row) => row.map((value) => value ?? undefined)),
      );
    else await writeData(rows.map((row) => focusLine(columns, row, jsonText)).join(""));
  }
  return step.value;
}

function noteEnd({ focus, period, result_count, accounts, warnings }: ExportEnd): void {
  const charges = result_count === 1 ? "1 charge" : `${exactNumber(result_count)} charges`;
  writeNote(`${charges} of FOCUS ${focus} from ${period.start_date} up to ${period.end_date} (exclusive)`);
  for (const warning of warnings) writeNote(warning, "warning", "yellow");
  for (const { integrated_account_id: id, error } of accounts) {
    if (error === undefined) continue;
    writeNote(`${id}: ${error}`, "error", "red");
    process.exitCode = 1;
  }
}
