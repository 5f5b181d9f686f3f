import { activities } from "./claude-activity.ts";
import { claudeCodeUsage, consoleCost, consoleUsage } from "./claude-console.ts";
import { summaries } from "./claude-engagement.ts";
import { connectors, projects, skills } from "./claude-entities.ts";
import type { Call, KeyKind, Version } from "./claude-query.ts";
import { invalid, Refused, requestId } from "./claude-query.ts";
import { bucketedReport, newerReport, userReport } from "./claude-reports.ts";
import type { SandboxRequest, SandboxResponse, SimulatedVendor } from "./vendor.ts";

const CREDENTIALS = { api_key: "sk-ant-analytics-sandbox" };
/** Of the company's platform organization, which is another one. */
export const CLAUDE_ADMIN_KEY = "sk-ant-admin01-sandbox";

const VERSIONS: readonly Version[] = ["2023-06-01", "2026-10-21"];
const BETA = "analytics-usage-cost-2026-08-24";
const ROOT = "/v1/organizations";

interface Endpoint {
  readonly keys: readonly KeyKind[];
  readonly beta?: string;
  readonly answer: (call: Call) => unknown;
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  [`${ROOT}/analytics/users`]: { keys: ["analytics"], answer: activities },
  [`${ROOT}/analytics/summaries`]: { keys: ["analytics"], answer: summaries },
  [`${ROOT}/analytics/apps/chat/projects`]: { keys: ["analytics"], answer: projects },
  [`${ROOT}/analytics/skills`]: { keys: ["analytics"], answer: skills },
  [`${ROOT}/analytics/connectors`]: { keys: ["analytics"], answer: connectors },
  [`${ROOT}/analytics/usage_report`]: { keys: ["analytics"], answer: (call) => bucketedReport(call, "usage") },
  [`${ROOT}/analytics/cost_report`]: { keys: ["analytics"], answer: (call) => bucketedReport(call, "cost") },
  [`${ROOT}/analytics/user_usage_report`]: { keys: ["analytics"], answer: (call) => userReport(call, "usage") },
  [`${ROOT}/analytics/user_cost_report`]: { keys: ["analytics"], answer: (call) => userReport(call, "cost") },
  [`${ROOT}/analytics/usage`]: {
    keys: ["analytics", "admin"],
    beta: BETA,
    answer: (call) => newerReport(call, "usage"),
  },
  [`${ROOT}/analytics/cost`]: { keys: ["analytics", "admin"], beta: BETA, answer: (call) => newerReport(call, "cost") },
  [`${ROOT}/usage_report/messages`]: { keys: ["admin"], answer: consoleUsage },
  [`${ROOT}/cost_report`]: { keys: ["admin"], answer: consoleCost },
  [`${ROOT}/usage_report/claude_code`]: { keys: ["admin"], answer: claudeCodeUsage },
};

/** @see https://support.claude.com/en/articles/13703965-claude-enterprise-analytics-api-reference-guide */
export const claude: SimulatedVendor = {
  provider: "claude",
  account: (baseUrl) => ({
    id: "claude",
    provider: "claude",
    name: "Claude Enterprise (sandbox)",
    base_url: baseUrl,
    credentials: CREDENTIALS,
  }),
  handle(request) {
    const id = requestId(request.number);
    const headers = { "request-id": id };
    try {
      return { status: 200, headers, body: answer(request) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, type, message } = error;
      return { status, headers, body: { type: "error", error: { type, message }, request_id: id } };
    }
  },
};

function answer({ method, url, headers, now }: SandboxRequest): SandboxResponse["body"] {
  const keyKind = keyKindOf(headers["x-api-key"], headers.authorization);
  if (keyKind === undefined) throw new Refused(401, "authentication_error", "invalid x-api-key");
  const endpoint = Object.hasOwn(ENDPOINTS, url.pathname) ? ENDPOINTS[url.pathname] : undefined;
  if (endpoint === undefined) throw new Refused(404, "not_found_error", "Not found");
  if (method !== "GET") throw new Refused(405, "invalid_request_error", "Method Not Allowed");
  if (!endpoint.keys.includes(keyKind)) {
    if (keyKind === "analytics") throw new Refused(401, "authentication_error", "invalid x-api-key");
    const message = "Missing required scopes. Got: ['api:admin'] Needed: ['read:analytics']";
    throw new Refused(403, "permission_error", message);
  }
  const sent = headers["anthropic-version"];
  if (sent === undefined) throw invalid("anthropic-version: header is required");
  const version = VERSIONS.find((known) => known === sent);
  if (version === undefined) throw invalid(`anthropic-version: "${String(sent)}" is not a valid version`);
  if (endpoint.beta !== undefined && !betasOf(headers["anthropic-beta"]).includes(endpoint.beta)) {
    throw new Refused(404, "not_found_error", "Not found");
  }
  return endpoint.answer({ path: url.pathname, query: url.searchParams, version, keyKind, now });
}

function keyKindOf(apiKey: string | string[] | undefined, authorization: string | undefined): KeyKind | undefined {
  const key = apiKey ?? /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
  if (key === CREDENTIALS.api_key) return "analytics";
  return key === CLAUDE_ADMIN_KEY ? "admin" : undefined;
}

function betasOf(header: string | string[] | undefined): string[] {
  return [header ?? ""].flat().flatMap((line) => line.split(",").map((beta) => beta.trim()));
}
