import { createHash } from "node:crypto";
import type { Day } from "./calendar.ts";
import { parseDay } from "./calendar.ts";
import type { Person } from "./company.ts";
import { PEOPLE } from "./company.ts";
import { HISTORY_START, hash } from "./volume.ts";

export const WORKSPACE_ID = uuid("workspace tidewater robotics");

/** A member of the ChatGPT workspace. */
export interface Member {
  readonly person: Person;
  readonly userId: string;
  readonly from: Day;
  /** First day without. */
  readonly to: Day;
  /** Whether they write software, and so use Codex. */
  readonly isEngineer: boolean;
  /** Percent of a usual engineer's Codex, from 25 to 250. */
  readonly appetite: number;
  /** On what the plan includes: nothing of theirs is billed in dollars, only in credits. */
  readonly isOnCredits: boolean;
  readonly hasAttribution: boolean;
  readonly clients: readonly string[];
}

const ENGINEERS: readonly string[] = ["Platform", "Data", "Fleet Software", "Perception"];
const ON_CREDITS: readonly string[] = ["Hanna Lindqvist", "Eirik Sandnes", "Henrik Stavang"];

const HABITS: readonly (readonly string[])[] = [
  ["CODEX_CLI", "CODEX_IDE_VSCODE"],
  ["CODEX_IDE_VSCODE", "CODEX_WEB"],
  ["CODEX_CLI", "CODEX_DESKTOP_APP", "CODEX_WEB"],
  ["CODEX_IDE_JETBRAINS_CLION", "CODEX_CLI"],
  ["CODEX_DESKTOP_APP", "CODEX_IDE_VSCODE", "CODEX_SLACK"],
  ["CODEX_CLI"],
];

export const MEMBERS: readonly Member[] = PEOPLE.map((person) => ({
  person,
  userId: uuid(person.email),
  from: Math.max(HISTORY_START, parseDay(person.joined) ?? HISTORY_START),
  to: (person.left === undefined ? undefined : parseDay(person.left)) ?? Number.POSITIVE_INFINITY,
  isEngineer: ENGINEERS.includes(person.team),
  appetite: 25 + (hash(`${person.email} appetite`) % 15) ** 2,
  isOnCredits: ON_CREDITS.includes(person.name),
  hasAttribution: hash(`${person.email} attribution`) % 6 !== 0,
  clients: HABITS[hash(`${person.email} clients`) % HABITS.length] ?? [],
}));

/** A version 4 UUID as far as its form goes, the same for the same name. */
function uuid(name: string): string {
  const hex = createHash("sha256").update(`codex ${name}`).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-a$4-$5");
}
