import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { legacyRequest, modernRequest, posted, send } from "../../e2e/protocol/requests.ts";
import { endServersAfterwards, json, type Loopback, silence, startLoopback } from "../../vendor-http/loopback.ts";
import { ask, confluentAt, type Served, serve, stopServersAfterwards, USAGE } from "./in-process.ts";
import { claudeAt, endless, held, NO_LINES, PAGES, page } from "./vendors.ts";
import { head, statuses, wireTo } from "./wire.ts";

endServersAfterwards();
stopServersAfterwards();

const HEALTH = ["GET /healthz HTTP/1.1", "Host: localhost"];

describe("requests that are slow, large or no HTTP", () => {
  let server: Served;
  beforeAll(async () => {
    server = await serve([confluentAt("http://127.0.0.1:9")], {
      limits: { header_bytes: 2048, body_bytes: 1000, request_seconds: 0.4, idle_seconds: 3 },
    });
  });

  it("refuses a head that is too large with 431, in the shape of all refusals", async () => {
    const answer = await wireTo(server.port, head(...HEALTH, `X-Filler: ${"x".repeat(100_000)}`)).closed;
    expect(statuses(answer)).toEqual([431]);
    expect(answer).toMatch(/connection: close/i);
    const body = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
    expect(body).toMatchObject({
      statusCode: 431,
      error: "Request Header Fields Too Large",
      message: "The request's line and headers are larger than 2048 bytes.",
    });
    expect(answer).toContain(`x-request-id: ${body.request_id}`);
  });

  it.each([
    ["a head that never ends", "GET /healthz HTTP/1.1\r\nHost: local"],
    [
      "a body that never comes",
      head("POST /mcp HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Content-Length: 50"),
    ],
    [
      "a chunked body that stops",
      `${head("POST /mcp HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Transfer-Encoding: chunked")}5\r\n{"js`,
    ],
  ])("gives %s up with 408", async (_, bytes) => {
    const started = performance.now();
    const answer = await wireTo(server.port, bytes).closed;
    expect(statuses(answer)).toEqual([408]);
    expect(answer).toContain("did not arrive whole in time");
    expect(performance.now() - started).toBeLessThan(2500);
  });

  it("gives up on one that drips its head a byte at a time", async () => {
    const wire = wireTo(server.port, "GET /healthz HTTP/1.1\r\n");
    const drip = setInterval(() => wire.socket.write("x"), 50);
    const answer = await wire.closed;
    clearInterval(drip);
    expect(statuses(answer)).toEqual([408]);
  });

  it("refuses a body that is too large with 413, announced or not", async () => {
    const post = [
      "POST /mcp HTTP/1.1",
      "Host: localhost",
      "Content-Type: application/json",
      "Accept: application/json, text/event-stream",
      "Connection: close",
    ];
    const announced = await wireTo(server.port, `${head(...post, "Content-Length: 2000")}${"x".repeat(2000)}`).closed;
    expect(statuses(announced)).toEqual([413]);
    const chunked = await wireTo(
      server.port,
      `${head(...post, "Transfer-Encoding: chunked")}7d0\r\n${"x".repeat(2000)}\r\n0\r\n\r\n`,
    ).closed;
    expect(statuses(chunked)).toEqual([413]);
    expect(await server.metrics.text()).toMatch(/usage_mcp_refused_total\{reason="size"\} 3/);
  });

  it.each([
    ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["a line that is no request", "HELLO\r\n\r\n"],
    ["a head without a Host", head("GET /healthz HTTP/1.1")],
    [
      "two lengths that differ",
      `${head("POST /mcp HTTP/1.1", "Host: localhost", "Content-Length: 3", "Content-Length: 4")}abcd`,
    ],
    [
      "a length and chunks",
      `${head("POST /mcp HTTP/1.1", "Host: localhost", "Content-Length: 3", "Transfer-Encoding: chunked")}0\r\n\r\n`,
    ],
    ["a header with a line feed in its name", head("GET /healthz HTTP/1.1", "Host: localhost", "X-\x01: a")],
    ["a Host that is none", head("GET /healthz HTTP/1.1", "Host: a b", "Connection: close")],
    ["a target that is none", head("GET \\healthz HTTP/1.1", "Host: localhost", "Connection: close")],
  ])("answers %s with 400", async (_, bytes) => {
    const answer = await wireTo(server.port, bytes).closed;
    expect(statuses(answer)).toEqual([400]);
  });

  it("answers CONNECT, an Upgrade and an unknown expectation plainly", async () => {
    expect(
      statuses(await wireTo(server.port, head("CONNECT example.com:443 HTTP/1.1", "Host: example.com:443")).closed),
    ).toEqual([405]);
    const upgrade = head(
      ...HEALTH,
      "Connection: Upgrade, close",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    );
    expect(statuses(await wireTo(server.port, upgrade).until(/"ok"/))).toEqual([200]);
    expect(statuses(await wireTo(server.port, head(...HEALTH, "Expect: cake", "Connection: close")).closed)).toEqual([
      417,
    ]);
  });

  it("lets a client go on that expects to be told to", async () => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
    const wire = wireTo(
      server.port,
      head(
        "POST /mcp HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
        "Expect: 100-continue",
        `Content-Length: ${body.length}`,
        "Connection: close",
      ),
    );
    await wire.until(/100 Continue/);
    wire.socket.write(body);
    expect(statuses(await wire.closed)).toEqual([100, 200]);
  });

  it("answers HTTP/1.0, without a Host too, and closes", async () => {
    const answer = await wireTo(server.port, head("GET /healthz HTTP/1.0")).closed;
    expect(statuses(answer)).toEqual([200]);
    expect(answer).toMatch(/connection: close/i);
  });

  it("answers pipelined requests in their order, on one connection that stays open", async () => {
    const wire = wireTo(
      server.port,
      head(...HEALTH) +
        head("GET /nothing HTTP/1.1", "Host: localhost") +
        head("GET /readyz HTTP/1.1", "Host: localhost"),
    );
    const answer = await wire.until(/"ready"/);
    expect(statuses(answer)).toEqual([200, 404, 200]);
    wire.socket.write(head(...HEALTH));
    await wire.until(/"ready"[\s\S]*"ok"/);
    wire.socket.destroy();
  });

  it("cuts a connection that sends nothing", async () => {
    const wire = wireTo(server.port);
    const started = performance.now();
    await wire.closed;
    expect(performance.now() - started).toBeLessThan(4000);
  });

  it("counts and logs what it could not read, without a word of it", async () => {
    const before = server.logged.length;
    await wireTo(server.port, "GET /s3cret-path HTTP/9.9\r\n\r\n").closed;
    expect(server.logged.slice(before)).toEqual([
      {
        level: "info",
        message: "request could not be read",
        request: expect.any(String),
        status: 400,
        reason: "malformed",
      },
    ]);
    expect(await server.metrics.text()).toMatch(/usage_mcp_refused_total\{reason="slow"\} [4-9]/);
  });
});

