import { randomUUID } from "node:crypto";
import { validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import type { Engine } from "../../engine/engine.ts";
import { describeError, UsageError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { restRoutes } from "../rest/routes.ts";
import { type Access, AccessRefused } from "./access.ts";
import { challenge, metadataRoutes } from "./challenge.ts";
import type { HttpConfig } from "./config.ts";
import { limited } from "./limits.ts";
import { mcpRoute } from "./mcp.ts";
import type { Metrics } from "./metrics.ts";
import { MCP_PATH, refusal } from "./refusal.ts";
import type { HttpEnv } from "./request.ts";

export interface AppParts {
  engine: Engine;
  access: Access;
  config: HttpConfig;
  log: Log;
  metrics: Metrics;
  /** Host names under which the server is called; undefined: any, since nobody comes in without a token. */
  hosts: readonly string[] | undefined;
  /** Whether the server is about to end: nothing new is begun. */
  isDraining(): boolean;
}

export interface App {
  app: Hono<HttpEnv>;
  close(): Promise<void>;
}

/** Every route, and what each request passes before it gets there. Knows nothing of sockets. */
export function createApp(parts: AppParts): App {
  const { config, log, metrics, isDraining } = parts;
  const app = new Hono<HttpEnv>();
  const mcp = mcpRoute(config.limits, log);

  app.onError((error, c) => {
    log.warn({ request: c.get("requestId"), error: error.stack ?? error.message }, "request failed");
    return refusal(c, 500, describeError(error, c.get("requestId")));
  });
  app.notFound((c) => refusal(c, 404, `There is nothing at ${c.req.path.slice(0, 100)}.`));

  app.use(named(log, metrics));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => c.json({ status: isDraining() ? "draining" : "ready" }, isDraining() ? 503 : 200));
  app.use(undrained(isDraining));
  app.use(fromKnownPlaces(parts));
  metadataRoutes(app, config);

  const guarded = new Hono<HttpEnv>();
  guarded.use(admitted(parts));
  guarded.use(timed(config));
  guarded.use(limited(config.limits, metrics));
  guarded.get("/metrics", async (c) => c.text(await metrics.text(), 200, { "content-type": metrics.contentType }));
  guarded.all(MCP_PATH, mcp.answer);
  restRoutes(guarded, parts);
  app.route("/", guarded);
  return { app, close: mcp.close };
}

/** Gives the request its id, and writes down how it ended. */
function named(log: Log, metrics: Metrics) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const given = c.req.header("x-request-id");
    const requestId = given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
    c.set("requestId", requestId);
    const done = metrics.request();
    const started = performance.now();
    c.env.outgoing.once("close", () => {
      const { statusCode: status, writableFinished } = c.env.outgoing;
      const seconds = (performance.now() - started) / 1000;
      done({ method: c.req.method, route: routeOf(c.req.path), status, seconds });
      log.info(
        {
          request: requestId,
          caller: c.get("caller")?.name,
          method: c.req.method,
          // Without its query, which may name people.
          path: c.req.path.slice(0, 200),
          status,
          ms: Math.round(seconds * 1000),
          ...(writableFinished ? {} : { gone: true }),
        },
        "request",
      );
    });
    await next();
    c.header("x-request-id", requestId);
  });
}

const ROUTES = [
  MCP_PATH,
  "/unified/usage-metering/usage",
  "/unified/usage-metering/usage/meta/list",
  "/openapi.json",
  "/healthz",
  "/readyz",
  "/metrics",
];

/** For labels: the paths that there are; all others are one. */
function routeOf(path: string): string {
  return ROUTES.includes(path) ? path : "other";
}

function undrained(isDraining: () => boolean) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (isDraining())
      return refusal(c, 503, "This copy is shutting down; ask another one.", {
        connection: "close",
        "retry-after": "1",
      });
    return next();
  });
}

/** A web page of somebody else's must not reach a server on this machine through its visitor's browser. */
function fromKnownPlaces({ config, hosts }: AppParts) {
  const origins = [...LOOPBACK_NAMES, ...config.hosts, ...config.origins];
  return createMiddleware<HttpEnv>(async (c, next) => {
    const host = hosts ? validateHostHeader(c.req.header("host"), [...hosts]) : { ok: true as const };
    if (!host.ok) return refusal(c, 403, `${host.message}. Name it under http.hosts in the config.`);
    const origin = validateOriginHeader(c.req.header("origin"), origins);
    if (!origin.ok) return refusal(c, 403, `${origin.message}. Name it under http.origins in the config.`);
    return next();
  });
}

export const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

function admitted({ access, config }: AppParts) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    try {
      c.set("caller", await access.admit(c.req.header("authorization")));
    } catch (error) {
      if (!(error instanceof AccessRefused)) throw error;
      return refusal(c, error.status, error.message, { "www-authenticate": challenge(error, config.oauth) });
    }
    return next();
  });
}

/** Ends what is done for a request when its client goes away, or its time is over. */
function timed({ limits }: HttpConfig) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const controller = new AbortController();
    const seconds = isStream(c.req.url) ? limits.streamSeconds : limits.callSeconds;
    const late = () =>
      controller.abort(
        new UsageError(
          "unavailable",
          `There was no whole answer within ${seconds} s. Ask for a shorter period, fewer accounts, or a smaller page.`,
        ),
      );
    const timer = setTimeout(late, seconds * 1000).unref();
    c.env.outgoing.once("close", () => {
      clearTimeout(timer);
      controller.abort();
    });
    c.set("signal", controller.signal);
    return next();
  });
}

function isStream(url: string): boolean {
  return url.includes("truto_response_format=stream");
}
