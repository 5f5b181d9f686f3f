import { PROVIDER_NAMES, type ProviderId } from "../accounts/account.ts";
import { UsageError } from "../errors.ts";
import { listed } from "../suggest.ts";
import { confluent } from "./confluent/adapter.ts";
import { datadog } from "./datadog/adapter.ts";
import type { Adapter } from "./provider.ts";

/** Every vendor that can be asked. A new one is a folder and a line here. */
export const ADAPTERS: Readonly<Partial<Record<ProviderId, Adapter>>> = { confluent, datadog };

/** @throws UsageError (configuration) for a provider that the config knows and this version can't ask yet */
export function adapterOf(provider: ProviderId): Adapter {
  const adapter = ADAPTERS[provider];
  if (adapter) return adapter;
  const served = Object.values(ADAPTERS).map(({ support }) => PROVIDER_NAMES[support.provider]);
  throw new UsageError(
    "configuration",
    `${PROVIDER_NAMES[provider]} is not served by this version of usage-mcp yet; it serves ${listed(served)}.`,
    { provider },
  );
}
