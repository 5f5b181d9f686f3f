import { getOAuthProtectedResourceMetadataUrl } from "@modelcontextprotocol/server";
import type { Context, Hono } from "hono";
import { cors } from "hono/cors";
import { AccessRefused, AccessUnavailable } from "./access.ts";
import type { OAuthConfig } from "./access-config.ts";
import type { HttpConfig } from "./config.ts";
import { refusal } from "./refusal.ts";
import type { HttpEnv } from "./request.ts";

/** The answer to a request that was not let in. @throws error itself, where it is another one: a bug */
export function unadmitted(c: Context<HttpEnv>, error: unknown, oauth: OAuthConfig | undefined): Response {
  if (error instanceof AccessUnavailable)
    return refusal(c, 503, error.message, { "retry-after": String(error.retryAfter) });
  if (error instanceof AccessRefused)
    return refusal(c, error.status, error.message, { "www-authenticate": challenge(error, oauth) });
  throw error;
}

/**
 * The `WWW-Authenticate` of a refusal: what kind of token is wanted, why this one won't do, where to get one.
 * @see RFC 6750, 3, and RFC 9728, 5.1
 */
export function challenge({ code, message, scopes }: AccessRefused, oauth: OAuthConfig | undefined): string {
  const told = {
    realm: "usage-mcp",
    ...(code ? { error: code, error_description: message } : {}),
    ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}),
    ...(oauth ? { resource_metadata: getOAuthProtectedResourceMetadataUrl(new URL(oauth.resource)) } : {}),
  };
  const params = Object.entries(told).map(([name, value]) => `${name}="${quotable(value)}"`);
  return `Bearer ${params.join(", ")}`;
}

/** What RFC 6750 lets stand between the quotes: printable ASCII without quote and backslash. */
function quotable(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "?");
}

const ROOT = "/.well-known/oauth-protected-resource";

/**
 * RFC 9728: where clients, and web pages among them, learn which authorization server issues the tokens. Open to everyone, as
 * all that stands under /.well-known: who asks there has no token yet.
 */
export function metadataRoutes(app: Hono<HttpEnv>, { oauth }: HttpConfig): void {
  app.use("/.well-known/*", cors({ origin: "*", allowMethods: ["GET", "HEAD"] }));
  if (oauth) {
    const metadata = {
      resource: oauth.resource,
      authorization_servers: [oauth.issuer],
      ...(oauth.scopes.size > 0 ? { scopes_supported: [...oauth.scopes.keys()] } : {}),
      bearer_methods_supported: ["header"],
      resource_name: "usage-mcp",
    };
    const { pathname } = new URL(getOAuthProtectedResourceMetadataUrl(new URL(oauth.resource)));
    for (const path of new Set([ROOT, pathname])) {
      app.get(path, (c) => c.json(metadata));
      app.all(path, (c) => refusal(c, 405, "There is only GET here.", { allow: "GET, HEAD, OPTIONS" }));
    }
  }
  const why = oauth ? "" : " Tokens are given out by the operator: no authorization server is configured.";
  app.all("/.well-known/*", (c) => refusal(c, 404, `There is nothing at ${c.req.path.slice(0, 100)}.${why}`));
}
