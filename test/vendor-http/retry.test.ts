import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { type Log, SILENT } from "../../src/log.ts";
import type { Wait } from "../../src/vendor-http/vendor-call.ts";
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
    expect((await ask(vendor.url, { pace: { second: 50 } })).body).toEqual(ok);
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
    expect((await ask(vendor.url, { pace: { second: 50 } })).body).toEqual(ok);
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

describe("throttling", () => {
  const QUICK = { pace: { second: 10 } };

  it("is waited out up to four times", async () => {
    const vendor = await startLoopback(...Array.from({ length: 4 }, () => throttled({ "retry-after": "1" })), json(ok));
    expect((await ask(vendor.url, QUICK)).body).toEqual(ok);
    expect(vendor.asked).toHaveLength(5);
  });

  it("is given up after five tries, with the vendor's words and how long it wants to be left alone", async () => {
    const vendor = await startLoopback(throttled({ "retry-after": "7", "x-request-id": "req-9" }));
    const error = await refusalOf(ask(vendor.url, QUICK));
    expect(vendor.asked).toHaveLength(5);
    expect(error.details).toMatchObject({
      status: 429,
      words: "Exceeded rate limit",
      retry_after: 7,
      request_id: "req-9",
    });
    expect(error.message).toContain("try again in 7 s");
  });

  it("is waited for longer each time where the vendor does not say how long, and its limit isn't known", async () => {
    const vendor = await startLoopback(throttled({}));
    await refusalOf(ask(vendor.url, { ...QUICK, vendor: "openai_codex" }));
    const pauses = vendor.asked.slice(1).map(({ at }, index) => (at - (vendor.asked[index]?.at ?? 0)) / 10);
    expect(pauses).toHaveLength(4);
    for (const [index, least] of [1, 2, 4, 8].entries()) expect(pauses[index]).toBeGreaterThanOrEqual(least);
  });

  it("longer than the call has time is not waited for", async () => {
    const vendor = await startLoopback(throttled({ "retry-after": "50" }));
    const started = performance.now();
    const error = await refusalOf(ask(vendor.url, { ...QUICK, deadline: 300 }));
    expect(performance.now() - started).toBeLessThan(250);
    expect(error.details).toMatchObject({ status: 429, retry_after: 50 });
    expect(vendor.asked).toHaveLength(1);
  });

  it("within the time that the call has is waited for, however long", async () => {
    const vendor = await startLoopback(throttled({ "retry-after": "150" }), json(ok));
    expect((await ask(vendor.url, { ...QUICK, deadline: 10_000 })).body).toEqual(ok);
    expect(pause(vendor)).toBeGreaterThanOrEqual(1490);
  });
});

describe("a fault", () => {
  it("longer than the call has time is not waited for, and the error is the vendor's", async () => {
    const vendor = await startLoopback(down({ "retry-after": "30" }));
    const error = await refusalOf(ask(vendor.url, { pace: { second: 10 }, deadline: 200 }));
    expect(error.details).toMatchObject({ status: 503, retry_after: 30 });
    expect(vendor.asked).toHaveLength(1);
  });

  it("that takes a while is told", async () => {
    const vendor = await startLoopback(down({ "retry-after": "30" }), json(ok));
    const waits: Wait[] = [];
    await ask(vendor.url, { pace: { second: 10 }, waiting: (wait) => waits.push(wait) });
    expect(waits).toEqual([
      { seconds: 30, reason: "another try at confluent account 'my-confluent', which has a fault" },
    ]);
  });

  it("is waited for longer each time, and never just as long as before", async () => {
    const vendor = await startLoopback(json({ errors: ["oops"] }, 500));
    const pauses: number[] = [];
    const note = ({ seconds }: Record<string, unknown>) => pauses.push(Number(seconds));
    const log: Log = { ...SILENT, info: note };
    for (let time = 0; time < 4; time++) await refusalOf(ask(vendor.url, { log, pace: { second: 1 } }));
    expect(pauses).toHaveLength(12);
    for (const [index, seconds] of pauses.entries()) {
      const longest = [0.5, 1, 2][index % 3] ?? 0;
      expect(seconds).toBeGreaterThanOrEqual(longest / 2);
      expect(seconds).toBeLessThanOrEqual(longest);
    }
    expect(new Set(pauses).size).toBe(12);
  });
});

