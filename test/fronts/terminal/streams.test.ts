import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { styled } from "../../../src/fronts/terminal/output.ts";
import { answerOf, costAnswer, numeral, parseCsv, parseJson, parseLines, run, shell } from "./cli.ts";

const STREAM = [
  ...["usage", "-a", "confluent", "--start-date", "2026-10-01", "--end-date", "2026-11-01"],
  ...["--truto-response-format", "stream"],
];

describe("stdout", () => {
  it.concurrent.each([
    [["accounts", "-o", "json"], parseJson],
    [["describe", "-o", "ndjson"], parseLines],
    [["usage", "-a", "datadog", "-o", "ndjson"], parseLines],
    [["usage", "-a", "confluent", "--limit", "5", "-o", "csv"], parseCsv],
    [["cost", "-o", "json"], parseJson],
  ])("holds data only while all is logged: %s", async (args, read) => {
    const [quiet, loud] = await Promise.all([answerOf(args), answerOf(args, { env: { USAGE_MCP_LOG: "debug" } })]);
    expect(read(loud.stdout)).toEqual(read(quiet.stdout));
    const logged = loud.stderr.split("\n").filter((line) => line.startsWith("{"));
    if (args[0] === "usage" || args[0] === "cost") expect(logged.map(parseJson).length).toBeGreaterThan(0);
    expect(loud.stderr).not.toMatch(
      /sandbox-(?:datadog|confluent)-(?:api|application)|sk-ant-analytics|sk-admin-|key_5a6e/,
    );
  });

  it("holds nothing but data when a command fails while all is logged", async () => {
    const { code, stdout } = await run(["--sandbox", "usage", "-a", "nope"], { env: { USAGE_MCP_LOG: "debug" } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it.each(["csv", "json"])("may be closed early, which is no fault: %s", async (format) => {
    const { code, stdout, stderr } = await run(["--sandbox", ...STREAM, "-o", format], { closeEarly: true });
    expect(stdout.length).toBeGreaterThan(0);
    expect(stderr).not.toMatch(/EPIPE|error|\bat .*:\d+:\d+/i);
    expect(code).toBe(0);
  });

  it("has no colours where it is no terminal", async () => {
    const { stdout, stderr } = await answerOf(["cost"], { env: { FORCE_COLOR: "3", TERM: "xterm-256color" } });
    expect(stdout + stderr).not.toContain("\u001b");
  });
});

describe("styled text", () => {
  afterEach(() => vi.unstubAllEnvs());
  const stream = (isTTY: boolean): NodeJS.WriteStream => Object.assign(Object.create(process.stdout), { isTTY });

  it.each([
    ["on a terminal", true, {}, "\u001b[1mx\u001b[22m"],
    ["with an empty NO_COLOR, which says nothing", true, { NO_COLOR: "" }, "\u001b[1mx\u001b[22m"],
    ["not with NO_COLOR", true, { NO_COLOR: "1" }, "x"],
    ["not with NO_COLOR=0, which is set too", true, { NO_COLOR: "0" }, "x"],
    ["not on a dumb terminal", true, { TERM: "dumb" }, "x"],
    ["not in a file", false, {}, "x"],
  ])("is styled %s", (_, isTTY, env, text) => {
    for (const [name, value] of Object.entries({ NO_COLOR: "", TERM: "xterm", ...env })) vi.stubEnv(name, value);
    expect(styled("bold", "x", stream(isTTY))).toBe(text);
  });
});

describe("flags", () => {
  it.each([
    ["--start_date", ["--start_date", "2026-10-01", "--end_date", "2026-10-02"]],
    ["--start-date=", ["--start-date=2026-10-01", "--end-date=2026-10-02"]],
  ])("may be spelled as the parameter is written: %s", async (_, dates) => {
    const rest = ["usage", "--integrated_account_id", "confluent", "-o", "ndjson"];
    const [spelled, usual] = await Promise.all([
      answerOf([...rest, ...dates]),
      answerOf(["usage", "-a", "confluent", "-o", "ndjson", "--start-date", "2026-10-01", "--end-date", "2026-10-02"]),
    ]);
    expect(parseLines(spelled.stdout).length).toBeGreaterThan(40);
    expect(spelled.stdout).toBe(usual.stdout);
  });

  it("of the program may stand behind the command", async () => {
    const { stdout } = await run(["accounts", "--sandbox", "-o", "ndjson"]);
    expect(parseLines(stdout)).toHaveLength(6);
  });

  it("of lists may be repeated instead of separated by commas", async () => {
    const rest = ["cost", "--period", "2026-10", "-o", "json"];
    const [commas, repeated] = await Promise.all([
      answerOf([...rest, "--group-by", "product,month"]),
      answerOf([...rest, "--group-by", "product", "--group-by", "month"]),
    ]);
    expect(repeated.stdout).toBe(commas.stdout);
  });
});

describe("--version and --help", () => {
  it("tell the package's version", async () => {
    const manifest = parseJson(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    expect(await run(["--version"])).toEqual({ code: 0, stdout: `${manifest["version"]}\n`, stderr: "" });
  });

  it.concurrent.each(["", "usage", "cost", "accounts", "describe", "demo", "stdio"])(
    "hold examples: %s",
    async (command) => {
      const { code, stdout, stderr } = await run([...(command === "" ? [] : [command]), "--help"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/\nExamples?:\n {2}usage-mcp/);
    },
  );

  it.concurrent.each(["usage", "cost", "accounts", "describe"])("hold examples that work: %s", async (command) => {
    const { stdout } = await run([command, "--help"]);
    const examples = [...(stdout.split(/\nExamples?:\n/)[1] ?? "").matchAll(/^ {2}(usage-mcp .*?)(?: {3,}.*)?$/gm)];
    expect(examples.length).toBeGreaterThan(1);
    for (const [, example = ""] of examples) {
      const line = example
        .replace(/^usage-mcp (?:--sandbox |--config \S+ )?/, "usage-mcp --sandbox ")
        // What stands behind a pipe is another program.
        .replace(/ \| .*$/, "");
      expect({ line, ...(await shell(line)) }).toMatchObject({ line, code: 0 });
    }
  });
});

describe("demo", () => {
  it("holds the accounts, the totals, two pages and the refusal", async () => {
    const [{ code, stdout, stderr }, cost] = await Promise.all([
      run(["demo"]),
      answerOf(["cost", "--period", "2026-10", "-o", "json"]),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const vendor of [
      "Claude Enterprise",
      "OpenAI API",
      "Codex Enterprise",
      "Cursor",
      "Confluent Cloud",
      "Datadog",
    ])
      expect(stdout).toContain(`${vendor} (sandbox)`);
    const [, net] = /^ +total +net[^\n]*\n[^\n]*\n +USD +([\d,.]+)/m.exec(stdout) ?? [];
    const [total] = costAnswer.parse(parseJson(cost.stdout)).totals;
    expect(Number(numeral(net))).toBe(Number(total?.net.toFixed(6)));
    // The first page, the page behind its cursor, and the refusal.
    expect(stdout.match(/^ +> list_usage /gm)).toHaveLength(3);
    expect(stdout.match(/^ +date +product/gm)).toHaveLength(2);
    expect(stdout.match(/^ +2026-10-01 /gm)).toHaveLength(8);
    expect(stdout).toMatch(/^ +! user_ids: /m);
    expect(stdout).not.toContain("\u001b");
  });
});
