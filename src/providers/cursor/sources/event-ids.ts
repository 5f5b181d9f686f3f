import { hash } from "node:crypto";
import * as z from "zod";
import type { Instant } from "../../../usage/period.ts";
import { flag, type Json, optionalObject, optionalText } from "../../fields.ts";

/** A usage event and when it was. */
export interface Timed {
  item: Json;
  at: Instant;
}

/**
 * Usage events have no ids, so an id is the digest of what identifies an event and is never restated (costs are). Events
 * that are alike in all of that happen at the same millisecond and stand together in Cursor's order, newest first; they are
 * told apart by an ordinal. A page's end may part them, so the next page must know how often each of the last millisecond
 * was given: kept in the position, that makes ids independent of where pages end.
 */
export const givenSchema = z.object({
  /** The last event's instant. */
  at: z.number(),
  /** Short digests of the events given at that instant, and how many of each. */
  times: z.record(z.string(), z.number()),
  /** How many events Cursor counted in the window then. */
  total: z.number().optional(),
});
export type Given = z.infer<typeof givenSchema>;

const SHORT = 12;

/** The members stand in the order of their names, so that this is their canonical JSON; what is absent is left out. */
function digest({ item, at }: Timed): string {
  const tokens = optionalObject(item["tokenUsage"], "Cursor", "usageEvents[].tokenUsage") ?? NO_TOKENS;
  const text = (name: string) => optionalText(item[name], "Cursor", `usageEvents[].${name}`);
  const number = (name: string) => optionalText(tokens[name], "Cursor", `usageEvents[].tokenUsage.${name}`);
  const account = text("serviceAccountId");
  const stable = {
    cacheReadTokens: number("cacheReadTokens"),
    cacheWriteTokens: number("cacheWriteTokens"),
    cloudAgentId: text("cloudAgentId"),
    conversationId: text("conversationId"),
    inputTokens: number("inputTokens"),
    kind: text("kind"),
    maxMode: flag(item["maxMode"], "Cursor", "usageEvents[].maxMode"),
    model: text("model"),
    outputTokens: number("outputTokens"),
    serviceAccountId: account,
    timestamp: String(at),
    userEmail: account === undefined ? text("userEmail") : undefined,
  };
  return hash("sha256", JSON.stringify(stable), "hex").slice(0, 32);
}

/** Enough of a digest to tell events of one millisecond apart. */
function short(event: Timed): string {
  return digest(event).slice(0, SHORT);
}

const NO_TOKENS: Json = {};

export interface Identified {
  /** The page's events without those that the page before gave. */
  events: readonly Timed[];
  /** The id of the event at an index. */
  id(index: number): string;
  /** The page begins with events that the page before ended with, though there are no more of them: pages moved. */
  isShifted: boolean;
  /** For the next page's position; absent for an empty page that follows none. */
  given: Given | undefined;
}

/**
 * @param sent a page of events
 * @param before what the page before in the same window ended with
 * @param total how many events Cursor counts in the window now
 */
export function identify(sent: readonly Timed[], before: Given | undefined, total: number | undefined): Identified {
  const shifted = before ? shiftedBy(sent, before) : 0;
  const again = shifted || (before ? pushed(sent, before, total) : 0);
  const events = sent.slice(again);
  const perInstant = new Map<Instant, number>();
  for (const { at } of events) perInstant.set(at, (perInstant.get(at) ?? 0) + 1);
  const last = events.at(-1)?.at ?? before?.at;
  const times = new Map(Object.entries(before?.times ?? {}));
  // Of a page that was all given before, the rest may be on the next one: it is compared with the count of then, less these.
  const counted = events.length === 0 && before?.total !== undefined ? before.total + again : total;
  const counts = counted === undefined ? {} : { total: counted };
  const given: Given | undefined = last === undefined ? undefined : { at: last, times: {}, ...counts };
  if (given && before?.at === last) given.times = { ...before?.times };
  // Only events that share their instant can be alike.
  const ordinals = events.map((event) => {
    if (perInstant.get(event.at) === 1 && event.at !== last && event.at !== before?.at) return 1;
    const key = short(event);
    const ordinal = (times.get(key) ?? 0) + 1;
    times.set(key, ordinal);
    if (given && event.at === last) given.times[key] = ordinal;
    return ordinal;
  });
  const id = (index: number): string => {
    const [event, ordinal = 1] = [events[index], ordinals[index]];
    return event ? `cursor:event:${digest(event)}${ordinal > 1 ? `#${ordinal}` : ""}` : "";
  };
  return { events, id, isShifted: shifted > 0, given };
}

/**
 * How many events at the beginning of a page were given on the page before, where that shows in the events themselves: some are
 * later than the last one given, and that one follows them. A page that is sent twice is such a page.
 */
function shiftedBy(events: readonly Timed[], before: Given): number {
  let again = events.findIndex(({ at }) => at <= before.at);
  if (again < 1) return 0;
  const left = { ...before.times };
  const later = again;
  for (let event = events[again]; event?.at === before.at; event = events[again]) {
    const key = short(event);
    if (!left[key]) break;
    left[key]--;
    again++;
  }
  return again > later ? again : 0;
}

/**
 * How many they may be otherwise: events that arrive late push others from page to page. At most as many as there are more
 * events now than then, so nothing is passed over while the data stands still.
 */
function pushed(events: readonly Timed[], before: Given, total: number | undefined): number {
  if (before.total === undefined || total === undefined) return 0;
  const newestFirst = (events[0]?.at ?? 0) >= (events.at(-1)?.at ?? 0);
  const wasGiven = (event: Timed) =>
    event.at > before.at || (event.at === before.at && before.times[short(event)] !== undefined);
  let found = 0;
  for (const event of newestFirst ? events.slice(0, Math.max(0, total - before.total)) : []) {
    if (!wasGiven(event)) break;
    found++;
  }
  return found;
}
