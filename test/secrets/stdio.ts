import { spawn } from "node:child_process";
import { CLI } from "../e2e/hosts.ts";

/** The built server over stdio, with all that it says: real clients hide stderr. */
export interface Stdio {
  call(name: string, args: Record<string, unknown>): Promise<void>;
  /** Ends it and gives all it said. */
  end(): Promise<{ stdout: string; stderr: string }>;
}

export async function startStdio(args: readonly string[], env: Record<string, string>): Promise<Stdio> {
  const child = spawn(process.execPath, [CLI, ...args, "stdio"], { env: { PATH: process.env["PATH"] ?? "", ...env } });
  const waiting = new Map<number, () => void>();
  let [stdout, stderr, rest, last] = ["", "", "", 0];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) waiting.get(JSON.parse(line).id)?.();
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const ask = (method: string, params: unknown) =>
    new Promise<void>((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
  const clientInfo = { name: "raw", version: "0" };
  await ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
  child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  return {
    call: (name, args) => ask("tools/call", { name, arguments: args, _meta: { progressToken: last } }),
    end: async () => {
      child.stdin.end();
      await ended;
      return { stdout, stderr };
    },
  };
}
