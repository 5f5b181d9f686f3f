import type { Day } from "./calendar.ts";
import { dayText, weekday } from "./calendar.ts";
import type { Connector, Member, Model, Project, Skill, Surface } from "./claude-estate.ts";
import {
  CHANNELS,
  CONNECTORS,
  CONSOLE_KEYS,
  ENGINEERS,
  HAIKU,
  MEMBERS,
  OPUS,
  PROJECTS,
  SKILLS,
  SONNET,
} from "./claude-estate.ts";
import { HISTORY_START, hash, volume } from "./volume.ts";

const MS_PER_DAY = 86_400_000;
const MS_PER_MINUTE = 60_000;

/** What the cost of a fact falls into, in this order. */
export const COMPONENTS = [
  { cost_type: "tokens", token_type: "uncached_input_tokens" },
  { cost_type: "tokens", token_type: "output_tokens" },
  { cost_type: "tokens", token_type: "cache_read_input_tokens" },
  { cost_type: "tokens", token_type: "cache_creation.ephemeral_5m_input_tokens" },
  { cost_type: "tokens", token_type: "cache_creation.ephemeral_1h_input_tokens" },
  { cost_type: "web_search", token_type: null },
  { cost_type: "code_execution", token_type: null },
] as const;

export const DIMENSIONS = [
  "product",
  "model",
  "context_window",
  "inference_geo",
  "speed",
  "rbac_group_id",
  "slack_channel_id",
  "claude_tag_category",
  "claude_tag_user_id",
  "api_key_id",
  "workspace_id",
  "service_tier",
  "account_id",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** A stretch of use, at one moment: whatever is reported is a sum of these. */
export interface Fact {
  /** Milliseconds. */
  readonly at: number;
  readonly dimensions: Readonly<Record<Dimension, string | null>>;
  /** Absent: no user account stands behind it. */
  readonly member: Member | undefined;
  readonly requests: number;
  /** Of each token component. */
  readonly tokens: readonly number[];
  readonly searches: number;
  /** Of each component, in millionths of a cent. */
  readonly list: readonly number[];
  /** The same less the discount. */
  readonly net: readonly number[];
}

export type OfficeApp = "excel" | "outlook" | "powerpoint" | "word";

/** What the engagement figures are made of. */
export interface Session {
  readonly member: Member;
  readonly surface: Surface;
  readonly app: OfficeApp | undefined;
  readonly messages: number;
  readonly thinking: number;
  readonly searches: number;
  readonly project: Project | undefined;
  readonly skills: readonly { readonly skill: Skill; readonly count: number }[];
  readonly connectors: readonly { readonly connector: Connector; readonly count: number }[];
  /** A number that the smaller counters are made from. */
  readonly grain: number;
  /** Millionths of a cent. */
  readonly list: number;
  readonly net: number;
}

export interface LedgerDay {
  readonly facts: readonly Fact[];
  readonly sessions: readonly Session[];
  /** Slack users who addressed Claude in a channel or directly. */
  readonly slackUsers: ReadonlySet<string>;
}

/** More than a year, so that asking for all there is doesn't compute it twice. */
const MOST_DAYS_KEPT = 420;
const enterprise = new Map<Day, LedgerDay>();
const platform = new Map<Day, readonly Fact[]>();

/** The Enterprise organization's day. */
export function ledgerOf(day: Day): LedgerDay {
  return kept(enterprise, day, makeDay);
}

/** The platform organization's day. */
export function consoleFactsOf(day: Day): readonly Fact[] {
  return kept(platform, day, makeConsoleDay);
}

function kept<T>(days: Map<Day, T>, day: Day, make: (day: Day) => T): T {
  const known = days.get(day);
  if (known !== undefined) return known;
  const made = make(day);
  if (days.size >= MOST_DAYS_KEPT) for (const oldest of days.keys()) if (days.delete(oldest)) break;
  days.set(day, made);
  return made;
}

function makeDay(day: Day): LedgerDay {
  const facts: Fact[] = [];
  const sessions: Session[] = [];
  const slackUsers = new Set<string>();
  if (day < HISTORY_START) return { facts, sessions, slackUsers };
  const text = dayText(day);
  const there = MEMBERS.filter(({ joined, left }) => joined <= text && (left === undefined || text < left));
  const projects = PROJECTS.filter(({ created }) => created === null || created.slice(0, 10) <= text);
  for (const member of there) {
    for (const habit of HABITS) {
      if (habit.teams === undefined || habit.teams.includes(member.team))
        practise(member, habit, day, projects, facts, sessions);
    }
    executeCode(member, day, facts);
    writeToClaude(member, day, facts, slackUsers);
  }
  reviewCode(day, facts);
  answerInSlack(there, day, facts, slackUsers);
  patch(day, facts);
  return { facts, sessions, slackUsers };
}

/** What people do on one surface. Token counts are a message's, on average. */
interface Habit {
  readonly surface: Surface;
  readonly teams?: readonly string[];
  /** Percent of working days; a seventh of that at weekends. */
  readonly often: number;
  readonly sessions: number;
  readonly messages: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Percent of sessions with Opus, with Haiku. */
  readonly opus: number;
  readonly haiku: number;
  /** Percent off the list price. */
  readonly discount: number;
}

const HABITS: readonly Habit[] = [
  {
    surface: "chat",
    often: 84,
    sessions: 3,
    messages: 11,
    input: 2_600,
    output: 610,
    cacheRead: 5_200,
    cacheWrite: 900,
    opus: 40,
    haiku: 15,
    discount: 0,
  },
  {
    surface: "claude_code",
    teams: ENGINEERS,
    often: 88,
    sessions: 4,
    messages: 28,
    input: 880,
    output: 720,
    cacheRead: 31_000,
    cacheWrite: 2_900,
    opus: 55,
    haiku: 15,
    discount: 20,
  },
  {
    surface: "cowork",
    teams: ["Product", "Operations"],
    often: 74,
    sessions: 2,
    messages: 34,
    input: 1_900,
    output: 940,
    cacheRead: 22_000,
    cacheWrite: 2_100,
    opus: 50,
    haiku: 0,
    discount: 20,
  },
  {
    surface: "office_agent",
    teams: ["Product", "Operations"],
    often: 55,
    sessions: 2,
    messages: 9,
    input: 3_400,
    output: 820,
    cacheRead: 9_000,
    cacheWrite: 1_300,
    opus: 0,
    haiku: 30,
    discount: 0,
  },
];

const APPS: readonly OfficeApp[] = ["excel", "word", "powerpoint", "outlook", "excel"];

function practise(
  member: Member,
  habit: Habit,
  day: Day,
  projects: readonly Project[],
  facts: Fact[],
  sessions: Session[],
): void {
  const name = `claude ${member.key} ${habit.surface}`;
  const dice = diceFrom(`${name} ${day}`);
  if (dice(100) >= (isWeekend(day) ? Math.floor(habit.often / 7) : habit.often)) return;
  // When the telemetry ran away, those who write the software that sends it had more to do.
  const peak = habit.surface === "claude_code" && member.team === "Data" ? 3 : undefined;
  const busy = volume({ name, rhythm: "steady", peak }, day) / 1_000_000;
  const zeal = 0.45 + (hash(name) % 1_200) / 1_000;
  const count = 1 + dice(habit.sessions);
  const own = projects.filter(({ teams }) => teams.includes(member.team));
  for (let i = 0; i < count; i++) {
    const messages = 1 + Math.round(habit.messages * busy * zeal * (0.4 + dice(1_200) / 1_000));
    const about = (tokens: number) => Math.round(messages * tokens * (0.6 + dice(801) / 1_000));
    const longContext = habit.surface === "claude_code" && dice(100) < 6;
    const drawn = dice(100);
    const model = drawn < habit.opus ? OPUS : drawn < habit.opus + habit.haiku ? HAIKU : SONNET;
    const use = {
      requests: messages,
      tokens: [
        about(habit.input),
        about(habit.output),
        about(habit.cacheRead),
        about(habit.cacheWrite),
        habit.surface === "claude_code" ? about(Math.round(habit.cacheWrite / 4)) : 0,
      ],
      searches: habit.surface === "chat" || habit.surface === "cowork" ? dice(4) : 0,
    };
    const fact = priced(use, model, habit.discount, {
      // Ten hours of a working day.
      at: day * MS_PER_DAY + (420 + dice(600)) * MS_PER_MINUTE,
      member,
      product: habit.surface,
      context_window: longContext ? "200k-1M" : "0-200k",
      inference_geo: habit.surface === "chat" ? null : member.team === "Perception" ? "us" : "global",
      speed: habit.surface === "claude_code" && model === OPUS && dice(100) < 8 ? "fast" : "standard",
    });
    facts.push(fact);
    sessions.push({
      member,
      surface: habit.surface,
      app: habit.surface === "office_agent" ? APPS[dice(APPS.length)] : undefined,
      messages,
      thinking: Math.round((messages * dice(60)) / 100),
      searches: use.searches,
      project: habit.surface === "chat" && dice(100) < 40 ? own[dice(own.length)] : undefined,
      skills: someOf(SKILLS, habit.surface, 25, dice).map((skill) => ({ skill, count: 1 + dice(3) })),
      connectors: someOf(CONNECTORS, habit.surface, 30, dice).map((connector) => ({ connector, count: 1 + dice(9) })),
      grain: dice(1_000_000),
      list: total(fact.list),
      net: total(fact.net),
    });
  }
}

/** A sandbox that runs Claude's code: neither a product nor a model is known of it. */
function executeCode(member: Member, day: Day, facts: Fact[]): void {
  const dice = diceFrom(`claude code execution ${member.key} ${day}`);
  if (member.team !== "Data" || isWeekend(day) || dice(100) >= 45) return;
  const spans = 1 + dice(6);
  // Five cents an hour.
  const cost = Math.round((spans * (4 + dice(50)) * 5_000_000) / 60);
  const at = day * MS_PER_DAY + (480 + dice(540)) * MS_PER_MINUTE;
  facts.push({
    at,
    dimensions: dimensionsOf({ at, member }, null),
    member,
    requests: spans,
    tokens: [0, 0, 0, 0, 0],
    searches: 0,
    list: [0, 0, 0, 0, 0, 0, cost],
    net: [0, 0, 0, 0, 0, 0, cost],
  });
}

/** Direct messages to Claude in Slack, from those who have linked their account. */
function writeToClaude(member: Member, day: Day, facts: Fact[], slackUsers: Set<string>): void {
  const dice = diceFrom(`claude dm ${member.key} ${day}`);
  if (hash(`claude linked ${member.key}`) % 3 !== 0 || isWeekend(day) || dice(100) >= 35) return;
  const requests = 1 + dice(7);
  slackUsers.add(member.slackUser);
  facts.push(
    priced(slackUse(requests, dice), SONNET, 0, {
      at: day * MS_PER_DAY + (420 + dice(600)) * MS_PER_MINUTE,
      member,
      product: "claude-tag",
      context_window: "0-200k",
      inference_geo: "global",
      speed: "standard",
      claude_tag_category: "dm",
      claude_tag_user_id: member.slackUser,
    }),
  );
}

/** Review of pull requests, by the organization's own app: no user's. */
function reviewCode(day: Day, facts: Fact[]): void {
  const dice = diceFrom(`claude code review ${day}`);
  const requests = Math.round((140 * volume({ name: "claude code review", rhythm: "working_week" }, day)) / 1_000_000);
  for (let i = 0; i < 4; i++) {
    const share = Math.max(1, Math.round(requests * (0.15 + dice(200) / 1_000)));
    const use = {
      requests: share,
      tokens: [
        share * (2_100 + dice(600)),
        share * (640 + dice(200)),
        share * (26_000 + dice(9_000)),
        share * 1_700,
        0,
      ],
      searches: 0,
    };
    facts.push(
      priced(use, i === 3 ? SONNET : OPUS, 20, {
        at: day * MS_PER_DAY + (i * 360 + dice(360)) * MS_PER_MINUTE,
        product: "claude_code",
        context_window: "0-200k",
        inference_geo: "global",
        speed: "standard",
      }),
    );
  }
}

const CATEGORIES = ["engaged", "engaged", "proactive", "monitoring", "scheduled"] as const;

/** Claude in Slack channels. Only where somebody addressed it is a Slack user known, and no account ever. */
function answerInSlack(there: readonly Member[], day: Day, facts: Fact[], slackUsers: Set<string>): void {
  for (const channel of CHANNELS) {
    for (const [i, category] of CATEGORIES.entries()) {
      const dice = diceFrom(`claude ${channel} ${category} ${i} ${day}`);
      if (dice(100) >= (isWeekend(day) ? 30 : 80)) continue;
      const user = category === "engaged" ? there[dice(there.length)]?.slackUser : undefined;
      if (user !== undefined) slackUsers.add(user);
      const requests = 2 + dice(category === "monitoring" ? 40 : 14);
      facts.push(
        priced(slackUse(requests, dice), category === "monitoring" ? HAIKU : SONNET, 0, {
          at: day * MS_PER_DAY + dice(1_440) * MS_PER_MINUTE,
          product: "claude-tag",
          context_window: "0-200k",
          inference_geo: "global",
          speed: "standard",
          slack_channel_id: channel,
          claude_tag_category: category,
          claude_tag_user_id: user ?? null,
        }),
      );
    }
  }
}

function slackUse(requests: number, dice: Dice): Use {
  return {
    requests,
    tokens: [
      requests * (2_900 + dice(1_500)),
      requests * (380 + dice(300)),
      requests * (6_000 + dice(4_000)),
      requests * 800,
      0,
    ],
    searches: dice(2),
  };
}

/** The security scan on Mondays: a product that is no filter's value. */
function patch(day: Day, facts: Fact[]): void {
  if (weekday(day) !== 1) return;
  const dice = diceFrom(`claude autopatch ${day}`);
  const requests = 90 + dice(60);
  const use = {
    requests,
    tokens: [requests * 3_300, requests * 900, requests * 18_000, requests * 2_200, 0],
    searches: 0,
  };
  facts.push(
    priced(use, OPUS, 20, {
      at: day * MS_PER_DAY + (120 + dice(60)) * MS_PER_MINUTE,
      product: "cc_security_autopatch",
      context_window: "0-200k",
      inference_geo: "global",
      speed: "standard",
    }),
  );
}

function makeConsoleDay(day: Day): readonly Fact[] {
  if (day < HISTORY_START) return [];
  return CONSOLE_KEYS.flatMap((key) => {
    const dice = diceFrom(`claude console ${key.name} ${day}`);
    const amount = volume({ name: `claude console ${key.name}`, rhythm: "steady", peak: 2 }, day);
    const requests = Math.round((key.requests * amount) / 1_000_000);
    return [0, 1, 2, 3].map((quarter) => {
      const share = Math.round(requests / 4);
      const use = {
        requests: share,
        tokens: [share * (1_500 + dice(400)), share * (280 + dice(90)), share * 1_100, share * 120, 0],
        searches: 0,
      };
      // A batch costs half.
      return priced(use, key.model, key.tier === "batch" ? 50 : 0, {
        at: day * MS_PER_DAY + (quarter * 360 + dice(360)) * MS_PER_MINUTE,
        product: key.tier === "batch" ? "message_batches_api" : "messages_api",
        context_window: "0-200k",
        inference_geo: "global",
        speed: "standard",
        api_key_id: key.id,
        workspace_id: key.workspace,
        service_tier: key.tier,
      });
    });
  });
}

type Use = Pick<Fact, "requests" | "tokens" | "searches">;
type Where = Partial<Record<Dimension, string | null>> & { readonly at: number; readonly member?: Member };

/** One cent a web search. */
const SEARCH = 1_000_000;

function priced(use: Use, model: Model, discount: number, where: Where): Fact {
  // Percent: long contexts cost twice as much, fast answers six times, and the choice of a region a tenth more.
  const times =
    (where.context_window === "200k-1M" ? 2 : 1) *
    (where.speed === "fast" ? 6 : 1) *
    (where.inference_geo === "us" ? 110 : 100);
  const [input = 0, output = 0, read = 0, write5m = 0, write1h = 0] = use.tokens;
  // Cache reads and writes cost a tenth, five quarters and twice as much as input.
  const list = [
    Math.round((input * model.input * times) / 100),
    Math.round((output * model.output * times) / 100),
    Math.round((read * model.input * times) / 1_000),
    Math.round((write5m * model.input * 5 * times) / 400),
    Math.round((write1h * model.input * 2 * times) / 100),
    use.searches * SEARCH,
    0,
  ];
  return {
    at: where.at,
    dimensions: dimensionsOf(where, model.id),
    member: where.member,
    requests: use.requests,
    tokens: use.tokens,
    searches: use.searches,
    list,
    net: discount === 0 ? list : list.map((amount) => amount - Math.round((amount * discount) / 100)),
  };
}

/** Spelled out: there are many of them, and spreading is slow. */
function dimensionsOf(where: Where, model: string | null): Readonly<Record<Dimension, string | null>> {
  return {
    product: where.product ?? null,
    model,
    context_window: where.context_window ?? null,
    inference_geo: where.inference_geo ?? null,
    speed: where.speed ?? null,
    rbac_group_id: where.member?.group?.id ?? null,
    slack_channel_id: where.slack_channel_id ?? null,
    claude_tag_category: where.claude_tag_category ?? null,
    claude_tag_user_id: where.claude_tag_user_id ?? null,
    api_key_id: where.api_key_id ?? null,
    workspace_id: where.workspace_id ?? null,
    service_tier: where.service_tier ?? null,
    account_id: null,
  };
}

function someOf<T extends { readonly surfaces: readonly Surface[] }>(
  all: readonly T[],
  surface: Surface,
  percent: number,
  dice: Dice,
): T[] {
  return all.filter(({ surfaces }) => surfaces.includes(surface) && dice(100) < percent);
}

export function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

function isWeekend(day: Day): boolean {
  return weekday(day) % 6 === 0;
}

/** A whole number below `sides`. */
type Dice = (sides: number) => number;

/** Thrown alike for the same text, for ever. */
function diceFrom(text: string): Dice {
  let state = hash(text);
  return (sides) => {
    // Weyl sequence and a finalizer: one hash of the text for a whole day's throws.
    state = (state + 0x9e3779b9) >>> 0;
    let h = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
    return ((h ^ (h >>> 15)) >>> 0) % sides;
  };
}
