import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configOver, type Estate, startEstate } from "../e2e/estate.ts";
import { HOSTS, type Host, REMOTE_HOSTS } from "../e2e/hosts.ts";
import { type BuiltServer, startBuilt } from "../fronts/http/server.ts";

/** What a host can read of the sandbox, whatever its era and however it is connected. */
function itCanBeRead(host: () => Host): void {
  const reading = () => host().reading;

  it("lists five prompts with their arguments", async () => {
    const prompts = await reading().listPrompts();
    expect(prompts).toMatchObject([
      { name: "monthly_review", arguments: [{ name: "month" }, { name: "account" }] },
      {
        name: "why_did_the_bill_grow",
        arguments: [{ name: "period" }, { name: "compared_with" }, { name: "account" }],
      },
      { name: "cost_per_developer", arguments: [{ name: "period" }, { name: "account" }] },
      { name: "unused_seats", arguments: [{ name: "period" }, { name: "account" }] },
      {
        name: "budget_check",
        title: "Budget check",
        arguments: [
          { name: "budget", required: true },
          { name: "currency", required: false },
          { name: "account", required: false },
        ],
      },
    ]);
    for (const prompt of prompts)
      expect(prompt).toMatchObject({ title: expect.any(String), description: expect.stringMatching(/\.$/) });
  });

  it("gets a prompt with today's dates and the caller's accounts", async () => {
    const text = await reading().getPrompt("monthly_review");
    expect(text).toContain('`get_cost_summary {"period":"2026-10","compare_to":"2026-09","group_by":["provider"]}`');
    expect(text).toContain("Today is 2026-11-23");
    for (const id of ["claude", "openai", "codex", "cursor", "confluent", "datadog"])
      expect(text).toContain(`- ${id}: `);
    expect(await reading().getPrompt("budget_check", { budget: "5000", currency: "eur" })).toContain("5000 EUR");
  });

  it.each([
    ["nobody_asks_this", {}, /there is no prompt 'nobody_asks_this'; there are monthly_review/],
    ["monthly_review", { month: "never" }, /month: 'never' is not a month; give YYYY-MM/],
    ["budget_check", {}, /budget: is needed/],
  ])("refuses %s %o as invalid params that say what to give", async (name, args, message) => {
    await expect(reading().getPrompt(name, args)).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(message),
    });
  });

  it("lists resources and templates with their types", async () => {
    expect(await reading().listResources()).toMatchObject([
      { uri: "usage://support", mimeType: "text/markdown" },
      { uri: "usage://glossary", mimeType: "text/markdown" },
      { uri: "usage://schema/row", mimeType: "application/schema+json" },
      ...["claude", "openai_codex", "cursor", "confluent", "datadog"].map((provider) => ({
        uri: `usage://support/${provider}`,
        mimeType: "application/json",
      })),
    ]);
    expect(await reading().listResourceTemplates()).toMatchObject([
      { uriTemplate: "usage://support/{provider}", mimeType: "application/json" },
      { uriTemplate: "usage://glossary/{term}", mimeType: "text/markdown" },
    ]);
  });

  it("reads each resource that it lists, as the type it lists", async () => {
    for (const listed of await reading().listResources()) {
      const { uri, mimeType } = Object(listed);
      const contents = await reading().readResource(uri);
      expect(contents).toMatchObject({ uri, mimeType });
      expect(contents.text.length).toBeGreaterThan(500);
      if (mimeType !== "text/markdown") expect(JSON.parse(contents.text)).toBeTypeOf("object");
    }
    const { text, mimeType } = await reading().readResource("usage://glossary/tokens.cache_read");
    expect([text, mimeType]).toEqual([expect.stringMatching(/^\*\*tokens\.cache_read\*\*: /), "text/markdown"]);
  });

  it.each(["usage://glossary/nett", "usage://support/nobody", "usage://else"])(
    "answers %s, which there isn't, with resource not found",
    async (uri) => {
      await expect(reading().readResource(uri)).rejects.toMatchObject({
        code: -32602,
        data: { uri },
        message: expect.stringMatching(/there (?:is no|are)|has no/),
      });
    },
  );

  const prompt = (name: string) => ({ type: "ref/prompt" as const, name });
  const resource = (uri: string) => ({ type: "ref/resource" as const, uri });
  it.each([
    [prompt("monthly_review"), "month", "2026-0", ["2026-09", "2026-08"]],
    [prompt("monthly_review"), "month", "", ["last_month", "this_month", "2026-11", "2026-10"]],
    [prompt("why_did_the_bill_grow"), "period", "2026-Q", ["2026-Q4", "2026-Q3"]],
    [prompt("why_did_the_bill_grow"), "compared_with", "prev", ["previous_period", "previous_year"]],
    [prompt("cost_per_developer"), "account", "C", ["claude", "codex", "cursor", "confluent"]],
    [prompt("unused_seats"), "account", "dog", ["datadog"]],
    [prompt("budget_check"), "currency", "us", ["USD"]],
    [prompt("budget_check"), "budget", "1", []],
    [resource("usage://support/{provider}"), "provider", "c", ["claude", "cursor", "confluent"]],
    [resource("usage://glossary/{term}"), "term", "tokens.cache_w", ["tokens.cache_write"]],
  ])("completes %o %s '%s'", async (ref, argument, value, expected) => {
    const { values, total } = await reading().complete(ref, argument, value);
    expect(values.slice(0, expected.length)).toEqual(expected);
    expect(total).toBeGreaterThanOrEqual(values.length);
    if (expected.length === 0) expect(values).toEqual([]);
  });

  it("suggests a hundred at the most, and says that there are more", async () => {
    const { values, total, hasMore } = await reading().complete(prompt("budget_check"), "currency", "");
    expect(values).toHaveLength(100);
    expect(values[0]).toBe("USD");
    expect(total).toBeGreaterThan(150);
    expect(hasMore).toBe(true);
  });

  it.each([
    [prompt("nobody_asks_this"), "month", /there is no prompt/],
    [prompt("monthly_review"), "mont", /no argument 'mont'.*Did you mean 'month'/],
    [resource("usage://glossary/{word}"), "word", /there is no resource template/],
    [resource("usage://glossary/{term}"), "word", /has no 'word'; it has term/],
  ])("refuses to complete %o %s", async (ref, argument, message) => {
    await expect(reading().complete(ref, argument, "x")).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(message),
    });
  });
}

