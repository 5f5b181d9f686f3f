import { describe, expect, it } from "vitest";
import * as z from "zod";
import { codex } from "../../src/sandbox/codex.ts";
import { PEOPLE } from "../../src/sandbox/company.ts";

const NOW = "2026-11-23T09:00:00Z";
const { credentials, workspace_id } = codex.account("http://codex.test");
const CODEX = `/v1/analytics/codex/workspaces/${workspace_id}`;
const USAGE = `${CODEX}/usage`;

type Query = Readonly<Record<string, string | number>>;

/** One GET, read as from the wire. */
function ask(path: string, query: Query = {}, { key = credentials["api_key"] ?? "", now = NOW } = {}) {
  const url = new URL(`http://codex.test${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, `${value}`);
  const headers = key === "" ? {} : { authorization: `Bearer ${key}` };
  const { status, body } = codex.handle({ method: "GET", url, headers, body: "", number: 1, now: new Date(now) });
  const read: unknown = JSON.parse(JSON.stringify(body));
  return { status, body: read };
}

function unix(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1_000;
}

const money = {
  credits: z.number().nonnegative(),
  cost_usd: z.number().nonnegative().nullable(),
  estimated_cost_usd: z.number().nonnegative(),
  uncached_text_input_tokens: z.int().nonnegative().nullable(),
  cached_text_input_tokens: z.int().nonnegative().nullable(),
  text_output_tokens: z.int().nonnegative().nullable(),
  text_total_tokens: z.int().nonnegative().nullable(),
};
const counts = { threads: z.int().nonnegative(), turns: z.int().nonnegative() };
const row = z.strictObject({
  object: z.literal("workspace.codex.usage.result"),
  start_time: z.int(),
  end_time: z.int(),
  user_id: z.uuid().nullable(),
  actor: z.strictObject({ type: z.literal("ACCOUNT_USER"), user_id: z.uuid(), email: z.email() }).nullable(),
  totals: z.strictObject({ ...counts, ...money }),
  clients: z.array(z.strictObject({ client_id: z.string().startsWith("CODEX_"), ...counts, ...money })),
  models: z
    .array(z.strictObject({ model: z.string(), speed: z.enum(["standard", "fast"]).nullable(), ...money }))
    .nullable(),
  code_attribution: z
    .strictObject({
      lines_of_code: z.strictObject({
        added: z.int(),
        removed: z.int(),
        committed: z.int(),
        total_committed_lines: z.int(),
        committed_percentage: z.number().min(0).max(100),
      }),
      commits: z
        .strictObject({
          with_codex_contribution: z.int(),
          with_codex_contribution_percentage: z.number().min(0).max(100),
          total_commits: z.int(),
        })
        .nullable(),
    })
    .nullable(),
});
type Row = z.infer<typeof row>;

const page = z.strictObject({
  object: z.literal("page"),
  data: z.array(z.looseObject({ object: z.string(), start_time: z.int() })),
  has_more: z.boolean(),
  next_page: z.string().nullable(),
});

function all(path: string, query: Query, now = NOW) {
  const data: z.infer<typeof page>["data"] = [];
  for (let cursor: string | null = null; ; ) {
    const answered = ask(path, cursor === null ? query : { ...query, page: cursor }, { now });
    expect(answered.status).toBe(200);
    const { data: rows, has_more, next_page } = page.parse(answered.body);
    expect(has_more).toBe(next_page !== null);
    data.push(...rows);
    if (next_page === null) return data;
    expect(rows).not.toEqual([]);
    cursor = next_page;
  }
}

const OCTOBER = { start_time: unix("2026-10-01"), end_time: unix("2026-11-01") };
const rows = (query: Query, now = NOW) => all(USAGE, query, now).map((each) => row.parse(each));

/** Of dollars with at most four decimals. */
function tenThousandths(dollars: number): number {
  const scaled = Math.round(dollars * 10_000);
  expect(scaled / 10_000).toBe(dollars);
  return scaled;
}

function billed(from: readonly Row[]): number {
  return from.reduce((sum, { totals }) => sum + tenThousandths(totals.cost_usd ?? 0), 0);
}

describe("the simulated Codex workspace's users", () => {
  const october = rows(OCTOBER);

  it("are the company's engineers, by e-mail, and on each day one that is nobody", () => {
    const emails = new Set(october.flatMap(({ actor }) => actor?.email ?? []));
    expect(emails.size).toBeGreaterThan(20);
    const engineers = PEOPLE.filter(({ team }) => team !== "Product" && team !== "Operations");
    for (const email of emails) expect(engineers.map((person) => person.email)).toContain(email);
    const nobodys = october.filter(({ actor }) => actor === null);
    expect(nobodys).toHaveLength(31);
    for (const { user_id, actor } of october) expect(actor?.user_id ?? null).toBe(user_id);
    expect(new Set(october.map(({ user_id, start_time }) => `${user_id} ${start_time}`)).size).toBe(october.length);
  });

  it("cost in October 2026 what they cost, most of them in dollars", () => {
    expect(billed(october)).toBe(20_043_658);
    const onCredits = new Set(october.flatMap(({ user_id, totals }) => (totals.cost_usd === null ? [user_id] : [])));
    expect(onCredits.size).toBe(3);
    for (const { totals } of october) expect(totals.credits).toBeGreaterThan(0);
  });

  it("have totals that their models make up, and of which their clients may leave some", () => {
    let short = 0;
    for (const { totals, clients, models } of october) {
      const sum = (of: readonly { text_total_tokens: number | null }[]) =>
        of.reduce((tokens, { text_total_tokens }) => tokens + (text_total_tokens ?? 0), 0);
      const whole = totals.text_total_tokens ?? 0;
      expect(whole).toBe(
        (totals.uncached_text_input_tokens ?? 0) +
          (totals.cached_text_input_tokens ?? 0) +
          (totals.text_output_tokens ?? 0),
      );
      expect(sum(models ?? [])).toBe(whole);
      expect(sum(clients)).toBeLessThanOrEqual(whole);
      if (sum(clients) < 0.99 * whole) short += 1;
    }
    expect(short).toBeGreaterThan(20);
    expect(short).toBeLessThan(october.length / 4);
  });

  it("add up to the workspace's rows, a day each", () => {
    const workspace = rows({ ...OCTOBER, group: "workspace" });
    expect(workspace).toHaveLength(31);
    for (const day of workspace) {
      const users = october.filter(({ start_time }) => start_time === day.start_time);
      const sum = (pick: (of: Row) => number) => users.reduce((total, of) => total + pick(of), 0);
      expect(day).toMatchObject({ user_id: null, actor: null });
      expect(day.totals.threads).toBe(sum(({ totals }) => totals.threads));
      expect(day.totals.text_total_tokens).toBe(sum(({ totals }) => totals.text_total_tokens ?? 0));
      expect(day.code_attribution?.lines_of_code.added).toBe(
        sum(({ code_attribution }) => code_attribution?.lines_of_code.added ?? 0),
      );
    }
    expect(billed(workspace)).toBe(billed(october));
  });

  it("lack tokens and models in 2025", () => {
    for (const { models, totals } of rows({ start_time: unix("2025-12-29"), end_time: unix("2026-01-01") })) {
      expect([models, totals.text_total_tokens]).toEqual([null, null]);
      expect(totals.threads).toBeGreaterThan(0);
    }
  });
});

describe("the simulated Codex workspace's pages", () => {
  it("have all rows once, by day, at any limit", () => {
    const whole = rows({ ...OCTOBER, limit: 30_000 });
    for (const limit of [1, 26, 500]) expect(rows({ ...OCTOBER, limit })).toEqual(whole);
    const days = whole.map(({ start_time }) => start_time);
    expect(days).toEqual([...days].sort((a, b) => a - b));
    const { data } = page.parse(ask(USAGE, { start_time: unix("2026-06-01") }).body);
    expect(data).toHaveLength(1_000);
  });

  it("are of the last thirty days unless asked otherwise, and end where the data does", () => {
    const days = (query: Query, now = NOW) => [...new Set(rows(query, now).map(({ start_time }) => start_time))];
    expect([days({}).length, days({})[0], days({}).at(-1)]).toEqual([30, unix("2026-10-24"), unix("2026-11-22")]);
    const since = { start_time: unix("2026-11-20"), end_time: unix("2026-12-01") };
    expect(days(since).at(-1)).toBe(unix("2026-11-22"));
    expect(days(since, "2026-11-23T05:59:00Z").at(-1)).toBe(unix("2026-11-21"));
  });

  it("stay the same as time goes by", () => {
    expect(rows(OCTOBER, "2027-03-01T12:00:00Z")).toEqual(rows(OCTOBER));
    const of = { start_time: unix("2026-10-14"), end_time: unix("2026-10-15") };
    expect(rows(of)).toEqual(rows(OCTOBER).filter(({ start_time }) => start_time === of.start_time));
  });

  it("lead on by a cursor of their own query", () => {
    const { next_page } = page.parse(ask(USAGE, { ...OCTOBER, limit: 5 }).body);
    const cursor = next_page ?? "";
    expect(ask(USAGE, { ...OCTOBER, limit: 9, page: cursor }).status).toBe(200);
    expect(ask(USAGE, { ...OCTOBER, group: "workspace", page: cursor }).status).toBe(422);
    expect(ask(USAGE, { ...OCTOBER, page: "cursor-token" }).status).toBe(422);
  });
});

it("the simulated workspace's reviews are its own, and a row a day", () => {
  const reviews = all(`${CODEX}/code_reviews`, OCTOBER);
  const responses = all(`${CODEX}/code_review_responses`, OCTOBER);
  expect([reviews.length, responses.length]).toEqual([31, 31]);
  const review = z.strictObject({
    object: z.literal("workspace.codex.usage.code_reviews.result"),
    start_time: z.int(),
    end_time: z.int(),
    pull_request_reviews: z.int(),
    comments: z.int(),
    comment_details: z.strictObject({ p0: z.int(), p1: z.int(), p2: z.int() }),
  });
  for (const each of reviews) {
    const { comments, comment_details } = review.parse(each);
    expect(comments).toBe(comment_details.p0 + comment_details.p1 + comment_details.p2);
  }
  expect(responses[0]).toMatchObject({
    object: "workspace.codex.usage.code_review_responses.result",
    comment_response_details: { engaged: expect.any(Number) },
    reaction_details: { upvotes: expect.any(Number) },
  });
});

it("the workspace as a whole has Codex's usage and more, of more people", () => {
  const whole = all(`/v1/analytics/workspaces/${workspace_id}/usage`, OCTOBER).map((each) =>
    z
      .looseObject({
        object: z.literal("workspace.usage.result"),
        start_time: z.int(),
        user_id: z.uuid().nullable(),
        totals: z.strictObject(money),
      })
      .parse(each),
  );
  const of = new Map(whole.map(({ user_id, start_time, totals }) => [`${user_id} ${start_time}`, totals]));
  const users = rows(OCTOBER);
  expect(whole.length).toBeGreaterThan(users.length);
  for (const { user_id, start_time, totals } of users) {
    expect(of.get(`${user_id} ${start_time}`)?.credits).toBeGreaterThanOrEqual(totals.credits);
  }
});

describe("the simulated Codex workspace refuses", () => {
  it("other keys and other workspaces", () => {
    expect([ask(USAGE, {}, { key: "" }).status, ask(USAGE, {}, { key: "sk-admin-other" }).status]).toEqual([401, 401]);
    expect(ask("/v1/analytics/codex/workspaces/970a801a-0000-4000-a000-af85afa9b41d/usage").status).toBe(404);
    expect(ask(`${CODEX}/turn-insights`).status).toBe(404);
  });

  it.each([
    ["limit", { limit: 0 }],
    ["limit", { limit: 30_001 }],
    ["limit", { limit: "many" }],
    ["start_time", { start_time: "2026-10-01" }],
    ["end_time", { start_time: 9, end_time: 5 }],
    ["group", { group: "user" }],
  ])("a strange %s with 422 and details", (name, query: Query) => {
    expect(ask(USAGE, query)).toEqual({
      status: 422,
      body: { detail: [expect.objectContaining({ loc: ["query", name], msg: expect.any(String) })] },
    });
  });

  it("to group reviews, which are the workspace's anyway", () => {
    expect(ask(`${CODEX}/code_reviews`, { group: "workspace" }).status).toBe(422);
  });
});
