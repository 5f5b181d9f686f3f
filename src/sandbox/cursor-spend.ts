import type { Day, Month } from "./calendar.ts";
import { dayOf, dayText, firstDay, lastDay, monthOf } from "./calendar.ts";
import type { Team } from "./company.ts";
import { Draws } from "./cursor-draws.ts";
import { cents, eventsOfSeat } from "./cursor-events.ts";
import type { Seat } from "./cursor-seats.ts";
import { isMember, membersDuring } from "./cursor-seats.ts";
import { paged, Refusal, readBody, readCount, readMoment, readText } from "./cursor-wire.ts";
import type { SandboxRequest, SandboxResponse } from "./vendor.ts";

const DEFAULT_PAGE_SIZE = 100;
const LARGEST_PAGE_SIZE = 1_000;
const LIMIT_DOLLARS = 200;
/** Some may spend more. */
const OVERRIDES: Readonly<Record<string, number>> = { "Rafael Quintas": 500, "Kwame Asante-Boadi": 300 };

/** A member's events of some days, in micro-cents. */
interface Spend {
  readonly overall: number;
  readonly onDemand: number;
  readonly onDemandRequests: number;
  readonly latest: number;
}

function spendOf(seat: Seat, first: Day, last: Day, now: Date): Spend {
  const spend = { overall: 0, onDemand: 0, onDemandRequests: 0, latest: 0 };
  for (let day = first; day <= Math.min(last, dayOf(now)); day++) {
    for (const { at, charged, event } of eventsOfSeat(seat, day, now)) {
      spend.overall += charged;
      spend.latest = at;
      if (event.kind !== "Usage-based") continue;
      spend.onDemand += charged;
      spend.onDemandRequests += 1;
    }
  }
  return spend;
}

/** What each member spent in the running cycle, a calendar month. */
export function teamSpend(request: SandboxRequest): SandboxResponse {
  const { now } = request;
  const fields = readBody(request);
  const page = readCount(fields["page"], "page") ?? 1;
  const pageSize = readCount(fields["pageSize"], "pageSize", LARGEST_PAGE_SIZE) ?? DEFAULT_PAGE_SIZE;
  const sortBy = oneOf(["date", "amount", "user"], readText(fields, "sortBy"), "sortBy");
  const isAscending = oneOf(["desc", "asc"], readText(fields, "sortDirection"), "sortDirection") === "asc";
  const term = (readText(fields, "searchTerm") ?? "").toLowerCase();
  const today = dayOf(now);
  const first = firstDay(monthOf(today));
  const members = membersDuring(first, today)
    .filter(({ afterwards }) => afterwards !== "erased")
    .filter(({ name, email }) => name.toLowerCase().includes(term) || email.includes(term))
    .map((seat) => ({ seat, spend: spendOf(seat, first, today, now) }))
    .sort((a, b) => (a.seat.name < b.seat.name ? -1 : 1));
  if (sortBy === "amount") members.sort((a, b) => a.spend.overall - b.spend.overall);
  if (sortBy === "date") members.sort((a, b) => a.spend.latest - b.spend.latest);
  const { rows, totalPages } = paged(isAscending ? members : members.reverse(), page, pageSize);
  return {
    status: 200,
    body: {
      teamMemberSpend: rows.map(({ seat, spend }) => ({
        userId: seat.id,
        spendCents: cents(spend.onDemand),
        overallSpendCents: cents(spend.overall),
        fastPremiumRequests: spend.onDemandRequests,
        name: seat.name,
        email: seat.email,
        role: seat.role,
        hardLimitOverrideDollars: OVERRIDES[seat.name] ?? 0,
        monthlyLimitDollars: seat.name in OVERRIDES ? LIMIT_DOLLARS : null,
        effectivePerUserLimitDollars: OVERRIDES[seat.name] ?? LIMIT_DOLLARS,
      })),
      subscriptionCycleStart: first * 86_400_000,
      totalMembers: members.length,
      totalPages,
    },
  };
}

