import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { supportOf } from "../../src/providers/index.ts";
import { CLAUDE_ADMIN_KEY } from "../../src/sandbox/claude.ts";
import { OPENAI_PROJECT_KEY } from "../../src/sandbox/openai.ts";
import type { Query } from "../../src/usage/query.ts";
import { REPORT_TYPES } from "../../src/usage/report.ts";
import type { Row } from "../../src/usage/row.ts";
import { SandboxEngine } from "./sandbox-engine.ts";

const OCTOBER = { start_date: "2026-10-01", end_date: "2026-11-01" };

/** The same organizations through other keys and APIs than the usual ones: what they hold in common must be the same. */
describe("other keys, other APIs", () => {
  let sandbox: SandboxEngine;
  beforeAll(async () => {
    sandbox = await SandboxEngine.start((accounts) =>
      accounts.flatMap((account) => {
        if (account.id === "openai")
          return [account, { ...account, id: "legacy", credentials: { api_key: OPENAI_PROJECT_KEY } }];
        if (account.id !== "claude") return [];
        const admin = { api_key: CLAUDE_ADMIN_KEY };
        return [
          account,
          { ...account, id: "v2", api: "v2" },
          { ...account, id: "console", credentials: admin },
          { ...account, id: "console-v2", api: "v2", credentials: admin },
        ];
      }),
    );
  });
  afterAll(() => sandbox.close());

  const all = (integrated_account_id: string, query: Query) =>
    sandbox.all({ ...OCTOBER, integrated_account_id, limit: 10_000, ...query });

  it.each<[string, Query]>([
    ["cost", {}],
    ["cost by user", { group_by: ["user"] }],
    ["cost by day and product", { group_by: ["day", "product"] }],
    ["user_cost", {}],
  ])("Claude's newer API comes to the same money as the older one: %s", async (name, query) => {
    const report_type = name.startsWith("user") ? "user_cost" : "cost";
    const [older, newer] = [await all("claude", { report_type, ...query }), await all("v2", { report_type, ...query })];
    for (const type of ["net", "total"]) expect(money(newer, type)).toBeCloseTo(money(older, type), 8);
    if (query.group_by) expect(newer.length).toBe(older.length);
  });

  it("and to the same tokens, of every kind", async () => {
    const [older, newer] = [await all("claude", { report_type: "usage" }), await all("v2", { report_type: "usage" })];
    const kinds = ["input", "output", "cache_read", "cache_write", "total"] as const;
    const tokens = (rows: readonly Row[]) =>
      kinds.map((kind) => rows.reduce((sum, { usage }) => sum + (usage?.tokens?.[kind] ?? 0), 0));
    expect(tokens(newer)).toEqual(tokens(older));
    expect(tokens(older).every((sum) => sum > 0)).toBe(true);
  });

  it("an Admin key reads the platform's cost through either API, to the cent the vendor states", async () => {
    const [older, newer] = [
      await all("console", { report_type: "cost" }),
      await all("console-v2", { report_type: "cost" }),
    ];
    expect(money(older, "net")).toBeCloseTo(437.533822, 8);
    expect(money(newer, "net")).toBeCloseTo(437.533822, 8);
  });

  it.each(["v2", "console", "console-v2", "legacy"])(
    "%s answers every report that it says it serves",
    async (id) => {
      const account = sandbox.engine.account(id);
      const served = REPORT_TYPES.filter((type) => supportOf(account).reports[type]);
      expect(served.length).toBeGreaterThan(2);
      for (const report_type of served) {
        const rows = await all(id, { report_type, start_date: "2026-10-13", end_date: "2026-10-15" });
        // The platform's people come through the API of its keys: no cost of theirs is tied to an account.
        if (id !== "console-v2" || !report_type.startsWith("user_"))
          expect(rows.length, report_type).toBeGreaterThan(0);
        expect(new Set(rows.map((row) => row.id)).size, report_type).toBe(rows.length);
        for (const limit of [7, 50]) {
          const paged = await sandbox.all({
            integrated_account_id: id,
            report_type,
            limit,
            start_date: "2026-10-13",
            end_date: "2026-10-15",
          });
          expect(paged, `${report_type} by ${limit}`).toEqual(rows);
        }
      }
    },
    60_000,
  );

  it("an ordinary OpenAI key has one day's rows, filtered by user and by key", async () => {
    const day = { integrated_account_id: "legacy", date: "2026-10-13", limit: 1000 };
    const { rows } = await sandbox.list(day);
    const key = rows.flatMap(({ resources }) => resources ?? []).find(({ id }) => id?.startsWith("key_"))?.id;
    const email = rows.find(({ user }) => user?.email)?.user?.email;
    if (key === undefined || email === undefined) throw new Error("rows name keys and people");
    const byKey = await sandbox.list({ ...day, api_key_id: key });
    expect(byKey.rows).toEqual(rows.filter(({ resources }) => resources?.some(({ id }) => id === key)));
    const byUser = await sandbox.list({ ...day, user_id: email });
    expect(byUser.rows).toEqual(rows.filter(({ user }) => user?.email === email));
    expect(byUser.rows.length).toBeLessThan(rows.length);
  });
});

function money(rows: readonly Row[], type: string): number {
  return rows.reduce((sum, { charges = [] }) => sum + (charges.find((charge) => charge.type === type)?.amount ?? 0), 0);
}
