import * as z from "zod";
import { broken, checkUrl, expand, isObject } from "../../accounts/config-values.ts";
import { didYouMean, listed, shown } from "../../suggest.ts";

/** A bearer token that may come in, as its SHA-256: the token itself is nowhere. */
export interface Token {
  /** For logs and limits. */
  name: string;
  sha256: Buffer;
  /** Ids of the accounts it may use; `*` is every one. */
  accounts: readonly string[];
}

/** Access tokens of an authorization server (OAuth 2.1, this server is a resource server). */
export interface OAuthConfig {
  issuer: string;
  /** What a token's `aud` must hold. */
  audience: string;
  /** Where the issuer's keys are; found through its metadata when left out. */
  jwksUri?: string;
  /** This server's public URL, as clients call it: the `resource` of its metadata. */
  resource: string;
  /** Accounts by scope: a token may use those of all its scopes. */
  scopes: Readonly<Record<string, readonly string[]>>;
  /** A claim that lists account ids. */
  accountsClaim?: string;
}

/** What one copy takes on. Times in seconds, sizes in bytes. */
export interface Limits {
  /** Calls of one token at a time; more are refused with 429. */
  concurrentCalls: number;
  /** Requests of one token, and of one token to one account, in ten seconds. */
  requestsPerToken: number;
  requestsPerAccount: number;
  bodyBytes: number;
  headerBytes: number;
  /** Until a request must have arrived whole. */
  requestSeconds: number;
  /** Until an answer must have been given; streams may take as long as `streamSeconds`. */
  callSeconds: number;
  streamSeconds: number;
  /** Until a connection on which nothing moves is cut. */
  idleSeconds: number;
  connections: number;
  /** What answers in flight are given to finish on shutdown. */
  shutdownSeconds: number;
}

const USUAL_LIMITS: Limits = {
  concurrentCalls: 20,
  requestsPerToken: 500,
  requestsPerAccount: 50,
  bodyBytes: 1_048_576,
  headerBytes: 16_384,
  requestSeconds: 30,
  callSeconds: 120,
  streamSeconds: 3600,
  idleSeconds: 150,
  connections: 1000,
  shutdownSeconds: 30,
};

/** Who may come in over HTTP, and how much. */
export interface HttpConfig {
  tokens: readonly Token[];
  oauth?: OAuthConfig;
  /** Host names, besides loopback's, under which this server is called. */
  hosts: readonly string[];
  /** Host names of web pages, besides loopback's, that may call it. */
  origins: readonly string[];
  limits: Limits;
}

const filled = z.string().min(1, "must not be empty");
const names = z.array(filled);
const amount = z.number().positive("must be a number above 0");

const tokenShape = z.strictObject({
  name: filled.max(100),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, "must be the SHA-256 of the token: 64 hexadecimal digits"),
  accounts: names,
});
const oauthShape = z.strictObject({
  issuer: filled,
  audience: filled,
  jwks_uri: z.string().optional(),
  resource: z.string(),
  scopes: z.record(filled, names).optional(),
  accounts_claim: filled.optional(),
});
const limitsShape = z.strictObject({
  concurrent_calls: amount.optional(),
  requests_per_token: amount.optional(),
  requests_per_account: amount.optional(),
  body_bytes: amount.optional(),
  header_bytes: amount.optional(),
  request_seconds: amount.optional(),
  call_seconds: amount.optional(),
  stream_seconds: amount.optional(),
  idle_seconds: amount.optional(),
  connections: amount.optional(),
  shutdown_seconds: amount.optional(),
});
const shape = z.strictObject({
  tokens: z.array(tokenShape).optional(),
  oauth: oauthShape.optional(),
  hosts: names.optional(),
  origins: names.optional(),
  limits: limitsShape.optional(),
});

/**
 * Checks the config's `http` section; `${NAME}` is read from the environment. USAGE_MCP_HTTP_TOKEN_SHA256 adds one token for
 * every account, for those who need no file.
 * @param accounts the ids that there are
 * @throws UsageError (configuration)
 */
