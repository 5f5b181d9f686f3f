import { createHash } from "node:crypto";
import * as z from "zod";
import { broken, checkUrl } from "../../accounts/config-values.ts";
import { didYouMean, listed, shown } from "../../suggest.ts";

/** A bearer token that may come in, as its SHA-256: the token itself is nowhere. */
export interface Token {
  /** For logs and limits. */
  name: string;
  sha256: Buffer;
  /** Ids of the accounts it may use; `*` is every one. With none it may read /metrics, and nothing else. */
  accounts: readonly string[];
}

/** Access tokens of an authorization server (OAuth 2.1, this server is a resource server). */
export interface OAuthConfig {
  /** As the tokens' `iss` and the issuer's metadata have it, to the letter. */
  issuer: string;
  /** What a token's `aud` must hold (RFC 8707: the resource that it was asked for). */
  audience: string;
  /** Where the issuer's keys are; found through its metadata when left out. */
  jwksUri?: string;
  /** This server's public URL, as clients call it: the `resource` of its metadata. */
  resource: string;
  /** Accounts by scope: a token may use those of all its scopes. */
  scopes: ReadonlyMap<string, readonly string[]>;
  /** A claim that lists account ids. */
  accountsClaim?: string;
  /** Whether `*` in that claim is every account; else it is none. */
  claimMayHoldAll: boolean;
}

/** What a section is read with: the file's name, the ids that there are, and how the file itself has a value. */
export interface Reading {
  from: string;
  accounts: readonly string[];
  /** A value before variables were put in: one may hold a key that landed here by mistake, and an error must not show it. */
  written(path: readonly (string | number)[]): unknown;
}

export const filled = z.string().min(1, "must not be empty");
const names = z.array(filled);

export const tokenShape = z.strictObject({
  name: filled.max(100),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, "must be the SHA-256 of the token: 64 hexadecimal digits"),
  accounts: names,
});
export const oauthShape = z.strictObject({
  issuer: filled,
  audience: filled.optional(),
  jwks_uri: z.string().optional(),
  resource: filled,
  scopes: z.record(z.string(), names).optional(),
  accounts_claim: filled.optional(),
  accounts_claim_may_hold_all: z.boolean().optional(),
});

const HASH_OF_NOTHING = createHash("sha256").digest();
const VARIABLE = "USAGE_MCP_HTTP_TOKEN_SHA256";

/** What names of callers with an access token begin with: their limits are apart from those of the config's tokens. */
export const OF_ISSUER = "oauth:";

/**
 * The tokens of the config, and the one of the environment.
 * @throws UsageError (configuration): a name or a token given twice, the hash of nothing, an unknown account
 */
export function readTokens(
  tokens: readonly z.infer<typeof tokenShape>[] | undefined,
  env: NodeJS.ProcessEnv,
  reading: Reading,
): Token[] {
  // A list, and nobody on it: whoever wrote that wants no open door, which is what no list would mean.
  if (tokens?.length === 0)
    throw broken(reading.from, "http.tokens: holds no token; add one, or leave http.tokens out.");
  const read: (Token & { said: unknown })[] = [];
  for (const { token, said, from, path, hashPath } of [...ofFile(tokens ?? [], reading), ...ofEnvironment(env)]) {
    const { name, accounts } = token;
    const sha256 = Buffer.from(token.sha256, "hex");
    if (name.startsWith(OF_ISSUER))
      throw broken(
        from,
        `${path}: ${shown(said)} is how callers of an issuer are named (${OF_ISSUER}...); choose another.`,
      );
    if (sha256.equals(HASH_OF_NOTHING))
      throw broken(from, `${hashPath}: is the SHA-256 of an empty text; was the token's variable empty?`);
    for (const other of read) {
      if (other.name === name) throw broken(from, `${path}: ${shown(said)} is already a token's name.`);
      if (other.sha256.equals(sha256))
        throw broken(from, `${hashPath}: is the token of ${shown(other.said)} already; give each its own.`);
    }
    read.push({ name, sha256, accounts, said });
  }
  for (const [index, { accounts }] of (tokens ?? []).entries())
    checkAccounts(accounts, ["tokens", index, "accounts"], reading);
  return read.map(({ name, sha256, accounts }) => ({ name, sha256, accounts }));
}

