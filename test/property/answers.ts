import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import { expect } from "vitest";
import * as z from "zod";
import { UsageError } from "../../src/errors.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { jsonSchema } from "../../src/tools/tool.ts";

const validators = new AjvJsonSchemaValidator();
/** Answers are checked as a host checks them: by the advertised JSON Schema, with a validator that is not ours. */
const VALID = new Map(
  TOOLS.map((tool) => [tool.name, validators.getValidator<unknown>(jsonSchema(tool.output, "output"))]),
);

const period = z.object({ start_date: z.string(), end_date: z.string() });
/** What every answer that has them must hold together. */
const told = z.looseObject({
  period: period.optional(),
  compared_period: period.optional(),
  accounts: z.array(z.looseObject({ period: period.optional() })).optional(),
  result: z.unknown().optional(),
  result_count: z.number().optional(),
  next_cursor: z.string().nullish(),
});
const rowDates = z.looseObject({ start_date: z.string().optional(), end_date: z.string().optional() });

/** @param answer of a tool, before or after it went over a wire */
export function checkAnswer(tool: string, answer: unknown): void {
  checkNumbers(answer, tool);
  const sent: unknown = JSON.parse(JSON.stringify(answer));
  const checked = VALID.get(tool)?.(sent);
  if (!checked?.valid) expect.fail(`${tool} answered what its output schema refuses: ${checked?.errorMessage}`);
  const { result, result_count, next_cursor, accounts = [], ...periods } = told.parse(sent);
  for (const one of [periods.period, periods.compared_period, ...accounts.map((account) => account.period)])
    if (one) checkPeriod(one);
  if (typeof result !== "object" || result === null) return;
  const rows: unknown[] = Object.values(result);
  expect(result_count, "result_count").toBe(rows.length);
  if (next_cursor) expect(rows.length, "rows of a page with more behind it").toBeGreaterThan(0);
  for (const row of rows) {
    const dates = rowDates.safeParse(row).data;
    if (dates?.start_date && dates.end_date) checkPeriod({ start_date: dates.start_date, end_date: dates.end_date });
  }
}

/** UTC instants, the end at or behind the start. */
function checkPeriod({ start_date, end_date }: z.infer<typeof period>): void {
  const [start, end] = [Date.parse(start_date), Date.parse(end_date)];
  if (!(start <= end)) expect.fail(`a period from ${start_date} to ${end_date}`);
}

/** Numbers that JSON can't carry, or that say minus nothing. */
function checkNumbers(value: unknown, path: string): void {
  if (typeof value === "number") {
    if (!Number.isFinite(value) || Object.is(value, -0))
      expect.fail(`${path} is ${Object.is(value, -0) ? "-0" : value}`);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) checkNumbers(member, `${path}.${name}`);
  } else if (typeof value === "bigint" || typeof value === "function" || typeof value === "symbol") {
    expect.fail(`${path} is a ${typeof value}`);
  }
}

/** A refusal that its caller can act on: one of ours, which names a parameter or says what to do. */
export function checkRefusal(error: unknown): void {
  if (!(error instanceof UsageError)) throw error;
  const { kind, message, details } = error;
  // Only a vendor's own refusal of what it was passed may be of another kind than a wrong question.
  if (details.status === undefined) expect(kind, message).toBe("question");
  else expect(["question", "credentials", "vendor_data"], message).toContain(kind);
  checkWords(message, details.parameter ?? "");
}

const SAYS_WHAT = /must be an object of named parameters|was refused: HTTP 4\d\d/;

/** @param parameter as the error has it; over a wire, where only words arrive, what stands before the colon */
export function checkWords(message: string, parameter = /^.{1,100}?(?=: )/s.exec(message)?.[0] ?? ""): void {
  if (parameter === "" && !SAYS_WHAT.test(message)) expect.fail(`names no parameter: ${message}`);
  if (parameter !== "") expect(message.startsWith(`${parameter}: `), message).toBe(true);
  expect(message.length).toBeLessThan(1500);
  // What is quoted is the caller's own.
  expect(message.replace(/'.*'/s, "''")).not.toMatch(/Internal error|\bundefined\b|\bNaN\b|\[object/);
}
