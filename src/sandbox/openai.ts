import { createHash } from "node:crypto";
import { page, readQuestion } from "./openai-buckets.ts";
import { COST_TERMS, costResults } from "./openai-costs.ts";
import { directory } from "./openai-directory.ts";
import { ORGANIZATION_ID } from "./openai-estate.ts";
import { failure, isFailure } from "./openai-failure.ts";
import { FAMILIES, usageResults } from "./openai-families.ts";
import { legacyUsage } from "./openai-legacy.ts";
import type { SandboxRequest, SandboxResponse, SimulatedVendor } from "./vendor.ts";

const ADMIN_KEY = "sk-admin-sandbox-openai-key";
/** A project's own key: it may not ask of the organization, but the legacy endpoint still answers it. */
export const OPENAI_PROJECT_KEY = "sk-proj-sandbox-openai-key";

const SCOPE = "api.usage.read";

/** @see https://platform.openai.com/docs/api-reference/usage */
export const openai: SimulatedVendor = {
  provider: "openai_codex",
  account: (baseUrl) => ({
    id: "openai",
    provider: "openai_codex",
    name: "OpenAI API (sandbox)",
    base_url: baseUrl,
    credentials: { api_key: ADMIN_KEY },
    organization_id: ORGANIZATION_ID,
  }),
  handle(request) {
    const response = answer(request);
    return { ...response, headers: { ...headers(request), ...response.headers } };
  },
};

function answer(request: SandboxRequest): SandboxResponse {
  const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (given === undefined) return failure(401, "You didn't provide an API key.");
  if (given !== ADMIN_KEY && given !== OPENAI_PROJECT_KEY) {
    return failure(401, `Incorrect API key provided: ${masked(given)}.`, null, "invalid_api_key");
  }
  const { pathname } = request.url;
  const unknown = failure(404, `Invalid URL (${request.method} ${pathname})`);
  if (request.method !== "GET") return pathname.startsWith("/v1/") ? notAllowed(request) : unknown;
  if (pathname === "/v1/usage") return legacyUsage(request, given === OPENAI_PROJECT_KEY);
  if (!pathname.startsWith("/v1/organization/")) return unknown;
  if (given !== ADMIN_KEY) {
    return failure(403, `You have insufficient permissions for this operation. Missing scopes: ${SCOPE}.`);
  }
  if (pathname === "/v1/organization/costs") {
    const asked = readQuestion(request, COST_TERMS);
    return isFailure(asked) ? asked : page(asked, (span) => costResults(asked, span));
  }
  const name = /^\/v1\/organization\/usage\/(\w+)$/.exec(pathname)?.[1];
  const family = name !== undefined && Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : undefined;
  if (family !== undefined) {
    const asked = readQuestion(request, family);
    return isFailure(asked) ? asked : page(asked, usageResults(family, asked));
  }
  return directory(request) ?? unknown;
}

function notAllowed({ method, url }: SandboxRequest): SandboxResponse {
  return failure(405, `Not allowed to ${method} on ${url.pathname}.`, null, "method_not_supported");
}

function masked(key: string): string {
  return key.length < 12 ? "*".repeat(key.length) : `${key.slice(0, 8)}${"*".repeat(12)}${key.slice(-4)}`;
}

function headers({ number }: SandboxRequest): Record<string, string> {
  return {
    "openai-organization": ORGANIZATION_ID,
    "openai-version": "2020-10-01",
    "x-request-id": `req_${createHash("sha256").update(`openai ${number}`).digest("hex").slice(0, 32)}`,
  };
}
