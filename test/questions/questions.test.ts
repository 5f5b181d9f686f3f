import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { connectModern, type Host, NOW } from "../e2e/hosts.ts";
import { check, MOST_TOKENS, sized } from "./check.ts";
import { QUESTIONS } from "./questions.ts";
import { Raw } from "./raw/raw.ts";

/** The built server with the simulated vendors, asked by a real client; beside it the same vendors, asked directly. */
describe("the questions that people ask of their bills, each in one call", () => {
  let sandbox: Sandbox;
  let host: Host;
  let raw: Raw;
  const sizes: string[] = [];
  beforeAll(async () => {
    sandbox = await startSandbox({ now: () => new Date(NOW) });
    raw = new Raw(sandbox.accounts);
    host = await connectModern(["--sandbox"]);
  });
  afterAll(async () => {
    await Promise.all([sandbox.close(), host.close()]);
    console.log(`${sizes.join("\n")}\n${sizes.length} questions; tokens of the whole answer, of ${MOST_TOKENS}`);
  });

  it("are at least forty, no two alike", () => {
    expect(QUESTIONS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(QUESTIONS.map(({ question }) => question)).size).toBe(QUESTIONS.length);
  });

  // Not it.each, which cuts titles short.
  for (const { question, tool, arguments: args, expected, holds } of QUESTIONS)
    it(question, async () => {
      const [answer, wanted] = await Promise.all([host.call(tool, args), expected(raw)]);
      sizes.push(sized(check(answer, wanted), question));
      holds?.(answer.structured ?? {});
    });
});
