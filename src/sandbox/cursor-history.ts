import { dayOf } from "./calendar.ts";
import type { Happening, UsageEvent } from "./cursor-events.ts";
import { countOfDay, eventsOfDay } from "./cursor-events.ts";
import type { Fields, Range } from "./cursor-wire.ts";
import { Refusal, readBody, readCount, readRange, readText } from "./cursor-wire.ts";
import type { SandboxRequest, SandboxResponse } from "./vendor.ts";
import { HISTORY_START } from "./volume.ts";

const MS_PER_DAY = 86_400_000;
const DEFAULT_PAGE_SIZE = 100;
const LARGEST_PAGE_SIZE = 1_000;
const HOSTING_TYPES = ["CLOUD", "SELF_HOSTED", "SELF_HOSTED_POOL", "SELF_HOSTED_MACHINE"];

type Filter = (happening: Happening) => boolean;

/** The events of a range, newest first, in pages. */
export function usageEvents(request: SandboxRequest): SandboxResponse {
  const fields = readBody(request);
  const range = readRange(fields, request.now, 30, readNumber);
  const page = readCount(fields["page"], "page") ?? 1;
  const pageSize = readCount(fields["pageSize"], "pageSize", LARGEST_PAGE_SIZE) ?? DEFAULT_PAGE_SIZE;
  const until = Math.min(range.end, request.now.getTime());
  const from = (page - 1) * pageSize;
  const { rows, count } = select({ start: range.start, end: until }, readFilters(fields), from, from + pageSize);
  const numPages = Math.ceil(count / pageSize);
  return {
    status: 200,
    body: {
      totalUsageEventsCount: count,
      pagination: {
        numPages,
        currentPage: page,
        pageSize,
        hasNextPage: page < numPages,
        hasPreviousPage: page > 1,
      },
      usageEvents: rows,
      period: { startDate: range.start, endDate: range.end },
    },
  };
}

/** Counts all, and makes only the days that the page holds some of, unless there are filters to try on every event. */
function select({ start, end }: Range, filters: readonly Filter[], from: number, to: number) {
  const rows: UsageEvent[] = [];
  let count = 0;
  for (let day = dayOf(new Date(end)); day >= Math.max(dayOf(new Date(start)), HISTORY_START); day--) {
    const isWhole = start <= day * MS_PER_DAY && (day + 1) * MS_PER_DAY - 1 <= end;
    const whole = countOfDay(day);
    if (isWhole && filters.length === 0 && (count + whole <= from || count >= to)) {
      count += whole;
      continue;
    }
    const happenings = eventsOfDay(day).all.filter(
      (happening) => happening.at >= start && happening.at <= end && filters.every((passes) => passes(happening)),
    );
    rows.push(...happenings.slice(Math.max(0, from - count), Math.max(0, to - count)).map(({ event }) => event));
    count += happenings.length;
  }
  return { rows, count };
}

/** What the vendor does with dates that are no numbers. */
function readNumber(value: unknown): number | undefined {
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  throw new Refusal(500, "An unexpected error occurred");
}

function readFilters(fields: Fields): Filter[] {
  const filters: Filter[] = [];
  const userId = readCount(typeof fields["userId"] === "string" ? Number.NaN : fields["userId"], "userId");
  if (userId !== undefined) filters.push(({ seat, event }) => seat?.number === userId && event.userEmail !== undefined);
  const email = readText(fields, "email")?.toLowerCase();
  if (email !== undefined) filters.push(({ event }) => event.userEmail === email);
  for (const name of ["serviceAccountId", "cloudAgentId", "automationId"] as const) {
    const id = readText(fields, name);
    const isAny = id === "*" && name !== "serviceAccountId";
    if (id !== undefined) filters.push(({ event }) => (isAny ? event[name] !== undefined : event[name] === id));
  }
  const hosting = readText(fields, "hostingType");
  if (hosting !== undefined && !HOSTING_TYPES.includes(hosting)) throw new Refusal(400, "Invalid hostingType");
  // All agents of the company run in the vendor's cloud.
  if (hosting !== undefined) filters.push(({ event }) => hosting === "CLOUD" && event.cloudAgentId !== undefined);
  return filters;
}
