/**
 * Claude's products, which are also its surfaces: one value on the wire, `product` and `surface` in a row. The one in
 * Slack is spelled three ways (claude-tag, claude_tag, claude-in-slack), by API and year: here it is `claude_tag`.
 */
import type { Usage } from "../../usage/row.ts";
import type { Filters } from "../provider.ts";

const NAMES: Readonly<Record<string, string>> = {
  claude: "Claude",
  chat: "Chat",
  chat_cowork_unified: "Chat and Cowork unified",
  claude_code: "Claude Code",
  cowork: "Cowork",
  office_agent: "Claude in Office",
  claude_in_chrome: "Claude in Chrome",
  claude_design: "Claude Design",
  claude_tag: "Claude Tag",
  claude_console: "Claude Console",
  managed_agents_api: "Managed Agents API",
  message_batches_api: "Message Batches API",
  messages_api: "Messages API",
  cc_security_autopatch: "Claude Security autopatch",
  science: "Claude Science",
  other: "Other",
};

/** Other words for products, as people, other vendors and older answers say them. */
export const PRODUCT_ALIASES: Readonly<Record<string, string>> = {
  code: "claude_code",
  cli: "claude_code",
  office: "office_agent",
  chrome: "claude_in_chrome",
  design: "claude_design",
  slack: "claude_tag",
  "claude-tag": "claude_tag",
  "claude-in-slack": "claude_tag",
  claude_in_slack: "claude_tag",
  api: "messages_api",
  ...Object.fromEntries(
    Object.entries(NAMES)
      .map(([id, name]): [string, string] => [name.toLowerCase(), id])
      .filter(([name, id]) => name !== id),
  ),
};

/** A product in our spelling; what we don't know passes through. */
export function canonical(product: string): string {
  return ["claude-tag", "claude-in-slack", "claude_in_slack"].includes(product) ? "claude_tag" : product;
}

/** The product and surface of a row. Rows that the vendor ties to no product are Claude's as a whole, and have no surface. */
export function productFields(product: string | undefined): Pick<Usage, "product" | "surface"> {
  if (product === undefined) return { product: { id: "claude", name: nameOf("claude") } };
  const id = canonical(product);
  return { product: { id, name: nameOf(id) }, surface: id };
}

function nameOf(id: string): string {
  return (
    NAMES[id] ??
    id
      .split(/[_-]/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(" ")
  );
}

/** The products that pass both filters, in our spelling; undefined when there is no such filter. */
export function wantedProducts({ product_ids, surfaces }: Filters): string[] | undefined {
  const [products, places] = [product_ids?.map(readProduct), surfaces?.map(readProduct)];
  if (products && places) return [...new Set(products)].filter((product) => places.includes(product));
  const one = products ?? places;
  return one && [...new Set(one)];
}

function readProduct(word: string): string {
  const plain = word.trim().toLowerCase();
  return PRODUCT_ALIASES[plain] ?? plain;
}
