import { createHmac, hkdfSync } from "node:crypto";
import type { Account } from "./accounts/account.ts";
import { readCacheConfig } from "./accounts/cache-config.ts";
import { readConfig, readConfigFile } from "./accounts/config.ts";
import { accountsFromEnvironment } from "./accounts/environment.ts";
import { prepareFolder } from "./cache/folder.ts";
import { Engine } from "./engine/engine.ts";
import { UsageError } from "./errors.ts";
import type { Log } from "./log.ts";
import { NO_TELEMETRY, type Telemetry } from "./telemetry.ts";
import { CursorCodec } from "./usage/cursor.ts";
import { readInstant } from "./usage/period.ts";

export interface OpenOptions {
  config?: string | undefined;
  sandbox?: boolean | undefined;
}

export interface Opened {
  engine: Engine;
  /** The config's section on HTTP, unread: only the HTTP front needs it. */
  http: { section: unknown; from: string };
  /** Ends what was started: what is to be kept is written, the sandbox's servers stop. */
  close(): Promise<void>;
}

/**
 * The engine over the accounts that are configured: the sandbox's, a config file's, or the environment's.
 * @throws UsageError (configuration)
 */
export async function openEngine(
  options: OpenOptions,
  env: NodeJS.ProcessEnv,
  log: Log,
  telemetry: Telemetry = NO_TELEMETRY,
): Promise<Opened> {
  if (options.sandbox) return openSandbox(options, env, log, telemetry);
  const file = options.config ?? env["USAGE_MCP_CONFIG"];
  const {
    accounts,
    http,
    cache: section,
  } = file ? readConfigFile(file, env) : { accounts: accountsFromEnvironment(env), http: undefined, cache: undefined };
  const cache = readCacheConfig(section, file ?? "", env);
  if (cache.folder) prepareFolder(cache.folder.path, log);
  const engine = new Engine({ accounts, cursors: cursorsFor(accounts, env), clock: Date.now, log, telemetry, cache });
  return {
    engine,
    http: { section: http, from: file ?? "" },
    close: () => engine.close(),
  };
}

async function openSandbox(
  options: OpenOptions,
  env: NodeJS.ProcessEnv,
  log: Log,
  telemetry: Telemetry,
): Promise<Opened> {
  if (options.config)
    throw new UsageError("configuration", "--sandbox brings its own accounts; leave --config out, or --sandbox.");
  const { startSandbox } = await import("./sandbox/server.ts");
  // A fixed day makes the simulated vendors, and so whole answers, repeatable.
  const fixed = env["USAGE_MCP_SANDBOX_NOW"];
  const at = fixed ? readInstant(fixed, "USAGE_MCP_SANDBOX_NOW").at : undefined;
  const clock = () => at ?? Date.now();
  const sandbox = await startSandbox({ now: () => new Date(clock()) });
  const accounts = readConfig({ accounts: sandbox.accounts }, "of the sandbox", {});
  // The simulated vendors refuse nobody: nothing is to be waited for.
  const pace = { second: 0 };
  const engine = new Engine({ accounts, cursors: cursorsFor(accounts, env), clock, log, telemetry, pace });
  return {
    engine,
    http: { section: undefined, from: "" },
    close: async () => {
      await engine.close();
      await sandbox.close();
    },
  };
}

/**
 * Cursors are signed with a key of their account: from USAGE_MCP_CURSOR_SECRET, so that any instance that shares it resumes
 * them; else derived (one way) from the account's credentials, so that a restart of the same configuration does.
 */
function cursorsFor(accounts: readonly Account[], env: NodeJS.ProcessEnv): CursorCodec {
  const shared = env["USAGE_MCP_CURSOR_SECRET"];
  return new CursorCodec((id) => {
    if (shared) return createHmac("sha256", shared).update(`usage-mcp cursor\n${id}`).digest();
    const secrets = Object.values(accounts.find((account) => account.id === id)?.credentials ?? {});
    const material = secrets.map((secret) => secret.reveal()).join("\n");
    return Buffer.from(hkdfSync("sha256", material, id, "usage-mcp cursor", 32));
  });
}
