import { generateKeyPairSync, sign } from "node:crypto";
import { UnsecuredJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { bearer, callTool } from "./guarded.ts";
import { gone, Issuer, json, signingKey } from "./issuer.ts";
import { knock, started } from "./oauth-server.ts";

const METADATA = "/.well-known/oauth-authorization-server";

describe("the issuer's keys", () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
  });
  const pass = (milliseconds: number) => vi.advanceTimersByTime(milliseconds);
  const UNAVAILABLE = (issuer: Issuer, why: string) =>
    `Access tokens can't be checked now: the keys of ${issuer.url} can't be had (${why}). Try again; if it lasts, the operator should check http.oauth.issuer and http.oauth.jwks_uri, and finds more in the log.`;

  it("are fetched with the first token, once for many, and not for what can't be one", async () => {
    const { issuer, server } = await started();
    await knock(server, "open-sesame");
    await knock(server, new UnsecuredJWT({}).encode());
    expect(issuer.asked).toEqual([]);
    const token = await issuer.token();
    const answers = await Promise.all(Array.from({ length: 20 }, () => knock(server, token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(issuer.asked).toEqual([METADATA, "/keys"]);
  });

  it("are taken from where the config says, and then no metadata are asked for", async () => {
    const keys = [await signingKey("ES256", "one")];
    const elsewhere = await Issuer.start(keys);
    onTestFinished(() => elsewhere.close());
    const { issuer, server } = await started({ jwks_uri: elsewhere.jwksUri }, keys);
    expect((await knock(server, await issuer.token())).status).toBe(200);
    expect([...issuer.asked, ...elsewhere.asked]).toEqual(["/keys"]);
  });

  it.each(["/keys/", "/keys?p=sign_in", "/keys/?p=a&q=b/"])(
    "are taken from there to the letter: a slash or a query may make it another place (%s)",
    async (place) => {
      const keys = [await signingKey("ES256", "one")];
      const elsewhere = await Issuer.start(keys);
      onTestFinished(() => elsewhere.close());
      elsewhere.answers.set(place, json({ keys: keys.map(({ publicJwk }) => publicJwk) }));
      elsewhere.answers.set("/keys", json({}, 301, { location: place }));
      const { issuer, server } = await started({ jwks_uri: `${elsewhere.host}${place}` }, keys);
      expect((await knock(server, await issuer.token())).status).toBe(200);
      expect(elsewhere.asked).toEqual([place]);
    },
  );

  it("are not told of in the log with the query that gets them, which may hold a key", async () => {
    const elsewhere = await Issuer.start([]);
    onTestFinished(() => elsewhere.close());
    elsewhere.answers.set("/keys?code=s3cret", gone);
    const { issuer, server } = await started({ jwks_uri: `${elsewhere.host}/keys?code=s3cret` });
    const { status, text } = await knock(server, await issuer.token());
    expect(status).toBe(503);
    const said = [text, ...server.log].join("\n");
    expect(said).toContain(`"jwks_uri":"${elsewhere.host}/keys"`);
    expect(said).not.toContain("s3cret");
  });

  it("are found for an issuer with a path, behind the path's well-known place", async () => {
    const { issuer, server } = await started({}, undefined, "/realms/acme");
    expect((await knock(server, await issuer.token())).status).toBe(200);
    expect(issuer.asked).toEqual([`${METADATA}/realms/acme`, "/keys"]);
  });

  it.each([404, 403, 200])("are found through OpenID's metadata where OAuth's are not (%i)", async (status) => {
    const { issuer, server } = await started({}, undefined, "/realms/acme/");
    issuer.answers.set(`${METADATA}/realms/acme`, (_, response) => {
      response.writeHead(status, { "content-type": "text/html" }).end("<html>Sign in</html>");
    });
    issuer.answers.set(
      "/realms/acme/.well-known/openid-configuration",
      json({ issuer: issuer.url, jwks_uri: issuer.jwksUri }),
    );
    expect((await knock(server, await issuer.token())).status).toBe(200);
    expect(issuer.asked).toEqual([`${METADATA}/realms/acme`, "/realms/acme/.well-known/openid-configuration", "/keys"]);
  });

  it("may change without a restart: a new one is fetched, an old one no longer counts", async () => {
    const { issuer, server } = await started();
    const [old] = issuer.keys;
    const before = await issuer.token({ exp: Math.floor(Date.now() / 1000) + 7200 });
    expect((await knock(server, before)).status).toBe(200);
    const next = await signingKey("ES256", "two");
    issuer.keys = [next];
    pass(31_000);
    expect((await knock(server, await issuer.token())).status).toBe(200);
    expect((await knock(server, before)).challenge).toMatch(/signed with no key of/);
    expect((await knock(server, await issuer.token({}, old))).status).toBe(401);
  });

  it("that were withdrawn are gone after ten minutes, whoever asks", async () => {
    const { issuer, server } = await started();
    const token = await issuer.token({ exp: Math.floor(Date.now() / 1000) + 7200 });
    expect((await knock(server, token)).status).toBe(200);
    issuer.keys = [await signingKey("ES256", "two")];
    pass(9 * 60_000);
    expect((await knock(server, token)).status).toBe(200);
    pass(61_000);
    expect((await knock(server, token)).status).toBe(401);
  });

  it("may move: the metadata are asked again with them", async () => {
    const { issuer, server } = await started();
    expect((await knock(server, await issuer.token())).status).toBe(200);
    issuer.keys = [await signingKey("ES256", "two")];
    issuer.answers.set(METADATA, json({ issuer: issuer.url, jwks_uri: `${issuer.host}/keys/v2` }));
    issuer.answers.set("/keys/v2", json({ keys: issuer.keys.map(({ publicJwk }) => publicJwk) }));
    issuer.answers.set("/keys", json({}, 410));
    pass(31_000);
    expect((await knock(server, await issuer.token())).status).toBe(200);
  });

  it("are not fetched for each token that names one that isn't there", async () => {
    const { issuer, server } = await started();
    await knock(server, await issuer.token());
    for (let number = 0; number < 20; number++) {
      const { status } = await knock(server, await issuer.token({}, undefined, { kid: `guess-${number}` }));
      expect(status).toBe(401);
    }
    expect(issuer.asked).toHaveLength(2);
  });

  const answersOf: readonly [string, string, (issuer: Issuer) => Parameters<Issuer["answers"]["set"]>[]][] = [
    ["nobody is there", "no connection", () => [[METADATA, gone]]],
    ["nobody has the keys", "no connection", () => [["/keys", gone]]],
    ["the issuer is broken", "HTTP 500 for its metadata", () => [[METADATA, json({}, 500)]]],
    ["the keys are not there", "HTTP 404 for its keys", () => [["/keys", json({}, 404)]]],
    [
      "the keys have moved, by redirect",
      "HTTP 302 for its keys",
      ({ host }) => [["/keys", json({}, 302, { location: `${host}/keys2` })]],
    ],
    [
      "the metadata have moved, by redirect",
      "HTTP 307 for its metadata",
      ({ host }) => [[METADATA, json({}, 307, { location: `${host}/elsewhere` })]],
    ],
    ["there are no metadata", "it has no metadata; configure jwks_uri", () => [[METADATA, json({}, 404)]]],
    [
      "the metadata are of another issuer",
      "its metadata are of another issuer than configured",
      ({ jwksUri }) => [[METADATA, json({ issuer: "https://evil.example", jwks_uri: jwksUri })]],
    ],
    [
      "the metadata say nothing of keys",
      "its metadata hold no jwks_uri",
      ({ url }) => [[METADATA, json({ issuer: url })]],
    ],
    [
      "the keys are in the open",
      "the jwks_uri in its metadata is not an https address",
      ({ url }) => [[METADATA, json({ issuer: url, jwks_uri: "http://login.example.com/keys" })]],
    ],
    [
      "the keys are in a file",
      "the jwks_uri in its metadata is not an https address",
      ({ url }) => [[METADATA, json({ issuer: url, jwks_uri: "file:///etc/passwd" })]],
    ],
    ["the keys are no keys", "no key set where its keys should be", () => [["/keys", json({ keys: "none" })]]],
    [
      "the keys are no JSON",
      "no key set where its keys should be",
      () => [["/keys", (_, response) => response.end("<html>")]],
    ],
    [
      "the answer has no end",
      "its answer is too long",
      () => [["/keys", (_, response) => response.end(`{"keys":[${" ".repeat(1_100_000)}]}`)]],
    ],
  ];

  it.each(answersOf)("can't be had when %s: 503, not 401", async (_, why, answers) => {
    const { issuer, server } = await started();
    for (const [path, answer] of answers(issuer)) issuer.answers.set(path, answer);
    const { status, text, challenge, retryAfter } = await knock(server, await issuer.token());
    expect([status, challenge]).toEqual([503, ""]);
    expect(JSON.parse(text)).toMatchObject({
      statusCode: 503,
      error: "Service Unavailable",
      message: UNAVAILABLE(issuer, why),
    });
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
    expect(Number(retryAfter)).toBeLessThanOrEqual(5);
    expect(server.log.filter((line) => line.includes("the issuer's keys can't be had"))).toHaveLength(1);
    // The config's own tokens need no issuer.
    expect((await knock(server, "static-token")).status).toBe(200);
    // In MCP's shape where MCP is spoken.
    const mcp = await callTool(server, bearer(await issuer.token()), "list_accounts");
    expect([mcp.status, JSON.parse(mcp.text)]).toMatchObject([
      503,
      { jsonrpc: "2.0", id: null, error: { code: -32_000 } },
    ]);
  });

  it("are not asked of this machine because an issuer elsewhere says so", async () => {
    const inside = await Issuer.start([await signingKey("ES256", "one")]);
    onTestFinished(() => inside.close());
    const url = "https://login.example.com";
    const { server } = await started({ issuer: url });
    const real = fetch;
    const fetched = vi
      .spyOn(globalThis, "fetch")
      .mockImplementation((address, init) =>
        String(address).startsWith(url)
          ? Promise.resolve(Response.json({ issuer: url, jwks_uri: inside.jwksUri }))
          : real(address, init),
      );
    onTestFinished(() => fetched.mockRestore());
    const { status, text } = await knock(server, await inside.token({ iss: url }));
    expect([status, text]).toEqual([
      503,
      expect.stringContaining("the jwks_uri in its metadata is not an https address"),
    ]);
    expect(inside.asked).toEqual([]);
  });

  it("can't be had from who doesn't answer: 503 within the time that a client waits", async () => {
    const { issuer, server } = await started();
    issuer.answers.set("/keys", () => {});
    vi.useRealTimers();
    const began = performance.now();
    const { status, text } = await knock(server, await issuer.token());
    expect([status, JSON.parse(text).message]).toEqual([503, UNAVAILABLE(issuer, "no answer within 5 s")]);
    // Who comes next is told at once.
    const second = performance.now();
    expect((await knock(server, await issuer.token())).status).toBe(503);
    expect(second - began).toBeLessThan(7000);
    expect(performance.now() - second).toBeLessThan(1000);
  });

  it("that failed are left alone for a while, then fetched again", async () => {
    const { issuer, server } = await started();
    issuer.answers.set("/keys", gone);
    const token = await issuer.token();
    for (let number = 0; number < 10; number++) expect((await knock(server, token)).status).toBe(503);
    expect(issuer.asked).toEqual([METADATA, "/keys"]);
    issuer.answers.clear();
    pass(5100);
    expect((await knock(server, token)).status).toBe(200);
  });

  it("that are known go on to count while the issuer is away", async () => {
    const { issuer, server } = await started();
    const token = await issuer.token({ exp: Math.floor(Date.now() / 1000) + 7200 });
    expect((await knock(server, token)).status).toBe(200);
    issuer.answers.set("/keys", gone);
    pass(31_000);
    expect((await knock(server, await issuer.token({}, undefined, { kid: "new" }))).status).toBe(503);
    expect((await knock(server, token)).status).toBe(200);
  });

  it("that are broken or too short are no way in, and no outage", async () => {
    const good = await signingKey("ES256", "good");
    const broken = await signingKey("ES256", "broken");
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const { issuer, server } = await started({}, [good, { ...broken, publicJwk: { ...broken.publicJwk, x: "AA" } }]);
    issuer.answers.set(
      "/keys",
      json({
        keys: [
          ...issuer.keys.map(({ publicJwk }) => publicJwk),
          { ...short.publicKey.export({ format: "jwk" }), kid: "short" },
        ],
      }),
    );
    const [, payload] = (await issuer.token()).split(".");
    const input = `${Buffer.from('{"alg":"RS256","kid":"short"}').toString("base64url")}.${payload}`;
    const signature = sign("sha256", Buffer.from(input), short.privateKey).toString("base64url");
    for (const token of [await issuer.token({}, broken), `${input}.${signature}`]) {
      const { status, challenge } = await knock(server, token);
      expect([status, challenge]).toEqual([401, expect.stringContaining("signed with a key that can't be used")]);
    }
    expect(server.log.filter((line) => line.includes("unusable key"))).toHaveLength(2);
    expect((await knock(server, await issuer.token())).status).toBe(200);
  });
});
