import type { Day } from "./calendar.ts";
import { parseDay } from "./calendar.ts";
import type { Person, Team } from "./company.ts";
import { PEOPLE } from "./company.ts";
import { Draws } from "./cursor-draws.ts";
import { hash } from "./volume.ts";

/** A member of the Cursor team. */
export interface Seat {
  readonly id: string;
  /** The other id, which daily rows show and events are filtered by. */
  readonly number: number;
  readonly name: string;
  readonly email: string;
  readonly team: Team;
  readonly role: "owner" | "member" | "free-owner";
  readonly from: Day;
  /** First day no longer a member. */
  readonly until: Day | undefined;
  /** Requests on a usual working day at the start of history; 0 for one who only pays. */
  readonly requests: number;
  /** Sometimes works with a model key of their own. */
  readonly ownKey: boolean;
  /** What the vendor still tells of one who left: `flagged` in the list of members, no longer `listed`, or nothing. */
  readonly afterwards: "flagged" | "unlisted" | "erased";
}

const ENGINEERING: readonly Team[] = ["Platform", "Data", "Fleet Software", "Perception"];
const OTHERS = ["Samir Qureshi-Lane", "Bo Rasmusgaard", "Dario Pellicane"];
const OWNERS = ["Ines Halvorsen", "Noor van Dalen"];
const PAYER = "Dario Pellicane";
const WITH_OWN_KEY = ["Tomasz Brenk", "Wei-Lin Chao"];
const FORGOTTEN: Readonly<Record<string, "unlisted" | "erased">> = {
  "Ewan Carstairs": "unlisted",
  "Viktor Hollosi": "erased",
};

export const SEATS: readonly Seat[] = PEOPLE.filter(
  ({ name, team }) => ENGINEERING.includes(team) || OTHERS.includes(name),
).map(seat);

function seat(person: Person, index: number): Seat {
  const { name, email, team } = person;
  return {
    id: `user_${new Draws(`cursor id ${email}`).letters(26)}`,
    number: 28_411 + 37 * index,
    name,
    email,
    team,
    role: OWNERS.includes(name) ? "owner" : name === PAYER ? "free-owner" : "member",
    from: parseDay(person.joined) ?? 0,
    until: parseDay(person.left ?? ""),
    requests: name === PAYER ? 0 : (team === "Product" ? 5 : 8) + (hash(`cursor requests ${email}`) % 8),
    ownKey: WITH_OWN_KEY.includes(name),
    afterwards: FORGOTTEN[name] ?? "flagged",
  };
}

export function isMember({ from, until }: Seat, day: Day): boolean {
  return from <= day && (until === undefined || day < until);
}

/** Those who were members on any of the days. */
export function membersDuring(first: Day, last: Day): readonly Seat[] {
  return SEATS.filter(({ from, until }) => from <= last && (until === undefined || first < until));
}

/** Those whom the vendor can name on a day, whether or not they are gone. */
export function listedOn(day: Day): readonly Seat[] {
  return SEATS.filter((seat) => seat.from <= day && (isMember(seat, day) || seat.afterwards === "flagged"));
}