describe("connections", () => {
  it("are closed when nothing moves on them, and no more are taken than the most", async () => {
    const server = await serve([confluentAt("http://127.0.0.1:9")], {
      limits: { connections: 2, request_seconds: 5, idle_seconds: 1 },
    });
    const [one, two] = [wireTo(server.port, head(...HEALTH)), wireTo(server.port, head(...HEALTH))];
    await Promise.all([one.until(/ok/), two.until(/ok/)]);
    expect(await wireTo(server.port, head(...HEALTH)).closed).toBe("");
    expect(await server.metrics.text()).toContain('usage_mcp_refused_total{reason="connections"} 1');
    const started = performance.now();
    await Promise.all([one.closed, two.closed]);
    expect(performance.now() - started).toBeLessThan(2500);
    expect(statuses(await wireTo(server.port, head(...HEALTH, "Connection: close")).closed)).toEqual([200]);
  });

  it("that ask nothing make room when there is none; one that waits for its answer stays", async () => {
    const { reply, release } = held();
    const vendor = await startLoopback(reply);
    const server = await serve([confluentAt(vendor.url)], { limits: { connections: 2 } });
    const query = "?report_type=cost&start_date=2026-10-01&end_date=2026-11-01";
    const waiting = wireTo(server.port, head(`GET ${USAGE}${query} HTTP/1.1`, "Host: localhost"));
    const idle = wireTo(server.port, head(...HEALTH));
    await Promise.all([vendor.reached(1), idle.until(/ok/)]);
    expect(await wireTo(server.port, head(...HEALTH)).closed).toBe("");
    await idle.closed;
    expect(statuses(await wireTo(server.port, head(...HEALTH, "Connection: close")).closed)).toEqual([200]);
    release();
    expect(statuses(await waiting.until(/"result":\[\]/))).toEqual([200]);
    waiting.socket.destroy();
  });
});

