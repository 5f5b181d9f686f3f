import { AbortError } from "p-retry";
import { parseExact } from "../usage/exact-json.ts";
import type { Connection, VendorRequest } from "./connection.ts";
import { garbled, refused, type Told, tooLarge, unreachable } from "./failure.ts";
import { judged } from "./retry.ts";
import { TooLarge } from "./transport.ts";

/**
 * The data that the vendor answered, parsed.
 * @throws what `insist` takes: a refusal, whatever its status, or something that is no answer
 */
export function readAnswer(connection: Connection, request: VendorRequest, told: Told): unknown {
  const { status, headers, text } = told;
  if (status < 200 || status >= 300) throw judged(refused(connection, request, told), connection, headers);
  let body: unknown;
  try {
    body = parseExact(text);
  } catch {
    // A proxy's page or a body cut short: the next try may bring the vendor's own answer. The parser's own words quote the
    // text, which may quote the credentials; they go no further.
    throw garbled(connection, request, told);
  }
  if (isError(connection, body)) throw judged(refused(connection, request, told), connection, headers);
  return body;
}

/** No whole answer came, as `insist` takes it: another try at one that is too large would bring the same. */
export function unanswered(connection: Connection, request: VendorRequest, error: unknown): Error {
  if (error instanceof TooLarge) return new AbortError(tooLarge(connection, request, error));
  return unreachable(connection, request, error);
}

/** Members in which an error may say more of itself. */
const OF_ERRORS = /^(?:errors?|detail|details|meta|metadata|links|pagination|params)$/;

/**
 * An error that was sent with a status of success: it has the vendor's words for one and nothing that could be data. Beside
 * `error` or `errors` an empty list is none; `message` and `detail` alone may be a remark on an answer.
 */
function isError(connection: Connection, body: unknown): boolean {
  if (typeof body !== "object" || body === null || !connection.errorText(body)) return false;
  const isNamed = ("error" in body && body.error !== null) || "errors" in body;
  return !Object.entries(body).some(
    ([name, value]: [string, unknown]) =>
      !OF_ERRORS.test(name) &&
      typeof value === "object" &&
      value !== null &&
      (!isNamed || Object.keys(value).length > 0),
  );
}