describe("what the vendor itself says of another try", () => {
  const failing = (status: number, headers: Record<string, string>) =>
    json({ error: { type: "api_error", message: "No" } }, status, headers);

  it.each([
    ["claude", 400, "true", 2],
    ["claude", 500, "false", 1],
    ["openai_codex", 429, "false", 1],
    ["openai_codex", 404, "true", 2],
    ["claude", 401, "true", 1],
    ["claude", 403, "true", 1],
    ["claude", 410, "true", 1],
    // Others send no such header; a proxy's is not believed.
    ["confluent", 400, "true", 1],
    ["cursor", 500, "false", 2],
  ] as const)("%s, %i, x-should-retry: %s: tries %i", async (vendorId, status, said, tries) => {
    const vendor = await startLoopback(failing(status, { "x-should-retry": said, "retry-after": "0" }), json(ok));
    await ask(vendor.url, { vendor: vendorId }).catch((error: unknown) => expect(error).toBeInstanceOf(UsageError));
    expect(vendor.asked).toHaveLength(tries);
  });

  it.each([
    ["claude", 408],
    ["claude", 409],
    ["claude", 504],
    ["claude", 529],
    ["openai_codex", 409],
    ["cursor", 408],
    ["datadog", 504],
  ] as const)("nothing: %s heals after %i", async (vendorId, status) => {
    const vendor = await startLoopback(failing(status, {}), json(ok));
    expect((await ask(vendor.url, { vendor: vendorId, pace: { second: 10 } })).body).toEqual(ok);
  });

  it.each(["confluent", "cursor", "datadog"] as const)("nothing: %s means a 409 as it says", async (vendorId) => {
    const vendor = await startLoopback(failing(409, {}), json(ok));
    expect((await refusalOf(ask(vendor.url, { vendor: vendorId }))).kind).toBe("question");
    expect(vendor.asked).toHaveLength(1);
  });
});

describe.concurrent("a wait that the vendor asks for", () => {
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
    await ask(vendor.url);
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

  it("is x-ratelimit-reset's for Datadog, whatever Retry-After says", async () => {
    const vendor = await startLoopback(throttled({ "retry-after": "0", "x-ratelimit-reset": "1" }), json(ok));
    await ask(vendor.url, { vendor: "datadog" });
    expect(pause(vendor)).toBeGreaterThanOrEqual(990);
  });

  it("may be milliseconds", async () => {
    const vendor = await startLoopback(throttled({ "retry-after-ms": "433.5", "retry-after": "30" }), json(ok));
    await ask(vendor.url, { vendor: "claude" });
    expect(pause(vendor)).toBeGreaterThanOrEqual(430);
    expect(pause(vendor)).toBeLessThan(900);
  });

  it("is the client's own, a growing one, where the header can't be read", async () => {
    const vendor = await startLoopback(throttled({ "retry-after": "soon", "x-ratelimit-reset": "-5" }), json(ok));
    await ask(vendor.url);
    expect(pause(vendor)).toBeGreaterThanOrEqual(990);
    expect(pause(vendor)).toBeLessThan(1500);
  });

  it.each([
    ["Retry-After: 153 on a 429", "confluent", 429, { "retry-after": "153" }],
    ["x-ratelimit-reset: 153 on a 429", "datadog", 429, { "x-ratelimit-reset": "153" }],
    ["Retry-After: 153 on a 503", "confluent", 503, { "retry-after": "153" }],
  ] as const)(
    "is left to the caller when it is long, and the error says how long: %s",
    async (_, vendorId, status, headers) => {
      const vendor = await startLoopback(json({ errors: ["Exceeded rate limit"] }, status, headers));
      const started = performance.now();
      const error = await refusalOf(ask(vendor.url, { vendor: vendorId }));
      expect(performance.now() - started).toBeLessThan(2000);
      expect(vendor.asked).toHaveLength(1);
      expect(error).toMatchObject({ kind: "unavailable", details: { status, retry_after: 153 } });
      expect(error.message).toMatch(/\b153 s\b/);
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
