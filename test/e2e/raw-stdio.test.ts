import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { CLI, NOW } from "./hosts.ts";

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "0" } },
};

/** Writes lines to a server as a host would, one after another, and gathers what it says until `answers` have come. */
function converse(
  lines: readonly string[],
  answers: number,
  env: Record<string, string>,
): Promise<{ stdout: string[]; stderr: string; code: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, "--sandbox"], {
      env: { PATH: process.env["PATH"], USAGE_MCP_SANDBOX_NOW: NOW, ...env },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      if (stdout.split("\n").length - 1 >= answers) child.stdin.end();
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ stdout: stdout.split("\n").filter((line) => line !== ""), stderr, code }));
    for (const line of lines) child.stdin.write(`${line}\n`);
  });
}

describe("the built server, spoken to line by line", () => {
  it("writes protocol only to stdout, debug logging included, and exits when stdin ends", async () => {
    const lines = [
      JSON.stringify(INITIALIZE),
      JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }),
      JSON.stringify({
        jsonrpc: "2.0",
        id: 2,
        method: "tools/call",
        params: { name: "get_cost_summary", arguments: { period: "2026-10" } },
      }),
      JSON.stringify({
        jsonrpc: "2.0",
        id: 3,
        method: "tools/call",
        params: { name: "list_usage", arguments: { integrated_account_id: "nope" } },
      }),
    ];
    const { stdout, stderr, code } = await converse(lines, 3, { USAGE_MCP_LOG: "debug" });
    expect(code).toBe(0);
    expect(stdout.map((line) => JSON.parse(line)).map(({ jsonrpc, id }) => [jsonrpc, id])).toEqual(
      expect.arrayContaining([
        ["2.0", 1],
        ["2.0", 2],
        ["2.0", 3],
      ]),
    );
    expect(stderr).toContain("vendor call");
    for (const line of stderr.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
    expect(stderr).not.toMatch(/sandbox-[a-z]+-(?:api-key|application-key|api-secret)/);
  });

  it("answers what is not JSON-RPC with an error and goes on", async () => {
    const lines = [
      JSON.stringify(INITIALIZE),
      "this is not JSON",
      JSON.stringify({ jsonrpc: "2.0", id: 9, method: "no/such/method" }),
    ];
    const { stdout, code } = await converse(lines, 2, {});
    expect(code).toBe(0);
    expect(stdout.map((line) => JSON.parse(line)).find(({ id }) => id === 9)).toHaveProperty("error.code", -32601);
  });
});
