import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { TOOLS } from "../../src/tools/index.ts";
import { checkAnswer, checkRefusal } from "./answers.ts";
import { callsOf, type ToolCall, type Vocabulary } from "./inputs.ts";
import { type PropertySandbox, startPropertySandbox, vocabularyOf } from "./sandbox.ts";

/** Ten thousand and more in all. */
const CASES: Readonly<Record<string, number>> = {
  list_accounts: 400,
  describe_supported_params: 2600,
  get_cost_summary: 1700,
  get_usage_summary: 300,
  explain_cost_change: 80,
  forecast_cost: 5,
  list_usage: 5000,
};
/** Of fewer cases, how many are answered is chance. */
const ENOUGH_FOR_SHARES = 300;
/** No call may take longer, in milliseconds; on a busy machine, too. */
const LONGEST = 60_000;
const PATIENCE = 300_000;

const page = z.looseObject({ next_cursor: z.string().nullable(), result: z.unknown() });
const query = z.looseObject({});

let sandbox: PropertySandbox;
let vocabulary: Vocabulary;
const answered = new Map<string, number>();

beforeAll(async () => {
  sandbox = await startPropertySandbox();
  vocabulary = await vocabularyOf(sandbox.engine);
});
afterAll(() => sandbox.close());

function run(name: string, args: unknown): Promise<Record<string, unknown>> {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.run(sandbox.engine, args, { signal: AbortSignal.timeout(LONGEST) });
}

/** The answer, checked; undefined where the call was refused, as it should be. */
async function outcome({ tool, args }: ToolCall): Promise<Record<string, unknown> | undefined> {
  let answer: Record<string, unknown>;
  try {
    answer = await run(tool, args);
  } catch (error) {
    checkRefusal(error);
    return undefined;
  }
  checkAnswer(tool, answer);
  answered.set(tool, (answered.get(tool) ?? 0) + 1);
  return answer;
}

/**
 * The next page of a listing, by the same parameters, but for a page's number, which a cursor takes the place of, and a key
 * that not all of its rows may have.
 */
async function followed({ tool, args }: ToolCall, answer: Record<string, unknown>): Promise<void> {
  const { next_cursor: cursor, result } = page.parse(answer);
  if (cursor === null) return;
  const { page: _, next_cursor: __, truto_key_by: ___, ...asked } = query.parse(args);
  const next = await run(tool, { ...asked, cursor });
  checkAnswer(tool, next);
  const again = idsOf(result).filter((id) => idsOf(next["result"]).includes(id));
  expect(again, "rows of both pages").toEqual([]);
}

/** Of rows; the vendors' own items have ids that mean something else, and rows may be asked for without. */
const row = z.looseObject({ id: z.string(), start_date: z.string() });

function idsOf(result: unknown): string[] {
  const rows: unknown[] = Array.isArray(result) ? result : [];
  return rows.flatMap((one) => row.safeParse(one).data?.id ?? []);
}

describe("any input of a tool is answered as its schema says, or refused in words that help", () => {
  it.each(Object.entries(CASES))(
    "%s, %i cases",
    async (tool, numRuns) => {
      const before = Reflect.ownKeys(Object.prototype);
      const holds = fc.asyncProperty(callsOf(tool, sandbox.engine, vocabulary), async (call) => {
        const answer = await outcome(call);
        if (answer && tool === "list_usage") await followed(call, answer);
      });
      await fc.assert(holds, { numRuns, timeout: LONGEST });
      expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
      if (numRuns < ENOUGH_FOR_SHARES) return;
      // Were nearly all of them refused, or nearly none, little would be tried.
      const share = (answered.get(tool) ?? 0) / numRuns;
      expect(share, "of them answered").toBeGreaterThan(0.15);
      expect(share, "of them answered").toBeLessThan(0.9);
    },
    PATIENCE,
  );
});
