import { readFileSync } from "node:fs";
import { encode } from "gpt-tokenizer";
import { expect, it } from "vitest";
import * as z from "zod";
import { TOOLS } from "../../src/tools/index.ts";
import type { Host } from "./hosts.ts";

export const page = z.looseObject({
  result: z.array(z.looseObject({ id: z.string() })),
  next_cursor: z.string().nullable(),
  result_count: z.number(),
});
export const accountList = z.looseObject({
  accounts: z.array(z.looseObject({ integrated_account_id: z.string(), report_types: z.array(z.string()) })),
});
/** What a host gets from the sandbox's accounts, whatever its era and however it is connected. */
export function itAnswersAHost(host: () => Host, protocol: string): void {
  it("negotiates its era and is told the order of the tools", () => {
    expect(host().protocol).toBe(protocol);
    expect(host().instructions).toMatch(/list_accounts.*describe_supported_params.*get_cost_summary.*list_usage/s);
  });

  it("lists the tools in the order an agent needs them", async () => {
    const names = (await host().listTools()).map((tool) => tool["name"]);
    expect(names).toEqual([
      "list_accounts",
      "describe_supported_params",
      "get_cost_summary",
      "get_usage_summary",
      "explain_cost_change",
      "forecast_cost",
      "list_usage",
    ]);
  });

  it("shows the tools as the golden tools/list has them", async () => {
    const golden: unknown = JSON.parse(
      readFileSync(new URL("../tools/tools-list.golden.json", import.meta.url), "utf8"),
    );
    expect(await host().listTools()).toEqual(golden);
  });

  it("answers every tool with structured content that its own output schema accepts, and the same as text", async () => {
    const calls: Record<string, Record<string, unknown>> = {
      list_accounts: {},
      describe_supported_params: { provider: "datadog" },
      get_cost_summary: { period: "last_month", group_by: ["provider", "product"], compare_to: "previous_period" },
      get_usage_summary: { period: "last_month", metrics: ["tokens.total", "users"], ratios: ["cost_per_user"] },
      explain_cost_change: { group_by: ["provider", "model"] },
      forecast_cost: { integrated_account_ids: ["openai", "datadog"] },
      list_usage: { integrated_account_id: "confluent", start_date: "2026-10-01", limit: 5 },
    };
    await host().listTools();
    for (const tool of TOOLS) {
      const answer = await host().call(tool.name, calls[tool.name] ?? {});
      expect(answer.isError, answer.text).toBe(false);
      expect(tool.output.safeParse(answer.structured).error, tool.name).toBeUndefined();
      expect(JSON.parse(answer.text)).toEqual(answer.structured);
    }
  });

  it("answers every report of every account, each page within 8,000 tokens", async () => {
    const { accounts } = accountList.parse((await host().call("list_accounts", {})).structured);
    // A client that knows the tools checks every answer against the output schema that it was shown.
    await host().listTools();
    const asked = accounts.flatMap(({ integrated_account_id, report_types }) =>
      report_types.map((report_type) => ({ integrated_account_id, report_type })),
    );
    expect(asked).toHaveLength(36);
    for (const report of asked) {
      const dates = report.integrated_account_id === "datadog" ? [] : [["end_date", "2026-10-15"]];
      const args = { ...report, start_date: "2026-10-01", ...Object.fromEntries(dates), limit: 1000 };
      const answer = await host().call("list_usage", args);
      const what = JSON.stringify(report);
      expect(answer.isError, `${what} ${answer.text}`).toBe(false);
      expect(page.parse(answer.structured).result_count, what).toBeGreaterThan(0);
      expect(encode(answer.text).length, what).toBeLessThan(8000);
    }
  });

  it("follows a cursor to other rows", async () => {
    const args = { integrated_account_id: "datadog", start_date: "2026-09-01", limit: 3 };
    const first = page.parse((await host().call("list_usage", args)).structured);
    const second = page.parse((await host().call("list_usage", { ...args, cursor: first.next_cursor })).structured);
    const named = page.parse((await host().call("list_usage", { ...args, next_cursor: first.next_cursor })).structured);
    expect(first.result_count).toBe(3);
    expect(new Set([...first.result, ...second.result].map(({ id }) => id)).size).toBe(6);
    expect(named.result).toEqual(second.result);
  });

  it("refuses a parameter that the vendor can't serve, as a tool error that names it", async () => {
    const answer = await host().call("list_usage", { integrated_account_id: "datadog", user_ids: ["ada@example.com"] });
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(/^user_ids: datadog does not support it .* It supports .*product_ids/);
  });

  it("refuses an account that there isn't, naming those that there are", async () => {
    const answer = await host().call("list_usage", { integrated_account_id: "datadgo" });
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(/^integrated_account_id: there is no account 'datadgo'.*did you mean 'datadog'/i);
  });

  it("reports progress once a call takes more than a page", async () => {
    const seen: number[] = [];
    const options = { onprogress: ({ progress }: { progress: number }) => seen.push(progress) };
    const args = { integrated_account_ids: ["confluent"], start_date: "2026-06-01", end_date: "2026-11-01" };
    await host().call("get_cost_summary", args, options);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
}
