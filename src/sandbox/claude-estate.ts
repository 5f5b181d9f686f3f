import { createHash } from "node:crypto";
import type { Team } from "./company.ts";
import { PEOPLE } from "./company.ts";

/** Of the vendor's ids. */
const LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

export const ORGANIZATION_ID = tagged("org", "Tidewater Robotics");

/** An account of the Enterprise organization. */
export interface Member {
  readonly id: string;
  /** What the person's doings hang on; never shown. */
  readonly key: string;
  readonly name: string | null;
  /** Null once the account is deleted. */
  readonly email: string | null;
  /** No longer a member: either removed, and then still named, or the account itself deleted. */
  readonly deleted: boolean;
  readonly team: Team;
  readonly group: Group | null;
  readonly slackUser: string;
  readonly joined: string;
  readonly left?: string;
}

export interface Group {
  readonly id: string;
  readonly name: string;
}

/** Operations belong to no group. */
const GROUPS: readonly (Group & { readonly teams: readonly Team[] })[] = [
  { id: tagged("rbac_group", "Builders"), name: "Builders", teams: ["Platform", "Data"] },
  { id: tagged("rbac_group", "Robots"), name: "Robots", teams: ["Fleet Software", "Perception"] },
  { id: tagged("rbac_group", "Product"), name: "Product", teams: ["Product"] },
];

/** Their accounts were deleted, not just removed: neither name nor address is left. */
const ERASED = new Set(["Ewan Carstairs"]);
/** Never filled in a name. */
const NAMELESS = new Set(["Bo Rasmusgaard"]);
/** Never opened Claude. */
const ABSTAINING = new Set(["Agnes Tveit"]);

export const MEMBERS: readonly Member[] = [
  ...PEOPLE.filter(({ name }) => !ABSTAINING.has(name)).map((person) => ({
    ...identified(person.name, person.team),
    name: ERASED.has(person.name) ? "Deleted User" : NAMELESS.has(person.name) ? null : person.name,
    email: ERASED.has(person.name) ? null : person.email,
    deleted: person.left !== undefined,
    joined: person.joined,
    ...(person.left === undefined ? {} : { left: person.left }),
  })),
  // A contractor whose account was deleted when the work was done.
  {
    ...identified("a contractor", "Fleet Software"),
    name: "Deleted User",
    email: null,
    deleted: true,
    joined: "2026-07-06",
    left: "2026-10-24",
  },
];

function identified(key: string, team: Team): Pick<Member, "id" | "key" | "team" | "group" | "slackUser"> {
  const group = GROUPS.find(({ teams }) => teams.includes(team));
  return {
    id: tagged("user", key),
    key,
    team,
    group: group === undefined ? null : { id: group.id, name: group.name },
    slackUser: `U${digest(`slack ${key}`, 10).toUpperCase()}`,
  };
}

export const ENGINEERS: readonly Team[] = ["Platform", "Data", "Fleet Software", "Perception"];

/** Millionths of a cent a token, at list price. */
export interface Model {
  readonly id: string;
  readonly label: string;
  readonly input: number;
  readonly output: number;
}

export const OPUS: Model = { id: "claude-opus-5", label: "Claude Opus 5", input: 500, output: 2_500 };
export const SONNET: Model = { id: "claude-sonnet-5", label: "Claude Sonnet 5", input: 300, output: 1_500 };
export const HAIKU: Model = { id: "claude-haiku-4-5", label: "Claude Haiku 4.5", input: 100, output: 500 };
export const MODELS: readonly Model[] = [OPUS, SONNET, HAIKU];

export interface Project {
  readonly id: string;
  readonly name: string;
  /** Null when the project was deleted before its origin was recorded. */
  readonly created: string | null;
  readonly creator: Member | undefined;
  readonly teams: readonly Team[];
}

export const PROJECTS: readonly Project[] = [
  project("Harbour digital twin", "2025-11-17T08:12:44Z", "Clara Duvernay", ["Fleet Software", "Perception"]),
  project("Telemetry schema review", "2026-01-19T13:40:02Z", "Hanna Lindqvist", ["Data", "Platform"]),
  project("Kaiabnahme Hafen Nord – Prüfprotokolle ⚓", "2026-02-23T09:05:31Z", "Elodie Marchetti", [
    "Product",
    "Operations",
  ]),
  project("Customer onboarding", "2025-10-06T10:00:00Z", "Fiona Abercairn", ["Product", "Operations"]),
  project("Sonar labelling guide", "2026-03-30T15:21:09Z", "Aylin Karadeniz", ["Perception"]),
  project("Tender answers", "2026-05-11T07:48:57Z", "Samir Qureshi-Lane", ["Product"]),
  project("On-call handbook", null, undefined, ["Platform", "Fleet Software"]),
  project("Cost of a dive", "2026-08-03T11:33:26Z", "Dario Pellicane", ["Operations", "Data"]),
];

