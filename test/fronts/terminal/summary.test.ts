import { describe, expect, it } from "vitest";
import * as z from "zod";
import { linesOf, run } from "./command-line.ts";

const AT = { USAGE_MCP_SANDBOX_NOW: "2026-11-23T09:00:00Z" };

describe("usage-mcp summary", () => {
  it("writes sums and ratios to stdout, with their total, and what must be known to stderr", async () => {
    const args = ["--period", "last_month", "--metrics", "tokens.total,users", "--ratios", "cost_per_user"];
    const { code, stdout, stderr } = await run(["--sandbox", "summary", "-a", "claude", ...args], AT);
    expect(code).toBe(0);
    const lines = linesOf(stdout).map((line) => line.trim().split(/\s{2,}/));
    expect(lines[0]).toEqual(["provider", "tokens.total", "users", "cost_per_user"]);
    // 5,494.17675922 for 37 people, as the questions work them out.
    expect(lines.slice(2)).toEqual([
      ["claude", "3,460,924,052", "37", "148.491264"],
      ["total", "3,460,924,052", "37", "148.491264"],
    ]);
    expect(stderr).toContain("usage from 2026-10-01T00:00:00Z up to 2026-11-01T00:00:00Z");
  });

  it("writes CSV with each ratio's numerator and denominator", async () => {
    const args = ["--period", "2026-10", "--ratios", "cache_hit_share", "--group-by", "provider", "-o", "csv"];
    const { stdout } = await run(["--sandbox", "summary", "-a", "claude", ...args], AT);
    const [head = "", row = ""] = linesOf(stdout);
    expect(head).toBe(
      "provider,provider.name,cache_hit_share,cache_hit_share.numerator,cache_hit_share.denominator,cache_hit_share.currency",
    );
    const [provider, , value, numerator, denominator] = row.split(",");
    expect(provider).toBe("claude");
    expect(Number(value)).toBeCloseTo(Number(numerator) / Number(denominator), 9);
  });

  it("refuses what can't be added, in a sentence", async () => {
    const { code, stdout, stderr } = await run(["--sandbox", "summary", "--metrics", "conversations.distinct"], AT);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("add day to");
  });
});

const change = z.looseObject({ change: z.looseObject({ net: z.number() }), effects: z.record(z.string(), z.number()) });

describe("usage-mcp explain", () => {
  it("writes what the change is made of, part by part, and in all", async () => {
    const { code, stdout, stderr } = await run(["--sandbox", "explain", "-a", "confluent", "--limit", "3"], AT);
    expect(code).toBe(0);
    const [head = ""] = linesOf(stdout);
    expect(head).toMatch(/^provider +product +before +now +change +change % +of the change +volume +price/);
    expect(stdout).toMatch(/\(\d+ more groups\)/);
    expect(stdout).toMatch(/^USD +/m);
    expect(stderr).toContain("compared with 2026-09-01T00:00:00Z up to 2026-10-01T00:00:00Z");
    expect(stderr).toContain("has 31 days and the compared one 30");
  });

  it("writes lines of JSON whose effects add up", async () => {
    const { stdout } = await run(["--sandbox", "explain", "-a", "confluent", "-o", "ndjson"], AT);
    const groups = linesOf(stdout).map((line) => change.parse(JSON.parse(line)));
    expect(groups.length).toBeGreaterThan(3);
    for (const { change: own, effects } of groups)
      expect(Object.values(effects).reduce((sum, effect) => sum + effect, 0)).toBeCloseTo(own.net, 8);
  });
});
