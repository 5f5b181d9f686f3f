import { describe, expect, it } from "vitest";
import {
  CONFLUENT_ACCOUNT,
  call,
  confluentAnswers,
  confluentEngine,
  costList,
  engineOf,
  failure,
  guardTheEdge,
  idsOf,
  list,
  listWithin,
  payload,
  reply,
  SECRETS,
} from "../edge.ts";

guardTheEdge();

const line = { id: "line-1", start_date: "2026-09-01", end_date: "2026-09-02", amount: 1 };
const SEPTEMBER = { start_date: "2026-09-01" };

function refusalText(detail: string): string {
  return JSON.stringify({ errors: [{ status: "400", detail }] });
}

describe("Confluent's refusals", () => {
  it.each([
    [401, "error-401", "credentials", "Valid authentication credentials must be provided", "Cloud API key"],
    [403, "error-403", "credentials", "is not allowed to access the 'delorean' resource", "BillingAdmin"],
    [400, "error-400-invalid-filter", "question", "The 'delorean' resource can't be filtered by 'num_doors'", ""],
  ])("%i is told in its own words, with what to do, and not tried again", async (status, name, kind, words, advice) => {
    const asked = confluentAnswers(() =>
      reply(payload(`confluent/${name}.json`), status, { "x-request-id": "req-77" }),
    );
    const error = await failure(list(confluentEngine(), SEPTEMBER));
    expect(error).toMatchObject({
      name: "UsageError",
      kind,
      details: { status, request_id: "req-77", provider: "confluent", integrated_account_id: "confluent" },
    });
    expect(String(error)).toContain(words);
    expect(String(error)).toContain(advice);
    expect(String(error)).toContain("req-77");
    for (const secret of SECRETS) expect(String(error)).not.toContain(secret);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["Retry-After says", { "retry-after": "7", "x-ratelimit-reset": "3" }],
    ["X-RateLimit-Reset says, in seconds from now, where there is no Retry-After", { "x-ratelimit-reset": "7" }],
  ])("429 is waited out as %s", async (_, headers) => {
    const asked = confluentAnswers(() =>
      asked.length === 1 ? reply(payload("confluent/error-429.json"), 429, headers) : costList([line]),
    );
    const told: string[] = [];
    const watched = { ...call(), progress: (message: string) => void told.push(message) };
    const options = { budget: Number.POSITIVE_INFINITY, withRemoteData: false };
    const engine = engineOf([CONFLUENT_ACCOUNT], { pace: { second: 50 } });
    expect(idsOf(await engine.listUsage(SEPTEMBER, watched, options))).toEqual(["line-1"]);
    expect(told).toContainEqual(expect.stringMatching(/^waiting 7 s for Confluent/));
    expect(asked).toHaveLength(2);
  });

  it("429 that asks for the 53 seconds seen in the field says how long, in the vendor's words", async () => {
    confluentAnswers(() => reply(payload("confluent/error-429.json"), 429, { "retry-after": "53" }));
    const error = await failure(listWithin(20_000, confluentEngine(), SEPTEMBER));
    expect(error).toMatchObject({ kind: "unavailable" });
    expect(String(error)).toMatch(/53 s/);
  });
});

describe('"start date is too far in the past"', () => {
  it("is tried again for a day inside the year, where it is throttling", async () => {
    const asked = confluentAnswers(() =>
      asked.length === 1 ? reply(refusalText("start date is too far in the past"), 400) : costList([line]),
    );
    expect(idsOf(await list(confluentEngine(), SEPTEMBER))).toEqual(["line-1"]);
    expect(asked).toHaveLength(2);
  });

  it("is the question's fault for a day more than a year back: not tried again, and it names the earliest day", async () => {
    const asked = confluentAnswers(() => reply(refusalText("start date is too far in the past"), 400));
    const error = await failure(list(confluentEngine(), { start_date: "2025-09-01" }));
    expect(error).toMatchObject({ kind: "question", details: { status: 400 } });
    expect(String(error)).toContain("2025-11-22");
    expect(asked).toHaveLength(1);
  });

  it("is never answered by another period than the one asked for", async () => {
    const asked = confluentAnswers(() => reply(refusalText("start date is too far in the past"), 400));
    await failure(list(confluentEngine(), { start_date: "2025-09-01", end_date: "2026-11-01" }));
    expect(asked).toEqual(["/billing/v1/costs?start_date=2025-09-01&end_date=2025-10-01&page_size=10000"]);
  });
});
