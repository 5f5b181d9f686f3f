import { createHash } from "node:crypto";
import type { Day } from "./calendar.ts";
import { parseDay } from "./calendar.ts";
import type { Person } from "./company.ts";
import { PEOPLE } from "./company.ts";
import type { Rhythm } from "./volume.ts";
import { HISTORY_START } from "./volume.ts";

export interface Project {
  readonly id: string;
  /** Null as the vendor has it for a project that nobody named. */
  readonly name: string | null;
  /** Unix seconds. */
  readonly created: number;
  readonly archived?: number;
}

export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly project: Project;
  readonly created: number;
}

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly redacted: string;
  readonly project: Project;
  readonly owner: { readonly person: Person } | { readonly serviceAccount: ServiceAccount };
  readonly created: number;
}

export interface VectorStore {
  readonly id: string;
  readonly project: Project;
  /** Bytes on the first day of history. */
  readonly bytes: number;
  readonly to?: Day;
}

/** A family's path, as far as its usage is a flow. */
export type Flow =
  | "completions"
  | "embeddings"
  | "moderations"
  | "images"
  | "audio_speeches"
  | "audio_transcriptions"
  | "code_interpreter_sessions"
  | "file_search_calls"
  | "web_search_calls";

/** What a request consists of. `units` is what a family other than completions counts besides its requests. */
export type Part =
  | "requests"
  | "units"
  | "uncachedText"
  | "uncachedAudio"
  | "uncachedImage"
  | "cacheWrite"
  | "cachedText"
  | "cachedAudio"
  | "cachedImage"
  | "outputText"
  | "outputAudio"
  | "outputImage";

/** Percent of a day's requests in each hour, from midnight UTC. */
export type Hours = "office" | "night" | "round";

/** Which model a workload called from which day on. */
export type Models = readonly (readonly [since: Day, model: string])[];

/** What one key (or one person in the playground) does with one model, for one purpose. */
export interface Workload {
  readonly name: string;
  readonly family: Flow;
  readonly project: Project;
  /** Null where the call was made without one: in the playground, or by a hosted tool. */
  readonly key: ApiKey | null;
  readonly user: Person | null;
  readonly models?: Models;
  readonly batch?: boolean;
  readonly tier?: string;
  readonly agents?: boolean;
  readonly size?: string;
  readonly source?: string;
  readonly store?: VectorStore;
  readonly contextLevel?: string;
  /** Requests on the first day of history. */
  readonly requests: number;
  /** Of each part, how many in a hundred requests. */
  readonly parts: Readonly<Partial<Record<Part, number>>>;
  readonly rhythm: Rhythm;
  readonly hours: Hours;
  readonly peak?: number;
  readonly from?: Day;
  /** First day without. */
  readonly to?: Day;
}

const USER_IDS = new Map(PEOPLE.map(({ email }) => [email, identifier("user-", email, 24)]));

export const ORGANIZATION_ID = identifier("org-", "tidewater robotics", 24);

const GONE = day("2026-10-10");
const ARCHIVED = day("2026-10-19");

const COPILOT = project("Harbour Copilot", "2025-02-11");
const DIAGNOSTICS = project("Fleet Diagnostics", "2025-03-24");
const LABELLING = project("Perception Labelling", "2025-04-07");
const UNNAMED: Project = { ...project("default", "2024-11-04"), name: null };
const MOORING: Project = { ...project("Mooring Assistant", "2025-05-19"), archived: seconds(ARCHIVED) + 54_000 };

export const PROJECTS: readonly Project[] = [UNNAMED, COPILOT, DIAGNOSTICS, LABELLING, MOORING];

const COPILOT_API = serviceAccount("copilot-api", COPILOT, "2025-02-12");
const VOICE_DESK = serviceAccount("voice-desk", COPILOT, "2025-06-02");
const TRIAGE = serviceAccount("triage-worker", DIAGNOSTICS, "2025-03-25");
const LABELLER = serviceAccount("label-batch", LABELLING, "2025-04-08");
const MOORING_BOT = serviceAccount("mooring-bot", MOORING, "2025-05-20");

export const SERVICE_ACCOUNTS: readonly ServiceAccount[] = [COPILOT_API, VOICE_DESK, TRIAGE, LABELLER, MOORING_BOT];

