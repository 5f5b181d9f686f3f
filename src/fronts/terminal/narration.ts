import { styled, writeData } from "./output.ts";
import { plainText } from "./plain-text.ts";
import { type Column, fittingColumns, textTable } from "./text-table.ts";

const WIDTH = 100;

/** The demo's voice: headings, paragraphs, calls and tables, none wider than 100 columns or the terminal. */
export class Narration {
  readonly width = Math.min(WIDTH, process.stdout.isTTY ? process.stdout.columns : WIDTH);

  async heading(text: string): Promise<void> {
    await writeData(
      `\n${styled("bold", `${text} ${"─".repeat(Math.max(0, this.width - text.length - 1))}`, process.stdout)}\n\n`,
    );
  }

  async say(text: string): Promise<void> {
    await writeData(`${wrapped(text, this.width, "").join("\n")}\n\n`);
  }

  /** A call as an agent writes it: the tool's name and its arguments. */
  async call(tool: string, args: Readonly<Record<string, unknown>>): Promise<void> {
    const json = JSON.stringify(args, undefined, 1).replace(/\n\s*/g, " ");
    const lines = wrapped(`${tool} ${json}`, this.width - 4, "  ");
    await writeData(
      `${lines.map((line, index) => styled("cyan", `  ${index === 0 ? "> " : "  "}${line}`, process.stdout)).join("\n")}\n\n`,
    );
  }

  /** A table; optional columns that don't fit are left out. */
  async table(columns: readonly Column[]): Promise<void> {
    const width = this.width - 2;
    await this.block(textTable(fittingColumns(columns, width).columns, width));
  }

  /** Lines as they are, indented. */
  async block(text: string): Promise<void> {
    await writeData(`${text.replace(/\n$/, "").replace(/^(?=.)/gm, "  ")}\n\n`);
  }

  /** An error as an agent reads it. */
  async refusal(text: string): Promise<void> {
    const lines = wrapped(text, this.width - 4, "");
    await writeData(`${lines.map((line) => styled("yellow", `  ! ${line}`, process.stdout)).join("\n")}\n\n`);
  }
}

/** Text in lines of at most `width`; a word that is longer is cut. Lines after the first begin with `indent`. */
function wrapped(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of plainText(text).split(" ")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (joined.length <= width) line = joined;
    else {
      if (line.trim() !== "") lines.push(line);
      line = `${indent}${word}`;
    }
    for (; line.length > width; line = `${indent}${line.slice(width)}`) lines.push(line.slice(0, width));
  }
  return [...lines, line];
}
