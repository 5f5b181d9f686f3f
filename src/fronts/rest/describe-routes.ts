import type { Hono } from "hono";
import type { Log } from "../../log.ts";
import { VERSION } from "../../version.ts";
import type { HttpConfig } from "../http/config.ts";
import { refusal } from "../http/refusal.ts";
import type { HttpEnv } from "../http/request.ts";
import { answerMeta, META_PATH } from "./meta.ts";

const OPENAPI_PATH = "/openapi.json";
const METHODS = "GET, HEAD";

/** What tells a caller what the REST endpoint can be asked. */
export function describeRoutes(app: Hono<HttpEnv>, log: Log): void {
  app.get(META_PATH, (c) => answerMeta(c, log));
  readOnly(app, META_PATH);
}

/** `/openapi.json`, for everyone who reaches the server. Written when it is first asked for. */
export function openApiRoute(app: Hono<HttpEnv>, { tokens, oauth }: HttpConfig): void {
  let document: Promise<string> | undefined;
  app.get(OPENAPI_PATH, async (c) => {
    document ??= import("./openapi.ts").then(({ openApiDocument }) =>
      JSON.stringify(openApiDocument({ version: VERSION, tokens: tokens.length > 0, issuer: oauth?.issuer })),
    );
    return c.body(await document, 200, { "content-type": "application/json" });
  });
  readOnly(app, OPENAPI_PATH);
}

function readOnly(app: Hono<HttpEnv>, path: string): void {
  app.all(path, (c) =>
    refusal(c, 405, `${c.req.method} is not for this path: it is only read, with GET.`, { allow: METHODS }),
  );
}
