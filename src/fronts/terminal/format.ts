import { type Command, Option } from "commander";
import { type Cell, csvText } from "./csv.ts";
import { writeData } from "./output.ts";
import { jsonText } from "./plain-text.ts";

const FORMATS = ["table", "json", "ndjson", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** `-o table|json|ndjson|csv`, or those of them that a command has; the first is the default. */
export function addFormatFlag(command: Command, formats: readonly Format[] = FORMATS): void {
  command.addOption(
    new Option("-o, --output <format>", "how to write the answer").choices(formats).default(formats[0]),
  );
}

/** The format that was chosen, which commander checked. */
export function chosenFormat(command: Command): Format {
  const chosen: unknown = command.getOptionValue("output");
  return FORMATS.find((format) => format === chosen) ?? "table";
}

/** The whole answer, as one indented JSON document. */
export async function writeJson(answer: unknown): Promise<void> {
  await writeData(`${jsonText(answer, 2)}\n`);
}

/** One JSON document a line. */
export async function writeLines(items: readonly unknown[]): Promise<void> {
  if (items.length > 0) await writeData(items.map((item) => `${jsonText(item)}\n`).join(""));
}

/** CSV with its header line, or further lines of one whose header is out already. */
export async function writeCsv(columns: readonly string[] | undefined, rows: readonly Cell[][]): Promise<void> {
  const lines = columns ? [columns, ...rows] : rows;
  if (lines.length > 0) await writeData(csvText(lines));
}
