/** Claude Code by person, day by day: the endpoint knows no ranges, no filters and no groups. */
import { badParameter } from "../../../errors.ts";
import { listed } from "../../../suggest.ts";
import { type Instant, startOfDay } from "../../../usage/period.ts";
import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import type { Page, Question } from "../../provider.ts";
import { type DayPosition, dayBounds, daySchema, firstDay, nextDay } from "../positions.ts";
import { activitySettles } from "../settled.ts";
import { MOST_ROWS, type Pair, readEnvelope, withRemote } from "../wire.ts";
import { claudeCodeEntry } from "./claude-code-map.ts";
import { CLAUDE_CODE } from "./wire.ts";

/** An item is several rows, and rows may be summed: the largest page is the cheapest. */
export function first(question: Question): DayPosition | undefined {
  const others = question.filters.user_ids?.filter((id) => !id.includes("@")) ?? [];
  if (others.length > 0) {
    throw badParameter(
      "user_ids",
      `Claude Code's activity names people by e-mail only, so it can't be looked through for ${listed(others, 3)}.`,
    );
  }
  return firstDay(question, MOST_ROWS, startOfDay(question.now));
}

export function request({ remoteQuery }: Question, position: DayPosition): VendorRequest {
  const at = daySchema.parse(position);
  const own: Pair[] = [
    ["starting_at", at.day],
    ["limit", String(at.limit)],
    ...(at.page === undefined ? [] : [["page", at.page] as const]),
  ];
  return { method: "GET", path: CLAUDE_CODE, query: withRemote(own, remoteQuery) };
}

export function read(question: Question, position: DayPosition, answers: readonly VendorAnswer[]): Page<DayPosition> {
  const at = daySchema.parse(position);
  const [answer] = answers;
  if (!answer) return { entries: [] };
  const { items, next } = readEnvelope(answer, "claude_code");
  return {
    entries: items.map((item) => claudeCodeEntry(item, at.day)),
    ...nextDay(question, at, next, startOfDay(question.now)),
  };
}

export function settles(question: Question, position: DayPosition): Instant | undefined {
  return activitySettles(question, dayBounds(daySchema.parse(position).day).end);
}
