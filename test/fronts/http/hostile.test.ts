import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";
import { NOW } from "../../e2e/hosts.ts";
import { type RawAnswer, type RawRequest, sendRaw, written } from "./raw.ts";
import { type BuiltServer, sha256, startBuilt, writeConfig } from "./server.ts";

const FINANCE = "finance-4f1c09d27be84a53";
const AI = "ai-92d0b86f31aa4c7e";
const USAGE = "/unified/usage-metering/usage";
const ACCEPT = { accept: "application/json, text/event-stream" };
const JSON_TYPE = { "content-type": "application/json" };

interface Hostile extends RawRequest {
  what: string;
  /** Bytes to send as they are, instead of a request made of the other fields. */
  bytes?: string;
  /** Which token is sent; none when undefined. */
  token?: string;
  status: number;
  /** What the answer must say (and so does). */
  says?: RegExp;
  header?: readonly [string, RegExp];
}

const finance = (request: Omit<Hostile, "token">): Hostile => ({ ...request, token: FINANCE });
const usage = (what: string, query: string, status: number, says?: RegExp): Hostile =>
  finance({ what, path: `${USAGE}?integrated_account_id=confluent&${query}`, status, ...(says ? { says } : {}) });
const rpc = (what: string, body: string, status: number, says?: RegExp, headers = {}): Hostile =>
  finance({
    what,
    method: "POST",
    path: "/mcp",
    headers: { ...ACCEPT, ...JSON_TYPE, ...headers },
    body,
    status,
    ...(says ? { says } : {}),
  });
const tool = (what: string, name: string, args: unknown, says: RegExp): Hostile =>
  rpc(
    what,
    JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
    200,
    says,
  );
