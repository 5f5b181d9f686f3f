import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { readHttpConfig } from "../../../src/fronts/http/config.ts";

const ACCOUNTS = ["claude", "cursor", "datadog"];
const HASH = createHash("sha256").update(randomBytes(24)).digest("hex");
const OTHER = createHash("sha256").update(randomBytes(24)).digest("hex");
const NOTHING = createHash("sha256").update("").digest("hex");
const PLANTED = "sk-planted-5b1f0c";

const read = (section: unknown, env: NodeJS.ProcessEnv = {}) => readHttpConfig(section, "a.json", env, ACCOUNTS);
const token = (change = {}) => ({ name: "agents", sha256: HASH, accounts: ["*"], ...change });
const oauth = (change = {}) => ({
  issuer: "https://login.example.com/acme/",
  resource: "https://usage.example.com/mcp",
  scopes: { "usage:ai": ["claude", "cursor"] },
  ...change,
});
const without = (name: string) => Object.fromEntries(Object.entries(oauth()).filter(([key]) => key !== name));

describe("who may come in, as the config says", () => {
  it("lets nobody in by itself", () => {
    expect(read(undefined)).toMatchObject({ tokens: [], hosts: [], origins: [] });
    expect(read(undefined).oauth).toBeUndefined();
  });

  it("keeps a token as its hash, in either case, with its accounts", () => {
    const { tokens } = read({ tokens: [token({ sha256: HASH.toUpperCase(), accounts: ["claude", "datadog"] })] });
    expect(tokens).toEqual([{ name: "agents", sha256: Buffer.from(HASH, "hex"), accounts: ["claude", "datadog"] }]);
  });

  it("takes a token that may use no account", () => {
    expect(read({ tokens: [token({ accounts: [] })] }).tokens[0]?.accounts).toEqual([]);
  });

  it("adds the environment's token, for every account, to those of the file", () => {
    const { tokens } = read({ tokens: [token({ accounts: ["claude"] })] }, { USAGE_MCP_HTTP_TOKEN_SHA256: OTHER });
    expect(tokens.map(({ name, accounts }) => [name, ...accounts])).toEqual([
      ["agents", "claude"],
      ["environment", "*"],
    ]);
    expect(read(undefined, { USAGE_MCP_HTTP_TOKEN_SHA256: "" }).tokens).toEqual([]);
  });

  it("reads variables", () => {
    expect(read({ tokens: [token({ sha256: "$" + "{HASH}" })] }, { HASH }).tokens[0]?.sha256.toString("hex")).toBe(
      HASH,
    );
  });

  it("keeps the issuer to the letter, and takes the resource for the audience unless one is named", () => {
    expect(read({ oauth: oauth() }).oauth).toEqual({
      issuer: "https://login.example.com/acme/",
      audience: "https://usage.example.com/mcp",
      resource: "https://usage.example.com/mcp",
      scopes: new Map([["usage:ai", ["claude", "cursor"]]]),
      claimMayHoldAll: false,
    });
    const all = {
      audience: "api://usage",
      accounts_claim: "https://acme.example/accounts",
      accounts_claim_may_hold_all: true,
    };
    expect(read({ oauth: oauth({ ...all, jwks_uri: "https://login.example.com/keys" }) }).oauth).toMatchObject({
      audience: "api://usage",
      accountsClaim: "https://acme.example/accounts",
      claimMayHoldAll: true,
      jwksUri: "https://login.example.com/keys",
    });
  });

  it("takes host names in any case, and pages that a program brings along", () => {
    const names = {
      hosts: ["Usage.example.com", "[2001:db8::1]", "10.0.0.7"],
      origins: ["app.example.com", "vscode-webview://*"],
    };
    expect(read(names)).toMatchObject({
      hosts: ["usage.example.com", "[2001:db8::1]", "10.0.0.7"],
      origins: ["app.example.com", "vscode-webview://*"],
    });
  });
});

