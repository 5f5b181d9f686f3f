import type { Day } from "./calendar.ts";
import { dayOf, dayText } from "./calendar.ts";
import type { Activity, Edits } from "./cursor-activity.ts";
import { activityOf } from "./cursor-activity.ts";
import { Draws } from "./cursor-draws.ts";
import { isCounted } from "./cursor-events.ts";
import type { Seat } from "./cursor-seats.ts";
import { listedOn, SEATS } from "./cursor-seats.ts";
import type { Days } from "./cursor-wire.ts";
import { paged, Refusal, readCount, readDays } from "./cursor-wire.ts";
import type { SandboxRequest, SandboxResponse } from "./vendor.ts";

const TEAM_ID = 48_217;
const DEFAULT_PAGE_SIZE = 100;
const LARGEST_PAGE_SIZE = 500;

/** A member's day that had any activity. */
interface Active {
  readonly seat: Seat;
  readonly day: Day;
  readonly activity: Activity;
}

type Row = Readonly<Record<string, unknown>>;
/** The rows of one day, from the members who were active: one's own rows when it is only one. */
type Metric = (date: string, active: readonly Active[]) => readonly Row[];

const METRICS: Readonly<Record<string, Metric>> = {
  "agent-edits": (event_date, active) => {
    const all = edits(active.map(({ activity }) => activity.agent));
    const { accepts, rejects } = all;
    if (accepts + rejects === 0) return [];
    const diffs = {
      total_suggested_diffs: accepts + rejects,
      total_accepted_diffs: accepts,
      total_rejected_diffs: rejects,
    };
    return [{ event_date, ...diffs, ...lines(all) }];
  },
  tabs: (event_date, active) => {
    const all = edits(active.map(({ activity }) => activity.tabs));
    const { accepts, rejects } = all;
    if (accepts + rejects === 0) return [];
    return [
      {
        event_date,
        total_suggestions: accepts + rejects,
        total_accepts: accepts,
        total_rejects: rejects,
        ...lines(all),
      },
    ];
  },
  dau: (date, active) => [
    {
      date,
      dau: active.length,
      cli_dau: active.filter(({ activity }) => activity.inTerminal).length,
      cloud_agent_dau: active.filter(({ activity }) => activity.happenings.some(isInCloud)).length,
      bugbot_dau: active.filter(({ activity }) => activity.bugbot > 0).length,
    },
  ],
  "client-versions": (event_date, active) =>
    tally(active.map(({ activity }) => [activity.clientVersion, 1])).map(([client_version, user_count]) => ({
      event_date,
      client_version,
      user_count,
      percentage: Math.round((1_000 * user_count) / active.length) / 1_000,
    })),
  models: (date, active) => {
    const messages = tally(active.flatMap((each) => models(each).map((model) => [model, 1] as const)));
    const users = new Map(
      tally(active.flatMap((each) => [...new Set(models(each))].map((model) => [model, 1] as const))),
    );
    if (messages.length === 0) return [];
    const breakdown = messages.map(([model, count]) => [model, { messages: count, users: users.get(model) ?? 0 }]);
    return [{ date, model_breakdown: Object.fromEntries(breakdown) }];
  },
  "top-file-extensions": (event_date, active) => files(event_date, active),
  mcp: (event_date, active) =>
    used(active, "mcp", TOOLS).map(([tool, usage]) => {
      const [mcp_server_name, tool_name] = tool.split(" ");
      return { event_date, tool_name, mcp_server_name, usage };
    }),
  commands: (event_date, active) =>
    used(active, "commands", COMMANDS).map(([command_name, usage]) => ({ event_date, command_name, usage })),
  plans: (event_date, active) =>
    tally(active.flatMap((each) => models(each, "plan").map((model) => [model, 1] as const))).map(([model, usage]) => ({
      event_date,
      model,
      usage,
    })),
  skills: (event_date, active) =>
    used(active, "skills", SKILLS).map(([skill_name, usage]) => ({ event_date, skill_name, usage })),
  "ask-mode": (event_date, active) =>
    tally(active.flatMap((each) => models(each, "ask").map((model) => [model, 1] as const))).map(([model, usage]) => ({
      event_date,
      model,
      usage,
    })),
};

const TOOLS = ["filesystem read_file", "linear get_issue", "linear list_issues", "datadog get_logs", "postgres query"];
const COMMANDS = ["explain", "refactor", "write-tests", "review"];
const SKILLS = ["harbour-map-tiles", "ros2-node-layout", "incident-review"];

/** Team level: one series. */
export function teamMetric(request: SandboxRequest, name: string): SandboxResponse {
  const asked = readQuestion(request, name);
  return {
    status: 200,
    body: { data: rowsOf(asked.metric, asked.days, asked.seats, request.now), params: asked.params },
  };
}

/** The same rows for every member, in pages of members who have any. */
export function userMetric(request: SandboxRequest, name: string): SandboxResponse {
  if (name === "dau") throw new Refusal(404, "Resource not found");
  const query = request.url.searchParams;
  const { metric, days, seats, params } = readQuestion(request, name);
  const page = readCount(query.get("page"), "page") ?? 1;
  const pageSize = readCount(query.get("pageSize"), "pageSize", LARGEST_PAGE_SIZE) ?? DEFAULT_PAGE_SIZE;
  const users = seats
    .map((seat) => ({ id: seat.id, email: seat.email, rows: rowsOf(metric, days, [seat], request.now) }))
    .filter(({ rows }) => rows.length > 0)
    .sort((a, b) => (a.email < b.email ? -1 : 1));
  const { rows, pagination } = paged(users, page, pageSize);
  return {
    status: 200,
    body: {
      data: Object.fromEntries(rows.map((user) => [user.email, user.rows])),
      pagination,
      params: { ...params, page, pageSize, userMappings: rows.map(({ id, email }) => ({ id, email })) },
    },
  };
}

