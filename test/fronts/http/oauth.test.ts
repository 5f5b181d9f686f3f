import { createHash, createHmac } from "node:crypto";
import { exportSPKI, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { accountsOf, bearer, startGuarded } from "./guarded.ts";
import { AUDIENCE, Issuer, type SigningKey, signingKey } from "./issuer.ts";
import { knock, SCOPES, type Started, start, started, stop } from "./oauth-server.ts";

describe("an access token of the issuer", () => {
  it.each(["RS256", "PS512", "ES256", "ES384", "EdDSA"])("signed with %s comes in", async (alg) => {
    const { issuer, server } = await started({}, [await signingKey(alg, "one"), await signingKey("ES256", "two")]);
    expect(await accountsOf(server, bearer(await issuer.token()))).toEqual(["claude", "cursor"]);
    expect(server.log.some((line) => JSON.parse(line).caller === "oauth:ada")).toBe(true);
  });

  describe("gives the accounts", () => {
    let both: Started;
    beforeAll(async () => {
      both = await start({ accounts_claim: "https://acme.example/accounts" });
    });
    afterAll(() => stop(both));

    const claim = (value: unknown) => ({ "https://acme.example/accounts": value });
    const all = ["claude", "openai", "codex", "cursor", "confluent", "datadog"];
    it.each<[string, Record<string, unknown>, string[]]>([
      ["of its scope", { scope: "usage:ai" }, ["claude", "cursor"]],
      ["of all its scopes", { scope: "openid usage:infra  usage:ai" }, ["claude", "cursor", "confluent", "datadog"]],
      ["of scp as a list", { scope: undefined, scp: ["usage:infra"] }, ["confluent", "datadog"]],
      ["of scp as a text", { scope: undefined, scp: "email usage:infra" }, ["confluent", "datadog"]],
      ["of a scope for all", { scope: "usage:all" }, all],
      ["of its claim, a list", { scope: "", ...claim(["codex", 7, null, "openai"]) }, ["openai", "codex"]],
      ["of its claim, a text", { scope: undefined, ...claim("codex  openai") }, ["openai", "codex"]],
      ["of scope and claim", { ...claim(["datadog", "claude"]) }, ["claude", "cursor", "datadog"]],
      ["that there are", { ...claim(["nobody's", "__proto__", "constructor"]) }, ["claude", "cursor"]],
      ["but not all, by a claim that says *", { ...claim("*") }, ["claude", "cursor"]],
    ])("%s", async (_, claims, accounts) => {
      const { issuer, server } = both;
      expect(await accountsOf(server, bearer(await issuer.token(claims)))).toEqual(accounts);
    });

    it.each<[string, Record<string, unknown>]>([
      ["no scope at all", { scope: undefined }],
      ["scopes that mean nothing here", { scope: "openid email USAGE:AI usage:ai2" }],
      ["the names of an object's own", { scope: "constructor __proto__ toString hasOwnProperty" }],
      ["a scope of another kind", { scope: { "usage:ai": true } }],
      ["an account that isn't", claim(["nobody's"])],
      ["* in a claim", claim(["*"])],
    ])("to nobody with %s: 403, and what would do", async (_, claims) => {
      const { issuer, server } = both;
      const { status, challenge, text } = await knock(server, await issuer.token({ scope: undefined, ...claims }));
      expect(status).toBe(403);
      expect(challenge).toBe(
        `Bearer realm="usage-mcp", error="insufficient_scope", error_description="The access token is valid, but may use no account here: it needs one of the scopes usage:ai, usage:infra, usage:all, or accounts in its claim https://acme.example/accounts.", scope="usage:ai usage:infra usage:all", resource_metadata="https://usage.example.com/.well-known/oauth-protected-resource/mcp"`,
      );
      expect(JSON.parse(text)).toMatchObject({ statusCode: 403, error: "Forbidden" });
    });
  });

  it("gives all accounts by a claim that says *, if the config says so", async () => {
    const { issuer, server } = await started({ accounts_claim: "acc", accounts_claim_may_hold_all: true });
    expect(await accountsOf(server, bearer(await issuer.token({ scope: "", acc: ["*"] })))).toHaveLength(6);
  });

  it("is named by its subject, else by its client", async () => {
    const { issuer, server } = await started();
    await knock(server, await issuer.token({ sub: undefined, client_id: "robot" }));
    await knock(server, await issuer.token({ sub: "", azp: "app" }));
    await vi.waitFor(() => expect(server.log.map((line) => JSON.parse(line).caller)).toContain("oauth:app"));
    expect(server.log.map((line) => JSON.parse(line).caller)).toContain("oauth:robot");
  });

  it("stands beside the config's own tokens", async () => {
    const { issuer, server } = await started();
    expect(await accountsOf(server, bearer("static-token"))).toEqual(["datadog"]);
    expect(issuer.asked).toEqual([]);
    expect(await accountsOf(server, bearer(await issuer.token()))).toEqual(["claude", "cursor"]);
  });
});

describe("a token is refused", () => {
  let both: Started;
  let attacker: Issuer;
  let rsa: SigningKey;
  beforeAll(async () => {
    rsa = await signingKey("RS256", "rsa");
    both = await start({}, [rsa, await signingKey("ES256", "ec"), await signingKey("ES256", "ec2")]);
    attacker = await Issuer.start([await signingKey("RS256", "rsa")]);
  });
  afterAll(async () => {
    await stop(both);
    await attacker.close();
  });

  const now = () => Math.floor(Date.now() / 1000);
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const of = (claims: Record<string, unknown>, header = {}) => both.issuer.token(claims, rsa, header);
  /** The attacker's token with all that the issuer's says. */
  const forged = (header = {}) => attacker.token({ iss: both.issuer.url }, attacker.keys[0], header);
  /** A token "signed" with what everybody knows, for those who take it for a shared secret. */
  const hmac = async (secret: string) => {
    const [, payload] = (await of({})).split(".");
    const input = `${b64({ alg: "HS256", kid: "rsa", typ: "at+jwt" })}.${payload}`;
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  };
  const publicPem = async () => {
    const { publicJwk } = rsa;
    const key = await crypto.subtle.importKey("jwk", publicJwk, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, true, [
      "verify",
    ]);
    return exportSPKI(key);
  };

  it.each<[string, () => Promise<string> | string, string | RegExp]>([
    ["expired", () => of({ exp: now() - 31 }), "The access token has expired; get a new one."],
    ["not valid yet", () => of({ nbf: now() + 60 }), "The access token is not valid yet (nbf)."],
    ["without expiry", () => of({ exp: undefined }), "The access token has no expiry (exp)."],
    ["whose expiry is a text", () => of({ exp: "2099-01-01" }), /exp/],
    ["whose start is a text", () => of({ nbf: "now" }), "The access token has a faulty claim (nbf)."],
    ["of another issuer", () => of({ iss: "https://evil.example" }), /^The access token is not of http:\/\/127/],
    ["of an issuer but for a slash", () => of({ iss: `${both.issuer.url}/` }), /^The access token is not of/],
    ["of no issuer", () => of({ iss: undefined }), /^The access token is not of/],
    ["of several issuers", () => of({ iss: [both.issuer.url] }), /^The access token is not of/],
    [
      "for another audience",
      () => of({ aud: "https://usage.example.com" }),
      /another audience than https:\/\/usage\.example\.com\/mcp\./,
    ],
    ["for other audiences", () => of({ aud: ["a", "b"] }), /another audience/],
    ["for no audience", () => of({ aud: undefined }), /another audience/],
    ["for the audience but for a slash", () => of({ aud: `${AUDIENCE}/` }), /another audience/],
    ["for an audience that is an object", () => of({ aud: { [AUDIENCE]: true } }), /another audience/],
    ["of nobody", () => of({ sub: undefined }), /says of nobody whose it is/],
    ["whose subject is a number", () => of({ sub: 7 }), /says of nobody whose it is/],
    ["whose type is a number", () => of({}, { typ: 7 }), /not an access token, but of another type/],
    ["for a logout", () => of({}, { typ: "logout+jwt" }), /not an access token, but of another type/],
    [
      "unsigned",
      async () =>
        new UnsecuredJWT({ sub: "ada" })
          .setIssuer(both.issuer.url)
          .setAudience(AUDIENCE)
          .setExpirationTime("5m")
          .encode(),
      /signed in a way that is not accepted/,
    ],
    [
      "unsigned, in other letters",
      async () => `${b64({ alg: "nOnE", kid: "rsa" })}.${(await of({})).split(".")[1]}.`,
      /not accepted/,
    ],
    [
      "whose algorithm is left out",
      async () => `${b64({ kid: "rsa" })}.${(await of({})).split(".")[1]}.AA`,
      /nor a signed JSON Web Token/,
    ],
    ["signed with the public key as a secret, PEM", async () => hmac(await publicPem()), /not accepted; RS256, /],
    ["signed with the public key as a secret, JWK", () => hmac(JSON.stringify(rsa.publicJwk)), /not accepted/],
    ["signed with nothing as a secret", () => hmac(""), /not accepted/],
    ["signed by another under the key's name", () => forged(), "The access token's signature is wrong."],
    [
      "that brings its key",
      () => forged({ jwk: attacker.keys[0]?.publicJwk }),
      "The access token's signature is wrong.",
    ],
    [
      "that says where its key is",
      () => forged({ jku: attacker.jwksUri, x5u: `${attacker.host}/cert` }),
      "The access token's signature is wrong.",
    ],
    ["that names a key of nobody's", () => of({}, { kid: "nobody" }), /^The access token is signed with no key of/],
    ["that names a path", () => of({}, { kid: "../../etc/passwd" }), /signed with no key of/],
    ["that names its key with a number", () => of({}, { kid: 7 }), /signed with no key of/],
    ["that names another kind of key", () => of({}, { kid: "ec" }), /signed with no key of/],
    [
      "that names none of several",
      () => both.issuer.token({}, both.issuer.keys[1], { kid: undefined }),
      /with which key it is signed \(kid\)/,
    ],
    [
      "with a demand that nobody knows",
      () => `${b64({ alg: "RS256", kid: "rsa", crit: ["x"], x: 1 })}.e30.AA`,
      /nor a signed JSON Web Token/,
    ],
    [
      "with claims changed afterwards",
      async () => {
        const [header, , signature] = (await of({})).split(".");
        return `${header}.${b64({ iss: both.issuer.url, aud: AUDIENCE, sub: "root", exp: now() + 60, scope: "usage:all" })}.${signature}`;
      },
      "The access token's signature is wrong.",
    ],
    ["without its signature", async () => `${(await of({})).split(".").slice(0, 2).join(".")}.`, /signature/],
    [
      "in two parts",
      async () => (await of({})).split(".").slice(0, 2).join("."),
      /neither known here nor a signed JSON Web Token/,
    ],
    [
      "in five parts, encrypted",
      () => `${b64({ alg: "RSA-OAEP", enc: "A256GCM" })}.AA.AA.AA.AA`,
      /nor a signed JSON Web Token/,
    ],
    [
      "with claims that are none",
      async () => {
        const [header] = (await of({})).split(".");
        const input = `${header}.${Buffer.from("[1]").toString("base64url")}`;
        const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", rsa.privateKey, Buffer.from(input));
        return `${input}.${Buffer.from(signature).toString("base64url")}`;
      },
      /nor a signed JSON Web Token/,
    ],
    ["that is none", () => "open-sesame", /neither known here nor a signed JSON Web Token/],
    ["that is only dots", () => "..", /nor a signed JSON Web Token/],
    ["longer than any", async () => of({ sub: "a".repeat(8200) }), "The bearer token is longer than 8192 characters."],
  ])("%s", async (_, make, says) => {
    const token = await make();
    const { status, challenge, text } = await knock(both.server, token);
    expect(status).toBe(401);
    const [, description = ""] =
      /^Bearer realm="usage-mcp", error="invalid_token", error_description="([^"]*)", resource_metadata="[^"]*"$/.exec(
        challenge,
      ) ?? [];
    if (typeof says === "string") expect(description).toBe(says);
    else expect(description).toMatch(says);
    expect(JSON.parse(text)).toMatchObject({ statusCode: 401, error: "Unauthorized", message: description });
    // Nothing that the token says comes back, in the answer or in the log.
    const all = [challenge, text, ...both.server.log].join("\n");
    expect(all).not.toContain(token.slice(0, 40).length > 20 ? token.slice(-20) : "open-sesame");
    expect(all).not.toMatch(/evil|passwd|attacker/);
    expect(attacker.asked).toEqual([]);
  });

  it.each<[string, () => Promise<string>]>([
    ["expired a moment ago, by our clock", () => of({ exp: now() - 10 })],
    ["valid in a moment", () => of({ nbf: now() + 10 })],
    ["for several audiences", () => of({ aud: ["https://other.example", AUDIENCE] })],
    ["of no stated type", () => of({}, { typ: undefined })],
    ["of type JWT", () => of({}, { typ: "JWT" })],
    ["of type application/at+jwt", () => of({}, { typ: "application/at+JWT" })],
    ["of the only key of its kind, unnamed", () => of({}, { kid: undefined })],
    ["that says where its key is, but has a good one", () => of({}, { jku: attacker.jwksUri, x5u: attacker.host })],
  ])("but not one %s", async (_, make) => {
    expect((await knock(both.server, await make())).status).toBe(200);
    expect(attacker.asked).toEqual([]);
  });
});

