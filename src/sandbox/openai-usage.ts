import type { Day } from "./calendar.ts";
import { dice } from "./openai-dice.ts";
import type { Hours, Part, VectorStore, Workload } from "./openai-estate.ts";
import { HISTORY_START, volume } from "./volume.ts";

/** From one second to another, of one UTC day. */
export interface Span {
  readonly day: Day;
  /** Seconds since the day began. */
  readonly from: number;
  readonly to: number;
}

export type Parts = Record<Part, number>;

const DAY_SECONDS = 86_400;
const MOST_DAYS_KEPT = 1_000;

const WEIGHTS: Readonly<Record<Hours, readonly number[]>> = {
  office: [0, 0, 0, 0, 0, 1, 6, 40, 88, 100, 97, 74, 69, 93, 99, 92, 70, 38, 17, 11, 8, 5, 2, 0],
  night: [0, 55, 100, 100, 91, 42, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  round: [31, 28, 26, 25, 27, 33, 46, 68, 86, 96, 100, 97, 93, 97, 99, 96, 90, 82, 73, 64, 55, 47, 40, 35],
};

/** A workload's day: what there is of it in all, and how much of its requests by each hour. */
interface Course {
  readonly requests: number;
  readonly parts: readonly (readonly [Part, number])[];
  /** Weight before each hour, 25 of them. */
  readonly before: readonly number[];
}

const courses = new Map<Day, Map<string, Course>>();

/**
 * What a workload used within a span; undefined when it made no request. Spans that adjoin add up to their union,
 * exactly, down to the second: each is the difference of two values of one rising function.
 */
export function used(workload: Workload, span: Span): Parts | undefined {
  if (span.to <= span.from || !runs(workload, span.day)) return undefined;
  const course = courseOf(workload, span.day);
  const first = requestsBy(course, span.from);
  const last = requestsBy(course, span.to);
  if (first === last) return undefined;
  const parts = noParts();
  parts.requests = last - first;
  for (const [part, total] of course.parts) {
    parts[part] = share(total, last, course.requests) - share(total, first, course.requests);
  }
  return parts;
}

export function modelOf(workload: Workload, day: Day): string | null {
  return workload.models?.findLast(([since]) => since <= day)?.[1] ?? null;
}

/** A stock, which stands all day at what it is. */
export function bytesOf(store: VectorStore, day: Day): number {
  if (day < HISTORY_START || (store.to !== undefined && day >= store.to)) return 0;
  return store.bytes + Math.floor((store.bytes * (day - HISTORY_START)) / 2_000);
}

export function noParts(): Parts {
  return {
    requests: 0,
    units: 0,
    uncachedText: 0,
    uncachedAudio: 0,
    uncachedImage: 0,
    cacheWrite: 0,
    cachedText: 0,
    cachedAudio: 0,
    cachedImage: 0,
    outputText: 0,
    outputAudio: 0,
    outputImage: 0,
  };
}

/** @param parts changed by what is added */
export function add(parts: Parts, more: Parts): void {
  parts.requests += more.requests;
  parts.units += more.units;
  parts.uncachedText += more.uncachedText;
  parts.uncachedAudio += more.uncachedAudio;
  parts.uncachedImage += more.uncachedImage;
  parts.cacheWrite += more.cacheWrite;
  parts.cachedText += more.cachedText;
  parts.cachedAudio += more.cachedAudio;
  parts.cachedImage += more.cachedImage;
  parts.outputText += more.outputText;
  parts.outputAudio += more.outputAudio;
  parts.outputImage += more.outputImage;
}

function runs({ from = HISTORY_START, to }: Workload, day: Day): boolean {
  return day >= HISTORY_START && day >= from && (to === undefined || day < to);
}

function courseOf(workload: Workload, day: Day): Course {
  let ofDay = courses.get(day);
  if (ofDay === undefined) {
    if (courses.size >= MOST_DAYS_KEPT) courses.clear();
    ofDay = new Map();
    courses.set(day, ofDay);
  }
  let course = ofDay.get(workload.name);
  if (course === undefined) {
    course = compute(workload, day);
    ofDay.set(workload.name, course);
  }
  return course;
}

function compute({ name, rhythm, peak, requests, parts, hours }: Workload, day: Day): Course {
  const draw = dice(name, day);
  const made = Math.round((requests * volume({ name, rhythm, peak }, day)) / 1_000_000);
  const before = [0];
  for (const [hour, weight] of WEIGHTS[hours].entries()) {
    // Up to a tenth off or on, so that no two days go alike.
    before.push((before[hour] ?? 0) + weight * (90 + draw(21)));
  }
  const drawn: [Part, number][] = [];
  for (const part of PARTS) {
    const each = parts[part];
    if (each === undefined) continue;
    drawn.push([part, Math.round((made * each * (9_400 + draw(1_201))) / 1_000_000)]);
  }
  return { requests: made, parts: drawn, before };
}

const PARTS: readonly Part[] = [
  "units",
  "uncachedText",
  "uncachedAudio",
  "uncachedImage",
  "cacheWrite",
  "cachedText",
  "cachedAudio",
  "cachedImage",
  "outputText",
  "outputAudio",
  "outputImage",
];

function requestsBy({ requests, before }: Course, second: number): number {
  if (second >= DAY_SECONDS) return requests;
  const hour = Math.floor(second / 3_600);
  const [start = 0, end = 0, all = 1] = [before[hour], before[hour + 1], before[24]];
  return share(requests, start * 3_600 + (end - start) * (second % 3_600), all * 3_600);
}

function share(total: number, part: number, whole: number): number {
  return Math.floor((total * part) / whole);
}
