import {
  answered,
  type Case,
  INVALID_PARAMS,
  INVALID_REQUEST,
  list,
  PARSE_ERROR,
  ping,
  UNKNOWN_METHOD,
  withBody,
  withHeaders,
} from "./case.ts";
import { ENVELOPE, legacyRequest, modernRequest, posted } from "./requests.ts";

const unparsed = { code: PARSE_ERROR, id: null };
const invalid = { code: INVALID_REQUEST, id: null };
const ONE = "one message a request, since 2025-06-18";
const MESSAGE = "a JSON-RPC 2.0 request, notification or response";
const TOO_LARGE = `{"a":"${"a".repeat(1_100_000)}"}`;
const message = (rest: string) => withBody(ping, `{"jsonrpc":"2.0","id":7,"method":"ping",${rest}}`);
const batch = (...bodies: unknown[]) => `[${bodies.join(",")}]`;
const note = (method: string, params?: unknown) => JSON.stringify({ jsonrpc: "2.0", method, params });

export const BODIES: Case[] = [
  answered("2025: half a JSON text", "parse error", withBody(ping, '{"jsonrpc":'), 400, unparsed),
  answered("2026: half a JSON text", "parse error", withBody(list, '{"jsonrpc":'), 400, unparsed),
  answered("nothing", "parse error", withBody(ping, ""), 400, unparsed),
  answered("bytes that are not UTF-8", "UTF-8", withBody(ping, Buffer.from([0x7b, 0xff, 0x7d])), 400, unparsed),
  answered("2025: a batch", ONE, withBody(ping, batch(ping.body, ping.body)), 400, {
    ...invalid,
    says: /each message by itself/,
  }),
  answered(
    "no version: a batch",
    "2025-03-26 took them; no client is known to send any, and a hundred calls would count as one",
    withHeaders(withBody(ping, batch(ping.body)), { "mcp-protocol-version": undefined }),
    400,
    invalid,
  ),
  answered("2025: notifications in a batch", ONE, withBody(ping, batch(note("notifications/x"))), 400, invalid),
  answered("2026: a batch of one", ONE, withBody(list, batch(list.body)), 400, invalid),
  answered("an empty batch", ONE, withBody(ping, batch()), 400, invalid),
  ...["5", "null", '"ping"', "{}"].map((body) => answered(body, MESSAGE, withBody(ping, body), 400, invalid)),
  answered("no jsonrpc", MESSAGE, withBody(ping, '{"id":7,"method":"ping"}'), 400, { ...invalid, id: 7 }),
  answered("jsonrpc 1.0", MESSAGE, withBody(ping, '{"jsonrpc":"1.0","id":7,"method":"ping"}'), 400, {
    ...invalid,
    id: 7,
  }),
  answered("params that are a list", "params is an object", message('"params":[1]'), 400, { ...invalid, id: 7 }),
  answered(
    "params 50,000 deep",
    "params is an object",
    message(`"params":${"[".repeat(50_000)}${"]".repeat(50_000)}`),
    400,
    { ...invalid, id: 7 },
  ),
  answered("over a mebibyte, told beforehand", "open; HTTP: 413", withBody(ping, TOO_LARGE), 413, {
    id: null,
    says: /larger than 1048576 bytes/,
  }),
  answered(
    "over a mebibyte, in chunks",
    "open; HTTP: 413",
    withHeaders(withBody(list, TOO_LARGE), { "transfer-encoding": "chunked" }),
    413,
    { id: null },
  ),
];

const unknown = { code: UNKNOWN_METHOD, id: 1 };
const params = { code: INVALID_PARAMS, id: 1 };
const tool = (request: typeof legacyRequest, args: Record<string, unknown>) => posted(request("tools/call", args));

const prompt = (request: typeof legacyRequest, args: Record<string, unknown>) => posted(request("prompts/get", args));
const read = (request: typeof legacyRequest, method: string) => posted(request(method, { uri: "usage://nope" }));
/** Arguments of prompts are texts. */
const BUDGET = { name: "budget_check", arguments: { budget: 12_000 } };