const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
const nested = (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`;
const bearer = /^Bearer /;

const REQUESTS: readonly Hostile[] = [
  // Who asks
  {
    what: "no token, /mcp",
    method: "POST",
    path: "/mcp",
    headers: { ...ACCEPT, ...JSON_TYPE },
    body: LIST,
    status: 401,
    header: ["www-authenticate", /^Bearer (?!.*error=)/],
  },
  {
    what: "no token, REST",
    path: `${USAGE}?integrated_account_id=confluent`,
    status: 401,
    header: ["www-authenticate", bearer],
    says: /"statusCode":401/,
  },
  { what: "no token, meta", path: `${USAGE}/meta/list`, status: 401 },
  { what: "no token, metrics", path: "/metrics", status: 401 },
  {
    what: "unknown token",
    path: USAGE,
    token: "guess",
    status: 401,
    header: ["www-authenticate", /error="invalid_token"/],
  },
  { what: "the token's hash as token", path: USAGE, token: sha256(FINANCE), status: 401 },
  { what: "a token but for its last letter", path: USAGE, token: FINANCE.slice(0, -1), status: 401 },
  {
    what: "another scheme",
    path: USAGE,
    headers: { authorization: `Basic ${Buffer.from(`x:${FINANCE}`).toString("base64")}` },
    status: 401,
  },
  { what: "an empty bearer", path: USAGE, headers: { authorization: "Bearer " }, status: 401 },
  { what: "a token in the query", path: `${USAGE}?access_token=${FINANCE}`, status: 401 },
  { what: "a token of 8,000 characters", path: USAGE, token: "a".repeat(8000), status: 401 },
  {
    what: "two tokens in one header",
    path: USAGE,
    headers: { authorization: `Bearer ${AI}, Bearer ${FINANCE}` },
    status: 400,
  },

  // Other people's accounts
  finance({
    what: "a foreign account",
    path: `${USAGE}?integrated_account_id=claude`,
    status: 404,
    says: /there is no account 'claude'; there are confluent, datadog\./,
  }),
  finance({
    what: "an account that isn't",
    path: `${USAGE}?integrated_account_id=nobody`,
    status: 404,
    says: /there is no account 'nobody'; there are confluent, datadog\./,
  }),
  finance({ what: "no account of two", path: USAGE, status: 400, says: /missing_required_query_parameters/ }),
  tool(
    "a foreign account, list_usage",
    "list_usage",
    { integrated_account_id: "claude" },
    /there is no account 'claude'; there are confluent, datadog\./,
  ),
  tool(
    "a foreign account, summary",
    "get_cost_summary",
    { integrated_account_ids: ["cursor"] },
    /there is no account 'cursor'; there are confluent, datadog\./,
  ),
  tool(
    "a foreign account, describe",
    "describe_supported_params",
    { integrated_account_id: "codex" },
    /there is no account 'codex'/,
  ),
  tool(
    "a foreign provider, summary",
    "get_cost_summary",
    { providers: ["claude"] },
    /no account is of claude; there are accounts of confluent, datadog\./,
  ),

  // From elsewhere
  finance({ what: "a foreign host", path: "/readyz", headers: { Host: "evil.example" }, status: 200 }),
  finance({
    what: "a foreign host, REST",
    path: USAGE,
    headers: { Host: "evil.example" },
    status: 403,
    says: /Invalid Host/,
  }),
  finance({
    what: "a foreign host, /mcp",
    method: "POST",
    path: "/mcp",
    headers: { ...ACCEPT, ...JSON_TYPE, Host: "evil.example" },
    body: LIST,
    status: 403,
    says: /"jsonrpc":"2.0","error"/,
  }),
  finance({
    what: "a host that begins like ours",
    path: USAGE,
    headers: { Host: "127.0.0.1.evil.example" },
    status: 403,
  }),
  finance({ what: "a host with a user in it", path: USAGE, headers: { Host: "localhost@evil.example" }, status: 400 }),
  finance({ what: "an empty host", path: USAGE, headers: { Host: "" }, status: 403 }),
  finance({
    what: "a foreign origin",
    path: USAGE,
    headers: { origin: "https://evil.example" },
    status: 403,
    says: /Invalid Origin/,
  }),
  finance({
    what: "a foreign origin, /mcp",
    method: "POST",
    path: "/mcp",
    headers: { ...ACCEPT, ...JSON_TYPE, origin: "https://evil.example" },
    body: LIST,
    status: 403,
  }),
  finance({ what: "the origin null", path: USAGE, headers: { origin: "null" }, status: 403 }),
  finance({
    what: "an origin that begins like ours",
    path: USAGE,
    headers: { origin: "http://localhost.evil.example" },
    status: 403,
  }),
  { what: "HTTP/1.1 without a host", bytes: `GET ${USAGE} HTTP/1.1\r\nConnection: close\r\n\r\n`, status: 400 },

  // Odd HTTP
  { what: "no HTTP at all", bytes: "hello\r\n\r\n", status: 400 },
  { what: "a TLS hello", bytes: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", status: 400 },
  {
    what: "length and chunks both",
    bytes: `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /readyz HTTP/1.1\r\n\r\n`,
    status: 400,
  },
  {
    what: "two lengths",
    bytes: "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    status: 400,
  },
  {
    what: "a negative length",
    bytes: "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    status: 400,
  },
  {
    what: "a chunk size that is none",
    bytes: `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${FINANCE}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n`,
    status: 400,
  },
  {
    what: "a line break in a header",
    bytes: "GET /readyz HTTP/1.1\r\nHost: localhost\r\nX-A: b\rX-C: d\r\n\r\n",
    status: 400,
  },
  finance({ what: "headers of 20,000 bytes", path: USAGE, headers: { "x-long": "a".repeat(20_000) }, status: 431 }),
  finance({ what: "a path of 20,000 bytes", path: `/${"a".repeat(20_000)}`, status: 431 }),
  finance({ what: "nothing there", path: "/admin", status: 404, says: /There is nothing at \/admin/ }),
  finance({ what: "up and out of the root", path: "/../../etc/passwd", status: 404 }),
  finance({ what: "the same in percent", path: "/%2e%2e/%2e%2e/etc/passwd", status: 404 }),
  finance({ what: "an encoded null in the path", path: "/mcp%00", status: 404 }),
  finance({
    what: "POST to the REST endpoint",
    method: "POST",
    path: USAGE,
    headers: JSON_TYPE,
    body: "{}",
    status: 405,
    header: ["allow", /GET/],
  }),
  finance({ what: "DELETE to the REST endpoint", method: "DELETE", path: USAGE, status: 405 }),
  finance({ what: "a method that isn't", method: "BREW", path: USAGE, status: 400 }),
  finance({ what: "TRACE", method: "TRACE", path: USAGE, status: 405 }),

  // Odd MCP
  finance({
    what: "GET /mcp",
    path: "/mcp",
    headers: { accept: "text/event-stream" },
    status: 405,
    header: ["allow", /POST/],
  }),
  finance({ what: "DELETE /mcp", method: "DELETE", path: "/mcp", status: 405 }),
  finance({
    what: "plain text",
    method: "POST",
    path: "/mcp",
    headers: { ...ACCEPT, "content-type": "text/plain" },
    body: LIST,
    status: 415,
  }),
  finance({ what: "no content type", method: "POST", path: "/mcp", headers: ACCEPT, body: LIST, status: 415 }),
  finance({
    what: "a form",
    method: "POST",
    path: "/mcp",
    headers: { ...ACCEPT, "content-type": "application/x-www-form-urlencoded" },
    body: "a=b",
    status: 415,
  }),
  finance({
    what: "Accept without JSON",
    method: "POST",
    path: "/mcp",
    headers: { accept: "text/html", ...JSON_TYPE },
    body: LIST,
    status: 406,
  }),
  rpc(
    "two megabytes",
    JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: { a: "x".repeat(2_000_000) } }),
    413,
  ),
  rpc("no JSON", "{not json", 400, /-32700/),
  rpc("an empty body", "", 400, /-32700/),
  rpc("a body that is a number", "42", 400, /-32[67]00/),
  rpc("a body that is null", "null", 400),
  rpc("a batch", `[${LIST},${LIST}]`, 400, undefined, { "mcp-protocol-version": "2025-11-25" }),
  rpc("an empty batch", "[]", 400),
  rpc("an unknown method", JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/destroy" }), 200, /-32601/),
  rpc("another JSON-RPC", JSON.stringify({ jsonrpc: "1.0", id: 1, method: "tools/list" }), 400),
  rpc("an unknown protocol version", LIST, 400, undefined, { "mcp-protocol-version": "2031-01-01" }),
  rpc(
    "JSON 5,000 deep",
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_usage","arguments":{"remote_query":{"a":${nested(5000)}}}}}`,
    200,
    /nested too deep/,
  ),
  tool("an unknown tool", "drop_table", {}, /drop_table/),
  tool(
    "an argument that isn't",
    "list_usage",
    { integrated_account_id: "confluent", limt: 5 },
    /limt: there is no such parameter. Did you mean 'limit'/,
  ),
  tool("an argument of another type", "get_cost_summary", { group_by: "user" }, /group_by: must be a list of texts/),
  // The transport leaves such a key out before the tool sees it: a page of 5, as was asked, not of 1.
  rpc(
    "a prototype key",
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_usage","arguments":{"integrated_account_id":"confluent","limit":5,"__proto__":{"limit":1}}}}`,
    200,
    /"result_count":5/,
  ),
  tool(
    "a host for the vendor",
    "list_usage",
    { integrated_account_id: "confluent", remote_query: { host: "evil.example" } },
    /remote_query.host/,
  ),
  tool(
    "a forged cursor",
    "list_usage",
    {
      integrated_account_id: "confluent",
      start_date: "2026-10-01",
      cursor: "u2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    },
    /cursor: it is damaged, or was given for another account/,
  ),

  // Odd queries
  usage("deep nesting", `remote_query${"[a]".repeat(200)}=1`, 400),
  usage("a prototype key", "__proto__[limit]=1", 400),
  usage("a prototype key inside", "remote_query[__proto__][limit]=1", 400),
  usage("the constructor", "constructor[prototype][limit]=1", 400),
  usage(
    "2,000 items",
    Array.from({ length: 2000 }, () => "group_by[]=a")
      .join("&")
      .slice(0, 15_000),
    400,
  ),
  usage("an item number of nine digits", "group_by[999999999]=product", 400),
  usage("broken percent encoding", "product_ids[]=%E0%A4%A", 400),
  usage(
    "a parameter that isn't",
    "star_date=2026-10-01",
    400,
    /star_date: there is no such parameter. Did you mean 'start_date'/,
  ),
  usage("a number that is none", "limit=ten", 400, /limit: must be a number, not 'ten'/),
  usage("a limit below one", "limit=0", 400, /limit: '0' is out of range|limit: 0 is out of range/),
  usage("a limit beyond all", "limit=1000000000", 400, /limit: .* out of range/),
  usage("no number at all", "limit=NaN", 400),
  usage("a truth that is none", "truto_ignore_limit=maybe", 400, /truto_ignore_limit: must be true or false/),
  usage("one parameter as an object", "limit[a]=5", 400),
  usage("one parameter twice", "limit=5&limit=6", 400),
  usage("a date that is none", "start_date=yesterday", 400, /start_date/),
  usage("a day that isn't", "start_date=2026-02-30", 400, /start_date/),
  usage("an end before its start", "start_date=2026-10-05&end_date=2026-10-01", 400),
  usage("an unknown format", "truto_response_format=xml", 400, /truto_response_format: 'xml' is not one of/),
  usage("an unknown report", "report_type=costs", 400, /Did you mean 'cost'/),
  usage(
    "a parameter that the vendor lacks",
    "user_ids[]=ada@example.com",
    400,
    /user_ids: confluent does not support it/,
  ),
  usage("keyed by a prototype", "truto_key_by=__proto__", 400),
  usage("without a prototype", "truto_exclude_fields[]=constructor", 400),
  usage("a key for the vendor", "remote_query[authorization]=Bearer%20x", 400, /remote_query.authorization/),
  usage("a null byte in a value", "product_ids[]=%00", 200),
  usage("a forged cursor", "next_cursor=u2.AAAA", 400, /cursor: it is damaged/),
];

