import type { Engine } from "../../engine/engine.ts";
import { AccessRefused, type Caller } from "./access.ts";
import type { OAuthConfig } from "./config.ts";

/** Verifies access tokens of the configured issuer. */
export class AccessTokens {
  constructor(_config: OAuthConfig, _engine: Engine) {}

  /** @throws AccessRefused */
  async admit(_token: string): Promise<Caller> {
    throw new AccessRefused("invalid_token", "The access token can't be verified yet.");
  }
}
