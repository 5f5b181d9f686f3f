import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import * as z from "zod";
import { endServersAfterwards, silence, startLoopback } from "../../vendor-http/loopback.ts";
import {
  ask,
  callMcp,
  confluentAt,
  LIST_TOOLS,
  type Served,
  serve,
  stopServersAfterwards,
  TOKENS,
  toolCall,
  USAGE,
} from "./in-process.ts";
import { AUDIENCE, Issuer, signingKey } from "./issuer.ts";
import { claudeAt, NO_LINES, PAGES, page } from "./vendors.ts";
import { head, wireTo } from "./wire.ts";

endServersAfterwards();
stopServersAfterwards();

const COST = "&report_type=cost&start_date=2026-10-01&end_date=2026-11-01";

function shareOf({ headers }: Response) {
  const share = ["limit", "remaining", "reset"].map((name) => headers.get(`ratelimit-${name}`));
  return z.tuple([z.coerce.number(), z.coerce.number(), z.coerce.number().int().min(1).max(10)]).parse(share);
}

const refusalSchema = z.object({
  statusCode: z.literal(429),
  error: z.literal("Too Many Requests"),
  message: z.string(),
  request_id: z.string(),
});

describe("requests in ten seconds", () => {
  let server: Served;
  beforeEach(async () => {
    const vendor = await startLoopback(NO_LINES);
    server = await serve([confluentAt(vendor.url), confluentAt(vendor.url, "other")], {
      guarded: true,
      limits: { requests_per_token: 6, requests_per_account: 3 },
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("are told on every answer: rows, errors, refusals, MCP, metrics; of the tighter share", async () => {
    const rows = await ask(server, `?integrated_account_id=confluent${COST}`, TOKENS.agents);
    expect([rows.status, ...shareOf(rows).slice(0, 2)]).toEqual([200, 3, 2]);
    const wrong = await ask(server, "?integrated_account_id=confluent&limit=none", TOKENS.agents);
    expect([wrong.status, ...shareOf(wrong).slice(0, 2)]).toEqual([400, 3, 1]);
    const unknown = await ask(server, "?integrated_account_id=nobody", TOKENS.agents);
    expect([unknown.status, ...shareOf(unknown).slice(0, 2)]).toEqual([404, 6, 3]);
    const mcp = await callMcp(server, LIST_TOOLS, TOKENS.agents);
    expect([mcp.status, ...shareOf(mcp).slice(0, 2)]).toEqual([200, 6, 2]);
    const stream = await ask(server, `?integrated_account_id=other${COST}&truto_response_format=stream`, TOKENS.agents);
    expect([stream.status, ...shareOf(stream).slice(0, 2)]).toEqual([200, 6, 1]);
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${TOKENS.watcher}` } });
    expect([metrics.status, ...shareOf(metrics).slice(0, 2)]).toEqual([200, 6, 5]);
    const outsider = await ask(server, "", "not-a-token");
    expect([outsider.status, outsider.headers.get("ratelimit-limit")]).toEqual([401, null]);
  });

  it("beyond an account's share are refused for that account, and let in again when the time is over", async () => {
    for (let count = 0; count < 3; count++) await ask(server, `?integrated_account_id=confluent${COST}`, TOKENS.agents);
    const refused = await ask(server, `?integrated_account_id=confluent${COST}`, TOKENS.agents);
    expect(refused.status).toBe(429);
    const [limit, remaining, reset] = shareOf(refused);
    expect([limit, remaining]).toEqual([3, 0]);
    expect(refused.headers.get("retry-after")).toBe(String(reset));
    expect(refusalSchema.parse(await refused.json()).message).toMatch(
      /^There were more than 3 requests for account confluent in 10 s\. Try again in \d+ s\.$/,
    );
    expect((await ask(server, `?integrated_account_id=other${COST}`, TOKENS.agents)).status).toBe(200);
    expect((await ask(server, `?integrated_account_id=confluent${COST}`, TOKENS.finance)).status).toBe(200);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_001 });
    expect((await ask(server, `?integrated_account_id=confluent${COST}`, TOKENS.agents)).status).toBe(200);
  });

  it("beyond a token's share are refused in the front's own shape; other tokens go on", async () => {
    for (let count = 0; count < 6; count++) await callMcp(server, LIST_TOOLS, TOKENS.agents);
    const mcp = await callMcp(server, LIST_TOOLS, TOKENS.agents);
    expect(mcp.status).toBe(429);
    expect(Number(mcp.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await mcp.json()).toMatchObject({
      jsonrpc: "2.0",
      error: { message: expect.stringMatching(/^There were more than 6 requests in 10 s\./) },
    });
    const rest = await ask(server, `?integrated_account_id=confluent${COST}`, TOKENS.agents);
    expect(rest.status).toBe(429);
    expect(shareOf(rest).slice(0, 2)).toEqual([6, 0]);
    expect((await callMcp(server, LIST_TOOLS, TOKENS.finance)).status).toBe(200);
    expect(await server.metrics.text()).toContain('usage_mcp_refused_total{reason="rate"} 2');
  });

  it("of the sole account count for it when it isn't named", async () => {
    for (let count = 0; count < 3; count++)
      expect((await ask(server, `?${COST}`, TOKENS.finance)).status, String(count)).toBe(200);
    expect((await ask(server, `?${COST}`, TOKENS.finance)).status).toBe(429);
  });

  it("hold up a client that waits as it is told, and lose it no page", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let waited = 0;
    for (let page = 0; page < 8; page++) {
      const answer = await ask(server, `?integrated_account_id=confluent${COST}`, TOKENS.finance);
      if (answer.status === 200) continue;
      expect(answer.status).toBe(429);
      const seconds = Number.parseInt(answer.headers.get("retry-after") ?? "", 10);
      waited += seconds;
      vi.setSystemTime(Date.now() + seconds * 1000);
      const again = await ask(server, `?integrated_account_id=confluent${COST}`, TOKENS.finance);
      expect(again.status).toBe(200);
    }
    expect(waited).toBeGreaterThanOrEqual(18);
    expect(waited).toBeLessThanOrEqual(20);
  });
});

describe("calls at a time", () => {
  const CALL = `?integrated_account_id=confluent${COST}`;

  it("are bounded for each token; the place of a client that goes away is given to the next", async () => {
    const vendor = await startLoopback(silence);
    // Of one account the vendor would be asked once.
    const accounts = [confluentAt(vendor.url), confluentAt(vendor.url, "other")];
    const server = await serve(accounts, { guarded: true, limits: { concurrent_calls: 2 } });
    const [first, second] = [new AbortController(), new AbortController()];
    const calls = [
      ask(server, CALL, TOKENS.agents, { signal: first.signal }),
      callMcp(server, toolCall("list_usage", { integrated_account_id: "other" }), TOKENS.agents, {
        signal: second.signal,
      }),
    ].map((call) => call.then((answer) => answer.text()).catch(() => "gone"));
    await vendor.reached(2);
    const refused = await ask(server, CALL, TOKENS.agents);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refusalSchema.parse(await refused.json()).message).toBe(
      "2 requests of this token are being answered, the most at a time. Try again when one of them is done.",
    );
    expect((await callMcp(server, LIST_TOOLS, TOKENS.finance)).status).toBe(200);
    first.abort();
    second.abort();
    expect(await Promise.all(calls)).toEqual(["gone", "gone"]);
    await vendor.idle();
    await settled(server);
    expect((await callMcp(server, LIST_TOOLS, TOKENS.agents)).status).toBe(200);
    expect(await server.metrics.text()).toContain('usage_mcp_refused_total{reason="concurrency"} 1');
    // Who goes away is no fault of the vendor's.
    expect(server.logged.filter(({ level }) => level === "warn")).toEqual([]);
    expect(await server.metrics.text()).not.toContain("usage_mcp_vendor_requests_total{");
  });

  it("are given back by pipelined requests that never had their turn", async () => {
    const vendor = await startLoopback(silence);
    const server = await serve([confluentAt(vendor.url)], { limits: { concurrent_calls: 3 } });
    const request = head(`GET ${USAGE}${CALL} HTTP/1.1`, "Host: localhost");
    const wire = wireTo(server.port, request.repeat(3));
    // The same question three times is one vendor call.
    await vendor.reached(1);
    await expect.poll(() => server.metrics.text()).toContain("usage_mcp_http_requests_in_flight 3");
    expect((await ask(server, CALL)).status).toBe(429);
    wire.socket.destroy();
    await vendor.idle();
    await settled(server);
    expect((await callMcp(server, LIST_TOOLS)).status).toBe(200);
    expect(await server.metrics.text()).toContain("usage_mcp_http_requests_in_flight 0");
    expect(server.logged.filter(({ message, status }) => message === "request" && status === 499)).toHaveLength(3);
  });

  it("hold their place while a stream goes on", async () => {
    const vendor = await startLoopback(page(1), silence);
    const server = await serve([claudeAt(vendor.url)], { limits: { concurrent_calls: 1 } });
    const stream = await ask(server, PAGES);
    const reader = stream.body?.getReader();
    await reader?.read();
    await vendor.reached(2);
    expect((await callMcp(server, LIST_TOOLS)).status).toBe(429);
    await reader?.cancel();
    await vendor.idle();
    await settled(server);
    expect((await callMcp(server, LIST_TOOLS)).status).toBe(200);
  });
});

describe("a client that goes away while its token is looked at", () => {
  it("holds no place, and nothing is asked for it", async () => {
    const issuer = await Issuer.start([await signingKey("ES256", "one")]);
    onTestFinished(() => issuer.close());
    const keys = issuer.keys.map(({ publicJwk }) => publicJwk);
    issuer.answers.set("/keys", (_, response) => {
      setTimeout(() => response.setHeader("content-type", "application/json").end(JSON.stringify({ keys })), 300);
    });
    const vendor = await startLoopback(NO_LINES);
    const server = await serve([confluentAt(vendor.url)], {
      oauth: {
        issuer: issuer.url,
        jwks_uri: issuer.jwksUri,
        resource: AUDIENCE,
        scopes: { "usage:ai": ["confluent"] },
      },
      limits: { concurrent_calls: 1 },
    });
    const token = await issuer.token();
    const request = head(`GET ${USAGE}?${COST} HTTP/1.1`, "Host: localhost", `Authorization: Bearer ${token}`);
    const wire = wireTo(server.port, request);
    while (!issuer.asked.includes("/keys")) await sleep(10);
    wire.socket.destroy();
    await settled(server);
    await sleep(500);
    expect(vendor.asked).toHaveLength(0);
    expect((await ask(server, `?${COST}`, token)).status).toBe(200);
  });
});

/** Resolves once the server has noticed who has gone. */
async function settled(server: Served): Promise<void> {
  while (!(await server.metrics.text()).includes("usage_mcp_http_requests_in_flight 0")) await sleep(10);
}

describe("wrong tokens", () => {
  it("are told to wait after fifty from one address; right ones always come in", async () => {
    const server = await serve([confluentAt("http://127.0.0.1:9")], { guarded: true });
    const statuses: number[] = [];
    for (let count = 0; count < 52; count++)
      statuses.push((await callMcp(server, LIST_TOOLS, `guess-${count}`)).status);
    expect(statuses.slice(0, 50).every((status) => status === 401)).toBe(true);
    expect(statuses.slice(50)).toEqual([429, 429]);
    const refused = await ask(server, "", "guess");
    expect(refused.status).toBe(429);
    expect(refusalSchema.parse(await refused.json()).message).toMatch(/^There were too many wrong tokens/);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get("www-authenticate")).toBeNull();
    expect((await callMcp(server, LIST_TOOLS, TOKENS.agents)).status).toBe(200);
    expect((await ask(server)).status).toBe(401);
    expect(await server.metrics.text()).toContain('usage_mcp_refused_total{reason="auth"} 54');
  });
});
