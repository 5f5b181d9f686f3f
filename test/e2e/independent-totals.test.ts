import { encode } from "gpt-tokenizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { startSandbox } from "../../src/sandbox/server.ts";
import { connectModern, type Host, NOW } from "./hosts.ts";

const confluentPage = z.looseObject({
  data: z.array(z.looseObject({ amount: z.number(), original_amount: z.number(), line_type: z.string() })),
  metadata: z.looseObject({ next: z.string().optional() }),
});
const datadogMonths = z.looseObject({
  data: z.array(
    z.looseObject({
      attributes: z.looseObject({
        charges: z.array(z.looseObject({ product_name: z.string(), charge_type: z.string(), cost: z.number() })),
      }),
    }),
  ),
});
const summary = z.looseObject({
  totals: z.array(z.looseObject({ currency: z.string(), net: z.number(), gross: z.number() })),
  groups: z.array(z.looseObject({ key: z.record(z.string(), z.string()), net: z.number() })),
});

/** Micro-dollars of a JSON number with at most six decimals, by its digits. */
function micros(value: number): bigint {
  const [whole = "0", fraction = ""] = String(Math.abs(value)).split(".");
  return (value < 0 ? -1n : 1n) * (BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, "0")));
}

const sum = (values: readonly bigint[]) => values.reduce((all, value) => all + value, 0n);

describe("October's totals, against a separate sum over what the vendors send", () => {
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  let host: Host;
  beforeAll(async () => {
    sandbox = await startSandbox({ now: () => new Date(NOW) });
    host = await connectModern(["--sandbox"]);
  });
  afterAll(async () => {
    await Promise.all([sandbox.close(), host.close()]);
  });

  function account(provider: string): { base: string; credentials: Record<string, string> } {
    const found = sandbox.accounts.find((candidate) => candidate.provider === provider);
    if (!found) throw new Error(`no ${provider} in the sandbox`);
    return { base: found.base_url, credentials: { ...found.credentials } };
  }

  async function confluentLines() {
    const { base, credentials } = account("confluent");
    const authorization = `Basic ${Buffer.from(`${credentials["api_key"]}:${credentials["api_secret"]}`).toString("base64")}`;
    const lines: z.infer<typeof confluentPage>["data"] = [];
    for (let token: string | null = ""; token !== null; ) {
      const url: string = `${base}/billing/v1/costs?start_date=2026-10-01&end_date=2026-11-01&page_size=500${token && `&page_token=${token}`}`;
      const page = confluentPage.parse(await (await fetch(url, { headers: { authorization } })).json());
      lines.push(...page.data);
      token = page.metadata.next ? new URL(page.metadata.next).searchParams.get("page_token") : null;
    }
    return lines;
  }

  async function datadogTotals(): Promise<bigint> {
    const { base, credentials } = account("datadog");
    const headers = {
      "dd-api-key": credentials["api_key"] ?? "",
      "dd-application-key": credentials["application_key"] ?? "",
    };
    const url = `${base}/api/v2/usage/historical_cost?start_month=2026-10&end_month=2026-10&view=sub-org`;
    const { data } = datadogMonths.parse(await (await fetch(url, { headers })).json());
    return sum(
      data.flatMap(({ attributes: { charges } }) =>
        [...new Set(charges.map(({ product_name }) => product_name))].map((product) => {
          const own = charges.filter(({ product_name }) => product_name === product);
          const totals = own.filter(({ charge_type }) => charge_type === "total");
          return sum((totals.length > 0 ? totals : own).map(({ cost }) => micros(cost)));
        }),
      ),
    );
  }

  it("is the same to the last digit, however it is grouped", async () => {
    const lines = await confluentLines();
    const confluentNet = sum(lines.map(({ amount }) => micros(amount)));
    const credits = lines.filter(({ line_type }) => line_type === "PROMO_CREDIT");
    const confluentGross = sum(
      lines.filter((line) => !credits.includes(line)).map((line) => micros(line.original_amount)),
    );
    const datadog = await datadogTotals();
    expect(lines.length).toBeGreaterThan(1000);
    expect(credits.length).toBeGreaterThan(0);
    for (const group_by of [
      ["provider"],
      ["product", "day"],
      ["charge_type", "organization"],
      ["user"],
      ["month", "resource"],
    ]) {
      const { structured } = await host.call("get_cost_summary", {
        period: "2026-10",
        providers: ["confluent", "datadog"],
        group_by,
        limit: 1000,
      });
      const { totals, groups } = summary.parse(structured);
      expect(totals.map(({ net, gross }) => [micros(net), micros(gross)])).toEqual([
        [confluentNet + datadog, confluentGross + datadog],
      ]);
      expect(sum(groups.map(({ net }) => micros(net)))).toBe(confluentNet + datadog);
    }
  });

  it("fits an agent's context: a page of rows, a summary and a description each stay under 8,000 tokens", async () => {
    const calls: [string, Record<string, unknown>][] = [
      ["list_usage", { integrated_account_id: "confluent", start_date: "2026-10-01", limit: 1000 }],
      [
        "list_usage",
        { integrated_account_id: "datadog", start_date: "2026-08-01", end_date: "2026-10-31", limit: 1000 },
      ],
      [
        "get_cost_summary",
        { period: "2026-10", group_by: ["provider", "product", "resource"], compare_to: "previous_period" },
      ],
      ["describe_supported_params", {}],
      ["get_cost_summary", { period: "2026-10", group_by: ["user", "model"], compare_to: "previous_period" }],
      ["describe_supported_params", { provider: "confluent" }],
      ["describe_supported_params", { provider: "claude" }],
      ["describe_supported_params", { provider: "openai_codex" }],
      ["describe_supported_params", { provider: "cursor" }],
    ];
    for (const [tool, args] of calls) {
      const { text, isError } = await host.call(tool, args);
      expect(isError, text).toBe(false);
      expect(encode(text).length, `${tool} ${JSON.stringify(args)}`).toBeLessThan(8000);
    }
    const { text } = await host.call("list_usage", {
      integrated_account_id: "confluent",
      start_date: "2026-10-01",
      truto_response_format: "stream",
    });
    expect(encode(text).length).toBeGreaterThan(8000);
    expect(encode(text).length).toBeLessThan(20_000);
  });
});
