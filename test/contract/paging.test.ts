import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { USUAL_CACHE } from "../../src/cache/config.ts";
import { supportOf } from "../../src/providers/index.ts";
import { REPORT_TYPES, type ReportType } from "../../src/usage/report.ts";
import type { Row } from "../../src/usage/row.ts";
import { SandboxEngine } from "./sandbox-engine.ts";

/** Narrow enough that every page size can be walked, wide enough to cross days, windows and vendor pages. */
const USUAL = { start_date: "2026-10-13", end_date: "2026-10-15" };
const PERIODS: Readonly<Record<string, Partial<Record<ReportType, { start_date: string; end_date: string }>>>> = {
  datadog: { cost: { start_date: "2026-09-01", end_date: "2026-11-01" } },
  confluent: { cost: { start_date: "2026-10-31", end_date: "2026-11-02" } },
  cursor: { usage: { start_date: "2026-10-13T09:00:00Z", end_date: "2026-10-13T10:59:59Z" } },
};
const SIZES = [1, 2, 7];
const MOST = 10_000;

describe("every report by pages", () => {
  let sandbox: SandboxEngine;
  beforeAll(async () => {
    sandbox = await SandboxEngine.start(undefined, USUAL_CACHE);
  });
  afterAll(() => sandbox.close());

  it("has the same rows in the same order with the same ids at page sizes 1, 2, 7 and the most", async () => {
    const walked: string[] = [];
    for (const account of sandbox.engine.accounts) {
      const { reports } = supportOf(account);
      for (const report_type of REPORT_TYPES.filter((type) => reports[type])) {
        const dates = PERIODS[account.provider]?.[report_type] ?? USUAL;
        const query = { integrated_account_id: account.id, report_type, ...dates };
        const what = `${account.id} ${report_type}`;
        const whole = await sandbox.all({ ...query, limit: MOST });
        expect(whole.length, `${what} has rows`).toBeGreaterThan(0);
        expect(new Set(whole.map(({ id }) => id)).size, `${what} has unique ids`).toBe(whole.length);
        for (const limit of SIZES) {
          const most = limit === 1 ? 60 : 400;
          const rows = await walk(sandbox, { ...query, limit }, most);
          expect(rows, `${what} by ${limit}`).toEqual(whole.slice(0, Math.min(whole.length, rows.length)));
          expect(rows.length, `${what} by ${limit}`).toBe(Math.min(whole.length, most));
        }
        walked.push(`${what}: ${whole.length} rows`);
      }
    }
    console.info(walked.join("\n"));
  }, 300_000);
});

async function walk(sandbox: SandboxEngine, query: Parameters<SandboxEngine["list"]>[0], most: number) {
  const rows: Row[] = [];
  for (let cursor: string | null = ""; cursor !== null && rows.length < most; ) {
    const { answer, rows: page } = await sandbox.list({ ...query, ...(cursor ? { cursor } : {}) });
    if (answer.next_cursor !== null) expect(page.length, "a page with more behind it is not empty").toBeGreaterThan(0);
    rows.push(...page);
    cursor = answer.next_cursor;
  }
  return rows.slice(0, most);
}
