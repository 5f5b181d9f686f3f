import { describe, expect, it } from "vitest";
import * as z from "zod";
import { linesOf, run, shell } from "./command-line.ts";

const OCTOBER = ["--sandbox", "usage", "-a", "confluent", "--start-date", "2026-10-01", "--end-date", "2026-11-01"];
const row = z.looseObject({ id: z.string() });
const answer = z.looseObject({ result: z.array(row), next_cursor: z.string().nullable(), result_count: z.number() });

describe("usage-mcp usage", () => {
  it("shows rows as a table on stdout and all about them on stderr", async () => {
    const { code, stdout, stderr } = await run([...OCTOBER, "--limit", "3"]);
    expect(code).toBe(0);
    const [heads = "", line, ...rows] = linesOf(stdout);
    expect(heads.split(/ {2,}/)).toEqual(
      expect.arrayContaining(["date", "product", "resource", "metric", "quantity", "unit", "net", "gross", "currency"]),
    );
    expect(line).toMatch(/^[─ ]+$/);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^2026-10-01 .* USD$/);
    expect(stderr).toContain("3 rows of confluent, report cost, 2026-10-01T00:00:00Z up to 2026-11-01T00:00:00Z");
    expect(stderr).toMatch(
      /^next page: usage-mcp --sandbox usage -a confluent --start-date 2026-10-01 .* --cursor u2\./m,
    );
  });

  it("goes on with the command it printed", async () => {
    const first = await run([...OCTOBER, "--limit", "3", "-o", "ndjson"]);
    const next = /^next page: usage-mcp (.*)$/m.exec(first.stderr)?.[1] ?? "";
    const [second, whole] = await Promise.all([
      shell(`$CLI ${next}`),
      run([...OCTOBER, "--limit", "6", "-o", "ndjson"]),
    ]);
    expect(linesOf(first.stdout + second.stdout)).toEqual(linesOf(whole.stdout));
  });

  it("gives the whole answer as JSON, with the vendor's items only when asked", async () => {
    const plain = await run([...OCTOBER, "--limit", "2", "-o", "json"]);
    const { result, result_count } = answer.parse(JSON.parse(plain.stdout));
    expect(result_count).toBe(2);
    expect(result.every((item) => item["remote_data"] === undefined)).toBe(true);
    expect(plain.stderr).toBe("");
    const remote = await run([...OCTOBER, "--limit", "2", "-o", "json", "--truto-ignore-remote-data=false"]);
    expect(answer.parse(JSON.parse(remote.stdout)).result.every((item) => item["remote_data"])).toBe(true);
  });

  it("writes CSV whose amounts are the JSON numbers", async () => {
    const [csv, ndjson] = await Promise.all(
      ["csv", "ndjson"].map((format) => run([...OCTOBER, "--limit", "50", "-o", format])),
    );
    const [header = "", ...lines] = linesOf(csv?.stdout ?? "");
    const [id, net] = ["id", "charges.net"].map((column) => header.split(",").indexOf(column));
    const rows = linesOf(ndjson?.stdout ?? "").map((line) =>
      z
        .looseObject({ id: z.string(), charges: z.array(z.looseObject({ type: z.string(), amount: z.number() })) })
        .parse(JSON.parse(line)),
    );
    expect(lines.map((line) => line.split(",")).map((cells) => [cells[id ?? -1], Number(cells[net ?? -1])])).toEqual(
      rows.map(({ id: own, charges }) => [own, charges.find(({ type }) => type === "net")?.amount]),
    );
  });

  it("streams every page, the header once", async () => {
    const args = ["--sandbox", "usage", "-a", "confluent", "--start-date", "2026-02-01", "--end-date", "2026-11-01"];
    const { code, stdout, stderr } = await run([...args, "--truto-response-format", "stream", "-o", "csv"]);
    expect(code).toBe(0);
    const lines = linesOf(stdout);
    expect(lines.length).toBeGreaterThan(10_001);
    expect(lines.filter((line) => line.startsWith("id,"))).toHaveLength(1);
    expect(new Set(lines).size).toBe(lines.length);
    expect(stderr).toContain(`${(lines.length - 1).toLocaleString("en-US")} rows of confluent`);
    expect(stderr).not.toContain("next page");
  });

  it("says what a format can't hold, instead of dropping it", async () => {
    const normalized = await run([...OCTOBER, "--limit", "1", "--truto-response-format", "normalized"]);
    expect(normalized.stderr).toContain("not in this format: entities; -o json does");
    const remote = await run([...OCTOBER, "--limit", "1", "-o", "csv", "--truto-ignore-remote-data=false"]);
    expect(linesOf(remote.stdout)[0]).toMatch(/,remote_data$/);
  });

  it("explains an empty result", async () => {
    const { code, stdout, stderr } = await run([...OCTOBER, "--product-ids", "NOPE"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/^hint: No row matches product_ids/m);
  });
});
