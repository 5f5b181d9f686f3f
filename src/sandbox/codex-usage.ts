import type { Day } from "./calendar.ts";
import { parseDay, weekday } from "./calendar.ts";
import type { Member } from "./codex-estate.ts";
import { MEMBERS } from "./codex-estate.ts";
import type { Dice } from "./openai-dice.ts";
import { dice } from "./openai-dice.ts";
import { HISTORY_START, volume } from "./volume.ts";

/** Whole numbers throughout. */
export interface Measures {
  readonly threads: number;
  readonly turns: number;
  /** Ten-thousandths of a dollar. */
  readonly cost: number;
  /** Of `cost`, what is billed in dollars. */
  readonly billed: number;
  /** Cents. */
  readonly estimated: number;
  readonly uncached: number;
  readonly cached: number;
  readonly output: number;
}

export interface Split {
  readonly id: string;
  readonly speed: string | null;
  readonly measures: Measures;
}

export interface Attribution {
  readonly added: number;
  readonly removed: number;
  readonly committed: number;
  readonly totalCommitted: number;
  /** Null where no repository is connected. */
  readonly commits: { readonly withCodex: number; readonly total: number } | null;
}

/** What one member used on one day. */
export interface Usage {
  /** Null for what the workspace itself did: reviews of pull requests. */
  readonly member: Member | null;
  readonly totals: Measures;
  readonly clients: readonly Split[];
  readonly models: readonly Split[];
  readonly attribution: Attribution | null;
  readonly isOnCredits: boolean;
}

export type Scope = "codex" | "workspace";

const MOST_DAYS_KEPT = 1_000;
const DOLLAR = 10_000;

const computed: Readonly<Record<Scope, Map<Day, readonly Usage[]>>> = { codex: new Map(), workspace: new Map() };

/** Of one day, in the company's order; nobody who did nothing. */
export function usageOf(scope: Scope, day: Day): readonly Usage[] {
  if (day < HISTORY_START) return [];
  const days = computed[scope];
  let usage = days.get(day);
  if (usage === undefined) {
    if (days.size >= MOST_DAYS_KEPT) days.clear();
    usage =
      scope === "codex"
        ? [...MEMBERS.flatMap((member) => codexOf(member, day)), reviewer(day)]
        : [...MEMBERS.flatMap((member) => everythingOf(member, day)), reviewer(day)];
    days.set(day, usage);
  }
  return usage;
}

export const NOTHING: Measures = {
  threads: 0,
  turns: 0,
  cost: 0,
  billed: 0,
  estimated: 0,
  uncached: 0,
  cached: 0,
  output: 0,
};

export function plus(a: Measures, b: Measures): Measures {
  return {
    threads: a.threads + b.threads,
    turns: a.turns + b.turns,
    cost: a.cost + b.cost,
    billed: a.billed + b.billed,
    estimated: a.estimated + b.estimated,
    uncached: a.uncached + b.uncached,
    cached: a.cached + b.cached,
    output: a.output + b.output,
  };
}

