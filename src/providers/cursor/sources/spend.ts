import * as z from "zod";
import { ZERO } from "../../../usage/money.ts";
import { type Instant, iso } from "../../../usage/period.ts";
import type { Charge, Usage } from "../../../usage/row.ts";
import { amount, count, type Json, object, optionalText, requiredAmount, requiredText } from "../../fields.ts";
import type { Page, Question } from "../../provider.ts";
import { charge, PRODUCT, personOf } from "../map.ts";
import { body, instant, items, SPEND } from "../wire.ts";
import { beforeSchema, changed, isRepeated, pageOf } from "./page-before.ts";
import type { Source } from "./source.ts";

/** The page of members, from 1. */
export const spendPosition = z.object({
  source: z.literal("spend"),
  page: z.number(),
  before: beforeSchema.optional(),
});
type Position = z.infer<typeof spendPosition>;

/** No maximum is documented; clients send up to 500. */
const MEMBERS_PER_PAGE = 500;

/**
 * POST /teams/spend: a row a member, for the current billing cycle only. It takes no dates, so it must never answer for
 * any other period.
 */
export const spend: Source<Position> = {
  first: () => ({ source: "spend", page: 1 }),

  request({ remoteQuery }: Question, { page }: Position) {
    // By name, so that amounts that grow meanwhile move nobody from page to page.
    const own = { sortBy: "user", sortDirection: "asc", page, pageSize: MEMBERS_PER_PAGE };
    return { method: "POST", path: SPEND, body: body(own, remoteQuery) };
  },

  read({ now }: Question, { page, before }: Position, answer, directory): Page<Position> {
    const envelope = object(answer.body, "Cursor", "the answer");
    const start = instant(envelope["subscriptionCycleStart"], "subscriptionCycleStart");
    const members = items(answer, "teamMemberSpend");
    const held = pageOf(members.map(memberKey), count(envelope["totalMembers"], "Cursor", "totalMembers"));
    const entries = (isRepeated(before, held) ? [] : members).map((item) => {
      const user = personOf({ id: own(item, "userId"), email: own(item, "email"), name: item["name"] }, directory);
      return { item, rows: [mapMember(item, user, start, now)] };
    });
    // There is no pagination object here.
    const pages = requiredAmount(envelope["totalPages"], "Cursor", "totalPages").toNumber();
    return {
      entries,
      covered: { start, end: now },
      ...changed(before, held, "members"),
      ...(page < pages && members.length > 0 ? { next: { source: "spend", page: page + 1, before: held } } : {}),
    };
  },
};

/** A text that the member is identified or filtered by. */
function own(item: Json, name: string): string | undefined {
  return optionalText(item[name], "Cursor", `teamMemberSpend[].${name}`);
}

function memberKey(item: Json): string {
  const key = own(item, "userId") ?? own(item, "email")?.toLowerCase();
  return requiredText(key, "Cursor", "teamMemberSpend[].userId");
}

function mapMember(item: Json, user: Usage["user"], cycleStart: Instant, now: Instant): Usage {
  const requests = count(item["fastPremiumRequests"], "Cursor", "teamMemberSpend[].fastPremiumRequests");
  return {
    id: `cursor:spend:${cycleStart}:${memberKey(item)}`,
    start_date: iso(cycleStart),
    end_date: iso(now),
    metric_name: "spend",
    product: PRODUCT,
    ...(user ? { user } : {}),
    charges: chargesOf(item),
    ...(requests === undefined ? {} : { usage: { requests: { usage_based: requests } } }),
    remote_data: { ...item, subscriptionCycleStart: cycleStart },
  };
}

/**
 * `spendCents` is on-demand spend, which is invoiced; the whole is `overallSpendCents`, or in other answers
 * `includedSpendCents` more. Limits beside them are in dollars.
 */
function chargesOf(item: Json): Charge[] {
  const cents = requiredAmount(item["spendCents"], "Cursor", "teamMemberSpend[].spendCents");
  const overall = amount(item["overallSpendCents"], "Cursor", "teamMemberSpend[].overallSpendCents");
  const included =
    overall?.minus(cents) ?? amount(item["includedSpendCents"], "Cursor", "teamMemberSpend[].includedSpendCents");
  const onDemand = cents.fromCents();
  const charges = [charge("net", onDemand), charge("total", included ? cents.plus(included).fromCents() : onDemand)];
  charges.push(charge("usage_based", onDemand));
  if (included && included.compare(ZERO) >= 0) charges.push(charge("included", included.fromCents()));
  return charges;
}
