import { createHash, timingSafeEqual } from "node:crypto";
import type { Engine } from "../../engine/engine.ts";
import type { Log } from "../../log.ts";
import type { HttpConfig } from "./config.ts";
import { Engines } from "./engines.ts";

/** Who is asking, with the engine as far as they may see it. */
export interface Caller {
  /** For logs and limits: the token's name, or the subject of an access token. Never a label of metrics. */
  name: string;
  engine: Engine;
}

/** What lets a request in, or says why not. */
export interface Access {
  /** @throws AccessRefused, AccessUnavailable */
  admit(request: Request): Promise<Caller>;
}

/** Why a request is not let in, as RFC 6750 names it; a request that holds no token at all gets no code. */
export class AccessRefused extends Error {
  override readonly name = "AccessRefused";
  readonly code: "invalid_request" | "invalid_token" | "insufficient_scope" | undefined;
  /** The scopes that would do, each of them. */
  readonly scopes: readonly string[];
  /** The token was a right one once: nobody guesses such a one. */
  readonly expired: boolean;

  constructor(
    code: AccessRefused["code"],
    message: string,
    { scopes = [], expired = false }: { scopes?: readonly string[]; expired?: boolean } = {},
  ) {
    super(message);
    this.code = code;
    this.scopes = scopes;
    this.expired = expired;
  }

  get status(): 400 | 401 | 403 {
    if (this.code === "invalid_request") return 400;
    return this.code === "insufficient_scope" ? 403 : 401;
  }
}

/** Whether a request may come in can't be told now: what it takes to tell is out of reach. Time mends it, or the operator. */
export class AccessUnavailable extends Error {
  override readonly name = "AccessUnavailable";
  /** Seconds after which to come back. */
  readonly retryAfter: number;

  constructor(message: string, retryAfter: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}

/** With nothing configured, everyone who reaches the loopback address is let in. */
export function openAccess(engine: Engine): Access {
  const caller = { name: "local", engine };
  return { admit: async () => caller };
}

/** Lets in who holds one of the configured bearer tokens, or an access token of the configured issuer. */
export async function guardedAccess(engine: Engine, { tokens, oauth }: HttpConfig, log: Log): Promise<Access> {
  const engines = new Engines(engine);
  const known = tokens.map(({ sha256, name, accounts }) => ({
    sha256,
    caller: { name, engine: engines.of(new Set(accounts)) },
  }));
  const verifier = oauth && new (await import("./oauth.ts")).AccessTokens(oauth, engines, log);
  return {
    admit: async (request) => {
      const bearer = bearerOf(request);
      const digest = createHash("sha256").update(bearer).digest();
      let found: Caller | undefined;
      // Every token is compared, each in constant time: how long it takes tells nothing of which one is near.
      for (const { sha256, caller } of known) if (timingSafeEqual(sha256, digest)) found = caller;
      if (found) return found;
      if (verifier) return verifier.admit(bearer);
      throw new AccessRefused("invalid_token", "The bearer token is not known here.");
    },
  };
}

/** A token without accounts is for those who watch the server: past /metrics it opens nothing. @throws AccessRefused */
export function needsAccounts({ engine }: Caller): void {
  if (engine.accounts.length > 0) return;
  throw new AccessRefused(
    "insufficient_scope",
    "This token may read /metrics only; ask the operator for one that may use accounts.",
  );
}

/** What /metrics tells is of all callers and their vendors together. @param whole with every account there is @throws AccessRefused */
export function needsAllOrNone({ engine }: Caller, whole: Engine): void {
  if (engine.accounts.length === 0 || engine.accounts.length === whole.accounts.length) return;
  throw new AccessRefused(
    "insufficient_scope",
    "This token may use some of the accounts, and /metrics is about all; ask the operator for one without accounts, or for all.",
  );
}

const LONGEST_TOKEN = 8192;

/** @see RFC 6750, 2 and 3.1 */
function bearerOf(request: Request): string {
  const authorization = request.headers.get("authorization") ?? "";
  const inUrl = new URL(request.url).searchParams.has("access_token");
  // Another scheme, or a client whose token's variable is empty: no token, not a wrong one.
  if (!/^Bearer +\S/i.test(authorization)) {
    const misplaced = inUrl ? " A token in the URL is not read: URLs end up in logs." : "";
    throw new AccessRefused(undefined, `A bearer token is needed: Authorization: Bearer <token>.${misplaced}`);
  }
  if (inUrl)
    throw new AccessRefused(
      "invalid_request",
      "There is a token in the URL beside that of the Authorization header. Leave access_token out: URLs end up in logs.",
    );
  // Two headers arrive as one, with a comma in between.
  const [, token] = /^Bearer +([\w\-.~+/]+=*) *$/i.exec(authorization) ?? [];
  if (token === undefined)
    throw new AccessRefused(
      "invalid_request",
      "The Authorization header holds something else than one bearer token: Bearer <token>, once.",
    );
  if (token.length > LONGEST_TOKEN)
    throw new AccessRefused("invalid_token", `The bearer token is longer than ${LONGEST_TOKEN} characters.`);
  return token;
}
