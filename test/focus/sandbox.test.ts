import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { USUAL_CACHE } from "../../src/cache/config.ts";
import { CLAUDE_ADMIN_KEY } from "../../src/sandbox/claude.ts";
import { SandboxEngine } from "../contract/sandbox-engine.ts";
import { exactSum, exactUnits } from "../usage/exact-sum.ts";
import { type Exported, exported, sums } from "./exported.ts";

let sandbox: SandboxEngine;
let october: Exported;
beforeAll(async () => {
  sandbox = await SandboxEngine.start(
    (accounts) =>
      accounts.flatMap((account) =>
        account.id === "claude"
          ? [
              account,
              { ...account, id: "v2", api: "v2" },
              { ...account, id: "console", credentials: { api_key: CLAUDE_ADMIN_KEY } },
              { ...account, id: "gone", base_url: "http://127.0.0.1:9" },
            ]
          : [account],
      ),
    USUAL_CACHE,
  );
  october = await exported(sandbox.engine, { accounts: accountsOf(...VENDORS) });
}, 30_000);
afterAll(() => sandbox.close());

const VENDORS = ["claude", "openai", "codex", "cursor", "confluent", "datadog"];

function accountsOf(...ids: readonly string[]) {
  return ids.map((id) => sandbox.engine.account(id));
}

/** What get_cost_summary says of the accounts, to the precision of a JSON number. */
async function summary(ids: readonly string[], period: { start: number; end: number }) {
  const { accounts } = await sandbox.engine.summarizeCost(
    { accounts: accountsOf(...ids), period, groupBy: ["provider"], filters: {}, limit: 100 },
    { signal: new AbortController().signal },
  );
  return accounts;
}

describe("October of the sandbox", () => {
  it("adds up to each account's net and gross, worked out before from what the vendors send", () => {
    expect(sums(october.charges, "BilledCost")).toEqual({
      "claude USD": "5494.17675922",
      "openai USD": "3143.531484821178495",
      "codex USD": "2004.3658",
      "cursor USD": "510.9317373",
      "confluent USD": "26177.609258",
      "datadog USD": "18695.361726",
    });
    expect(sums(october.charges, "ListCost")).toEqual({
      "claude USD": "6646.85608958",
      "openai USD": "3143.531484821178495",
      "codex USD": "2004.3658",
      "cursor USD": "832.89059405",
      "confluent USD": "28573.741351",
      "datadog USD": "18695.361726",
    });
    expect(sums(october.charges, "EffectiveCost")).toEqual(sums(october.charges, "BilledCost"));
  });

  it("names each charge once, by its category and row", () => {
    const names = october.charges.map((charge) => `${charge["x_RowId"]} ${charge["ChargeCategory"]}`);
    expect(new Set(names).size).toBe(names.length);
    expect(october.end.result_count).toBe(names.length);
    expect(october.end.accounts.reduce((sum, { charges }) => sum + charges, 0)).toBe(names.length);
  });

  it("names no people, and with include_people those whom the vendors name, at the same cost", async () => {
    expect(october.charges.filter((charge) => Object.values(charge).some((value) => value?.includes("@")))).toEqual([]);
    const ids = ["claude", "v2", "codex"];
    const named = await exported(sandbox.engine, { accounts: accountsOf(...ids), withPeople: true });
    const period = { start: Date.UTC(2026, 9, 13), end: Date.UTC(2026, 9, 15) };
    const cursor = await exported(sandbox.engine, { accounts: accountsOf("cursor"), withPeople: true, period });
    expect(sums(named.charges, "BilledCost")).toEqual({
      "claude USD": "5494.17675922",
      "v2 USD": "5494.17675922",
      "codex USD": "2004.3658",
    });
    for (const id of [...ids, "cursor"]) {
      const charges = id === "cursor" ? cursor.charges : named.charges;
      const people = charges.filter((charge) => charge["x_Account"] === id && charge["Tags"]?.includes("@"));
      expect(people.length, id).toBeGreaterThan(100);
    }
  });

  it("has what a plan includes at its value, for nothing", () => {
    const included = october.charges.filter(
      (charge) => charge["x_Account"] === "cursor" && charge["BilledCost"] === "0" && charge["ListCost"] !== "0",
    );
    const value = exactSum(included.map((charge) => charge["ListCost"] ?? ""));
    expect(value).toBe(exactUnits("832.89059405") - exactUnits("510.9317373"));
  });

  it("tells Claude's kinds of tokens apart, through its newer API too, and the API keys' costs to the cent", async () => {
    const other = await exported(sandbox.engine, { accounts: accountsOf("v2", "console") });
    expect(sums(other.charges, "BilledCost")).toEqual({ "v2 USD": "5494.17675922", "console USD": "437.533822" });
    const kinds = (charges: Exported["charges"], id: string) =>
      new Set(charges.flatMap((charge) => (charge["x_Account"] === id ? [charge["x_TokenType"]] : [])));
    const all = ["input", "output", "cache_read", "cache_write_ephemeral_5m", "cache_write_ephemeral_1h", null];
    expect(kinds(october.charges, "claude")).toEqual(new Set(all));
    expect(kinds(other.charges, "v2")).toEqual(new Set(all));
  });

  it("has the same charges in 1.4, their providers under the new names", async () => {
    const accounts = accountsOf("confluent", "datadog");
    const { charges } = await exported(sandbox.engine, { accounts, version: "1.4" });
    const older = october.charges.filter((charge) => ["confluent", "datadog"].includes(charge["x_Account"] ?? ""));
    const renamed = older.map(({ ProviderName = null, PublisherName: _, x_FocusVersion: __, ...charge }) => ({
      ...charge,
      ServiceProviderName: ProviderName,
      HostProviderName: ProviderName === "Datadog" ? "Datadog" : null,
      x_FocusVersion: "1.4",
    }));
    expect(charges).toEqual(renamed);
  });
});