/** Splits with the same id and speed become one. */
export function merged(splits: readonly Split[]): Split[] {
  const sums = new Map<string, Split>();
  for (const split of splits) {
    const key = `${split.id} ${split.speed}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? split : { ...sum, measures: plus(sum.measures, split.measures) });
  }
  return [...sums.values()];
}

/** A pull request's reviews: how many were made on a day, and what became of those merged on it. */
export function reviewsOf(day: Day) {
  const roll = dice("reviews", day);
  const draw = (most: number) => roll(most + 1);
  const isWeekend = weekday(day) % 6 === 0;
  const reviews = isWeekend ? draw(2) : 9 + draw(14);
  const [p0, p1, p2] = [draw(2 * reviews) >> 2, draw(2 * reviews), draw(3 * reviews)];
  const merges = isWeekend ? draw(1) : 7 + draw(11);
  const comments = merges * 2 + draw(merges);
  const upvoted = draw(comments >> 1);
  const downvoted = draw(comments >> 3);
  const other = draw(comments >> 3);
  const replied = draw(comments >> 2);
  return { reviews, p0, p1, p2, merges, comments, upvoted, downvoted, other, replied };
}

function codexOf(member: Member, day: Day): Usage[] {
  if (!member.isEngineer || day < member.from || day >= member.to) return [];
  const name = `codex ${member.person.email}`;
  const draw = dice(name, day);
  const isWeekend = weekday(day) % 6 === 0;
  if (draw(100) >= (isWeekend ? 14 : 88)) return [];
  const scale = Math.round(
    (volume({ name, rhythm: "working_week" }, day) * member.appetite * (60 + draw(81))) / 25_000,
  );
  return [
    {
      ...used(name, day, Math.max(scale, 16_000), member.clients, member.isOnCredits),
      member,
      attribution: member.hasAttribution ? attribution(name, day, scale) : null,
    },
  ];
}

/** All that a member does in the workspace: ChatGPT besides Codex, which no client is named for. */
function everythingOf(member: Member, day: Day): Usage[] {
  if (day < member.from || day >= member.to) return [];
  const [codex] = codexOf(member, day);
  const name = `chat ${member.person.email}`;
  const draw = dice(name, day);
  if (draw(100) >= (weekday(day) % 6 === 0 ? 9 : 74)) return codex === undefined ? [] : [codex];
  const scale = Math.round((volume({ name, rhythm: "working_week" }, day) * (40 + draw(121))) / 2_500);
  const chat = used(name, day, scale, [], member.isOnCredits);
  if (codex === undefined) return [{ ...chat, member, attribution: null }];
  return [{ ...codex, totals: plus(codex.totals, chat.totals), models: merged([...codex.models, ...chat.models]) }];
}

/** The workspace's own account, which reviews pull requests: nobody's row. */
function reviewer(day: Day): Usage {
  const { reviews } = reviewsOf(day);
  const clients = ["CODEX_GITHUB", "CODEX_GITHUB_ACTION"];
  return { ...used("reviewer", day, 24_000 + 18_000 * reviews, clients, false), member: null, attribution: null };
}

interface Model {
  readonly id: string;
  readonly speed: string | null;
  /** Dollars a million tokens, in ten-thousandths: uncached, cached, output. */
  readonly prices: readonly [number, number, number];
  /** Of a hundred tokens of a usual day. */
  readonly share: number;
}

/** Which models there were from which day on. */
const GENERATIONS: readonly (readonly [since: Day, models: readonly Model[]])[] = [
  [
    HISTORY_START,
    [
      { id: "codex-1", speed: null, prices: [15_000, 3_750, 60_000], share: 78 },
      { id: "other", speed: null, prices: [15_000, 3_750, 60_000], share: 22 },
    ],
  ],
  [
    known("2025-09-23"),
    [
      { id: "gpt-5-codex", speed: "standard", prices: [12_500, 1_250, 100_000], share: 84 },
      { id: "gpt-5-codex-mini", speed: "standard", prices: [2_500, 250, 20_000], share: 16 },
    ],
  ],
  [
    known("2026-05-04"),
    [
      { id: "gpt-5.5", speed: "standard", prices: [50_000, 5_000, 300_000], share: 52 },
      { id: "gpt-5.5", speed: "fast", prices: [100_000, 10_000, 600_000], share: 11 },
      { id: "gpt-5.4-mini", speed: "standard", prices: [7_500, 750, 45_000], share: 33 },
      { id: "other", speed: null, prices: [17_500, 1_750, 140_000], share: 4 },
    ],
  ],
];

const MILLION = 1_000_000;

/** @param scale tokens that were not read from a cache, roughly */
function used(
  name: string,
  day: Day,
  scale: number,
  clients: readonly string[],
  isOnCredits: boolean,
): Omit<Usage, "member" | "attribution"> {
  const draw = dice(`${name} tokens`, day);
  const models = modelsOn(day).flatMap((model): Split[] => {
    const weight = Math.floor((model.share * (50 + draw(101))) / 100);
    // Whoever uses little uses one or two of them.
    if (weight < 6 && draw(3) > 0) return [];
    const uncached = Math.floor((scale * weight) / 100);
    const cached = Math.floor((uncached * (380 + draw(420))) / 100);
    const output = Math.floor((uncached * (6 + draw(12))) / 100);
    const [first, second, third] = model.prices;
    const cost = Math.round((uncached * first + cached * second + output * third) / MILLION);
    return [{ id: model.id, speed: model.speed, measures: priced({ uncached, cached, output }, cost, isOnCredits) }];
  });
  const threads = 1 + Math.floor(scale / 36_000) + draw(3);
  const spent = models.reduce((sum, { measures }) => plus(sum, measures), NOTHING);
  const totals: Measures = {
    ...spent,
    ...priced(spent, spent.cost, isOnCredits),
    threads,
    turns: threads * (2 + draw(5)) + draw(4),
  };
  return { totals, clients: byClient(totals, clients, draw), models, isOnCredits };
}

function priced(
  { uncached, cached, output }: Pick<Measures, "uncached" | "cached" | "output">,
  cost: number,
  isOnCredits: boolean,
): Measures {
  return {
    ...NOTHING,
    cost,
    billed: isOnCredits ? 0 : cost,
    // The rate for what is over the plan is a tenth above the agreed one.
    estimated: Math.round((cost * 110) / DOLLAR),
    uncached,
    cached,
    output,
  };
}

/** Most days in full; now and then a part of the totals is no client's. */
function byClient(totals: Measures, clients: readonly string[], draw: Dice): Split[] {
  const known = draw(9) === 0 ? 93 : 100;
  const weights = clients.map(() => 5 + draw(96));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return clients.map((id, at) => {
    const from = before;
    before += weights[at] ?? 0;
    const part = (total: number) =>
      Math.floor((total * known * before) / (all * 100)) - Math.floor((total * known * from) / (all * 100));
    const measures: Measures = {
      threads: part(totals.threads),
      turns: part(totals.turns),
      cost: part(totals.cost),
      billed: part(totals.billed),
      estimated: part(totals.estimated),
      uncached: part(totals.uncached),
      cached: part(totals.cached),
      output: part(totals.output),
    };
    return { id, speed: null, measures };
  });
}

function attribution(name: string, day: Day, scale: number): Attribution {
  const draw = dice(`${name} lines`, day);
  const added = Math.floor(scale / 960) + draw(60);
  const committed = Math.floor((added * (35 + draw(61))) / 100);
  const total = 1 + draw(9);
  return {
    added,
    removed: Math.floor((added * (15 + draw(55))) / 100),
    committed,
    totalCommitted: committed + draw(260),
    commits: draw(12) === 0 ? null : { withCodex: draw(total + 1), total },
  };
}

function modelsOn(day: Day): readonly Model[] {
  return GENERATIONS.findLast(([since]) => since <= day)?.[1] ?? [];
}

function known(text: string): Day {
  const day = parseDay(text);
  if (day === undefined) throw new Error(`Not a day: ${text}`);
  return day;
}
