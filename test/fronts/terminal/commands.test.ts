import { describe, expect, it } from "vitest";
import { linesOf, run, shell } from "./command-line.ts";

describe("accounts and describe", () => {
  it("list the accounts", async () => {
    const { stdout, stderr } = await run(["--sandbox", "accounts"]);
    expect(stdout).toMatch(/^confluent +confluent +Confluent Cloud \(sandbox\) +cost\*, summary, usage$/m);
    expect(stderr).toBe("");
    const csv = await run(["--sandbox", "accounts", "-o", "csv"]);
    expect(linesOf(csv.stdout)[0]).toBe("integrated_account_id,provider,name,report_types,default_report_type");
  });

  it("show the parameter matrix of a provider, and of all as CSV", async () => {
    const [table, csv] = await Promise.all([
      run(["--sandbox", "describe", "--provider", "confluent"]),
      run(["--sandbox", "describe", "-o", "csv"]),
    ]);
    expect(table.stdout).toMatch(/^parameter +cost +summary +usage$/m);
    expect(table.stdout).toMatch(/^granularity +native +unsupported +native$/m);
    expect(table.stdout).toMatch(/^user_ids +Its cost data names no users\.$/m);
    expect(csv.stdout).toMatch(/^confluent,cost,product_ids,derived,/m);
    expect(csv.stdout).toMatch(/^datadog,summary,product_ids,unsupported,/m);
  });
});

describe("what goes wrong", () => {
  it.each([
    ["usage", /^usage-mcp: integrated_account_id: is needed, .*$/],
    ["usage -a conflent", /Did you mean 'confluent'\?$/],
    [
      "usage -a confluent --limt 3",
      /^usage-mcp: unknown option '--limt'\. Did you mean --limit\? See usage-mcp usage --help\.$/,
    ],
    ["usage -a confluent --limit many", /^usage-mcp: limit: must be a number, not 'many'\.$/],
    ["usage -a confluent --truto-ignore-limit=maybe", /must be true or false, not 'maybe'\.$/],
    ["usage -a confluent -o xml", /Allowed choices are table, json, ndjson, csv\. See usage-mcp usage --help\.$/],
    ["usage -a confluent --cursor xyz", /^usage-mcp: cursor: it is damaged/],
    ["usage -a datadog --user-ids ada", /^usage-mcp: user_ids: datadog does not support it/],
    ["usage extra", /^usage-mcp: too many arguments for 'usage'.* See usage-mcp usage --help\.$/],
    ["usgae", /^usage-mcp: unknown command 'usgae'\. Did you mean usage\? See usage-mcp --help\.$/],
    ["--sandbx", /^usage-mcp: unknown option '--sandbx'\. Did you mean --sandbox\? See usage-mcp --help\.$/],
    ["cost --period last", /Did you mean 'last_month'\?$/],
    ["--config accounts.json cost", /^usage-mcp: --sandbox brings its own accounts/],
  ])("%s: one sentence on stderr, nothing on stdout", async (line, sentence) => {
    const { code, stdout, stderr } = await run(["--sandbox", ...line.split(" ")]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(linesOf(stderr)).toEqual([expect.stringMatching(sentence)]);
  });

  it("names the ways to configure accounts", async () => {
    const { code, stderr } = await run(["accounts"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/--config FILE.*DD_API_KEY\+DD_APP_KEY.*--sandbox/);
  });

  it("ends quietly when the reader has seen enough", async () => {
    const args = "--sandbox usage -a confluent --start-date 2026-02-01 --end-date 2026-11-01";
    const { stdout, stderr } = await shell(
      `$CLI ${args} --truto-response-format stream -o ndjson | head -1; echo "\${PIPESTATUS[0]}"`,
    );
    const [row = "", code] = linesOf(stdout);
    expect(JSON.parse(row)).toHaveProperty("id");
    expect({ code, stderr }).toEqual({ code: "0", stderr: "" });
  });
});

describe("help", () => {
  it.each(["", "usage", "cost", "accounts", "describe", "demo"])("of %s ends with examples", async (command) => {
    const { code, stdout, stderr } = await run([...(command === "" ? [] : [command]), "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: usage-mcp/);
    expect(stdout).toMatch(/\nExamples?:\n( {2}usage-mcp .*\n)+$/);
  });
});

describe("logging", () => {
  it("goes to stderr only", async () => {
    const args = ["--sandbox", "usage", "-a", "confluent", "--limit", "1", "-o", "json"];
    const [quiet, loud] = await Promise.all([run(args), run(args, { USAGE_MCP_LOG: "debug" })]);
    const cursor = /"next_cursor": ".*"/;
    expect(loud.stdout.replace(cursor, "")).toBe(quiet.stdout.replace(cursor, ""));
    expect(loud.stderr).toContain('"name":"usage-mcp"');
  });
});
