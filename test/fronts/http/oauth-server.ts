import { onTestFinished } from "vitest";
import { bearer, type Guarded, startGuarded } from "./guarded.ts";
import { AUDIENCE, Issuer, type SigningKey, signingKey } from "./issuer.ts";
import { sha256 } from "./server.ts";

export const SCOPES = { "usage:ai": ["claude", "cursor"], "usage:infra": ["confluent", "datadog"], "usage:all": ["*"] };

export interface Started {
  issuer: Issuer;
  server: Guarded;
}

/** The server, an issuer that it trusts, and a token (`static-token`) that needs none. */
export async function start(oauth: Record<string, unknown> = {}, keys?: SigningKey[], path = ""): Promise<Started> {
  const issuer = await Issuer.start(keys ?? [await signingKey("ES256", "one")], path);
  const server = await startGuarded({
    tokens: [{ name: "static", sha256: sha256("static-token"), accounts: ["datadog"] }],
    oauth: { issuer: issuer.url, resource: AUDIENCE, scopes: SCOPES, ...oauth },
  });
  return { issuer, server };
}

/** For one test. */
export async function started(...args: Parameters<typeof start>): Promise<Started> {
  const both = await start(...args);
  onTestFinished(() => stop(both));
  return both;
}

export async function stop({ issuer, server }: Started): Promise<void> {
  await server.close();
  await issuer.close();
}

/** Asks for what every token with accounts may have. */
export async function knock({ url }: Guarded, token: string) {
  const response = await fetch(`${url}/unified/usage-metering/usage/meta/list`, { headers: bearer(token) });
  return {
    status: response.status,
    challenge: response.headers.get("www-authenticate") ?? "",
    retryAfter: response.headers.get("retry-after"),
    text: await response.text(),
  };
}
