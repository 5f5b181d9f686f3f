import * as z from "zod";
import { ZERO } from "../../../usage/money.ts";
import { type Instant, iso } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { amount, count, type Json, object, optionalText, requiredAmount, requiredText } from "../../fields.ts";
import type { Directory, Page, Question } from "../../provider.ts";
import { cutAt, lastAsked } from "../dates.ts";
import { PRODUCT, personOf } from "../map.ts";
import { COMMITS, items } from "../wire.ts";
import { beforeSchema, changed, isRepeated, pageOf } from "./page-before.ts";
import type { Source } from "./source.ts";

/** The page of commits, from 1. */
export const commitsPosition = z.object({
  source: z.literal("commits"),
  page: z.number(),
  /** Commits of all are read and the person matched here: nothing was found under the e-mail as it was asked for. */
  whole: z.literal(true).optional(),
  before: beforeSchema.optional(),
});
type Position = z.infer<typeof commitsPosition>;

/** The most a page may hold. */
const LARGEST = 1000;

/**
 * GET /analytics/ai-code/commits: a row a commit, with how much of it AI wrote. No longest range. Enterprise teams only. When
 * the commits of a day are all known is nowhere said (a branch is pushed when it is pushed), so none of them is final; Cursor
 * is asked by ETag whether something has changed.
 */
export const commits: Source<Position> = {
  first({ period, now }: Question) {
    return period.start > now ? undefined : { source: "commits", page: 1 };
  },

  request(question: Question, { page, whole }: Position) {
    const { period, now, remoteQuery } = question;
    const user = whole ? undefined : nativeUser(question);
    const query = [
      ["startDate", new Date(period.start).toISOString()],
      ["endDate", new Date(lastAsked(period, now)).toISOString()],
      ...(user ? [["user", user] as const] : []),
      ["page", String(page)],
      ["pageSize", String(LARGEST)],
      ...remoteQuery,
    ] as const;
    return { method: "GET", path: COMMITS, query };
  },

  read(question: Question, at: Position, answer, directory): Page<Position> {
    const envelope = object(answer.body, "Cursor", "the answer");
    const found = items(answer, "items");
    const total = requiredAmount(envelope["totalCount"], "Cursor", "totalCount").toNumber();
    const user = nativeUser(question);
    if (user?.includes("@") && found.length === 0 && !at.whole) return { entries: [], next: { ...at, whole: true } };
    const held = pageOf(found.map(commitKey), total);
    const once = isRepeated(at.before, held) ? [] : found;
    const theirs = at.whole ? once.filter((item) => isSame(own(item, "userEmail"), user)) : once;
    // The answer's own page size counts: a smaller one than asked for would otherwise end the reading early.
    const size = count(envelope["pageSize"], "Cursor", "pageSize") ?? LARGEST;
    return {
      entries: theirs.map((item) => ({ item, rows: [mapCommit(item, directory)] })),
      ...cutAt(question.period, question.now),
      ...changed(at.before, held, "commits"),
      ...(at.page * size < total && found.length > 0 ? { next: { ...at, page: at.page + 1, before: held } } : {}),
    };
  },
};

/** The person that Cursor itself can filter by: it takes one e-mail, id or number. */
export function nativeUser({ filters: { user_ids = [] } }: Question): string | undefined {
  const [first = "", second] = user_ids;
  return second === undefined && /@|^user_|^\d+$/.test(first) ? first : undefined;
}

function isSame(sent: string | undefined, asked: string | undefined): boolean {
  return sent?.toLowerCase() === asked?.toLowerCase();
}

/** A text that the commit is identified or filtered by. */
function own(item: Json, name: string): string | undefined {
  return optionalText(item[name], "Cursor", `items[].${name}`);
}

/** A hash may come more than once: of several people, on several branches. */
function commitKey(item: Json): string {
  const hash = requiredText(item["commitHash"], "Cursor", "items[].commitHash");
  const branch = own(item, "branchName");
  const whose = own(item, "userId") ?? own(item, "userEmail")?.toLowerCase() ?? "unknown";
  return [hash, whose, ...(branch ? [branch] : [])].join(":");
}

function mapCommit(item: Json, directory: Directory): Usage {
  const at = commitInstant(item);
  const [repo, surface] = [own(item, "repoName"), own(item, "commitSource")];
  const user = personOf({ id: own(item, "userId"), email: own(item, "userEmail") }, directory);
  return {
    id: `cursor:commit:${commitKey(item)}`,
    start_date: at,
    end_date: at,
    metric_name: "ai_commits",
    product: PRODUCT,
    ...(surface ? { surface: surface.toLowerCase() } : {}),
    ...(repo ? { resources: [{ id: repo, name: repo }] } : {}),
    ...(user ? { user } : {}),
    usage: { code: codeOf(item) },
    remote_data: item,
  };
}

/** A commit without a time of its own stands where Cursor received it. */
function commitInstant(item: Json): string {
  const field = own(item, "commitTs") === undefined ? "createdAt" : "commitTs";
  const at = instantOf(own(item, field));
  return at === undefined ? requiredText(undefined, "Cursor", `items[].${field}`) : iso(at);
}

function instantOf(sent: string | undefined): Instant | undefined {
  const at = Date.parse(sent ?? "");
  return Number.isNaN(at) ? undefined : at;
}

/** What was accepted from AI is what Tab and the agent (composer) wrote of a commit; without one of the two it is not known. */
function codeOf(item: Json): NonNullable<NonNullable<Usage["usage"]>["code"]> {
  const sum = (...fields: string[]) => {
    const found = fields.flatMap((field) => amount(item[field], "Cursor", `items[].${field}`) ?? []);
    return found.length < fields.length ? undefined : found.reduce((all, value) => all.plus(value), ZERO).toNumber();
  };
  const lines = {
    lines_added: sum("totalLinesAdded"),
    lines_removed: sum("totalLinesDeleted"),
    lines_accepted_added: sum("tabLinesAdded", "composerLinesAdded"),
    lines_accepted_removed: sum("tabLinesDeleted", "composerLinesDeleted"),
  };
  const known = Object.entries(lines).filter(([, value]) => value !== undefined);
  return { commits: 1, ...Object.fromEntries(known) };
}