function oneOf(allowed: readonly string[], value: string | undefined, name: string): string | undefined {
  if (value !== undefined && !allowed.includes(value)) throw new Refusal(400, `Invalid ${name}`);
  return value ?? allowed[0];
}

interface Group {
  readonly id: string;
  readonly name: string;
  readonly teams: readonly Team[];
}

const GROUPS: readonly Group[] = (["Platform", "Data", "Fleet Software", "Perception"] as const).map((team) => ({
  id: `group_${new Draws(`cursor group ${team}`).letters(26)}`,
  name: team,
  teams: [team],
}));
const UNASSIGNED: Group = { id: "group_unassigned", name: "Unassigned", teams: ["Product", "Operations"] };

/** The billing groups of a cycle: one for each engineering team. */
export function groups({ url, now }: SandboxRequest): SandboxResponse {
  const cycle = readCycle(url, now);
  return {
    status: 200,
    body: {
      groups: GROUPS.map((group) => groupRow(group, cycle, now, false)),
      unassignedGroup: groupRow(UNASSIGNED, cycle, now, false),
      billingCycle: billingCycle(cycle),
    },
  };
}

/** One group, with its members' days. */
export function oneGroup({ url, now }: SandboxRequest, id: string): SandboxResponse {
  const group = [...GROUPS, UNASSIGNED].find((candidate) => candidate.id === id);
  if (group === undefined) throw new Refusal(404, "Resource not found");
  const cycle = readCycle(url, now);
  return { status: 200, body: { group: groupRow(group, cycle, now, true), billingCycle: billingCycle(cycle) } };
}

function readCycle(url: URL, now: Date): Month {
  const text = url.searchParams.get("billingCycle");
  return monthOf(dayOf(text === null ? now : new Date(readMoment(text, "billingCycle", now))));
}

function billingCycle(cycle: Month) {
  return { cycleStart: moment(firstDay(cycle)), cycleEnd: moment(firstDay(cycle + 1)) };
}

function groupRow(group: Group, cycle: Month, now: Date, withDays: boolean) {
  const first = firstDay(cycle);
  const last = Math.min(lastDay(cycle), dayOf(now));
  const seats = membersDuring(first, last).filter(({ team }) => group.teams.includes(team));
  const named = seats.filter(({ afterwards }) => afterwards !== "erased");
  const current = named.filter((seat) => isMember(seat, last));
  const row = (seat: Seat) => ({
    userId: seat.id,
    name: seat.name,
    email: seat.email,
    joinedAt: moment(seat.from),
    leftAt: seat.until === undefined || seat.until > last ? null : moment(seat.until),
    spendCents: cents(spendOf(seat, first, last, now).overall),
    ...(withDays ? { dailySpend: dailySpend([seat], first, last, now) } : {}),
  });
  return {
    id: group.id,
    name: group.name,
    type: "BILLING",
    directoryGroupId: null,
    memberCount: current.length,
    createdAt: "2025-06-16T08:12:44.000Z",
    updatedAt: "2026-06-01T09:30:05.000Z",
    spendCents: cents(total(seats, first, last, now)),
    currentMembers: current.map(row),
    formerMembers: named.filter((seat) => !current.includes(seat)).map(row),
    dailySpend: dailySpend(seats, first, last, now),
  };
}

function total(seats: readonly Seat[], first: Day, last: Day, now: Date): number {
  return seats.reduce((sum, seat) => sum + spendOf(seat, first, last, now).overall, 0);
}

/** Of the days with any. */
function dailySpend(seats: readonly Seat[], first: Day, last: Day, now: Date) {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
    .map((day) => ({ date: dayText(day), spendCents: cents(total(seats, day, day, now)) }))
    .filter(({ spendCents }) => spendCents > 0);
}

function moment(day: Day): string {
  return `${dayText(day)}T00:00:00.000Z`;
}
