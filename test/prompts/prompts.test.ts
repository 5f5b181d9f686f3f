import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { USUAL_CACHE } from "../../src/cache/config.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { PROMPTS } from "../../src/prompts/index.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { SandboxEngine } from "../contract/sandbox-engine.ts";
import { namedCalls } from "./named-calls.ts";

let sandbox: SandboxEngine;
beforeAll(async () => {
  sandbox = await SandboxEngine.start(undefined, USUAL_CACHE);
});
afterAll(() => sandbox.close());

/** What each is asked with where it asks for something. */
const NEEDED: Record<string, Record<string, string>> = { budget_check: { budget: "12000" } };

function write(name: string, args: Record<string, unknown> = {}, engine: Engine = sandbox.engine): Promise<string> {
  const prompt = PROMPTS.find((one) => one.name === name);
  if (!prompt) throw new Error(`there is no prompt ${name}`);
  return prompt.write(engine, { ...NEEDED[name], ...args });
}

const only = (...ids: string[]) => sandbox.engine.only(({ id }) => ids.includes(id));
const toolOf = (name: string) => {
  const tool = TOOLS.find((one) => one.name === name);
  if (!tool) throw new Error(`a prompt names ${name}, which is no tool`);
  return tool;
};
const NAMES = PROMPTS.map(({ name }) => name);

