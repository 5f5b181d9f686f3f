import { beforeAll, describe, expect, it } from "vitest";
import { exactSum, exactUnits } from "../../usage/exact-sum.ts";
import { answerOf, costAnswer, listAnswer, numeral, parseCsv, parseJson, parseLines, parseTable } from "./cli.ts";

const OCTOBER = ["--start-date", "2026-10-01", "--end-date", "2026-11-01"];

describe("accounts", () => {
  it("are the same in all formats", async () => {
    const [table, json, ndjson, csv] = await Promise.all(
      ["table", "json", "ndjson", "csv"].map(async (format) => (await answerOf(["accounts", "-o", format])).stdout),
    );
    const lines = parseLines(ndjson ?? "");
    expect(parseJson(json ?? "")).toEqual({ accounts: lines });
    const ids = ["claude", "openai", "codex", "cursor", "confluent", "datadog"];
    expect(lines.map((line) => line["integrated_account_id"])).toEqual(ids);
    expect(parseTable(table ?? "").map((row) => row["account"])).toEqual(ids);
    const rows = parseCsv(csv ?? "");
    expect(rows.map((row) => row["integrated_account_id"])).toEqual(ids);
    expect(rows.map((row) => row["report_types"]?.split(" "))).toEqual(lines.map((line) => line["report_types"]));
  });
});

describe("describe", () => {
  it("gives an overview of every vendor's reports without flags", async () => {
    const rows = parseTable((await answerOf(["describe"])).stdout);
    const reports = rows.map((row) => `${row["provider"]} ${row["report"]}`);
    expect(reports).toEqual(expect.arrayContaining(["confluent cost", "confluent usage", "datadog cost"]));
  });

  it("gives the same lines as csv and as ndjson", async () => {
    const [csv, ndjson] = await Promise.all(
      ["csv", "ndjson"].map(
        async (format) => (await answerOf(["describe", "--provider", "datadog", "-o", format])).stdout,
      ),
    );
    const lines = parseLines(ndjson ?? "");
    const rows = parseCsv(csv ?? "").map((row) =>
      Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== "")),
    );
    expect(rows).toEqual(lines);
    expect(lines).toContainEqual(
      expect.objectContaining({ report_type: "cost", parameter: "start_date", support: "native" }),
    );
  });

  it("shows the matrix of one account, and the answer itself as json", async () => {
    const [table, json] = await Promise.all(
      ["table", "json"].map(async (format) => (await answerOf(["describe", "-a", "confluent", "-o", format])).stdout),
    );
    expect(table).toMatch(/granularity +native/);
    expect(JSON.stringify(parseJson(json ?? ""))).toContain('"provider":"confluent"');
  });
});

describe("usage", () => {
  const asked = ["usage", "-a", "confluent", ...OCTOBER, "--product-ids", "KAFKA", "--limit", "40"];
  let table: Record<string, string>[];
  let json: ReturnType<typeof listAnswer.parse>;
  let ndjson: ReturnType<typeof parseLines>;
  let csv: Record<string, string>[];
  beforeAll(async () => {
    const [first, second, third, fourth] = await Promise.all(
      ["table", "json", "ndjson", "csv"].map(async (format) => (await answerOf([...asked, "-o", format])).stdout),
    );
    table = parseTable(first ?? "");
    json = listAnswer.parse(parseJson(second ?? ""));
    ndjson = parseLines(third ?? "");
    csv = parseCsv(fourth ?? "");
  });

  it("has the same rows in all formats", () => {
    expect(json.result).toHaveLength(40);
    expect(ndjson).toEqual(json.result);
    expect(csv.map((row) => row["id"])).toEqual(json.result.map(({ id }) => id));
    expect(table).toHaveLength(40);
  });

  it("has the same amounts to the last digit", () => {
    const amounts = (type: string) =>
      json.result.map(({ charges }) =>
        exactUnits(charges.find((charge) => charge.type === type)?.amount ?? Number.NaN),
      );
    expect(csv.map((row) => exactUnits(row["charges.net"] ?? ""))).toEqual(amounts("net"));
    expect(csv.map((row) => exactUnits(row["charges.total"] ?? ""))).toEqual(amounts("total"));
    expect(table.map((row) => exactUnits(numeral(row["net"])))).toEqual(amounts("net"));
    expect(table.map((row) => exactUnits(numeral(row["gross"])))).toEqual(amounts("total"));
  });

  it("says beside the data what the rows are", async () => {
    const { stderr } = await answerOf([...asked, "-o", "csv"]);
    expect(stderr).toMatch(/^40 rows of confluent, report cost, 2026-10-01T00:00:00Z up to 2026-11-01T00:00:00Z/);
  });

  it("streams every page, whose net adds up to the cost of the month", async () => {
    const [stream, cost] = await Promise.all([
      answerOf(["usage", "-a", "confluent", ...OCTOBER, "--truto-response-format", "stream", "-o", "csv"]),
      answerOf(["cost", "-a", "confluent", "--period", "2026-10", "-o", "json"]),
    ]);
    const rows = parseCsv(stream.stdout);
    expect(rows.length).toBeGreaterThan(1000);
    expect(new Set(rows.map((row) => row["id"])).size).toBe(rows.length);
    const [total] = costAnswer.parse(parseJson(cost.stdout)).totals;
    expect(exactSum(rows.map((row) => row["charges.net"] ?? ""))).toBe(exactUnits(total?.net ?? Number.NaN));
    // A line that is nothing but a credit has no gross.
    const priced = rows.filter((row) => row["charges.credit"] === "");
    expect(exactSum(priced.map((row) => row["charges.total"] ?? ""))).toBe(exactUnits(total?.gross ?? Number.NaN));
  });

  it("keeps a credit a negative number in csv", async () => {
    const { stdout } = await answerOf([
      ...["usage", "-a", "confluent", "--date", "2026-10-01", "--sort-by", "net", "--sort-order", "asc"],
      ...["--limit", "1", "-o", "csv"],
    ]);
    expect(parseCsv(stdout)[0]).toMatchObject({ metric_name: "PROMO_CREDIT", "charges.net": "-450" });
  });

  it("gives the vendor's own items as raw, in csv with a column for each path", async () => {
    const asked = [
      "usage",
      "-a",
      "confluent",
      "--date",
      "2026-10-01",
      "--truto-response-format",
      "raw",
      "--limit",
      "50",
    ];
    const [json, csv] = await Promise.all(["json", "csv"].map((format) => answerOf([...asked, "-o", format])));
    const items = parseJson(json?.stdout ?? "")["result"];
    const rows = parseCsv(csv?.stdout ?? "");
    expect(Array.isArray(items) ? items.length : 0).toBe(rows.length);
    expect(Object.keys(rows[0] ?? {})).toEqual(
      expect.arrayContaining(["line_type", "resource.environment.id", "amount"]),
    );
  });
});

