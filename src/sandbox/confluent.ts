import { createHash } from "node:crypto";
import type { Day } from "./calendar.ts";
import { dayOf, dayText, parseDay, yearBefore } from "./calendar.ts";
import type { Cost } from "./confluent-costs.ts";
import { costsOfDay } from "./confluent-costs.ts";
import { ENVIRONMENTS } from "./confluent-estate.ts";
import type { SandboxRequest, SandboxResponse, SimulatedVendor } from "./vendor.ts";
import { HISTORY_START, hash } from "./volume.ts";

const CREDENTIALS = { api_key: "sandbox-confluent-api-key", api_secret: "sandbox-confluent-api-secret" };
const AUTHORIZATION = `Basic ${Buffer.from(`${CREDENTIALS.api_key}:${CREDENTIALS.api_secret}`).toString("base64")}`;

const LONGEST_WINDOW_DAYS = 31;
/** A day is there once its first hour is 72 hours old. */
const LAG_DAYS = 3;
const DEFAULT_PAGE_SIZE = 5_000;
const LARGEST_PAGE_SIZE = 10_000;
const REQUESTS_A_MINUTE = 60;

/** @see https://docs.confluent.io/cloud/current/ccloud/list-billing-v-1-costs/ */
export const confluent: SimulatedVendor = {
  provider: "confluent",
  account: (baseUrl) => ({
    id: "confluent",
    provider: "confluent",
    name: "Confluent Cloud (sandbox)",
    base_url: baseUrl,
    credentials: CREDENTIALS,
  }),
  handle(request) {
    const response = answer(request);
    return {
      ...response,
      headers: { "x-request-id": requestId(request), ...rateLimit(request.now), ...response.headers },
    };
  },
};

function answer(request: SandboxRequest): SandboxResponse {
  if (request.headers.authorization !== AUTHORIZATION) return unauthenticated(request);
  const route = `${request.method} ${request.url.pathname}`;
  if (route === "GET /billing/v1/costs") return costs(request);
  if (route === "GET /org/v2/environments") return environments();
  return failure(request, 404, "not_found", "Not Found", "The requested resource does not exist");
}

function costs(request: SandboxRequest): SandboxResponse {
  const asked = readQuestion(request);
  if ("status" in asked) return asked;
  const rows: Cost[] = [];
  const end = Math.min(asked.end, dayOf(request.now) - LAG_DAYS + 1);
  for (let day = Math.max(asked.start, HISTORY_START); day < end; day++) rows.push(...costsOfDay(day));
  const to = asked.offset + asked.pageSize;
  return {
    status: 200,
    body: {
      api_version: "billing/v1",
      kind: "CostList",
      // As in the vendor's examples the link carries the token alone: a client that follows it as it stands loses the dates.
      metadata:
        to < rows.length ? { next: `${request.url.origin}/billing/v1/costs?page_token=${token(asked, to)}` } : {},
      data: rows.slice(asked.offset, to),
    },
  };
}

interface Range {
  readonly start: Day;
  readonly end: Day;
}

interface Question extends Range {
  readonly pageSize: number;
  readonly offset: number;
}

function readQuestion(request: SandboxRequest): Question | SandboxResponse {
  const query = request.url.searchParams;
  const refuse = (parameter: string, detail: string) => badRequest(request, parameter, detail);
  const start = parseDay(query.get("start_date") ?? "");
  if (start === undefined) return refuse("start_date", "start_date is required and must be in YYYY-MM-DD format");
  const end = parseDay(query.get("end_date") ?? "");
  if (end === undefined) return refuse("end_date", "end_date is required and must be in YYYY-MM-DD format");
  if (start >= end) return refuse("start_date", "start date must be before end date");
  if (end - start > LONGEST_WINDOW_DAYS) return refuse("end_date", "end date and start date are too far apart");
  if (start < yearBefore(dayOf(request.now))) return refuse("start_date", "start date is too far in the past");
  const pageSize = readPageSize(query.get("page_size"));
  if (pageSize === undefined) return refuse("page_size", `page_size must be between 1 and ${LARGEST_PAGE_SIZE}`);
  const given = query.get("page_token");
  const offset = given === null ? 0 : readToken(given, { start, end });
  if (offset === undefined) return refuse("page_token", "page_token is invalid");
  return { start, end, pageSize, offset };
}

function readPageSize(text: string | null): number | undefined {
  if (text === null) return DEFAULT_PAGE_SIZE;
  const size = Number(text);
  return /^\d+$/.test(text) && size >= 1 && size <= LARGEST_PAGE_SIZE ? size : undefined;
}

/** Sealed with its range, so that a token used with other dates is noticed. */
function token(range: Range, offset: number): string {
  const seal = hash(`${dayText(range.start)} ${dayText(range.end)} ${offset}`);
  return Buffer.from(`${offset}.${seal}`).toString("base64url");
}

function readToken(text: string, range: Range): number | undefined {
  const offset = Number(Buffer.from(text, "base64url").toString("latin1").split(".")[0]);
  return Number.isSafeInteger(offset) && token(range, offset) === text ? offset : undefined;
}

function environments(): SandboxResponse {
  return {
    status: 200,
    body: { api_version: "org/v2", kind: "EnvironmentList", metadata: {}, data: ENVIRONMENTS },
  };
}

function unauthenticated(request: SandboxRequest): SandboxResponse {
  const detail = "Valid authentication credentials must be provided";
  return {
    ...failure(request, 401, "user_unauthenticated", "Authentication Required", detail),
    headers: { "www-authenticate": 'Basic error="invalid_key", error_description="The API Key is invalid"' },
  };
}

function badRequest(request: SandboxRequest, parameter: string, detail: string): SandboxResponse {
  return failure(request, 400, "invalid_filter", "Invalid Filter", detail, { parameter });
}

function failure(
  request: SandboxRequest,
  status: number,
  code: string,
  title: string,
  detail: string,
  source?: { readonly parameter: string },
): SandboxResponse {
  const id = requestId(request).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  return {
    status,
    body: { errors: [{ id, status: `${status}`, code, title, detail, ...(source ? { source } : {}) }] },
  };
}

/** 32 hex digits, the same for the same request of a run. */
function requestId(request: SandboxRequest): string {
  return createHash("sha256").update(`confluent ${request.number}`).digest("hex").slice(0, 32);
}

/** The reset is in seconds from now, not an epoch. The count stands still: the sandbox throttles nobody. */
function rateLimit(now: Date): Record<string, string> {
  return {
    "x-ratelimit-limit": `${REQUESTS_A_MINUTE}`,
    "x-ratelimit-remaining": `${REQUESTS_A_MINUTE - 1}`,
    "x-ratelimit-reset": `${60 - now.getUTCSeconds()}`,
  };
}