const SAMIR = person("Samir Qureshi-Lane");
const ELODIE = person("Elodie Marchetti");
const CLARA = person("Clara Duvernay");
const ANDREI = person("Andrei Munteanu");
/** Left on 15 August 2026, and was deleted; a nightly job went on under her key for eight weeks. */
const GWEN = person("Gwen Tregarthen");
const WEI_LIN = person("Wei-Lin Chao");
const PRIYA = person("Priya Raghunath");
const ZOFIA = person("Zofia Walczak");

const COPILOT_KEY = key("copilot-production", COPILOT, { serviceAccount: COPILOT_API }, "2025-02-12");
const STAGING_KEY = key("copilot-staging", COPILOT, { person: SAMIR }, "2025-02-14");
const VOICE_KEY = key("voice-desk", COPILOT, { serviceAccount: VOICE_DESK }, "2025-06-02");
const TRIAGE_KEY = key("triage-worker", DIAGNOSTICS, { serviceAccount: TRIAGE }, "2025-03-25");
const CLARA_KEY = key("clara-notebook", DIAGNOSTICS, { person: CLARA }, "2025-04-01");
const ANDREI_KEY = key("codex-cli andrei", DIAGNOSTICS, { person: ANDREI }, "2025-06-10");
const LABEL_KEY = key("label-batch", LABELLING, { serviceAccount: LABELLER }, "2025-04-08");
const GWEN_KEY = key("nightly-eval", LABELLING, { person: GWEN }, "2025-05-02");
const WEI_LIN_KEY = key("synthetic-scenes", LABELLING, { person: WEI_LIN }, "2025-05-05");
const PRIYA_KEY = key("embeddings-index", UNNAMED, { person: PRIYA }, "2025-01-20");
const ZOFIA_KEY = key("experiments", UNNAMED, { person: ZOFIA }, "2025-10-08");
const MOORING_KEY = key("mooring-bot", MOORING, { serviceAccount: MOORING_BOT }, "2025-05-20");
/** Never used. */
const SPARE_KEY = key("copilot-standby", COPILOT, { serviceAccount: COPILOT_API }, "2026-01-19");

export const KEYS: readonly ApiKey[] = [
  COPILOT_KEY,
  STAGING_KEY,
  VOICE_KEY,
  SPARE_KEY,
  TRIAGE_KEY,
  CLARA_KEY,
  ANDREI_KEY,
  LABEL_KEY,
  GWEN_KEY,
  WEI_LIN_KEY,
  PRIYA_KEY,
  ZOFIA_KEY,
  MOORING_KEY,
];

const MANUALS: VectorStore = store("harbour manuals", COPILOT, 6_830_112_040);
const LOGBOOKS: VectorStore = store("logbooks", DIAGNOSTICS, 9_412_008_771);
const MOORINGS: VectorStore = { ...store("moorings", MOORING, 1_204_551_233), to: ARCHIVED };

export const STORES: readonly VectorStore[] = [MANUALS, LOGBOOKS, MOORINGS];

const FLAGSHIP: Models = [
  [HISTORY_START, "gpt-4.1"],
  [day("2025-09-01"), "gpt-5-2025-08-07"],
  [day("2026-03-12"), "gpt-5.4-2026-03-05"],
  [day("2026-05-04"), "gpt-5.5"],
];
const MINI: Models = [
  [HISTORY_START, "gpt-4.1-mini"],
  [day("2025-09-08"), "gpt-5-mini-2025-08-07"],
  [day("2026-03-24"), "gpt-5.4-mini"],
];
const BATCHED: Models = [
  [HISTORY_START, "gpt-4.1"],
  [day("2025-10-01"), "gpt-5-2025-08-07"],
  [day("2026-04-01"), "gpt-5.4-2026-03-05"],
];

const office = { rhythm: "working_week", hours: "office" } as const;
const always = { rhythm: "steady", hours: "round" } as const;
const nightly = { rhythm: "steady", hours: "night" } as const;

