import type { Day, Month } from "./calendar.ts";
import { dayOf, firstDay, lastDay, monthOf, parseDay, weekday } from "./calendar.ts";
import { COMPANY } from "./company.ts";
import { Draws } from "./cursor-draws.ts";
import type { Seat } from "./cursor-seats.ts";
import { isMember, SEATS } from "./cursor-seats.ts";
import type { Series } from "./volume.ts";
import { HISTORY_START, hash, volume } from "./volume.ts";

/** An event as `/teams/filtered-usage-events` answers it. */
export interface UsageEvent {
  readonly timestamp: string;
  readonly userEmail?: string;
  readonly serviceAccountId?: string;
  readonly serviceAccountName?: string;
  readonly cloudAgentId?: string;
  readonly automationId?: string;
  readonly conversationId?: string;
  readonly model: string;
  readonly kind: Kind;
  readonly maxMode: boolean;
  readonly requestsCosts: number | null;
  readonly isTokenBasedCall: boolean;
  readonly isChargeable: boolean;
  readonly isHeadless: boolean;
  readonly tokenUsage?: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cacheWriteTokens?: number;
    readonly cacheReadTokens: number;
    readonly totalCents: number;
    readonly discountPercentOff?: number;
  };
  readonly chargedCents: number;
  readonly cursorTokenFee?: number;
}

type Kind = "Usage-based" | "Included in Business" | "Errored, Not Charged" | "User API Key";

/** An event and what its row doesn't say. */
export interface Happening {
  readonly at: number;
  readonly event: UsageEvent;
  /** Micro-cents: six decimals of a cent. */
  readonly charged: number;
  /** The member in whose name it ran; none for a service account. */
  readonly seat: Seat | undefined;
  readonly mode: "agent" | "composer" | "chat";
  readonly planned: boolean;
  /** The model as the analytics spell it. */
  readonly model: string;
}

interface Model {
  readonly name: string;
  readonly inAnalytics: string;
  readonly weight: number;
  /** Tenths of a cent a million tokens: input, output, cache write, cache read. Without: billed by the request. */
  readonly prices?: readonly [input: number, output: number, write: number, read: number];
  /** Made by others, so that the Cursor Token Rate comes on top. */
  readonly thirdParty: boolean;
}

const SONNET: Model = {
  name: "claude-4.5-sonnet",
  inAnalytics: "claude-sonnet-4.5",
  weight: 34,
  prices: [3_000, 15_000, 3_750, 300],
  thirdParty: true,
};
const COMPOSER: Model = {
  name: "composer-1",
  inAnalytics: "composer-1",
  weight: 21,
  prices: [1_250, 10_000, 0, 125],
  thirdParty: false,
};
const MODELS: readonly Model[] = [
  SONNET,
  COMPOSER,
  { name: "gpt-5", inAnalytics: "gpt-5", weight: 18, prices: [1_250, 10_000, 0, 125], thirdParty: true },
  { name: "default", inAnalytics: "default", weight: 12, prices: [1_250, 6_000, 1_250, 250], thirdParty: true },
  {
    name: "gemini-2.5-pro",
    inAnalytics: "gemini-2.5-pro",
    weight: 8,
    prices: [1_250, 10_000, 0, 310],
    thirdParty: true,
  },
  { name: "claude-4-sonnet-thinking", inAnalytics: "claude-sonnet-4-thinking", weight: 7, thirdParty: true },
];

const DECK: readonly Model[] = MODELS.flatMap((model) => Array.from({ length: model.weight }, () => model));

const MS_PER_DAY = 86_400_000;
const HOUR = 3_600_000;
/** Tenths of a cent a million tokens. */
const TOKEN_RATE = 250;
/** A person's requests of a month that the plan includes. */
const ALLOWANCE = 160;
const REQUESTS_A_CONVERSATION = 5;

/** What a call that isn't billed by the token may cost: no fixed price a unit. */
const FARES: readonly [Fare, ...Fare[]] = [
  { units: 1, cents: 4 },
  { units: 1.4, cents: 8 },
  { units: 2, cents: 8 },
];

interface Fare {
  readonly units: number;
  readonly cents: number;
}

