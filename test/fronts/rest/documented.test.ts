import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { metaAnswer } from "../../../src/fronts/rest/meta-schema.ts";
import { endServersAfterwards, type Reply, startLoopback } from "../../vendor-http/loopback.ts";
import { document, expectDocumented, faultOf, fieldsBelow, named, pathsOf } from "./document.ts";
import { endServicesAfterwards, type Service, startSandboxService, startService, USAGE } from "./service.ts";
import { AUTUMN, costs, monthOf, startConfluent } from "./vendors.ts";

endServicesAfterwards();
endServersAfterwards();

const META = `${USAGE}/meta/list`;
/** Members that hold what a vendor sent, as it came. */
const BAGS = ["remote_data", "usage.code.tool_actions"];

const pageSchema = z.looseObject({
  result: z.array(z.looseObject({})),
  result_count: z.number(),
  next_cursor: z.string().nullable(),
});

let service: Service;
/** Every account with every report that it serves. */
let asked: { account: string; report: string }[];
beforeAll(async () => {
  service = await startSandboxService();
  const { accounts } = metaAnswer.parse(await expectDocumented(await fetch(`${service.url}${META}`), META));
  asked = accounts.flatMap(({ integrated_account_id, report_types }) =>
    report_types.map((report) => ({ account: integrated_account_id, report })),
  );
});

