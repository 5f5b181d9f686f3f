import type { Hono } from "hono";
import type { AccessRefused } from "./access.ts";
import type { HttpConfig, OAuthConfig } from "./config.ts";
import type { HttpEnv } from "./request.ts";

/** The `WWW-Authenticate` of a refusal: what kind of token is wanted, why this one won't do, where to get one. */
export function challenge({ code, message, scopes }: AccessRefused, _oauth: OAuthConfig | undefined): string {
  const told = {
    ...(code ? { error: code, error_description: message } : {}),
    ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}),
  };
  const params = Object.entries({ realm: "usage-mcp", ...told }).map(([name, value]) => `${name}="${value}"`);
  return `Bearer ${params.join(", ")}`;
}

/** RFC 9728: where clients learn which authorization server issues the tokens. */
export function metadataRoutes(_app: Hono<HttpEnv>, _config: HttpConfig): void {}
