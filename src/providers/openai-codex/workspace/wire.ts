/**
 * The words of a ChatGPT workspace's analytics: Codex by user and UTC day, and its code reviews; ChatGPT, Work and Codex
 * together where the workspace has the newer endpoint. Pages count rows. Its Admin key is another one than the platform's.
 * @see https://chatgpt.com/public/admin/api-reference
 */
import type { Account } from "../../../accounts/account.ts";
import type { Connection, Refusal, VendorRequest } from "../../../vendor-http/connection.ts";
import { connection } from "../wire.ts";

const HOST = "https://api.chatgpt.com";
/** The most rows a page may hold. */
export const MOST = 30_000;

export const ENDPOINTS = ["codex", "code_reviews", "code_review_responses", "chatgpt"] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

export function pathOf(endpoint: Endpoint, workspace: string): string {
  const id = encodeURIComponent(workspace);
  if (endpoint === "chatgpt") return `/v1/analytics/workspaces/${id}/usage`;
  return `/v1/analytics/codex/workspaces/${id}/${endpoint === "codex" ? "usage" : endpoint}`;
}

/** What rows and errors call an endpoint. */
export const NAMES: Readonly<Record<Endpoint, string>> = {
  codex: "codex.usage",
  code_reviews: "codex.code_reviews",
  code_review_responses: "codex.code_review_responses",
  chatgpt: "chatgpt.usage",
};

export function connect(account: Account): Connection {
  return connection(account, account.settings["analytics_base_url"] ?? account.baseUrl ?? HOST, refusal);
}

function refusal(status: number, _words: string, { path }: VendorRequest): Refusal | undefined {
  const codex = path.startsWith("/v1/analytics/codex/");
  const scope = codex ? "codex.enterprise.analytics.read" : "enterprise.analytics.usage.read";
  if (status === 401 || status === 403) {
    return {
      kind: "credentials",
      advice: `Supply an Admin key of this ChatGPT workspace (admin.openai.com > Credentials > Admin keys) with the scope ${scope}; the API platform's sk-admin keys are refused here.`,
    };
  }
  if (status === 404) {
    return {
      kind: "credentials",
      advice: codex
        ? "Check workspace_id (a UUID, from chatgpt.com/admin), and that the workspace has Codex enterprise analytics."
        : "The unified daily usage is not enabled for every workspace; without product_ids the Codex analytics answer.",
    };
  }
  return undefined;
}
