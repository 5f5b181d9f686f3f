import type { Command } from "commander";
import { chosenFormat, writeCsv, writeJson, writeLines } from "./format.ts";
import { terminalWidth, writeData } from "./output.ts";
import { withSession } from "./session.ts";
import { type Column, textTable } from "./text-table.ts";

/** `usage-mcp accounts`: which accounts there are, and the reports each serves. */
export async function runAccounts(command: Command): Promise<void> {
  const format = chosenFormat(command);
  await withSession(command, async ({ engine }) => {
    const accounts = await engine.listAccounts();
    if (format === "json") await writeJson({ accounts });
    else if (format === "ndjson") await writeLines(accounts);
    else if (format === "csv") await writeAccounts(accounts);
    else await writeData(textTable(accountListColumns(accounts), terminalWidth()));
  });
}

/** An account as an answer lists it. */
interface ListedAccount {
  integrated_account_id: string;
  provider: string;
  name: string;
  report_types: readonly string[];
  default_report_type?: string | undefined;
}

/** The accounts as a table. */
export function accountListColumns(accounts: readonly ListedAccount[]): Column[] {
  return [
    { heading: "account", cells: accounts.map(({ integrated_account_id: id }) => id) },
    { heading: "provider", cells: accounts.map(({ provider }) => provider) },
    { heading: "name", cells: accounts.map(({ name }) => name) },
    { heading: "reports (* is the default)", cells: accounts.map(reports) },
  ];
}

function reports({ report_types, default_report_type }: ListedAccount): string {
  if (report_types.length === 0) return "not served by this version";
  return report_types.map((type) => (type === default_report_type ? `${type}*` : type)).join(", ");
}

async function writeAccounts(accounts: readonly ListedAccount[]): Promise<void> {
  const rows = accounts.map(({ integrated_account_id, provider, name, report_types, default_report_type }) => [
    integrated_account_id,
    provider,
    name,
    report_types.join(" "),
    default_report_type,
  ]);
  await writeCsv(["integrated_account_id", "provider", "name", "report_types", "default_report_type"], rows);
}
