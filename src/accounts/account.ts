import type { Secret } from "./secret.ts";

/** The vendors, under the unified page's ids, with the names people use. */
export const PROVIDER_NAMES = {
  claude: "Claude",
  openai_codex: "OpenAI Codex",
  cursor: "Cursor",
  confluent: "Confluent Cloud",
  datadog: "Datadog",
} as const;
export type ProviderId = keyof typeof PROVIDER_NAMES;
export const PROVIDERS = Object.keys(PROVIDER_NAMES) as ProviderId[];

/** One vendor account that questions can be asked of. */
export interface Account {
  /** `integrated_account_id`: a UUID or a word, unique. */
  id: string;
  provider: ProviderId;
  name: string;
  /** Where its vendor is reached instead of the usual host: a gateway, or a loopback server. No trailing slash. */
  baseUrl?: string;
  /** How many calls a minute its vendor takes of it, where that is not what the vendor publishes: negotiated, or a gateway's. */
  callsPerMinute?: number;
  /** The vendor's further settings, by their names in the config: `site`, `workspace_id`, ... */
  settings: Readonly<Record<string, string>>;
  /** By their names in the config: `api_key`, ... */
  credentials: Readonly<Record<string, Secret>>;
}
