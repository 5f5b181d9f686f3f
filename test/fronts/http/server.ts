import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CLI, NOW } from "../../e2e/hosts.ts";

/** The built server, as a company starts it. */
export interface BuiltServer {
  url: string;
  process: ChildProcess;
  /** What it wrote to stderr so far. */
  log(): string;
  /** What it wrote to stdout so far: nothing, if all is well. */
  output(): string;
  /** Asks it to end and waits; gives its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export function sha256(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

export function writeConfig(config: unknown): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "usage-mcp-")), "accounts.json");
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** Starts `usage-mcp http` on a free port and waits until it listens. */
export async function startBuilt(
  args: readonly string[],
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<BuiltServer> {
  const child = spawn(process.execPath, [CLI, ...args, "http", "--port", "0", ...flags], {
    env: { PATH: process.env["PATH"] ?? "", USAGE_MCP_SANDBOX_NOW: NOW, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += String(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr?.on("data", (chunk) => {
      text += String(chunk);
      const [, address] = /usage-mcp listens on (\S+)/.exec(text) ?? [];
      if (address) resolve(address);
    });
    void ended.then((code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  return {
    url,
    process: child,
    log: () => text,
    output: () => output,
    stop: (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
  };
}
