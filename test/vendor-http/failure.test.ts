import { describe, expect, it } from "vitest";
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
    const error = await refusalOf(ask(vendor.url, { request: { method: "GET", path } }));
    expect(error.kind).toBe("vendor_data");
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
    ["throttling", json({ errors: ["Slow down"] }, 429, { "retry-after": "60" })],
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
