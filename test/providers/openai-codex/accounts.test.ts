import { describe, expect, it } from "vitest";
import { openaiCodex } from "../../../src/providers/openai-codex/adapter.ts";
import type { ProviderSupport, RequestedDates } from "../../../src/providers/provider.ts";
import { iso } from "../../../src/usage/period.ts";
import { QUERY_PARAMS } from "../../../src/usage/query.ts";
import { REPORT_TYPES } from "../../../src/usage/report.ts";
import { failure, guardTheEdge, json, list, NOW } from "../edge.ts";
import {
  API,
  accountOf,
  bucket,
  CHATGPT,
  COSTS_PATH,
  codexPath,
  familyPath,
  KEYS,
  LEGACY,
  legacy,
  ORGANIZATION,
  organization,
  page,
  serveHost,
  WORKSPACE,
  workspace,
} from "./openai.ts";

guardTheEdge();

const supportOf = (entry: unknown): ProviderSupport => openaiCodex.supportOf?.(accountOf(entry)) ?? openaiCodex.support;

describe("which API answers for an account", () => {
  it.each<[string, unknown, string[]]>([
    [
      "an Admin key: the organization",
      ORGANIZATION,
      ["activity", "cost", "project_usage", "summary", "usage", "user_cost", "user_usage"],
    ],
    [
      "a workspace_id: its Codex analytics",
      WORKSPACE,
      ["activity", "cost", "summary", "usage", "user_cost", "user_usage"],
    ],
    ["any other key: the old endpoint", LEGACY, ["activity", "usage", "user_usage"]],
  ])("%s", (_, entry, reports) => {
    expect(Object.keys(supportOf(entry).reports).sort()).toEqual(reports);
  });

  it("a workspace's key may begin as an Admin key does: the setting decides", () => {
    const entry = { ...WORKSPACE, credentials: { api_key: KEYS.admin } };
    expect(supportOf(entry)).toBe(supportOf(WORKSPACE));
  });

  it("the usual account is the organization", () => {
    expect(openaiCodex.support).toBe(supportOf(ORGANIZATION));
  });

  it.each([
    ["organization", ORGANIZATION],
    ["workspace", WORKSPACE],
    ["legacy", LEGACY],
  ])("%s: every report and parameter is served or refused with a reason", (_, entry) => {
    const support = supportOf(entry);
    const served = Object.values(support.reports);
    for (const type of REPORT_TYPES)
      expect(Boolean(support.reports[type]) !== Boolean(support.refused[type]), type).toBe(true);
    for (const name of QUERY_PARAMS.filter((param) => param !== "report_type")) {
      const everywhere = served.every(({ params }) => params[name]);
      expect(everywhere || Boolean(support.refusedParams[name]), name).toBe(true);
    }
  });
});

