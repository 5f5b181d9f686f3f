import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Log } from "../../log.ts";
import { AccessRefused, AccessUnavailable, type Caller } from "./access.ts";
import { type OAuthConfig, OF_ISSUER } from "./access-config.ts";
import type { Engines } from "./engines.ts";
import { issuerKeys } from "./issuer-keys.ts";

/** Asymmetric ones only: with a shared secret, whoever checks a token could make one; `none` is signed by nobody. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
/** Seconds by which the issuer's clock and ours may differ. */
const CLOCK_TOLERANCE = 30;
/** What issuers call an access token (RFC 9068, 2.1), or any token. Others, like a logout token, are made for something else. */
const TYPES = ["jwt", "at+jwt", "application/at+jwt", "application/jwt"];

/** Verifies access tokens of the configured issuer: JSON Web Tokens (RFC 9068), checked without asking it for each. */
export class AccessTokens {
  readonly #config: OAuthConfig;
  readonly #engines: Engines;
  readonly #log: Log;
  readonly #keys: JWTVerifyGetKey;

  constructor(config: OAuthConfig, engines: Engines, log: Log) {
    this.#config = config;
    this.#engines = engines;
    this.#log = log;
    this.#keys = issuerKeys(config, log);
  }

  /** @throws AccessRefused, AccessUnavailable when the issuer's keys can't be had */
  async admit(token: string): Promise<Caller> {
    const claims = await this.#verified(token);
    const name = nameOf(claims);
    if (name === undefined)
      throw new AccessRefused("invalid_token", "The access token says of nobody whose it is (sub, client_id or azp).");
    const engine = this.#engines.of(this.#allowed(claims));
    if (engine.accounts.length === 0) throw this.#withoutAccounts();
    return { name: `${OF_ISSUER}${name}`, engine };
  }

  async #verified(token: string): Promise<JWTPayload> {
    const { issuer } = this.#config;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys, {
        algorithms: ALGORITHMS,
        issuer,
        audience: spellings(this.#config.audience),
        clockTolerance: CLOCK_TOLERANCE,
        requiredClaims: ["exp"],
      });
      if (TYPES.includes(String(protectedHeader.typ ?? "jwt").toLowerCase())) return payload;
    } catch (error) {
      if (error instanceof AccessUnavailable) throw error;
      // Of the token all is jose's; what is left is a key of the issuer's that is no good: broken, or too short.
      if (!(error instanceof errors.JOSEError)) this.#log.warn({ issuer, error: String(error) }, "unusable key");
      throw new AccessRefused("invalid_token", this.#fault(error), { expired: error instanceof errors.JWTExpired });
    }
    throw new AccessRefused("invalid_token", "The token is not an access token, but of another type (typ).");
  }

  /** What is wrong with a token, in our words: jose's may hold what the token does. */
  #fault(error: unknown): string {
    const { issuer, audience } = this.#config;
    if (error instanceof errors.JWTExpired) return "The access token has expired; get a new one.";
    if (error instanceof errors.JWTClaimValidationFailed) {
      if (error.claim === "iss") return `The access token is not of ${issuer}.`;
      if (error.claim === "aud") return `The access token was issued for another audience than ${audience}.`;
      if (error.claim === "exp") return "The access token has no expiry (exp).";
      if (error.claim === "nbf" && error.reason === "check_failed") return "The access token is not valid yet (nbf).";
      return `The access token has a faulty claim (${/^\w{1,10}$/.test(error.claim) ? error.claim : "?"}).`;
    }
    if (error instanceof errors.JOSEAlgNotAllowed)
      return `The access token is signed in a way that is not accepted; ${ALGORITHMS.join(", ")} are.`;
    if (error instanceof errors.JWKSNoMatchingKey) return `The access token is signed with no key of ${issuer}.`;
    if (error instanceof errors.JWKSMultipleMatchingKeys)
      return "The access token does not say with which key it is signed (kid).";
    if (error instanceof errors.JWSSignatureVerificationFailed) return "The access token's signature is wrong.";
    if (error instanceof errors.JOSEError) return "The bearer token is neither known here nor a signed JSON Web Token.";
    return "The access token is signed with a key that can't be used.";
  }

  /** Ids of the accounts that the token's scopes and its claim give, together; `*` for all. */
  #allowed(claims: JWTPayload): Set<string> {
    const { scopes, accountsClaim, claimMayHoldAll } = this.#config;
    const byScope = scopesOf(claims).flatMap((scope) => scopes.get(scope) ?? []);
    const byClaim = accountsClaim === undefined ? [] : wordsOf(claims, accountsClaim);
    return new Set([...byScope, ...byClaim.filter((id) => id !== "*" || claimMayHoldAll)]);
  }

  #withoutAccounts(): AccessRefused {
    const { scopes, accountsClaim } = this.#config;
    const names = [...scopes.keys()];
    const ways = [
      ...(names.length > 0 ? [`one of the scopes ${names.join(", ")}`] : []),
      ...(accountsClaim === undefined ? [] : [`accounts in its claim ${accountsClaim}`]),
    ];
    return new AccessRefused(
      "insufficient_scope",
      `The access token is valid, but may use no account here: it needs ${ways.join(", or ")}.`,
      { scopes: names },
    );
  }
}

/** A URL of a host alone has two: clients that parse it ask for a token with the slash behind it. */
function spellings(audience: string): string[] {
  const isHost = URL.canParse(audience) && new URL(audience).href === `${audience}/`;
  return isHost ? [audience, `${audience}/`] : [audience];
}

/** Whose token it is: a person, or a program that acts for itself. */
function nameOf(claims: JWTPayload): string | undefined {
  const named = [claims.sub, claims["client_id"], claims["azp"]];
  return named.find((name): name is string => typeof name === "string" && name !== "")?.slice(0, 200);
}

/** `scope` as RFC 8693 has it, `scp` as some issuers do; either as a text or a list. */
function scopesOf(claims: JWTPayload): string[] {
  return [...wordsOf(claims, "scope"), ...wordsOf(claims, "scp")];
}

function wordsOf(claims: JWTPayload, name: string): string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value === "string") return value.split(" ").filter((word) => word !== "");
  return Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];
}
