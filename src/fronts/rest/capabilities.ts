import type { Context, Hono } from "hono";
import type { Log } from "../../log.ts";
import type { HttpEnv } from "../http/request.ts";
import { answerFailure } from "./errors.ts";

/** What an account can be asked: command lines of the unified API look it up when a resource was not found. */
export function capabilitiesRoute(app: Hono<HttpEnv>, log: Log): void {
  app.get("/integrated-account/:id/capabilities", (c) => answerCapabilities(c, c.req.param("id"), log));
}

async function answerCapabilities(c: Context<HttpEnv>, id: string, log: Log): Promise<Response> {
  const { engine } = c.get("caller");
  try {
    const account = engine.account(id);
    const accounts = await engine.listAccounts();
    const described = accounts.find(({ integrated_account_id }) => integrated_account_id === account.id);
    return c.json({ ...described, unified_models: { "usage-metering": { usage: ["list"] } } });
  } catch (error) {
    return answerFailure(c, error, log);
  }
}
