import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { Engine } from "../../src/engine/engine.ts";
import { SILENT } from "../../src/log.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { call, cursorCodec } from "../providers/edge.ts";

/** A Monday: October is over but not final everywhere; November runs. */
const NOW = Date.parse("2026-11-23T09:00:00Z");
const YEAR = { start_date: "2025-12-01", end_date: "2026-12-01", group_by: ["provider", "month"], limit: 1000 };

afterEach(() => {
  vi.restoreAllMocks();
});

/** What vendors are asked meanwhile: account's port left out, the window that is asked for shown. */
function watched(): string[] {
  const asked: string[] = [];
  const fetched = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    const url = new URL(String(input));
    asked.push(`${url.pathname} ${windowOf(url, init?.body)}`);
    return fetched(input, init);
  });
  return asked;
}

const STARTS = ["start_date", "starting_at", "start_time", "start_month", "startDate"];
const ENDS = ["end_date", "ending_at", "end_time", "end_month", "endDate"];

function windowOf({ searchParams }: URL, body: unknown): string {
  const given: Record<string, unknown> = {
    ...Object.fromEntries(searchParams),
    ...(typeof body === "string" ? JSON.parse(body) : {}),
  };
  const day = (names: readonly string[]) => {
    const value = names.map((name) => given[name]).find((one) => one !== undefined);
    if (value === undefined) return "";
    const at = /^\d{9,10}$/.test(String(value))
      ? Number(value) * 1000
      : typeof value === "number"
        ? value
        : String(value);
    return new Date(at).toISOString().slice(0, 10);
  };
  return `${day(STARTS)}..${day(ENDS)}`;
}

describe("a year of all vendors, asked twice", () => {
  it("asks the second time for nothing that can't change any more, and comes to the same", {
    timeout: 120_000,
  }, async () => {
    const sandbox = await startSandbox({ now: () => new Date(NOW) });
    onTestFinished(() => sandbox.close());
    let now = NOW;
    const accounts = readConfig({ accounts: sandbox.accounts }, "test", {});
    const engine = new Engine({ accounts, cursors: cursorCodec(), clock: () => now, log: SILENT, pace: { second: 0 } });
    const first = watched();
    const once = await getCostSummary.run(engine, YEAR, call());
    vi.restoreAllMocks();
    // Past the minutes for which open periods are kept.
    now += 12 * 60_000;
    const again = watched();
    const twice = await getCostSummary.run(engine, YEAR, call());
    expect(twice["totals"]).toEqual(once["totals"]);
    expect(twice["groups"]).toEqual(once["groups"]);
    console.log(`a year of six accounts: ${first.length} vendor calls, 12 minutes later ${again.length}:`);
    for (const one of again) console.log(`  ${one}`);
    vi.restoreAllMocks();
    // At once: nothing at all is asked.
    const thrice = watched();
    await getCostSummary.run(
      engine,
      { ...YEAR, providers: ["claude", "openai_codex", "confluent", "datadog"] },
      call(),
    );
    expect(thrice).toEqual([]);
    expect(again.sort()).toMatchInlineSnapshot(`
      [
        "/api/v2/usage/estimated_cost 2026-11-01..2026-11-01",
        "/billing/v1/costs 2026-11-01..2026-12-01",
        "/teams/filtered-usage-events 2026-11-16..2026-11-23",
        "/teams/filtered-usage-events 2026-11-16..2026-11-23",
        "/teams/filtered-usage-events 2026-11-16..2026-11-23",
        "/v1/analytics/codex/workspaces/970a801a-ce07-4576-a3fa-af85afa9b41d/usage 2026-10-01..2026-11-24",
        "/v1/organization/costs 2026-10-01..2026-11-24",
        "/v1/organizations/analytics/cost_report 2026-10-01..2026-11-01",
        "/v1/organizations/analytics/cost_report 2026-11-01..2026-11-24",
      ]
    `);
  });
});
