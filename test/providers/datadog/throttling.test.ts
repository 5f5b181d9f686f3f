import { describe, expect, it } from "vitest";
import {
  datadogAnswers,
  engineOf,
  failure,
  guardTheEdge,
  json,
  list,
  listWithin,
  payload,
  reply,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

const AUGUST = { start_date: "2026-08-01" };
const OCTOBER = { start_date: "2024-10-01" };

describe("a throttled Datadog", () => {
  it("is asked again after a 429 and a 503", async () => {
    const answers = [
      json({ errors: ["Too many requests"] }, 429, { "retry-after": "0" }),
      reply("", 503, { "retry-after": "0" }),
    ];
    const calls = datadogAnswers({ historical: () => answers.shift() ?? reply(payload("datadog/docs-example.json")) });
    expect(rowsOf(await list(engineOf(), OCTOBER))).toHaveLength(2);
    expect(calls.historical).toHaveLength(3);
    expect(new Set(calls.historical).size).toBe(1);
  });

  it("waits as long as X-RateLimit-Reset says where no Retry-After is sent: seconds from now", async () => {
    const answers = [json({ errors: ["Too many requests"] }, 429, { "x-ratelimit-reset": "0" })];
    const calls = datadogAnswers({ historical: () => answers.shift() ?? json({ data: [] }) });
    await list(engineOf(), AUGUST);
    expect(calls.historical).toHaveLength(2);
  });

  it("gives a wait longer than the caller's time back at once: 47 seconds are not waited for in 20", async () => {
    const started = performance.now();
    datadogAnswers({ historical: () => json({ errors: ["Too many requests"] }, 429, { "x-ratelimit-reset": "47" }) });
    expect(await failure(listWithin(20_000, engineOf(), AUGUST))).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("47 s"),
    });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
