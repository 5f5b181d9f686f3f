import * as z from "zod";
import { iso } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { amount, count, type Json, object, requiredAmount, requiredText, text } from "../../fields.ts";
import type { Directory, Page, Question } from "../../provider.ts";
import { PRODUCT, personOf } from "../map.ts";
import { COMMITS, items } from "../wire.ts";
import type { Source } from "./source.ts";

/** The page of commits, from 1. */
export const commitsPosition = z.object({
  source: z.literal("commits"),
  page: z.number(),
  /** Commits of all are read and the person matched here: nothing was found under the e-mail as it was asked for. */
  whole: z.literal(true).optional(),
});
type Position = z.infer<typeof commitsPosition>;

/** The most a page may hold. */
const LARGEST = 1000;

/** GET /analytics/ai-code/commits: a row a commit, with how much of it AI wrote. No longest range. Enterprise teams only. */
export const commits: Source<Position> = {
  first({ period, now }: Question) {
    return period.start > now ? undefined : { source: "commits", page: 1 };
  },

  request(question: Question, { page, whole }: Position) {
    const { period, now, remoteQuery } = question;
    const user = whole ? undefined : nativeUser(question);
    const query = [
      ["startDate", new Date(period.start).toISOString()],
      ["endDate", new Date(Math.min(period.end - 1, now)).toISOString()],
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
    const theirs = at.whole ? found.filter((item) => isSame(item["userEmail"], user)) : found;
    // The answer's own page size counts: a smaller one than asked for would otherwise end the reading early.
    const size = count(envelope["pageSize"], "Cursor", "pageSize") ?? LARGEST;
    return {
      entries: theirs.map((item) => ({ item, rows: [mapCommit(item, directory)] })),
      ...(at.page * size < total && found.length > 0 ? { next: { ...at, page: at.page + 1 } } : {}),
    };
  },
};

/** The person that Cursor itself can filter by: it takes one e-mail, id or number. */
export function nativeUser({ filters: { user_ids = [] } }: Question): string | undefined {
  const [first = "", second] = user_ids;
  return second === undefined && /@|^user_|^\d+$/.test(first) ? first : undefined;
}

function isSame(sent: unknown, asked: string | undefined): boolean {
  return text(sent)?.toLowerCase() === asked?.toLowerCase();
}

function mapCommit(item: Json, directory: Directory): Usage {
  const at = commitInstant(item);
  const hash = requiredText(item["commitHash"], "Cursor", "items[].commitHash");
  const [repo, branch, surface] = [text(item["repoName"]), text(item["branchName"]), text(item["commitSource"])];
  const user = personOf({ id: item["userId"], email: item["userEmail"] }, directory);
  return {
    id: [
      "cursor:commit",
      hash,
      text(item["userId"]) ?? text(item["userEmail"])?.toLowerCase() ?? "unknown",
      ...(branch ? [branch] : []),
    ].join(":"),
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
  const sent = text(item["commitTs"]) ?? requiredText(item["createdAt"], "Cursor", "items[].createdAt");
  const at = Date.parse(sent);
  return Number.isNaN(at) ? requiredText(undefined, "Cursor", "items[].commitTs") : iso(at);
}

/** What was accepted from AI is what Tab and the agent (composer) wrote of a commit. */
function codeOf(item: Json): NonNullable<NonNullable<Usage["usage"]>["code"]> {
  const sum = (...fields: string[]) => {
    const found = fields
      .map((field) => amount(item[field], "Cursor", `items[].${field}`))
      .filter((value) => value !== undefined);
    const [first, ...others] = found;
    return first && others.reduce((total, value) => total.plus(value), first).toNumber();
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
