import { createRemoteJWKSet, customFetch, type RemoteJWKSet } from "jose";
import { isLoopback, isObject } from "../../accounts/config-values.ts";
import type { Log } from "../../log.ts";
import { shown } from "../../suggest.ts";
import { AccessUnavailable } from "./access.ts";
import type { OAuthConfig } from "./access-config.ts";

/** Milliseconds for one fetch: of the issuer's metadata, where they are needed, and of its keys. */
const TIMEOUT = 5000;
/** Keys are fetched anew after ten minutes, and for a token that names one that isn't there, at most every half minute. */
const MAX_AGE = 600_000;
const COOLDOWN = 30_000;
/** Seconds for which an issuer that failed is left alone; callers are told at once meanwhile, instead of waiting as well. */
const REST = 5;
const MAX_BYTES = 1_048_576;

/**
 * The keys with which the issuer signs: fetched when first needed, kept, fetched anew when it changes them. Throws jose's
 * errors where a token names none of them, {@link AccessUnavailable} where they can't be had.
 */
export function issuerKeys(config: OAuthConfig, log: Log): RemoteJWKSet {
  let failed: { why: string; until: number } | undefined;
  const unavailable = ({ why, until }: NonNullable<typeof failed>, cause?: unknown) =>
    new AccessUnavailable(
      `Access tokens can't be checked now: the keys of ${config.issuer} can't be had (${why}). Try again; if it lasts, the operator should check http.oauth.issuer and http.oauth.jwks_uri, and finds more in the log.`,
      Math.max(1, Math.ceil((until - performance.now()) / 1000)),
      { cause },
    );
  const fetchKeys = async (signal: AbortSignal): Promise<Response> => {
    if (failed && failed.until > performance.now()) throw unavailable(failed);
    let address = config.jwksUri;
    try {
      address ??= await discover(config.issuer, signal);
      const keys = await keysAt(address, signal);
      failed = undefined;
      return Response.json(keys);
    } catch (error) {
      failed = { why: reasonOf(error), until: performance.now() + REST * 1000 };
      log.warn(
        { issuer: config.issuer, jwks_uri: address?.split("?")[0], error: String(error), cause: causeOf(error) },
        "the issuer's keys can't be had",
      );
      throw unavailable(failed, error);
    }
  };
  // Where the issuer's metadata say where its keys are, they are asked with every fetch: keys may move.
  return createRemoteJWKSet(new URL(config.jwksUri ?? config.issuer), {
    timeoutDuration: TIMEOUT,
    cacheMaxAge: MAX_AGE,
    cooldownDuration: COOLDOWN,
    [customFetch]: (_address, { signal }) => fetchKeys(signal),
  });
}

/** A failure whose words may be shown to everyone. */
class IssuerFailure extends Error {
  override readonly name = "IssuerFailure";
}

/** Where the issuer's metadata say that its keys are. @see RFC 8414, 3, and OpenID Connect Discovery 1.0, 4 */
async function discover(issuer: string, signal: AbortSignal): Promise<string> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, "");
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  for (const place of places) {
    const { status, body } = await ask(place, signal);
    const isMissing = (status >= 400 && status < 500) || (status === 200 && body === undefined);
    if (isMissing) continue;
    if (!body) throw new IssuerFailure(`HTTP ${status} for its metadata`);
    // Else a host that serves many issuers could hand out the keys of another one.
    if (body["issuer"] !== issuer)
      throw new IssuerFailure("its metadata are of another issuer than configured", { cause: shown(body["issuer"]) });
    return keysAddress(body["jwks_uri"], issuer);
  }
  throw new IssuerFailure("it has no metadata; configure jwks_uri");
}

/** https, or http between two servers on one machine. */
function keysAddress(jwksUri: unknown, issuer: string): string {
  const url = typeof jwksUri === "string" && URL.canParse(jwksUri) ? new URL(jwksUri) : undefined;
  if (!url) throw new IssuerFailure("its metadata hold no jwks_uri");
  const isLocal = url.protocol === "http:" && isLoopback(url.hostname) && isLoopback(new URL(issuer).hostname);
  if (!(url.protocol === "https:" || isLocal) || url.username !== "" || url.password !== "")
    throw new IssuerFailure("the jwks_uri in its metadata is not an https address");
  return url.href;
}

async function keysAt(address: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const { status, body } = await ask(address, signal);
  if (status !== 200) throw new IssuerFailure(`HTTP ${status} for its keys`);
  const keys = body?.["keys"];
  if (!body || !Array.isArray(keys) || !keys.every(isObject))
    throw new IssuerFailure("no key set where its keys should be");
  return body;
}

/** Follows no redirect: keys are taken only from where the issuer or the config says. The body is undefined unless it is a JSON object. */
async function ask(
  address: string,
  signal: AbortSignal,
): Promise<{ status: number; body: Record<string, unknown> | undefined }> {
  const headers = { accept: "application/json, application/jwk-set+json" };
  const response = await fetch(address, { headers, signal, redirect: "manual" });
  const text = await textOf(response);
  if (response.status !== 200) return { status: response.status, body: undefined };
  return { status: 200, body: objectOf(text) };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new IssuerFailure("its answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof IssuerFailure) return error.message;
  if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${TIMEOUT / 1000} s`;
  return "no connection";
}

function causeOf(error: unknown): string | undefined {
  return error instanceof Error && error.cause !== undefined ? String(error.cause) : undefined;
}
