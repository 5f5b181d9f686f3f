import type * as z from "zod";
import { badParameter, UsageError } from "../errors.ts";
import { didYouMean, listed, shown } from "../suggest.ts";

/**
 * Checks a tool's arguments against its schema, once, at the door. Absent, null and empty values are the same: models
 * fill what they leave out with "" and []. The first fault becomes a sentence that names the parameter.
 * @throws UsageError (question)
 */
export function checkQuery<Schema extends z.ZodObject>(schema: Schema, input: unknown): z.output<Schema> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new UsageError("question", "The arguments must be an object of named parameters.");
  }
  refuseOddKeys(input, "");
  const present = Object.fromEntries(Object.entries(input).filter(([, value]) => !isEmpty(value)));
  const parsed = schema.safeParse(present, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw firstFault(parsed.error, Object.keys(schema.shape));
}

const DEEPEST = 20;

/** Names that mean something else to an object than to who sent them; schemas would pass them over. */
function refuseOddKeys(value: unknown, parameter: string, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > DEEPEST) throw badParameter(parameter, "it is nested too deep.");
  for (const [key, member] of Object.entries(value)) {
    if (key === "__proto__") throw badParameter(parameter || key, `there is no such parameter as ${shown(key)}.`);
    refuseOddKeys(member, parameter || key.slice(0, 60), depth + 1);
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

function firstFault(error: z.ZodError, parameters: readonly string[]): UsageError {
  const issue = error.issues[0];
  if (!issue) return new UsageError("question", "The arguments are not as expected.");
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const others = parameters.length > 0 ? `There are ${listed(parameters)}.` : "It takes none.";
    return badParameter(
      key.slice(0, 60) || "''",
      `there is no such parameter.${didYouMean(key, parameters)} ${others}`,
    );
  }
  // A list's member is named by its list: group_by, not group_by.0.
  const name = issue.path.filter((part) => typeof part !== "number").join(".");
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    return badParameter(
      name,
      `${shown(issue.input)} is not one of ${listed(values)}.${typeof issue.input === "string" ? didYouMean(issue.input, values) : ""}`,
    );
  }
  if (issue.code === "invalid_type")
    return badParameter(
      name,
      `must be ${article(issue.expected)}, not ${shown(issue.input)}.${example(issue.expected, name)}`,
    );
  return badParameter(name, `${issue.message}.`);
}

function article(type: string): string {
  return type === "array"
    ? "a list of texts"
    : type === "string"
      ? "a text"
      : type === "boolean"
        ? "true or false"
        : `a ${type}`;
}

function example(type: string, name: string): string {
  return type === "array" ? ` For example {"${name}": ["..."]}.` : "";
}

/** A count within its bounds; absent stays absent. @throws UsageError (question) */
export function whole(value: number | undefined, parameter: string, most: number): number | undefined {
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw badParameter(parameter, `${shown(value)} is out of range; it is a whole number from 1 to ${most}.`);
}
