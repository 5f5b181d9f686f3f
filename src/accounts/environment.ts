import { UsageError } from "../errors.ts";
import type { Account } from "./account.ts";
import { readConfig } from "./config.ts";

/** The vendors' usual variables, and the account that each set of them makes. */
const FROM_VARIABLES = [
  { id: "claude", provider: "claude", credentials: { api_key: "ANTHROPIC_ANALYTICS_KEY" } },
  { id: "claude-console", provider: "claude", credentials: { api_key: "ANTHROPIC_ADMIN_KEY" } },
  { id: "openai", provider: "openai_codex", credentials: { api_key: "OPENAI_ADMIN_KEY" } },
  {
    id: "codex",
    provider: "openai_codex",
    workspace_id: "OPENAI_WORKSPACE_ID",
    credentials: { api_key: "OPENAI_WORKSPACE_KEY" },
  },
  { id: "cursor", provider: "cursor", credentials: { api_key: "CURSOR_API_KEY" } },
  {
    id: "confluent",
    provider: "confluent",
    credentials: { api_key: "CONFLUENT_CLOUD_API_KEY", api_secret: "CONFLUENT_CLOUD_API_SECRET" },
  },
  { id: "datadog", provider: "datadog", credentials: { api_key: "DD_API_KEY", application_key: "DD_APP_KEY" } },
] as const;

/**
 * The accounts that the environment names, without a config file.
 * @throws UsageError (configuration): none at all, or half of a pair
 */
export function accountsFromEnvironment(env: NodeJS.ProcessEnv): Account[] {
  const accounts: Account[] = [];
  for (const { id, provider, credentials, ...rest } of FROM_VARIABLES) {
    const names = [...Object.values(credentials), ...Object.values(rest)];
    const missing = names.filter((name) => !env[name]);
    if (missing.length === names.length) continue;
    if (missing.length > 0) {
      const present = names.filter((name) => env[name]);
      throw new UsageError(
        "configuration",
        `Environment: ${present.join(" and ")} is set but ${missing.join(" and ")} is not; ${id} needs both.`,
      );
    }
    const settings = Object.entries(rest).map(([key, name]) => [key, `\${${name}}`]);
    const keys = Object.entries(credentials).map(([key, name]) => [key, `\${${name}}`]);
    const site = provider === "datadog" && env["DD_SITE"] ? { site: `\${DD_SITE}` } : {};
    const entry = { id, provider, ...Object.fromEntries(settings), ...site, credentials: Object.fromEntries(keys) };
    const variables = [...names, ...(provider === "datadog" ? ["DD_SITE"] : [])];
    accounts.push(...readConfig({ accounts: [entry] }, `from the environment (${variables.join(", ")})`, env));
  }
  if (accounts.length === 0) throw noAccounts();
  return accounts;
}

function noAccounts(): UsageError {
  const variables = FROM_VARIABLES.map(({ credentials, ...rest }) =>
    [...Object.values(credentials), ...("workspace_id" in rest ? [rest.workspace_id] : [])].join("+"),
  );
  return new UsageError(
    "configuration",
    `No accounts are configured. Give a config file (--config FILE, or USAGE_MCP_CONFIG), or set a vendor's variables (${variables.join(", ")}), or try it without keys: --sandbox.`,
  );
}
