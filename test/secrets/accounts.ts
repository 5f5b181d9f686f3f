import { PLANTED } from "./planted.ts";

/** Every kind of account, with the variables that its credentials are planted in. */
const KINDS = {
  claude: { provider: "claude", credentials: { api_key: "claude" } },
  v2: { provider: "claude", api: "v2", credentials: { api_key: "claude" } },
  console: { provider: "claude", credentials: { api_key: "console" } },
  openai: { provider: "openai_codex", credentials: { api_key: "openai" } },
  codex: { provider: "openai_codex", workspace_id: "ws-1", credentials: { api_key: "codex" } },
  legacy: { provider: "openai_codex", credentials: { api_key: "legacy" } },
  cursor: { provider: "cursor", credentials: { api_key: "cursor" } },
  confluent: { provider: "confluent", credentials: { api_key: "confluentKey", api_secret: "confluentSecret" } },
  datadog: { provider: "datadog", credentials: { api_key: "datadogKey", application_key: "datadogAppKey" } },
} as const;
type Kind = keyof typeof KINDS;

/** An account as a config file has it: its credentials in variables, or written out. */
export function account(kind: Kind, id: string, baseUrl: string, written: "by variable" | "in the file") {
  const { credentials, ...rest } = KINDS[kind];
  const planted: Record<string, string> = PLANTED;
  const values = Object.entries(credentials).map(([name, secret]) => [
    name,
    written === "in the file" ? planted[secret] : variable(secret),
  ]);
  const analytics = kind === "codex" ? { analytics_base_url: baseUrl } : {};
  return { id, ...rest, base_url: baseUrl, ...analytics, credentials: Object.fromEntries(values) };
}

export const EVERY_KIND = Object.keys(KINDS) as Kind[];

/** How a config file names it. */
export function variable(secret: string): string {
  return `\${PLANTED_${secret}}`;
}

/** The environment that the variables are read from. */
export const ENVIRONMENT: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(PLANTED).map(([name, secret]) => [`PLANTED_${name}`, secret]),
);
