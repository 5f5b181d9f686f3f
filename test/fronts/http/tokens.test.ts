import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { accountsOf, bearer, callTool, type Guarded, startGuarded } from "./guarded.ts";
import { type RawAnswer, type RawRequest, sendRaw, written } from "./raw.ts";
import { sha256 } from "./server.ts";

/** Ids of which none is near another, so that no error guesses that one is meant for the other. */
const ID = {
  claude: "62f44730-dd91-461e-bd6a-aedd9e0ad79d",
  openai: "a90c15e2-7b38-4f0d-9152-3c86f7e4b01a",
  codex: "0d7be9f4-153a-42c8-a6f1-98b2c4d05e63",
  cursor: "f518a2cb-c0e4-4976-83bd-47a96e1f2d80",
  confluent: "37c6d08e-f92b-4ba1-9e47-d5103f8ac624",
  datadog: "be83f160-4a5d-4e29-b70c-612d9ac7f35e",
} as const;
/** As long as the others, and nobody's. */
const NOBODY = "99999999-9999-4999-9999-999999999999";
const AI = "ai-92d0b86f31aa4c7e";
const INFRA = "infra-4f1c09d27be84a53";
const ALL = "all-77c1e05b9d2f4a16";
const WATCH = "watch-b3a65c0d18e94f72";
const MOST = "most-e07d4c91a2b85f36";
const USAGE = "/unified/usage-metering/usage";

let server: Guarded;
beforeAll(async () => {
  server = await startGuarded(
    {
      tokens: [
        { name: "ai", sha256: sha256(AI), accounts: [ID.claude, ID.cursor] },
        { name: "infra", sha256: sha256(INFRA), accounts: [ID.confluent, ID.datadog] },
        { name: "all", sha256: sha256(ALL).toUpperCase(), accounts: ["*"] },
        { name: "watch", sha256: sha256(WATCH), accounts: [] },
        { name: "most", sha256: sha256(MOST), accounts: Object.values(ID).slice(1) },
      ],
      limits: { requests_per_account: 1000 },
    },
    { id: (word) => Object.entries(ID).find(([known]) => known === word)?.[1] ?? word },
  );
});
afterAll(() => server.close());

async function get(path: string, token: string) {
  const response = await fetch(`${server.url}${path}`, { headers: bearer(token) });
  return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
}

function send(request: RawRequest, url = server.url): Promise<RawAnswer> {
  return sendRaw(url, written(new URL(url).host, request));
}

const foreign = (own: readonly string[]) => Object.values(ID).filter((id) => !own.includes(id));

