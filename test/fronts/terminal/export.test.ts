import { describe, expect, it } from "vitest";
import { focusColumns } from "../../../src/focus/columns.ts";
import { exactSum, numeral } from "../../usage/exact-sum.ts";
import { startLoopback } from "../../vendor-http/loopback.ts";
import { answerOf, parseCsv, parseLines, run, shell, writeConfig } from "./cli.ts";

const OCTOBER = ["export", "-a", "confluent", "-a", "datadog", "--period", "2026-10"];
/** Net and gross of the two, worked out before from what the vendors send. */
const [NET, GROSS] = ["44872.970984", "47269.103077"];

/** A Confluent account with one line, and another whose vendor is not there. */
async function startAccounts(line: Record<string, unknown>) {
  const vendor = await startLoopback((response) => {
    const day = { start_date: "2026-10-13", end_date: "2026-10-14", granularity: "DAILY", line_type: "KAFKA_BASE" };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        ...{ api_version: "billing/v1", kind: "CostList", metadata: {} },
        data: [{ ...day, product: "KAFKA", amount: 1.5, original_amount: 1.5, discount_amount: 0, ...line }],
      }),
    );
  });
  const account = { provider: "confluent", credentials: { api_key: "k-s3cret", api_secret: "s-s3cret" } };
  const config = writeConfig([
    { ...account, id: "gone", base_url: "http://127.0.0.1:9" },
    { ...account, id: "here", base_url: vendor.url },
  ]);
  return { config, close: () => vendor.close() };
}

describe("usage-mcp export", () => {
  it("writes CSV of FOCUS 1.2 to stdout, which adds up to the net and gross; all else to stderr", async () => {
    const { stdout, stderr } = await answerOf([...OCTOBER, "--focus", "1.2"]);
    const charges = parseCsv(stdout);
    expect(stdout.slice(0, stdout.indexOf("\n"))).toBe(focusColumns("1.2").join(","));
    expect(numeral(exactSum(charges.map((charge) => charge["BilledCost"] ?? "")))).toBe(NET);
    expect(numeral(exactSum(charges.map((charge) => charge["ListCost"] ?? "")))).toBe(GROSS);
    expect(stderr).toContain(
      `${charges.length.toLocaleString("en")} charges of FOCUS 1.2 from 2026-10-01T00:00:00Z up to 2026-11-01T00:00:00Z (exclusive)\n`,
    );
    expect((await answerOf(OCTOBER)).stdout).toBe(stdout);
  });

  it("writes the same as lines of JSON, null where a cell is empty", async () => {
    const [csv, ndjson] = await Promise.all([answerOf(OCTOBER), answerOf([...OCTOBER, "-o", "ndjson"])]);
    const lines = parseLines(ndjson.stdout);
    expect(lines.map((line) => Object.keys(line))).toEqual(lines.map(() => focusColumns("1.2")));
    const cells = lines.map((line) =>
      Object.fromEntries(Object.entries(line).map(([name, value]) => [name, value === null ? "" : String(value)])),
    );
    expect(cells).toEqual(parseCsv(csv.stdout));
  });

  it("writes FOCUS 1.4 with its own names of providers", async () => {
    const { stdout, stderr } = await answerOf([...OCTOBER, "--focus", "1.4"]);
    const [charge = {}] = parseCsv(stdout);
    expect(Object.keys(charge)).toEqual(focusColumns("1.4"));
    expect(charge).toMatchObject({ ServiceProviderName: "Confluent", x_FocusVersion: "1.4" });
    expect(stderr).toContain("FOCUS 1.4");
  });

  it("takes a half-open range of days, and people only when they are asked for", async () => {
    const days = ["export", "-a", "claude", "--start-date", "2026-10-13", "--end-date", "2026-10-14"];
    const [without, named] = await Promise.all([answerOf(days), answerOf([...days, "--include-people"])]);
    const starts = parseCsv(without.stdout).map((charge) => charge["ChargePeriodStart"]);
    expect(new Set(starts)).toEqual(new Set(["2026-10-13T00:00:00Z"]));
    expect(without.stdout).not.toContain("@");
    expect(parseCsv(named.stdout).filter((charge) => charge["Tags"]?.includes('"user":"')).length).toBeGreaterThan(10);
  });

  it("writes what the others have when an account fails, names it on stderr, and ends with 1", async () => {
    const { config, close } = await startAccounts({});
    const ended = await run(["--config", config, "export", "--period", "2026-10"]);
    await close();
    expect(parseCsv(ended.stdout)).toMatchObject([{ x_Account: "here", BilledCost: "1.5" }]);
    expect(ended.stderr).toMatch(/^error: gone: .*127\.0\.0\.1/m);
    expect(ended.stderr).toMatch(/^warning: The charges of gone are not all here/m);
    expect(ended.code).toBe(1);
  });

  it("keeps spreadsheets from running what a vendor sends, and leaves numbers alone", async () => {
    const resource = { id: "lkc-1", display_name: '=HYPERLINK("http://evil.example")' };
    const { config, close } = await startAccounts({
      resource,
      line_type: "PROMO_CREDIT",
      amount: -2,
      original_amount: -2,
    });
    const { stdout } = await run(["--config", config, "export", "-a", "here", "--period", "2026-10"]);
    await close();
    expect(parseCsv(stdout)).toMatchObject([
      {
        ResourceName: '\'=HYPERLINK("http://evil.example")',
        BilledCost: "-2",
        ListCost: "0",
        ChargeCategory: "Credit",
      },
    ]);
  });

  it.each<[string, string[], RegExp]>([
    ["a version that there isn't", ["--focus", "2.0"], /focus: '2\.0' is not one of 1\.2, 1\.4/],
    ["a period that is none", ["--period", "octember"], /period: 'octember' is none of/],
    ["an account that there isn't", ["-a", "confluence"], /'confluence'.*did you mean/i],
    ["a format that it lacks", ["-o", "table"], /csv, ndjson/],
  ])("refuses %s before it writes a byte", async (_, flags, message) => {
    const { code, stdout, stderr } = await run(["--sandbox", "export", ...flags]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it("may be closed early, which is no fault", async () => {
    const args = ["--sandbox", "export", "-a", "openai", "--period", "2026-10"];
    const { code, stdout, stderr } = await run(args, { closeEarly: true });
    expect(stdout.length).toBeGreaterThan(0);
    expect(stderr).not.toMatch(/EPIPE|error|\bat .*:\d+:\d+/i);
    expect(code).toBe(0);
  });

  it("has help whose examples work", async () => {
    const { stdout } = await run(["export", "--help"]);
    const examples = [...(stdout.split(/\nExamples:\n/)[1] ?? "").matchAll(/^ {2}(usage-mcp .*)$/gm)];
    expect(examples.length).toBeGreaterThan(2);
    for (const [, example = ""] of examples) {
      const line = example.replace(/^usage-mcp (?:--sandbox )?/, "usage-mcp --sandbox ").replace(/ [|>] .*$/, "");
      expect({ line, ...(await shell(`${line} > /dev/null`)) }).toMatchObject({ line, code: 0 });
    }
  }, 60_000);
});
