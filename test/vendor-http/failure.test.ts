import { describe, expect, it } from "vitest";
import type { ProviderId } from "../../src/accounts/account.ts";
import type { Log } from "../../src/log.ts";
import {
  ask,
  brokenOff,
  closedPort,
  endServersAfterwards,
  everythingSaidBy,
  json,
  ok,
  REQUESTS,
  type Reply,
  refusalOf,
  reset,
  SECRETS,
  secretsIn,
  silence,
  stalled,
  startLoopback,
  text,
  VENDORS,
} from "./loopback.ts";

endServersAfterwards();

const html = text("<!doctype html><p>Sign in to the proxy", 200, { "content-type": "text/html", "retry-after": "0" });

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])("of status %i is not followed, and nothing reaches its target", async (status) => {
    const target = await startLoopback(json(ok));
    const vendor = await startLoopback(text("", status, { location: `${target.url}/elsewhere` }));
    const error = await refusalOf(ask(vendor.url, { vendor: "datadog" }));
    expect(target.asked).toEqual([]);
    expect(vendor.asked).toHaveLength(1);
    expect(error.kind).toBe("credentials");
    expect(error.message).toMatch(/redirects.*base_url/);
  });
});

describe("a request", () => {
  it.each(VENDORS)("carries the credentials of %s in its headers and nowhere else", async (vendorId) => {
    const vendor = await startLoopback(json(ok));
    const answer = await ask(vendor.url, { vendor: vendorId });
    const [request] = vendor.asked;
    if (!request) throw new Error("nothing was asked");
    const { headers, url } = request;
    const sent =
      vendorId === "datadog"
        ? [headers["dd-api-key"], headers["dd-application-key"]].join(":")
        : Buffer.from(String(headers.authorization).replace("Basic ", ""), "base64").toString();
    expect(sent).toBe(Object.values(SECRETS[vendorId]).join(":"));
    expect(secretsIn(`${url} ${answer.url} ${JSON.stringify(answer)}`)).toEqual([]);
  });

  it("keeps the path of a gateway in front", async () => {
    const gateway = await startLoopback(json(ok));
    await ask(`${gateway.url}/team/confluent/`);
    expect(gateway.asked[0]?.url).toBe("/team/confluent/billing/v1/costs?start_date=2026-10-01");
  });

  it("does not leave for a host that the account doesn't name, whatever its path", async () => {
    const other = await startLoopback(json(ok));
    const vendor = await startLoopback(json(ok));
    const path = `@127.0.0.1:${other.port}/billing/v1/costs`;
    const started = performance.now();
    const error = await refusalOf(ask(vendor.url, { request: { method: "GET", path } }));
    expect(error.kind).toBe("vendor_data");
    // At once: another try would lead to the same place.
    expect(performance.now() - started).toBeLessThan(240);
    expect([...other.asked, ...vendor.asked]).toEqual([]);
  });

  it("gives numbers beyond a double's digits as their digits", async () => {
    const vendor = await startLoopback(text('{"amount": 12345678901234567890.123, "short": 0.1}'));
    expect((await ask(vendor.url)).body).toEqual({ amount: "12345678901234567890.123", short: 0.1 });
  });
});

describe.concurrent("an answer that is none", () => {
  it.concurrent.each<[string, Reply, RegExp]>([
    ["a web page", html, /a web page instead of JSON/],
    ["nothing", text("", 200), /with nothing instead of JSON/],
    [
      "JSON cut short",
      text('{"data": [1,', 200, { "content-type": "application/json" }),
      /12 characters of application\/json/,
    ],
    ["a connection that breaks off", brokenOff, /got no whole answer from 127\.0\.0\.1:\d+ \(.+\)/],
    ["a connection that is reset", reset, /got no whole answer from 127\.0\.0\.1:\d+ \(.+\)/],
  ])("names what came, the account and the call: %s", async (_, reply, words) => {
    const vendor = await startLoopback(reply);
    const error = await refusalOf(ask(vendor.url));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toMatch(words);
    expect(error.message).toContain("confluent account 'my-confluent': GET /billing/v1/costs");
    expect(error.message).not.toMatch(/[\n<]/);
    expect(vendor.asked).toHaveLength(4);
  });

  it.concurrent("names the host of a connection that is refused, and why", async () => {
    const port = await closedPort();
    const error = await refusalOf(ask(`http://127.0.0.1:${port}`));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toContain(`127.0.0.1:${port} (ECONNREFUSED)`);
  });
});

