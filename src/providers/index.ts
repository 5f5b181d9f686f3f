import type { Account, ProviderId } from "../accounts/account.ts";
import { claude } from "./claude/adapter.ts";
import { confluent } from "./confluent/adapter.ts";
import { cursor } from "./cursor/adapter.ts";
import { datadog } from "./datadog/adapter.ts";
import { openaiCodex } from "./openai-codex/adapter.ts";
import type { Adapter, ProviderSupport } from "./provider.ts";

/** Every vendor that can be asked. A new one is a folder and a line here. */
export const ADAPTERS: Readonly<Record<ProviderId, Adapter>> = {
  claude,
  openai_codex: openaiCodex,
  cursor,
  confluent,
  datadog,
};

/** What an account serves: its provider's table, or the one that its key or settings decide. */
export function supportOf(account: Account): ProviderSupport {
  const adapter = ADAPTERS[account.provider];
  return adapter.supportOf?.(account) ?? adapter.support;
}