describe.each(HOSTS)("prompts and resources over stdio, $era", ({ connect }) => {
  let host: Host;
  beforeAll(async () => {
    host = await connect(["--sandbox"]);
  });
  afterAll(() => host.close());
  itCanBeRead(() => host);
});

describe("prompts and resources over HTTP", () => {
  let server: BuiltServer;
  beforeAll(async () => {
    server = await startBuilt(["--sandbox"]);
  });
  afterAll(() => server.stop());

  describe.each(REMOTE_HOSTS)("$era", ({ connect }) => {
    let host: Host;
    beforeAll(async () => {
      host = await connect({ url: server.url });
    });
    afterAll(() => host.close());
    itCanBeRead(() => host);
  });

  it("were read without an error in the log", () => {
    expect(server.log()).not.toMatch(/"level":"?(?:error|50)/);
  });
});

describe("a caller with one account, over HTTP", () => {
  const TOKEN = "a-token-for-confluent";
  let estate: Estate;
  let server: BuiltServer;
  beforeAll(async () => {
    estate = await startEstate();
    server = await startBuilt(["--config", configOver(estate, { [TOKEN]: ["confluent"] })]);
  });
  afterAll(async () => {
    await server.stop();
    await estate.close();
  });

  it.each(REMOTE_HOSTS)("reads of that one only, $era", async ({ connect }) => {
    const host = await connect({ url: server.url, token: TOKEN });
    const { reading } = host;
    for (const name of ["monthly_review", "why_did_the_bill_grow", "cost_per_developer", "unused_seats"]) {
      const text = await reading.getPrompt(name);
      expect(text).toContain("- confluent: Confluent Cloud");
      expect(text).not.toMatch(/- (?:claude|openai|codex|cursor|datadog)|"(?:claude|openai|codex|cursor|datadog)"/);
    }
    await expect(reading.getPrompt("monthly_review", { account: "datadog" })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(/there is no account 'datadog'; there are confluent\./),
    });
    const known = await reading.complete({ type: "ref/prompt", name: "unused_seats" }, "account", "");
    expect(known).toEqual({ values: ["confluent"], total: 1, hasMore: false });
    const listed = JSON.stringify(await reading.listResources());
    expect(listed).toContain("usage://support/confluent");
    expect(listed).not.toContain("usage://support/datadog");
    const support = JSON.parse((await reading.readResource("usage://support/datadog")).text);
    expect(support.providers).toMatchObject([{ integrated_account_ids: [] }]);
    await host.close();
  });
});