/** Whatever makes requests: a person in the editor, an automation, a service account. */
interface Source {
  readonly name: string;
  readonly seat?: Seat;
  readonly series: Series;
  /** Requests a day at the start of history. */
  readonly requests: number;
  /** From when in the day, for how long. */
  readonly hours: readonly [from: number, length: number];
  readonly since: Day;
  readonly serviceAccount?: Pick<UsageEvent, "userEmail" | "serviceAccountId" | "serviceAccountName">;
  readonly automationId?: string;
}

/** Restarts failed reprocessing runs, in the name of the one who set it up. It had a lot to do in the incident. */
const AUTOMATION = {
  name: "automation",
  owner: "Rafael Quintas",
  id: new Draws("cursor automation").uuid(),
  since: parseDay("2026-01-05") ?? 0,
};

const SOURCES: readonly Source[] = [
  ...SEATS.map(person),
  {
    name: "service account",
    series: { name: "cursor service account", rhythm: "steady" },
    requests: 14,
    hours: [0, 24 * HOUR],
    since: parseDay("2025-09-01") ?? 0,
    serviceAccount: {
      userEmail: `ci-agent@${COMPANY.domain}`,
      serviceAccountId: "sa_7Qm2xV9kTz",
      serviceAccountName: "Nightly CI Agent",
    },
  },
  ...SEATS.filter(({ name }) => name === AUTOMATION.owner).map(
    (seat): Source => ({
      name: AUTOMATION.name,
      seat,
      series: { name: "cursor automation", rhythm: "steady", peak: 14 },
      requests: 8,
      hours: [0, 24 * HOUR],
      since: AUTOMATION.since,
      automationId: AUTOMATION.id,
    }),
  ),
];

function person(seat: Seat): Source {
  const { email, team, requests } = seat;
  const inIncident = team === "Data" || team === "Platform" || team === "Fleet Software";
  return {
    name: email,
    seat,
    series: { name: `cursor ${email}`, rhythm: "steady", peak: inIncident ? 2 : undefined },
    requests,
    hours: [6 * HOUR + (hash(`cursor hours ${email}`) % (4 * HOUR)), 10 * HOUR],
    since: HISTORY_START,
  };
}

/** How many requests a source makes on a day, whole. */
function countOf(source: Source, day: Day): number {
  if (day < HISTORY_START || day < source.since || source.requests === 0) return 0;
  if (source.seat !== undefined && !isMember(source.seat, day)) return 0;
  const usual = source.requests * volume(source.series, day);
  if (!isInEditor(source)) return Math.round(usual / 1_000_000);
  const luck = luckOf(source, day);
  const isWeekend = weekday(day) % 6 === 0;
  // Few work at weekends, and on any other day some are away.
  if (isWeekend ? luck % 6 !== 0 : luck % 13 === 0) return 0;
  return Math.max(1, Math.round((usual * (50 + ((luck >>> 8) % 101)) * (isWeekend ? 4 : 10)) / 1_000_000_000));
}

function isInEditor(source: Source): boolean {
  return source.serviceAccount === undefined && source.automationId === undefined;
}

function luckOf(source: Source, day: Day): number {
  return hash(`cursor luck ${source.name} ${day}`);
}

interface Counts {
  readonly ofDay: readonly number[];
  /** By source and day: its requests of the month before that day. */
  readonly before: readonly (readonly number[])[];
}

const counted = new Map<Month, Counts>();

function countsOf(month: Month): Counts {
  let counts = counted.get(month);
  if (counts === undefined) {
    const days = Array.from({ length: lastDay(month) - firstDay(month) + 1 }, (_, index) => firstDay(month) + index);
    const ofDay = days.map(() => 0);
    const before = SOURCES.map((source) => {
      let sum = 0;
      return days.map((day, index) => {
        const earlier = sum;
        const count = countOf(source, day);
        sum += count;
        ofDay[index] = (ofDay[index] ?? 0) + count;
        return earlier;
      });
    });
    counts = { ofDay, before };
    counted.set(month, counts);
  }
  return counts;
}

/** How many events a whole day has, without making them. */
export function countOfDay(day: Day): number {
  if (day < HISTORY_START) return 0;
  const month = monthOf(day);
  return countsOf(month).ofDay[day - firstDay(month)] ?? 0;
}