export const WORKLOADS: readonly Workload[] = [
  ...workloads(COPILOT_KEY, always, [
    {
      family: "completions",
      models: FLAGSHIP,
      tier: "priority",
      requests: 540,
      parts: { uncachedText: 118_000, cacheWrite: 61_000, cachedText: 640_000, outputText: 47_000 },
    },
    {
      family: "completions",
      models: MINI,
      tier: "default",
      agents: true,
      requests: 910,
      parts: { uncachedText: 96_000, cacheWrite: 12_000, cachedText: 210_000, outputText: 21_000 },
    },
    { family: "moderations", models: only("omni-moderation-latest"), requests: 940, parts: { units: 21_400 } },
    {
      family: "embeddings",
      models: only("text-embedding-3-small"),
      requests: 1_130,
      parts: { units: 3_900 },
    },
    { family: "file_search_calls", store: MANUALS, requests: 310, parts: {} },
    { family: "web_search_calls", models: FLAGSHIP, contextLevel: "medium", requests: 58, parts: { units: 134 } },
    {
      family: "web_search_calls",
      models: FLAGSHIP,
      contextLevel: "high",
      agents: true,
      requests: 11,
      parts: { units: 217 },
    },
  ]),
  ...workloads(STAGING_KEY, office, [
    {
      family: "completions",
      models: MINI,
      tier: "default",
      requests: 160,
      parts: { uncachedText: 104_000, cachedText: 88_000, outputText: 24_000 },
    },
  ]),
  ...workloads(VOICE_KEY, office, [
    {
      family: "completions",
      models: only("gpt-4o-realtime-preview-2024-10-01"),
      tier: "default",
      requests: 44,
      parts: {
        uncachedText: 21_000,
        uncachedAudio: 84_000,
        cachedText: 42_000,
        cachedAudio: 131_000,
        outputText: 9_000,
        outputAudio: 52_000,
      },
    },
    { family: "audio_speeches", models: only("tts-1-hd"), requests: 63, parts: { units: 41_200 } },
    { family: "audio_transcriptions", models: only("whisper-1"), requests: 71, parts: { units: 9_350 } },
  ]),
  ...workloads(TRIAGE_KEY, { ...always, peak: 4 }, [
    {
      family: "completions",
      models: MINI,
      tier: "flex",
      requests: 2_350,
      parts: { uncachedText: 212_000, cachedText: 390_000, outputText: 31_000 },
    },
    { family: "file_search_calls", store: LOGBOOKS, requests: 260, parts: {} },
  ]),
  ...workloads(CLARA_KEY, office, [
    {
      family: "completions",
      models: FLAGSHIP,
      tier: "default",
      requests: 41,
      parts: { uncachedText: 620_000, cacheWrite: 110_000, cachedText: 1_480_000, outputText: 142_000 },
    },
  ]),
  ...workloads(ANDREI_KEY, office, [
    {
      family: "completions",
      models: FLAGSHIP,
      tier: "default",
      requests: 96,
      parts: { uncachedText: 410_000, cacheWrite: 240_000, cachedText: 6_850_000, outputText: 118_000 },
    },
  ]),
  ...workloads(LABEL_KEY, nightly, [
    {
      family: "completions",
      models: BATCHED,
      batch: true,
      tier: "default",
      requests: 1_480,
      parts: { uncachedText: 41_000, uncachedImage: 173_000, cachedText: 96_000, outputText: 36_000 },
    },
  ]),
  ...workloads(GWEN_KEY, { ...nightly, to: GONE }, [
    {
      family: "completions",
      models: MINI,
      tier: "default",
      requests: 420,
      parts: { uncachedText: 71_000, uncachedImage: 92_000, cachedText: 64_000, outputText: 18_000 },
    },
  ]),
  ...workloads(WEI_LIN_KEY, office, [
    {
      family: "images",
      models: only("gpt-image-1"),
      size: "1024x1024",
      source: "image.generation",
      requests: 74,
      parts: { units: 183 },
    },
    {
      family: "images",
      models: only("gpt-image-1"),
      size: "1024x1792",
      source: "image.edit",
      requests: 18,
      parts: { units: 118 },
    },
    {
      family: "completions",
      models: FLAGSHIP,
      tier: "default",
      requests: 26,
      parts: {
        uncachedText: 180_000,
        uncachedImage: 260_000,
        cachedText: 210_000,
        outputText: 71_000,
        outputImage: 900,
      },
    },
  ]),
  ...workloads(PRIYA_KEY, always, [
    {
      family: "embeddings",
      models: only("text-embedding-3-large"),
      requests: 1_940,
      parts: { units: 712_000 },
    },
  ]),
  ...workloads(ZOFIA_KEY, { ...office, from: day("2025-10-13") }, [
    {
      family: "completions",
      models: only("ft:gpt-4.1-mini-2025-04-14:tidewater:anchor-drift:Cq7TmR2b"),
      tier: "default",
      requests: 130,
      parts: { uncachedText: 241_000, cachedText: 120_000, outputText: 58_000 },
    },
    { family: "web_search_calls", models: MINI, contextLevel: "low", requests: 9, parts: { units: 126 } },
  ]),
  ...workloads(MOORING_KEY, { ...always, to: ARCHIVED }, [
    {
      family: "completions",
      models: MINI,
      tier: "default",
      requests: 330,
      parts: { uncachedText: 88_000, cachedText: 140_000, outputText: 26_000 },
    },
    { family: "file_search_calls", store: MOORINGS, requests: 90, parts: {} },
  ]),
  {
    name: "playground completions",
    family: "completions",
    project: COPILOT,
    key: null,
    user: ELODIE,
    models: FLAGSHIP,
    tier: "default",
    requests: 7,
    parts: { uncachedText: 190_000, outputText: 96_000 },
    ...office,
  },
  ...[COPILOT, DIAGNOSTICS].map(
    (owner, at): Workload => ({
      name: `${owner.id} code interpreter`,
      family: "code_interpreter_sessions",
      project: owner,
      key: null,
      user: null,
      requests: 38 - 21 * at,
      parts: {},
      ...office,
    }),
  ),
];

