import * as z from "zod";
import type { Vendors } from "./ask.ts";
import { cents, type Days, type Line } from "./lines.ts";
import type { Tokens } from "./tokens.ts";

const DAY = 86_400_000;
const LONGEST = 30 * DAY;

const event = z.looseObject({
  timestamp: z.string(),
  userEmail: z.string().optional(),
  serviceAccountId: z.string().optional(),
  model: z.string(),
  kind: z.string(),
  chargedCents: z.number(),
  tokenUsage: z
    .looseObject({
      inputTokens: z.number(),
      outputTokens: z.number(),
      cacheWriteTokens: z.number().optional(),
      cacheReadTokens: z.number(),
      totalCents: z.number(),
      discountPercentOff: z.number().optional(),
    })
    .optional(),
  cursorTokenFee: z.number().optional(),
});
const eventPage = z.looseObject({
  usageEvents: z.array(event),
  pagination: z.looseObject({ hasNextPage: z.boolean() }),
});
export type CursorEvent = z.infer<typeof event> & { day: string; user: string | undefined };

const daily = z.looseObject({
  day: z.string(),
  email: z.string().nullish(),
  isActive: z.boolean(),
  totalAccepts: z.number(),
  totalRejects: z.number(),
  totalTabsShown: z.number(),
  totalTabsAccepted: z.number(),
  acceptedLinesAdded: z.number(),
  totalLinesAdded: z.number(),
});
const dailyPage = z.looseObject({ data: z.array(daily), pagination: z.looseObject({ hasNextPage: z.boolean() }) });
export type CursorDay = z.infer<typeof daily>;

/** Ranges of milliseconds, both ends in it, none longer than thirty days: they share no instant. */
function windows({ start, end }: Days): { startDate: number; endDate: number }[] {
  const found: { startDate: number; endDate: number }[] = [];
  for (let from = Date.parse(start); from < Date.parse(end); from += LONGEST)
    found.push({ startDate: from, endDate: Math.min(from + LONGEST, Date.parse(end)) - 1 });
  return found;
}

async function pages<T extends { pagination: { hasNextPage: boolean } }>(
  vendors: Vendors,
  path: string,
  days: Days,
  read: (answer: unknown) => T,
): Promise<T[]> {
  const key = Buffer.from(`${vendors.credential("cursor", "api_key")}:`).toString("base64");
  const headers = { authorization: `Basic ${key}` };
  const all: T[] = [];
  for (const window of windows(days)) {
    for (let page = 1, more = true; more; page++) {
      const body = { ...window, page, pageSize: 1000 };
      const answer = read(await vendors.ask("cursor", path, { headers, body }));
      all.push(answer);
      more = answer.pagination.hasNextPage;
    }
  }
  return all;
}

async function cursorEvents(vendors: Vendors, days: Days): Promise<CursorEvent[]> {
  const found = await pages(vendors, "/teams/filtered-usage-events", days, (answer) => eventPage.parse(answer));
  return found.flatMap(({ usageEvents }) =>
    usageEvents.map((one) => ({
      ...one,
      day: new Date(Number(one.timestamp)).toISOString().slice(0, 10),
      // A service account's e-mail is a mailbox, not a person.
      user: one.serviceAccountId ?? one.userEmail?.toLowerCase(),
    })),
  );
}

/**
 * A request that the plan includes has a value and is not invoiced. What was taken off the model's price and the token fee
 * are both in `chargedCents` already.
 */
export async function cursorLines(vendors: Vendors, days: Days): Promise<Line[]> {
  return (await cursorEvents(vendors, days)).map(({ day, user, model, kind, chargedCents, ...event }) => {
    const value = cents(chargedCents);
    const isBilled = kind === "Usage-based";
    const { totalCents = 0, discountPercentOff = 0 } = event.tokenUsage ?? {};
    return {
      account: "cursor",
      provider: "cursor",
      day,
      currency: "USD",
      net: isBilled ? value : 0n,
      gross: value,
      parts: {
        ...(isBilled ? { usage_based: value } : kind.startsWith("Included") ? { included: value } : {}),
        discount: (cents(totalCents) * BigInt(discountPercentOff)) / 100n,
        platform_fee: cents(event.cursorTokenFee ?? 0),
      },
      product: "cursor",
      model,
      user,
    };
  });
}

/** A request that failed is none. */
export async function cursorTokens(vendors: Vendors, days: Days): Promise<Tokens[]> {
  return (await cursorEvents(vendors, days)).map(({ day, user, model, kind, tokenUsage }) => ({
    account: "cursor",
    provider: "cursor",
    day,
    user,
    model,
    input: tokenUsage?.inputTokens,
    output: tokenUsage?.outputTokens,
    cacheRead: tokenUsage?.cacheReadTokens,
    cacheWrite: tokenUsage?.cacheWriteTokens,
    requests: kind.startsWith("Errored") ? 0 : 1,
  }));
}

/** Members' days. */
export async function cursorDays(vendors: Vendors, days: Days): Promise<CursorDay[]> {
  const found = await pages(vendors, "/teams/daily-usage-data", days, (answer) => dailyPage.parse(answer));
  return found.flatMap(({ data }) => data).filter(({ isActive }) => isActive);
}