interface DayOfEvents {
  /** Newest first. */
  readonly all: readonly Happening[];
  /** Those in the name of a member, by the member's id, oldest first. */
  readonly of: ReadonlyMap<string, readonly Happening[]>;
}

/** Enough for a range of the longest kind and the one before it. */
const MOST_DAYS_KEPT = 64;
const made = new Map<Day, DayOfEvents>();

/** All events of a whole day, whether or not it is over. */
export function eventsOfDay(day: Day): DayOfEvents {
  let events = made.get(day);
  if (events === undefined) {
    events = makeDay(day);
    const oldest = made.keys().next();
    if (made.size >= MOST_DAYS_KEPT && !oldest.done) made.delete(oldest.value);
    made.set(day, events);
  }
  return events;
}

/** A member's events of a day that have happened by `now`, oldest first. */
export function eventsOfSeat(seat: Seat, day: Day, now: Date): readonly Happening[] {
  const events = eventsOfDay(day).of.get(seat.id) ?? [];
  return day < dayOf(now) ? events : events.filter(({ at }) => at <= now.getTime());
}

/** Whether it is a request that someone or something got an answer to. */
export function isCounted({ event }: Happening): boolean {
  return event.kind !== "Errored, Not Charged";
}

function makeDay(day: Day): DayOfEvents {
  const of = new Map<string, Happening[]>();
  const all: Happening[] = [];
  for (const [index, source] of SOURCES.entries()) {
    const happenings = makeSource(source, index, day);
    all.push(...happenings);
    if (source.seat === undefined || happenings.length === 0) continue;
    const known = of.get(source.seat.id);
    if (known === undefined) of.set(source.seat.id, happenings);
    else known.push(...happenings);
  }
  for (const happenings of of.values()) happenings.sort((a, b) => a.at - b.at);
  return { all: all.sort((a, b) => b.at - a.at), of };
}

function makeSource(source: Source, index: number, day: Day): Happening[] {
  const count = countOf(source, day);
  const month = monthOf(day);
  const before = countsOf(month).before[index]?.[day - firstDay(month)] ?? 0;
  const [from, length] = source.hours;
  const clock = new Draws(`cursor clock ${source.name} ${day}`);
  const times = Array.from({ length: count }, () => day * MS_PER_DAY + from + clock.below(length)).sort(
    (a, b) => a - b,
  );
  const isSpent = (n: number) => before + n >= ALLOWANCE || !isInEditor(source);
  let talk = conversation(source, day, 0);
  const happenings = times.map((at, n) => {
    if (n > 0 && n % REQUESTS_A_CONVERSATION === 0) talk = conversation(source, day, n);
    return happening(source, at, talk, isSpent(n), new Draws(`cursor event ${source.name} ${day} ${n}`));
  });
  const [first] = happenings;
  // Now and then a request is sent twice in the same millisecond: two rows alike in everything.
  if (first !== undefined && count > 1 && luckOf(source, day) % 307 === 5) happenings[1] = first;
  return happenings;
}

type Conversation = Pick<UsageEvent, "cloudAgentId" | "automationId" | "conversationId">;

/** What a source's consecutive requests have in common. */
function conversation(source: Source, day: Day, n: number): Conversation {
  const draws = new Draws(`cursor conversation ${source.name} ${day} ${n}`);
  const { automationId } = source;
  const isInCloud = automationId !== undefined || (isInEditor(source) && draws.chance(5));
  return {
    ...(isInCloud ? { cloudAgentId: `bc-${draws.uuid()}` } : {}),
    ...(automationId === undefined ? {} : { automationId }),
    ...(draws.chance(88) ? { conversationId: draws.uuid() } : {}),
  };
}