describe("how dates are read", () => {
  const read = (dates: RequestedDates, entry: unknown = ORGANIZATION) => {
    const { start, end } = openaiCodex.readPeriod(dates, { account: accountOf(entry), report: "usage", now: NOW });
    return [iso(start), iso(end)];
  };

  it.each<[RequestedDates, string, string]>([
    [{}, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"],
    [{ date: "2026-10-13" }, "2026-10-13T00:00:00Z", "2026-10-14T00:00:00Z"],
    [{ start_date: "2026-10-13" }, "2026-10-13T00:00:00Z", "2026-10-14T00:00:00Z"],
    [{ start_date: "2026-10-13T23:59:59Z" }, "2026-10-13T00:00:00Z", "2026-10-14T00:00:00Z"],
    [{ start_date: "2026-10-13", end_date: "2026-10-15" }, "2026-10-13T00:00:00Z", "2026-10-15T00:00:00Z"],
    [
      { start_date: "2026-10-13T10:00:00Z", end_date: "2026-10-15T00:00:00Z" },
      "2026-10-13T00:00:00Z",
      "2026-10-15T00:00:00Z",
    ],
    [
      { start_date: "2026-10-13", end_date: "2026-10-13T00:00:00.001Z" },
      "2026-10-13T00:00:00Z",
      "2026-10-14T00:00:00Z",
    ],
  ])("%j is %s to %s", (dates, start, end) => {
    for (const entry of [ORGANIZATION, WORKSPACE, LEGACY]) expect(read(dates, entry)).toEqual([start, end]);
  });

  it.each<[RequestedDates, RegExp]>([
    [{ date: "2026-10-13", start_date: "2026-10-13" }, /^date: give either/],
    [{ date: "2026-10-13", end_date: "2026-10-14" }, /^date: give either/],
    [{ end_date: "2026-10-14" }, /^end_date: give start_date too/],
    [{ start_date: "2026-10-13", end_date: "2026-10-13" }, /^end_date: 2026-10-13 is exclusive/],
    [{ start_date: "2026-10-13", end_date: "2026-10-01" }, /^end_date: /],
    [{ date: "13.10.2026" }, /^date: /],
    [{ start_date: "2026-02-30" }, /^start_date: /],
  ])("%j is an error", (dates, words) => {
    expect(() => read(dates)).toThrow(words);
  });

  it("a summary's period covers whole days", () => {
    const asked = { account: accountOf(ORGANIZATION), report: "cost", now: NOW } as const;
    const covered = openaiCodex.cover(
      { start: Date.parse("2026-10-13T05:00:00Z"), end: Date.parse("2026-10-14T05:00:00Z") },
      asked,
    );
    expect([iso(covered.start), iso(covered.end)]).toEqual(["2026-10-13T00:00:00Z", "2026-10-15T00:00:00Z"]);
  });

  it("without a report: activity, and usage with dates", async () => {
    serveHost(API, {});
    expect((await list(organization())).report_type).toBe("activity");
    expect((await list(organization(), { date: "2026-10-13" })).report_type).toBe("usage");
  });
});

describe("refusals say which key is needed, and never hold one", () => {
  const DAY = { date: "2026-10-13" } as const;

  it.each<[number, unknown]>([
    [
      401,
      { error: { message: "Incorrect API key provided: sk-admin-s3cret-of-tests", type: "invalid_request_error" } },
    ],
    [
      403,
      { error: { message: "You have insufficient permissions for this operation. Missing scopes: api.usage.read." } },
    ],
    [401, { error: "Missing scopes: api.usage.read" }],
    [403, null],
  ])("of the organization: %i %j", async (status, body) => {
    serveHost(API, { [familyPath("completions")]: () => json(body, status, { "x-request-id": "req_1" }) });
    const error = await failure(list(organization(), DAY));
    expect(error).toMatchObject({ kind: "credentials", details: { status, request_id: "req_1" } });
    expect(String(error)).toMatch(/Admin key \(sk-admin-\.\.\., from platform\.openai\.com.*api\.usage\.read/);
    expect(String(error)).not.toContain(KEYS.admin);
  });

  it.each<[number, unknown, RegExp]>([
    [401, { detail: "Unauthorized" }, /"Unauthorized".*codex\.enterprise\.analytics\.read.*sk-admin keys are refused/],
    [403, { error: { message: "Forbidden" } }, /"Forbidden".*Admin key of this ChatGPT workspace/],
    [404, { detail: "Not Found" }, /workspace_id/],
  ])("of the workspace: %i", async (status, body, words) => {
    serveHost(CHATGPT, { [codexPath("usage")]: () => json(body, status) });
    const error = await failure(list(workspace(), DAY));
    expect(error).toMatchObject({ kind: "credentials", details: { status } });
    expect(String(error)).toMatch(words);
  });

  it("the unified daily usage needs a scope of its own", async () => {
    serveHost(CHATGPT, { "/v1/analytics/workspaces/3f1c9a4e-0000-4000-8000-000000000001/usage": () => json({}, 403) });
    const error = await failure(list(workspace(), { ...DAY, product_ids: ["chatgpt"] }));
    expect(String(error)).toContain("enterprise.analytics.usage.read");
  });

  it("a 422 names the parameter in the vendor's words", async () => {
    const detail = [{ loc: ["query", "limit"], msg: "Input should be less than or equal to 30000", type: "less_than" }];
    serveHost(CHATGPT, { [codexPath("usage")]: () => json({ detail }, 422) });
    const error = await failure(list(workspace(), DAY));
    expect(error).toMatchObject({ kind: "question", details: { status: 422 } });
    expect(String(error)).toContain("query.limit: Input should be less than or equal to 30000");
  });

  it("a 429 that is asked to wait for long says for how long", async () => {
    serveHost(API, { [COSTS_PATH]: () => json({ error: { message: "Rate limit" } }, 429, { "retry-after": "90" }) });
    const error = await failure(list(organization(), { ...DAY, report_type: "cost" }));
    expect(error).toMatchObject({ kind: "unavailable", details: { retry_after: 90 } });
  });

  it("connector_usage and skill_usage are nobody's", async () => {
    for (const engine of [organization(), workspace(), legacy()]) {
      for (const report_type of ["connector_usage", "skill_usage"] as const) {
        await expect(list(engine, { report_type })).rejects.toMatchObject({ details: { parameter: "report_type" } });
      }
    }
  });
});

describe("a vendor's paging", () => {
  it("that repeats its cursor is not followed", async () => {
    serveHost(API, {
      [COSTS_PATH]: () => page([bucket([{ amount: { value: 1, currency: "usd" } }])], "page_AAA="),
    });
    const answer = await list(organization(), { date: "2026-10-13", report_type: "cost" });
    expect(answer.is_partial_response).toBe(true);
    expect(answer.warnings.join()).toMatch(/paging pointed back/);
  });
});
