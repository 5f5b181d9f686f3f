import { refTo, type SchemaName } from "./openapi-schemas.ts";
import type { JsonSchema } from "./parameters.ts";

const whole = { type: "integer", minimum: 0 };

/** `components.headers`. */
export const HEADERS = {
  "x-request-id": {
    description:
      "Names the request in errors and in the server's log. The client's own, where it sent a UUID or 32 hexadecimal digits.",
    schema: { type: "string" },
  },
  "ratelimit-limit": {
    description: "Requests that the caller may make in ten seconds: of the limits that apply, the one that is nearest.",
    schema: whole,
  },
  "ratelimit-remaining": { description: "How many of them are left.", schema: whole },
  "ratelimit-reset": { description: "Whole seconds until they are all there again.", schema: whole },
  "retry-after": {
    description: "Whole seconds after which to ask again.",
    schema: { type: "integer", minimum: 1 },
  },
  "www-authenticate": {
    description: "What kind of token is wanted, and why the one that was sent won't do.",
    schema: { type: "string" },
  },
} satisfies Record<string, { description: string; schema: JsonSchema }>;

export type HeaderName = keyof typeof HEADERS;

export const ALWAYS: readonly HeaderName[] = ["x-request-id"];
/** On what is answered to a caller who was let in. */
export const LIMITED: readonly HeaderName[] = [...ALWAYS, "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];

/** A response, with its headers and what its body is by media type. */
export function response(
  description: string,
  headers: readonly HeaderName[],
  content: Record<string, JsonSchema> = {},
): JsonSchema {
  return {
    description,
    headers: Object.fromEntries(headers.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    ...(Object.keys(content).length > 0 ? { content } : {}),
  };
}

export function json(schema: JsonSchema, rest: JsonSchema = {}): Record<string, JsonSchema> {
  return { "application/json": { schema, ...rest } };
}

interface Refusal {
  description: string;
  headers: readonly HeaderName[];
}

const OF_VENDOR = "With truto_is_remote_error";

/** Why a request can fail, by status: at the door, here, or at the vendor. */
const REFUSALS = {
  400: {
    description: `The question is wrong: the message names the parameter and says what is expected. ${OF_VENDOR}: the vendor says so.`,
    headers: LIMITED,
  },
  401: {
    description: `No token, or one that is not valid. ${OF_VENDOR}: the vendor refused the account's key.`,
    headers: [...LIMITED, "www-authenticate"],
  },
  403: {
    description: `The token may use no account, or the request came under a foreign Host or Origin. ${OF_VENDOR}: the account's key lacks a permission.`,
    headers: [...LIMITED, "www-authenticate"],
  },
  404: {
    description: `There is no such account for this caller. ${OF_VENDOR}: the vendor has no such thing.`,
    headers: LIMITED,
  },
  405: { description: "There is only GET here; allow names what there is.", headers: ALWAYS },
  409: { description: "Passed on from the vendor, with truto_is_remote_error.", headers: LIMITED },
  422: { description: "Passed on from the vendor, with truto_is_remote_error.", headers: LIMITED },
  429: {
    description: `Too many requests, or too many at a time. ${OF_VENDOR}: the vendor throttles the account.`,
    headers: [...LIMITED, "retry-after"],
  },
  500: {
    description: `A fault of this server or of its configuration. ${OF_VENDOR}: the vendor's answer is not as its contract says.`,
    headers: LIMITED,
  },
  502: {
    description: "The vendor is down, unreachable, or broke off, after retries; with truto_is_remote_error.",
    headers: [...LIMITED, "retry-after"],
  },
  503: {
    description: "This copy is shutting down, or can't check tokens now; ask another one, or later.",
    headers: [...LIMITED, "retry-after"],
  },
  504: { description: "There was no whole answer in time: ask for less at once.", headers: LIMITED },
} satisfies Record<number, Refusal>;

export type RefusalStatus = keyof typeof REFUSALS;

export function refusals(statuses: readonly RefusalStatus[], schema: SchemaName = "Error"): Record<string, JsonSchema> {
  return Object.fromEntries(
    statuses.map((status) => {
      const { description, headers } = REFUSALS[status];
      return [String(status), response(description, headers, json(refTo(schema)))];
    }),
  );
}
