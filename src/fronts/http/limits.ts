import { createMiddleware } from "hono/factory";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Account } from "../../accounts/account.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Limits } from "./limits-config.ts";
import type { Metrics } from "./metrics.ts";
import { refusal } from "./refusal.ts";
import type { HttpEnv } from "./request.ts";

const REST = "/unified/";
const WINDOW_SECONDS = 10;
/** Wrong tokens from one address in a window; more are told to wait. */
const WRONG_TOKENS = 50;

/** What is left of a share: `ratelimit-*` headers say it on every answer. */
interface Share {
  limit: number;
  remaining: number;
  /** Seconds until the whole share is there again. */
  reset: number;
  isSpent: boolean;
}

/**
 * Refuses what is more than one caller's share: requests in ten seconds, over all and to one account, and calls at a time.
 * Each copy counts for itself.
 */
export function limited(limits: Limits, metrics: Metrics) {
  const ofCaller = shares(limits.requestsPerToken);
  const ofAccount = shares(limits.requestsPerAccount);
  const running = new Map<string, number>();
  return createMiddleware<HttpEnv>(async (c, next) => {
    const { name, engine } = c.get("caller");
    const taken = [await ofCaller(name)];
    const account = c.req.path.startsWith(REST) ? accountOf(engine, c.req.queries()) : undefined;
    if (account) taken.push(await ofAccount(JSON.stringify([name, account.id])));
    const tightest = taken.reduce((one, other) => (isTighter(other, one) ? other : one));
    // On the response itself, so that answers of every kind carry them: streams, errors, raw ones.
    const { outgoing } = c.env;
    outgoing.setHeader("ratelimit-limit", tightest.limit);
    outgoing.setHeader("ratelimit-remaining", tightest.remaining);
    outgoing.setHeader("ratelimit-reset", tightest.reset);
    if (tightest.isSpent) {
      metrics.refused("rate");
      const whose = account && tightest === taken[1] ? `for account ${account.id} ` : "";
      return refusal(
        c,
        429,
        `There were more than ${tightest.limit} requests ${whose}in ${WINDOW_SECONDS} s. Try again in ${tightest.reset} s.`,
        { "retry-after": String(tightest.reset) },
      );
    }
    const calls = running.get(name) ?? 0;
    if (calls >= limits.concurrentCalls) {
      metrics.refused("concurrency");
      return refusal(
        c,
        429,
        `${calls} requests of this token are being answered, the most at a time. Try again when one of them is done.`,
        { "retry-after": "1" },
      );
    }
    // Who went away while their token was looked at will not be heard of again.
    if (outgoing.destroyed) return next();
    running.set(name, calls + 1);
    // A stream holds its place until it ends; a client that goes away gives it back.
    outgoing.once("close", () => {
      const left = (running.get(name) ?? 1) - 1;
      if (left > 0) running.set(name, left);
      else running.delete(name);
    });
    return next();
  });
}

/**
 * Counts wrong tokens by the address they come from. Right ones always pass, since behind a proxy everybody has the same
 * address: whoever guesses there must not shut the others out.
 * @returns seconds to wait, for an address that gave too many
 */
export function wrongTokens(): (address: string) => Promise<number | undefined> {
  const take = shares(WRONG_TOKENS);
  return async (address) => {
    const share = await take(address);
    return share.isSpent ? share.reset : undefined;
  };
}

/** The account that a REST request asks of, in whichever brackets; one that there isn't has no share to count. */
function accountOf({ accounts }: Engine, query: Record<string, string[]>): Account | undefined {
  const given = Object.entries(query).filter(([name]) => /^integrated_account_id(?:\[|$)/.test(name));
  const id = given.flatMap(([, ids]) => ids).find((one) => one !== "");
  if (id === undefined) return accounts.length === 1 ? accounts[0] : undefined;
  return accounts.find((account) => account.id === id);
}

function shares(limit: number): (key: string) => Promise<Share> {
  const limiter = new RateLimiterMemory({ points: limit, duration: WINDOW_SECONDS });
  return async (key) => {
    const taken = await limiter.consume(key).catch((refused: unknown) => {
      if (refused instanceof RateLimiterRes) return refused;
      throw refused;
    });
    return {
      limit,
      remaining: Math.max(0, taken.remainingPoints),
      reset: Math.max(1, Math.ceil(taken.msBeforeNext / 1000)),
      isSpent: taken.consumedPoints > limit,
    };
  };
}

function isTighter(one: Share, other: Share): boolean {
  if (one.isSpent !== other.isSpent) return one.isSpent;
  if (one.remaining !== other.remaining) return one.remaining < other.remaining;
  return one.reset > other.reset;
}