describe("what prompts tell agents to call", () => {
  it.each(NAMES)("%s: only tools that there are, with arguments that they take", async (name) => {
    for (const engine of [sandbox.engine, only("confluent"), only("cursor", "datadog")]) {
      const text = await write(name, {}, engine);
      // What looks like a call is one: none is passed over for its spelling.
      const calls = namedCalls(text);
      const named = [...text.matchAll(/`[^`]*`/g)];
      expect(calls).toHaveLength(named.length);
      for (const { tool, args } of calls) {
        const { error } = toolOf(tool).input.safeParse(args);
        expect(error, `${name}: ${tool} ${JSON.stringify(args)}`).toBeUndefined();
      }
    }
  });

  it.each(NAMES)("%s: calls that are answered, each alone", async (name) => {
    // Confluent has quantities and no people, Codex the other way round.
    const engine = only(name === "monthly_review" ? "confluent" : "codex");
    const calls = namedCalls(await write(name, {}, engine));
    expect(calls.length).toBeGreaterThan(1);
    for (const { tool, args } of calls) {
      const answer = await toolOf(tool).run(engine, args, { signal: new AbortController().signal });
      expect(answer["is_partial_response"], `${tool} ${JSON.stringify(args)}`).toBe(false);
    }
  });
});

describe("the dates in prompts", () => {
  it("are those of the month before, against the one before it", async () => {
    const [first] = namedCalls(await write("monthly_review"));
    expect(first).toMatchObject({ tool: "get_cost_summary", args: { period: "2026-10", compare_to: "2026-09" } });
  });

  it("of a period that runs are its days that are over, against as many", async () => {
    const text = await write("monthly_review", { month: "this_month" });
    expect(text).toContain("2026-11-01 to 2026-11-22");
    expect(text).toContain("its 22 days that are over");
    expect(text).not.toContain("per_day");
    for (const { args } of namedCalls(text)) expect(args).toMatchObject({ period: "2026-11-01/2026-11-23" });
    expect(namedCalls(text)[0]?.args).toMatchObject({ compare_to: "2026-10-01/2026-10-23" });
  });

  it("of unequal periods come with a word on it", async () => {
    const text = await write("why_did_the_bill_grow", { period: "2026-03", compared_with: "2026-02" });
    expect(text).toMatch(/not equally long \(31 days and 28\).*"per_day": true/);
    const same = await write("why_did_the_bill_grow", { period: "2026-08", compared_with: "2026-07" });
    expect(same).not.toContain("per_day");
  });

  it.each([
    ["previous_year", "2025-10"],
    ["2026-08-01/2026-08-16", "2026-08-01/2026-08-16"],
    ["2026-Q2", "2026-04-01/2026-07-01"],
  ])("compared with %s", async (compared_with, compare_to) => {
    const [first] = namedCalls(await write("why_did_the_bill_grow", { compared_with }));
    expect(first?.args).toMatchObject({ period: "2026-10", compare_to });
  });

  it("of Cursor's lists include their end, of Claude's not", async () => {
    const calls = namedCalls(await write("unused_seats", { period: "2026-10" }));
    const dates = calls.map(({ args }) => z.looseObject({}).parse(args));
    const active = (id: string) =>
      dates.find((one) => one["integrated_account_id"] === id && one["report_type"] === "activity");
    expect(active("cursor")).toMatchObject({ start_date: "2026-10-01", end_date: "2026-10-31" });
    expect(active("claude")).toMatchObject({ start_date: "2026-10-01", end_date: "2026-11-01" });
  });
});

describe("arguments of prompts that make no sense", () => {
  it.each([
    ["monthly_review", { month: "2026-13" }, /^month: '2026-13' is not a month; give YYYY-MM/],
    ["monthly_review", { month: "2026-Q3" }, /^month: '2026-Q3' is not a month/],
    ["monthly_review", { month: "2026-12" }, /^month: '2026-12' lies ahead; today is 2026-11-23/],
    ["monthly_review", { mont: "2026-10" }, /^mont: there is no such parameter\. Did you mean 'month'\?/],
    ["why_did_the_bill_grow", { period: "octobre" }, /^period: 'octobre' is none of this_month/],
    ["why_did_the_bill_grow", { compared_with: "before" }, /^compared_with: 'before' is none of previous_period/],
    ["why_did_the_bill_grow", { compared_with: "2027" }, /^compared_with: '2027' lies ahead/],
    ["why_did_the_bill_grow", { period: "2026-11-23/2026-11-30" }, /^period: no day of it is over yet/],
    ["cost_per_developer", { period: "2027-01" }, /^period: '2027-01' lies ahead/],
    ["cost_per_developer", { account: "cursr" }, /^account: there is no account 'cursr'.*Did you mean 'cursor'\?/],
    ["unused_seats", { period: "2026-10-09/2026-10-01" }, /^period: .* holds no time/],
    ["budget_check", { budget: "" }, /^budget: is needed; give the month's amount/],
    ["budget_check", { budget: "a lot" }, /^budget: 'a lot' is not an amount above zero/],
    ["budget_check", { budget: "12,000" }, /^budget: '12,000' is not an amount/],
    ["budget_check", { budget: "-5" }, /^budget: '-5' is not an amount/],
    ["budget_check", { budget: "0.00" }, /^budget: '0\.00' is not an amount/],
    ["budget_check", { currency: "dollars" }, /^currency: 'dollars' is no ISO 4217 code/],
    ["budget_check", { account: 7 }, /^account: must be a text/],
  ])("%s %o", async (name, args, message) => {
    await expect(write(name, args)).rejects.toMatchObject({
      kind: "question",
      message: expect.stringMatching(message),
    });
  });

  it("empty ones, which hosts send for what was left out, are left out", async () => {
    expect(await write("monthly_review", { month: "", account: "" })).toBe(await write("monthly_review"));
  });
});

describe("the accounts in prompts", () => {
  it.each(NAMES)("%s names those that the caller has, and no others", async (name) => {
    const text = await write(name, {}, only("confluent"));
    expect(text).toContain('- confluent: Confluent Cloud, named "Confluent Cloud (sandbox)"');
    for (const other of ["- claude", "- cursor", "- datadog", "- openai", "- codex"]) expect(text).not.toContain(other);
  });

  it.each(NAMES)("%s keeps its calls to the one that is asked about", async (name) => {
    const text = await write(name, { account: "cursor" });
    for (const { args } of namedCalls(text)) expect(JSON.stringify(args)).toMatch(/"cursor"/);
  });

  it("are reviewed by what they count", async () => {
    const metrics = async (...ids: string[]) => {
      const calls = namedCalls(await write("monthly_review", {}, only(...ids)));
      return z
        .looseObject({ metrics: z.array(z.string()) })
        .safeParse(calls.find(({ tool }) => tool === "get_usage_summary")?.args).data?.metrics;
    };
    expect(await metrics("confluent")).toEqual(["quantity"]);
    expect(await metrics("codex")).toContain("tokens.total");
    expect(await metrics("codex")).not.toContain("requests.total");
    expect(await metrics("codex", "cursor")).toContain("requests.total");
    expect(await metrics("datadog")).toBeUndefined();
  });

  it.each(NAMES)("%s says that there is none to a caller without any", async (name) => {
    await expect(write(name, {}, only())).rejects.toThrow(/there is no account that you may use/);
  });

  it("that tell nobody apart have no cost per developer and no seats, and the prompts say so", async () => {
    const engine = only("confluent", "datadog");
    expect(await write("cost_per_developer", {}, engine)).toMatch(/None of these accounts tells people apart/);
    expect(await write("unused_seats", {}, engine)).toMatch(/Nothing can be said of seats from this data/);
  });
});

describe("unused_seats, followed step by step", () => {
  const page = z.looseObject({
    result: z.array(
      z.looseObject({
        start_date: z.string(),
        metric_name: z.string(),
        user: z.looseObject({ email: z.string().optional() }).optional(),
        usage: z.looseObject({ quantity: z.number().optional() }).optional(),
      }),
    ),
    next_cursor: z.string().nullable(),
  });
  type Rows = z.infer<typeof page>["result"];
  /** The rows of each list that it says to read first, to its end. */
  const follow = async (account: string, first: number): Promise<Rows[]> => {
    const lists: Rows[] = [];
    for (const { tool, args } of namedCalls(await write("unused_seats", { account })).slice(0, first)) {
      const list: Rows = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const asked = { ...z.looseObject({}).parse(args), cursor };
        const answer = await toolOf(tool).run(sandbox.engine, asked, { signal: new AbortController().signal });
        const read = page.parse(answer);
        list.push(...read.result);
        cursor = read.next_cursor;
      }
      lists.push(list);
    }
    return lists;
  };
  const emails = (list: Rows) => new Set(list.flatMap(({ user }) => user?.email ?? []));

  it("finds the member of Cursor's team who only pays", async () => {
    const [members, active] = (await follow("cursor", 2)).map(emails);
    expect([...(members ?? [])].filter((email) => !active?.has(email))).toEqual([
      "dario.pellicane@tidewater-robotics.example",
    ]);
  });

  it("finds how many of Claude's seats there are and how many were active, on the newest day", async () => {
    const [counts = []] = await follow("claude", 1);
    const newest = counts
      .map(({ start_date }) => start_date)
      .sort()
      .at(-1);
    const on = (metric: string) =>
      counts.find((row) => row.metric_name === metric && row.start_date === newest)?.usage?.quantity;
    expect(newest).toMatch(/^2026-11-2/);
    expect(on("assigned_seats")).toBeGreaterThanOrEqual(on("monthly_active_users") ?? Number.NaN);
    expect(on("monthly_active_users")).toBeGreaterThan(30);
  });
});
