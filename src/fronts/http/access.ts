import { createHash, timingSafeEqual } from "node:crypto";
import type { Engine } from "../../engine/engine.ts";
import type { HttpConfig, Token } from "./config.ts";

/** Who is asking, with the engine as far as they may see it. */
export interface Caller {
  /** For logs and limits: the token's name, or the subject of an access token. Never a label of metrics. */
  name: string;
  engine: Engine;
}

/** What lets a request in, or says why not. */
export interface Access {
  /**
   * @param authorization the header as it came
   * @throws AccessRefused
   */
  admit(authorization: string | undefined): Promise<Caller>;
}

/** Why a request is not let in, as RFC 6750 names it; a request that holds no token at all gets no code. */
export class AccessRefused extends Error {
  override readonly name = "AccessRefused";
  readonly code: "invalid_token" | "insufficient_scope" | undefined;
  /** The scopes that would do. */
  readonly scopes: readonly string[];

  constructor(code: AccessRefused["code"], message: string, scopes: readonly string[] = []) {
    super(message);
    this.code = code;
    this.scopes = scopes;
  }

  get status(): 401 | 403 {
    return this.code === "insufficient_scope" ? 403 : 401;
  }
}

/** With nothing configured, everyone who reaches the loopback address is let in. */
export function openAccess(engine: Engine): Access {
  const caller = { name: "local", engine };
  return { admit: async () => caller };
}

/** Lets in who holds one of the configured bearer tokens, or an access token of the configured issuer. */
export function guardedAccess(engine: Engine, { tokens, oauth }: HttpConfig): Access {
  const known = tokens.map(({ sha256, ...token }) => ({ sha256, caller: callerOf(token, engine) }));
  const verifier = oauth && import("./oauth.ts").then(({ AccessTokens }) => new AccessTokens(oauth, engine));
  return {
    admit: async (authorization) => {
      const bearer = bearerOf(authorization);
      const digest = createHash("sha256").update(bearer).digest();
      let found: Caller | undefined;
      // Every token is compared, each in constant time: how long it takes tells nothing of which one is near.
      for (const { sha256, caller } of known) if (timingSafeEqual(sha256, digest)) found = caller;
      if (found) return found;
      if (verifier) return (await verifier).admit(bearer);
      throw new AccessRefused("invalid_token", "The bearer token is not known here.");
    },
  };
}

function callerOf({ name, accounts }: Omit<Token, "sha256">, engine: Engine): Caller {
  return { name, engine: engine.only(({ id }) => accounts.includes("*") || accounts.includes(id)) };
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined)
    throw new AccessRefused(undefined, "A bearer token is needed: Authorization: Bearer <token>.");
  const [, token] = /^Bearer +([\w\-.~+/]+=*) *$/i.exec(authorization) ?? [];
  if (token === undefined) throw new AccessRefused("invalid_token", "The Authorization header holds no bearer token.");
  return token;
}
