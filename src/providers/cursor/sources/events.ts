import * as z from "zod";
import { DAY, type Instant } from "../../../usage/period.ts";
import { text } from "../../fields.ts";
import type { Entry, Page, Question } from "../../provider.ts";
import { body, EVENTS, hasNext, instant, items, LONGEST_DAYS, totalEvents } from "../wire.ts";
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
  /** Events per page: another size in the same window would shift the pages. */
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

/** The most a page may hold. */
const LARGEST = 1000;
/** Cursor refuses 30 days and a millisecond; windows of 30 days less one millisecond are surely taken. */
const LONGEST = LONGEST_DAYS * DAY - 1;

/**
 * POST /teams/filtered-usage-events: an event a model request, newest first. The newest window is read first, so that the
 * whole is newest first, too. Nothing after `now` is asked for: what happens meanwhile would push events from page to page.
 */
export const events: Source<Position> = {
  first(question: Question) {
    refuseNumbers(question);
    const { period, now, wanted = LARGEST } = question;
    const size = Math.min(Math.max(wanted, 1), LARGEST);
    return window(period.start, Math.min(period.end - 1, now), { size });
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
    if (email && sent.length === 0 && at.page === 1 && !at.whole && !at.spelling)
      return { entries: [], next: { ...at, size: LARGEST, whole: true } };
    const total = totalEvents(answer);
    const found = identify(sent, at.given, total);
    const mapper = new EventMapper(question, directory);
    const summed = isSummed(question);
    const theirs = (event: Timed) => !at.whole || !email || isOf(event, email);
    const entries = found.events.flatMap((event, index): Entry[] => {
      if (!theirs(event)) return [];
      return [{ item: event.item, rows: [mapper.map(summed ? UNSEEN : found.id(index), event.item, event.at)] }];
    });
    const spelling = at.spelling ?? (at.whole ? text(found.events.find(theirs)?.item["userEmail"]) : email);
    const known = spelling === undefined ? {} : { spelling };
    const following = hasNext(answer, at.page, sent.length === 0)
      ? { ...at, ...known, page: at.page + 1, ...(found.given ? { given: found.given } : {}) }
      : window(question.period.start, at.start - 1, { size: at.size, ...known });
    const warnings = mapper.warnings(moved(at, total));
    return { entries, ...(following ? { next: following } : {}), ...(warnings.length > 0 ? { warnings } : {}) };
  },
};

function window(start: Instant, last: Instant, kept: Pick<Position, "size" | "spelling">): Position | undefined {
  return start > last
    ? undefined
    : { source: "events", start: Math.max(start, last - LONGEST), last, page: 1, ...kept };
}

function moved({ given }: Position, total: number | undefined): string[] {
  if (given?.total === undefined || total === undefined || total === given.total) return [];
  return [
    total > given.total
      ? "Cursor received more events of this period while it was read; some of them may be missing here. Ask again for all."
      : "Cursor took events of this period back while it was read; some others may be missing here. Ask again for all.",
  ];
}

/** The id of events that are only summed: a digest for each of a million would cost as much as all else. */
const UNSEEN = "cursor:event";

/** Whether no event is seen by itself. */
function isSummed({ report, groupBy, granularity }: Question): boolean {
  return report !== "usage" || groupBy !== undefined || granularity !== undefined;
}
