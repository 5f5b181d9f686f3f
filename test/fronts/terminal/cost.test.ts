import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { linesOf, run } from "./command-line.ts";

const OCTOBER = ["--sandbox", "cost", "--period", "2026-10", "--group-by", "provider,product"];
const money = z.looseObject({ net: z.number() });
const answer = z.looseObject({ totals: z.array(money), groups: z.array(money), other: z.array(money).optional() });

describe("usage-mcp cost", () => {
  it("shows groups, totals and accounts as tables", async () => {
    const [table, json] = await Promise.all([run([...OCTOBER, "--limit", "3"]), run([...OCTOBER, "-o", "json"])]);
    expect(table.code).toBe(0);
    const [groups = "", totals = "", accounts = ""] = table.stdout.split("\n\n");
    expect(linesOf(groups)[0]).toMatch(/^provider +product +net USD +gross USD +share$/);
    expect(linesOf(groups).at(-1)).toMatch(/^\(\d+ more groups\) /);
    const [total] = answer.parse(JSON.parse(json.stdout)).totals;
    expect(totals).toContain(total?.net.toLocaleString("en-US", { maximumFractionDigits: 6 }));
    expect(accounts).toMatch(/^confluent +confluent +ok +2026-10 /m);
    expect(table.stderr).toContain("cost from 2026-10-01T00:00:00Z up to 2026-11-01T00:00:00Z (exclusive)");
  });

  it("sets the period beside another one", async () => {
    const args = [...OCTOBER, "--compare-to", "previous_period", "--sort-by", "change"];
    const { stdout, stderr } = await run(args);
    expect(linesOf(stdout)[0]).toMatch(/share +previous net +change +change %$/);
    expect(linesOf(stdout)[2]).toMatch(/ \+[\d,.]+ +[\d.]+%$/);
    expect(stderr).toContain("compared with 2026-09-01T00:00:00Z up to 2026-10-01T00:00:00Z");
  });

  it("writes groups as CSV and NDJSON, and says what the limit left out", async () => {
    const [csv, ndjson] = await Promise.all([
      run([...OCTOBER, "--limit", "2", "-o", "csv"]),
      run([...OCTOBER, "--limit", "2", "-o", "ndjson"]),
    ]);
    expect(linesOf(csv.stdout)[0]).toBe("provider,provider.name,product,product.name,currency,net,gross,share,rows");
    expect(linesOf(csv.stdout)).toHaveLength(3);
    const groups = linesOf(ndjson.stdout).map((line) => money.parse(JSON.parse(line)));
    expect(
      linesOf(csv.stdout)
        .slice(1)
        .map((line) => Number(line.split(",")[5])),
    ).toEqual(groups.map(({ net }) => net));
    expect(csv.stderr).toMatch(/^left out: \d+ more groups come to net /m);
  });

  it("fails when no account could be read, with each one's error; half of them is an answer", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "usage-mcp-cost-"));
    const config = (accounts: readonly unknown[]) => {
      const file = path.join(folder, `${accounts.length}.json`);
      writeFileSync(file, JSON.stringify({ accounts }));
      return ["--config", file, "cost", "--period", "2026-10", "-o", "json"];
    };
    // A redirect is no answer, and not worth another try.
    const elsewhere = createServer((_, response) => response.writeHead(302, { location: "/" }).end());
    const empty = createServer((_, response) => response.end(JSON.stringify({ data: [], metadata: {} })));
    const account = async (id: string, server: Server) => {
      await once(server.listen(0, "127.0.0.1"), "listening");
      const address = server.address();
      const base_url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
      return { id, provider: "confluent", base_url, credentials: { api_key: "k", api_secret: "s" } };
    };
    const accounts = [await account("refusing", elsewhere), await account("answering", empty)];
    const all = await run(config(accounts.slice(0, 1)));
    expect(all.code).toBe(1);
    expect(all.stderr).toMatch(/^error: refusing: .*HTTP 302/m);
    const some = await run(config(accounts));
    expect(some.code).toBe(0);
    expect(some.stderr).toMatch(/^error: refusing: /m);
    elsewhere.close();
    empty.close();
  });
});
