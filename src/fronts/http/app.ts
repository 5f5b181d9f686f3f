import { validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";
import { Hono, type HonoRequest } from "hono";
import { createMiddleware } from "hono/factory";
import type { Engine } from "../../engine/engine.ts";
import { describeError, failureKind, loggable } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { openApiRoute } from "../rest/describe-routes.ts";
import { EXPORT_PATH, USAGE_PATH } from "../rest/meta.ts";
import { restRoutes } from "../rest/routes.ts";
import { timeLimit } from "../time-limit.ts";
import { type Access, AccessRefused, needsAccounts, needsAllOrNone } from "./access.ts";
import { metadataRoutes, unadmitted } from "./challenge.ts";
import { type HttpConfig, isGuarded } from "./config.ts";
import { limited, wrongTokens } from "./limits.ts";
import { mcpRoute } from "./mcp.ts";
import type { Metrics } from "./metrics.ts";
import { MCP_PATH, refusal } from "./refusal.ts";
import type { HttpEnv } from "./request.ts";
import { named } from "./request-log.ts";
import { forWebPages } from "./web-pages.ts";

export interface AppParts {
  engine: Engine;
  access: Access;
  config: HttpConfig;
  log: Log;
  metrics: Metrics;
  /** Host names under which the server is called; undefined: any, since nobody comes in without a token. */
  hosts: readonly string[] | undefined;
  stage(): Stage;
}

/** Draining: load balancers are told to look elsewhere, all is still answered. Ending: nothing new is begun. */
export type Stage = "serving" | "draining" | "ending";

export interface App {
  app: Hono<HttpEnv>;
  close(): Promise<void>;
}

/** Every route, and what each request passes before it gets there. Knows nothing of sockets. */
export function createApp(parts: AppParts): App {
  const { config, log, metrics, stage } = parts;
  const app = new Hono<HttpEnv>();
  const mcp = mcpRoute(config.limits, log);

  app.onError((error, c) => {
    log.error({ request: c.get("requestId"), ...loggable(error) }, "request failed");
    metrics.failure(failureKind(error));
    return refusal(c, 500, describeError(error, c.get("requestId")));
  });
  app.notFound((c) => refusal(c, 404, `There is nothing at ${c.req.path.slice(0, 100)}.`));

  app.use(named(parts));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) =>
    stage() === "serving" ? c.json({ status: "ready" }) : c.json({ status: "shutting down" }, 503),
  );
  app.use(unended(parts));
  metadataRoutes(app, config);
  app.use(fromKnownPlaces(parts));
  if (config.origins.length > 0) app.use(forWebPages(config.origins));
  openApiRoute(app, config);

  const guarded = new Hono<HttpEnv>();
  guarded.use(unkept);
  guarded.use(admitted(parts));
  guarded.use(timed(config));
  guarded.use(limited(config.limits, metrics));
  guarded.get(METRICS_PATH, async (c) => c.text(await metrics.text(), 200, { "content-type": metrics.contentType }));
  guarded.all(MCP_PATH, mcp.answer);
  restRoutes(guarded, parts);
  app.route("/", guarded);
  return { app, close: mcp.close };
}

const METRICS_PATH = "/metrics";

function unended({ stage, metrics }: AppParts) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (stage() !== "ending") return next();
    metrics.refused("draining");
    return refusal(c, 503, "This copy is shutting down; ask another one.", { "retry-after": "1" });
  });
}

/** A web page of somebody else's must not reach a server on this machine through its visitor's browser. */
function fromKnownPlaces({ config, hosts, metrics }: AppParts) {
  const origins = [...LOOPBACK_NAMES, ...config.hosts, ...config.origins];
  const isOpen = !isGuarded(config);
  return createMiddleware<HttpEnv>(async (c, next) => {
    const host = hosts ? validateHostHeader(c.req.header("host"), [...hosts]) : { ok: true as const };
    if (!host.ok) {
      metrics.refused("host");
      return refusal(c, 403, `${host.message}. Name it under http.hosts in the config.`);
    }
    const origin = validateOriginHeader(c.req.header("origin"), origins);
    if (!origin.ok) {
      metrics.refused("origin");
      return refusal(c, 403, `${origin.message}. Name it under http.origins in the config.`);
    }
    // For what a page only embeds or links to, browsers name no origin; that it is of another site, they do.
    if (isOpen && !c.req.header("origin") && c.req.header("sec-fetch-site") === "cross-site") {
      metrics.refused("origin");
      return refusal(c, 403, "A page of another site asks. Open the address by itself, or configure http.tokens.");
    }
    return next();
  });
}

export const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** What is answered is one caller's, and the next one's is another: whatever stands in between must keep none of it. */
const unkept = createMiddleware<HttpEnv>(async (c, next) => {
  c.env.outgoing.setHeader("cache-control", "no-store");
  return next();
});

function admitted({ access, config, engine, metrics }: AppParts) {
  const wrong = wrongTokens();
  return createMiddleware<HttpEnv>(async (c, next) => {
    try {
      const caller = await access.admit(c.req.raw);
      c.set("caller", caller);
      if (c.req.path === METRICS_PATH) needsAllOrNone(caller, engine);
      else needsAccounts(caller);
    } catch (error) {
      const isWrong = error instanceof AccessRefused && error.code === "invalid_token" && !error.expired;
      const wait = isWrong ? await wrong(c.env.incoming.socket.remoteAddress ?? "") : undefined;
      if (error instanceof AccessRefused) metrics.refused("auth");
      if (wait === undefined) return unadmitted(c, error, config.oauth);
      const message = `There were too many wrong tokens from this address. Try again in ${wait} s.`;
      return refusal(c, 429, message, { "retry-after": String(wait) });
    }
    return next();
  });
}

/** Ends what is done for a request when its client goes away, or its time is over. */
function timed({ limits }: HttpConfig) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const { deadline, signal, end } = timeLimit(isStream(c.req) ? limits.streamSeconds : limits.callSeconds);
    c.env.outgoing.once("close", end);
    // Gone already, while the token was looked at.
    if (c.env.outgoing.destroyed) end();
    c.set("signal", signal);
    c.set("deadline", deadline);
    return next();
  });
}

function isStream({ path, url }: HonoRequest): boolean {
  if (path === EXPORT_PATH) return true;
  return path === USAGE_PATH && new URL(url).searchParams.get("truto_response_format") === "stream";
}