describe("answers that take long", () => {
  it("are waited for beyond the time after which idle connections are cut", async () => {
    const vendor = await startLoopback((response, request) => setTimeout(() => NO_LINES(response, request), 1600));
    const server = await serve([confluentAt(vendor.url)], { limits: { idle_seconds: 0.5 } });
    const query = "?report_type=cost&start_date=2026-10-01&end_date=2026-11-01";
    const wire = wireTo(server.port, head(`GET ${USAGE}${query} HTTP/1.1`, "Host: localhost"));
    const answer = await wire.closed;
    expect(statuses(answer)).toEqual([200]);
    expect(answer).toContain('"result":[]');
  });
});

describe("answers that take too long", () => {
  it("are given up: a call with 504, a stream with its rows and the cursor that goes on", async () => {
    const vendor = await startLoopback(page(1), silence);
    const stuck = await startLoopback(silence);
    const server = await serve([claudeAt(vendor.url), confluentAt(stuck.url)], {
      limits: { call_seconds: 0.4, stream_seconds: 0.8 },
    });
    const call = await ask(server, "?integrated_account_id=confluent&report_type=cost&start_date=2026-10-01");
    expect(call.status).toBe(504);
    expect(await call.json()).toMatchObject({
      message: expect.stringMatching(/^There was no whole answer within 0\.4 s\./),
    });
    // What only looks like a stream has no longer.
    for (const query of ["&x=truto_response_format=stream", "&remote_query[truto_response_format=stream]=1"]) {
      const like = await ask(server, `?integrated_account_id=confluent&report_type=cost&start_date=2026-10-01${query}`);
      expect([like.status, await like.text()]).toEqual([
        expect.toBeOneOf([400, 504]),
        expect.not.stringContaining("0.8"),
      ]);
    }
    const stream = await ask(server, PAGES);
    expect(stream.status).toBe(200);
    expect(await stream.json()).toMatchObject({
      result_count: 1,
      is_partial_response: true,
      next_cursor: expect.any(String),
      error: { statusCode: 504, message: expect.stringContaining("within 0.8 s") },
    });
    await Promise.all([vendor.idle(), stuck.idle()]);
    // An operator sees whom they waited for.
    expect(await server.metrics.text()).toMatch(
      /usage_mcp_vendor_requests_total\{provider="confluent",status="none"\} [1-3]/,
    );
    const [given] = server.logged.filter(({ message }) => message === "vendor call failed");
    expect(given).toMatchObject({
      level: "warn",
      request: call.headers.get("x-request-id"),
      account: "confluent",
      path: "/billing/v1/costs",
      kind: "unavailable",
    });
  });

  it("are told as a tool's error in both eras; a summary leaves out the account and says so", async () => {
    const [answering, stuck] = [await startLoopback(NO_LINES), await startLoopback(silence)];
    const accounts = [confluentAt(answering.url), confluentAt(stuck.url, "stuck")];
    const server = await serve(accounts, { limits: { call_seconds: 0.4 } });
    const list = { integrated_account_id: "stuck", report_type: "cost" };
    for (const era of [legacyRequest, modernRequest]) {
      const [failed] = (await send(server.url, posted(era("tools/call", { name: "list_usage", arguments: list }))))
        .messages;
      expect(failed?.result).toMatchObject({
        isError: true,
        content: [{ text: expect.stringMatching(/^There was no whole answer within 0\.4 s\..*\(request /) }],
      });
      const [summed] = (
        await send(
          server.url,
          posted(era("tools/call", { name: "get_cost_summary", arguments: { period: "2026-10" } })),
        )
      ).messages;
      expect(summed?.result?.["structuredContent"]).toMatchObject({
        is_partial_response: true,
        accounts: [
          { integrated_account_id: "confluent", status: "ok" },
          { integrated_account_id: "stuck", status: "error", error: expect.stringContaining("within 0.4 s") },
        ],
      });
    }
    await stuck.idle();
  });
});

describe("names that take too long", () => {
  const costs = json({
    object: "page",
    data: [
      {
        object: "bucket",
        start_time: 1_791_849_600,
        end_time: 1_791_936_000,
        results: [{ object: "organization.costs.result", amount: { value: 1, currency: "usd" }, user_id: "user-1" }],
      },
    ],
    has_more: false,
    next_page: null,
  });

  it("end the call of who waits for them in its own time, and no rows go out in which they are missing", async () => {
    const vendor = await startLoopback((response, request) =>
      (request.url?.startsWith("/v1/organization/costs") ? costs : silence)(response, request),
    );
    const account = {
      id: "openai",
      provider: "openai_codex",
      base_url: vendor.url,
      credentials: { api_key: "sk-admin-s3cret" },
    };
    const server = await serve([account], { limits: { call_seconds: 0.5, stream_seconds: 60 } });
    const query = "?report_type=user_cost&start_date=2026-10-13&end_date=2026-10-14";
    const stream = new AbortController();
    // It asks for the names first, and has time.
    const patient = ask(server, `${query}&truto_response_format=stream`, undefined, { signal: stream.signal }).catch(
      () => "gone",
    );
    await vendor.reached(2);
    const call = await ask(server, query);
    expect([call.status, await call.text()]).toEqual([504, expect.stringContaining("no whole answer within 0.5 s.")]);
    stream.abort();
    expect(await patient).toBe("gone");
    await vendor.idle();
    const alone = await ask(server, query);
    expect([alone.status, await alone.text()]).toEqual([504, expect.stringContaining("no whole answer within 0.5 s.")]);
  });
});

describe("readers of a stream", () => {
  let vendor: Loopback;
  let server: Served;
  beforeAll(async () => {
    vendor = await startLoopback(endless());
    server = await serve([claudeAt(vendor.url)], {
      limits: { idle_seconds: 1, stream_seconds: 60 },
    });
  });
  afterAll(() => vendor.close());
  const stream = head(`GET ${USAGE}${PAGES} HTTP/1.1`, "Host: localhost");

  it("who read nothing are cut, and their vendor calls end", async () => {
    const wire = wireTo(server.port, stream);
    wire.socket.pause();
    await vendor.reached(3);
    const started = performance.now();
    while (!server.logged.some(({ message, gone }) => message === "request" && gone === true)) {
      await sleep(50);
      expect(performance.now() - started).toBeLessThan(8000);
    }
    // What was on its way when the connection was cut still arrives.
    await sleep(100);
    await vendor.idle();
    const asked = vendor.asked.length;
    await sleep(300);
    expect(vendor.asked.length).toBe(asked);
    expect(await server.metrics.text()).toContain("usage_mcp_http_requests_in_flight 0");
    // What had been answered is what is told; that it was cut stands beside it.
    const told = server.logged.filter(({ message }) => message === "request");
    expect(told).toMatchObject([{ status: 200, gone: true }]);
    wire.socket.destroy();
  });

  it("who go away end their vendor calls", async () => {
    const before = vendor.asked.length;
    const wire = wireTo(server.port, stream);
    await vendor.reached(before + 3);
    wire.socket.destroy();
    await sleep(200);
    await vendor.idle();
    const asked = vendor.asked.length;
    await sleep(300);
    expect(vendor.asked.length).toBe(asked);
    // Nothing is wrong with the vendor.
    expect(server.logged.filter(({ level }) => level === "warn")).toEqual([]);
  });
});
