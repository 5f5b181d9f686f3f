import type { Command } from "commander";
import { describeSupportedParams } from "../../tools/describe-supported-params.ts";
import { cellOf, type DescribedProvider, type DescribedReport, described, describedLines } from "./described.ts";
import { type Arguments, givenArguments } from "./flags.ts";
import { chosenFormat, writeCsv, writeJson, writeLines } from "./format.ts";
import { styled, terminalWidth, writeData, writeNote } from "./output.ts";
import { plainText } from "./plain-text.ts";
import { type Session, withSession } from "./session.ts";
import { type Column, filledColumns, textTable } from "./text-table.ts";

/** `usage-mcp describe`: an overview of all providers, or the parameter matrix of one. */
export async function runDescribe(command: Command): Promise<void> {
  const args = givenArguments(command, describeSupportedParams.input);
  const format = chosenFormat(command);
  await withSession(command, async (session) => {
    if (format === "json") return writeJson(await describe(session, args));
    if (format === "table") return writeOverviewOrDetails(await describe(session, args));
    const lines = describedLines(await details(session, args));
    if (format === "ndjson") return writeLines(lines);
    const columns = ["provider", "report_type", "parameter", "support", "note", "page"];
    const rows = lines.map(({ provider, report_type, parameter, support, note, page }) => [
      ...[provider, report_type, parameter, support],
      ...[note, page],
    ]);
    return writeCsv(columns, rows);
  });
}

function describe({ engine, ask }: Session, args: Arguments): Promise<Record<string, unknown>> {
  return ask((call) => describeSupportedParams.run(engine, args, call));
}

/** The matrix is of one provider; without one, that of each. */
async function details(session: Session, args: Arguments): Promise<DescribedProvider[]> {
  const { providers } = described.parse(await describe(session, args));
  if (Object.keys(args).length > 0) return providers;
  const each = await Promise.all(providers.map(({ provider }) => describe(session, { provider })));
  return each.flatMap((answer) => described.parse(answer).providers);
}

async function writeOverviewOrDetails(answer: Record<string, unknown>): Promise<void> {
  const { providers, request_params } = described.parse(answer);
  const width = terminalWidth();
  const detailed = providers.some(({ params }) => params !== undefined);
  if (detailed) {
    await writeData(providers.map((provider) => detailText(provider, request_params, width)).join("\n"));
    return;
  }
  await writeData(textTable(overviewColumns(providers), width));
  writeNote("usage-mcp describe --provider NAME shows what each parameter does there", "more");
}

function overviewColumns(providers: readonly DescribedProvider[]): Column[] {
  const reports = providers.flatMap((provider) => provider.reports.map((report) => ({ provider, report })));
  return filledColumns([
    { heading: "provider", cells: reports.map(({ provider }) => provider.provider) },
    { heading: "report", cells: reports.map(({ report }) => report.report_type) },
    { heading: "what it holds", cells: reports.map(({ report }) => report.description) },
    { heading: "group_by", cells: reports.map(({ report }) => report.group_by.join(", ")) },
    { heading: "accounts", cells: reports.map(({ provider }) => provider.integrated_account_ids.join(", ")) },
  ]);
}

function detailText(provider: DescribedProvider, everywhere: readonly string[], width: number | undefined): string {
  const { reports, default_report_type: usual, unavailable_reports: refused } = provider;
  const title = styled("bold", `${provider.provider}: ${plainText(provider.availability)}`, process.stdout);
  const facts = [
    ["accounts", provider.integrated_account_ids.join(", ") || "none configured"],
    [
      "default report",
      usual.plain === usual.with_dates ? usual.plain : `${usual.plain}, with dates ${usual.with_dates}`,
    ],
    ["taken by every report", everywhere.join(", ")],
    ...reports.flatMap((report) => factsOf(report)),
    ...Object.entries(refused).map(([report, why]) => [`no ${report}`, why]),
  ];
  return [
    `${title}\n`,
    textTable(matrixColumns(provider), width),
    textTable(filledColumns(noteColumns(provider)), width),
    textTable(
      [
        { heading: "also", cells: facts.map(([name = ""]) => name) },
        { heading: "", cells: facts.map(([, fact = ""]) => fact) },
      ],
      width,
    ),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function factsOf({ report_type, description, group_by, sort_by = [], granularity = [], fields = [] }: DescribedReport) {
  return [
    [report_type, description],
    [`${report_type} group_by`, group_by.join(", ")],
    [`${report_type} sort_by`, sort_by.join(", ")],
    [`${report_type} granularity`, granularity.join(", ")],
    [`${report_type} fields`, fields.join(", ")],
  ].filter(([, fact]) => fact !== "");
}

/** A line for each parameter, a column for each report. */
function matrixColumns({ reports, params = {} }: DescribedProvider): Column[] {
  return [
    { heading: "parameter", cells: Object.keys(params) },
    ...reports.map(({ report_type }) => ({
      heading: report_type,
      cells: Object.values(params).map((param) => cellOf(param, report_type).support),
    })),
  ];
}

/** Each note once, with the reports it is true of where it is not true of all. */
function noteColumns({ reports, params = {} }: DescribedProvider): Column[] {
  const lines = Object.entries(params).flatMap(([name, param]) => {
    const notes = new Map<string, string[]>();
    for (const { report_type } of reports) {
      const { note } = cellOf(param, report_type);
      if (note !== undefined) notes.set(note, [...(notes.get(note) ?? []), report_type]);
    }
    const own = [...notes].map(([note, of]) => ({ name, note, of: of.length === reports.length ? "" : of.join(", ") }));
    return param.page === undefined ? own : [...own, { name, note: `"${param.page}"`, of: "" }];
  });
  return [
    { heading: "parameter", cells: lines.map(({ name }) => name) },
    { heading: "report", cells: lines.map(({ of }) => of) },
    { heading: "note", cells: lines.map(({ note }) => note) },
  ];
}
