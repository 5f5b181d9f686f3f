import * as z from "zod";
import { DAY, type Instant, type Period, startOfMonth } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { text } from "../../fields.ts";
import type { Entry, Page, Question } from "../../provider.ts";
import { cutAt, lastAsked, RESTATED } from "../dates.ts";
import { body, EVENTS, hasNext, instant, items, totalEvents } from "../wire.ts";
import { givenSchema, identify, type Timed } from "./event-ids.ts";
import { isOf, nativePerson, refuseNumbers } from "./event-people.ts";
import { EventMapper } from "./event-rows.ts";
import type { Source } from "./source.ts";

/** A window of milliseconds `[start, last]`, both included as Cursor includes both, and the page in it, from 1. */
export const eventsPosition = z.object({
  source: z.literal("events"),
  start: z.number(),
  last: z.number(),
  page: z.number(),
  /** Events per page. */
  size: z.number(),
  given: givenSchema.optional(),
  /** The e-mail asked for in Cursor's spelling, once events under it were found. */
  spelling: z.string().optional(),
  /**
   * The window is read whole and the person matched here. Whether Cursor tells capitals from small letters is not
   * documented, so an e-mail is looked for in this way where nothing is found under it as it was asked for.
   */
  whole: z.literal(true).optional(),
});
type Position = z.infer<typeof eventsPosition>;

/**
 * The most a page may hold, and always that, however few rows are wanted: Cursor counts calls, not events, another size would
 * be other pages, and what one question leaves of a page the next one finds kept.
 */
const LARGEST = 1000;
/** The day of the month that the second of its two windows begins with. */
const MIDDLE = 16;

/**
 * POST /teams/filtered-usage-events: an event a model request, newest first. The newest window is read first, so that the
 * whole is newest first, too.
 */
export const events: Source<Position> = {
  first(question: Question) {
    refuseNumbers(question);
    const { period, now } = question;
    return window(period.start, lastAsked(period, now), { size: LARGEST });
  },

  request(question: Question, { start, last, page, size, whole, spelling }: Position) {
    const person = whole ? undefined : nativePerson(question);
    const named = person?.email && spelling ? { email: spelling } : person;
    const own = { startDate: start, endDate: last, ...named, page, pageSize: size };
    return { method: "POST", path: EVENTS, body: body(own, question.remoteQuery) };
  },

  read(question: Question, at: Position, answer, directory): Page<Position> {
    const sent = items(answer, "usageEvents").map(
      (item): Timed => ({ item, at: instant(item["timestamp"], "usageEvents[].timestamp") }),
    );
    const email = nativePerson(question)?.email;
    const { period, now } = question;
    const isLast = at.last === lastAsked(period, now);
    const age = isLast ? cutAt(period, now) : {};
    if (email && sent.length === 0 && at.page === 1 && !at.whole && !at.spelling)
      return { entries: [], ...age, next: { ...at, whole: true } };
    const total = totalEvents(answer);
    const found = identify(sent, at.given, total);
    const mapper = new EventMapper(question, directory);
    const summed = isSummed(question);
    const theirs = (event: Timed) => !at.whole || !email || isOf(event, email);
    const entries = question.sumsOnly
      ? [{ item: undefined, rows: mapped(found.events.filter(theirs), mapper) }]
      : found.events.flatMap((event, index): Entry[] => {
          if (!theirs(event)) return [];
          return [{ item: event.item, rows: [mapper.map(summed ? UNSEEN : found.id(index), event.item, event.at)] }];
        });
    const spelling = at.spelling ?? (at.whole ? text(found.events.find(theirs)?.item["userEmail"]) : email);
    const known = spelling === undefined ? {} : { spelling };
    const following = hasNext(answer, at.page, sent.length === 0)
      ? { ...at, ...known, page: at.page + 1, ...(found.given ? { given: found.given } : {}) }
      : window(period.start, at.start - 1, { size: at.size, ...known });
    const changes = moved(at, total, found.isShifted);
    const warnings = mapper.warnings(changes);
    return {
      entries,
      ...age,
      ...(following ? { next: following } : {}),
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(changes.length > 0 ? { moved: true } : {}),
    };
  },

  parts(question: Question): Period[] | undefined {
    const { report, period, now } = question;
    // What is found in one window of a person's spelling, and what comes after the events, passes from window to window.
    if (report === "summary" || nativePerson(question)) return undefined;
    const parts: Period[] = [];
    let end = period.end;
    for (let at = window(period.start, lastAsked(period, now), { size: LARGEST }); at; ) {
      // A window that has just begun is cut otherwise when it is asked for by itself.
      if (at.start === at.last && parts.length === 0) return undefined;
      parts.push({ start: at.start, end });
      end = at.start;
      at = window(period.start, at.start - 1, { size: LARGEST });
    }
    return parts.length > 0 ? parts : undefined;
  },

  settles: (_question, { last }) => last + 1 + RESTATED,
};

/**
 * The newest window of a range: half a month of the calendar, so that questions of other ranges ask the same of the months that
 * they share, and what is over is kept apart from what still changes. (Cursor takes 30 days at the most.)
 */
function window(start: Instant, last: Instant, kept: Pick<Position, "size" | "spelling">): Position | undefined {
  if (start > last) return undefined;
  const [month, middle] = [startOfMonth(last), startOfMonth(last) + (MIDDLE - 1) * DAY];
  return { source: "events", start: Math.max(start, last < middle ? month : middle), last, page: 1, ...kept };
}

/** What is to be said where events came to the window, or left it, since the page before. */
function moved({ given }: Position, total: number | undefined, isShifted: boolean): string[] {
  const [before, now] = [given?.total, total];
  if (before !== undefined && now !== undefined && now > before)
    return [
      "Cursor received more events of this period while it was read; some of them may be missing here. Ask again for all.",
    ];
  if (before !== undefined && now !== undefined && now < before)
    return [
      "Cursor took events of this period back while it was read; some others may be missing here. Ask again for all.",
    ];
  return isShifted
    ? ["Cursor sent events again that were on the page before; some others may be missing here. Ask again for all."]
    : [];
}

/** A page's rows where no item is looked at by itself. */
function mapped(found: readonly Timed[], mapper: EventMapper): Usage[] {
  return found.map(({ item, at }) => mapper.map(UNSEEN, item, at));
}

/** The id of events that are only summed: a digest for each of a million would cost as much as all else. */
const UNSEEN = "cursor:event";

/** Whether no event is seen by itself. */
function isSummed({ report, groupBy, granularity, sumsOnly }: Question): boolean {
  return sumsOnly || report !== "usage" || groupBy !== undefined || granularity !== undefined;
}
