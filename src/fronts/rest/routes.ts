import type { Hono } from "hono";
import type { AppParts } from "../http/app.ts";
import type { HttpEnv } from "../http/request.ts";

/** The unified REST endpoint and what describes it. */
export function restRoutes(app: Hono<HttpEnv>, _parts: AppParts): void {
  app.get("/unified/usage-metering/usage", (c) => c.json({ result: [] }));
}
