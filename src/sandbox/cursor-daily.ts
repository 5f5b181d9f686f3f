import type { Day } from "./calendar.ts";
import { dayOf, dayText } from "./calendar.ts";
import type { Activity } from "./cursor-activity.ts";
import { activityOf } from "./cursor-activity.ts";
import type { Happening } from "./cursor-events.ts";
import { isCounted } from "./cursor-events.ts";
import type { Seat } from "./cursor-seats.ts";
import { membersDuring } from "./cursor-seats.ts";
import { paged, Refusal, readBody, readCount, readMoment, readRange } from "./cursor-wire.ts";
import type { SandboxRequest, SandboxResponse } from "./vendor.ts";

const LARGEST_PAGE_SIZE = 1_000;

/** Asked with both a page and a page size, the answer is of all members and in pages; otherwise of the active ones. */
export function dailyUsage(request: SandboxRequest): SandboxResponse {
  const { now } = request;
  const fields = readBody(request);
  const range = readRange(fields, now, 7, (value, name) => readTolerantly(value, name, now));
  const page = readCount(fields["page"], "page");
  const pageSize = readCount(fields["pageSize"], "pageSize", LARGEST_PAGE_SIZE);
  const first = dayOf(new Date(range.start));
  const last = Math.min(dayOf(new Date(range.end)), dayOf(now));
  const members = membersDuring(first, last);
  const period = { startDate: range.start, endDate: range.end };
  if (page === undefined || pageSize === undefined) {
    const data = members.flatMap((seat) => rowsOf(seat, first, last, now)).filter(({ isActive }) => isActive);
    return { status: 200, body: { data, period } };
  }
  const { rows, pagination } = paged(members, page, pageSize);
  return {
    status: 200,
    body: { data: rows.flatMap((seat) => rowsOf(seat, first, last, now)), period, pagination },
  };
}

/** Unlike the events, daily rows may be asked for with dates that are strings. */
function readTolerantly(value: unknown, name: string, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return /^\d+$/.test(value) ? Number(value) : readMoment(value, name, now);
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new Refusal(400, `Invalid ${name}`);
}

function rowsOf(seat: Seat, first: Day, last: Day, now: Date) {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    row(seat, first + index, activityOf(seat, first + index, now)),
  );
}

function row(seat: Seat, day: Day, activity: Activity) {
  const { happenings, isActive, agent, tabs, extensions } = activity;
  const counted = happenings.filter(isCounted);
  const ofKind = (kind: string) => counted.filter(({ event }) => event.kind === kind).length;
  const ofMode = (mode: string) => counted.filter((happening) => happening.mode === mode).length;
  const edited = agent.accepts + agent.rejects > 0;
  return {
    userId: seat.number,
    day: dayText(day),
    date: day * 86_400_000,
    isActive,
    totalLinesAdded: agent.greenAccepted + agent.greenRejected + tabs.greenAccepted,
    totalLinesDeleted: agent.redAccepted + agent.redRejected + tabs.redAccepted,
    acceptedLinesAdded: agent.greenAccepted + tabs.greenAccepted,
    acceptedLinesDeleted: agent.redAccepted + tabs.redAccepted,
    totalApplies: agent.accepts + agent.rejects,
    totalAccepts: agent.accepts,
    totalRejects: agent.rejects,
    totalTabsShown: tabs.accepts + tabs.rejects,
    totalTabsAccepted: tabs.accepts,
    composerRequests: ofMode("composer"),
    chatRequests: ofMode("chat"),
    agentRequests: ofMode("agent"),
    cmdkUsages: activity.cmdk,
    subscriptionIncludedReqs: ofKind("Included in Business"),
    apiKeyReqs: ofKind("User API Key"),
    usageBasedReqs: ofKind("Usage-based"),
    bugbotUsages: activity.bugbot,
    mostUsedModel: mostUsed(counted),
    applyMostUsedExtension: edited ? `.${extensions[0]}` : null,
    tabMostUsedExtension: tabs.accepts > 0 ? `.${extensions[1]}` : null,
    clientVersion: isActive ? activity.clientVersion : null,
    ...(seat.afterwards === "erased" ? {} : { email: seat.email }),
  };
}

function mostUsed(happenings: readonly Happening[]): string | null {
  const counts = new Map<string, number>();
  let most: string | null = null;
  for (const { event } of happenings) {
    const count = (counts.get(event.model) ?? 0) + 1;
    counts.set(event.model, count);
    if (most === null || count > (counts.get(most) ?? 0)) most = event.model;
  }
  return most;
}
