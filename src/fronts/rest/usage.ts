import type { Context, Hono } from "hono";
import type { Log } from "../../log.ts";
import { refusal } from "../http/refusal.ts";
import type { HttpEnv } from "../http/request.ts";
import { envelope } from "./envelope.ts";
import { answerFailure } from "./errors.ts";
import { USAGE_PATH } from "./meta.ts";
import { readRestQuery } from "./query.ts";
import { streamUsage } from "./stream.ts";

const METHODS = "GET, HEAD, OPTIONS";

/** No bound on a page's size: programs have no small context. They give up on an answer after 30 s, though. */
const PAGE = { budget: Number.POSITIVE_INFINITY, patience: 20_000, withRemoteData: true };

/** `GET /unified/usage-metering/usage`, as the unified API's clients call it. */
export function usageRoute(app: Hono<HttpEnv>, log: Log): void {
  app.get(USAGE_PATH, (c) => answerUsage(c, log));
  app.options(USAGE_PATH, (c) => c.body(null, 204, { allow: METHODS }));
  app.all(USAGE_PATH, (c) =>
    refusal(c, 405, `${c.req.method} is not for this path: usage is only read, with GET.`, { allow: METHODS }),
  );
}

async function answerUsage(c: Context<HttpEnv>, log: Log): Promise<Response> {
  const { engine } = c.get("caller");
  const call = { signal: c.get("signal"), deadline: c.get("deadline"), requestId: c.get("requestId") };
  try {
    const { query: asked, checkOnly } = readRestQuery(searchOf(c.req.url));
    const query = { ...asked, fresh: asked.fresh ?? wantsFresh(c) };
    // HEAD wants no rows: what they are asked with is checked, as far as that needs no vendor.
    if (checkOnly || c.req.method === "HEAD")
      return c.json(envelope({ ...(await engine.checkUsage(query)), hint: CHECKED }));
    if (query.truto_response_format === "stream") return await streamUsage(c, query, call, log);
    return c.json(envelope(await engine.listUsage(query, call, PAGE)));
  } catch (error) {
    return answerFailure(c, error, log);
  }
}

/** How HTTP itself says that nothing kept will do. */
export function wantsFresh({ req }: Context<HttpEnv>): boolean {
  return /(?:^|[\s,])no-cache(?:[\s,]|$)/i.test(req.header("cache-control") ?? "");
}

const CHECKED = "The query can be answered. The vendor was not asked, as truto_skip_api_call says.";

/** As it was sent, for a parser of its own: what stands behind the first `?`. */
export function searchOf(url: string): string {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
}
