import type { Hono } from "hono";
import type { AppParts } from "../http/app.ts";
import type { HttpEnv } from "../http/request.ts";
import { capabilitiesRoute } from "./capabilities.ts";
import { describeRoutes } from "./describe-routes.ts";
import { exportRoute } from "./export.ts";
import { usageRoute } from "./usage.ts";

/** The unified REST endpoint and what describes it. */
export function restRoutes(app: Hono<HttpEnv>, { log }: AppParts): void {
  usageRoute(app, log);
  exportRoute(app, log);
  capabilitiesRoute(app, log);
  describeRoutes(app, log);
}
