import { mkdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { FOLDER, run } from "./cli.ts";

const SECRET = "sk-s3cret-of-the-tests";

/** A command that must be refused in a sentence, and the sentence. */
async function refusalOf(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await run(args, { env });
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^usage-mcp: [^\n]+[.?]\n$/);
  expect(stderr).not.toMatch(/Internal error|\bat .*:\d+:\d+/);
  expect(code).toBe(1);
  return stderr;
}

const confluent = ["--sandbox", "usage", "-a", "confluent"];

describe("a command that can't be answered", () => {
  it.concurrent.each<[string, string[], RegExp]>([
    ["an unknown account", ["--sandbox", "usage", "-a", "confulent"], /no account 'confulent'.*confluent/],
    ["no account where there are several", ["--sandbox", "usage"], /integrated_account_id.*claude, openai, .*datadog/],
    ["a date that doesn't exist", [...confluent, "--start-date", "2026-02-30"], /start_date: '2026-02-30'/],
    ["a date that is none", [...confluent, "--start-date", "yesterday"], /start_date: .*'yesterday'/],
    [
      "dates in the wrong order",
      [...confluent, "--start-date", "2026-10-05", "--end-date", "2026-10-01"],
      /end_date: /,
    ],
    ["an unknown flag", ["--sandbox", "usage", "--limt", "3"], /'--limt'.*Did you mean --limit\?/],
    ["an unknown flag with _", ["--sandbox", "usage", "--start_dat", "3"], /Did you mean .*--start[-_]date/],
    ["an unknown flag of the program", ["--sandbx"], /Did you mean --sandbox\?/],
    ["an unknown command", ["--sandbox", "usgae"], /'usgae'.*Did you mean usage\?/],
    ["--limit abc", [...confluent, "--limit", "abc"], /limit: must be a number, not 'abc'/],
    ["--limit 0", [...confluent, "--limit", "0"], /limit: /],
    ["--limit 1.5", [...confluent, "--limit", "1.5"], /limit: /],
    ["--limit 10001", [...confluent, "--limit", "10001"], /limit: .*10000|limit: .*10,000/],
    ["--limit without a value", [...confluent, "--limit"], /--limit.*missing/],
    ["a variable that is empty", [...confluent, "--limit", ""], /limit: its value is empty/],
    ["an empty list", [...confluent, "--product-ids", "KAFKA,,"], /product_ids: its value is empty/],
    ["a boolean that is none", [...confluent, "--truto-ignore-limit=yes"], /truto_ignore_limit: .*'yes'/],
    ["a pair that is none", [...confluent, "--remote-query", "view"], /remote_query: 'view' is not key=value/],
    [
      "a pair that is given twice",
      [...confluent, "--remote-query", "a=1", "--remote-query", "a=2"],
      /a is given twice/,
    ],
    ["a format that there isn't", [...confluent, "-o", "xml"], /xml.*table, json, ndjson, csv/],
    ["a word too many", ["--sandbox", "accounts", "now"], /too many arguments/],
    [
      "a parameter that the vendor lacks",
      ["--sandbox", "usage", "-a", "datadog", "--user-ids", "a"],
      /user_ids: datadog/,
    ],
    [
      "a report that the vendor lacks",
      ["--sandbox", "usage", "-a", "datadog", "--report-type", "activity"],
      /report_type: /,
    ],
    ["a damaged cursor", [...confluent, "--cursor", "u2.abc.def"], /cursor: /],
    ["two cursors", [...confluent, "--cursor", "u1", "--next-cursor", "u2"], /cursor: /],
    ["a period that is none", ["--sandbox", "cost", "--period", "lastmonth"], /period: .*last_month/],
    [
      "a dimension that there isn't",
      ["--sandbox", "cost", "--group-by", "produkt"],
      /group_by.*Did you mean 'product'\?/,
    ],
    ["an unknown provider", ["--sandbox", "describe", "--provider", "datadgo"], /provider: .*Did you mean 'datadog'\?/],
    [
      "a config that isn't there",
      ["--config", "nowhere.json", "accounts"],
      /Config nowhere\.json: there is no such file\./,
    ],
    ["--config without a file", ["--config"], /--config.*missing/],
    [
      "a config beside the sandbox",
      ["--sandbox", "--config", "x.json", "accounts"],
      /--sandbox brings its own accounts/,
    ],
  ])("says why in one sentence, on stderr alone: %s", async (_, args, words) => {
    expect(await refusalOf(args)).toMatch(words);
  });

  it.concurrent.each(["accounts", "usage", "cost", "describe", "stdio"])(
    "names all ways to configure accounts where there are none: %s",
    async (command) => {
      const words = await refusalOf([command]);
      for (const way of ["--config", "USAGE_MCP_CONFIG", "--sandbox", "DD_API_KEY+DD_APP_KEY", "CURSOR_API_KEY"]) {
        expect(words).toContain(way);
      }
    },
  );

  it("is told the same without any command, as a host starts it", async () => {
    expect(await refusalOf([])).toContain("No accounts are configured");
  });

  it("names USAGE_MCP_CONFIG's file, which is a directory", async () => {
    const file = path.join(FOLDER, "directory.json");
    mkdirSync(file);
    expect(await refusalOf(["accounts"], { USAGE_MCP_CONFIG: file })).toContain(`Config ${file}: `);
  });

  it("names a sandbox day that is none", async () => {
    expect(await refusalOf(["--sandbox", "accounts"], { USAGE_MCP_SANDBOX_NOW: "soon" })).toContain(
      "USAGE_MCP_SANDBOX_NOW",
    );
  });

  it("names half of a pair of variables, and no value", async () => {
    const words = await refusalOf(["accounts"], { DD_API_KEY: SECRET });
    expect(words).toMatch(/DD_APP_KEY is not/);
    expect(words).not.toContain(SECRET);
  });
});