function project(name: string, created: string | null, creator: string | undefined, teams: readonly Team[]): Project {
  const by = MEMBERS.find(({ key }) => key === creator);
  return { id: tagged("claude_proj", name), name, created, creator: by, teams };
}

export type Surface = "chat" | "claude_code" | "cowork" | "office_agent";

export interface Skill {
  readonly name: string;
  /** Resolves an opaque name. */
  readonly displayName: string | null;
  readonly shared: "organization" | "private" | "public" | null;
  readonly surfaces: readonly Surface[];
}

export const SKILLS: readonly Skill[] = [
  { name: "docx", displayName: null, shared: "public", surfaces: ["chat", "cowork"] },
  { name: "pptx", displayName: null, shared: "public", surfaces: ["chat", "cowork", "office_agent"] },
  { name: "xlsx", displayName: null, shared: "public", surfaces: ["chat", "cowork", "office_agent"] },
  { name: "ros2-review", displayName: null, shared: null, surfaces: ["claude_code"] },
  { name: "release-notes", displayName: null, shared: null, surfaces: ["claude_code"] },
  {
    name: tagged("skill", "Dive report"),
    displayName: "Dive report",
    shared: "organization",
    surfaces: ["chat", "cowork"],
  },
  { name: "unknown", displayName: "Unknown skill", shared: null, surfaces: ["claude_code", "cowork"] },
];

export interface Connector {
  readonly name: string;
  readonly displayName: string | null;
  /** Calls a use, of each hundred: reading, writing; the rest is unclassified. */
  readonly reading: number;
  readonly writing: number;
  /** Signed in through the organization, not each for themselves. */
  readonly managed: boolean;
  readonly surfaces: readonly Surface[];
}

export const CONNECTORS: readonly Connector[] = [
  connector("github", 70, 25, true, ["chat", "claude_code"]),
  connector("slack", 80, 15, true, ["chat", "cowork"]),
  connector("atlassian", 65, 30, true, ["chat", "claude_code", "cowork"]),
  connector("google_drive", 90, 5, false, ["chat", "cowork", "office_agent"]),
  connector("sentry", 100, 0, false, ["claude_code"]),
  connector("hubspot", 60, 35, false, ["cowork", "office_agent"]),
  {
    ...connector(tagged("mcpsrv", "Harbour telemetry"), 0, 0, false, ["chat", "claude_code"]),
    displayName: "Harbour telemetry",
  },
];

function connector(
  name: string,
  reading: number,
  writing: number,
  managed: boolean,
  surfaces: readonly Surface[],
): Connector {
  return { name, displayName: null, reading, writing, managed, surfaces };
}

export const CHANNELS: readonly string[] = ["fleet-alerts", "ask-data", "harbour-ops"].map(
  (name) => `C${digest(`slack ${name}`, 10).toUpperCase()}`,
);

/** The platform organization that the robots' software calls: another one than Enterprise, with keys of its own. */
export interface ConsoleKey {
  readonly id: string;
  /** Null is the default workspace. */
  readonly workspace: string | null;
  readonly name: string;
  readonly model: Model;
  readonly tier: "standard" | "batch";
  /** Requests on a usual day. */
  readonly requests: number;
}

export const CONSOLE_KEYS: readonly ConsoleKey[] = [
  consoleKey("dive-log-triage", "production", SONNET, "standard", 420),
  consoleKey("sonar-captions", "production", HAIKU, "batch", 1_900),
  consoleKey("support-drafts", null, OPUS, "standard", 60),
];

function consoleKey(
  name: string,
  workspace: string | null,
  model: Model,
  tier: "standard" | "batch",
  requests: number,
): ConsoleKey {
  const id = tagged("apikey", name);
  return { id, workspace: workspace === null ? null : tagged("wrkspc", workspace), name, model, tier, requests };
}

/** As the vendor's tagged ids look, the same for the same name. */
function tagged(prefix: string, name: string): string {
  return `${prefix}_01${digest(`${prefix} ${name}`, 22)}`;
}

function digest(text: string, length: number): string {
  const bytes = createHash("sha256").update(`claude ${text}`).digest();
  return [...bytes.subarray(0, length)].map((byte) => LETTERS[byte % LETTERS.length]).join("");
}
