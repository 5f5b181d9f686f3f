import * as z from "zod";
import { badParameter } from "../../../errors.ts";
import { DAY, isoDay, startOfDay, wholeDays } from "../../../usage/period.ts";
import type { VendorAnswer } from "../../../vendor-http/connection.ts";
import type { Adapter, Page, Question } from "../../provider.ts";
import { readPeriod } from "../dates.ts";
import { mapDay } from "./map.ts";
import { support } from "./support.ts";
import { connect, readLists, USAGE, USE_ADMIN_KEY } from "./wire.ts";

/** Data of the last days is known to come in late at OpenAI. */
const LATE_DAYS = 3;

/** One day is one page. */
const positionSchema = z.object({ day: z.iso.date() });
type Position = z.infer<typeof positionSchema>;

/** Usage as an ordinary API key sees it: one call a day. It has no costs. */
export const legacy: Adapter<Position> = {
  support,
  connect,
  readPeriod,
  cover: wholeDays,
  reserved: { date: "use the parameter date", user_public_id: "use the parameter user_id" },

  does: (question: Question) => (publicUser(question) === undefined ? {} : { filters: ["user_ids"] }),

  first({ filters, period, now }: Question): Position | undefined {
    const users = filters.user_ids ?? [];
    if (users.length > 1 && users.some(isPublicId))
      throw badParameter(
        "user_ids",
        "the old usage endpoint knows people by one id (user-...) or by e-mails; give either.",
      );
    return period.start > now ? undefined : { day: isoDay(period.start) };
  },

  request(question: Question, position: Position) {
    const { day } = positionSchema.parse(position);
    const user = publicUser(question);
    return {
      method: "GET",
      path: USAGE,
      query: [
        ["date", day],
        ...(user === undefined ? [] : [["user_public_id", user] as const]),
        ...question.remoteQuery,
      ],
    };
  },

  read({ period, now }: Question, position: Position, answers): Page<Position> {
    const { day } = positionSchema.parse(position);
    const start = Date.parse(day);
    const entries = mapDay(answers.flatMap(readLists), start);
    const following = start + DAY;
    const last = Math.min(period.end, startOfDay(now) + DAY);
    return {
      entries,
      ...(following < last ? { next: { day: isoDay(following) } } : {}),
      ...(entries.length === 0
        ? {
            warnings: [
              `OpenAI's old usage endpoint gave nothing for some of these days, which is no proof that nothing was used: it is known to answer so for organizations with use. ${USE_ADMIN_KEY}`,
            ],
          }
        : {}),
    };
  },

  settles({ remoteQuery }: Question, position: Position, answers) {
    if (remoteQuery.length > 0 || answers.every(isEmpty)) return undefined;
    return Date.parse(positionSchema.parse(position).day) + (1 + LATE_DAYS) * DAY;
  },
};

/** Nothing is no proof that nothing was used: it may be something the next time. */
function isEmpty(answer: VendorAnswer): boolean {
  return readLists(answer).every(({ items }) => items.length === 0);
}

/** OpenAI filters by one user's id, which its rows do not show; e-mails are matched on the rows. */
function publicUser({ filters }: Question): string | undefined {
  return filters.user_ids?.find(isPublicId);
}

function isPublicId(user: string): boolean {
  return user.startsWith("user-");
}
