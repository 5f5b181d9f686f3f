import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { HOSTS, type Host, NOW as THEN } from "../e2e/hosts.ts";
import { checkAnswer, checkWords } from "./answers.ts";
import { callsOf, type Vocabulary } from "./inputs.ts";
import { type PropertySandbox, startPropertySandbox, vocabularyOf } from "./sandbox.ts";

/** Of each tool, with each of the real clients: they check what they get by the schemas they were shown. */
const CASES: Readonly<Record<string, number>> = {
  list_accounts: 10,
  describe_supported_params: 40,
  get_cost_summary: 60,
  get_usage_summary: 20,
  explain_cost_change: 10,
  forecast_cost: 2,
  list_usage: 120,
};
const LONGEST = 60_000;
const PATIENCE = 300_000;

const args = z.record(z.string(), z.unknown());

/** The engine here knows the same accounts as the one behind the client: it only says what there is to be asked. */
let twin: PropertySandbox;
let vocabulary: Vocabulary;
beforeAll(async () => {
  twin = await startPropertySandbox();
  vocabulary = await vocabularyOf(twin.engine);
});
afterAll(() => twin.close());

describe.each(HOSTS)("any input, as a real client sends it: $era", ({ connect }) => {
  let host: Host;
  beforeAll(async () => {
    host = await connect(["--sandbox"], { USAGE_MCP_SANDBOX_NOW: THEN });
    await host.listTools();
  });
  afterAll(() => host.close());

  it.each(Object.entries(CASES))(
    "%s, %i cases",
    async (tool, numRuns) => {
      let answers = 0;
      const named = callsOf(tool, twin.engine, vocabulary).filter((call) => args.safeParse(call.args).success);
      const holds = fc.asyncProperty(named, async (call) => {
        const { isError, text, structured } = await host.call(tool, args.parse(call.args));
        if (isError) {
          checkWords(text);
          return;
        }
        answers++;
        checkAnswer(tool, structured);
        expect(JSON.parse(text)).toEqual(structured);
      });
      // One that all but list_usage answer comes first: whether others are answered is chance where they are few.
      await fc.assert(holds, { numRuns, timeout: LONGEST, examples: [[{ tool, args: {} }]] });
      expect(answers, "of them answered").toBeGreaterThan(0);
    },
    PATIENCE,
  );

  it("goes on after all of that", async () => {
    const { structured, isError } = await host.call("list_accounts", {});
    expect(isError).toBe(false);
    checkAnswer("list_accounts", structured);
  });
});