let sandbox: Sandbox;
let server: BuiltServer;

beforeAll(async () => {
  sandbox = await startSandbox({ now: () => new Date(NOW) });
  const tokens = [
    { name: "finance", sha256: sha256(FINANCE), accounts: ["confluent", "datadog"] },
    { name: "ai", sha256: sha256(AI), accounts: ["claude", "openai", "codex", "cursor"] },
  ];
  const limits = { requests_per_token: 100_000, requests_per_account: 100_000 };
  server = await startBuilt(["--config", writeConfig({ accounts: sandbox.accounts, http: { tokens, limits } })]);
});

afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await sandbox.close();
});

function send({ bytes, token, ...request }: Hostile): Promise<RawAnswer> {
  const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const { host } = new URL(server.url);
  return sendRaw(server.url, bytes ?? written(host, { ...request, headers: { ...authorization, ...request.headers } }));
}

const answered: string[] = [];

describe("hostile requests", () => {
  it.each(REQUESTS)("$what: $status", async (request) => {
    const answer = await send(request);
    const shown = answer.body.replace(/\s+/g, " ").replace(/"request_id":"[^"]*"/, "");
    answered.push(`${String(answer.status).padEnd(4)} ${request.what.padEnd(36)} ${shown.slice(0, 110)}`);
    expect(answer.status, answer.body).toBe(request.status);
    if (request.says) expect(answer.body).toMatch(request.says);
    if (request.header) expect(answer.headers[request.header[0]]).toMatch(request.header[1]);
    // Nobody learns a token, a path of this machine or how the program is made.
    expect(answer.body).not.toMatch(/finance-4f1c|ai-92d0|node_modules|\.ts:|at \w+ \(/);
    expect(answer.milliseconds).toBeLessThan(5000);
  });

  it("a cursor of another token's account: refused", async () => {
    const ask = (token: string, path: string) => send({ what: "", status: 0, token, path });
    const first = await ask(AI, `${USAGE}?integrated_account_id=cursor&report_type=cost&start_date=2026-10-01&limit=1`);
    const cursor = encodeURIComponent(String(JSON.parse(first.body).next_cursor));
    const foreign = await ask(
      FINANCE,
      `${USAGE}?integrated_account_id=cursor&report_type=cost&start_date=2026-10-01&limit=1&next_cursor=${cursor}`,
    );
    const own = await ask(
      FINANCE,
      `${USAGE}?integrated_account_id=confluent&report_type=cost&start_date=2026-10-01&limit=1&next_cursor=${cursor}`,
    );
    expect([foreign.status, own.status]).toEqual([404, 400]);
    expect(own.body).toMatch(/cursor: it is damaged, or was given for another account/);
  });

  it("did no harm: the server still answers, and its log holds no token", async () => {
    const answer = await send({
      what: "",
      status: 200,
      token: FINANCE,
      path: `${USAGE}?integrated_account_id=confluent&start_date=2026-10-01&limit=2`,
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ result_count: 2 });
    for (const secret of [FINANCE, AI, sha256(FINANCE)]) expect(server.log()).not.toContain(secret);
    expect(server.output()).toBe("");
    expect(REQUESTS.length).toBeGreaterThanOrEqual(60);
    console.log(answered.join("\n"));
  });
});
