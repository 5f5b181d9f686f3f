/** The organization day by day: how many people were active, in all and by product, how many seats there are. */
import * as z from "zod";
import { DAY, type Instant, isoDay } from "../../../usage/period.ts";
import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import type { Done, Page, Question, VendorRefusal } from "../../provider.ts";
import { FIRST_DAY, refuseBefore, WINDOW_DAYS } from "../dates.ts";
import { pieceEnd } from "../positions.ts";
import { activitySettles } from "../settled.ts";
import { narrowedBy, type Pair, readEnvelope, withRemote } from "../wire.ts";
import { MOST_BACK, meansTooRecent, namedBefore, tooRecent, wantsLatest, yesterday } from "./published.ts";
import { summaryEntry } from "./summary-map.ts";
import { SUMMARIES } from "./wire.ts";

/** Days `[start, end)`. `back`: how often its end had to be moved back, since the last days are not published yet. */
const positionSchema = z.object({
  start: z.string(),
  end: z.string(),
  page: z.string().optional(),
  back: z.number().optional(),
});
export type SummaryPosition = z.infer<typeof positionSchema>;

/** Its counters are of distinct people, who can't be added: rows stay one a day, product and counter, whatever they are grouped by. */
export function does(_: Question): Done {
  return { groupBy: true };
}

export function first(question: Question): SummaryPosition | undefined {
  refuseBefore(FIRST_DAY, question.period.start, question.dates);
  return position(question, question.period.start);
}

function position({ period, now }: Question, start: Instant): SummaryPosition | undefined {
  const known = { start: period.start, end: Math.min(period.end, yesterday(now) + DAY) };
  if (start >= known.end) return undefined;
  return { start: isoDay(start), end: isoDay(pieceEnd(known, start, WINDOW_DAYS)) };
}

export function request({ remoteQuery }: Question, at: SummaryPosition): VendorRequest {
  const { start, end, page } = positionSchema.parse(at);
  const own: Pair[] = [
    ["starting_date", start],
    ["ending_date", end],
    ...(page === undefined ? [] : [["page", page] as const]),
  ];
  return { method: "GET", path: SUMMARIES, query: withRemote(own, remoteQuery) };
}

export function read(
  question: Question,
  position_: SummaryPosition,
  answers: readonly VendorAnswer[],
): Page<SummaryPosition> {
  const at = positionSchema.parse(position_);
  const [answer] = answers;
  if (!answer) return { entries: [] };
  const { items, next } = readEnvelope(answer, "summary");
  const narrowed = narrowedBy(answer, []);
  const end = Date.parse(at.end);
  const following =
    next === undefined ? (at.back === undefined ? position(question, end) : undefined) : { ...at, page: next };
  const ahead = following === undefined && question.period.end > yesterday(question.now) + DAY && at.back === undefined;
  return {
    entries: items.map((item) => summaryEntry(item, narrowed)),
    ...(following ? { next: following } : {}),
    ...(ahead ? { warnings: [tooRecent(undefined, yesterday(question.now) + DAY)] } : {}),
    ...(wantsLatest(question) ? { covered: { start: Date.parse(at.start), end } } : {}),
  };
}

export function settles(question: Question, at: SummaryPosition): Instant | undefined {
  return activitySettles(question, Date.parse(positionSchema.parse(at).end));
}

/** The last days asked for are not published yet: what lies before them is asked for instead. */
export function refused(
  question: Question,
  at: SummaryPosition,
  refusal: VendorRefusal,
): Page<SummaryPosition> | undefined {
  const { start, end, page, back = 0 } = positionSchema.parse(at);
  const last = Date.parse(end) - DAY;
  const latest = wantsLatest(question);
  if (page !== undefined || back >= MOST_BACK || !meansTooRecent(refusal, last, question.now)) return undefined;
  const named = namedBefore(refusal.words, last);
  const before = named ?? last - DAY;
  const begin = latest ? before : Date.parse(start);
  const warnings = latest ? {} : { warnings: [tooRecent(named, before + DAY, refusal.words)] };
  if (before < begin) return { entries: [], ...warnings };
  return { entries: [], next: { start: isoDay(begin), end: isoDay(before + DAY), back: back + 1 }, ...warnings };
}
