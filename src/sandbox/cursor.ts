import { createHash } from "node:crypto";
import { dayOf } from "./calendar.ts";
import { changes, commits } from "./cursor-ai-code.ts";
import { teamMetric, userMetric } from "./cursor-analytics.ts";
import { dailyUsage } from "./cursor-daily.ts";
import { usageEvents } from "./cursor-history.ts";
import { isMember, listedOn } from "./cursor-seats.ts";
import { groups, oneGroup, teamSpend } from "./cursor-spend.ts";
import { Refusal } from "./cursor-wire.ts";
import type { SandboxRequest, SandboxResponse, SimulatedVendor } from "./vendor.ts";

const CREDENTIALS = { api_key: "key_5a6e0d7b0c5b4e0fa1d2sandbox" };
/** The key is the user, the password empty. */
const AUTHORIZATION = `Basic ${Buffer.from(`${CREDENTIALS.api_key}:`).toString("base64")}`;

/** @see https://cursor.com/docs/account/teams/admin-api */
export const cursor: SimulatedVendor = {
  provider: "cursor",
  account: (baseUrl) => ({
    id: "cursor",
    provider: "cursor",
    name: "Cursor (sandbox)",
    base_url: baseUrl,
    credentials: CREDENTIALS,
  }),
  handle(request) {
    try {
      if (request.headers.authorization !== AUTHORIZATION) throw new Refusal(401, "Invalid API key");
      const response = answer(request);
      return request.url.pathname.startsWith("/analytics/") ? cached(request, response) : response;
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      throw error;
    }
  },
};

const ROUTES: Readonly<Record<string, (request: SandboxRequest) => SandboxResponse>> = {
  "GET /teams/members": members,
  "POST /teams/daily-usage-data": dailyUsage,
  "POST /teams/filtered-usage-events": usageEvents,
  "POST /teams/spend": teamSpend,
  "GET /teams/groups": groups,
  "GET /analytics/ai-code/commits": commits,
  "GET /analytics/ai-code/changes": changes,
};
const FAMILIES: readonly (readonly [
  prefix: string,
  answer: (request: SandboxRequest, rest: string) => SandboxResponse,
])[] = [
  ["GET /teams/groups/", oneGroup],
  ["GET /analytics/team/", teamMetric],
  ["GET /analytics/by-user/", userMetric],
];

function answer(request: SandboxRequest): SandboxResponse {
  const route = `${request.method} ${request.url.pathname}`;
  const exact = Object.hasOwn(ROUTES, route) ? ROUTES[route] : undefined;
  if (exact !== undefined) return exact(request);
  const family = FAMILIES.find(([prefix]) => route.startsWith(prefix));
  if (family === undefined) throw new Refusal(404, "Resource not found");
  const [prefix, ofFamily] = family;
  return ofFamily(request, route.slice(prefix.length));
}

function members({ now }: SandboxRequest): SandboxResponse {
  const today = dayOf(now);
  return {
    status: 200,
    body: {
      teamMembers: listedOn(today).map((seat) => ({
        id: seat.id,
        name: seat.name,
        email: seat.email,
        role: seat.role,
        isRemoved: !isMember(seat, today),
      })),
    },
  };
}

/** What doesn't change within a quarter of an hour need not be sent again. */
function cached(request: SandboxRequest, response: SandboxResponse): SandboxResponse {
  const digest = createHash("sha256").update(JSON.stringify(response.body)).digest("hex").slice(0, 32);
  const headers = { etag: `"${digest}"`, "cache-control": "public, max-age=900" };
  if (request.headers["if-none-match"] === headers.etag) return { status: 304, headers, body: null };
  return { ...response, headers };
}