describe.concurrent("an answer that comes too slowly, or never ends", () => {
  const drip: Reply = (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write("[");
    const timer = setInterval(() => response.write("1,"), 20);
    response.on("close", () => clearInterval(timer));
  };
  const endless: Reply = (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const more = () => {
      while (!response.destroyed && response.write("[".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  };

  it("drip by drip ends, however steadily it comes, and is tried once more", async () => {
    const vendor = await startLoopback(drip);
    const error = await refusalOf(ask(vendor.url, { bounds: { attemptMs: 200 }, pace: { second: 10 } }));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toMatch(/got no whole answer from 127\.0\.0\.1:\d+ \(not whole after 0\.2 s\)/);
    expect(vendor.asked).toHaveLength(2);
    await vendor.idle();
  });

  it("heals when the next try is quick", async () => {
    const vendor = await startLoopback(drip, json(ok));
    const answer = await ask(vendor.url, { bounds: { attemptMs: 200 }, pace: { second: 10 } });
    expect(answer.body).toEqual(ok);
  });

  it.each<[string, Reply, string]>([
    ["headers never come", silence, "UND_ERR_HEADERS_TIMEOUT"],
    ["the body stops", stalled, "UND_ERR_BODY_TIMEOUT"],
  ])("ends where %s", async (_, reply, code) => {
    const vendor = await startLoopback(reply);
    const bounds = { headersMs: 150, bodyMs: 150 };
    const error = await refusalOf(ask(vendor.url, { bounds, pace: { second: 10 } }));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toContain(`(${code})`);
    expect(vendor.asked).toHaveLength(4);
    await vendor.idle();
  });

  it("larger than it may be is read no further, and not asked for again", async () => {
    const vendor = await startLoopback(endless);
    const error = await refusalOf(ask(vendor.url, { bounds: { bytes: 2 * 1024 * 1024 } }));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toMatch(/GET \/billing\/v1\/costs .*larger than 2 MiB.*shorter period/);
    expect(vendor.asked).toHaveLength(1);
    await vendor.idle();
  });

  it("shorter or longer than its length says is not taken", async () => {
    const shorter: Reply = (response) => {
      response.socket?.end(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 30\r\n\r\n{"data": []}',
      );
    };
    const longer: Reply = (response) => {
      response.socket?.end(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n{"data": []}',
      );
    };
    for (const reply of [shorter, longer]) {
      const vendor = await startLoopback(reply);
      const error = await refusalOf(ask(vendor.url, { pace: { second: 10 } }));
      expect(error).toMatchObject({ kind: "unavailable", details: { integrated_account_id: "my-confluent" } });
    }
  });
});

describe("an answer with a status of success", () => {
  const QUICK = { pace: { second: 10 } };

  it.each(["text/plain", "text/html", "application/octet-stream", ""])(
    "is read as JSON if it is, whatever its type says: '%s'",
    async (type) => {
      const vendor = await startLoopback(text('{"fine": true}', 200, type === "" ? {} : { "content-type": type }));
      expect((await ask(vendor.url)).body).toEqual(ok);
    },
  );

  it.each<[ProviderId, unknown, string]>([
    // Claude's, OpenAI's, Cursor's, Confluent's and Datadog's own error bodies.
    [
      "claude",
      { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: null },
      "Overloaded",
    ],
    [
      "openai_codex",
      { error: { message: "The server had an error", type: "server_error", param: null, code: null } },
      "The server had an error",
    ],
    [
      "openai_codex",
      { detail: [{ loc: ["query", "limit"], msg: "field required", type: "missing" }] },
      "field required",
    ],
    ["cursor", { error: "Too Many Requests", message: "Rate limit exceeded." }, "Rate limit exceeded."],
    [
      "confluent",
      { errors: [{ status: "429", detail: "Exceeded rate limit" }], data: null, metadata: {} },
      "Exceeded rate limit",
    ],
    ["confluent", { errors: [{ detail: "Half of it failed" }], data: [] }, "Half of it failed"],
    ["datadog", { errors: ["Internal error"] }, "Internal error"],
    ["cursor", { message: "login required" }, "login required"],
  ])("that holds an error is one, and is tried again: %s %j", async (vendorId, body, words) => {
    const header = { claude: "request-id", datadog: "dd-request-id" }[String(vendorId)] ?? "x-request-id";
    const sick = await startLoopback(json(body, 200, { [header]: "req-5" }));
    const error = await refusalOf(ask(sick.url, { ...QUICK, vendor: vendorId }));
    expect(error).toMatchObject({ kind: "unavailable", details: { status: 200, request_id: "req-5", body } });
    expect(error.message).toContain(words);
    expect(error.message).toContain("HTTP 200");
    expect(sick.asked).toHaveLength(4);
    const healed = await startLoopback(json(body), json(ok));
    expect((await ask(healed.url, { ...QUICK, vendor: vendorId })).body).toEqual(ok);
  });

  it.each<[ProviderId, unknown]>([
    ["confluent", { api_version: "billing/v1", kind: "CostList", metadata: {}, data: null }],
    ["confluent", { api_version: "billing/v1", kind: "CostList", metadata: {}, data: [], errors: [] }],
    ["cursor", { teamMembers: [], message: "There are none" }],
    ["cursor", { usageEvents: [{ timestamp: "1" }], error: null }],
    ["openai_codex", { object: "page", data: [], has_more: false, next_page: null, error: null }],
    ["claude", { data: [], has_more: false, next_page: null }],
    ["datadog", { data: [{ id: "1" }], errors: ["One of the organizations is missing"] }],
  ])("that holds data is none: %s %j", async (vendorId, body) => {
    const vendor = await startLoopback(json(body));
    expect((await ask(vendor.url, { vendor: vendorId })).body).toEqual(body);
    expect(vendor.asked).toHaveLength(1);
  });

  it("that can't be read is named with its request id", async () => {
    const vendor = await startLoopback(text("<html>", 200, { "content-type": "text/html", "x-request-id": "req-6" }));
    const error = await refusalOf(ask(vendor.url, QUICK));
    expect(error.message).toContain("a web page instead of JSON (HTTP 200, request id req-6)");
    expect(error.details).toMatchObject({ status: 200, request_id: "req-6", integrated_account_id: "my-confluent" });
  });
});

describe("a cancelled call", () => {
  it.each<[string, Reply]>([
    ["before any answer", silence],
    ["in the middle of the body", stalled],
  ])("ends at once and leaves nothing open, %s", async (_, reply) => {
    const vendor = await startLoopback(reply);
    const abort = new AbortController();
    const call = refusalOf(ask(vendor.url, { signal: abort.signal }));
    await vendor.reached(1);
    await new Promise((resolve) => setImmediate(resolve));
    const cancelled = performance.now();
    abort.abort();
    const error = await call;
    expect(error.kind).toBe("cancelled");
    expect(performance.now() - cancelled).toBeLessThan(500);
    await vendor.idle();
    expect(vendor.open()).toBe(0);
    expect(vendor.asked).toHaveLength(1);
  });

  it("ends at once while it waits for the next try, which is never made", async () => {
    const vendor = await startLoopback(json({ errors: ["down"] }, 503, { "retry-after": "2" }), json(ok));
    const abort = new AbortController();
    const call = refusalOf(ask(vendor.url, { signal: abort.signal }));
    await vendor.reached(1);
    await vendor.idle();
    // The answer is out; the client reads it and begins to wait.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const cancelled = performance.now();
    abort.abort();
    expect((await call).kind).toBe("cancelled");
    expect(performance.now() - cancelled).toBeLessThan(500);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect(vendor.asked).toHaveLength(1);
  });

  it("is never sent when it was cancelled before", async () => {
    const vendor = await startLoopback(json(ok));
    const error = await refusalOf(ask(vendor.url, { signal: AbortSignal.abort() }));
    expect(error.kind).toBe("cancelled");
    expect(vendor.asked).toEqual([]);
  });
});

describe("the vendor's words", () => {
  it.each([
    ["confluent", "x-request-id"],
    ["datadog", "dd-request-id"],
  ] as const)("come with its request id: %s", async (vendorId, header) => {
    const vendor = await startLoopback(json({ errors: [{ detail: "No" }] }, 403, { [header]: "req-4711" }));
    const error = await refusalOf(ask(vendor.url, { vendor: vendorId }));
    expect(error.message).toContain("(request id req-4711)");
    expect(error.details.request_id).toBe("req-4711");
  });

  it.each([
    ["strings", { errors: ["first line\nsecond\r\n\tline"] }],
    ["objects", { errors: [{ detail: "first line\nsecond\u2028line" }] }],
  ])("stand on one line: %s", async (_, body) => {
    const vendor = await startLoopback(json(body, 400));
    const error = await refusalOf(ask(vendor.url, { vendor: "datadog" }));
    expect(error.message).toContain('"first line second line"');
    expect(error.message).not.toMatch(/[\r\n\t\u2028]/);
  });

  it("are cut when they are long", async () => {
    const vendor = await startLoopback(json({ errors: [{ detail: "x".repeat(100_000) }] }, 400));
    expect((await refusalOf(ask(vendor.url))).message.length).toBeLessThan(1000);
  });

  it.each([
    ["a proxy's page", text("<html><h1>Forbidden by policy</h1></html>", 403, { "content-type": "text/html" })],
    ["another shape of JSON", json({ errors: { nested: [1, null] } }, 403)],
    ["JSON null", json(null, 403)],
    ["an empty body", text("", 403)],
  ])("are left out where they aren't its error shape: %s", async (_, reply) => {
    const vendor = await startLoopback(reply);
    for (const vendorId of VENDORS) {
      const error = await refusalOf(ask(vendor.url, { vendor: vendorId }));
      expect(error).toMatchObject({ kind: "credentials", details: { status: 403 } });
      expect(error.message).toMatch(/was refused: HTTP 403\. \w/);
    }
  });

  it("of a child organization's keys tell which keys to take", async () => {
    const words = "API called with non-parent org keys. Data is only available at the root level org";
    const vendor = await startLoopback(json({ errors: [words] }, 400));
    const error = await refusalOf(ask(vendor.url, { vendor: "datadog" }));
    expect(error.kind).toBe("credentials");
    expect(error.message).toMatch(/parent/);
  });
});

describe("a secret", () => {
  const { api_key, application_key } = SECRETS.datadog;
  const echoes: [string, Reply][] = [
    ["a refusal", json({ errors: ["Forbidden"] }, 403)],
    ["throttling", json({ errors: ["Slow down"] }, 429, { "retry-after": "600" })],
    ["a redirect whose target holds the key", text("", 302, { location: `https://login.example/?k=${api_key}` })],
    ["a refusal that quotes the key", json({ errors: [`API key ${api_key} is not valid`] }, 403)],
    ["a refusal that quotes the other key", json({ errors: [{ detail: `unknown ${application_key}` }] }, 401)],
    ["a page that quotes the key", text(`<p>${api_key}</p>`, 403, { "content-type": "text/html" })],
  ];

  it.each(echoes)("is in nothing that an error says: %s", async (_, reply) => {
    const vendor = await startLoopback(reply);
    const said = everythingSaidBy(await refusalOf(ask(vendor.url, { vendor: "datadog" })));
    expect(secretsIn(said)).toEqual([]);
  });

  it.concurrent.each<[string, Reply]>([
    ["a web page that begins with it", text(`<${api_key}>`, 200, { "content-type": "text/html" })],
    ["text that begins with it", text(`${api_key} is unknown here`)],
    ["a connection that breaks off", brokenOff],
    ["a connection that is reset", reset],
  ])("is in nothing that an error says, nor its causes: %s", async (_, reply) => {
    const vendor = await startLoopback(reply);
    const said = everythingSaidBy(await refusalOf(ask(vendor.url, { vendor: "datadog" })));
    expect(secretsIn(said)).toEqual([]);
  });

  it("is in no cancelled call's error", async () => {
    const vendor = await startLoopback(silence);
    const abort = new AbortController();
    const call = refusalOf(ask(vendor.url, { signal: abort.signal }));
    await vendor.reached(1);
    abort.abort();
    const said = everythingSaidBy(await call);
    expect(secretsIn(said)).toEqual([]);
  });

  it.each(VENDORS)("is in no line of the log: %s", async (vendorId) => {
    const lines: string[] = [];
    const note = (fields: Record<string, unknown>, message: string) => {
      lines.push(`${message} ${JSON.stringify(fields)}`);
    };
    const log: Log = { debug: note, info: note, warn: note, error: note };
    const vendor = await startLoopback(json({ errors: ["down"] }, 503, { "retry-after": "0" }), json(ok));
    await ask(vendor.url, { vendor: vendorId, log });
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines.join("\n")).toContain(REQUESTS[vendorId].path);
    expect(secretsIn(lines.join("\n"))).toEqual([]);
  });
});
