import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { focusColumns } from "../../../src/focus/columns.ts";
import { exactSum, numeral } from "../../usage/exact-sum.ts";
import { endServersAfterwards } from "../../vendor-http/loopback.ts";
import { sha256, startBuilt, writeConfig } from "../http/server.ts";
import { parseCsv } from "../terminal/cli.ts";
import { ask, search } from "./ask.ts";
import { expectDocumented } from "./document.ts";
import { endServicesAfterwards, type Service, startSandboxService, startService } from "./service.ts";
import { costs, startConfluent, startCursor } from "./vendors.ts";

endServicesAfterwards();
endServersAfterwards();

const EXPORT = "/unified/usage-metering/export";
const OCTOBER = { period: "2026-10", "integrated_account_ids[]": "confluent" };

const lineSchema = z.record(z.string(), z.unknown());
const documentedLines = z.array(lineSchema);

let service: Service;
beforeAll(async () => {
  service = await startSandboxService();
});

function get(query: Record<string, unknown>, init: RequestInit = {}, url = service.url): Promise<Response> {
  return fetch(`${url}${EXPORT}?${search(query)}`, init);
}

describe(`GET ${EXPORT}`, () => {
  it("answers CSV, whose sums are the net and gross", async () => {
    const response = await get({ ...OCTOBER, focus: "1.2", format: "csv" });
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    const charges = parseCsv(String(await expectDocumented(response, EXPORT)));
    expect(Object.keys(charges[0] ?? {})).toEqual(focusColumns("1.2"));
    expect(numeral(exactSum(charges.map((charge) => charge["BilledCost"] ?? "")))).toBe("26177.609258");
    expect(numeral(exactSum(charges.map((charge) => charge["ListCost"] ?? "")))).toBe("28573.741351");
  });

  it("answers lines by format or by Accept, and a last one that says what became of the accounts", async () => {
    const two = "period=2026-10&focus=1.4&integrated_account_ids=confluent&integrated_account_ids=datadog";
    const byFormat = await fetch(`${service.url}${EXPORT}?${two}&format=ndjson`);
    const byAccept = await fetch(`${service.url}${EXPORT}?${two}`, { headers: { accept: "application/x-ndjson" } });
    const lines = documentedLines.parse(await expectDocumented(byFormat, EXPORT));
    const end = lines.pop();
    expect(lines.every((line) => Object.keys(line).join() === focusColumns("1.4").join())).toBe(true);
    expect(end).toMatchObject({
      focus: "1.4",
      result_count: lines.length,
      is_partial_response: false,
      period: { start_date: "2026-10-01T00:00:00Z", end_date: "2026-11-01T00:00:00Z" },
      accounts: ["confluent", "datadog"].map((integrated_account_id) => ({
        integrated_account_id,
        status: "ok",
      })),
    });
    expect(byAccept.headers.get("content-type")).toBe("application/x-ndjson");
    expect(documentedLines.parse(await expectDocumented(byAccept, EXPORT))).toHaveLength(lines.length + 1);
  });

  it.each<[string, Record<string, unknown>, number, RegExp]>([
    ["a parameter that there isn't", { perod: "2026-10" }, 400, /perod: there is no such parameter.*period/],
    ["a version that there isn't", { focus: "1.0" }, 400, /focus: '1\.0' is not one of 1\.2, 1\.4/],
    ["a format that there isn't", { format: "parquet" }, 400, /format: 'parquet' is not one of csv, ndjson/],
    ["a period that is none", { period: "soon" }, 400, /period: 'soon' is none of/],
    ["days in the wrong order", { start_date: "2026-10-02", end_date: "2026-10-01" }, 400, /holds no time/],
    ["an account that there isn't", { integrated_account_ids: "nope" }, 404, /'nope'/],
  ])("refuses %s", async (_, query, status, message) => {
    const response = await get(query);
    expect(response.status).toBe(status);
    const body = lineSchema.parse(await expectDocumented(response, EXPORT));
    expect(body).toMatchObject({ statusCode: status, message: expect.stringMatching(message) });
  });

  it("is only read", async () => {
    const response = await fetch(`${service.url}${EXPORT}`, { method: "POST" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    const [good, bad] = [await get(OCTOBER, { method: "HEAD" }), await get({ focus: "9" }, { method: "HEAD" })];
    expect([good.status, bad.status]).toEqual([200, 400]);
  });
});

describe("who may export what", () => {
  it("is for the token to say: others' accounts are not there", async () => {
    const [vendor, other] = [await startConfluent(costs, "ours"), await startConfluent(costs, "theirs")];
    const tokens = [{ name: "agents", sha256: sha256("the-agents-token"), accounts: ["ours"] }];
    const { url } = await startService([vendor.account, other.account], { http: { tokens } });
    const headers = { authorization: "Bearer the-agents-token" };
    expect((await get({}, {}, url)).status).toBe(401);
    const lines = (await (await get({ period: "2026-10", format: "ndjson" }, { headers }, url)).text()).trimEnd();
    const parsed = lines.split("\n").map((line) => lineSchema.parse(JSON.parse(line)));
    expect(new Set(parsed.slice(0, -1).map((line) => line["x_Account"]))).toEqual(new Set(["ours"]));
    const refused = await ask(`${url}${EXPORT}`, { integrated_account_ids: "theirs" }, { headers });
    expect(refused).toMatchObject({ status: 404 });
    expect(other.asked).toEqual([]);
  });
});

describe("an account that fails", () => {
  const gone = (account: Record<string, unknown>) => ({ ...account, id: "gone", base_url: "http://127.0.0.1:9" });

  it("spoils no other: lines end with what was wrong, CSV is broken off so that nobody takes it for all", async () => {
    const vendor = await startConfluent(costs, "here");
    const { url } = await startService([gone(vendor.account), vendor.account]);
    const lines = documentedLines.parse(
      await expectDocumented(await get({ period: "2026-10", format: "ndjson" }, {}, url), EXPORT),
    );
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.at(-1)).toMatchObject({
      is_partial_response: true,
      accounts: [
        { integrated_account_id: "gone", status: "error", error: expect.stringContaining("127.0.0.1") },
        { integrated_account_id: "here", status: "ok", charges: lines.length - 1 },
      ],
    });
    const csv = await get({ period: "2026-10" }, {}, url);
    expect(csv.status).toBe(200);
    let text = "";
    await expect(
      (async () => {
        for await (const chunk of csv.body ?? []) text += Buffer.from(chunk).toString("utf8");
      })(),
    ).rejects.toThrow();
    expect(parseCsv(text)).toHaveLength(lines.length - 1);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("is an error with a status of its own where it is the only one", async () => {
    const vendor = await startConfluent(costs, "here");
    const { url } = await startService([gone(vendor.account)]);
    const response = await get({ period: "2026-10" }, {}, url);
    expect(response.status).toBe(502);
    expect(await expectDocumented(response, EXPORT)).toMatchObject({ truto_is_remote_error: true });
  });
});

describe("memory", () => {
  const [ROWS, HEAP] = [80_000, 72];

  it("does not grow with the period: 80,000 charges pass through a heap that could not hold them", {
    timeout: 60_000,
  }, async () => {
    const vendor = await startCursor(ROWS);
    const config = writeConfig({ accounts: [vendor.account] });
    const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP}`, USAGE_MCP_LOG: "warn" };
    const server = await startBuilt(["--config", config], env);
    try {
      const response = await get({ period: "2026-10", format: "ndjson" }, {}, server.url);
      let [bytes, lines, last] = [0, 0, ""];
      for await (const chunk of response.body ?? []) {
        const text = Buffer.from(chunk).toString("latin1");
        bytes += text.length;
        lines += text.split("\n").length - 1;
        last = (last + text).slice(-2000);
      }
      expect(lines).toBe(ROWS + 1);
      expect(JSON.parse(last.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
        result_count: ROWS,
        is_partial_response: false,
      });
      expect(bytes).toBeGreaterThan(HEAP * 1_000_000);
    } finally {
      expect(await server.stop()).toBe(0);
    }
  });
});
