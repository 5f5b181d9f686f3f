import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { type Paged, pageAsPython, pageAsTypeScript, type Row } from "./clients.ts";
import { endServicesAfterwards, type Service, startSandboxService } from "./service.ts";

endServicesAfterwards();
let service: Service;
beforeAll(async () => {
  service = await startSandboxService();
});

interface Described {
  report_types: string[];
}

/** A month of each, though not of single requests, of which a week has thousands. */
function periodOf(account: string, report: string): Record<string, string> {
  const end = account === "cursor" && report === "usage" ? "2026-10-03" : "2026-11-01";
  return { integrated_account_id: account, report_type: report, start_date: "2026-10-01", end_date: end };
}

async function reportsOf(account: string): Promise<string[]> {
  const response = await fetch(`${service.url}/integrated-account/${account}/capabilities`);
  const { report_types } = (await response.json()) as Described;
  return report_types;
}

async function wholeOf(query: Record<string, string>): Promise<Row[]> {
  const { rows, sizes } = await pageAsTypeScript(service.usage, { ...query, limit: 10_000 });
  expect(sizes, "one big page").toHaveLength(1);
  return rows;
}

const CLIENTS = [
  ["the TypeScript SDK", pageAsTypeScript],
  ["the Python SDK", pageAsPython],
] satisfies [string, (usage: string, options: Record<string, unknown>) => Promise<Paged>][];

const ACCOUNTS = ["claude", "openai", "codex", "cursor", "confluent", "datadog"];

describe("clients of the unified API", () => {
  it("are tried with every account of the sandbox", () => {
    expect(service.accounts).toEqual(ACCOUNTS);
  });

  it.each(ACCOUNTS)("page through every report of %s and miss nothing", { timeout: 90_000 }, async (account) => {
    const reports = await reportsOf(account);
    expect(reports.length).toBeGreaterThan(1);
    for (const report of reports) {
      const query = periodOf(account, report);
      const whole = await wholeOf(query);
      expect(whole.length, report).toBeGreaterThan(0);
      const limit = Math.ceil(whole.length / 3);
      for (const [name, page] of CLIENTS) {
        const { rows, sizes } = await page(service.usage, { ...query, limit });
        expect(rows, `${name}, ${report}`).toEqual(whole);
        expect(sizes.length).toBe(Math.ceil(whole.length / limit));
      }
    }
  });

  it("send the very addresses that were recorded of the TypeScript SDK", async () => {
    const { asked, rows } = await pageAsTypeScript(service.usage, {
      integrated_account_id: "claude",
      group_by: ["model", "user"],
      truto_ignore_remote_data: true,
      start_date: "2026-10-01T00:00:00Z",
      limit: 500,
    });
    expect(asked[0]).toBe(
      "/unified/usage-metering/usage?integrated_account_id=claude&group_by%5B0%5D=model&group_by%5B1%5D=user&truto_ignore_remote_data=true&start_date=2026-10-01T00%3A00%3A00Z&limit=500&next_cursor=",
    );
    expect(rows[0]).toMatchObject({ model: { id: expect.any(String) }, user: { id: expect.any(String) } });
    expect(rows[0]).not.toHaveProperty("remote_data");
  });

  it("get the same groups, whichever way a list is written", async () => {
    const options = {
      integrated_account_id: "confluent",
      group_by: ["product", "workspace"],
      start_date: "2026-10-01",
    };
    const [typescript, python] = [
      await pageAsTypeScript(service.usage, options),
      await pageAsPython(service.usage, options),
    ];
    expect(python.asked[0]).toContain("group_by[]=product&group_by[]=workspace");
    expect(python.rows).toEqual(typescript.rows);
    expect(python.rows.length).toBeGreaterThan(5);
  });

  it("page with next_cursor though their first question had a cursor of its own", async () => {
    const query = { ...periodOf("confluent", "cost"), limit: 700 };
    const whole = await pageAsTypeScript(service.usage, query);
    const first = await fetch(`${service.usage}?${new URLSearchParams({ ...query, limit: "700" })}`);
    const { next_cursor } = (await first.json()) as { next_cursor: string };
    const rest = await pageAsTypeScript(service.usage, { ...query, cursor: next_cursor });
    // The SDK's first request has an empty next_cursor, so cursor holds; its further ones have both, which differ.
    expect(rest.rows).toEqual(whole.rows.slice(700));
    expect(rest.asked.at(-1)).toMatch(/&cursor=u2.*&next_cursor=u2/);
  });

  it.each(CLIENTS)("page with next_cursor though they began with a page's number: %s", async (_name, page) => {
    const query = { ...periodOf("confluent", "cost"), page_size: 500 };
    const whole = await wholeOf(periodOf("confluent", "cost"));
    for (const number of [1, 2]) {
      const { rows, sizes, asked } = await page(service.usage, { ...query, page: number });
      expect(rows).toEqual(whole.slice((number - 1) * 500));
      expect(sizes.length).toBeGreaterThan(1);
      expect(asked.at(-1)).toMatch(new RegExp(`&page=${number}&next_cursor=u2`));
    }
  });
});

describe("the reference page's own lines", () => {
  const page = readFileSync(new URL("../../reference/reference-page.txt", import.meta.url), "utf8");

  /** With the host changed, and the account and token put in; nothing else. */
  function filledIn(text: string): string {
    return text
      .replace("https://api.truto.one", service.url)
      .replaceAll("<integrated_account_id>", "confluent")
      .replaceAll("<your_api_token>", "a.token");
  }

  it("curl", async () => {
    const [line] = /^curl -X GET [\s\S]*?application\/json'$/m.exec(page) ?? [];
    expect(line).toContain("-H 'Authorization: Bearer <your_api_token>'");
    const { stdout } = await promisify(execFile)("bash", ["-c", `${filledIn(line ?? "")} --silent --fail`]);
    expect(JSON.parse(stdout)).toMatchObject({
      result: expect.arrayContaining([
        expect.objectContaining({ id: expect.any(String), remote_data: expect.any(Object) }),
      ]),
      next_cursor: expect.any(String),
      result_count: 100,
    });
  });

  it("fetch", async () => {
    const [script] = /^const integratedAccountId = [\s\S]*?console\.log\(data\);/m.exec(page) ?? [];
    const told = `${filledIn(script ?? "")}`.replace("console.log(data)", "console.log(JSON.stringify(data))");
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", told], {
      maxBuffer: 1e8,
    });
    expect(JSON.parse(stdout)).toMatchObject({ result_count: 100, provider: "confluent" });
  });
});