export const METHODS: Case[] = [
  answered("2025: an unknown method", "an error is an answer: 200", posted(legacyRequest("no/such")), 200, unknown),
  answered("2026: an unknown method", "404 with the error", posted(modernRequest("no/such")), 404, unknown),
  answered("2026: ping", "gone with 2026-07-28", posted(modernRequest("ping")), 404, unknown),
  answered("2026: initialize", "gone with 2026-07-28", posted(modernRequest("initialize")), 404, unknown),
  answered(
    "2025: resources/subscribe",
    "not offered, so unknown",
    read(legacyRequest, "resources/subscribe"),
    200,
    unknown,
  ),
  answered("2025: an unknown tool", "invalid params", tool(legacyRequest, { name: "nope" }), 200, params),
  answered("2026: an unknown tool", "invalid params", tool(modernRequest, { name: "nope" }), 200, params),
  answered("2025: an unknown prompt", "invalid params", prompt(legacyRequest, { name: "nope" }), 200, params),
  answered("2026: an unknown prompt", "invalid params", prompt(modernRequest, { name: "nope" }), 200, params),
  answered("2025: a prompt's number", "invalid params", prompt(legacyRequest, BUDGET), 200, params),
  answered("2026: a prompt's number", "invalid params", prompt(modernRequest, BUDGET), 200, params),
  answered("2025: a completion of nothing", "invalid params", read(legacyRequest, "completion/complete"), 200, params),
  answered("2025: an unknown resource", "invalid params", read(legacyRequest, "resources/read"), 200, params),
  answered("2025: a call without a name", "invalid params", tool(legacyRequest, { arguments: {} }), 200, params),
  answered(
    "2025: arguments that are a text",
    "invalid params",
    tool(legacyRequest, { name: "list_accounts", arguments: "x" }),
    200,
    params,
  ),
];

const SAME = "comes back as it is";
const INTEGER = "a string or an integer, never null";

export const IDS: Case[] = [
  ...["abc", "", "\u0000", "é", 0, -1, Number.MAX_SAFE_INTEGER].map((id) =>
    answered(`2025: id ${JSON.stringify(id)}`, SAME, posted(legacyRequest("ping", undefined, id)), 200, { id }),
  ),
  ...["abc", 0].map((id) =>
    answered(`2026: id ${JSON.stringify(id)}`, SAME, posted(modernRequest("tools/list", {}, id)), 200, { id }),
  ),
  ...[null, true, {}, [1]].map((id) =>
    answered(`2025: id ${JSON.stringify(id)}`, INTEGER, posted(legacyRequest("ping", undefined, id)), 400, invalid),
  ),
  ...[null, {}].map((id) =>
    answered(`2026: id ${JSON.stringify(id)}`, INTEGER, posted(modernRequest("tools/list", {}, id)), 400, invalid),
  ),
  answered("2025: id 1.5", INTEGER, posted(legacyRequest("ping", undefined, 1.5)), 400, { code: INVALID_REQUEST }),
];

const TAKEN = "202, no body";
const REFUSED = "what can't be accepted: an HTTP error";
const RESPONSE = '{"jsonrpc":"2.0","id":1,"result":{}}';
const cancelled = (more = {}) => note("notifications/cancelled", { requestId: 1, ...more });

/** What is not a request, and gets no answer. */
export const ONE_WAY: Case[] = [
  answered("2025: initialized", TAKEN, withBody(ping, note("notifications/initialized")), 202),
  answered("2025: an unknown notification", TAKEN, withBody(ping, note("notifications/nope")), 202),
  answered("2025: cancelled", TAKEN, withBody(ping, cancelled()), 202),
  answered("2025: a response", TAKEN, withBody(ping, RESPONSE), 202),
  answered(
    "2026: cancelled",
    TAKEN,
    withHeaders(withBody(list, cancelled({ _meta: ENVELOPE })), { "mcp-method": "notifications/cancelled" }),
    202,
  ),
  answered("2026: a response", "a client MUST NOT send one", withBody(list, RESPONSE), 400),
  answered("2025: params that are a text", REFUSED, withBody(ping, note("notifications/initialized", "x")), 400, {
    code: INVALID_REQUEST,
  }),
];