interface GivenToken {
  token: z.infer<typeof tokenShape>;
  /** Its name as the file has it: a variable may hold a key that landed here by mistake. */
  said: unknown;
  from: string;
  path: string;
  hashPath: string;
}

function ofFile(tokens: readonly z.infer<typeof tokenShape>[], { from, written }: Reading): GivenToken[] {
  return tokens.map((token, index) => {
    const path = `http.tokens[${index}]`;
    const said = written(["tokens", index, "name"]);
    return { token, said, from, path: `${path}.name`, hashPath: `${path}.sha256` };
  });
}

function ofEnvironment(env: NodeJS.ProcessEnv): GivenToken[] {
  const sha256 = env[VARIABLE];
  if (!sha256) return [];
  const from = "from the environment";
  const parsed = tokenShape.safeParse({ name: "environment", sha256, accounts: ["*"] });
  if (!parsed.success) throw broken(from, `${VARIABLE}: ${parsed.error.issues[0]?.message}.`);
  return [{ token: parsed.data, said: parsed.data.name, from, path: VARIABLE, hashPath: VARIABLE }];
}

/** @throws UsageError (configuration) */
export function readOAuth(raw: z.infer<typeof oauthShape>, reading: Reading): OAuthConfig {
  const { issuer, audience, jwks_uri, scopes = {}, accounts_claim, accounts_claim_may_hold_all = false } = raw;
  const { from } = reading;
  checkUrl(issuer, "http.oauth.issuer", from);
  // Kept to the letter: with a slash or a query at its end it is another address than without.
  checkUrl(jwks_uri?.replace(/\?[^#]*$/, ""), "http.oauth.jwks_uri", from);
  const resource = checkUrl(raw.resource, "http.oauth.resource", from) ?? raw.resource;
  if (Object.keys(scopes).length === 0 && accounts_claim === undefined)
    throw broken(from, "http.oauth: needs scopes or accounts_claim, to say which accounts a token may use.");
  if (accounts_claim_may_hold_all && accounts_claim === undefined)
    throw broken(from, "http.oauth.accounts_claim_may_hold_all: needs accounts_claim, to say which claim.");
  for (const [scope, allowed] of Object.entries(scopes)) checkScope(scope, allowed, reading);
  return {
    issuer,
    audience: audience ?? resource,
    resource,
    scopes: new Map(Object.entries(scopes)),
    claimMayHoldAll: accounts_claim_may_hold_all,
    ...(jwks_uri === undefined ? {} : { jwksUri: jwks_uri }),
    ...(accounts_claim ? { accountsClaim: accounts_claim } : {}),
  };
}

/** @see RFC 6749, 3.3: what a scope is made of, so that it can stand in a token and in a header */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

function checkScope(scope: string, allowed: readonly string[], reading: Reading): void {
  if (!SCOPE.test(scope))
    throw broken(
      reading.from,
      `http.oauth.scopes: ${shown(scope)} can't be a scope; it holds a space, a quote, a backslash or a character beyond ASCII.`,
    );
  if (allowed.length === 0)
    throw broken(reading.from, `http.oauth.scopes.${scope}: names no account; add one, or "*".`);
  checkAccounts(allowed, ["oauth", "scopes", scope], reading);
}

function checkAccounts(allowed: readonly string[], path: readonly (string | number)[], reading: Reading): void {
  const { from, accounts, written } = reading;
  for (const [index, id] of allowed.entries()) {
    if (id === "*" || accounts.includes(id)) continue;
    const given = written([...path, index]);
    throw broken(
      from,
      `${pathOf(path)}: there is no account ${shown(given)}; there are ${listed(accounts)}.${didYouMean(String(given), accounts)}`,
    );
  }
}

/** "http.tokens[0].accounts" */
export function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}.${String(part)}`),
    "http",
  );
}