describe("a token sees its own accounts, as if there were no others", () => {
  it.each([
    ["ai", AI, [ID.claude, ID.cursor]],
    ["infra", INFRA, [ID.confluent, ID.datadog]],
    ["all", ALL, Object.values(ID)],
  ])("%s", async (_, token, own) => {
    expect(await accountsOf(server, bearer(token))).toEqual(own);
    const answers = await Promise.all([
      callTool(server, bearer(token), "list_accounts"),
      callTool(server, bearer(token), "describe_supported_params"),
      callTool(server, bearer(token), "describe_supported_params", { provider: "datadog" }),
      callTool(server, bearer(token), "describe_supported_params", { integrated_account_id: own[0] }),
      callTool(server, bearer(token), "get_cost_summary", { period: "last_month", group_by: ["account"] }),
      callTool(server, bearer(token), "get_cost_summary", { integrated_account_ids: [NOBODY] }),
      callTool(server, bearer(token), "get_cost_summary", { integrated_account_ids: [`${own[0]}x`] }),
      callTool(server, bearer(token), "list_usage", {}),
      callTool(server, bearer(token), "list_usage", { integrated_account_id: NOBODY }),
      callTool(server, bearer(token), "list_usage", { integrated_account_id: own[0], limit: 2 }),
    ]);
    for (const { text } of answers) for (const id of foreign(own)) expect(text).not.toContain(id);
    const [, , , , cost, , near, which] = answers;
    const shape = z.looseObject({ accounts: z.array(z.looseObject({ integrated_account_id: z.string() })) });
    expect(shape.parse(cost?.structured).accounts.map((one) => one.integrated_account_id)).toEqual(own);
    expect(near?.text).toContain(`Did you mean '${own[0]}'?`);
    expect(which?.text).toBe(`integrated_account_id: is needed, since there are several accounts: ${own.join(", ")}.`);
  });

  const cases: readonly [tool: string, args: (id: string) => Record<string, unknown>][] = [
    ["list_usage", (id) => ({ integrated_account_id: id })],
    ["list_usage", (id) => ({ integrated_account_id: id, report_type: "cost", limit: 1 })],
    ["list_usage", (id) => ({ integrated_account_id: id, cursor: "u2.AAAA" })],
    ["describe_supported_params", (id) => ({ integrated_account_id: id })],
    ["describe_supported_params", (id) => ({ integrated_account_id: id, provider: "datadog" })],
    ["get_cost_summary", (id) => ({ integrated_account_ids: [id] })],
    ["get_cost_summary", (id) => ({ integrated_account_ids: [ID.claude, id], group_by: ["account"] })],
  ];
  it.each(cases)("%s of a foreign account fails as of one that there isn't, word for word (%#)", async (tool, args) => {
    const nobodys = await callTool(server, bearer(AI), tool, args(NOBODY));
    expect(nobodys.isError).toBe(true);
    expect(nobodys.text).toMatch(
      new RegExp(`^integrated_account_ids?: there is no account '${NOBODY}'; there are ${ID.claude}, ${ID.cursor}\\.$`),
    );
    for (const id of foreign([ID.claude, ID.cursor])) {
      const { text, isError, structured, status } = await callTool(server, bearer(AI), tool, args(id));
      expect([status, isError, structured]).toEqual([200, true, {}]);
      expect(text.replaceAll(id, NOBODY)).toBe(nobodys.text);
    }
  });

  it.each([
    ["rows", (id: string) => `${USAGE}?integrated_account_id=${id}`],
    ["a stream", (id: string) => `${USAGE}?integrated_account_id=${id}&truto_response_format=stream`],
    ["a check", (id: string) => `${USAGE}?integrated_account_id=${id}&truto_skip_api_call=true`],
    ["support", (id: string) => `${USAGE}/meta/list?integrated_account_id=${id}`],
    ["capabilities", (id: string) => `/integrated-account/${id}/capabilities`],
  ])("REST: %s of a foreign account are not found as of one that there isn't, byte for byte", async (_, path) => {
    const nobodys = await get(path(NOBODY), AI);
    expect([nobodys.status, nobodys.text]).toEqual([404, expect.stringContaining(`there is no account '${NOBODY}'`)]);
    // Of each request its own, and so of no account.
    const plain = ({ headers, text }: Awaited<ReturnType<typeof get>>, id: string) => {
      const {
        date,
        "x-request-id": request = "",
        "ratelimit-remaining": left,
        "ratelimit-reset": reset,
        ...said
      } = headers;
      expect(request).not.toBe("");
      return { said, text: text.replaceAll(id, NOBODY).replaceAll(request, "") };
    };
    for (const id of foreign([ID.claude, ID.cursor])) {
      const answer = await get(path(id), AI);
      expect(answer.status).toBe(404);
      expect(plain(answer, id)).toEqual(plain(nobodys, NOBODY));
    }
  });

  it("REST: rows, and the accounts to choose from, are its own", async () => {
    const none = await get(USAGE, AI);
    expect([none.status, none.text]).toEqual([400, expect.stringContaining(`${ID.claude}, ${ID.cursor}.`)]);
    for (const id of foreign([ID.claude, ID.cursor])) expect(none.text).not.toContain(id);
    const path = `${USAGE}?integrated_account_id=${ID.confluent}&limit=2`;
    expect((await get(path, INFRA)).status).toBe(200);
    expect((await get(path, ALL)).status).toBe(200);
    expect((await get(path, AI)).status).toBe(404);
  });

  it("a cursor of another's account opens nothing", async () => {
    const asked = { integrated_account_id: ID.confluent, report_type: "cost", limit: 1 };
    const page = z.looseObject({ next_cursor: z.string() });
    const { structured } = await callTool(server, bearer(INFRA), "list_usage", asked);
    const cursor = page.parse(structured).next_cursor;
    expect((await callTool(server, bearer(INFRA), "list_usage", { ...asked, cursor })).isError).toBe(false);
    const theirs = await callTool(server, bearer(AI), "list_usage", { ...asked, cursor });
    expect(theirs.text).toMatch(/^integrated_account_id: there is no account/);
    const own = await callTool(server, bearer(AI), "list_usage", {
      integrated_account_id: ID.claude,
      limit: 1,
      cursor,
    });
    const forged = await callTool(server, bearer(AI), "list_usage", {
      integrated_account_id: ID.claude,
      limit: 1,
      cursor: `${cursor.slice(0, -4)}AAAA`,
    });
    expect([own.isError, own.text]).toEqual([true, forged.text]);
    const rest = `integrated_account_id=${ID.claude}&limit=1&next_cursor=${encodeURIComponent(cursor)}`;
    expect((await get(`${USAGE}?${rest}`, AI)).status).toBe(400);
  });

  it("callers at the same time are not mistaken for each other", async () => {
    const callers = [AI, INFRA, ALL, AI, INFRA, ALL].flatMap((token) => [token, token, token, token, token]);
    const seen = await Promise.all(callers.map((token) => accountsOf(server, bearer(token))));
    const expected: Record<string, readonly string[]> = {
      [AI]: [ID.claude, ID.cursor],
      [INFRA]: [ID.confluent, ID.datadog],
      [ALL]: Object.values(ID),
    };
    expect(seen).toEqual(callers.map((token) => expected[token]));
  });
});