const FAULTS: readonly [what: string, section: unknown, says: string | RegExp, env?: NodeJS.ProcessEnv][] = [
  ["no object", [], "http: must be an object."],
  ["null", null, "http: must be an object."],
  [
    "a misspelt section",
    { token: [] },
    "http.token: there is no such setting; there are tokens, oauth, hosts, origins, limits. Did you mean 'tokens'?",
  ],
  ["tokens that are no list", { tokens: {} }, /^http\.tokens: /],
  [
    "a list of tokens with nobody on it",
    { tokens: [] },
    "http.tokens: holds no token; add one, or leave http.tokens out.",
  ],
  [
    "a token in the open",
    { tokens: [{ name: "a", token: PLANTED, accounts: ["*"] }] },
    "http.tokens[0].token: there is no such setting; there are name, sha256, accounts.",
  ],
  [
    "a token in place of its hash",
    { tokens: [token({ sha256: PLANTED })] },
    "http.tokens[0].sha256: must be the SHA-256 of the token: 64 hexadecimal digits.",
  ],
  [
    "half a hash",
    { tokens: [token({ sha256: HASH.slice(0, 63) })] },
    /^http\.tokens\[0\]\.sha256: must be the SHA-256/,
  ],
  ["a hash and more", { tokens: [token({ sha256: `${HASH}  -` })] }, /^http\.tokens\[0\]\.sha256: must be the SHA-256/],
  [
    "the hash of nothing",
    { tokens: [token({ sha256: NOTHING })] },
    "http.tokens[0].sha256: is the SHA-256 of an empty text; was the token's variable empty?",
  ],
  ["no hash", { tokens: [{ name: "a", accounts: [] }] }, "http.tokens[0].sha256: is missing or not string."],
  ["no name", { tokens: [token({ name: "" })] }, "http.tokens[0].name: must not be empty."],
  ["no accounts", { tokens: [{ name: "a", sha256: HASH }] }, "http.tokens[0].accounts: is missing or not array."],
  [
    "the name of an issuer's caller",
    { tokens: [token({ name: "oauth:ada" })] },
    "http.tokens[0].name: 'oauth:ada' is how callers of an issuer are named (oauth:...); choose another.",
  ],
  [
    "two of a name",
    { tokens: [token(), token({ sha256: OTHER })] },
    "http.tokens[1].name: 'agents' is already a token's name.",
  ],
  [
    "one token for two",
    { tokens: [token(), token({ name: "b", sha256: HASH.toUpperCase() })] },
    "http.tokens[1].sha256: is the token of 'agents' already; give each its own.",
  ],
  [
    "two of a name that is a key in place of one",
    { tokens: [token({ name: "$" + "{KEY}" }), token({ name: "$" + "{KEY}", sha256: OTHER })] },
    "http.tokens[1].name: '$" + "{KEY}' is already a token's name.",
    { KEY: PLANTED },
  ],
  [
    "one token for two, of which one is called by a key",
    { tokens: [token({ name: "$" + "{KEY}" }), token()] },
    "http.tokens[1].sha256: is the token of '$" + "{KEY}' already; give each its own.",
    { KEY: PLANTED },
  ],
  [
    "an unknown account",
    { tokens: [token({ accounts: ["claude", "datadgo"] })] },
    "http.tokens[0].accounts: there is no account 'datadgo'; there are claude, cursor, datadog. Did you mean 'datadog'?",
  ],
  [
    "a key in place of an account",
    { tokens: [token({ accounts: ["$" + "{KEY}"] })] },
    /there is no account '\$\{KEY\}'/,
    { KEY: PLANTED },
  ],
  [
    "an unset variable",
    { tokens: [token({ sha256: "$" + "{NONE}" })] },
    "http.tokens[0].sha256: the environment variable NONE is not set.",
  ],
  [
    "a faulty hash in the environment",
    undefined,
    "USAGE_MCP_HTTP_TOKEN_SHA256: must be the SHA-256 of the token: 64 hexadecimal digits.",
    { USAGE_MCP_HTTP_TOKEN_SHA256: PLANTED },
  ],
  [
    "the hash of nothing in the environment",
    undefined,
    /^USAGE_MCP_HTTP_TOKEN_SHA256: is the SHA-256 of an empty text/,
    { USAGE_MCP_HTTP_TOKEN_SHA256: NOTHING },
  ],
  [
    "the file's token in the environment again",
    { tokens: [token()] },
    "USAGE_MCP_HTTP_TOKEN_SHA256: is the token of 'agents' already; give each its own.",
    { USAGE_MCP_HTTP_TOKEN_SHA256: HASH },
  ],
  [
    "the environment's name in the file",
    { tokens: [token({ name: "environment" })] },
    "USAGE_MCP_HTTP_TOKEN_SHA256: 'environment' is already a token's name.",
    { USAGE_MCP_HTTP_TOKEN_SHA256: OTHER },
  ],

  ["no issuer", { oauth: without("issuer") }, "http.oauth.issuer: is missing or not string."],
  ["no resource", { oauth: without("resource") }, "http.oauth.resource: is missing or not string."],
  [
    "an issuer that is no URL",
    { oauth: oauth({ issuer: "login.example.com" }) },
    "http.oauth.issuer: is not a URL; use https://...",
  ],
  [
    "an issuer in the open",
    { oauth: oauth({ issuer: "http://login.example.com" }) },
    /^http\.oauth\.issuer: http is allowed on loopback only/,
  ],
  [
    "keys in the open",
    { oauth: oauth({ jwks_uri: "http://login.example.com/keys" }) },
    /^http\.oauth\.jwks_uri: http is allowed on loopback only/,
  ],
  [
    "keys behind a fragment",
    { oauth: oauth({ jwks_uri: "https://login.example.com/keys?p=a#x" }) },
    /^http\.oauth\.jwks_uri: must hold a host and a path only/,
  ],
  [
    "keys behind a password",
    { oauth: oauth({ jwks_uri: `https://me:${PLANTED}@login.example.com/keys?p=a` }) },
    /^http\.oauth\.jwks_uri: must hold a host and a path only/,
  ],
  [
    "a resource with a fragment",
    { oauth: oauth({ resource: "https://usage.example.com/mcp#x" }) },
    /^http\.oauth\.resource: must hold a host and a path only/,
  ],
  [
    "a password in the issuer",
    { oauth: oauth({ issuer: `https://me:${PLANTED}@login.example.com` }) },
    /^http\.oauth\.issuer: must hold a host and a path only/,
  ],
  [
    "nothing that gives accounts",
    { oauth: without("scopes") },
    "http.oauth: needs scopes or accounts_claim, to say which accounts a token may use.",
  ],
  ["scopes that are none", { oauth: oauth({ scopes: {} }) }, /^http\.oauth: needs scopes or accounts_claim/],
  [
    "a scope that can't be",
    { oauth: oauth({ scopes: { "usage ai": ["*"] } }) },
    /^http\.oauth\.scopes: 'usage ai' can't be a scope/,
  ],
  ["a scope with a quote", { oauth: oauth({ scopes: { 'a"b': ["*"] } }) }, /can't be a scope/],
  [
    "a scope for nothing",
    { oauth: oauth({ scopes: { usage: [] } }) },
    'http.oauth.scopes.usage: names no account; add one, or "*".',
  ],
  [
    "a scope for an unknown account",
    { oauth: oauth({ scopes: { usage: ["cursors"] } }) },
    "http.oauth.scopes.usage: there is no account 'cursors'; there are claude, cursor, datadog. Did you mean 'cursor'?",
  ],
  [
    "all by a claim that there isn't",
    { oauth: oauth({ accounts_claim_may_hold_all: true }) },
    "http.oauth.accounts_claim_may_hold_all: needs accounts_claim, to say which claim.",
  ],
  [
    "a client's secret",
    { oauth: oauth({ client_secret: PLANTED }) },
    /^http\.oauth\.client_secret: there is no such setting; there are issuer, audience, jwks_uri, resource, scopes, accounts_claim/,
  ],

  [
    "a host with its port",
    { hosts: ["usage.example.com:3333"] },
    "http.hosts[0]: 'usage.example.com:3333' is not a host name; give it as in example.com, without https://, port and path.",
  ],
  ["a host with the usual port", { hosts: ["usage.example.com:80"] }, /^http\.hosts\[0\]: /],
  [
    "an origin with its scheme",
    { origins: ["app.example.com", "https://app.example.com"] },
    /^http\.origins\[1\]: 'https:\/\/app\.example\.com' is not a host name/,
  ],
  ["every origin", { origins: ["*"] }, /^http\.origins\[0\]: '\*' is not a host name/],
  ["every https page", { origins: ["https://*"] }, /^http\.origins\[0\]: /],
  ["an address in short", { hosts: ["127.1"] }, /^http\.hosts\[0\]: /],
  ["a key in place of a host", { hosts: ["$" + "{KEY}:1"] }, /^http\.hosts\[0\]: '\$\{KEY\}:1'/, { KEY: PLANTED }],
];

it("tells an account that is called as all are", () => {
  const all = (section: unknown) => readHttpConfig(section, "a.json", {}, ["claude", "*"]);
  for (const section of [{ tokens: [token()] }, { oauth: oauth({ scopes: { usage: ["claude"] } }) }])
    expect(thrownBy(() => all(section)).message).toBe(
      'Config a.json: accounts: one has the id "*", which in http means all of them; give it another id.',
    );
  expect(all(undefined).tokens).toEqual([]);
});

describe("a faulty config", () => {
  it.each(FAULTS)("%s", (_, section, says, env = {}) => {
    const error = thrownBy(() => read(section, env));
    const from =
      section === undefined || error.message.includes(": USAGE_MCP_HTTP") ? "from the environment" : "a.json";
    expect(error.kind).toBe("configuration");
    expect(error.message.startsWith(`Config ${from}: `)).toBe(true);
    const message = error.message.slice(`Config ${from}: `.length);
    if (typeof says === "string") expect(message).toBe(says);
    else expect(message).toMatch(says);
    for (const secret of [PLANTED, HASH, OTHER, NOTHING]) {
      expect(message).not.toContain(secret);
      expect(message).not.toContain(secret.toUpperCase());
    }
  });
});

function thrownBy(run: () => unknown): UsageError {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
