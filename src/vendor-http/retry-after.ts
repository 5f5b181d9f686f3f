import type { Connection, Rate } from "./connection.ts";

type Headers = Readonly<Record<string, string>>;

/** A reset or period further away than this is no number of seconds from now (some gateways send the time of day instead). */
const LONGEST_RESET = 86_400;

/** The seconds that a refusal asks to wait, by the vendor's own rules; undefined where it leaves that open. */
export function secondsToWait(connection: Connection, status: number, headers: Headers): number | undefined {
  const milliseconds = numberIn(headers["retry-after-ms"]);
  if (milliseconds !== undefined) return milliseconds / 1000;
  const after = retryAfter(headers);
  // A reset is of a limit: it says nothing of when a fault is over.
  if (!connection.rateHeaders || status >= 500) return after;
  const reset = resetIn(headers);
  return connection.rateHeaders.waitBy === "reset" ? (reset ?? after) : (after ?? reset);
}

/** Whether the vendor itself says that another try is worth it, or is not; undefined where it leaves that open. */
export function saysRetry({ hasSdkRetries }: Connection, headers: Headers): boolean | undefined {
  const said = hasSdkRetries ? headers["x-should-retry"]?.trim().toLowerCase() : undefined;
  return said === "true" || (said === "false" ? false : undefined);
}

/** What a vendor says of its budget in an answer. */
export interface ToldBudget {
  /** Calls that are left, everybody's together, until `reset` seconds from now. */
  remaining: number;
  reset: number;
  /** Where it tells its whole limit. */
  rate?: Rate;
}

/** Undefined where the vendor tells none, or not enough of it. */
export function toldBudget({ rateHeaders }: Connection, headers: Headers): ToldBudget | undefined {
  if (!rateHeaders) return undefined;
  const [remaining, reset] = [rateHeader(headers, "remaining"), resetIn(headers)];
  if (remaining === undefined || reset === undefined) return undefined;
  const [calls = 0, seconds = 0] = [rateHeader(headers, "limit"), rateHeader(headers, "period")];
  if (calls < 1 || seconds < 1 || seconds > LONGEST_RESET) return { remaining, reset };
  // Some gateways tell the reset in milliseconds: a stretch is never longer than its period.
  return { remaining, reset: Math.min(reset, seconds), rate: { calls: Math.floor(calls), seconds } };
}

/** Seconds, or an HTTP date: by the vendor's own clock, where it sends the time. */
function retryAfter({ "retry-after": after, date }: Headers): number | undefined {
  const seconds = numberIn(after);
  if (seconds !== undefined) return seconds;
  const until = dateIn(after);
  return until === undefined ? undefined : Math.max(0, (until - (dateIn(date) ?? Date.now())) / 1000);
}

function resetIn(headers: Headers): number | undefined {
  const reset = rateHeader(headers, "reset");
  return reset !== undefined && reset <= LONGEST_RESET ? reset : undefined;
}

function rateHeader(headers: Headers, name: string): number | undefined {
  return numberIn(headers[`x-ratelimit-${name}`]) ?? numberIn(headers[`ratelimit-${name}`]);
}

function numberIn(value: string | undefined): number | undefined {
  const number = value !== undefined && /^\s*\d/.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function dateIn(value: string | undefined): number | undefined {
  const at = value !== undefined && /GMT\s*$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