describe("other periods", () => {
  it.each([
    [
      "three months",
      ["claude", "openai", "confluent", "datadog"],
      { start: Date.UTC(2026, 7, 1), end: Date.UTC(2026, 10, 1) },
    ],
    ["days across a month's border", VENDORS, { start: Date.UTC(2026, 8, 29), end: Date.UTC(2026, 9, 3) }],
  ])("come to what a summary says of them: %s", { timeout: 30_000 }, async (_, ids, period) => {
    const [{ charges, end }, accounts] = await Promise.all([
      exported(sandbox.engine, { accounts: accountsOf(...ids), period }),
      summary(ids, period),
    ]);
    const [net, gross] = [sums(charges, "BilledCost"), sums(charges, "ListCost")];
    const came = accounts.map(({ integrated_account_id: id }) => ({
      integrated_account_id: id,
      net: Number(net[`${id} USD`]),
      gross: Number(gross[`${id} USD`]),
    }));
    expect(accounts).toMatchObject(came);
    expect(end.accounts.map((account) => account.period)).toEqual(accounts.map((account) => account.period));
    // Months come one after the other, so that none needs another one's memory.
    for (const id of ids) {
      const months = charges.flatMap((charge) => (charge["x_Account"] === id ? [charge["BillingPeriodStart"]] : []));
      expect(months, id).toEqual([...months].sort());
    }
  });

  it("that run on say so", async () => {
    const period = { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 11, 1) };
    const { end } = await exported(sandbox.engine, { accounts: accountsOf("confluent"), period });
    expect(end.warnings).toContain("The period is not over: charges are to date.");
  });
});

describe("an account that fails", () => {
  it("spoils no other, and the end names it", async () => {
    const { charges, end } = await exported(sandbox.engine, { accounts: accountsOf("gone", "datadog") });
    expect(sums(charges, "BilledCost")).toEqual({ "datadog USD": "18695.361726" });
    expect(end).toMatchObject({
      is_partial_response: true,
      accounts: [
        { integrated_account_id: "gone", status: "error", charges: 0, error: expect.stringContaining("127.0.0.1") },
        { integrated_account_id: "datadog", status: "ok", charges: charges.length },
      ],
      warnings: expect.arrayContaining([expect.stringContaining("gone")]),
    });
    expect(end.accounts[1]).not.toHaveProperty("error");
  });

  it("is an error where nothing else was asked for", async () => {
    await expect(exported(sandbox.engine, { accounts: accountsOf("gone") })).rejects.toMatchObject({
      name: "UsageError",
      kind: "unavailable",
    });
  });
});
