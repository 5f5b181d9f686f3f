import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/accounts/config.ts";
import { FIELD_PATHS } from "../../../src/engine/fields.ts";
import { supportOf } from "../../../src/providers/index.ts";
import { QUERY_PARAMS } from "../../../src/usage/query.ts";
import { REPORT_TYPES } from "../../../src/usage/report.ts";
import { guardTheEdge, type Item } from "../edge.ts";
import { asked, CONSOLE, ENTERPRISE, type Endpoint, rows, stored, V2, V2_ADMIN } from "./claude.ts";

guardTheEdge();

const ACCOUNTS = { enterprise: ENTERPRISE, v2: V2, "v2 with an Admin key": V2_ADMIN, console: CONSOLE } as const;
const supportFor = (account: unknown) => {
  const [read] = readConfig({ accounts: [account] }, "test", {});
  if (!read) throw new Error("no account");
  return supportOf(read);
};

describe.each(Object.entries(ACCOUNTS))("what is served: %s", (_, account) => {
  const support = supportFor(account);

  it("has every report, or a reason", () => {
    const told = [...Object.keys(support.reports), ...Object.keys(support.refused)];
    expect(told.sort()).toEqual([...REPORT_TYPES].sort());
    expect(support.reports[support.defaultReport.plain]).toBeDefined();
    expect(support.reports[support.defaultReport.dated]).toBeDefined();
  });

  it.each(Object.entries(support.reports))("%s has every parameter, or a reason, and knows its fields", (_, report) => {
    const reasons = { ...support.refusedParams };
    for (const name of QUERY_PARAMS)
      if (name !== "report_type") expect(report.params[name] ?? reasons[name], name).toBeDefined();
    for (const field of report.fields) expect(FIELD_PATHS).toContain(field);
    expect(new Set(report.dimensions).size).toBe(report.dimensions.length);
    expect("granularity" in report.params).toBe(report.granularities.length > 0);
  });
});

/** The paths of all that a row holds. */
function pathsOf(value: unknown, prefix = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((member) => pathsOf(member, `${prefix}[]`));
  if (typeof value !== "object" || value === null || prefix.endsWith("tool_actions")) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    return [path, ...pathsOf(member, path)];
  });
}

describe("rows hold no field that is not announced", () => {
  const digits = (text: string) =>
    text
      .replace(/"(amount|list_amount|estimated_overage_spend)": "\1"/g, '"$1": "12.5"')
      .replace('"starting_at": "starting_at"', '"starting_at": "2026-10-05T00:00:00Z"')
      .replace('"ending_at": "ending_at"', '"ending_at": "2026-10-06T00:00:00Z"');
  it.each<[string, unknown, Endpoint, string]>([
    ["activity", ENTERPRISE, "activity", "users"],
    ["summary", ENTERPRISE, "summary", "summaries"],
    ["project_usage", ENTERPRISE, "project_usage", "projects"],
    ["skill_usage", ENTERPRISE, "skill_usage", "skills"],
    ["connector_usage", ENTERPRISE, "connector_usage", "connectors"],
    ["usage", ENTERPRISE, "usage", "usage-report"],
    ["cost", ENTERPRISE, "cost", "cost-report"],
    ["user_usage", ENTERPRISE, "user_usage", "user-usage-report"],
    ["user_cost", ENTERPRISE, "user_cost", "user-cost-report"],
    ["usage", V2_ADMIN, "v2_usage", "v2-usage"],
    ["usage", CONSOLE, "messages", "console-messages"],
    ["cost", CONSOLE, "console_cost", "console-cost"],
    ["activity", CONSOLE, "claude_code", "console-claude-code"],
  ])("%s of %o", async (report, account, endpoint, name) => {
    asked(endpoint, stored(name, digits));
    const report_type = REPORT_TYPES.find((type) => type === report);
    const found: Item[] = await rows({ ...(report_type ? { report_type } : {}), date: "2026-10-05" }, account);
    expect(found.length).toBeGreaterThan(0);
    const fields = report_type ? supportFor(account).reports[report_type]?.fields : [];
    for (const row of found) for (const path of pathsOf(row)) expect(fields).toContain(path);
  });
});
