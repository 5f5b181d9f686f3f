import { createHash } from "node:crypto";
import type { Day } from "./calendar.ts";
import { dayOf } from "./calendar.ts";
import { WORKSPACE_ID } from "./codex-estate.ts";
import { responseRow, reviewRow, userRows, workspaceRow } from "./codex-rows.ts";
import type { SandboxRequest, SandboxResponse, SimulatedVendor } from "./vendor.ts";
import { HISTORY_START, hash } from "./volume.ts";

const API_KEY = "sk-admin-sandbox-codex-workspace-key";

const DAY_SECONDS = 86_400;
const USUAL_ROWS = 1_000;
const MOST_ROWS = 30_000;
const USUAL_DAYS = 30;
/** A day is there six hours after its end. */
const LAG_MS = 6 * 3_600_000;

/** @see https://chatgpt.com/public/admin/api-reference */
export const codex: SimulatedVendor = {
  provider: "openai_codex",
  account: (baseUrl) => ({
    id: "codex",
    provider: "openai_codex",
    name: "Codex Enterprise (sandbox)",
    base_url: baseUrl,
    credentials: { api_key: API_KEY },
    analytics_base_url: baseUrl,
    workspace_id: WORKSPACE_ID,
  }),
  handle(request) {
    const id = createHash("sha256").update(`codex ${request.number}`).digest("hex").slice(0, 32);
    const response = answer(request);
    return { ...response, headers: { "x-request-id": `req_${id}`, ...response.headers } };
  },
};

function answer(request: SandboxRequest): SandboxResponse {
  if (!/^Bearer \S+$/i.test(request.headers.authorization ?? "")) return unauthorized("You didn't provide an API key.");
  if (request.headers.authorization?.slice("Bearer ".length) !== API_KEY) {
    return unauthorized("Incorrect API key provided.");
  }
  const path = /^\/v1\/analytics\/(?:(codex)\/)?workspaces\/([^/]+)\/(\w+)$/.exec(request.url.pathname);
  const [, product = "all", workspace, report = ""] = path ?? [];
  const rows = ROWS[`${product} ${report}`];
  if (rows === undefined) return { status: 404, body: { detail: "Not Found" } };
  if (workspace !== WORKSPACE_ID) return { status: 404, body: { detail: "Workspace not found" } };
  if (request.method !== "GET") return { status: 405, body: { detail: "Method Not Allowed" } };
  return report === "usage" ? answerPage(request, rows) : answerPage(request, { user: rows.user });
}

type DayRows = (day: Day) => readonly unknown[];

interface Grouped {
  readonly user: DayRows;
  readonly workspace?: DayRows;
}

/** By product and report, a day's rows. */
const ROWS: Readonly<Record<string, Grouped>> = {
  "codex usage": {
    user: (day) => userRows("codex", day),
    workspace: (day) => [workspaceRow("codex", day)],
  },
  "all usage": {
    user: (day) => userRows("workspace", day),
    workspace: (day) => [workspaceRow("workspace", day)],
  },
  "codex code_reviews": { user: (day) => [reviewRow(day)] },
  "codex code_review_responses": { user: (day) => [responseRow(day)] },
};

function answerPage(request: SandboxRequest, grouped: Grouped): SandboxResponse {
  const asked = readQuestion(request, grouped);
  if ("status" in asked) return asked;
  const data: unknown[] = [];
  const published = dayOf(new Date(request.now.getTime() - LAG_MS));
  const end = Math.min(asked.end, published);
  let { day, row } = asked;
  for (; day < end; day++, row = 0) {
    const rows = asked.rows(day);
    const taken = rows.slice(row, row + asked.limit - data.length);
    data.push(...taken);
    row += taken.length;
    if (row < rows.length) break;
    if (data.length === asked.limit) {
      [day, row] = [day + 1, 0];
      break;
    }
  }
  const next_page = day < end ? writeCursor(day, row, asked.seal) : null;
  return { status: 200, body: { object: "page", data, has_more: next_page !== null, next_page } };
}

interface Question {
  readonly rows: DayRows;
  readonly end: Day;
  readonly limit: number;
  /** Where the page starts. */
  readonly day: Day;
  readonly row: number;
  readonly seal: number;
}

function readQuestion(request: SandboxRequest, grouped: Grouped): Question | SandboxResponse {
  const { searchParams, pathname } = request.url;
  const group = searchParams.get("group");
  if (group !== null && (group !== "workspace" || grouped.workspace === undefined)) {
    return refused("group", "Input should be 'workspace'", "literal_error", group, { expected: "'workspace'" });
  }
  const numbers = new Map<string, number>();
  for (const name of ["start_time", "end_time", "limit"]) {
    const text = searchParams.get(name);
    if (text === null) continue;
    if (!/^-?\d{1,15}$/.test(text)) {
      const message = "Input should be a valid integer, unable to parse string as an integer";
      return refused(name, message, "int_parsing", text);
    }
    numbers.set(name, Number(text));
  }
  const limit = numbers.get("limit") ?? USUAL_ROWS;
  if (limit < 1) {
    return refused("limit", "Input should be greater than or equal to 1", "greater_than_equal", `${limit}`, { ge: 1 });
  }
  if (limit > MOST_ROWS) {
    const message = `Input should be less than or equal to ${MOST_ROWS}`;
    return refused("limit", message, "less_than_equal", `${limit}`, { le: MOST_ROWS });
  }
  const end = numbers.get("end_time") ?? dayOf(request.now) * DAY_SECONDS;
  const start = numbers.get("start_time") ?? end - USUAL_DAYS * DAY_SECONDS;
  if (start >= end) {
    return refused("end_time", "Value error, end_time must be after start_time", "value_error", `${end}`);
  }
  const seal = hash(JSON.stringify([pathname, group, searchParams.get("start_time"), searchParams.get("end_time")]));
  const page = searchParams.get("page");
  const from = { day: Math.max(Math.floor(start / DAY_SECONDS), HISTORY_START), row: 0 };
  const at = page === null ? from : readCursor(page, seal);
  if (at === undefined) return refused("page", "Value error, invalid page cursor", "value_error", page);
  const rows = group === null ? grouped.user : (grouped.workspace ?? grouped.user);
  return { rows, end: Math.ceil(end / DAY_SECONDS), limit, ...at, seal };
}

/** Holds the place, and is good for its own query only. */
function writeCursor(day: Day, row: number, seal: number): string {
  return Buffer.from(`${day}.${row}.${hash(`${day}.${row}.${seal}`)}`).toString("base64url");
}

function readCursor(text: string, seal: number): { day: Day; row: number } | undefined {
  const [day = Number.NaN, row = Number.NaN] = Buffer.from(text, "base64url").toString("latin1").split(".").map(Number);
  const isPlace = Number.isSafeInteger(day) && Number.isSafeInteger(row);
  return isPlace && writeCursor(day, row, seal) === text ? { day, row } : undefined;
}

function refused(
  name: string,
  msg: string,
  type: string,
  input: string | null,
  ctx?: Readonly<Record<string, unknown>>,
): SandboxResponse {
  return { status: 422, body: { detail: [{ loc: ["query", name], msg, type, input, ...(ctx ? { ctx } : {}) }] } };
}

function unauthorized(message: string): SandboxResponse {
  return {
    status: 401,
    body: { error: { message, type: "invalid_request_error", param: null, code: "invalid_api_key" } },
  };
}
