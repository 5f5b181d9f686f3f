import { PROVIDER_NAMES } from "../accounts/account.ts";
import { QUERY_PARAMS, type QueryParam } from "../usage/query.ts";
import { REPORT_TYPES } from "../usage/report.ts";
import { ADAPTERS } from "./index.ts";
import type { ProviderSupport } from "./provider.ts";

/** The README's support matrix, in Markdown: from the tables that check queries, so that the two can't disagree. */
export function supportTable(): string {
  const providers = Object.values(ADAPTERS).map(({ support }) => support);
  const head = ["Parameter", ...providers.map(({ provider }) => PROVIDER_NAMES[provider])];
  const params = QUERY_PARAMS.map((name) => [`\`${name}\``, ...providers.map((support) => cell(name, support))]);
  return [head, head.map(() => "---"), ...params].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** `native`, `derived` or `-`; with the reports that have it, where not all do or not in the same way. The usual way comes first. */
function cell(name: QueryParam, { reports }: ProviderSupport): string {
  const served = REPORT_TYPES.filter((type) => reports[type]);
  if (name === "report_type") return served.join(", ");
  const ways = (["native", "derived"] as const)
    .map((how) => ({ how, having: served.filter((type) => reports[type]?.params[name]?.how === how) }))
    .filter(({ having }) => having.length > 0)
    .sort((a, b) => b.having.length - a.having.length);
  const everywhere = ways.reduce((count, { having }) => count + having.length, 0) === served.length;
  const written = ways.map(({ how, having }, index) =>
    everywhere && index === 0 ? how : `${how} (${having.join(", ")})`,
  );
  return written.join("; ") || "-";
}
