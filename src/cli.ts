#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { describeError } from "./errors.ts";
import { openLog } from "./log.ts";
import { type OpenOptions, openEngine } from "./open.ts";
import { VERSION } from "./version.ts";

const HELP = `
Examples:
  usage-mcp --sandbox                     an MCP server over stdio, with simulated vendors, no keys
  usage-mcp --config accounts.json        the same with your accounts
  usage-mcp demo                          see it answer, in under a minute`;

const program = new Command("usage-mcp")
  .description(
    "What do we use, and what does it cost? One MCP server for usage and cost of Claude, OpenAI Codex, Cursor, Confluent Cloud and Datadog.",
  )
  .version(VERSION)
  .option("--config <file>", "accounts, as JSON (or USAGE_MCP_CONFIG; or the vendors' usual variables)")
  .option("--sandbox", "simulated vendors in place of real ones")
  .addHelpText("after", HELP)
  .exitOverride()
  .showHelpAfterError("(usage-mcp --help shows what there is)");

program
  .command("stdio", { isDefault: true })
  .description("serve MCP over stdin and stdout (the default)")
  .action(async () => {
    const log = await openLog(process.env["USAGE_MCP_LOG"]);
    const [{ serveOverStdio }, { engine }] = await Promise.all([
      import("./fronts/stdio.ts"),
      openEngine(program.opts<OpenOptions>(), process.env, log),
    ]);
    serveOverStdio(engine, log);
  });

/** One sentence on stderr, exit code 1. */
function fail(error: unknown): void {
  process.stderr.write(`usage-mcp: ${describeError(error)}\n`);
  process.exitCode = 1;
}

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else fail(error);
});
