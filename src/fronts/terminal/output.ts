import { once } from "node:events";
import { styleText } from "node:util";
import { plainText } from "./plain-text.ts";

type Style = Parameters<typeof styleText>[0];

/** Writes data to stdout, waiting while the reader is slower than we are. */
export async function writeData(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Writes a line beside the data, to stderr; `label` says what it is (warning, next page). */
export function writeNote(text: string, label?: string, style: Style = "dim"): void {
  const head = label === undefined ? "" : styled(style, `${label}: `, process.stderr);
  process.stderr.write(`${head}${plainText(text)}\n`);
}

/** An answer that was just given needs no date. */
const JUST_NOW = 60_000;

/** Says how old the data is, where it is not of now. */
export function noteAge(dataAsOf: string | undefined, now: number): void {
  if (dataAsOf !== undefined && now - Date.parse(dataAsOf) > JUST_NOW)
    writeNote(`${dataAsOf}; --fresh asks the vendors again`, "data as of");
}

/** Says which columns a terminal was too narrow for. */
export function noteLeftOut(headings: readonly string[]): void {
  if (headings.length > 0) writeNote(`${headings.join(", ")} (-o json shows them)`, "no room for");
}

/** A reader that has seen enough (`| head -1`) closes the pipe; that is no fault. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: Error & { code?: string }) => {
      if (error.code === "EPIPE") process.exit();
      throw error;
    });
  }
}

/** Styled on a terminal that wants colours; plain anywhere else. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream): string {
  const wanted = stream.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  return wanted ? styleText(style, text, { validateStream: false }) : text;
}

/** Columns of the terminal that stdout is; undefined when it is a file or a pipe, which have no width. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}