/** The API organization's members: those who build; nobody who left. `at` is a day. */
export function members(today: Day): readonly Person[] {
  return PEOPLE.filter(
    ({ team, joined, left }) =>
      team !== "Operations" && day(joined) <= today && (left === undefined || today < day(left)),
  );
}

export function userId({ email }: Person): string {
  return USER_IDS.get(email) ?? "";
}

export function seconds(of: Day): number {
  return of * 86_400;
}

export function joinedAt(of: Person): number {
  // Nobody joined the organization before it was.
  return Math.max(seconds(day(of.joined)), seconds(day("2024-11-04"))) + 32_400;
}

export function day(text: string): Day {
  const known = parseDay(text);
  if (known === undefined) throw new Error(`Not a day: ${text}`);
  return known;
}

/** Letters and digits as the vendor's ids have them, the same for the same name. */
export function identifier(prefix: string, name: string, length: number): string {
  const digest = createHash("sha256").update(`openai ${prefix}${name}`).digest();
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return prefix + Array.from(digest.subarray(0, length), (byte) => alphabet[byte % 62]).join("");
}

function only(model: string): Models {
  return [[HISTORY_START, model]];
}

type Setting = Pick<Workload, "rhythm" | "hours" | "peak" | "from" | "to">;

function workloads(
  of: ApiKey,
  setting: Setting,
  purposes: readonly Omit<Workload, "name" | "project" | "key" | "user" | "rhythm" | "hours">[],
): Workload[] {
  return purposes.map((purpose, at) => ({
    name: `${of.name} ${purpose.family} ${at}`,
    project: of.project,
    key: of,
    user: "person" in of.owner ? of.owner.person : null,
    ...setting,
    ...purpose,
  }));
}

function project(name: string, created: string): Project {
  return { id: identifier("proj_", name, 24), name, created: seconds(day(created)) + 36_000 };
}

function serviceAccount(name: string, of: Project, created: string): ServiceAccount {
  return {
    id: identifier("user-", `service account ${name}`, 24),
    name,
    project: of,
    created: seconds(day(created)) + 39_600,
  };
}

function key(name: string, of: Project, owner: ApiKey["owner"], created: string): ApiKey {
  return {
    id: identifier("key_", name, 16),
    name,
    redacted: `sk-proj-${identifier("", name, 3)}...${identifier("", `${name} end`, 3)}`,
    project: of,
    owner,
    created: seconds(day(created)) + 43_200,
  };
}

function store(name: string, of: Project, bytes: number): VectorStore {
  return { id: identifier("vs_", name, 24), project: of, bytes };
}

function person(name: string): Person {
  const found = PEOPLE.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`Nobody is called ${name}.`);
  return found;
}
