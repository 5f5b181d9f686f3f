import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import * as z from "zod";

const CLI = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));
const NOW = "2026-11-23T09:00:00Z";

/** A folder of the test file's own, in which `usage-mcp` is a command. */
export const FOLDER = mkdtempSync(path.join(tmpdir(), "usage-mcp-terminal-"));
symlinkSync(CLI, path.join(FOLDER, "usage-mcp"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Nothing of the machine's own environment but where programs are. */
const ENVIRONMENT = { PATH: `${FOLDER}${path.delimiter}${process.env["PATH"] ?? ""}`, USAGE_MCP_SANDBOX_NOW: NOW };

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Running {
  env?: Record<string, string>;
  /** Closes stdout when its first data has come, as `head` does. */
  closeEarly?: boolean;
}

function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, closeEarly = false }: Running,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: FOLDER,
      env: { ...ENVIRONMENT, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => {
      out.push(chunk);
      if (closeEarly) child.stdout.destroy();
    });
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString("utf8"), stderr: Buffer.concat(err).toString("utf8") }),
    );
  });
}

/** Runs the built command as it stands on a command line. */
export function run(args: readonly string[], running: Running = {}): Promise<Ended> {
  return runProgram(process.execPath, [CLI, ...args], running);
}

/** Runs it over the simulated vendors, and must succeed. */
export async function answerOf(args: readonly string[], running: Running = {}): Promise<Ended> {
  const ended = await run(["--sandbox", ...args], running);
  if (ended.code !== 0) throw new Error(`${args.join(" ")} ended with ${ended.code}: ${ended.stderr}`);
  return ended;
}

/** Runs a line of a POSIX shell. */
export function shell(line: string): Promise<Ended> {
  return runProgram("sh", ["-c", line], {});
}

/** Writes a config file of one account on a loopback vendor. */
export function writeConfig(accounts: readonly unknown[], name = "accounts.json"): string {
  const file = path.join(FOLDER, name);
  writeFileSync(file, JSON.stringify({ accounts }));
  return file;
}

export type Item = Record<string, unknown>;

export function parseJson(text: string): Item {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

export function parseLines(text: string): Item[] {
  return text.split("\n").filter(Boolean).map(parseJson);
}

export const listAnswer = z.looseObject({
  result: z.array(
    z.looseObject({
      id: z.string(),
      charges: z.array(z.object({ type: z.string(), amount: z.number(), currency: z.string() })),
    }),
  ),
  result_count: z.number(),
  next_cursor: z.string().nullable(),
});

export const costAnswer = z.looseObject({
  totals: z.array(z.looseObject({ currency: z.string(), net: z.number(), gross: z.number() })),
  groups: z.array(
    z.looseObject({ key: z.record(z.string(), z.string()), currency: z.string(), net: z.number(), gross: z.number() }),
  ),
  other: z.array(z.looseObject({ net: z.number() })).optional(),
});

/** CSV as RFC 4180 has it, as one record a line by the header's names. */
export function parseCsv(text: string): Record<string, string>[] {
  const [columns = [], ...records] = csvRecords(text);
  return records.map((record) => {
    if (record.length !== columns.length) throw new Error(`${record.length} cells under ${columns.length} columns`);
    return Object.fromEntries(columns.map((column, index) => [column, record[index] ?? ""]));
  });
}

function csvRecords(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  // A cell, quoted or plain, and what ends it.
  for (const [, quoted, plain = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    if (end === "" && record.length === 0) break;
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    records.push(record);
    record = [];
  }
  return records;
}

/** A table as it is drawn: the line under its headings says where each column stands. */
export function parseTable(text: string): Record<string, string>[] {
  const [heads = "", rule = "", ...lines] = text.split("\n");
  const spans = [...rule.matchAll(/─+/g)].map(({ index, 0: dashes }) => [index, index + dashes.length] as const);
  if (spans.length === 0) throw new Error(`no table: ${text.slice(0, 200)}`);
  const cells = (line: string) => spans.map(([from, to]) => line.slice(from, to).trim());
  const names = cells(heads);
  const end = lines.indexOf("");
  return lines
    .slice(0, end < 0 ? undefined : end)
    .map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index] ?? "", cell])));
}

/** The numeral in a cell for people: without the commas between thousands. */
export function numeral(cell: string | undefined): string {
  return (cell ?? "").replaceAll(",", "");
}

/** The command for the next page, as stderr gives it. */
export function nextCommandIn(stderr: string): string | undefined {
  return /^next page: (.+)$/m.exec(stderr)?.[1];
}