describe("a token without accounts", () => {
  it("may read /metrics", async () => {
    expect((await get("/metrics", WATCH)).status).toBe(200);
  });

  it.each([USAGE, `${USAGE}?integrated_account_id=${ID.claude}`, "/metrics/", "/nowhere"])(
    "and not %s",
    async (path) => {
      const { status, headers, text } = await get(path, WATCH);
      expect(status).toBe(403);
      expect(headers["www-authenticate"]).toBe(
        'Bearer realm="usage-mcp", error="insufficient_scope", error_description="This token may read /metrics only; ask the operator for one that may use accounts."',
      );
      expect(JSON.parse(text)).toMatchObject({ statusCode: 403, error: "Forbidden" });
    },
  );

  it.each([
    ["some", AI, 403],
    ["all but one", MOST, 403],
    ["all", ALL, 200],
  ])("as may one with %s of them, or not: it is about all", async (_, token, status) => {
    await get(`${USAGE}?integrated_account_id=${ID.datadog}&limit=1`, ALL);
    const answer = await get("/metrics", token);
    expect([answer.status, answer.text.includes('provider="datadog"')]).toEqual([status, status === 200]);
    if (status === 403)
      expect(answer.headers["www-authenticate"]).toBe(
        'Bearer realm="usage-mcp", error="insufficient_scope", error_description="This token may use some of the accounts, and /metrics is about all; ask the operator for one without accounts, or for all."',
      );
  });

  it("and not MCP", async () => {
    const { status, text } = await callTool(server, bearer(WATCH), "list_accounts");
    expect([status, JSON.parse(text)]).toMatchObject([403, { jsonrpc: "2.0", id: null, error: { code: -32_000 } }]);
  });
});

describe("what one token was answered", () => {
  it("is kept by no cache in between, which might hand it to another", async () => {
    const paths = [
      `${USAGE}?integrated_account_id=${ID.claude}&limit=1`,
      `${USAGE}?integrated_account_id=${ID.claude}&start_date=2026-10-01&end_date=2026-10-02&truto_response_format=stream`,
      `${USAGE}?integrated_account_id=${NOBODY}`,
      `${USAGE}/meta/list`,
      `/integrated-account/${ID.claude}/capabilities`,
      "/metrics",
      "/nowhere",
    ];
    for (const path of paths)
      for (const token of [ALL, "a-wrong-one"])
        expect([path, (await get(path, token)).headers["cache-control"]]).toEqual([path, "no-store"]);
    const { status, headers } = await callTool(server, bearer(ALL), "list_accounts");
    expect([status, headers.get("cache-control")]).toEqual([200, expect.stringMatching(/^no-(?:store|cache)/)]);
  });
});

