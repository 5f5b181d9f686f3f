import type { ProviderId } from "../accounts/account.ts";
import type { Usage } from "../usage/row.ts";
import { present } from "./texts.ts";

interface Vendor {
  /** Who sells and invoices it. */
  name: string;
  /** What a row without a product is of. */
  service: string;
  /** Of FOCUS's own list. */
  category: string;
  /** Its customers choose whose cloud it runs on, which its bills do not say. */
  isHostedElsewhere?: true;
}

const VENDORS: Readonly<Record<ProviderId, Vendor>> = {
  claude: { name: "Anthropic", service: "Claude", category: "AI and Machine Learning" },
  openai_codex: { name: "OpenAI", service: "OpenAI", category: "AI and Machine Learning" },
  cursor: { name: "Cursor", service: "Cursor", category: "Developer Tools" },
  confluent: { name: "Confluent", service: "Confluent Cloud", category: "Integration", isHostedElsewhere: true },
  datadog: { name: "Datadog", service: "Datadog", category: "Management and Governance" },
};

/** Confluent's products that work on data; the others move it. */
const ANALYTICS = ["FLINK", "KSQL", "TABLEFLOW"];

export function issuerOf(provider: ProviderId): string {
  return VENDORS[provider].name;
}

export function hostOf(provider: ProviderId): string | null {
  return VENDORS[provider].isHostedElsewhere ? null : VENDORS[provider].name;
}

export function serviceNameOf({ product }: Usage, provider: ProviderId): string {
  return present(product?.name) ?? present(product?.id) ?? VENDORS[provider].service;
}

export function serviceCategoryOf({ product }: Usage, provider: ProviderId): string {
  if (provider === "confluent" && product && ANALYTICS.includes(product.id)) return "Analytics";
  return VENDORS[provider].category;
}
