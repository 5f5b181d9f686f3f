import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "./command-line.ts";

const ESCAPE = "\u001b]0;owned\u0007\u001b[2J";
const FORMULA = "=HYPERLINK(1)";

/** A Datadog whose organization and product names are made to harm a terminal and a spreadsheet. */
describe("names that mean harm", () => {
  let vendor: Server;
  let folder: string;
  let config: string;
  beforeAll(async () => {
    const attributes = {
      org_name: ESCAPE,
      public_id: "org1",
      date: "2026-10-01T00:00:00Z",
      charges: [{ product_name: FORMULA, charge_type: "on_demand", cost: 0.1 }],
    };
    vendor = createServer((_, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ data: [{ id: "1", type: "cost_by_org", attributes }] }));
    }).listen(0, "127.0.0.1");
    await once(vendor, "listening");
    const address = vendor.address();
    const port = typeof address === "object" && address ? address.port : 0;
    folder = await mkdtemp(path.join(tmpdir(), "usage-mcp-"));
    config = path.join(folder, "accounts.json");
    const account = {
      id: "dd",
      provider: "datadog",
      name: ESCAPE,
      base_url: `http://127.0.0.1:${port}`,
      credentials: { api_key: "secret-key", application_key: "secret-app" },
    };
    await writeFile(config, JSON.stringify({ accounts: [account] }));
  });
  afterAll(async () => {
    vendor.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ["usage", "--start-date", "2026-10-01"],
    ["usage", "--start-date", "2026-10-01", "-o", "json"],
    ["usage", "--start-date", "2026-10-01", "--truto-response-format", "raw"],
    ["cost", "--period", "2026-10", "--group-by", "organization,product,account"],
    ["accounts"],
    ["describe", "--provider", "datadog"],
  ])("%s %s %s %s %s: no escape sequence reaches the terminal", async (...args) => {
    const { code, stdout, stderr } = await run(["--config", config, ...args.filter((arg) => arg !== undefined)]);
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stdout + stderr).not.toContain("secret-");
  });

  it("a spreadsheet is given text, not a formula, and the numbers as they are", async () => {
    const { stdout } = await run(["--config", config, "usage", "--start-date", "2026-10-01", "-o", "csv"]);
    expect(stdout).toContain(`,'${FORMULA},`);
    expect(stdout).not.toContain(`,${FORMULA}`);
    expect(stdout).toContain(",0.1,");
  });
});