describe("cost", () => {
  // Vendors of at most six decimals, so that what is written is what was summed.
  const exact = ["--providers", "confluent,datadog"];
  const asked = ["cost", "--period", "2026-Q3", "--group-by", "provider,product,month", "--limit", "1000", ...exact];

  it("adds up: the csv's net, the ndjson's, the table's and the json's are one", async () => {
    const [table, json, ndjson, csv] = await Promise.all(
      ["table", "json", "ndjson", "csv"].map(async (format) => (await answerOf([...asked, "-o", format])).stdout),
    );
    const answer = costAnswer.parse(parseJson(json ?? ""));
    const [total] = answer.totals;
    expect(answer.totals).toHaveLength(1);
    expect(answer.other).toBeUndefined();
    expect(answer.groups.length).toBeGreaterThan(60);
    const rows = parseCsv(csv ?? "");
    const shown = parseTable(table ?? "");
    for (const [field, heading] of [
      ["net", "net USD"],
      ["gross", "gross USD"],
    ] as const) {
      const whole = exactUnits(total?.[field] ?? Number.NaN);
      expect(exactSum(answer.groups.map((group) => group[field]))).toBe(whole);
      expect(exactSum(rows.map((row) => row[field] ?? ""))).toBe(whole);
      expect(exactSum(shown.map((row) => numeral(row[heading])))).toBe(whole);
    }
    expect(parseLines(ndjson ?? "")).toEqual(answer.groups);
    expect(rows.map(({ provider, product, month }) => ({ provider, product, month }))).toEqual(
      answer.groups.map(({ key }) => key),
    );
  });

  it("says what the formats of groups leave out, and the table adds it as a line", async () => {
    const short = ["cost", "--period", "2026-10", "--group-by", "product", "--limit", "3", ...exact];
    const [table, csv, whole] = await Promise.all([
      answerOf(short),
      answerOf([...short, "-o", "csv"]),
      answerOf([...short, "-o", "json"]),
    ]);
    const answer = costAnswer.parse(parseJson(whole.stdout));
    expect(parseCsv(csv.stdout)).toHaveLength(3);
    const left = /left out: \d+ more groups come to net ([\d,.]+)/.exec(csv.stderr)?.[1];
    expect(exactUnits(numeral(left))).toBe(exactUnits(answer.other?.[0]?.net ?? Number.NaN));
    expect(exactSum(parseTable(table.stdout).map((row) => numeral(row["net USD"])))).toBe(
      exactUnits(answer.totals[0]?.net ?? Number.NaN),
    );
  });

  it("sets an earlier period beside, with its change", async () => {
    const compared = ["cost", "--period", "2026-10", "--compare-to", "previous_period", "--group-by", "product"];
    const rows = parseCsv((await answerOf([...compared, ...exact, "--limit", "1000", "-o", "csv"])).stdout);
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      const previous = row["previous.net"] === "" ? "0" : (row["previous.net"] ?? "");
      expect(exactUnits(row["net"] ?? "") - exactUnits(previous)).toBe(exactUnits(row["change.net"] ?? ""));
    }
  });

  it("warns beside the data that a month still runs", async () => {
    const { stderr } = await answerOf(["cost", "-o", "csv"]);
    expect(stderr).toMatch(/^warning: .*estimate/m);
  });
});
