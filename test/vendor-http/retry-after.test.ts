import { describe, expect, it } from "vitest";
import type { ProviderId } from "../../src/accounts/account.ts";
import { saysRetry, secondsToWait, toldBudget } from "../../src/vendor-http/retry-after.ts";
import { connectTo } from "./loopback.ts";

const of = (provider: ProviderId) => connectTo("http://127.0.0.1:9", provider);
/** By the vendor's clock, an hour before ours. */
const date = new Date(Date.now() - 3_600_000).toUTCString();
const inAMinute = new Date(Date.parse(date) + 60_000).toUTCString();

describe("how long a vendor wants to be left alone", () => {
  it.each<[ProviderId, number, Record<string, string>, number | undefined]>([
    ["openai_codex", 429, { "retry-after": "20" }, 20],
    ["openai_codex", 500, { "retry-after": "1.5" }, 1.5],
    ["claude", 429, { "retry-after-ms": "1250.5", "retry-after": "7" }, 1.2505],
    ["claude", 429, { "retry-after": inAMinute, date }, 60],
    ["claude", 429, { "retry-after": date, date: inAMinute }, 0],
    // Only Confluent and Datadog document these.
    ["claude", 429, { "x-ratelimit-reset": "9" }, undefined],
    ["cursor", 429, { "x-ratelimit-reset": "9" }, undefined],
    ["confluent", 429, { "retry-after": "53", "x-ratelimit-reset": "9" }, 53],
    ["confluent", 429, { "x-ratelimit-reset": "9" }, 9],
    ["confluent", 429, { "ratelimit-reset": "9" }, 9],
    ["confluent", 400, { "x-ratelimit-reset": "9" }, 9],
    ["datadog", 429, { "retry-after": "53", "x-ratelimit-reset": "9" }, 9],
    ["datadog", 429, { "retry-after": "53" }, 53],
    // The reset of a limit says nothing of a fault's end.
    ["datadog", 503, { "x-ratelimit-reset": "9" }, undefined],
    ["datadog", 503, { "retry-after": "53", "x-ratelimit-reset": "9" }, 53],
    // The time of day is no number of seconds from now.
    ["confluent", 429, { "x-ratelimit-reset": "1795424400" }, undefined],
    ["confluent", 429, { "retry-after": "soon", "x-ratelimit-reset": "-5" }, undefined],
    ["confluent", 429, { "retry-after": "", "x-ratelimit-reset": "" }, undefined],
    ["confluent", 429, { "retry-after": "1e400" }, undefined],
    ["confluent", 429, { "retry-after": "2026-11-23" }, undefined],
    ["confluent", 429, {}, undefined],
  ])("%s, %i, %j: %s", (provider, status, headers, seconds) => {
    expect(secondsToWait(of(provider), status, headers)).toBe(seconds);
  });
});

describe("whether a vendor wants another try", () => {
  it.each<[ProviderId, string | undefined, boolean | undefined]>([
    ["claude", "true", true],
    ["claude", "false", false],
    ["openai_codex", "False ", false],
    ["openai_codex", "perhaps", undefined],
    ["claude", undefined, undefined],
    ["datadog", "true", undefined],
  ])("%s, %s: %s", (provider, said, wants) => {
    expect(saysRetry(of(provider), said === undefined ? {} : { "x-should-retry": said })).toBe(wants);
  });
});

describe("what a vendor tells of its budget", () => {
  const whole = {
    "x-ratelimit-limit": "10",
    "x-ratelimit-period": "30",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "12",
    "x-ratelimit-name": "usage_metering",
  };

  it("is read whole where all is told", () => {
    expect(toldBudget(of("datadog"), whole)).toEqual({ remaining: 0, reset: 12, rate: { calls: 10, seconds: 30 } });
  });

  it.each([
    ["1e-300", "60"],
    ["0.5", "60"],
    ["0", "60"],
    ["10", "1e12"],
    ["10", "0"],
  ])("is read without a limit that is none: %s in %s s", (limit, period) => {
    const headers = { ...whole, "x-ratelimit-limit": limit, "x-ratelimit-period": period };
    expect(toldBudget(of("datadog"), headers)).toEqual({ remaining: 0, reset: 12 });
  });

  it("begins anew within its period, whatever the reset says", () => {
    expect(toldBudget(of("datadog"), { ...whole, "x-ratelimit-reset": "30000" })).toMatchObject({ reset: 30 });
  });

  it("is read without a period, and in the other spelling", () => {
    const { "x-ratelimit-period": _, ...rest } = whole;
    expect(toldBudget(of("confluent"), rest)).toEqual({ remaining: 0, reset: 12 });
    expect(toldBudget(of("confluent"), { "ratelimit-remaining": "3", "ratelimit-reset": "5" })).toEqual({
      remaining: 3,
      reset: 5,
    });
  });

  it.each<[ProviderId, Record<string, string>]>([
    ["cursor", whole],
    ["claude", whole],
    ["openai_codex", whole],
    ["datadog", { "x-ratelimit-remaining": "3" }],
    ["datadog", { "x-ratelimit-reset": "3" }],
    ["datadog", { "x-ratelimit-remaining": "many", "x-ratelimit-reset": "3" }],
    ["datadog", {}],
  ])("is nothing where it isn't documented or not whole: %s %j", (provider, headers) => {
    expect(toldBudget(of(provider), headers)).toBeUndefined();
  });
});
