import { createHash, randomUUID } from "node:crypto";
import type { HonoRequest } from "hono";
import { createMiddleware } from "hono/factory";
import type { Token } from "./access-config.ts";
import type { AppParts } from "./app.ts";
import type { HttpEnv } from "./request.ts";

/** As nginx has it: nothing was answered, since nobody was there any more. */
const CLIENT_GONE = 499;

/** Gives the request its id, counts it, and writes down how it ended. */
export function named({ config: { tokens }, log, metrics }: Pick<AppParts, "config" | "log" | "metrics">) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const requestId = givenId(c.req, tokens) ?? randomUUID();
    c.set("requestId", requestId);
    const done = metrics.request();
    const started = performance.now();
    const { outgoing } = c.env;
    outgoing.once("close", () => {
      const { statusCode, headersSent, writableFinished } = outgoing;
      const status = headersSent ? statusCode : CLIENT_GONE;
      const seconds = (performance.now() - started) / 1000;
      const route = routeOf(c.req.path);
      done({ method: c.req.method, route, status, seconds });
      if (status === 413) metrics.refused("size");
      log.info(
        {
          request: requestId,
          caller: c.get("caller")?.name,
          method: c.req.method,
          path: route,
          status,
          ms: Math.round(seconds * 1000),
          ...(writableFinished ? {} : { gone: true }),
        },
        "request",
      );
    });
    await next();
    c.header("x-request-id", requestId);
    // Event streams come with it; whether the connection stays open is for HTTP to settle with the client.
    if (c.res.headers.get("connection") === "keep-alive") c.res.headers.delete("connection");
  });
}

/**
 * The id that a proxy or client gave the request: a UUID, or 32 hexadecimal digits as of nginx or a trace. Anything else might
 * be a secret gone astray, and ids are logged; a token may look like one.
 */
function givenId(request: HonoRequest, tokens: readonly Token[]): string | undefined {
  const id = request.header("x-request-id") ?? "";
  const isId = /^(?:[\da-f]{32}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i.test(id);
  if (!isId || request.header("authorization")?.includes(id)) return undefined;
  const digest = createHash("sha256").update(id).digest();
  return tokens.some(({ sha256 }) => sha256.equals(digest)) ? undefined : id;
}

const ROUTES: readonly (readonly [name: string, path: RegExp])[] = [
  ["/mcp", /^\/mcp$/],
  ["/unified/usage-metering/usage", /^\/unified\/usage-metering\/usage$/],
  ["/unified/usage-metering/usage/meta/list", /^\/unified\/usage-metering\/usage\/meta\/list$/],
  ["/unified/usage-metering/export", /^\/unified\/usage-metering\/export$/],
  ["/integrated-account/:id/capabilities", /^\/integrated-account\/[^/]+\/capabilities$/],
  ["/openapi.json", /^\/openapi\.json$/],
  ["/.well-known/oauth-protected-resource", /^\/\.well-known\/oauth-protected-resource(?:\/|$)/],
  ["/healthz", /^\/healthz$/],
  ["/readyz", /^\/readyz$/],
  ["/metrics", /^\/metrics$/],
];

/**
 * The route that a path is of, for labels and logs; all that there is nothing at are one. Never the path itself: it may name
 * people, or hold a secret gone astray.
 */
function routeOf(path: string): string {
  return ROUTES.find(([, pattern]) => pattern.test(path))?.[0] ?? "other";
}
