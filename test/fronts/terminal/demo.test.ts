import { expect, it } from "vitest";
import { linesOf, run } from "./command-line.ts";

it("usage-mcp demo shows real calls and their answers, no line wider than 100 columns", async () => {
  const { code, stdout, stderr } = await run(["demo"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("MCP 2026-07-28");
  const tools = ["list_accounts", "get_cost_summary", "get_usage_summary", "explain_cost_change", "forecast_cost"];
  for (const tool of [...tools, "list_usage"]) expect(stdout).toContain(`> ${tool} {`);
  expect(stdout).toContain('"cursor": "u2.');
  expect(stdout).toMatch(/! user_ids: datadog does not support it/);
  expect(stdout).toMatch(/Net went from [\d,.]+ to [\d,.]+ USD, [+-][\d,.]+ \(/);
  expect(stdout).toContain('"mcpServers"');
  const wide = linesOf(stdout).filter((line) => line.length > 100);
  // A path can't be broken; nothing else is that long.
  expect(wide.filter((line) => !line.includes("cli.js") && !line.includes('"command"'))).toEqual([]);
});

it("says in a sentence when a call does not answer", async () => {
  const { code, stderr } = await run(["demo"], { USAGE_MCP_SANDBOX_NOW: "not a day" });
  expect(code).toBe(1);
  expect(linesOf(stderr).at(-1)).toMatch(/^usage-mcp: /);
  expect(stderr).not.toContain("    at ");
});
