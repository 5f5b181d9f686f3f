#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { describeError } from "./errors.ts";
import { openLog } from "./log.ts";
import { type OpenOptions, openEngine } from "./open.ts";
import { VERSION } from "./version.ts";

const HELP = `
Examples:
  usage-mcp --sandbox                     an MCP server over stdio, with simulated vendors, no keys
  usage-mcp --config accounts.json        the same with your accounts
  usage-mcp --sandbox http                MCP and REST over HTTP, on http://127.0.0.1:3333
  usage-mcp demo                          see it answer, in under a minute
  usage-mcp --sandbox cost --period last_month --group-by provider,product
  usage-mcp usage --help                  the flags of a command, with examples`;

const STDIO_EXAMPLES = `
Examples:
  usage-mcp stdio
  usage-mcp --sandbox stdio
  USAGE_MCP_LOG=debug usage-mcp --config accounts.json stdio`;

const HTTP_EXAMPLES = `
Examples:
  usage-mcp --sandbox http
  usage-mcp --config accounts.json http --host 0.0.0.0 --port 3333`;

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("It is a number from 0 to 65535.");
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,6}(?:\.\d{1,3})?$/.test(text) && seconds > 0) return seconds;
  throw new InvalidArgumentError("It is a number of seconds.");
}

interface Options extends OpenOptions {
  timeout?: number;
}

const program = new Command("usage-mcp")
  .description(
    "What do we use, and what does it cost? One MCP server for usage and cost of Claude, OpenAI Codex, Cursor, Confluent Cloud and Datadog.",
  )
  .version(VERSION)
  .option("--config <file>", "accounts, as JSON (or USAGE_MCP_CONFIG; or the vendors' usual variables)")
  .option("--sandbox", "simulated vendors in place of real ones")
  .option("--timeout <seconds>", "give up on a call after so long (over HTTP: call_seconds in the config)", secondsOf)
  .addHelpText("after", HELP)
  .exitOverride()
  .configureOutput({ outputError: () => {} });

program
  .command("stdio")
  .description("serve MCP over stdin and stdout (the default)")
  .addHelpText("after", STDIO_EXAMPLES)
  .action(async () => {
    const log = await openLog(process.env["USAGE_MCP_LOG"]);
    const { timeout, ...options } = program.opts<Options>();
    const [{ serveOverStdio }, { engine, close }] = await Promise.all([
      import("./fronts/stdio.ts"),
      openEngine(options, process.env, log),
    ]);
    serveOverStdio(engine, log, timeout);
    // The host is gone: what is to be kept is written, then nothing is left that keeps the process.
    process.stdin.once("end", () => void close());
  });

program
  .command("http")
  .description("serve MCP (/mcp) and the unified REST endpoint (/unified/usage-metering/usage) over HTTP")
  .option("--host <address>", "address to listen on; one beyond this machine needs tokens in the config", "127.0.0.1")
  .option("--port <number>", "port; 0 takes a free one", portOf, 3333)
  .addHelpText("after", HTTP_EXAMPLES)
  .action(async (options: { host: string; port: number }) => {
    const { timeout, ...open } = program.opts<Options>();
    if (timeout !== undefined)
      throw new InvalidArgumentError("--timeout is not for http: set http.limits.call_seconds in the config.");
    const { runHttp } = await import("./fronts/http/command.ts");
    await runHttp({ ...open, ...options });
  });

/** Commands that serve; they start without reading anything of the terminal. */
const SERVERS = ["stdio", "http"];
const HELPED = ["commander.helpDisplayed", "commander.help", "commander.version"];

async function main(args: string[]): Promise<void> {
  const { operands, unknown } = program.parseOptions(args);
  const bare = operands.length === 0 && unknown.length === 0;
  const [command = bare ? "stdio" : ""] = operands;
  if (!SERVERS.includes(command)) {
    const { addTerminalCommands } = await import("./fronts/terminal/commands.ts");
    addTerminalCommands(program);
  }
  await program.parseAsync(bare ? ["stdio", ...args] : args, { from: "user" });
}

/** One sentence on stderr, exit code 1. */
async function fail(error: unknown): Promise<void> {
  const [{ plainText }, log] = await Promise.all([
    import("./fronts/terminal/plain-text.ts"),
    openLog(process.env["USAGE_MCP_LOG"]),
  ]);
  log.debug({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "command failed");
  process.stderr.write(`usage-mcp: ${plainText(messageOf(error))}\n`);
  process.exitCode = 1;
}

function messageOf(error: unknown): string {
  if (!(error instanceof CommanderError)) return describeError(error);
  // "error: unknown option '--limt'\n(Did you mean --limit?)"
  const [what = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = more.join(" ").replace(/^\((.*)\)$/, " $1");
  const command = program.commands.map((known) => known.name()).find((name) => name === program.args[0]);
  const help = ["usage-mcp", ...(command === undefined ? [] : [command]), "--help"].join(" ");
  return `${what.replace(/\.$/, "")}.${suggestion} See ${help}.`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  // Help and version are answers; help for a command that there isn't has been written, to stderr.
  if (!(error instanceof CommanderError) || !HELPED.includes(error.code)) return fail(error);
  process.exitCode = error.exitCode;
  return undefined;
});