export function readHttpConfig(
  section: unknown,
  from: string,
  env: NodeJS.ProcessEnv,
  accounts: readonly string[],
): HttpConfig {
  const given = section === undefined ? {} : expand(section, "http", from, env);
  if (!isObject(given)) throw broken(from, "http: must be an object.");
  const parsed = shape.safeParse(given);
  if (!parsed.success) throw broken(from, firstFault(parsed.error));
  const { tokens = [], oauth, hosts = [], origins = [], limits = {} } = parsed.data;
  const seen = new Set<string>();
  for (const [index, { name, accounts: allowed }] of tokens.entries()) {
    if (seen.has(name)) throw broken(from, `http.tokens[${index}].name: ${shown(name)} is already a token's name.`);
    seen.add(name);
    checkAccounts(allowed, `http.tokens[${index}].accounts`, from, accounts);
  }
  return {
    tokens: [
      ...tokens.map(({ sha256, ...rest }) => ({ ...rest, sha256: Buffer.from(sha256, "hex") })),
      ...tokenOfEnvironment(env),
    ],
    ...(oauth ? { oauth: readOAuth(oauth, from, accounts) } : {}),
    hosts,
    origins,
    limits: { ...USUAL_LIMITS, ...readLimits(limits) },
  };
}

function tokenOfEnvironment(env: NodeJS.ProcessEnv): Token[] {
  const sha256 = env["USAGE_MCP_HTTP_TOKEN_SHA256"];
  if (!sha256) return [];
  const parsed = tokenShape.safeParse({ name: "environment", sha256, accounts: ["*"] });
  if (!parsed.success)
    throw broken("from the environment", `USAGE_MCP_HTTP_TOKEN_SHA256: ${parsed.error.issues[0]?.message}.`);
  return [{ ...parsed.data, sha256: Buffer.from(sha256, "hex") }];
}

function readOAuth(raw: z.infer<typeof oauthShape>, from: string, accounts: readonly string[]): OAuthConfig {
  const { issuer, audience, jwks_uri, resource, scopes = {}, accounts_claim } = raw;
  checkUrl(issuer, "http.oauth.issuer", from);
  const jwksUri = checkUrl(jwks_uri, "http.oauth.jwks_uri", from);
  const url = checkUrl(resource, "http.oauth.resource", from) ?? resource;
  if (Object.keys(scopes).length === 0 && accounts_claim === undefined)
    throw broken(from, "http.oauth: needs scopes or accounts_claim, to say which accounts a token may use.");
  for (const [scope, allowed] of Object.entries(scopes)) {
    checkAccounts(allowed, `http.oauth.scopes.${scope}`, from, accounts);
  }
  return {
    issuer,
    audience,
    resource: url,
    scopes,
    ...(jwksUri ? { jwksUri } : {}),
    ...(accounts_claim ? { accountsClaim: accounts_claim } : {}),
  };
}

function readLimits(limits: z.infer<typeof limitsShape>): Partial<Limits> {
  const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const entries = Object.entries(limits).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [camel(name), value]));
}

function checkAccounts(allowed: readonly string[], path: string, from: string, accounts: readonly string[]): void {
  for (const id of allowed) {
    if (id === "*" || accounts.includes(id)) continue;
    throw broken(
      from,
      `${path}: there is no account ${shown(id)}; there are ${listed(accounts)}.${didYouMean(id, accounts)}`,
    );
  }
}

function firstFault(error: z.ZodError): string {
  const issue = error.issues.find(({ code }) => code === "unrecognized_keys") ?? error.issues[0];
  if (!issue) return "http: is not as expected.";
  const at = issue.path.reduce<string>(
    (path, part) => (typeof part === "number" ? `${path}[${part}]` : `${path}.${String(part)}`),
    "http",
  );
  if (issue.code === "unrecognized_keys") return `${at}.${issue.keys[0] ?? ""}: there is no such setting.`;
  if (issue.code === "invalid_type" && issue.input === undefined) return `${at}: is missing or not ${issue.expected}.`;
  return `${at}: ${issue.message}.`;
}
