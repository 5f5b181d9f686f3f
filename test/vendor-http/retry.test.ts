import { describe, expect, it } from "vitest";
import {
  ask,
  brokenOff,
  endServersAfterwards,
  json,
  type Loopback,
  ok,
  refusalOf,
  startLoopback,
  text,
} from "./loopback.ts";

endServersAfterwards();

const throttled = (headers: Record<string, string>) =>
  json({ errors: [{ detail: "Exceeded rate limit" }] }, 429, headers);
const down = (headers: Record<string, string> = {}) => json({ errors: ["Service unavailable"] }, 503, headers);

/** Milliseconds between the first request and the second. */
function pause({ asked }: Loopback): number {
  return (asked[1]?.at ?? Number.NaN) - (asked[0]?.at ?? Number.NaN);
}

describe("a call that can heal", () => {
  it("is tried again after a 503 and gives the answer", async () => {
    const vendor = await startLoopback(down(), json(ok));
    expect((await ask(vendor.url)).body).toEqual(ok);
    expect(vendor.asked).toHaveLength(2);
    expect(vendor.asked[1]).toMatchObject({ method: "GET", url: vendor.asked[0]?.url });
  });

  it.each([
    ["a 500", json({ errors: ["oops"] }, 500, { "retry-after": "0" })],
    ["a gateway's 502 page", text("<html>Bad gateway</html>", 502, { "content-type": "text/html" })],
    ["a web page with status 200", text("<html>Sign in</html>", 200, { "content-type": "text/html" })],
    ["an empty body", text("")],
    ["JSON that ends early", text('{"data": [1, 2')],
    ["a body that breaks off", brokenOff],
  ])("is tried again after %s", async (_, failing) => {
    const vendor = await startLoopback(failing, json(ok));
    expect((await ask(vendor.url)).body).toEqual(ok);
    expect(vendor.asked).toHaveLength(2);
  });

  it("is given up after three more tries, with the vendor's last words", async () => {
    const vendor = await startLoopback(
      down({ "retry-after": "0" }),
      down({ "retry-after": "0" }),
      down({ "retry-after": "0" }),
      json({ errors: [{ detail: "Still down" }] }, 503, { "retry-after": "0" }),
    );
    const error = await refusalOf(ask(vendor.url));
    expect(vendor.asked).toHaveLength(4);
    expect(error).toMatchObject({ kind: "unavailable", details: { status: 503 } });
    expect(error.message).toContain("Still down");
  });
});

describe("a wait that the vendor asks for", () => {
  it.each([
    ["Retry-After", "confluent", { "retry-after": "1" }],
    ["x-ratelimit-reset, in seconds from now", "datadog", { "x-ratelimit-reset": "1" }],
    ["x-ratelimit-reset, in seconds from now", "confluent", { "x-ratelimit-reset": "1" }],
  ] as const)("is kept on a 429: %s of %s", async (_, vendorId, headers) => {
    const vendor = await startLoopback(throttled(headers), json(ok));
    await ask(vendor.url, { vendor: vendorId });
    expect(pause(vendor)).toBeGreaterThanOrEqual(990);
    expect(pause(vendor)).toBeLessThan(2000);
  });

  it("is kept on a 503", async () => {
    const vendor = await startLoopback(down({ "retry-after": "1" }), json(ok));
    await ask(vendor.url);
    expect(pause(vendor)).toBeGreaterThanOrEqual(990);
  });

  it.each([
    ["Retry-After: 0", { "retry-after": "0" }],
    ["a Retry-After date that has passed", { "retry-after": "Mon, 23 Nov 2020 09:00:00 GMT" }],
    ["x-ratelimit-reset: 0", { "x-ratelimit-reset": "0" }],
    ["Retry-After, which comes before x-ratelimit-reset", { "retry-after": "0", "x-ratelimit-reset": "19" }],
  ])("is none with %s", async (_, headers) => {
    const vendor = await startLoopback(throttled(headers), json(ok));
    await ask(vendor.url, { vendor: "datadog" });
    // The shortest wait of its own would be 250 ms.
    expect(pause(vendor)).toBeLessThan(240);
  });

  it("may be an HTTP date", async () => {
    const inTwoSeconds = new Date(Date.now() + 2000).toUTCString();
    const vendor = await startLoopback(throttled({ "retry-after": inTwoSeconds }), json(ok));
    await ask(vendor.url);
    expect(pause(vendor)).toBeGreaterThanOrEqual(900);
  });

  it("is x-ratelimit-reset's where Retry-After is sent empty", async () => {
    const vendor = await startLoopback(throttled({ "retry-after": "", "x-ratelimit-reset": "1" }), json(ok));
    await ask(vendor.url);
    expect(pause(vendor)).toBeGreaterThanOrEqual(990);
  });

  it("is the client's own, a growing one, where the header can't be read", async () => {
    const vendor = await startLoopback(throttled({ "retry-after": "soon", "x-ratelimit-reset": "-5" }), json(ok));
    await ask(vendor.url);
    expect(pause(vendor)).toBeGreaterThanOrEqual(240);
    expect(pause(vendor)).toBeLessThan(1000);
  });

  it.each([
    ["Retry-After: 53 on a 429", "confluent", 429, { "retry-after": "53" }],
    ["x-ratelimit-reset: 53 on a 429", "datadog", 429, { "x-ratelimit-reset": "53" }],
    ["Retry-After: 53 on a 503", "confluent", 503, { "retry-after": "53" }],
  ] as const)(
    "is left to the caller when it is long, and the error says how long: %s",
    async (_, vendorId, status, headers) => {
      const vendor = await startLoopback(json({ errors: ["Exceeded rate limit"] }, status, headers));
      const started = performance.now();
      const error = await refusalOf(ask(vendor.url, { vendor: vendorId }));
      expect(performance.now() - started).toBeLessThan(2000);
      expect(vendor.asked).toHaveLength(1);
      expect(error).toMatchObject({ kind: "unavailable", details: { status, retry_after: 53 } });
      expect(error.message).toMatch(/\b53 s\b/);
    },
  );
});

describe("a refusal that no retry mends", () => {
  it.each([
    [400, "question"],
    [401, "credentials"],
    [403, "credentials"],
    [404, "credentials"],
    [422, "question"],
  ] as const)("is not tried again: %i", async (status, kind) => {
    // Retry-After on a refusal changes nothing.
    const vendor = await startLoopback(json({ errors: [{ detail: "No" }] }, status, { "retry-after": "0" }), json(ok));
    const error = await refusalOf(ask(vendor.url));
    expect(vendor.asked).toHaveLength(1);
    expect(error).toMatchObject({
      kind,
      details: { status, provider: "confluent", integrated_account_id: "my-confluent" },
    });
  });
});