it("is taken for a host alone with the slash that clients put behind it, and without", async () => {
  const resource = "https://usage.example.com";
  const { issuer, server } = await started({ resource });
  // As both MCP clients ask for it: `new URL(resource).href`.
  for (const aud of [new URL(resource).href, resource, [`${resource}/`]])
    expect((await knock(server, await issuer.token({ aud }))).status).toBe(200);
  for (const aud of [
    `${resource}//`,
    `${resource}/mcp`,
    "https://usage.example.com.evil.example/",
    "http://usage.example.com/",
  ])
    expect((await knock(server, await issuer.token({ aud }))).challenge).toMatch(/another audience than/);
});

it("is guessed fifty times in ten seconds, not more; one that was right once is asked to be renewed as often as it comes", async () => {
  const { issuer, server } = await started();
  const forger = await Issuer.start([await signingKey("ES256", "one")]);
  onTestFinished(() => forger.close());
  const expired = await issuer.token({ exp: Math.floor(Date.now() / 1000) - 60 });
  const forged = await forger.token({ iss: issuer.url });
  const refusals = async (token: string) => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => knock(server, token)));
    return [401, 429].map((refused) => answers.filter(({ status }) => status === refused).length);
  };
  expect(await refusals(expired)).toEqual([60, 0]);
  expect(await refusals(forged)).toEqual([50, 10]);
  expect((await knock(server, await issuer.token())).status).toBe(200);
});

it("knows a token by its hash before it asks the issuer, whatever it looks like", async () => {
  const issuer = await Issuer.start([await signingKey("ES256", "one")]);
  onTestFinished(() => issuer.close());
  const token = await issuer.token({ scope: "usage:infra" });
  const server = await startGuarded({
    tokens: [{ name: "kept", sha256: createHash("sha256").update(token).digest("hex"), accounts: ["claude"] }],
    oauth: { issuer: issuer.url, resource: AUDIENCE, scopes: SCOPES },
  });
  onTestFinished(() => server.close());
  expect(await accountsOf(server, bearer(token))).toEqual(["claude"]);
  expect(issuer.asked).toEqual([]);
});
