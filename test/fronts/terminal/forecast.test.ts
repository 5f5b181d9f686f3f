import { describe, expect, it } from "vitest";
import { forecastAnswer } from "../../forecast/answers.ts";
import { linesOf, run } from "./command-line.ts";

const FORECAST = ["--sandbox", "forecast", "-a", "openai", "-a", "datadog"];

describe("usage-mcp forecast", () => {
  it("shows accounts and totals as tables, and the same as JSON, NDJSON and CSV", async () => {
    const [table, json, ndjson, csv] = await Promise.all(
      [[], ["-o", "json"], ["-o", "ndjson"], ["-o", "csv"]].map((format) => run([...FORECAST, ...format])),
    );
    expect([table, json, ndjson, csv].map((finished) => finished?.code)).toEqual([0, 0, 0, 0]);
    const { accounts, totals } = forecastAnswer.parse(JSON.parse(json?.stdout ?? ""));
    const [openai, datadog] = accounts;
    const [ofAccounts = "", ofTotals = ""] = table?.stdout.split("\n\n") ?? [];
    expect(linesOf(ofAccounts)[0]).toMatch(
      /^account +status +currency +to date +net +low +high +method +error % +complete to$/,
    );
    expect(ofAccounts).toMatch(
      /^openai +ok +USD +[\d,.]+ +[\d,.]+ +[\d,.]+ +[\d,.]+ +weekday_mean_4w +[\d.]+% +2026-11-19$/m,
    );
    expect(ofAccounts).toMatch(/^datadog +ok +USD +[\d,.]+ +[\d,.]+ +vendor_projection$/m);
    expect(linesOf(ofTotals)[0]).toMatch(/^total +to date +net +low +high +remaining$/);
    expect(ofTotals).toContain(totals[0]?.projection?.net.toLocaleString("en-US", { minimumFractionDigits: 2 }));
    expect(table?.stderr).toContain(
      "net cost of 2026-11-01T00:00:00Z up to 2026-12-01T00:00:00Z (exclusive), projected",
    );
    expect(table?.stderr).toContain("warning: datadog: without a range");
    expect(linesOf(ndjson?.stdout ?? "").map((line) => JSON.parse(line))).toEqual(accounts);
    const [head = "", first = "", second = ""] = linesOf(csv?.stdout ?? "");
    const cell = (line: string, name: string) => line.split(",")[head.split(",").indexOf(name)];
    expect(Number(cell(first, "projection.net"))).toBe(openai?.projection?.net);
    expect(cell(first, "projection.backtest.origins")).toBe("21");
    expect(Number(cell(second, "month_to_date.net"))).toBe(datadog?.month_to_date?.net);
    expect(cell(second, "projection.low")).toBe("");
  });

  it("says what is wrong with an account", async () => {
    const { code, stderr } = await run(["--sandbox", "forecast", "-a", "datadogs"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("Did you mean 'datadog'?");
  });
});