function readQuestion({ url, now }: SandboxRequest, name: string) {
  const metric = Object.hasOwn(METRICS, name) ? METRICS[name] : undefined;
  if (metric === undefined) throw new Refusal(404, "Resource not found");
  const days = readDays(url.searchParams, now);
  const users = url.searchParams.get("users");
  return {
    metric,
    days,
    seats: users === null ? SEATS.filter(({ afterwards }) => afterwards !== "erased") : readUsers(users, now),
    params: {
      metric: name === "top-file-extensions" ? "top-files" : name,
      teamId: TEAM_ID,
      startDate: dayText(days.first),
      endDate: dayText(days.last),
      ...(users === null ? {} : { users }),
    },
  };
}

function readUsers(text: string, now: Date): readonly Seat[] {
  const known = listedOn(dayOf(now));
  const asked = text.split(",").map((user) => user.trim());
  const found = known.filter(
    ({ id, email }) => asked.includes(id) || asked.some((user) => user.toLowerCase() === email),
  );
  const isKnown = (user: string) => found.some(({ id, email }) => id === user || email === user.toLowerCase());
  if (!asked.every(isKnown)) throw new Refusal(400, "Some users are not in the team");
  return found;
}

function rowsOf(metric: Metric, { first, last }: Days, seats: readonly Seat[], now: Date): Row[] {
  const rows: Row[] = [];
  for (let day = first; day <= Math.min(last, dayOf(now)); day++) {
    const active = seats
      .map((seat) => ({ seat, day, activity: activityOf(seat, day, now) }))
      .filter(({ activity }) => activity.isActive);
    if (active.length > 0) rows.push(...metric(dayText(day), active));
  }
  return rows;
}

function isInCloud({ event }: Activity["happenings"][number]): boolean {
  return event.cloudAgentId !== undefined;
}

function edits(all: readonly Edits[]): Edits {
  const sum = (part: keyof Edits) => all.reduce((total, one) => total + one[part], 0);
  return {
    accepts: sum("accepts"),
    rejects: sum("rejects"),
    greenAccepted: sum("greenAccepted"),
    redAccepted: sum("redAccepted"),
    greenRejected: sum("greenRejected"),
    redRejected: sum("redRejected"),
  };
}

function lines({ greenAccepted, redAccepted, greenRejected, redRejected }: Edits): Row {
  return {
    total_green_lines_accepted: greenAccepted,
    total_red_lines_accepted: redAccepted,
    total_green_lines_rejected: greenRejected,
    total_red_lines_rejected: redRejected,
    total_green_lines_suggested: greenAccepted + greenRejected,
    total_red_lines_suggested: redAccepted + redRejected,
    total_lines_suggested: greenAccepted + greenRejected + redAccepted + redRejected,
    total_lines_accepted: greenAccepted + redAccepted,
  };
}

/** The models of a member's messages of a day, one for each. */
function models({ activity }: Active, only?: "plan" | "ask"): readonly string[] {
  return activity.happenings
    .filter(isCounted)
    .filter(({ mode, planned }) => (only === "plan" ? planned : only === undefined || mode === "chat"))
    .map(({ model }) => model);
}

/** Most first. */
function tally(counts: readonly (readonly [name: string, count: number])[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
  return [...sums].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** How often each of some things was used: it follows from the day's requests. */
function used(active: readonly Active[], what: string, names: readonly string[]): [string, number][] {
  return tally(
    active.flatMap(({ seat, day, activity }) => {
      const draws = new Draws(`cursor ${what} ${seat.email} ${day}`);
      return names.map((name) => {
        const share = draws.chance(45) ? draws.between(5, 60) : 0;
        return [name, Math.floor((activity.happenings.length * share) / 100)] as const;
      });
    }),
  ).filter(([, count]) => count > 0);
}

/** Agent edits by file extension, the top five. Sixty, thirty and ten percent of a member's edits. */
function files(event_date: string, active: readonly Active[]): Row[] {
  const byExtension = new Map<
    string,
    { files: number; accepts: number; rejects: number; accepted: number; rejected: number }
  >();
  for (const { activity } of active) {
    for (const [index, extension] of activity.extensions.entries()) {
      const share = (count: number) => Math.floor((count * ([60, 30, 10][index] ?? 0)) / 100);
      const { accepts, rejects, greenAccepted, redAccepted, greenRejected, redRejected } = activity.agent;
      const sum = byExtension.get(extension) ?? { files: 0, accepts: 0, rejects: 0, accepted: 0, rejected: 0 };
      sum.accepts += share(accepts);
      sum.rejects += share(rejects);
      sum.files += share(accepts + rejects);
      sum.accepted += share(greenAccepted + redAccepted);
      sum.rejected += share(greenRejected + redRejected);
      byExtension.set(extension, sum);
    }
  }
  return [...byExtension]
    .filter(([, sum]) => sum.files > 0)
    .sort(([a, m], [b, n]) => n.files - m.files || (a < b ? -1 : 1))
    .slice(0, 5)
    .map(([file_extension, sum]) => ({
      event_date,
      file_extension,
      total_files: sum.files,
      total_accepts: sum.accepts,
      total_rejects: sum.rejects,
      total_lines_suggested: sum.accepted + sum.rejected,
      total_lines_accepted: sum.accepted,
      total_lines_rejected: sum.rejected,
    }));
}