function ask(query: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${service.usage}?${new URLSearchParams(query)}`, { headers });
}

/** The members that a schema of the document names. */
function membersOf(name: string): string[] {
  return Object.keys(z.record(z.string(), z.unknown()).parse(document.components.schemas[name]?.["properties"]));
}

describe("every account and report is answered as documented", () => {
  it.each([
    { format: "unified", page: "UnifiedPage", row: "Usage" },
    { format: "debug", page: "DebugPage", row: "Usage" },
    { format: "normalized", page: "NormalizedPage", row: "NormalizedUsage" },
    { format: "stream", page: "StreamedPage", row: "Usage" },
  ])("$format", async ({ format, page, row }) => {
    const fields = [...fieldsBelow(document.components.schemas[row] ?? {}).keys()];
    for (const { account, report } of asked) {
      const about = `${account} ${report}`;
      const query = { integrated_account_id: account, report_type: report, limit: "40", truto_response_format: format };
      const answer = await ask(query);
      expect(answer.status, about).toBe(200);
      const body = await expectDocumented(answer, USAGE);
      expect(faultOf(body, named(page)), about).toBe(undefined);
      const { result, result_count, ...said } = pageSchema.parse(body);
      expect(result, about).toHaveLength(result_count);
      expect(result_count, about).toBeGreaterThan(0);
      expect(membersOf(page), about).toEqual(expect.arrayContaining(["result", "result_count", ...Object.keys(said)]));
      const filled = new Set(result.flatMap((one) => [...pathsOf(one, BAGS)]));
      expect(
        [...filled].filter((path) => !fields.includes(path)),
        about,
      ).toEqual([]);
    }
  });

  it("raw, or refused as documented where rows are sums", async () => {
    const refused: string[] = [];
    for (const { account, report } of asked) {
      const query = { integrated_account_id: account, report_type: report, limit: "40", truto_response_format: "raw" };
      const answer = await ask(query);
      if (answer.status === 400) refused.push(`${account} ${report}`);
      const body = await expectDocumented(answer, USAGE);
      if (answer.status === 200) expect(faultOf(body, named("RawPage"))).toBe(undefined);
    }
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(asked.length / 2);
  });

  it("as lines: rows, and behind them what an envelope says", async () => {
    for (const { account, report } of asked) {
      const about = `${account} ${report}`;
      const answer = await ask(
        { integrated_account_id: account, report_type: report, limit: "40", truto_response_format: "stream" },
        { accept: "application/x-ndjson" },
      );
      expect(answer.headers.get("content-type"), about).toMatch(/^application\/x-ndjson/);
      const lines = z.array(z.looseObject({})).parse(await expectDocumented(answer, USAGE));
      const end = lines.pop() ?? {};
      expect(faultOf(end, named("StreamEnd")), about).toBe(undefined);
      expect(membersOf("StreamEnd"), about).toEqual(expect.arrayContaining(Object.keys(end)));
      expect(end["result_count"], about).toBe(lines.length);
      for (const line of lines) expect(faultOf(line, named("Usage")), about).toBe(undefined);
    }
  });
});

describe("other shapes of an answer are documented too", () => {
  const cost = { integrated_account_id: "confluent", report_type: "cost", limit: "5" };

  it.each([
    { what: "keyed", query: { truto_key_by: "id" }, page: "UnifiedPage" },
    { what: "without a field that rows must have", query: { truto_exclude_fields: "id" }, page: "RawPage" },
    { what: "without remote_data", query: { truto_ignore_remote_data: "true" }, page: "UnifiedPage" },
    { what: "empty", query: { start_date: "2031-01-01", end_date: "2031-02-01" }, page: "UnifiedPage" },
    {
      what: "debug of no call",
      query: { truto_skip_api_call: "true", truto_response_format: "debug" },
      page: "DebugPage",
    },
  ])("$what", async ({ query, page }) => {
    const answer = await ask({ ...cost, ...query });
    const body = z.looseObject({}).parse(await expectDocumented(answer, USAGE));
    expect(faultOf(body, named(page))).toBe(undefined);
    expect(membersOf(page)).toEqual(expect.arrayContaining(Object.keys(body)));
  });

  it.each(["/healthz", "/readyz", "/metrics", "/openapi.json"])("%s", async (path) => {
    await expectDocumented(await fetch(`${service.url}${path}`), path);
  });

  it("the capabilities of an account, and of one that there isn't", async () => {
    const path = "/integrated-account/{id}/capabilities";
    const there = await fetch(`${service.url}${path.replace("{id}", "cursor")}`);
    expect(there.status).toBe(200);
    await expectDocumented(there, path);
    const missing = await fetch(`${service.url}${path.replace("{id}", "nowhere")}`);
    expect(missing.status).toBe(404);
    await expectDocumented(missing, path);
  });

  it("MCP: an answer, a notification, and refusals", async () => {
    const call = async (body: string, headers: Record<string, string> = {}) => {
      const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
      const answer = await fetch(`${service.url}/mcp`, { method: "POST", body, headers: { ...json, ...headers } });
      if (answer.status === 202) expect(document.paths["/mcp"]?.["post"]?.responses).toHaveProperty("202");
      else await expectDocumented(answer, "/mcp", "post");
      return answer.status;
    };
    const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
    expect(await call(ping)).toBe(200);
    expect(await call(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }))).toBe(202);
    expect(await call("{")).toBe(400);
    expect(await call(ping, { "mcp-protocol-version": "1999-01-01" })).toBe(400);
    expect(await call(ping, { accept: "text/html" })).toBe(406);
    expect(await call(`"${"x".repeat(1_100_000)}"`)).toBe(413);
    expect(await call(ping, { "content-type": "text/plain" })).toBe(415);
    expect(await call(ping, { origin: "https://elsewhere.example" })).toBe(403);
  });
});

describe("errors are answered as documented", () => {
  const fault = z.looseObject({ truto_is_remote_error: z.literal(true).optional() });

  it.each([
    { why: "a parameter that there isn't", query: "?gruop_by=model", status: 400 },
    { why: "an account that is needed", query: "?report_type=cost", status: 400 },
    { why: "an account that there isn't", query: "?integrated_account_id=nowhere", status: 404 },
  ])("$why: $status", async ({ query, status }) => {
    const answer = await fetch(`${service.usage}${query}`);
    expect(answer.status).toBe(status);
    const body = z.looseObject({}).parse(await expectDocumented(answer, USAGE));
    expect(membersOf("Error")).toEqual(expect.arrayContaining(Object.keys(body)));
  });

  it("a missing and a wrong token, one of no account, too many requests", async () => {
    const sha256 = (token: string) => createHash("sha256").update(token).digest("hex");
    const tokens = [
      { name: "agents", sha256: sha256("of-agents"), accounts: ["*"] },
      { name: "watcher", sha256: sha256("of-watcher"), accounts: [] },
    ];
    const { usage } = await startSandboxService({ http: { tokens, limits: { requests_per_token: 2 } } });
    const statusWith = async (token?: string) => {
      const query = "?integrated_account_id=cursor&truto_skip_api_call=true";
      const answer = await fetch(`${usage}${query}`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
      await expectDocumented(answer, USAGE);
      const { headers, status } = answer;
      return [status, ...["www-authenticate", "retry-after"].filter((name) => headers.has(name))];
    };
    expect(await statusWith()).toEqual([401, "www-authenticate"]);
    expect(await statusWith("of-nobody")).toEqual([401, "www-authenticate"]);
    expect(await statusWith("of-watcher")).toEqual([403, "www-authenticate"]);
    expect([await statusWith("of-agents"), await statusWith("of-agents")]).toEqual([[200], [200]]);
    expect(await statusWith("of-agents")).toEqual([429, "retry-after"]);
  });

  const refusing =
    (status: number, headers: Record<string, string> = {}): Reply =>
    (response) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(
        JSON.stringify({
          data: "none",
          ...(status === 200 ? {} : { errors: [{ status: String(status), detail: "The vendor's own words." }] }),
        }),
      );
    };

  it.each([
    { vendor: 400, status: 400 },
    { vendor: 401, status: 401 },
    { vendor: 402, status: 400 },
    { vendor: 403, status: 403 },
    { vendor: 404, status: 404 },
    { vendor: 409, status: 409 },
    { vendor: 422, status: 422 },
    // Longer than anybody waits: it is not asked again.
    { vendor: 429, status: 429, headers: { "retry-after": "3600" } },
    { vendor: 503, status: 502, headers: { "retry-after": "3600" } },
    // Lines where there are none: not what its contract says.
    { vendor: 200, status: 500 },
  ])("a vendor's $vendor: $status", async ({ vendor, status, headers }) => {
    const { url } = await startLoopback(refusing(vendor, headers));
    const credentials = { api_key: "key-s3cret", api_secret: "secret-s3cret" };
    const { usage } = await startService([{ id: "confluent", provider: "confluent", base_url: url, credentials }]);
    const answer = await fetch(`${usage}?start_date=2026-10-01`);
    expect(answer.status).toBe(status);
    const body = fault.parse(await expectDocumented(answer, USAGE));
    expect(body.truto_is_remote_error).toBe(true);
    expect(membersOf("Error")).toEqual(expect.arrayContaining(Object.keys(body)));
  });

  it.each([{ accept: "application/json" }, { accept: "application/x-ndjson" }])(
    "a stream that ends before its time, as $accept",
    async ({ accept }) => {
      const vendor = await startConfluent((url) =>
        monthOf(url) === "2026-09" ? costs(url) : Response.json({ errors: [{ detail: "No." }] }, { status: 403 }),
      );
      const { usage } = await startService([vendor.account]);
      const query = new URLSearchParams({ ...AUTUMN, truto_response_format: "stream" });
      const answer = await fetch(`${usage}?${query}`, { headers: { accept } });
      expect(answer.status).toBe(200);
      const body = await expectDocumented(answer, USAGE);
      const end = z.looseObject({}).parse(Array.isArray(body) ? body.at(-1) : body);
      const name = Array.isArray(body) ? "StreamEnd" : "StreamedPage";
      expect(faultOf(end, named(name))).toBe(undefined);
      expect(membersOf(name)).toEqual(expect.arrayContaining(Object.keys(end)));
      expect(faultOf(end["error"], named("Error"))).toBe(undefined);
      expect([end["is_partial_response"], end["next_cursor"]]).toEqual([true, expect.any(String)]);
    },
  );

  it("no answer in time: 504", async () => {
    const { url } = await startLoopback(() => {});
    const credentials = { api_key: "key-s3cret", api_secret: "secret-s3cret" };
    const account = { id: "confluent", provider: "confluent", base_url: url, credentials };
    const { usage } = await startService([account], { http: { limits: { call_seconds: 0.3 } } });
    const answer = await fetch(`${usage}?start_date=2026-10-01`);
    expect(answer.status).toBe(504);
    await expectDocumented(answer, USAGE);
  });
});