function happening(source: Source, at: number, talk: Conversation, isSpent: boolean, draws: Draws): Happening {
  const { seat, serviceAccount } = source;
  const inEditor = isInEditor(source);
  const inCloud = talk.cloudAgentId !== undefined;
  const model = inEditor ? drawModel(draws) : draws.chance(70) ? SONNET : COMPOSER;
  const kind = drawKind(source, draws, isSpent);
  const isNamed = seat !== undefined && seat.afterwards !== "erased";
  const { charged, tokenUsage, chargedCents, cursorTokenFee, ...call } = bill(
    model,
    kind,
    draws.chance(inEditor ? 11 : 4),
    draws,
  );
  return {
    at,
    charged,
    seat,
    mode: inCloud ? "agent" : draws.pick(["agent", "agent", "composer", "composer", "chat"]),
    planned: draws.chance(9),
    model: model.inAnalytics,
    event: {
      timestamp: `${at}`,
      ...(serviceAccount ?? (isNamed ? { userEmail: seat.email } : {})),
      ...talk,
      model: model.name,
      kind,
      ...call,
      isChargeable: kind === "Usage-based",
      isHeadless: inCloud || !inEditor,
      ...(tokenUsage === undefined ? {} : { tokenUsage }),
      chargedCents,
      ...(cursorTokenFee === undefined ? {} : { cursorTokenFee }),
    },
  };
}

function drawModel(draws: Draws): Model {
  return DECK[draws.below(DECK.length)] ?? SONNET;
}

function drawKind(source: Source, draws: Draws, isSpent: boolean): Kind {
  if (draws.chance(3)) return "Errored, Not Charged";
  if (source.seat?.ownKey === true && draws.chance(30)) return "User API Key";
  return isSpent ? "Usage-based" : "Included in Business";
}

type Bill = Pick<
  UsageEvent,
  "maxMode" | "requestsCosts" | "isTokenBasedCall" | "tokenUsage" | "chargedCents" | "cursorTokenFee"
>;

/** chargedCents = totalCents * (1 - discountPercentOff / 100) + cursorTokenFee, to the last digit. */
function bill(model: Model, kind: Kind, maxMode: boolean, draws: Draws): Bill & { readonly charged: number } {
  if (kind === "Errored, Not Charged") {
    return { maxMode, requestsCosts: null, isTokenBasedCall: false, chargedCents: 0, charged: 0 };
  }
  if (model.prices === undefined) {
    const fare = draws.pick(FARES);
    const chargedCents = kind === "User API Key" ? 0 : fare.cents;
    return {
      maxMode,
      requestsCosts: fare.units,
      isTokenBasedCall: false,
      chargedCents,
      charged: chargedCents * 1_000_000,
    };
  }
  const [input, output, write, read] = model.prices;
  const size = maxMode ? 3 : 1;
  const inputTokens = size * draws.between(80, 5_200);
  const outputTokens = size * draws.between(120, 2_600);
  const cacheReadTokens = draws.chance(15) ? 0 : size * draws.between(6_000, 140_000);
  const cacheWriteTokens = write === 0 ? undefined : draws.chance(25) ? 0 : size * draws.between(900, 14_000);
  const tokens = inputTokens + outputTokens + cacheReadTokens + (cacheWriteTokens ?? 0);
  const cost = inputTokens * input + outputTokens * output + (cacheWriteTokens ?? 0) * write + cacheReadTokens * read;
  const isOwnKey = kind === "User API Key";
  // Ten-thousandths of a cent, hundredths of a cent.
  const total = isOwnKey ? 0 : Math.round(cost / 1_000);
  const fee = isOwnKey || !model.thirdParty ? 0 : Math.round((tokens * TOKEN_RATE) / 100_000);
  const discount = !isOwnKey && draws.chance(7) ? draws.pick([10, 15, 20]) : undefined;
  const charged = total * (100 - (discount ?? 0)) + fee * 10_000;
  return {
    maxMode,
    requestsCosts: Math.max(1, Math.round(total / 4_000)) / 10,
    isTokenBasedCall: true,
    tokenUsage: {
      inputTokens,
      outputTokens,
      ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
      cacheReadTokens,
      totalCents: total / 10_000,
      ...(discount === undefined ? {} : { discountPercentOff: discount }),
    },
    chargedCents: cents(charged),
    ...(fee === 0 ? {} : { cursorTokenFee: fee / 100 }),
    charged,
  };
}

/** Cents for a JSON number from whole micro-cents. */
export function cents(micros: number): number {
  return micros / 1_000_000;
}
