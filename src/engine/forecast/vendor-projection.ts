import type { Account } from "../../accounts/account.ts";
import { UsageError } from "../../errors.ts";
import { ADAPTERS } from "../../providers/index.ts";
import type { Amount } from "../../usage/money.ts";
import type { Instant } from "../../usage/period.ts";
import { unreadable } from "../../vendor-http/failure.ts";
import { type CallContext, connectionOf } from "../pages.ts";

/** What the vendor has no answer for is no fault. */
const NONE_THERE = [400, 404];

/**
 * The vendor's own projection of the running month, by currency; empty when it has none, undefined when it never has.
 * @throws UsageError
 */
export async function vendorProjection(
  context: CallContext,
  account: Account,
  now: Instant,
): Promise<ReadonlyMap<string, Amount> | undefined> {
  const adapter = ADAPTERS[account.provider];
  const { projection } = adapter;
  if (!projection) return undefined;
  const connection = connectionOf(adapter, { account, now });
  try {
    const answer = await context.http.ask(connection, projection.request(), context, { fresh: context.fresh });
    const amounts = readable(
      () => projection.read(answer, now),
      (error) => unreadable(connection, error, answer),
    );
    context.http.keep(answer, {});
    return amounts;
  } catch (error) {
    if (error instanceof UsageError && NONE_THERE.includes(error.details.status ?? 0) && error.kind !== "vendor_data")
      return new Map();
    throw error;
  }
}

/** @throws UsageError (vendor_data): also where it stood, for whoever has to report it */
function readable<Result>(read: () => Result, located: (error: UsageError) => UsageError): Result {
  try {
    return read();
  } catch (error) {
    throw error instanceof UsageError && error.kind === "vendor_data" ? located(error) : error;
  }
}
