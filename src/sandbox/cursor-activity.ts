import type { Day } from "./calendar.ts";
import { dayOf } from "./calendar.ts";
import type { Team } from "./company.ts";
import { Draws } from "./cursor-draws.ts";
import type { Happening } from "./cursor-events.ts";
import { eventsOfSeat, isCounted } from "./cursor-events.ts";
import type { Seat } from "./cursor-seats.ts";
import { isMember } from "./cursor-seats.ts";
import { HISTORY_START } from "./volume.ts";

/** What was suggested, and what became of it. Green lines are added, red ones removed. */
export interface Edits {
  readonly accepts: number;
  readonly rejects: number;
  readonly greenAccepted: number;
  readonly redAccepted: number;
  readonly greenRejected: number;
  readonly redRejected: number;
}

/** A member's day. */
export interface Activity {
  readonly happenings: readonly Happening[];
  readonly isActive: boolean;
  readonly agent: Edits;
  readonly tabs: Edits;
  readonly cmdk: number;
  readonly bugbot: number;
  readonly inTerminal: boolean;
  readonly clientVersion: string;
  /** Without a dot, the most used first. */
  readonly extensions: readonly [string, string, string];
}

const NOTHING: Edits = {
  accepts: 0,
  rejects: 0,
  greenAccepted: 0,
  redAccepted: 0,
  greenRejected: 0,
  redRejected: 0,
};

const EXTENSIONS: Readonly<Record<Team, readonly [string, string, string]>> = {
  Platform: ["go", "tf", "yaml"],
  Data: ["py", "sql", "yaml"],
  "Fleet Software": ["rs", "ts", "cpp"],
  Perception: ["py", "cpp", "cu"],
  Product: ["tsx", "ts", "md"],
  Operations: ["md", "csv", "sql"],
};

/** What a member did on a day until `now`. */
export function activityOf(seat: Seat, day: Day, now: Date): Activity {
  const happenings = day > dayOf(now) ? [] : eventsOfSeat(seat, day, now);
  const draws = new Draws(`cursor activity ${seat.email} ${day}`);
  // Rarely someone types all day and asks for nothing.
  const isAtWork = happenings.length > 0 || (canType(seat, day, now) && draws.below(40) === 0);
  const share = day < dayOf(now) ? 100 : Math.floor((now.getTime() % 86_400_000) / 864_000);
  const some = (least: number, most: number) => Math.floor((draws.between(least, most) * share) / 100);
  const edited = happenings.filter((happening) => happening.mode !== "chat" && isCounted(happening)).length;
  const [first, second, third] = EXTENSIONS[seat.team];
  return {
    happenings,
    isActive: isAtWork,
    agent: edited === 0 ? NOTHING : edits(draws, edited * draws.between(1, 3), 80, 9, 3),
    tabs: isAtWork ? edits(draws, some(30, 260), 55, 2, 1) : NOTHING,
    cmdk: isAtWork ? some(0, 9) : 0,
    bugbot: isAtWork && draws.chance(22) ? some(1, 3) : 0,
    inTerminal: isAtWork && draws.chance(14),
    clientVersion: versionOn(day - (draws.below(100) < 70 ? 0 : 14)),
    extensions: draws.chance(75) ? [first, second, third] : [second, first, third],
  };
}

function canType(seat: Seat, day: Day, now: Date): boolean {
  return seat.requests > 0 && day >= HISTORY_START && day <= dayOf(now) && isMember(seat, day);
}

/** @param accepted percent. @param green lines of a suggestion that are added; @param red removed */
function edits(draws: Draws, suggested: number, accepted: number, green: number, red: number): Edits {
  const accepts = Math.round((suggested * draws.between(accepted - 12, accepted + 12)) / 100);
  const rejects = suggested - accepts;
  const spread = (count: number, lines: number) => Math.round((count * lines * draws.between(60, 140)) / 100);
  return {
    accepts,
    rejects,
    greenAccepted: spread(accepts, green),
    redAccepted: spread(accepts, red),
    greenRejected: spread(rejects, green),
    redRejected: spread(rejects, red),
  };
}

/** A new one every other week. */
function versionOn(day: Day): string {
  const release = 20 + Math.floor((day - HISTORY_START) / 14);
  return `${1 + Math.floor(release / 20)}.${release % 20}.${14 + ((release * 7) % 11)}`;
}
