import {
  answered,
  type Case,
  call,
  HEADER_MISMATCH,
  INVALID_PARAMS,
  list,
  ping,
  UNSUPPORTED_VERSION,
  withBody,
  withHeaders,
} from "./case.ts";
import { ACCEPTED, ENVELOPE, legacyRequest, modernRequest, posted } from "./requests.ts";

const VERSION = "mcp-protocol-version";
const mismatch = { code: HEADER_MISMATCH, id: 1 };
const initialize = (protocolVersion: string) => {
  const clientInfo = { name: "raw", version: "1.0.0" };
  const request = posted(legacyRequest("initialize", { protocolVersion, capabilities: {}, clientInfo }));
  return withHeaders(request, { [VERSION]: undefined });
};
const ofFuture = () => {
  const _meta = { ...ENVELOPE, "io.modelcontextprotocol/protocolVersion": "2099-01-01" };
  return withHeaders(posted(modernRequest("tools/list", { _meta })), { [VERSION]: "2099-01-01" });
};

export const VERSIONS: Case[] = [
  answered("2025: an unknown version", "400", withHeaders(ping, { [VERSION]: "1999-01-01" }), 400, {
    says: /1999-01-01.*2025-11-25/,
  }),
  answered("2025: a version that is none", "400", withHeaders(ping, { [VERSION]: "latest" }), 400),
  answered("2025: no version", "taken for 2025-03-26", withHeaders(ping, { [VERSION]: undefined }), 200, { id: 1 }),
  answered("initialize, unknown version", "answered with one of the server's", initialize("1999-01-01"), 200, {
    id: 1,
    says: /"protocolVersion":"2025-11-25"/,
  }),
  answered("initialize, 2026-07-28", "answered with the last that has it", initialize("2026-07-28"), 200, {
    id: 1,
    says: /"protocolVersion":"2025-11-25"/,
  }),
  answered("2026: a version that isn't served", "400, naming those that are", ofFuture(), 400, {
    code: UNSUPPORTED_VERSION,
    id: 1,
    says: /"supported":\["2026-07-28"\]/,
  }),
  answered("2026: another one in the header", "400", withHeaders(list, { [VERSION]: "2025-11-25" }), 400, mismatch),
  answered("2026: none in the header", "400", withHeaders(list, { [VERSION]: undefined }), 400, mismatch),
  answered(
    "2026: no envelope",
    "400, the request lacks _meta",
    withBody(list, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'),
    400,
    { code: INVALID_PARAMS, id: 1, says: /_meta/ },
  ),
];

const MIRROR = "headers say what the body says, else 400";
const encoded = (name: string) => ({ "mcp-name": `=?base64?${Buffer.from(name).toString("base64")}?=` });

export const MIRRORED: Case[] = [
  answered("2026: another Mcp-Method", MIRROR, withHeaders(list, { "mcp-method": "tools/call" }), 400, mismatch),
  answered("2026: Mcp-Method in capitals", MIRROR, withHeaders(list, { "mcp-method": "TOOLS/LIST" }), 400, mismatch),
  answered("2026: no Mcp-Method", MIRROR, withHeaders(list, { "mcp-method": undefined }), 400, mismatch),
  answered("2026: another Mcp-Name", MIRROR, withHeaders(call, { "mcp-name": "list_usage" }), 400, mismatch),
  answered("2026: no Mcp-Name", MIRROR, withHeaders(call, { "mcp-name": undefined }), 400, mismatch),
  answered("2026: Mcp-Name in Base64", MIRROR, withHeaders(call, encoded("list_accounts")), 200, { id: 1 }),
  answered("2026: another in Base64", MIRROR, withHeaders(call, encoded("list_usage")), 400, mismatch),
];

const BOTH = "a client MUST accept JSON and event streams";
const says = /application\/json/;

export const NEGOTIATED: Case[] = [
  ...[undefined, "application/json", "*/*", "text/html"].map((accept) =>
    answered(`2025: Accept: ${accept}`, `${BOTH}; else HTTP's 406`, withHeaders(ping, { accept }), 406, { says }),
  ),
  ...[undefined, "application/json", "text/html"].map((accept) =>
    answered(`2026: Accept: ${accept}`, `${BOTH}; it gets JSON all the same`, withHeaders(list, { accept }), 200, {
      id: 1,
    }),
  ),
  ...["text/plain", undefined, "application/jsonp", "application/x-www-form-urlencoded"].map((type) =>
    answered(`Content-Type: ${type}`, "open; HTTP: 415", withHeaders(ping, { "content-type": type }), 415, { says }),
  ),
  ...["application/json; charset=utf-8", "Application/JSON"].map((type) =>
    answered(`Content-Type: ${type}`, "JSON, in HTTP's words", withHeaders(ping, { "content-type": type }), 200, {
      id: 1,
    }),
  ),
  answered("2025: a session id", "no sessions: ignored", withHeaders(ping, { "mcp-session-id": "0b7a" }), 200, {
    id: 1,
  }),
  answered(
    "2026: a session id and an event id",
    "ignored",
    withHeaders(list, { "mcp-session-id": "0b7a", "last-event-id": "1" }),
    200,
    { id: 1 },
  ),
  answered("an Origin of somebody's page", "403", withHeaders(ping, { origin: "https://evil.example" }), 403),
  answered("a Host that is not ours", "403, as DNS rebinding", withHeaders(list, { host: "evil.example" }), 403),
];

const POST_ONLY = "405 where no stream is offered and no session kept";
const stream = { accept: "text/event-stream" };

export const VERBS: Case[] = [
  ...["GET", "DELETE", "PUT", "PATCH"].map((method) =>
    answered(`2025: ${method}`, POST_ONLY, { method, headers: stream }, 405),
  ),
  answered("2026: GET", POST_ONLY, { method: "GET", headers: { accept: ACCEPTED, [VERSION]: "2026-07-28" } }, 405),
  answered("GET to resume", POST_ONLY, { method: "GET", headers: { ...stream, "last-event-id": "1" } }, 405),
];