describe("the Authorization header", () => {
  const NO_TOKEN = 'Bearer realm="usage-mcp"';
  const refused = (code: string) =>
    new RegExp(`^Bearer realm="usage-mcp", error="${code}", error_description="[^"]+"$`);

  it.each<[string, string, number, string | RegExp]>([
    ["none", "", 401, NO_TOKEN],
    ["an empty one", "Authorization:\r\n", 401, NO_TOKEN],
    ["a scheme and no token", "Authorization: Bearer\r\n", 401, NO_TOKEN],
    ["a scheme and blanks", "Authorization: Bearer    \r\n", 401, NO_TOKEN],
    ["another scheme", `Authorization: Basic ${Buffer.from(`x:${ALL}`).toString("base64")}\r\n`, 401, NO_TOKEN],
    ["no scheme", `Authorization: ${ALL}\r\n`, 401, NO_TOKEN],
    ["a scheme that begins so", `Authorization: BearerX ${ALL}\r\n`, 401, NO_TOKEN],
    ["another header's token", `X-Api-Key: ${ALL}\r\nCookie: access_token=${ALL}\r\n`, 401, NO_TOKEN],
    ["an unknown token", "Authorization: Bearer guess\r\n", 401, refused("invalid_token")],
    ["a token but for its last letter", `Authorization: Bearer ${ALL.slice(0, -1)}\r\n`, 401, refused("invalid_token")],
    ["a token and one letter", `Authorization: Bearer ${ALL}a\r\n`, 401, refused("invalid_token")],
    ["a token in other letters", `Authorization: Bearer ${ALL.toUpperCase()}\r\n`, 401, refused("invalid_token")],
    ["a token's hash", `Authorization: Bearer ${sha256(ALL)}\r\n`, 401, refused("invalid_token")],
    ["a token too long", `Authorization: Bearer ${"a".repeat(8193)}\r\n`, 401, refused("invalid_token")],
    ["the name of a token", "Authorization: Bearer all\r\n", 401, refused("invalid_token")],
    ["two tokens", `Authorization: Bearer ${AI} ${ALL}\r\n`, 400, refused("invalid_request")],
    ["two headers", `Authorization: Bearer ${ALL}\r\nauthorization: Bearer ${AI}\r\n`, 400, refused("invalid_request")],
    [
      "the same header twice",
      `Authorization: Bearer ${ALL}\r\nAuthorization: Bearer ${ALL}\r\n`,
      400,
      refused("invalid_request"),
    ],
    ["a quoted token", `Authorization: Bearer "${ALL}"\r\n`, 400, refused("invalid_request")],
    ["a token with more in it", `Authorization: Bearer ${ALL};x="\\\r\n`, 400, refused("invalid_request")],
    ["a token beyond ASCII", "Authorization: Bearer \xe4\xf6\xfc\r\n", 400, refused("invalid_request")],
    ["the scheme in other letters", `authorization: bEARER   ${ALL}  \r\n`, 200, ""],
  ])("%s", async (_, headers, status, challenge) => {
    const host = new URL(server.url).host;
    const answer = await sendRaw(
      server.url,
      `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n`,
    );
    expect(answer.status).toBe(status);
    const said = answer.headers["www-authenticate"] ?? "";
    if (typeof challenge === "string") expect(said).toBe(challenge);
    else expect(said).toMatch(challenge);
    for (const token of [AI, INFRA, ALL]) expect(JSON.stringify(answer)).not.toContain(token);
  });

  it.each([
    ["/metrics", ""],
    [`${USAGE}`, `&integrated_account_id=${ID.claude}`],
    ["/mcp", ""],
  ])("a token in the URL is not read: %s", async (path, more) => {
    for (const name of ["access_token", "access%5Ftoken"]) {
      const alone = await send({ path: `${path}?${name}=${ALL}${more}` });
      expect([alone.status, alone.headers["www-authenticate"]]).toEqual([401, NO_TOKEN]);
      expect(alone.body).toContain("A token in the URL is not read: URLs end up in logs.");
      const beside = await send({ path: `${path}?${name}=${ALL}${more}`, headers: bearer(ALL) });
      expect([beside.status, beside.headers["www-authenticate"]]).toEqual([
        400,
        expect.stringMatching(refused("invalid_request")),
      ]);
    }
    expect(server.log.join("\n")).not.toContain(ALL);
  });

  it("no token ever gets into the log", async () => {
    expect(server.log.length).toBeGreaterThan(50);
    for (const token of [AI, INFRA, ALL, WATCH]) expect(server.log.join("\n")).not.toContain(token);
  });
});

describe("the environment's token", () => {
  it("opens every account, with no http section at all", async () => {
    const plain = await startGuarded(undefined, { env: { USAGE_MCP_HTTP_TOKEN_SHA256: sha256(ALL) } });
    onTestFinished(() => plain.close());
    expect(await accountsOf(plain, bearer(ALL))).toHaveLength(6);
    expect((await callTool(plain, bearer(AI), "list_accounts")).status).toBe(401);
    expect((await callTool(plain, {}, "list_accounts")).status).toBe(401);
  });
});
