import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command on a fixed day, with nothing of the caller's environment but what is given. */
export function run(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return finished(process.execPath, [CLI, ...args], env);
}

/** Runs a shell line in which `$CLI` is the built command. */
export function shell(line: string): Promise<Finished> {
  return finished("bash", ["-c", line.replaceAll("$CLI", `'${process.execPath}' '${CLI}'`)], {});
}

function finished(command: string, args: readonly string[], env: Record<string, string>): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { PATH: process.env["PATH"] ?? "", USAGE_MCP_SANDBOX_NOW: "2026-11-23T09:00:00Z", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** The lines of a text, without the empty one behind the last. */
export function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}
